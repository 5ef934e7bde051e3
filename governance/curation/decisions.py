"""Decisions about tags: a classifier's suggestions and people's decisions. Each is written once and kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from datasets.models import Column, Version
from governance.audit import record_all
from governance.classifier import CLASSIFIER_VERSION, Finding
from governance.curation.openings import OpeningRefused, masked_until_agreed
from governance.curation.staleness import mark_stale
from governance.models import CatalogDebt, Classification, Policy, Tag, TagDecision
from governance.policies import PERSONAL_CLASSIFICATIONS, tags_for
from governance.rights.access import decided_tags
from governance.seeding import seed_tags
from governance.tag_schema import AWAITS_OWNER


def suggest(version: Version, findings: Sequence[Finding], mapping: Mapping[str, Sequence[str]]) -> None:
    """Write the classifier's suggestions for the version's columns, and withdraw its earlier ones that no
    longer apply.

    Safe to repeat. Other versions keep their suggestions. Missing tags of the mapping are created.
    """
    columns = {item.name: item.column for item in version.columns.select_related("column")}
    before = _latest_suggestions(version)
    wanted = {finding.column: _wanted(finding, mapping) for finding in findings}
    tags = known_tags({fqn for fqns in wanted.values() for fqn in fqns})
    new: list[TagDecision] = []
    for finding in findings:
        column = columns[finding.column]
        old = before.get(column.pk, {})
        new += [
            _decision(version, column, tags[fqn], TagDecision.State.SUGGESTED, finding.as_json())
            for fqn in sorted(wanted[finding.column])
            if not _says_the_same(old.get(fqn), finding)
        ]
        new += [
            _decision(version, column, decision.tag, TagDecision.State.WITHDRAWN, {})
            for fqn, decision in old.items()
            if fqn not in wanted[finding.column] and decision.state == TagDecision.State.SUGGESTED
        ]
    TagDecision.objects.bulk_create(new)


def _wanted(finding: Finding, mapping: Mapping[str, Sequence[str]]) -> set[str]:
    return set(tags_for(finding.entity, mapping, personal=finding.personal))


def known_tags(fqns: Collection[str]) -> dict[str, Tag]:
    """Tags by fully qualified name. Missing tags of the site's mapping are created.

    A tag of a schema gets its description and policy. Any other tag for personal data masks until a steward
    changes its policy.
    """
    tags = _existing_tags(fqns)
    if len(tags) < len(fqns):
        seed_tags()
        tags = _existing_tags(fqns)
    for fqn in sorted(set(fqns) - tags.keys()):
        family, _, name = fqn.partition(".")
        classification, _ = Classification.objects.get_or_create(name=family)
        tags[fqn] = Tag.objects.create(classification=classification, name=name)
        if family in PERSONAL_CLASSIFICATIONS:
            Policy.objects.create(tag=tags[fqn], note="Made with the tag: it marks personal data.")
    return tags


def _existing_tags(fqns: Collection[str]) -> dict[str, Tag]:
    return {tag.fqn: tag for tag in Tag.objects.filter(fqn__in=fqns)}


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision about one tag of one column. `state`: "confirmed" (or added) or "rejected"."""

    column: Column
    tag: Tag
    state: str
    reason: str = ""


def decide(column: Column, tag: Tag, state: str, actor: User, reason: str = "") -> TagDecision:
    """One decision; see decide_all."""
    return decide_all([Decision(column, tag, state, reason)], actor)[0]


def decide_all(decisions: Sequence[Decision], actor: User) -> list[TagDecision]:
    """Write a person's decisions about tags, all or none. No classifier changes these tags afterwards.

    Confirming a tag rejects people's tags that exclude it. Indexes that no longer fit are closed in the same
    transaction and rebuilt by a worker, and the catalog is told. Changes that would open a column to others
    wait for its owner. Returns the decisions in order. Raises OpeningRefused for the tag that marks such a
    wait.
    """
    columns = {each.column.pk: each.column for each in decisions}
    if any(each.tag.fqn == AWAITS_OWNER for each in decisions):
        raise OpeningRefused
    with transaction.atomic():
        with masked_until_agreed(columns.values(), actor):
            settled = _settled(columns.values())
            whole: list[Decision] = []
            for each in decisions:
                people = settled[each.column.pk]
                excluded = _excluded_by(each, people)
                people.difference_update(other.tag for other in excluded)
                (people.add if each.state == TagDecision.State.CONFIRMED else people.discard)(each.tag)
                whole += [*excluded, each]
            written = TagDecision.objects.bulk_create([_as_row(each, actor) for each in whole])
            events = ((f"tag {each.state}", each.column.dataset_id, _as_detail(each)) for each in whole)
            record_all(actor, events)
        owe_the_catalog(columns.values(), timezone.now(), by_person=True)
        mark_stale({column.dataset_id for column in columns.values()})
    asked = {id(each) for each in decisions}
    return [row for row, each in zip(written, whole, strict=True) if id(each) in asked]


