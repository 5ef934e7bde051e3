from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils import timezone


class DatasetsConfig(AppConfig):
    name = "datasets"

    def ready(self) -> None:
        post_migrate.connect(_schedule_reconciliation, sender=self)


def _schedule_reconciliation(**kwargs: Any) -> None:
    """Schedule the nightly comparison of all stores, unless somebody has chosen another time."""
    from django_q.models import Schedule

    tonight = timezone.now().replace(hour=2, minute=30, second=0, microsecond=0) + timedelta(days=1)
    Schedule.objects.get_or_create(
        name="reconcile",
        defaults={
            "func": "datasets.stores.reconciling.nightly",
            "schedule_type": Schedule.DAILY,
            "next_run": tonight,
            "repeats": -1,
        },
    )
