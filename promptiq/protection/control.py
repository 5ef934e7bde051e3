"""Shows and changes a dataset's subject, and its budget of figures."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User

from datasets.models import Column, Dataset
from governance.audit import record
from governance.rights.access import may_change, may_view_pii
from omdplatform.base.errors import Refused
from promptiq.protection import budget
from promptiq.protection.figures import subject_of


@dataclass(frozen=True, slots=True)
class Protection:
    """`subject`: a column's name; None if each row stands for itself. `left` of `of` figures are left."""

    subject: str | None
    chosen: bool
    left: int
    of: int


def protection_of(dataset: Dataset) -> Protection:
    version = dataset.current_version
    subject = subject_of(version) if version else None
    return Protection(subject, dataset.subject_chosen, budget.left(dataset), settings.PROTECTED_FIGURES)


def choose_subject(dataset: Dataset, column: Column | None, by: User) -> None:
    """Use this column from now on, whatever the classifier says. The audit log shows it to the owner."""
    dataset.subject, dataset.subject_chosen = column, True
    dataset.save(update_fields=["subject", "subject_chosen"])
    record(by, "dataset.subject", dataset.pk, column=column.name if column else None)


def renew(dataset: Dataset, by: User) -> None:
    """Raises Refused for anybody but an owner who may see personal values."""
    if dataset.owner_id != by.pk or not may_view_pii(by, dataset):
        raise Refused("owner-only", "Only the owner may let the dataset tell more figures.", 403)
    budget.renew(dataset, by)


def columns_to_choose(dataset: Dataset, reader: User) -> list[str]:
    """Names of the dataset's columns, for those who may change it; () for others."""
    if not may_change(reader, dataset):
        return []
    version = dataset.current_version
    return list(version.columns.order_by("position").values_list("name", flat=True)) if version else []


def column_named(dataset: Dataset, name: str) -> Column | None:
    """The column of the current version with this name. None if there is none."""
    version = dataset.current_version
    shown = version.columns.filter(name=name).select_related("column").first() if version and name else None
    return shown.column if shown else None
