"""manage.py setup: creates everything that a deployment needs to start. Safe to repeat."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from omdplatform.running.first_start import first_admin
from omdplatform.running.preparation import prepare
from omdplatform.running.storage_user import make_storage_user


class Command(BaseCommand):
    help = (
        "Make tables, keys, the storage's user, and the first administrator, whose password is printed once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        prepare()
        make_storage_user()
        if made := first_admin():
            self.stdout.write(f"First administrator: {made[0]}\nPassword, shown only now: {made[1]}")
