"""Nothing of a version is shown before its policies are applied: to nobody, by no address, at no step."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User

from datasets.ingestion import pipeline
from datasets.ingestion.receiving.uploads import Wish
from datasets.models import Dataset, Job
from governance.models import Grant
from omdplatform.asgi import application
from promptiq.index.embeddings import Embedder
from promptiq.vector_client import VectorClient
from tests.doors.readers import client_of, read_all
from tests.ingested import ingest, receive_orders, work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("vectors", "embedder", "keys")]

FIRST = b"name,town,pay\n" + b"".join(b"Pat Smith%d,Bath,%d\n" % (n, 100 + n) for n in range(30))
# Every value of the next version is one that nothing else says, its new column's name and its notes too. The
# notes are long, so that the file's size is: any four digits stand in a time or a measurement by chance.
NEXT = "name,town,pay,zwartcolumn\n" + "".join(
    f"Quenby Zwartname{n},Zwarttown{n % 3},{7_310_000 + n},{['zwartnote ', 'zwartremark '][n % 2] * 400}\n"
    for n in range(30)
)
SIGNS = ("zwart", "731000", "7,310,00", hashlib.sha256(NEXT.encode()).hexdigest()[:12], f"{len(NEXT)}")
# Before these: columns are profiled and no classifier has spoken; all is stored, and not yet current.
LOOKED_AT = ("classify_columns", "finish")


@pytest.fixture
def readers(owner: User, colleague: User, steward: User, admin: User) -> list[User | None]:
    for curator in (steward, admin):
        curator.is_staff = True
        curator.save()
    return [owner, colleague, steward, admin, None]


@pytest.fixture
def staff(
    owner: User, colleague: User, readers: list[User], embedder: Embedder, vectors: VectorClient
) -> Dataset:
    dataset = ingest(owner, FIRST, "staff.csv").dataset
    Grant.objects.create(dataset=dataset, user=colleague, view_pii=False, granted_by=owner)
    return dataset


def values_of(job: Job) -> dict[str, object]:
    """What stands in the places of addresses: the version that is on its way."""
    return {
        "dataset_id": job.dataset_id, "number": job.version.number, "job_id": job.pk, "upload_id": job.pk,
        "question_id": job.pk, "verified_id": 1,
        "username": "colleague", "column_id": job.dataset.columns.order_by("pk")[0].pk,
        "session_id": job.pk, "token_id": job.pk,
    }  # fmt: skip


def test_no_address_shows_a_version_before_its_end(
    staff: Dataset, owner: User, readers: list[User | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = receive_orders(owner, NEXT.encode(), "staff.csv", Wish(dataset=staff.pk))
    seen: dict[str, int] = {}
    shown: list[str] = []

    def look(step: str) -> None:
        for reader in readers:
            for reading in read_all(reader, values_of(job)):
                seen[step] = seen.get(step, 0) + 1
                if reading.status >= 500 or any(sign in reading.text.lower() for sign in SIGNS):
                    shown.append(f"{step}: {reading.who} by {reading.request}: {reading.status}")

    def looked_at_before(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def stand_in(*arguments: Any) -> Any:
            # The worker's own transaction is over: what a reader sees now is what others would.
            look(name)
            return step(*arguments)

        return stand_in

    for name in LOOKED_AT:
        monkeypatch.setattr(pipeline, name, looked_at_before(name, getattr(pipeline, name)))
    work_off(job)
    assert job.state == "succeeded", job.error
    assert all(seen[name] > 200 for name in LOOKED_AT), seen
    assert shown == []
    # The looking finds what there is to see once the version is whole.
    found = [reading for reading in read_all(owner, values_of(job)) if "zwart" in reading.text.lower()]
    assert len(found) >= 8, [reading.request for reading in found]


def test_a_failed_version_stays_unseen(
    staff: Dataset, owner: User, readers: list[User | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(pipeline, "classify_columns", broken)
    job = receive_orders(owner, NEXT.encode(), "staff.csv", Wish(dataset=staff.pk))
    work_off(job)
    assert (job.state, job.version.state) == ("failed", "failed")
    assert [
        f"{reading.who} by {reading.request}"
        for reader in readers
        for reading in read_all(reader, values_of(job))
        if any(sign in reading.text.lower() for sign in SIGNS)
    ] == []


def test_events_tell_no_value(staff: Dataset, owner: User, colleague: User) -> None:
    job = receive_orders(owner, NEXT.encode(), "staff.csv", Wish(dataset=staff.pk))
    work_off(job)
    client = client_of(colleague)
    cookie = f"sessionid={client.cookies['sessionid'].value}"

    async def heard() -> str:
        headers = [(b"host", b"localhost"), (b"cookie", cookie.encode())]
        socket = WebsocketCommunicator(application, f"/ws/jobs/{job.pk}/", headers=headers)
        await socket.connect()
        messages = []
        while (output := await socket.receive_output(timeout=5))["type"] != "websocket.close":
            messages.append(json.loads(output["text"]))
        return json.dumps(messages)

    told = asyncio.run(heard())
    assert "Success!" in told
    assert not [sign for sign in SIGNS if sign in told.lower()]
