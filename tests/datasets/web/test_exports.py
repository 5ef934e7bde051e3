"""Data taken out as files: under the masks of pages, inert, streamed, and noted."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from rest_framework.test import APIClient, force_authenticate

from datasets.ingestion.receiving.uploads import Wish
from datasets.models import Dataset, Version
from datasets.web.exports.api import RowsFileView
from governance.curation.decisions import decide
from governance.models import AuditEvent, Grant, Tag
from governance.policies import MASK
from promptiq import rows as rows_module
from tests.doors.readers import body_of, client_of
from tests.ingested import ROWS, ingest, order, orders_csv
from tests.omdplatform.base.web.test_problems import assert_problem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]
Api = Callable[[User | None], APIClient]


def taken(client: Client, dataset: Dataset, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/api/v1/datasets/{dataset.pk}/rows.csv{query}")
    assert answer.status_code == 200, answer.content
    return list(csv.DictReader(io.StringIO(body_of(answer).removeprefix("\ufeff"))))


def test_rows_come_whole_and_in_order_to_whoever_may_see_them(api: Api, owner: User, orders: Dataset) -> None:
    expected = [{name: str(value) for name, value in order(number).items()} for number in range(ROWS)]
    assert taken(client_of(owner), orders) == taken(api(owner), orders) == expected
    answer = api(owner).get(f"/api/v1/datasets/{orders.pk}/rows.csv", HTTP_ACCEPT="text/csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="orders-1.csv"'
    assert answer["Cache-Control"] == "no-store"


def test_what_pages_mask_is_masked(viewer: User, owner: User, steward: User, orders: Dataset) -> None:
    for reader in (viewer, steward):
        rows = taken(client_of(reader), orders)
        assert {row["email"] for row in rows} == {MASK}
        assert rows[0]["goods"] == order(0)["goods"]
    decide(orders.columns.get(key="goods"), Tag.objects.get(fqn="PII.Sensitive"), "confirmed", steward)
    assert {row["goods"] for row in taken(client_of(viewer), orders)} == {MASK}
    assert taken(client_of(owner), orders)[0]["goods"] == order(0)["goods"]


def test_a_single_personal_cell_of_an_open_column_is_masked(owner: User, colleague: User) -> None:
    lines = "\n".join(f"order {n} is packed,{n}" for n in range(40))
    content = f"remark,n\n{lines}\nask zwart@post.example,41\n".encode()
    dataset = ingest(owner, content, "remarks.csv").dataset
    Grant.objects.create(dataset=dataset, user=colleague, view_pii=False, granted_by=owner)
    assert taken(client_of(colleague), dataset)[-1] == {"remark": f"ask {MASK}", "n": "41"}


def test_no_cell_and_no_header_runs_in_a_spreadsheet(owner: User) -> None:
    content = b"=HYPERLINK(1),n\n" + b"".join(b'"%s",%d\n' % (cell, n) for n, cell in enumerate(
        [b"=1+1", b"+1+1", b"-1+x", b"@SUM(A1)", b"a\t=1+1", b"a;=1+1", b"plain"])
    )  # fmt: skip
    dataset = ingest(owner, content, "formulas.csv").dataset
    text = body_of(client_of(owner).get(f"/api/v1/datasets/{dataset.pk}/rows.csv"))
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    cells = [cell for row in read for cell in row]
    assert len(cells) == 16
    assert not [cell for cell in cells if cell.lstrip()[:1] in {"=", "+", "-", "@"}]
    assert "'=1+1" in cells
    assert "a;'=1+1" in cells
    assert "plain" in cells


def test_an_older_version_can_be_had(owner: User, orders: Dataset) -> None:
    ingest(owner, orders_csv(10), wish=Wish(on_conflict="new_version"))
    assert len(taken(client_of(owner), orders)) == 10
    assert len(taken(client_of(owner), orders, "?version=1")) == ROWS


def test_the_file_is_for_those_who_may_see_all_of_it(
    api: Api, owner: User, viewer: User, steward: User, admin: User, orders: Dataset
) -> None:
    address = f"/api/v1/datasets/{orders.pk}/file"
    answer = api(owner).get(address)
    assert body_of(answer).encode() == orders_csv(ROWS)
    assert answer["Content-Disposition"] == 'attachment; filename="orders.csv"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    for reader in (viewer, steward, admin):
        assert_problem(api(reader).get(address), 403, "no-pii-right")
    Grant.objects.filter(user=viewer).update(view_pii=True)
    assert body_of(api(viewer).get(address)).encode() == orders_csv(ROWS)


@pytest.mark.parametrize("kind", ["rows.csv", "file"])
def test_what_is_foreign_absent_or_gone_is_not_found(
    api: Api, owner: User, stranger: User, orders: Dataset, kind: str
) -> None:
    address = f"/api/v1/datasets/{orders.pk}/{kind}"
    assert_problem(api(stranger).get(address), 404, "not-found")
    assert_problem(api(None).get(address), 401, "not-authenticated")
    assert_problem(api(owner).get(f"{address}?version=2"), 404, "not-found")
    assert_problem(api(owner).get(f"{address}?version=0"), 400, "invalid")
    Version.objects.update(raw_key="gone.csv")
    assert api(owner).get(address).status_code == (404 if kind == "file" else 200)
    assert AuditEvent.objects.filter(action="downloaded").count() == (0 if kind == "file" else 1)


def test_it_is_noted_and_told_to_the_owner(owner: User, viewer: User, orders: Dataset) -> None:
    taken(client_of(viewer), orders)
    event = AuditEvent.objects.get(action="downloaded")
    assert (event.actor, event.dataset_id) == (viewer, orders.pk)
    assert event.detail == {"what": "rows", "version": 1, "rows": ROWS, "masked_columns": 1}
    assert "Downloaded rows: version" in " ".join(
        client_of(owner).get(orders.get_absolute_url()).content.decode().split()
    )


def test_pages_offer_what_each_reader_may_have(owner: User, viewer: User, orders: Dataset) -> None:
    for reader, offered in ((owner, True), (viewer, False)):
        page = client_of(reader).get(orders.get_absolute_url()).content.decode()
        assert f"/api/v1/datasets/{orders.pk}/rows.csv?version=1" in page
        assert (f"/api/v1/datasets/{orders.pk}/file?version=1" in page) is offered


def test_the_first_piece_is_sent_before_the_last_row_is_read(
    owner: User, orders: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few rows for each batch and few bytes for each piece stand for a table that fits no memory."""
    monkeypatch.setattr(rows_module, "BATCH_ROWS", 10)
    monkeypatch.setattr("datasets.web.exports.pieces.PIECE_BYTES", 100)
    read: list[int] = []
    as_seen = rows_module._as_seen

    def noted(rows: list[dict[str, Any]], *rest: Any) -> dict[int, dict[str, Any]]:
        read.append(len(rows))
        return as_seen(rows, *rest)

    monkeypatch.setattr(rows_module, "_as_seen", noted)
    request = RequestFactory().get("/")
    force_authenticate(request, owner)
    response = RowsFileView.as_view()(request, dataset_id=orders.pk)
    pieces: list[bytes] = []

    async def begun_and_ended() -> int:
        parts = response.streaming_content
        pieces.append(await anext(parts))
        at_first = sum(read)
        pieces.extend([part async for part in parts])
        return at_first

    assert asyncio.run(begun_and_ended()) == 10
    assert sum(read) == ROWS
    assert len(b"".join(pieces).splitlines()) == ROWS + 1
