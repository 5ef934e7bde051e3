"""Decisions about tags: what classifiers suggest and what people decide, each written once and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from datasets.models import Column, Version
from governance.audit import record
from governance.classifier import CLASSIFIER_VERSION, Finding
from governance.models import Tag, TagDecision
from governance.policies import tags_for


class UnknownTag(Exception):
    """A tag that is in no classification of ours; the message names it."""


def suggest(version: Version, findings: Sequence[Finding], mapping: Mapping[str, Sequence[str]]) -> None:
    """Write what the classifier found in the version's columns, and withdraw what it once found there.

    Repeating it writes nothing new; other versions keep what was found in them. Raises UnknownTag where the mapping names a tag that does not exist.
    """
    columns = {item.name: item.column for item in version.columns.select_related("column")}
    tags = {tag.fqn: tag for tag in Tag.objects.all()}
    before = _latest_suggestions(version)
    new: list[TagDecision] = []
    for finding in findings:
        column = columns[finding.column]
        wanted = set(tags_for(finding.entity, mapping, personal=finding.personal))
        if missing := wanted - tags.keys():
            raise UnknownTag(
                f"The mapping of {finding.entity} names {', '.join(sorted(missing))}, which no classification has."
            )
        old = before.get(column.pk, {})
        for fqn in sorted(wanted):
            if not _says_the_same(old.get(fqn), finding):
                new.append(_decision(version, column, tags[fqn], TagDecision.State.SUGGESTED, finding.as_json()))
        for fqn, decision in old.items():
            if fqn not in wanted and decision.state == TagDecision.State.SUGGESTED:
                new.append(_decision(version, column, tags[fqn], TagDecision.State.WITHDRAWN, {}))
    TagDecision.objects.bulk_create(new)


def decide(column: Column, tag: Tag, state: str, actor: User, reason: str = "") -> TagDecision:
    """A person confirms, adds ("confirmed") or rejects a tag; from then on no classifier changes it."""
    with transaction.atomic():
        decision = TagDecision.objects.create(
            column=column,
            tag=tag,
            source=TagDecision.Source.PERSON,
            state=TagDecision.State(state),
            actor=actor,
            reason=reason,
        )
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
