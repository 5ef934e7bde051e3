"""What a server has, or was made to have: shared by all processes and checked again once a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from governance.models import CatalogMemory

KEPT = timedelta(days=1)


class Memory:
    """The memory of the server at `host`. Never contains a secret or a value of the data."""

    def __init__(self, host: str) -> None:
        self._host = host

    def get(self, name: str) -> Any:
        """None if unknown, or recorded longer than KEPT ago."""
        fresh = CatalogMemory.objects.filter(host=self._host, name=name, at__gt=timezone.now() - KEPT)
        return fresh.values_list("value", flat=True).first()

    def keep(self, name: str, value: Any) -> None:
        CatalogMemory.objects.update_or_create(host=self._host, name=name, defaults={"value": value})

    def forget(self, beginning: str = "") -> None:
        """Forget all entries whose names begin so."""
        CatalogMemory.objects.filter(host=self._host, name__startswith=beginning).delete()
