"""manage.py classify FILE: which data the columns of a file hold, and which tags they get."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from governance.classifier import CLASSIFIER_VERSION, Finding
from governance.extending.extensions import tags_by_kind
from governance.management.scanning_command import ScanningCommand
from governance.policies import tags_for


class Command(ScanningCommand):
    help = "Classify the columns of a CSV, TSV or Parquet file; needs no database and no server."

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        scanned = self.scan(path)
        columns = [_as_json(finding) for finding in scanned.findings]
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "file": path.name,
                        "rows": scanned.table.rows,
                        "classifier_version": CLASSIFIER_VERSION,
                        "columns": columns,
                    },
                    ensure_ascii=False,
                    indent=2,
                )
            )
            return
        for column in columns:
            self._write_lines(column)

    def _write_lines(self, column: dict[str, Any]) -> None:
        evidence = column["evidence"]
        self.stdout.write(f"{column['column']}: {column['entity']} {column['confidence']:.0%}")
        if column["tags"]:
            self.stdout.write(f"    tags: {', '.join(column['tags'])}")
        for mark, sentences in (("+", evidence["reasons"]), ("-", evidence["against"])):
            for sentence in sentences:
                self.stdout.write(f"    {mark} {sentence}")


def _as_json(finding: Finding) -> dict[str, Any]:
    """A finding and the full names of its tags under "tags"."""
    tags = tags_for(finding.entity, tags_by_kind(), finding.personal)
    return {**finding.as_json(), "tags": list(tags)}
