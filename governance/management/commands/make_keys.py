"""manage.py make_keys: creates the RSA key pairs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from governance.keys import make_key_pairs


class Command(BaseCommand):
    help = "Make the RSA key pairs that are missing. Keys that are there are never overwritten."

    def handle(self, *args: Any, **options: Any) -> None:
        made = make_key_pairs(settings.KEYS_DIR)
        for path in made:
            self.stdout.write(f"Made {path}")
        if not made:
            self.stdout.write(f"Nothing to do: both key pairs are under {settings.KEYS_DIR}")
