"""Attempts to sign in are counted and noted, whichever door they come to; a change of state ends all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from governance.models import AuditEvent
from omdplatform.models import PersonalToken, SignIn

Api = Callable[[User | None], APIClient]
PASSWORD, WRONG = "seven green apples", "nine yellow pears 0"
RATES = {"sign_in_address": "8/min", "sign_in_account": "5/hour", "token": "8/min"}


@pytest.fixture(autouse=True)
def rates(db: None, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", RATES)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def member(owner: User) -> User:
    owner.set_password(PASSWORD)
    owner.is_staff = True
    owner.save()
    AuditEvent.objects.all()._raw_delete("default")
    return owner


def sign_in(door: str, name: str, password: str, address: str = "192.0.2.1") -> int:
    """The status: 200 or 302 is not telling, so that what is returned is 0 for in, else the status."""
    client = Client(REMOTE_ADDR=address)
    told = {"username": name, "password": password}
    if door == "/api/v1/tokens":
        answer = client.post(door, json.dumps(told), content_type="application/json")
        return 0 if answer.status_code == 200 else answer.status_code
    answer = client.post(door, told)
    return 0 if "sessionid" in client.cookies else answer.status_code


DOORS = ["/accounts/login/", "/admin/login/", "/api/v1/tokens"]


@pytest.mark.parametrize("door", DOORS)
def test_an_account_is_not_guessed_at_from_many_addresses(member: User, door: str) -> None:
    for number in range(5):
        assert sign_in(door, "owner", WRONG, f"192.0.2.{number}")
    # Not even the right password, wherever it comes from and through whichever door.
    for other in DOORS:
        assert sign_in(other, "Owner", PASSWORD, "198.51.100.7") in {200, 429}
    assert AuditEvent.objects.filter(action="sign-in failed", detail__account="owner").count() == 5
    assert AuditEvent.objects.filter(action="sign-in refused: too many").count() == 3
    assert not AuditEvent.objects.filter(action__in=["signed in", "token given out"]).exists()


def test_an_address_does_not_try_many_accounts(member: User) -> None:
    for number in range(8):
        assert sign_in("/accounts/login/", f"person{number}", WRONG)
    assert sign_in("/accounts/login/", "owner", PASSWORD) == 429
    assert sign_in("/api/v1/tokens", "owner", PASSWORD) == 429
    assert sign_in("/accounts/login/", "owner", PASSWORD, "192.0.2.99") == 0


def test_the_right_password_clears_the_account(member: User) -> None:
    for number in range(4):
        sign_in("/accounts/login/", "owner", WRONG, f"192.0.2.{number}")
    assert sign_in("/accounts/login/", "owner", PASSWORD, "192.0.2.50") == 0
    for number in range(4):
        sign_in("/accounts/login/", "owner", WRONG, f"192.0.2.{100 + number}")
    assert sign_in("/admin/login/", "owner", PASSWORD, "192.0.2.51") == 0
    signed_in = AuditEvent.objects.filter(action="signed in", actor=member)
    assert [event.detail["way"] for event in signed_in.order_by("pk")] == ["page", "admin"]


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("door", DOORS)
def test_many_people_sign_in_from_one_address(member: User, door: str) -> None:
    assert [sign_in(door, "owner", PASSWORD) for _ in range(12)] == [0] * 12
    for number in range(8):
        assert sign_in(door, f"person{number}", WRONG)
        sign_in(door, "owner", PASSWORD)
    assert sign_in(door, "owner", PASSWORD) == (200 if "admin" in door else 429)


def test_what_was_typed_is_written_nowhere(member: User) -> None:
    sign_in("/accounts/login/", WRONG, PASSWORD)
    told = json.dumps(list(AuditEvent.objects.values("action", "detail")))
    assert WRONG not in told
    assert PASSWORD not in told
    assert '"account": null' in told


def test_the_page_says_how_long_to_wait(member: User) -> None:
    for _ in range(5):
        sign_in("/accounts/login/", "owner", WRONG)
    answer = Client().post("/accounts/login/", {"username": "owner", "password": PASSWORD})
    assert (answer.status_code, answer.has_header("Retry-After")) == (429, True)
    assert "Too many attempts to sign in. Try again in" in answer.content.decode()


# --- Ends -------------------------------------------------------------------------------------------------


def opened(user: User, api: Api) -> list[Callable[[], int]]:
    """Everything that somebody may be in by: each gives the status of what it opens."""
    browser, program, own = Client(), api(user), APIClient()
    browser.force_login(user)
    page = browser.post("/account/tokens", {"name": "nightly", "scopes": ["read"], "days": 9})
    secret = page.content.decode().partition("omd_")[2].partition("<")[0]
    own.credentials(HTTP_AUTHORIZATION=f"Bearer omd_{secret}")
    ways = [
        lambda: browser.get("/account/").status_code,
        lambda: program.get("/api/v1/datasets/").status_code,
        lambda: own.get("/api/v1/datasets/").status_code,
    ]
    assert [way() for way in ways] == [200, 200, 200]
    return ways


@pytest.mark.parametrize("change", ["password", "is_active", "is_staff"])
def test_a_change_of_state_ends_all_for_good(member: User, api: Api, change: str) -> None:
    ways = opened(member, api)
    if change == "password":
        member.set_password("eleven red cherries")
        member.save()
    else:
        setattr(member, change, False)
        member.save()
    assert [way() for way in ways] == [302, 401, 401]
    # Reactivation brings none of it back.
    setattr(member, change, True) if change != "password" else None
    member.save()
    assert [way() for way in ways] == [302, 401, 401]
    assert not SignIn.objects.exists()
    assert not PersonalToken.objects.exists()
    assert AuditEvent.objects.filter(action="sessions and tokens ended").exists()


def test_a_name_may_change_and_nobody_is_out(member: User, api: Api) -> None:
    ways = opened(member, api)
    member.first_name = "Olga"
    member.save()
    assert [way() for way in ways] == [200, 200, 200]


def test_who_changes_the_password_stays_in_and_others_are_out(member: User, api: Api) -> None:
    ways = opened(member, api)
    here = Client()
    here.force_login(member)
    told = {
        "old_password": PASSWORD,
        "new_password1": "eleven red cherries",
        "new_password2": "eleven red cherries",
    }
    assert here.post("/account/password", {**told, "old_password": WRONG}).status_code == 400
    assert here.post("/account/password", told).status_code == 302
    assert here.get("/account/").status_code == 200
    assert [way() for way in ways] == [302, 401, 401]
    assert sign_in("/accounts/login/", "owner", "eleven red cherries") == 0


def test_the_password_in_force_is_not_guessed_at_from_within(member: User) -> None:
    here = Client()
    here.force_login(member)
    told = {
        "old_password": WRONG,
        "new_password1": "eleven red cherries",
        "new_password2": "eleven red cherries",
    }
    assert [here.post("/account/password", told).status_code for _ in range(6)] == [400] * 5 + [429]
    assert here.get("/admin/password_change/")["Location"] == "/account/"


# --- The account page -------------------------------------------------------------------------------------


def test_another_browser_is_signed_out_from_here(member: User, stranger: User) -> None:
    here, there, foreign = Client(), Client(headers={"user-agent": "Old Phone"}), Client()
    for client in (here, there):
        assert client.post("/accounts/login/", {"username": "owner", "password": PASSWORD}).status_code == 302
    foreign.force_login(stranger)
    page = here.get("/account/").content.decode()
    assert "Old Phone" in page
    assert page.count("this one") == 1
    session = SignIn.objects.get(agent="Old Phone")
    assert foreign.post(f"/account/sessions/{session.pk}/end").status_code == 404
    assert there.get("/account/").status_code == 200
    assert here.post(f"/account/sessions/{session.pk}/end").status_code == 302
    assert there.get("/account/").status_code == 302
    assert not Session.objects.filter(session_key=session.session_key).exists()
