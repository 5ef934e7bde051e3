"""manage.py rescan: classifies existing data again, or predicts what that would change."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from datasets.ingestion.upkeep.rescanning import (
    ColumnChange,
    current_versions,
    rescan,
    what_a_rescan_would_change,
    what_rules_would_change,
    with_rule,
)
from datasets.models import Dataset
from datasets.storage import StorageMismatch
from governance.extending.extensions import BadExtension, load_recogniser, recognisers
from governance.models import Tag
from governance.policies import IndexTreatment, Rule


class Command(BaseCommand):
    help = (
        "Classify the current version of every dataset again; tags that people decided on stay. With "
        "--dry-run nothing is changed: the columns that would change are listed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")
        parser.add_argument("--dataset", type=UUID, help="this one, by its id, instead of all")
        parser.add_argument(
            "--classifier", action="append", default=[], metavar="DOTTED.PATH",
            help="with --dry-run: as if this class were among CLASSIFIERS too",
        )  # fmt: skip
        parser.add_argument(
            "--policy", metavar="TAG=TREATMENT[,shown][,DAYS]",
            help="with --dry-run: as if the tag's policy were this one (index, mask or leave_out; masked "
            "unless shown; days it is kept), such as PII.Sensitive=leave_out,365",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="one JSON object for each column")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["dry_run"] and (options["classifier"] or options["policy"]):
            raise CommandError("--classifier and --policy try something out: they need --dry-run.")
        dataset = self._dataset(options["dataset"])
        if options["policy"]:
            rules = with_rule(rule_from(options["policy"]))
            changes = list(what_rules_would_change(current_versions(dataset), rules))
            self._tell(changes, options["json"])
            self.stderr.write(f"{len(changes)} columns would change.")
            return
        self._rescan(dataset, options)

    def _rescan(self, dataset: Dataset | None, options: dict[str, Any]) -> None:
        try:
            asked = [*map(load_recogniser, options["classifier"]), *recognisers()]
        except BadExtension as error:
            raise CommandError(str(error)) from None
        changed = seen = 0
        for version in current_versions(dataset):
            try:
                changes = (
                    what_a_rescan_would_change(version, asked)
                    if options["dry_run"]
                    else rescan(version, None)
                )
            except (FileNotFoundError, StorageMismatch):
                self.stderr.write(f"{version.dataset.name}: its typed copy cannot be read; skipped.")
                continue
            self._tell(changes, options["json"])
            seen += 1
            changed += len(changes)
        word = "would change" if options["dry_run"] else "changed"
        self.stderr.write(f"{changed} columns {word}, in {seen} datasets that were looked at.")

    def _tell(self, changes: list[ColumnChange], as_json: bool) -> None:
        for change in changes:
            told = json.dumps(change.as_json(), ensure_ascii=False) if as_json else change.as_line()
            self.stdout.write(told)

    def _dataset(self, dataset_id: UUID | None) -> Dataset | None:
        if dataset_id is None:
            return None
        dataset = Dataset.objects.filter(pk=dataset_id, retired_at=None).exclude(current_version=None).first()
        if dataset is None:
            raise CommandError("There is no dataset of that id with a version that is ready.")
        return dataset


def rule_from(text: str) -> Rule:
    """TAG=TREATMENT[,shown][,DAYS]. Raises CommandError, also where there is no such tag."""
    tag, equals, said = text.partition("=")
    treatment, *more = said.split(",")
    days = [each for each in more if each.isdecimal()]
    if not equals or treatment not in {each.value for each in IndexTreatment}:
        raise CommandError("--policy takes TAG=index, TAG=mask or TAG=leave_out.")
    if set(more) - {"shown", *days} or len(days) > 1:
        raise CommandError("After the treatment --policy takes shown and a number of days.")
    if not Tag.objects.filter(fqn=tag).exists():
        raise CommandError(f"There is no tag {tag}.")
    return Rule(tag, IndexTreatment(treatment), "shown" not in more, int(days[0]) if days else None, "")
