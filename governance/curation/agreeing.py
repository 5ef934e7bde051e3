"""The second person's agreement to open a column; see governance.curation.openings."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.utils import timezone

from datasets.models import Column
from governance.audit import record
from governance.curation.decisions import owe_the_catalog
from governance.curation.openings import OpeningRefused
from governance.curation.staleness import mark_stale
from governance.models import Tag, TagDecision
from governance.querysets import HUMAN
from governance.rights.access import decided_tags
from governance.tag_schema import AWAITS_OWNER


def may_open(user: User | AnonymousUser, column: Column) -> bool:
    """Whether the user may agree to open a waiting column."""
    if not isinstance(user, User) or not user.is_active:
        return False
    if column.dataset.owner_id == user.pk:
        return True
    asked = TagDecision.objects.filter(HUMAN, column=column, tag__fqn=AWAITS_OWNER).order_by("-pk").first()
    return user.is_superuser and (asked is None or asked.actor_id != user.pk)


def open_column(column: Column, user: User) -> None:
    """Agree as the second person: the column is no longer masked. Raises OpeningRefused."""
    if not may_open(user, column):
        raise OpeningRefused
    if AWAITS_OWNER not in {tag.fqn for tag in decided_tags([column])[column.pk]}:
        return
    with transaction.atomic():
        TagDecision.objects.create(
            column=column, tag=Tag.objects.get(fqn=AWAITS_OWNER), source=TagDecision.Source.PERSON,
            state=TagDecision.State.REJECTED, actor=user, reason="Agreed that it is opened.",
        )  # fmt: skip
        record(user, "column opened", column.dataset_id, column=column.name)
        owe_the_catalog([column], timezone.now(), by_person=True)
        mark_stale([column.dataset_id])
