"""Every address, socket and admin page, by each role, for each kind of object: who_may says what is right."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.db import transaction
from django.http import HttpResponseBase
from django.http.cookie import SimpleCookie
from django.test import Client
from django.utils import timezone

from datasets.models import Dataset, Job, PartialUpload, Version
from datasets.web import consumers
from governance.models import Grant
from governance.rights.roles import ROLES as PERMISSIONS
from omdplatform.asgi import application
from omdplatform.models import PersonalToken, SignIn
from promptiq.keeping import kept
from promptiq.models import VerifiedQuestion
from tests.conftest import person
from tests.doors.addresses import Door, admin_pages, doors
from tests.doors.readers import body_of
from tests.doors.who_may import KINDS, NEEDS, ROLES, Outcome, outcome
from tests.making import ready_dataset, store_typed_copy

pytestmark = [pytest.mark.usefixtures("keys"), pytest.mark.slow]

# Names of what nobody but its owner may know of, and values that are masked for all but their owners.
FOREIGN_NAME, MASKED = "zwartforeign", "zwartvalue"
ASKED = "How many rows are there?"
# As long as the id of what is absent: an answer that repeats its address is as long, too.
FIRST_ID = 100_000


@dataclass(frozen=True, slots=True)
class World:
    """`user`: None for nobody. `places`: what stands in addresses, by the kind of object."""

    role: str
    user: User | None
    places: dict[str, dict[str, object]]
    session: str

    def client(self) -> Client:
        client = Client(raise_request_exception=False)
        if self.session:
            client.cookies = SimpleCookie({"sessionid": self.session})
        return client


def made_for(role: str) -> World:
    other = person("other", "contributors")
    user = None if role == "anonymous" else _person(role)
    datasets = {
        "own": _ready(user or other, "own"),
        "shared": _ready(other, "shared", MASKED),
        "foreign": _ready(other, FOREIGN_NAME, MASKED),
        "pending": _pending(user or other),
    }
    if user:
        Grant.objects.create(dataset=datasets["shared"], user=user, view_pii=False, granted_by=other)
    reader = person("reader")
    for dataset in datasets.values():
        Grant.objects.create(dataset=dataset, user=reader)
    places = {kind: _places(dataset) for kind, dataset in datasets.items()}
    places["absent"] = {
        **{name: uuid4() for name in (
            "dataset_id", "job_id", "upload_id", "session_id", "token_id", "question_id",
        )},
        "number": 1, "verified_id": 999_999, "column_id": 999_999, "username": "reader",
    }  # fmt: skip
    client = Client()
    if user:
        client.force_login(user)
    session = client.cookies["sessionid"].value if user else ""
    return World(role, user, places, session)


def _person(role: str) -> User:
    if role == "administrator":
        return User.objects.create_superuser(role)
    user = person(role, f"{role}s")
    user.is_staff = role == "steward"
    user.save()
    return user


def _ready(owner: User, name: str, sign: str = "") -> Dataset:
    dataset = ready_dataset(owner, name, sign)
    store_typed_copy(dataset, sign)
    version = dataset.current_version
    assert version is not None
    storages["raw"].save(version.raw_key, BytesIO(b"email,city\n"))
    Job.open(version, Job.Kind.REBUILD, owner, "Queued.")
    return dataset


def _pending(owner: User) -> Dataset:
    dataset = Dataset.objects.create(owner=owner, name="pending", table_name="pending", schema_name="x")
    Grant.objects.create(dataset=dataset, user=owner, view_pii=True, granted_by=owner)
    version = Version.objects.create(
        dataset=dataset, number=1, created_by=owner, filename="pending.csv", size_bytes=10, sha256="0" * 64
    )
    dataset.columns.create(key="town", name="town")
    Job.open(version, Job.Kind.INGEST, owner, "Received.")
    return dataset


def _places(dataset: Dataset) -> dict[str, object]:
    owner = dataset.owner
    job = dataset.jobs.get()
    expires = job.created_at.replace(year=job.created_at.year + 1)
    return {
        "dataset_id": dataset.pk, "number": 1, "job_id": job.pk, "username": "reader",
        "column_id": dataset.columns.order_by("pk")[0].pk,
        "upload_id": PartialUpload.objects.create(owner=owner, filename="a.csv", length=9).pk,
        "session_id": SignIn.objects.create(user=owner, session_key=uuid4().hex).pk,
        "token_id": PersonalToken.objects.create(user=owner, digest=uuid4().hex, expires_at=expires).pk,
        "question_id": UUID(kept.keep([kept.Said(ASKED)], owner, str(dataset.pk))),
        "verified_id": VerifiedQuestion.objects.create(
            pk=FIRST_ID + VerifiedQuestion.objects.count(), dataset=dataset, question=ASKED, by=owner
        ).pk,
    }  # fmt: skip


# --- Addresses --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Probe:
    role: str
    method: str
    route: str
    kind: str  # "" where the address names no object
    status: int
    outcome: Outcome
    told: str  # headers and body, ids and tokens of forms aside

    def __str__(self) -> str:
        return f"{self.role} {self.method} {self.route} {self.kind}: {self.status}, {self.outcome}"


def probes(world: World, routes: str = "") -> Iterator[Probe]:
    """`routes`: a regular expression of those to try; all without one."""
    for door in doors():
        if not re.search(routes, door.route):
            continue
        kinds = KINDS if set(door.places) - {"username", "number"} else ("absent",)
        for method in methods(door):
            for kind in kinds:
                places = world.places[kind]
                response = ask(world, method, door.filled(places))
                yield Probe(
                    world.role, method, door.route, kind if len(kinds) > 1 else "", response.status_code,
                    outcome_of(response), told(response, places),
                )  # fmt: skip


def methods(door: Door) -> list[str]:
    """Those that the table names, and those that the view answers."""
    answered = set(door.methods()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
    named = NEEDS.get(door.route, {})
    view = getattr(door.callback, "cls", None)
    return sorted(answered | set(named) if view else set(named) or {"GET"})


def ask(world: World, method: str, address: str) -> HttpResponseBase:
    """Nothing that it does lasts. The body says nothing: who may not is told so before it is read."""
    body = (
        ("{}", "application/json")
        if "/api/" in address
        else ("rows=1&user=reader", "application/x-www-form-urlencoded")
    )
    with transaction.atomic():
        response = world.client().generic(method, address, *body, HTTP_TUS_RESUMABLE="1.0.0")
        transaction.set_rollback(True)
    return response


def outcome_of(response: HttpResponseBase) -> Outcome:
    asks_to_sign_in = response.headers.get("Location", "").startswith(("/accounts/login/", "/admin/login/"))
    if response.status_code == 401 or (response.status_code == 302 and asks_to_sign_in):
        return "signed out"
    outcomes: dict[int, Outcome] = {404: "closed", 403: "refused"}
    return outcomes.get(response.status_code, "open")


_PASSING = re.compile(r'(csrfmiddlewaretoken" value=|csrftoken=|nonce=)"?[^";]+|expires=[^;]+')


def told(response: HttpResponseBase, places: dict[str, object]) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in response.items() if name != "X-Request-ID")
    text = f"{headers}\n{response.cookies}\n{body_of(response)}"
    for name, value in places.items():
        if isinstance(value, UUID):
            text = text.replace(str(value), f"<{name}>")
        elif name == "verified_id":
            text = text.replace(f"/{value}", f"/<{name}>")
    return _PASSING.sub("", text)


def crossings(seen: Sequence[Probe]) -> list[str]:
    """What came out otherwise than who_may says, told what nobody may know, or told foreign from absent."""
    absent = {(probe.method, probe.route): probe for probe in seen if probe.kind == "absent"}
    return [f"{probe}: {why}" for probe in seen if (why := _wrong(probe, absent))]


def _wrong(probe: Probe, absent: Mapping[tuple[str, str], Probe]) -> str:
    need = NEEDS.get(probe.route, {}).get(probe.method, "not in the table")
    right = outcome(need, probe.role, probe.kind, by_api=probe.route.startswith("api/"))
    if probe.status >= 500 or probe.outcome != right:
        return f"should be {right}"
    if MASKED in probe.told:
        return "tells a masked value"
    if FOREIGN_NAME in probe.told and probe.role not in {"steward", "administrator"}:
        return "tells a foreign name"
    # What one may not know of is told in the same words, byte for byte, as what is not there.
    other = absent.get((probe.method, probe.route))
    differs = other and probe.kind and (probe.status, probe.told) != (other.status, other.told)
    return "is told apart from what is absent" if differs and probe.outcome == "closed" else ""


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_every_address_opens_to_whom_it_should(role: str) -> None:
    seen = list(probes(made_for(role)))
    assert len(seen) > 200
    wrong = crossings(seen)
    assert wrong == [], "\n".join(wrong)
    knows_of_all = role in {"steward", "administrator"}
    assert any(FOREIGN_NAME in probe.told for probe in seen) is knows_of_all


def test_the_table_names_no_address_that_is_gone() -> None:
    assert set(NEEDS) == {door.route for door in doors()}


# --- Sockets ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ROLES)
def test_every_socket_opens_to_whom_it_should(role: str) -> None:
    world = made_for(role)

    async def heard(kind: str) -> int:
        """0 where the job's events come, else the code of the close."""
        headers = [(b"host", b"localhost"), (b"cookie", f"sessionid={world.session}".encode())]
        path = f"/ws/jobs/{world.places[kind]['job_id']}/"
        socket = WebsocketCommunicator(application, path, headers=headers)
        await socket.connect()
        first = await socket.receive_output(timeout=5)
        await socket.disconnect()
        return int(first["code"]) if first["type"] == "websocket.close" else 0

    codes = {"open": 0, "closed": consumers.NOT_FOUND, "signed out": consumers.NOT_SIGNED_IN}
    for kind in KINDS:
        assert asyncio.run(heard(kind)) == codes[outcome("see", role, kind, by_api=True)], kind


