"""manage.py profile FILE: figures about each column of a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from datasets.tables.profiling import ColumnProfile
from datasets.web.representations import visible_profile
from governance.classifier import Finding
from governance.extending.extensions import starting_rules, tags_by_kind
from governance.management.scanning_command import ScanningCommand
from governance.policies import Access, ColumnAccess, effective, tags_for


class Command(ScanningCommand):
    help = "Profile the columns of a CSV, TSV or Parquet file; needs no database and no server."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--view-pii",
            action="store_true",
            help="show ranges, frequent values and histograms of columns found to be personal, too",
        )

    def handle(self, *args: Any, file: Path, view_pii: bool, **options: Any) -> None:
        scanned = self.scan(file)
        access = _access(scanned.findings)
        columns = [_as_json(profile, access.get(profile.name), view_pii) for profile in scanned.profiles]
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


def _access(findings: list[Finding]) -> Access:
    """Access to the columns under the initial policies of their tags."""
    by_kind = tags_by_kind()
    tags = {finding.column: tags_for(finding.entity, by_kind, finding.personal) for finding in findings}
    return effective(tags, list(starting_rules().values()))


def _as_json(profile: ColumnProfile, access: ColumnAccess, view_pii: bool) -> dict[str, Any]:
    """The profile as JSON with "masked"; a masked column has counts only."""
    shown = visible_profile(profile.as_json(), access, view_pii)
    return {**shown, "masked": access.masked and not view_pii}


def _line(column: dict[str, Any]) -> str:
    about = "about " if not column["distinct_exact"] else ""
    figures = f"{column['nulls']:,} empty, {about}{column['distinct']:,} distinct"
    if column["masked"]:
        return f"{column['name']}: {column['type']}, {figures}, values masked"
    span = f", {column['min']} to {column['max']}" if column.get("min") is not None else ""
    return f"{column['name']}: {column['type']}, {figures}{span}"
