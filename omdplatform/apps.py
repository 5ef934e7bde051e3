from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PlatformConfig(AppConfig):
    name = "omdplatform"
    verbose_name = "Platform"

    def ready(self) -> None:
        from omdplatform import checks  # noqa: F401 - registers them
        from omdplatform.accounts import sessions  # noqa: F401 - listens to who signs in

        post_migrate.connect(_schedule_health, sender=self)


def _schedule_health(**kwargs: Any) -> None:
    """Workers check all parts every minute, so that it is known since when one fails."""
    from django_q.models import Schedule

    Schedule.objects.get_or_create(
        name="health",
        defaults={
            "func": "omdplatform.health.note",
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
            "repeats": -1,
        },
    )
