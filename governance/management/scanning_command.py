"""Base of the commands that examine one file."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from datasets.tables.parser_process import read_in_child
from datasets.tables.unreadable import UnreadableFile
from governance.management.scanning import ScannedFile, scan


class ScanningCommand(BaseCommand):
    """Takes FILE and --json. Needs no database and no server."""

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")

    def scan(self, file: Path) -> ScannedFile:
        """Raises CommandError with one sentence if the file cannot be read."""
        if not file.is_file():
            raise CommandError(f"{file} is not a file.")
        try:
            return scan(file, read_in_child)
        except UnreadableFile as error:
            raise CommandError(f"{file.name}: {error}") from None
