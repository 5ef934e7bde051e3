"""Everybody who may come to a door, and all the ways to read what lies behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.http import HttpResponseBase
from django.test import Client

from tests.doors.addresses import admin_pages, doors

QUESTIONS = ("which names are there", "what is the highest pay")


@dataclass(frozen=True, slots=True)
class Reading:
    """One request, with what came back as text."""

    who: str
    request: str
    status: int
    text: str


def client_of(user: User | None) -> Client:
    """A browser of somebody who is signed in; the API takes the same session."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def read_all(user: User | None, values: Mapping[str, object]) -> Iterator[Reading]:
    """What the user gets from every address that is read, by every parameter that one of them takes, and from
    questions. `values`: what stands in the places of addresses."""
    who, client = user.get_username() if user else "nobody", client_of(user)
    number, dataset = values["number"], values["dataset_id"]
    parameters = f"version={number}&from=1&dataset={dataset}&state=suggested&try=rescan&page_size=500"
    for door in doors():
        if "GET" in door.methods():
            address = door.filled(values)
            for query in ("", f"?{parameters}"):
                yield Reading(who, f"GET {address}{query}", *_told(client.get(f"{address}{query}")))
    for page in admin_pages():
        yield Reading(who, f"GET {page}", *_told(client.get(page)))
    rows = f"/datasets/{dataset}/versions/{number}/rows/"
    yield Reading(who, f"POST {rows}", *_told(client.post(rows, {"rows": "1,2,3"})))
    for question in QUESTIONS:
        asked = {"question": question, "dataset": str(dataset)}
        for address in ("/ask/", "/ask/stream"):
            yield Reading(who, f"POST {address} {question}", *_told(client.post(address, asked)))
        answer = client.post("/api/v1/ask", asked, content_type="application/json")
        yield Reading(who, f"POST /api/v1/ask {question}", *_told(answer))


def _told(response: HttpResponseBase) -> tuple[int, str]:
    # The id of a request is random: it would hold any short sign by chance.
    headers = "\n".join(f"{name}: {value}" for name, value in response.items() if name != "X-Request-ID")
    return response.status_code, f"{headers}\n{body_of(response)}"


def body_of(response: HttpResponseBase) -> str:
    if not response.streaming:
        return response.content.decode("utf-8", "replace")  # type: ignore[attr-defined]
    content = response.streaming_content  # type: ignore[attr-defined]
    if hasattr(content, "__aiter__"):
        from asgiref.sync import async_to_sync

        async def parts() -> bytes:
            return b"".join([part async for part in content])

        return async_to_sync(parts)().decode("utf-8", "replace")
    return b"".join(content).decode("utf-8", "replace")
