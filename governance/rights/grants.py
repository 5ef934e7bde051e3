"""Sharing a dataset: who may see it, and who may see the personal values in it."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from datasets.models import Dataset
from governance.audit import record
from governance.models import Grant
from governance.rights.access import may_view_pii
from omdplatform.base.errors import Refused


class GrantRefused(Refused):
    """A right cannot be given or withdrawn. The text says why."""


def share(dataset: Dataset, user: User, by: User, *, view_pii: bool = False) -> Grant:
    """Let `user` see the dataset. Sharing again changes `view_pii`. `by` may change the dataset.

    Nobody can give a right to personal values that they do not have, not even to themselves.
    """
    if view_pii and not may_view_pii(by, dataset):
        raise GrantRefused(
            "no-pii-right", "You may not see personal values here, so you cannot let others see them."
        )
    if user.pk == dataset.owner_id:
        raise GrantRefused("owner-grant", "The owner's own rights are not changed by sharing.")
    with transaction.atomic():
        grant, _ = Grant.objects.update_or_create(
            dataset=dataset, user=user, defaults={"view_pii": view_pii, "granted_by": by}
        )
        record(by, "shared", dataset.pk, user=user.get_username(), view_pii=view_pii)
    return grant


def unshare(grant: Grant, by: User) -> None:
    """Withdraw the right. Raises GrantRefused for the owner's own right."""
    if grant.user_id == grant.dataset.owner_id:
        raise GrantRefused("owner-grant", "The owner's own rights are not taken away by sharing.")
    with transaction.atomic():
        record(by, "unshared", grant.dataset_id, user=grant.user.get_username())
        grant.delete()
