"""The review queue: columns with their tags, least certain first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from datasets.models import Column, Dataset, VersionColumn
from governance.curation.decisions import Decision, decide_all
from governance.curation.openings import OpeningRefused
from governance.models import Tag, TagDecision
from governance.querysets import TagDecisionQuerySet
from governance.tag_schema import AWAITS_OWNER
from omdplatform.base.errors import Refused

STATES = [
    ("suggested", "suggested"),
    ("confirmed", "confirmed"),
    ("rejected", "rejected"),
    ("untagged", "without a tag"),
]
ACTIONS = [("confirm", "Confirm"), ("reject", "Reject"), ("replace", "Replace by"), ("add", "Add")]
# The reason recorded for a confirmation without one.
AGREED = "Agrees with the evidence."
# The most tags that one request decides on. Each makes a row in two logs.
MOST_ITEMS = 5_000


class ReviewRefused(Refused):
    """The requested decisions cannot be made. The text says why."""

    status = 400


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter for the queue. `state`: one of STATES. `tag`, `owner`: exact. `text`: part of a name."""

    state: str = "suggested"
    tag: str = ""
    owner: str = ""
    text: str = ""
    dataset: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReviewedTag:
    """`confidence`: 0–1; None if no classifier suggested it. `finding`: JSON of classifier.Finding, or {}."""

    decision: TagDecision
    fqn: str
    state: str
    confidence: float | None
    finding: dict[str, Any]

    @property
    def actor(self) -> str | None:
        return self.decision.actor.get_username() if self.decision.actor else None


@dataclass(frozen=True, slots=True)
class ReviewedColumn:
    """A column of a current version with its tags that match the filter, by name."""

    column: Column
    type: str
    tags: tuple[ReviewedTag, ...]

    @property
    def confidence(self) -> float | None:
        return min((tag.confidence for tag in self.tags if tag.confidence is not None), default=None)

    @property
    def finding(self) -> dict[str, Any]:
        """The classifier's finding; {} if people decided all tags."""
        return next((tag.finding for tag in self.tags if tag.finding), {})


def columns_to_review(user: User, wanted: Wanted) -> QuerySet[Column]:
    """Columns of current versions that the user may see, least certain first.

    Decided columns come after those, and untagged ones last, by dataset.
    """
    columns = _columns(user, wanted)
    if wanted.state == "untagged":
        tagged = TagDecision.objects.in_force().filter(column=OuterRef("pk"))
        return columns.filter(~Exists(tagged)).order_by("dataset__name", "dataset", "key")
    decisions = _decisions(wanted).filter(column__in=columns)
    surest_last = decisions.filter(column=OuterRef("pk")).annotate(
        confidence=Cast(KT("evidence__confidence"), FloatField())
    )
    surest_last = surest_last.order_by(F("confidence").asc(nulls_last=True))
    found = columns.filter(pk__in=decisions.values("column"))
    found = found.annotate(confidence=Subquery(surest_last.values("confidence")[:1]))
    return found.order_by(F("confidence").asc(nulls_last=True), "dataset__name", "pk")


def reviewed(columns: Sequence[Column], wanted: Wanted) -> list[ReviewedColumn]:
    """The columns with the matching tags, in the given order. Two queries."""
    tags: dict[int, list[ReviewedTag]] = {column.pk: [] for column in columns}
    if wanted.state != "untagged":
        decisions = _decisions(wanted).filter(column__in=tags).select_related("tag", "actor")
        for decision in decisions.order_by("tag__fqn"):
            tags[decision.column_id].append(_reviewed_tag(decision))
    shown = VersionColumn.objects.filter(column__in=tags, version=F("version__dataset__current_version"))
    types = dict(shown.values_list("column", "type"))
    return [ReviewedColumn(column, types[column.pk], tuple(tags[column.pk])) for column in columns]


def _reviewed_tag(decision: TagDecision) -> ReviewedTag:
    confidence = decision.evidence.get("confidence")
    return ReviewedTag(decision, decision.tag.fqn, decision.state, confidence, decision.evidence)


