from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "Governance"

    def ready(self) -> None:
        from django_q.signals import post_spawn

        from governance.extending import extension_checks as checks  # noqa: F401 - registers them

        # After migrating, because the roles' permissions exist only then.
        post_migrate.connect(_seed, sender=self)
        # In each worker once it runs: an import that a fork interrupts would hang forever.
        post_spawn.connect(_warm_up)


def _warm_up(**kwargs: Any) -> None:
    from governance.catalog.configured import warm_up

    warm_up()


def _seed(using: str, **kwargs: Any) -> None:
    from governance.seeding import seed

    seed(using)
