"""manage.py backup FOLDER: writes everything that cannot be rebuilt into a new folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from omdplatform.backup.making import back_up
from omdplatform.base.errors import PlatformError


class Command(BaseCommand):
    help = (
        "Write database, files, decisions and keys into a new folder, with a manifest of hashes, also while "
        "the platform runs. Vectors are left out: they are rebuilt. Exit code 1 where a file was not as the "
        "database says. The folder holds personal data and private keys: keep it as you keep those."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a new or empty folder")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            made = back_up(folder.resolve())
        except PlatformError as error:
            raise CommandError(error.sentence(), returncode=2) from None
        size = sum(known["bytes"] for known in made.files.values())
        self.stdout.write(f"{len(made.files):,} files, {size:,} bytes in {folder}.")
        for word, keys in (("missing", made.missing), ("changed", made.damaged)):
            for key in keys:
                self.stderr.write(f"{key}: {word} in the storage. See manage.py reconcile.")
        if made.missing or made.damaged:
            raise CommandError("The backup holds what there is; the above is not whole.", returncode=1)
