"""Decisions about tags: what classifiers suggest and what people decide, each written once and kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from datasets.models import Column, Version
from governance.audit import record
from governance.classifier import CLASSIFIER_VERSION, Finding
from governance.models import Classification, Policy, Tag, TagDecision
from governance.policies import PERSONAL_CLASSIFICATIONS, tags_for
from governance.seeding import seed_tags
from governance.staleness import mark_stale


def suggest(version: Version, findings: Sequence[Finding], mapping: Mapping[str, Sequence[str]]) -> None:
    """Write what the classifier found in the version's columns, and withdraw what it once found there.

    Repeating it writes nothing new; other versions keep what was found in them. Tags that the mapping names
    and that nobody made yet are made.
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
    """Tags by fully qualified name; those that a site's mapping names for the first time are made.

    Those of a schema are made with its description and policy; any other for personal data masks until a
    steward says otherwise.
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


def decide(column: Column, tag: Tag, state: str, actor: User, reason: str = "") -> TagDecision:
    """A person confirms, adds ("confirmed") or rejects a tag; from then on no classifier changes it.

    An index that no longer fits is closed in the same transaction; `datasets.queue.queue_rebuilds` mends it.
    """
    with transaction.atomic():
        decision = TagDecision.objects.create(
            column=column,
            tag=tag,
            source=TagDecision.Source.PERSON,
            state=TagDecision.State(state),
            actor=actor,
            reason=reason,
        )
        mark_stale(column.dataset_id)
        record(actor, f"tag {state}", column.dataset_id, column=column.name, tag=tag.fqn, reason=reason)
    return decision


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
