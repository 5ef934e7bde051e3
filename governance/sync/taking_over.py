"""Writes the catalog's edits as our decisions and descriptions, if they are the latest."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

from django.utils import timezone

from datasets.models import Column, Dataset
from governance.audit import record
from governance.curation.decisions import known_tags
from governance.curation.openings import masked_until_agreed
from governance.models import CatalogAgreement, CatalogMirror, Tag, TagDecision
from governance.sync.merging import TagEdit, TextEdit
from governance.tag_schema import AWAITS_OWNER

log = logging.getLogger(__name__)

Words = dict[tuple[int, str], TagDecision]
State = TagDecision.State


def take_over_tags(agreements: Sequence[CatalogAgreement], edits: Sequence[TagEdit]) -> bool:
    """Returns whether it led to a decision."""
    columns = {row.name: row.column for row in agreements}
    spelled = [edit for edit in edits if _is_spelled_as_ours(edit)]
    tags = known_tags({edit.tag for edit in spelled})
    words = _human_words([*columns.values()])
    told = _told_by_classifiers([*columns.values()])
    new: dict[tuple[int, str], TagDecision] = {}
    for edit in spelled:
        column = columns[edit.column]
        word = words.get((column.pk, edit.tag))
        if (edit.by_tool and edit.state == State.REJECTED) or edit.tag == AWAITS_OWNER:
            continue  # tools remove nothing here, and the catalog does not open columns
        if edit.by_tool or edit.state == State.SUGGESTED:
            if word is None and (column.pk, edit.tag) not in told:
                new[column.pk, edit.tag] = _decision(column, tags[edit.tag], State.SUGGESTED, edit)
        elif not _is_later(words, column, tags[edit.tag], edit) and (
            word is None or word.state != edit.state
        ):
            for other in _excluded(words, column, tags[edit.tag], edit):
                new[column.pk, other.tag.fqn] = _decision(column, other.tag, State.REJECTED, edit)
            new[column.pk, edit.tag] = _decision(column, tags[edit.tag], State(edit.state), edit)
    with masked_until_agreed(list(columns.values()), None):
        TagDecision.objects.bulk_create(new.values())
    for decision in new.values():
        record(
            None, f"tag {decision.state} in the catalog", decision.column.dataset_id,
            column=decision.column.name, tag=decision.tag.fqn, reason=decision.reason,
        )  # fmt: skip
    return bool(new)


def take_over_texts(
    mirror: CatalogMirror, agreements: Sequence[CatalogAgreement], edits: Sequence[TextEdit]
) -> None:
    """Take over descriptions, unless ours were changed later: the next sweep sends those to the catalog."""
    rows = {row.name: row for row in agreements}
    dataset = Dataset.objects.get(pk=mirror.dataset_id)
    for edit in edits:
        row: CatalogMirror | CatalogAgreement = rows[edit.column] if edit.column else mirror
        described: Dataset | Column = rows[edit.column].column if edit.column else dataset
        if described.description == edit.text:
            continue
        # A change that no sweep has noticed was made within the last minute.
        is_changed = described.description not in (row.description, *edit.over)
        if is_changed and (row.differs_since or timezone.now()) > edit.at:
            continue
        described.description = edit.text
        described.save(update_fields=["description"])
        record(None, "description changed in the catalog", mirror.dataset_id, column=edit.column, by=edit.by)


def rejected_by_people(columns: Collection[Column]) -> dict[int, set[str]]:
    """Tags whose last edit was a removal by a person, here or there, by column pk."""
    rejected: dict[int, set[str]] = {}
    for (column, tag), word in _human_words(columns).items():
        if word.state == State.REJECTED:
            rejected.setdefault(column, set()).add(tag)
    return rejected


def _is_spelled_as_ours(edit: TagEdit) -> bool:
    """Quoted names contain dots, which our tags cannot."""
    if '"' in edit.tag:
        log.warning("a tag of the catalog in quotes is passed over")
    return '"' not in edit.tag


def _human_words(columns: Collection[Column]) -> Words:
    """The last decision of a person, here or in the catalog, by column and tag."""
    decisions = TagDecision.objects.filter(column__in=columns).exclude(source=TagDecision.Source.CLASSIFIER)
    decisions = decisions.select_related("tag__classification")
    return {(each.column_id, each.tag.fqn): each for each in decisions.order_by("pk")}


def _told_by_classifiers(columns: Collection[Column]) -> set[tuple[int, str]]:
    """All tags that classifiers ever suggested here: the catalog has them from us, in any state."""
    decisions = TagDecision.objects.filter(column__in=columns, source=TagDecision.Source.CLASSIFIER)
    return set(decisions.values_list("column_id", "tag__fqn"))


def _is_later(words: Words, column: Column, tag: Tag, edit: TagEdit) -> bool:
    """Whether a person here decided otherwise after the edit."""
    others = _excluded(words, column, tag, edit)
    word = words.get((column.pk, edit.tag))
    if word is not None and word.state != edit.state:
        others.append(word)
    return any(each.source == TagDecision.Source.PERSON and each.at > edit.at for each in others)


def _excluded(words: Words, column: Column, tag: Tag, edit: TagEdit) -> list[TagDecision]:
    """Tags confirmed by people that a tag confirmed there excludes."""
    if edit.state != State.CONFIRMED or not tag.classification.exclusive:
        return []
    return [
        word
        for (pk, fqn), word in words.items()
        if pk == column.pk
        and fqn != tag.fqn
        and word.state == State.CONFIRMED
        and word.tag.classification_id == tag.classification_id
    ]


def _decision(column: Column, tag: Tag, state: TagDecision.State, edit: TagEdit) -> TagDecision:
    by = edit.by or "somebody"
    return TagDecision(
        column=column,
        tag=tag,
        source=TagDecision.Source.CATALOG,
        state=state,
        reason=f"Edited in the catalog by {by} on {edit.at:%Y-%m-%d at %H:%M} UTC.",
    )
