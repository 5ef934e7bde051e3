"""Classifies existing versions again, and predicts what that, or a different policy, would change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from datasets import storage
from datasets.models import Dataset, Version
from datasets.tables.profiling import ColumnProfile, sample
from datasets.tables.table import Dialect, Table, TableColumn
from datasets.tables.values.column_types import ColumnType
from governance.audit import record
from governance.classifier import CLASSIFIER_VERSION, Finding, classify
from governance.curation.decisions import owe_the_catalog, suggest
from governance.curation.staleness import mark_stale
from governance.extending.extensions import recognisers, tags_by_kind
from governance.policies import Access, ColumnAccess, Rule, effective
from governance.recognisers.column import Recogniser
from governance.rights.access import policies, tags_by_version, tags_of

Tags = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """The change of one column, made or predicted. Tags are full names in alphabetical order."""

    dataset: str
    dataset_name: str
    column: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    before: ColumnAccess
    after: ColumnAccess

    def as_json(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "dataset_name": self.dataset_name,
            "column": self.column,
            "added": list(self.added),
            "removed": list(self.removed),
            "masked": [self.before.masked, self.after.masked],
            "index": [self.before.index.value, self.after.index.value],
            "retain_days": [self.before.retain_days, self.after.retain_days],
        }

    def as_line(self) -> str:
        parts = [f"+{tag}" for tag in self.added] + [f"-{tag}" for tag in self.removed]
        if self.before.masked != self.after.masked:
            parts.append("masked from now on" if self.after.masked else "masked no more")
        if self.before.index != self.after.index:
            parts.append(f"index: {self.before.index.value} -> {self.after.index.value}")
        if self.before.retain_days != self.after.retain_days:
            parts.append(f"kept (days): {_days(self.before)} -> {_days(self.after)}")
        return f"{self.dataset_name}.{self.column}: {', '.join(parts)}"


def _days(column: ColumnAccess) -> str:
    return "without an end" if column.retain_days is None else str(column.retain_days)


def current_versions(dataset: Dataset | None = None) -> Iterator[Version]:
    """The current versions of one dataset, or of all that are not deleted, by name."""
    datasets = Dataset.objects.filter(retired_at=None).exclude(current_version=None)
    if dataset is not None:
        datasets = datasets.filter(pk=dataset.pk)
    for each in datasets.select_related("current_version").order_by("name", "pk").iterator():
        version = each.current_version
        assert version is not None  # noqa: S101 - excluded above
        version.dataset = each
        yield version


# --- Classifiers ------------------------------------------------------------------------------------------


def what_a_rescan_would_change(
    version: Version, asked: Sequence[Recogniser] | None = None
) -> list[ColumnChange]:
    """Predict a rescan without changing anything. `asked`: the recognisers to use, None for the configured
    ones. Raises FileNotFoundError, StorageMismatch.
    """
    findings = _classify(version, asked)
    with transaction.atomic():
        changes = _suggest(version, findings)
        transaction.set_rollback(True)
    return changes


def rescan(version: Version, actor: User | None) -> list[ColumnChange]:
    """Classify a current version again. Corrects the classifier's own old tags, nobody else's.

    Indexes that no longer fit are rebuilt, and the catalog is told. Raises FileNotFoundError,
    StorageMismatch.
    """
    findings = _classify(version, None)
    with transaction.atomic():
        changes = _suggest(version, findings)
        Version.objects.filter(pk=version.pk).update(classifier_version=CLASSIFIER_VERSION)
        if changes:
            names = {change.column for change in changes}
            columns = [item.column for item in version.columns.select_related("column") if item.name in names]
            owe_the_catalog(columns, timezone.now(), by_person=False)
            mark_stale([version.dataset_id])
        record(
            actor, "rescanned", version.dataset_id, version=version.number, columns_changed=len(changes),
            classifier=CLASSIFIER_VERSION,
        )  # fmt: skip
    return changes


def _suggest(version: Version, findings: Sequence[Finding]) -> list[ColumnChange]:
    rules = [policy.as_rule() for policy in policies()]
    before = tags_of(version)
    suggest(version, findings, tags_by_kind())
    # New tags bring their own policies.
    after_rules = [policy.as_rule() for policy in policies()]
    return _differences(version, before, rules, tags_of(version), after_rules)


def _classify(version: Version, asked: Sequence[Recogniser] | None) -> list[Finding]:
    columns = list(version.columns.order_by("position"))
    table = Table(
        parquet=storage.intact_parquet(version),
        dialect=Dialect("parquet"),
        columns=tuple(TableColumn(item.position, item.name, ColumnType(item.type)) for item in columns),
        rows=version.rows or 0,
    )
    profiles = [ColumnProfile.from_json(item.profile) for item in columns]
    rows = sample(table, settings.CLASSIFY_SAMPLE_ROWS)
    return classify(rows, profiles, version.dataset.table_name, asked or recognisers())


# --- Policies ---------------------------------------------------------------------------------------------


def what_rules_would_change(versions: Iterable[Version], rules: Sequence[Rule]) -> Iterator[ColumnChange]:
    """Predict what these rules would change if they replaced today's. Changes nothing."""
    now = [policy.as_rule() for policy in policies()]
    for version, tags in tags_by_version(list(versions)):
        yield from _differences(version, tags, now, tags, rules)


def with_rule(rule: Rule) -> list[Rule]:
    """Today's rules, with this rule replacing the one for the same tag."""
    return [*(other for other in (policy.as_rule() for policy in policies()) if other.tag != rule.tag), rule]


def _differences(
    version: Version, tags: Tags, rules: Sequence[Rule], new_tags: Tags, new_rules: Sequence[Rule]
) -> list[ColumnChange]:
    before, after = effective(tags, rules), effective(new_tags, new_rules)
    return [
        ColumnChange(
            dataset=str(version.dataset_id),
            dataset_name=version.dataset.name,
            column=name,
            added=tuple(sorted(set(new_tags[name]) - set(tags[name]))),
            removed=tuple(sorted(set(tags[name]) - set(new_tags[name]))),
            before=before.get(name),
            after=after.get(name),
        )
        for name in tags
        if set(tags[name]) != set(new_tags[name]) or _rules(before, name) != _rules(after, name)
    ]


def _rules(access: Access, name: str) -> tuple[object, ...]:
    column = access.get(name)
    return column.masked, column.index, column.retain_days