# --- The admin --------------------------------------------------------------------------------------------


def permitted(role: str, page: str) -> bool:
    """By the permissions that roles are made of; what is more, a model's page may forbid to everybody."""
    if role != "steward":
        return role == "administrator"
    parts = [part for part in page.split("?")[0].split("/") if part][1:]
    if len(parts) < 2:
        return True  # what the site itself shows to all of its staff
    app, model, last = parts[0], parts[1], parts[-1]
    if model == "publicmark":
        return True  # whoever curates; see governance.admin
    wanted = {"add": ("add",), "delete": ("delete",)}.get(last, ("view", "change"))
    return any(f"{app}.{right}_{model}" in PERMISSIONS["stewards"] for right in wanted)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_the_admin_opens_to_whom_it_should(role: str) -> None:
    world = made_for(role)
    opened = 0
    for page in set(admin_pages()) - {"/admin/password_change/"}:  # which leads elsewhere
        for method in ("GET", "POST"):
            response = ask(world, method, page)
            text = body_of(response)
            assert response.status_code < 500, page
            assert MASKED not in text, page
            if outcome_of(response) == "open" and "autocomplete" not in page:
                opened += 1
                assert permitted(role, page), f"{role} {method} {page}: {response.status_code}"
            if role not in {"steward", "administrator"}:
                assert outcome_of(response) == "signed out", page
                assert FOREIGN_NAME not in text
    assert (opened > 20) is (role in {"steward", "administrator"})


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["steward", "administrator"])
def test_no_form_of_the_admin_gives_a_right_to_see_values(role: str) -> None:
    """To whom a dataset is shared with personal values: only those who have that right may say so."""
    world = made_for(role)
    assert world.user is not None
    grant = Grant.objects.get(dataset_id=world.places["shared"]["dataset_id"], user=world.user)
    form = {"dataset": str(grant.dataset_id), "user": grant.user_id, "view_pii": "on"}
    for address in ("/admin/governance/grant/add/", f"/admin/governance/grant/{grant.pk}/change/"):
        world.client().post(address, form)
        grant.refresh_from_db()
        assert not grant.view_pii
    body = json.dumps({"username": world.user.get_username(), "view_pii": True})
    answer: Any = world.client().post(f"/api/v1/datasets/{grant.dataset_id}/grants", body, "application/json")
    assert (answer.status_code, answer.json().get("code")) == (409, "no-pii-right")


@pytest.mark.django_db
def test_what_is_deleted_is_there_for_nobody() -> None:
    world = made_for("contributor")
    own = world.places["own"]
    Dataset.objects.filter(pk=own["dataset_id"]).update(retired_at=timezone.now())
    for address in (f"/datasets/{own['dataset_id']}/", f"/api/v1/datasets/{own['dataset_id']}/rows"):
        assert ask(world, "GET", address).status_code == 404
    assert ask(world, "GET", f"/api/v1/jobs/{own['job_id']}").status_code == 404
