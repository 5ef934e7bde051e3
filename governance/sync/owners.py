"""Tables with another owner in the catalog than here: people decide which one is right."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from datasets.models import Dataset
from governance.audit import record
from governance.catalog.configured import get_catalog
from governance.catalog.contract import CatalogRefused
from governance.catalog.names import catalog_user
from governance.models import CatalogMirror
from governance.rights.access import Reader, may_change
from omdplatform.base.errors import Refused

TAKEN_OVER, KEPT = "owner taken over from the catalog", "owner kept against the catalog"


@dataclass(frozen=True, slots=True)
class OwnerThere:
    """`names`: the owner there; "" for nobody. `heir`: the user here who that is; None if unknown."""

    names: str
    heir: User | None


def other_owner(dataset: Dataset) -> OwnerThere | None:
    """The owner there, if different from ours. None if equal or unknown."""
    mirror = CatalogMirror.objects.filter(dataset=dataset, gone_since=None, is_away=False).first()
    if mirror is None:
        return None
    there = mirror.owner.split(", ")
    if _names(dataset.owner) & set(there):
        return None
    # An address counts by its part before the "@" only if nobody has exactly this name.
    people = list(User.objects.filter(is_active=True))
    called = [user for user in people if catalog_user(user.get_username()) in there]
    called = called or [user for user in people if _names(user) & set(there)]
    return OwnerThere(mirror.owner, called[0] if len(called) == 1 else None)


def may_hand_over(user: Reader, dataset: Dataset) -> bool:
    """Whether the user may make somebody else the owner, who then decides about masking. Stewards may not."""
    return bool(user and user.is_active and (user.pk == dataset.owner_id or user.is_superuser))


def take_over(dataset: Dataset, actor: User) -> User:
    """Make the owner there the owner here, too. Returns the new owner. Rights to personal values are not
    transferred.

    Raises Refused if the owner there has no account here, or has a dataset of this name.
    """
    there = other_owner(dataset)
    if there is None or there.heir is None or not may_hand_over(actor, dataset):
        raise Refused("no-heir", "Who owns the table in the catalog has no account here.")
    before = dataset.owner.get_username()
    try:
        with transaction.atomic():
            dataset.owner = there.heir
            dataset.save(update_fields=["owner"])
            record(actor, TAKEN_OVER, dataset.pk, owner=there.heir.get_username(), before=before)
    except IntegrityError:
        dataset.refresh_from_db()
        name = there.heir.get_username()
        raise Refused("name-taken", f"{name} has a dataset of this name: one of both goes first.") from None
    return there.heir


def keep_ours(dataset: Dataset, actor: User) -> None:
    """Write the owner here into the catalog.

    Raises Refused, CatalogUnavailable, CatalogRefused.
    """
    version = dataset.current_version
    if version is None or other_owner(dataset) is None or not may_change(actor, dataset):
        raise Refused("no-other-owner", "As far as is known the catalog names nobody else.")
    entry = get_catalog().change_owner(version.catalog_id, dataset.owner.get_username())
    if entry.owner is None:
        raise CatalogRefused("It does not say who owns the table.")
    with transaction.atomic():
        CatalogMirror.objects.filter(dataset=dataset).update(owner=entry.owner)
        record(actor, KEPT, dataset.pk, owner=dataset.owner.get_username())


def _names(user: User) -> set[str]:
    """A user's possible names in the catalog: see governance.openmetadata.services."""
    name, at, _ = user.get_username().partition("@")
    return {catalog_user(user.get_username()), *([name] if at else [])}
