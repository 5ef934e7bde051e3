from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DatasetsConfig(AppConfig):
    name = "datasets"

    def ready(self) -> None:
        post_migrate.connect(_schedule_sweep, sender=self)


def _schedule_sweep(**kwargs: Any) -> None:
    """The workers put right once a minute what a crash left behind."""
    from django_q.models import Schedule

    Schedule.objects.update_or_create(
        name="sweep",
        defaults={
            "func": "datasets.ingestion.tasks.sweep",
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
            "repeats": -1,
        },
    )
