"""manage.py profile FILE: every column of a file in figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from datasets.parser_process import read_in_child
from datasets.profiling import ColumnProfile
from datasets.unreadable import UnreadableFile
from governance.classifier import Finding
from governance.policies import effective, tags_for
from governance.scanning import scan
from governance.tag_schema import DEFAULT_RULES


class Command(BaseCommand):
    help = "Profile the columns of a CSV, TSV or Parquet file; needs no database and no server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
        parser.add_argument(
            "--view-pii",
            action="store_true",
            help="show ranges, frequent values and histograms of columns found to be personal, too",
        )

    def handle(self, *args: Any, file: Path, view_pii: bool, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"{file} is not a file.")
        try:
            scanned = scan(file, read_in_child)
        except UnreadableFile as error:
            raise CommandError(f"{file.name}: {error}") from None
        masked = set() if view_pii else _masked(scanned.findings)
        columns = [_as_json(profile, profile.name in masked) for profile in scanned.profiles]
        if options["json"]:
            table = {
                "file": file.name,
                "rows": scanned.table.rows,
                "dialect": scanned.table.dialect.as_json(),
            }
            notes = list(scanned.table.notes)
            self.stdout.write(
                json.dumps({**table, "notes": notes, "columns": columns}, ensure_ascii=False, indent=2)
            )
            return
        self.stdout.write(f"{file.name}: {scanned.table.rows:,} rows, {len(columns):,} columns")
        for column in columns:
            self.stdout.write(f"  {_line(column)}")


def _masked(findings: list[Finding]) -> set[str]:
    """Columns that the policies which the platform ships would mask."""
    tags = {
        finding.column: tags_for(finding.entity, settings.CLASSIFICATION_TAGS, finding.personal)
        for finding in findings
    }
    return set(effective(tags, DEFAULT_RULES).masked_columns())


def _as_json(profile: ColumnProfile, masked: bool) -> dict[str, Any]:
    """A profile's JSON and "masked"; without what shows values where it is."""
    return {**(profile.counts_only() if masked else profile.as_json()), "masked": masked}


def _line(column: dict[str, Any]) -> str:
    about = "about " if not column["distinct_exact"] else ""
    figures = f"{column['nulls']:,} empty, {about}{column['distinct']:,} distinct"
    if column["masked"]:
        return f"{column['name']}: {column['type']}, {figures}, values masked"
    span = f", {column['min']} to {column['max']}" if column["min"] is not None else ""
    return f"{column['name']}: {column['type']}, {figures}{span}"
