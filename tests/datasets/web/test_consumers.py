"""The job's socket: who may listen, what is replayed, and that nothing is lost or said twice."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.middleware.csrf import get_token
from django.test import Client
from rest_framework.test import APIClient

from datasets.models import Dataset, Job, Version
from datasets.web import consumers
from governance.models import Grant
from omdplatform.accounts.tokens import make_token
from omdplatform.asgi import application
from omdplatform.models import ApiIdentity
from tests.making import token_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("keys")]


@pytest.fixture
def job(owner: User) -> Job:
    dataset = Dataset.objects.create(owner=owner, name="Shops", table_name="shops", schema_name="owner-1")
    version = Version.objects.create(
        dataset=dataset, number=1, created_by=owner, filename="shops.csv", size_bytes=10, sha256="0" * 64
    )
    return Job.open(version, Job.Kind.INGEST, owner, "Received shops.csv.")


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def socket(
    job_id: object, user: User | None = None, query: str = "", origin: str | None = "http://localhost:8000"
) -> WebsocketCommunicator:
    headers = [(b"host", b"localhost:8000")]
    if origin:
        headers.append((b"origin", origin.encode()))
    if user:
        headers.append((b"cookie", cookie_of(user).encode()))
    return WebsocketCommunicator(application, f"/ws/jobs/{job_id}/?{query}", headers=headers)


def ticket_of(user: User, by: str) -> str:
    """As a program gets one that is signed in by this."""
    client = APIClient()
    if by == "session":
        client.force_login(user)
        token = get_token(client.get("/account/").wsgi_request)
        client.credentials(HTTP_X_CSRFTOKEN=token)
    elif by == "token":
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(user)}")
    else:
        _, secret = make_token(user, "test", ["read"], timedelta(days=1))
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    answer = client.post("/api/v1/tickets")
    assert answer.status_code == 201, answer.content
    return str(answer.json()["ticket"])


def end_of(by: str) -> Callable[[User], object]:
    return {
        "session": lambda user: Session.objects.all().delete(),
        "token": ApiIdentity.rotate,
        "personal token": lambda user: user.personal_tokens.all().delete(),
    }[by]


async def hear(listener: WebsocketCommunicator) -> list[dict[str, Any]]:
    """Everything until the socket closes."""
    connected, _ = await listener.connect()
    assert connected
    messages = []
    while True:
        output = await listener.receive_output(timeout=5)
        if output["type"] == "websocket.close":
            messages.append({"type": "close", "code": output["code"]})
            return messages
        messages.append(json.loads(output["text"]))


open_socket = database_sync_to_async(socket)


def end(job: Job) -> None:
    assert job.take()
    job.advance(Job.Step.READ, "Reading")
    job.finish("Success!")


async def test_events_are_replayed_after_a_number(job: Job, owner: User) -> None:
    await database_sync_to_async(end)(job)
    messages = await hear(await open_socket(job.pk, owner, "after=1"))
    assert [message.get("number") for message in messages if message["type"] == "event"] == [2, 3]
    assert messages[0] == {
        "type": "job",
        "id": str(job.pk),
        "state": "succeeded",
        "step": "read",
        "error": "",
    }
    assert messages[-1] == {"type": "close", "code": 1000}


async def test_events_arrive_live_for_every_listener(job: Job, owner: User, colleague: User) -> None:
    await database_sync_to_async(Grant.objects.create)(dataset_id=job.dataset_id, user=colleague)
    listeners = [await open_socket(job.pk, user, "after=0") for user in (owner, owner, colleague)]
    hearing = [asyncio.create_task(hear(listener)) for listener in listeners]
    await asyncio.sleep(0.6)
    await database_sync_to_async(end)(job)
    for messages in await asyncio.gather(*hearing):
        assert [message["number"] for message in messages if message["type"] == "event"] == [1, 2, 3]
        assert messages[-2]["state"] == "succeeded"


@pytest.mark.parametrize("who", ["stranger", "anonymous"])
async def test_others_hear_nothing(job: Job, stranger: User, who: str) -> None:
    listener = await open_socket(job.pk, stranger if who == "stranger" else None)
    code = consumers.NOT_FOUND if who == "stranger" else consumers.NOT_SIGNED_IN
    assert await hear(listener) == [{"type": "close", "code": code}]


async def test_a_foreign_job_looks_like_an_absent_one(owner: User) -> None:
    listener = await open_socket("7f3c1f3e-7f0e-4f0e-8f0e-7f3c1f3e7f0e", owner)
    assert await hear(listener) == [{"type": "close", "code": consumers.NOT_FOUND}]


async def test_a_ticket_opens_one_socket(job: Job, owner: User) -> None:
    await database_sync_to_async(end)(job)
    ticket = await database_sync_to_async(ticket_of)(owner, "token")
    first = await hear(await open_socket(job.pk, query=f"ticket={ticket}", origin=None))
    assert first[-1]["code"] == 1000
    second = await hear(await open_socket(job.pk, query=f"ticket={ticket}", origin=None))
    assert second == [{"type": "close", "code": consumers.NOT_SIGNED_IN}]


@pytest.mark.parametrize("by", ["session", "token", "personal token"])
async def test_a_ticket_ends_with_what_it_was_asked_by(job: Job, owner: User, by: str) -> None:
    ticket = await database_sync_to_async(ticket_of)(owner, by)
    await database_sync_to_async(end_of(by))(owner)
    heard = await hear(await open_socket(job.pk, query=f"ticket={ticket}", origin=None))
    assert heard == [{"type": "close", "code": consumers.NOT_SIGNED_IN}]


@pytest.mark.parametrize("by", ["session", "token", "personal token"])
async def test_so_does_the_socket_that_it_opened(
    job: Job, owner: User, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.3)
    ticket = await database_sync_to_async(ticket_of)(owner, by)
    hearing = asyncio.create_task(hear(await open_socket(job.pk, query=f"ticket={ticket}", origin=None)))
    await asyncio.sleep(1)
    assert not hearing.done()
    await database_sync_to_async(end_of(by))(owner)
    assert (await hearing)[-1] == {"type": "close", "code": consumers.NOT_SIGNED_IN}


async def test_a_foreign_page_is_turned_away(job: Job, owner: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    for origin in ("http://evil.example", "http://localhost:9999", "null"):
        listener = await open_socket(job.pk, owner, origin=origin)
        assert await hear(listener) == [{"type": "close", "code": 4403}]


async def test_a_named_origin_is_let_in(job: Job, owner: User, settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://desk.example"]
    await database_sync_to_async(end)(job)
    messages = await hear(await open_socket(job.pk, owner, origin="https://desk.example"))
    assert messages[-1]["code"] == 1000


@pytest.mark.parametrize("change", ["signed out", "grant taken"])
async def test_rights_are_looked_at_again(
    job: Job, colleague: User, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.3)
    await database_sync_to_async(Grant.objects.create)(dataset_id=job.dataset_id, user=colleague)
    hearing = asyncio.create_task(hear(await open_socket(job.pk, colleague)))
    await asyncio.sleep(0.2)
    table = Session if change == "signed out" else Grant
    await database_sync_to_async(table.objects.all().delete)()
    messages = await hearing
    expected = consumers.NOT_SIGNED_IN if change == "signed out" else consumers.NOT_FOUND
    assert messages[-1] == {"type": "close", "code": expected}


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40])
async def test_a_number_that_is_none_is_refused(job: Job, owner: User, after: str) -> None:
    listener = await open_socket(job.pk, owner, f"after={after}")
    assert await hear(listener) == [{"type": "close", "code": consumers.BAD_REQUEST}]


@pytest.mark.parametrize("path", ["/ws/nothing/", "/ws/jobs/7/", "/"])
async def test_a_socket_to_nowhere_is_closed(path: str) -> None:
    listener = WebsocketCommunicator(application, path, headers=[(b"host", b"localhost:8000")])
    assert await listener.connect() == (False, consumers.NOT_FOUND)