def owe_the_catalog(columns: Collection[Column], since: datetime, *, by_person: bool) -> None:
    """Note that the catalog must get these columns' tags, and queue it. Needs a transaction.

    A person's change stays marked as a person's, even if a rescan changes tags before the catalog gets it.
    """
    CatalogDebt.objects.bulk_create(
        [CatalogDebt(column=column, since=since, by_person=by_person) for column in columns],
        update_conflicts=True,
        unique_fields=["column"],
        update_fields=["since", "by_person"] if by_person else ["since"],
    )
    datasets = sorted({column.dataset_id for column in columns})
    if len(datasets) == 1:
        async_task("datasets.ingestion.tasks.tell_catalog", str(datasets[0]), save=False)
    elif datasets:
        async_task("datasets.ingestion.tasks.tell_catalog_what_is_owed", save=False)


def _settled(columns: Iterable[Column]) -> dict[int, set[Tag]]:
    """For each column, the tags that people or the catalog decided on."""
    held = decided_tags(columns)
    names = {column: {tag.fqn for tag in tags if tag.source != "classifier"} for column, tags in held.items()}
    tags = _existing_tags({fqn for fqns in names.values() for fqn in fqns})
    return {column: {tags[fqn] for fqn in fqns} for column, fqns in names.items()}


def _excluded_by(decision: Decision, settled: Collection[Tag]) -> list[Decision]:
    """Rejections of people's tags on the column that the confirmed tag excludes.

    Suggestions need no rejection: confirmed tags replace them, see governance.rights.access.held_tags.
    """
    classification = decision.tag.classification
    if decision.state != TagDecision.State.CONFIRMED or not classification.exclusive:
        return []
    reason = f"Replaced by {decision.tag.fqn}."
    return [
        Decision(decision.column, tag, TagDecision.State.REJECTED, reason)
        for tag in sorted(settled, key=lambda tag: tag.fqn)
        if tag.classification_id == classification.pk and tag.pk != decision.tag.pk
    ]


def _as_row(decision: Decision, actor: User) -> TagDecision:
    return TagDecision(
        column=decision.column,
        tag=decision.tag,
        source=TagDecision.Source.PERSON,
        state=TagDecision.State(decision.state),
        actor=actor,
        reason=decision.reason,
    )


def _as_detail(decision: Decision) -> dict[str, str]:
    return {"column": decision.column.name, "tag": decision.tag.fqn, "reason": decision.reason}


def _latest_suggestions(version: Version) -> dict[int, dict[str, TagDecision]]:
    latest: dict[int, dict[str, TagDecision]] = {}
    decisions = TagDecision.objects.filter(version=version, source=TagDecision.Source.CLASSIFIER)
    decisions = decisions.select_related("tag")
    for decision in decisions.order_by("pk"):
        latest.setdefault(decision.column_id, {})[decision.tag.fqn] = decision
    return latest


def _says_the_same(decision: TagDecision | None, finding: Finding) -> bool:
    return (
        decision is not None
        and decision.state == TagDecision.State.SUGGESTED
        and decision.evidence == finding.as_json()
    )


def _decision(
    version: Version, column: Column, tag: Tag, state: TagDecision.State, evidence: dict[str, Any]
) -> TagDecision:
    return TagDecision(
        column=column,
        tag=tag,
        source=TagDecision.Source.CLASSIFIER,
        state=state,
        version=version,
        reason=f"Classifier {CLASSIFIER_VERSION}",
        evidence=evidence,
    )
