"""A column that was masked is opened by two people: whoever asks for it, and its owner or an administrator.

Rejecting a tag or loosening a policy shows values to everybody who may see the dataset, the one who does it
included. Unless that is the owner, the column is given the tag Access.AwaitsOwner in the same transaction,
whose policy masks it until the owner agrees.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from django.contrib.auth.models import User

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
def masked_until_agreed(columns: Collection[Column], actor: User) -> Iterator[None]:
    """Around a change that `actor` makes, inside its transaction: what it would open waits for the owner.

    An owner opens what is theirs at once; so does an edit in the catalog, which has rights of its own.
    """
    before = _masked(columns)
    yield
    after = _masked(columns)
    opened = [
        column for column in columns if column.pk in before - after and column.dataset.owner_id != actor.pk
    ]
    if opened:
        _hold(opened, actor)


def _masked(columns: Iterable[Column]) -> set[int]:
    """By what was decided here: a catalog that was not told yet masks for a while only."""
    chosen = list(columns)
    held, rules = decided_tags(chosen), [policy.as_rule() for policy in policies()]
    tags = {str(column.pk): [tag.fqn for tag in held[column.pk]] for column in chosen}
    return {int(name) for name in effective(tags, rules).masked_columns()}


def _hold(columns: Collection[Column], actor: User) -> None:
    tag = Tag.objects.get(fqn=AWAITS_OWNER)
    why = f"{actor.get_username()} took away what masked it. It stays masked until its owner agrees."
    TagDecision.objects.bulk_create(
        TagDecision(
            column=column, tag=tag, source=TagDecision.Source.PERSON, state=TagDecision.State.CONFIRMED,
            actor=actor, reason=why,
        )
        for column in columns
    )  # fmt: skip
    for column in columns:
        record(actor, "opening asked for", column.dataset_id, column=column.name)