def _columns(user: User, wanted: Wanted) -> QuerySet[Column]:
    visible = Dataset.objects.visible_to(user).exclude(current_version=None)
    if wanted.owner:
        visible = visible.filter(owner__username=wanted.owner)
    if wanted.dataset:
        visible = visible.filter(pk=wanted.dataset)
    shown = VersionColumn.objects.filter(column=OuterRef("pk"), version=OuterRef("dataset__current_version"))
    columns = Column.objects.filter(Exists(shown), dataset__in=visible)
    if wanted.text:
        named = Q(name__icontains=wanted.text) | Q(dataset__name__icontains=wanted.text)
        columns = columns.filter(named)
    return columns.select_related("dataset__owner")


def _decisions(wanted: Wanted) -> TagDecisionQuerySet:
    if wanted.state == "rejected":
        decisions = TagDecision.objects.last_words().filter(state=TagDecision.State.REJECTED)
    else:
        decisions = TagDecision.objects.in_force().filter(state=wanted.state)
    return decisions.filter(tag__fqn=wanted.tag) if wanted.tag else decisions


# --- Deciding ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """A tag on a column, by key and full name. `tag` is "" for a column that gets a tag."""

    column: int
    tag: str = ""


def all_items(user: User, wanted: Wanted) -> list[Item]:
    """Every tag of every matching column. Raises ReviewRefused if there are more than MOST_ITEMS."""
    columns = columns_to_review(user, wanted)
    if wanted.state == "untagged":
        items = [Item(pk) for pk in columns.values_list("pk", flat=True)[: MOST_ITEMS + 1]]
    else:
        decisions = _decisions(wanted).filter(column__in=columns.order_by().values("pk"))
        pairs = decisions.values_list("column", "tag__fqn")[: MOST_ITEMS + 1]
        items = [Item(column, fqn) for column, fqn in pairs]
    _refuse_too_many(items)
    return items


def decide_items(
    user: User, action: str, items: Iterable[Item], reason: str = "", replacement: str = ""
) -> int:
    """Confirm, reject or replace the tags of the items, or add a tag to their columns: all or none.

    `replacement`: the full name of the new tag. Returns how many decisions were written. Raises
    ReviewRefused.
    """
    chosen = list(dict.fromkeys(items))
    if not chosen:
        raise ReviewRefused("nothing-chosen", "Nothing is chosen. Choose at least one tag or column.")
    _refuse_too_many(chosen)
    if action != "confirm" and not reason.strip():
        raise ReviewRefused("no-reason", "Say why: the reason is kept with the decision.")
    columns = _known_columns(user, chosen)
    tags = {tag.fqn: tag for tag in Tag.objects.select_related("classification")}
    decisions = _decided(action, chosen, columns, tags, reason.strip() or AGREED, replacement)
    return len(decide_all(decisions, user))


def _decided(
    action: str,
    items: Sequence[Item],
    columns: dict[int, Column],
    tags: dict[str, Tag],
    reason: str,
    replacement: str,
) -> list[Decision]:
    state = {"confirm": "confirmed", "reject": "rejected", "replace": "rejected"}.get(action)
    decisions = []
    if state:
        decisions = [
            Decision(columns[item.column], _tag(tags, item.tag), state, reason)
            for item in items
            if not (action == "replace" and item.tag == replacement)
        ]
    if action in ("replace", "add"):
        new = _tag(tags, replacement)
        decisions += [
            Decision(columns[key], new, "confirmed", reason) for key in dict.fromkeys(i.column for i in items)
        ]
    return decisions


def _tag(tags: dict[str, Tag], fqn: str) -> Tag:
    if not fqn:
        raise ReviewRefused("no-tag", "Choose the tag.")
    if fqn == AWAITS_OWNER:
        raise ReviewRefused("owner-decides", str(OpeningRefused()))
    if fqn not in tags:
        raise ReviewRefused("no-such-tag", f"There is no tag {fqn}.")
    return tags[fqn]


def _known_columns(user: User, items: Sequence[Item]) -> dict[int, Column]:
    """Another's column and a missing one give the same answer."""
    keys = {item.column for item in items}
    visible = Dataset.objects.visible_to(user)
    columns = Column.objects.filter(dataset__in=visible).select_related("dataset").in_bulk(keys)
    if missing := keys - columns.keys():
        raise ReviewRefused("no-such-column", f"There is no column {min(missing)}.")
    return columns


def _refuse_too_many(items: Sequence[Item]) -> None:
    if len(items) > MOST_ITEMS:
        raise ReviewRefused(
            "too-many", f"These are more than {MOST_ITEMS:,} tags. Narrow them down, and decide in parts."
        )
