from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "Governance"

    def ready(self) -> None:
        from governance import checks  # noqa: F401 - registers them

        # After migrating, since only then do the permissions that the roles are made of exist.
        post_migrate.connect(_seed, sender=self)


def _seed(using: str, **kwargs: Any) -> None:
    from governance.seeding import seed

    seed(using)
