"""manage.py restore FOLDER: restores a backup into an empty installation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from omdplatform.backup.restoring import restore
from omdplatform.base.errors import PlatformError


class Command(BaseCommand):
    help = (
        "Check a backup by its manifest and put it into this installation, which has no data yet. Tables are "
        "brought up to date. Indexes are rebuilt by a worker's next sweep, or by manage.py reconcile --mend."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="what manage.py backup has written")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            held = restore(folder.resolve())
        except PlatformError as error:
            raise CommandError(error.sentence(), returncode=1) from None
        self.stdout.write(f"Restored what was backed up at {held.made_at} into {settings.DATA_DIR}.")
        for key in (*held.missing, *held.damaged):
            self.stderr.write(f"{key} was not whole when the backup was made. See manage.py reconcile.")
        self.stdout.write("Indexes are rebuilt once the platform runs, or by manage.py reconcile --mend.")
