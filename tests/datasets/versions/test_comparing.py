"""What is told of two versions: columns, rows, and figures that have moved."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from datasets.models import Column, Dataset, Version, VersionColumn
from datasets.previews.changes import identities
from governance.models import Grant
from tests.making import profile_of, ready_dataset
from tests.pages import as_read

pytestmark = pytest.mark.django_db


def second_version(dataset: Dataset, profiles: dict[str, dict[str, Any]]) -> Version:
    """A next version, current, of columns with these profiles."""
    first = dataset.versions.get(number=1)
    version = Version.objects.create(
        dataset=dataset, number=2, created_by=dataset.owner, filename="people.csv", size_bytes=50,
        sha256="1" * 64, state="ready", rows=4, catalog_version="0.2", raw_key="raw2", parquet_key="parquet2",
    )  # fmt: skip
    found = identities(list(dataset.columns.all()), list(profiles))
    for position, ((name, profile), column) in enumerate(zip(profiles.items(), found, strict=True)):
        known = column or Column.objects.create(dataset=dataset, key=Column.key_of(name), name=name)
        VersionColumn.objects.create(
            version=version, column=known, position=position, name=name, type=profile["type"], profile=profile
        )
    assert first.pk != version.pk
    dataset.current_version = version
    dataset.save()
    return version


def profile(name: str, **figures: Any) -> dict[str, Any]:
    return profile_of(name) | {"rows": 4, "distinct": 4} | figures


@pytest.fixture
def people(owner: User, colleague: User) -> Dataset:
    dataset = ready_dataset(owner, "people")
    second_version(
        dataset,
        {
            "E_Mail": profile("E_Mail", nulls=2, min="c-new", distinct=2),
            "city": profile("city", type="INT", min="1", max="9", mean=5.0, stddev=2.0),
            "age": profile("age", type="INT"),
        },
    )
    Grant.objects.create(dataset=dataset, user=colleague, view_pii=False, granted_by=owner)
    return dataset


def compared(reader: User, dataset: Dataset) -> dict[str, Any]:
    client = Client()
    client.force_login(reader)
    answer = client.get(f"/api/v1/datasets/{dataset.pk}/compare", {"before": 1})
    assert answer.status_code == 200, answer.content
    return answer.json()  # type: ignore[no-any-return]


def test_columns_and_rows(people: Dataset, owner: User) -> None:
    told = compared(owner, people)
    assert (told["before"], told["after"]) == ({"version": 1, "rows": 2}, {"version": 2, "rows": 4})
    assert told["columns"] == {
        "version": 1, "added": ["age"], "dropped": [],
        "renamed": [{"before": "email", "after": "E_Mail"}],
        "retyped": [{"name": "city", "before": "STRING", "after": "INT"}],
    }  # fmt: skip
    facts = {drift["column"]: {f["what"]: f for f in drift["facts"]} for drift in told["drift"]}
    assert facts["E_Mail"]["rows with a value"] == {
        "what": "rows with a value", "before": "100%", "after": "50%", "moved": True,
    }  # fmt: skip
    assert facts["E_Mail"]["from"]["after"] == "c-new"


def test_masked_columns_are_compared_by_counts_alone(people: Dataset, colleague: User) -> None:
    told = compared(colleague, people)
    (email,) = [drift for drift in told["drift"] if drift["column"] == "E_Mail"]
    assert email["masked"]
    assert {fact["what"] for fact in email["facts"]} <= {"rows with a value", "different values"}
    assert "c-new" not in str(told)
    client = Client()
    client.force_login(colleague)
    page = as_read(client.get(f"/datasets/{people.pk}/compare/"))
    assert "counts alone" in page
    assert "c-new" not in page
    # Nor may somebody who only reads go back.
    assert "Go back" not in page
    assert client.post(f"/datasets/{people.pk}/versions/1/restore").status_code == 404
    assert client.post(f"/datasets/{people.pk}/versions/1/delete").status_code == 404


def test_the_page_speaks_to_people(people: Dataset, owner: User) -> None:
    client = Client()
    client.force_login(owner)
    page = as_read(client.get(f"/datasets/{people.pk}/compare/"))
    for sentence in (
        "2 more",
        "age is new, whole number.",
        "email is now called E_Mail. It has kept its tags.",
        "city was text and is now whole number.",
        "moved far",
    ):
        assert sentence in page
    assert "STRING" not in page
    same = as_read(client.get(f"/datasets/{people.pk}/compare/", {"before": "2", "after": "2"}))
    assert "Nothing to compare" in same


def columns_of(*names: str) -> list[Column]:
    return [Column(pk=place, key=Column.key_of(name), name=name) for place, name in enumerate(names, 1)]


@pytest.mark.parametrize(
    ("known", "names", "expected"),
    [
        (["staff_no"], ["Staff No"], [1]),
        (["staff_no"], ["STAFF NO", "staff_no"], [None, 1]),
        (["staffNo"], ["staff__no"], [1]),
        (["a b", "ab"], ["a_b"], [None]),
        (["a b", "ab"], ["AB", "A  B"], [2, 1]),
        (["ab"], ["a b", "a_b"], [None, None]),
        (["pay"], ["payday"], [None]),
    ],
)
def test_which_column_is_which(known: list[str], names: list[str], expected: list[int | None]) -> None:
    found = identities(columns_of(*known), names)
    assert [column.pk if column else None for column in found] == expected
