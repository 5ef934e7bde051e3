"""A column that was masked is opened by two people: whoever asks for it, and its owner or an administrator.

Rejecting a tag or loosening a policy shows values to everybody who may see the dataset, the one who does it
included. Unless that is the owner, the column is given the tag Access.AwaitsOwner in the same transaction,
whose policy masks it until the owner agrees. The same holds for what somebody takes off in the catalog, where
our classifier holds the column for personal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.contrib.auth.models import User
from django.db.models import F

from datasets.models import Column
from governance.audit import record
from governance.models import Tag, TagDecision
from governance.policies import effective
from governance.rights.access import decided_tags, policies
from governance.tag_schema import AWAITS_OWNER
from omdplatform.base.errors import Refused


class OpeningRefused(Refused):
    """Only the owner, or an administrator who did not ask for it, opens a column that waits for that."""

    def __init__(self) -> None:
        super().__init__(
            "owner-decides",
            "The column waits for its owner. Only the owner, or an administrator who did not ask for it, "
            "opens it, on the dataset's page.",
            403,
        )


@contextmanager
def masked_until_agreed(columns: Collection[Column], actor: User | None) -> Iterator[None]:
    """Around a change that `actor` makes, inside its transaction: what it would open waits for the owner.

    An owner opens what is theirs at once. `actor` None: somebody in the catalog, who opens at once what only
    people had masked.
    """
    before = _masked(columns)
    yield
    after = _masked(columns)
    opened = [column for column in columns if column.pk in before - after]
    if actor is None:
        opened = _held_by_classifiers(opened)
    else:
        opened = [column for column in opened if column.dataset.owner_id != actor.pk]
    if opened:
        _hold(opened, actor)


def _masked(columns: Iterable[Column]) -> set[int]:
    """By what was decided here: a catalog that was not told yet masks for a while only."""
    chosen = list(columns)
    held = decided_tags(chosen)
    return _masked_by({column.pk: [tag.fqn for tag in held[column.pk]] for column in chosen})


def _masked_by(tags: Mapping[int, Collection[str]]) -> set[int]:
    rules = [policy.as_rule() for policy in policies()]
    named = {str(key): names for key, names in tags.items()}
    return {int(name) for name in effective(named, rules).masked_columns()}


def _held_by_classifiers(columns: Collection[Column]) -> list[Column]:
    """Those that would be masked if nobody but a classifier had spoken of their current version."""
    said: dict[int, list[str]] = {column.pk: [] for column in columns}
    words = TagDecision.objects.filter(
        column__in=columns, source=TagDecision.Source.CLASSIFIER, state=TagDecision.State.SUGGESTED,
        version=F("column__dataset__current_version"),
    )  # fmt: skip
    for column_id, fqn in words.values_list("column_id", "tag__fqn"):
        said[column_id].append(fqn)
    masked = _masked_by(said)
    return [column for column in columns if column.pk in masked]


def _hold(columns: Collection[Column], actor: User | None) -> None:
    tag = Tag.objects.get(fqn=AWAITS_OWNER)
    who = actor.get_username() if actor else "Somebody in the catalog"
    why = f"{who} took away what masked it. It stays masked until its owner agrees."
    source = TagDecision.Source.PERSON if actor else TagDecision.Source.CATALOG
    TagDecision.objects.bulk_create(
        TagDecision(
            column=column, tag=tag, source=source, state=TagDecision.State.CONFIRMED,
            actor=actor, reason=why,
        )
        for column in columns
    )  # fmt: skip
    for column in columns:
        record(actor, "opening asked for", column.dataset_id, column=column.name)
