"""Decisions and audit events are written once; they go only along with the dataset or are kept without it."""

import pytest
from django.contrib.auth.models import User
from django.db import models, transaction

from datasets.models import Dataset
from governance.append_only import WrittenOnce
from governance.audit import record
from governance.models import AuditEvent, TagDecision

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(people_table: Dataset, steward: User) -> list[models.Model]:
    record(steward, "looked", people_table.pk)
    return [TagDecision.objects.get(), AuditEvent.objects.get()]


def test_nothing_is_rewritten_or_removed(written: list[models.Model]) -> None:
    for row in written:
        rows = type(row)._default_manager.all()
        before = list(rows.values())
        for change in (
            row.save,
            row.delete,
            rows.delete,
            lambda rows=rows: rows.update(at=None),
            lambda rows=rows, row=row: rows.bulk_update([row], ["at"]),
        ):
            with pytest.raises(WrittenOnce), transaction.atomic():
                change()
        assert list(rows.values()) == before


def test_a_dataset_takes_its_decisions_with_it_and_leaves_what_was_done(
    written: list[models.Model], people_table: Dataset, steward: User
) -> None:
    key = people_table.pk
    people_table.delete()
    assert not TagDecision.objects.exists()
    steward.delete()
    assert list(AuditEvent.objects.values_list("action", "dataset_id", "actor")) == [("looked", key, None)]
