"""Rows as each reader may see them: page and API."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from datasets.ingestion.receiving.uploads import Wish
from datasets.models import Dataset, Version
from governance.curation.decisions import decide
from governance.models import AuditEvent, Tag
from governance.policies import MASK
from tests.ingested import ROWS, ingest, order, orders_csv
from tests.omdplatform.base.web.test_problems import assert_problem
from tests.pages import as_read

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]
Api = Callable[[User | None], APIClient]


def page(user: User, dataset: Dataset, query: str = "", status: int = 200, number: int = 1) -> str:
    client = Client()
    client.force_login(user)
    response = client.get(f"/datasets/{dataset.pk}/versions/{number}/rows/{query}")
    assert response.status_code == status
    return as_read(response)


def numbers(seen: str) -> list[int]:
    return [int(part.partition('"')[0]) for part in seen.split('id="row-')[1:]]


def test_pages_follow_each_other_to_the_end(owner: User, orders: Dataset) -> None:
    assert numbers(page(owner, orders)) == [*range(1, 51)]
    assert numbers(page(owner, orders, "?from=101")) == [*range(101, 131)]
    assert 'href="?from=51"' in page(owner, orders)
    assert "Rows 101 to 130 of 130" in page(owner, orders, "?from=101")
    assert 'rel="next"' not in page(owner, orders, "?from=101")


def test_the_row_that_is_asked_for_is_marked_on_its_page(owner: User, orders: Dataset) -> None:
    seen = page(owner, orders, "?row=67")
    assert numbers(seen) == [*range(51, 101)]
    assert 'id="row-67" class="found" aria-current="true"' in seen
    assert seen.count('class="found"') == 1
    assert order(66)["email"] in seen


@pytest.mark.parametrize(
    "query", ["?row=131", "?row=0", "?row=-1", "?row=x", "?row=", "?from=999", f"?row={'9' * 40}"]
)
def test_a_row_that_is_not_there_is_said_so(owner: User, orders: Dataset, query: str) -> None:
    seen = page(owner, orders, query, 404)
    assert "There is no such row: this version has 130" in seen
    assert 'class="found"' not in seen


def test_masked_values_are_masked(viewer: User, orders: Dataset) -> None:
    seen = page(viewer, orders, "?row=7")
    assert MASK in seen
    assert "@post.example" not in seen
    assert "Masked for you: email" in seen
    assert "owner, who owns this dataset" in seen
    assert "oak table" in seen


def test_a_tag_masks_from_the_next_look_on(owner: User, steward: User, viewer: User, orders: Dataset) -> None:
    assert "oak table" in page(viewer, orders)
    decide(orders.columns.get(key="goods"), Tag.objects.get(fqn="PII.Sensitive"), "confirmed", steward)
    assert "oak table" not in page(viewer, orders)
    assert "oak table" in page(owner, orders)


def test_what_somebody_may_not_see_looks_absent(stranger: User, owner: User, orders: Dataset) -> None:
    page(stranger, orders, status=404)
    page(owner, orders, status=404, number=2)
    page(owner, Dataset(), status=404)
    Version.objects.update(parquet_key="gone.parquet")
    page(owner, orders, status=503)
    client = Client()
    address = f"/datasets/{orders.pk}/versions/1/rows/"
    assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
    client.force_login(stranger)
    assert client.post(address, {"rows": "1,2"}).status_code == 404


def test_rows_behind_an_answer_come_by_a_form(viewer: User, orders: Dataset) -> None:
    client = Client()
    client.force_login(viewer)
    address = f"/datasets/{orders.pk}/versions/1/rows/"
    wanted = [*range(2, 131, 2)]
    first = as_read(client.post(address, {"rows": ",".join(map(str, wanted))}))
    assert numbers(first) == wanted[:50]
    assert "1 to 50 of 65 rows behind the answer" in first
    second = as_read(client.post(address, {"rows": ",".join(map(str, wanted)), "part": "2"}))
    assert numbers(second) == wanted[50:]
    assert "@post.example" not in first + second
    odd = as_read(client.post(address, {"rows": "x,-1,,999999,3 , 3", "part": "9"}))
    assert numbers(odd) == [3]
    assert client.post(address, {"rows": "'; drop"}).status_code == 404


def test_looking_is_audited_by_counts_alone(viewer: User, orders: Dataset) -> None:
    page(viewer, orders, "?row=7")
    event = AuditEvent.objects.get(action="rows read")
    assert (event.actor, event.dataset_id) == (viewer, orders.pk)
    assert event.detail == {"version": 1, "rows": 50, "masked_columns": 1}


def test_markup_in_cells_is_text(owner: User) -> None:
    dataset = ingest(owner, b"note,n\n<script>alert(1)</script>,1\n<b>x</b>,2\n", "notes.csv").dataset
    seen = page(owner, dataset)
    assert "<script>alert" not in seen
    assert "&lt;script&gt;alert" in seen


def test_a_wide_table_is_shown_in_pages_of_columns(owner: User) -> None:
    lines = [",".join(f"{kind}{place:03}x" for place in range(450)) for kind in ("measure ", "cell", "value")]
    dataset = ingest(owner, "\n".join(lines).encode(), "wide.csv").dataset
    client = Client()
    client.force_login(owner)
    for address in (f"/datasets/{dataset.pk}/", f"/datasets/{dataset.pk}/versions/1/rows/"):
        first, last = (as_read(client.get(f"{address}?columns={number}")) for number in (1, 3))
        assert "measure 199x" in first
        assert "Columns 1–200 of 450" in first
        assert "measure 449x" in last
        assert "Columns after" not in last
    assert "measure 200x" not in page(owner, dataset)
    detail = client.get(f"/datasets/{dataset.pk}/")
    assert [column.name for column in detail.context["column_page"]][-1] == "measure 199x"
    rows = page(owner, dataset, "?columns=3")
    assert "cell449x" in rows
    assert "cell399x" not in rows


# --- The API ----------------------------------------------------------------------------------------------


def read(api: Api, user: User, dataset: Dataset, **query: object) -> dict:
    response = api(user).get(f"/api/v1/datasets/{dataset.pk}/rows", query)
    assert response.status_code == 200, response.content
    return response.json()


def test_programs_read_rows_in_steps(api: Api, owner: User, orders: Dataset) -> None:
    found: list[dict] = []
    start: int | None = 1
    while start:
        step = read(api, owner, orders, **{"from": start, "limit": 60})
        found += step["rows"]
        start = step["next"]
    assert [row["row"] for row in found] == [*range(1, ROWS + 1)]
    assert [row["cells"] for row in found] == [order(number) for number in range(ROWS)]
    assert read(api, owner, orders, **{"from": 131})["rows"] == []


def test_programs_get_them_masked(api: Api, viewer: User, orders: Dataset) -> None:
    body = read(api, viewer, orders)
    assert body["total"] == ROWS
    assert {row["cells"]["email"] for row in body["rows"]} == {MASK}
    assert "PII.Sensitive" in body["masked"]["email"]
    assert "@post.example" not in json.dumps(body)


def test_programs_may_read_an_older_version(api: Api, owner: User, orders: Dataset) -> None:
    ingest(owner, orders_csv(10), wish=Wish(on_conflict="new_version"))
    assert read(api, owner, orders)["total"] == 10
    assert read(api, owner, orders, version=1)["total"] == ROWS
    missing = api(owner).get(f"/api/v1/datasets/{orders.pk}/rows", {"version": 3})
    assert_problem(missing, 404, "not-found")


@pytest.mark.parametrize("query", [{"from": 0}, {"from": "x"}, {"limit": 0}, {"limit": 501}, {"version": 0}])
def test_what_cannot_be_asked_for_is_named(api: Api, owner: User, orders: Dataset, query: dict) -> None:
    problem = assert_problem(api(owner).get(f"/api/v1/datasets/{orders.pk}/rows", query), 400, "invalid")
    assert problem["errors"][0]["parameter"] == next(iter(query))


def test_programs_of_strangers_find_nothing(api: Api, stranger: User, orders: Dataset) -> None:
    assert_problem(api(stranger).get(f"/api/v1/datasets/{orders.pk}/rows"), 404, "not-found")
    assert_problem(api(None).get(f"/api/v1/datasets/{orders.pk}/rows"), 401, "not-authenticated")
