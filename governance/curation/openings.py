"""Opening a masked column takes two people: the one who asks, and its owner or an administrator.

Rejecting a tag or loosening a policy shows values to everybody who may see the dataset, including the person
who does it. Unless that is the owner, the column gets the tag Access.AwaitsOwner in the same transaction. The
tag's policy masks the column until the owner agrees. The same holds if somebody removes a tag in the catalog
while our classifier considers the column personal.
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
    """Only the owner, or an administrator who did not ask for it, opens a column that awaits its owner."""

    def __init__(self) -> None:
        super().__init__(
            "owner-decides",
            "The column waits for its owner. Only the owner, or an administrator who did not ask for it, "
            "opens it, on the dataset's page.",
            403,
        )


@contextmanager
def masked_until_agreed(columns: Collection[Column], actor: User | None) -> Iterator[None]:
    """Wrap a change by `actor`, inside its transaction: columns that it would open wait for their owner.

    An owner opens their own columns at once. `actor` None is somebody in the catalog; they open at once what
    only people had masked.
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
    """The columns masked by decisions made here. A catalog that is not up to date masks only for a while."""
    chosen = list(columns)
    held = decided_tags(chosen)
    return _masked_by({column.pk: [tag.fqn for tag in held[column.pk]] for column in chosen})


def _masked_by(tags: Mapping[int, Collection[str]]) -> set[int]:
    rules = [policy.as_rule() for policy in policies()]
    named = {str(key): names for key, names in tags.items()}
    return {int(name) for name in effective(named, rules).masked_columns()}


def _held_by_classifiers(columns: Collection[Column]) -> list[Column]:
    """Those that the classifier's current suggestions alone would mask."""
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
