"""What a server was found to hold, or was made to: asked for once a day by all processes together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from governance.models import CatalogMemory

KEPT = timedelta(days=1)


class Memory:
    """Of the server at `host`. No secret and no value of the data is ever kept."""

    def __init__(self, host: str) -> None:
        self._host = host

    def get(self, name: str) -> Any:
        """None where it is not known, or was found longer ago than KEPT."""
        fresh = CatalogMemory.objects.filter(host=self._host, name=name, at__gt=timezone.now() - KEPT)
        return fresh.values_list("value", flat=True).first()

    def keep(self, name: str, value: Any) -> None:
        CatalogMemory.objects.update_or_create(host=self._host, name=name, defaults={"value": value})

    def forget(self, beginning: str = "") -> None:
        """All of which the name begins so."""
        CatalogMemory.objects.filter(host=self._host, name__startswith=beginning).delete()
