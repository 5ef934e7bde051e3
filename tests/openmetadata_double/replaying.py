"""Replays exchanges recorded against a real 1.1 server, and says where the double answers otherwise."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.openmetadata_double.built_in import BuiltInClassification, BuiltInUser
from tests.openmetadata_double.double import Double, running

Json = dict[str, Any]
RECORDINGS = Path(__file__).with_name("recordings.jsonl")

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# The team and the role that every server has: their texts are its own.
_FURNITURE = re.compile(r"\.(?:teams|inheritedRoles)\b")
# What no two servers share. The rest of an answer must be equal.
_OWN = frozenset({"updatedAt", "timestamp", "href", "n", "version", "revision"})


def recorded() -> list[Json]:
    """The exchanges in their order: step, method, path, request, status, response; tokens are cut out."""
    return [json.loads(line) for line in RECORDINGS.read_text().splitlines()]


@dataclass(frozen=True)
class Difference:
    step: str
    what: str


class Replay:
    """One run of the exchanges against a double that holds what the recorded server held before."""

    profile = "1.1"

    def __init__(self, exchanges: Sequence[Json]) -> None:
        self._exchanges = exchanges
        self._etag = ""
        """Of the thing that was last read."""
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._ids: dict[str, str] = {}
        """Recorded id to the double's."""
        self._times: dict[int, int] = {}
        """Recorded time of an update to the double's."""
        self._admin = next(user.name for user in self._users() if user.admin)
        self._bot = next(user.name for user in self._users() if user.bot)

    def differences(self) -> list[Difference]:
        """Nothing where every exchange has the same status and answer but for ids, times and links."""
        key = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        with (
            running(
                self.profile, key, classifications=self._classifications(), users=self._users()
            ) as double,
            httpx.Client(base_url=double.url.removesuffix("/api")) as client,
        ):
            self._prepare(double)
            self._make_what_was_there(client, double)
            told = [(each["step"], self._differs(each, client, double)) for each in self._exchanges]
        return [Difference(step, what) for step, what in told if what]

    # --- What the recorded server held before -------------------------------------------------------------

    def _listed(self, path: str) -> Iterator[Json]:
        """The items of the first lists recorded of this collection."""
        for exchange in self._exchanges:
            if exchange["path"].startswith(f"/api/v1/{path}?") and exchange["status"] == 200:
                yield from exchange["response"]["data"]

    def _users(self) -> list[BuiltInUser]:
        return [
            BuiltInUser(user["name"], user["email"], admin=user["isAdmin"], bot=user["isBot"])
            for user in self._listed("users")
        ]

    def _classifications(self) -> list[BuiltInClassification]:
        tags: dict[str, dict[str, str]] = {}
        for tag in self._listed("tags"):
            tags.setdefault(tag["classification"]["name"], {})[tag["name"]] = tag["description"]
        return [
            BuiltInClassification(
                each["name"], each["description"], each["mutuallyExclusive"], tags.get(each["name"], {})
            )
            for each in self._listed("classifications")
            if each.get("provider") == "system"
        ]

    def _prepare(self, double: Double) -> None:
        """What a recording says of the server itself; nothing in that of 1.1."""

    def _make_what_was_there(self, client: httpx.Client, double: Double) -> None:
        """Classifications and tags that a PUT found made: it was answered 200 before any 201."""
        for exchange in self._exchanges:
            collection = exchange["path"].rsplit("/", 1)[1]
            made_before = exchange["method"] == "PUT" and exchange["status"] == 200
            if made_before and collection in ("classifications", "tags"):
                headers = {"Authorization": f"Bearer {double.bot_token}"}
                made = client.put(exchange["path"], json=exchange["request"], headers=headers)
                made.raise_for_status()

    # --- One exchange -------------------------------------------------------------------------------------

    def _differs(self, exchange: Json, client: httpx.Client, double: Double) -> str | None:
        content = json.dumps(exchange["request"]) if exchange["request"] is not None else None
        answer = client.request(
            exchange["method"],
            self._now(exchange["path"]),
            content=self._with_ids(content) if content else None,
            headers=self._headers(exchange, double),
        )
        if answer.status_code != exchange["status"]:
            return f"{answer.status_code} for {exchange['status']}: {answer.text[:300]}"
        return self._answered(exchange, answer)

    def _answered(self, exchange: Json, answer: httpx.Response) -> str | None:
        given = answer.json() if answer.content else ""
        self._learn(exchange["response"], given)
        return self._compared(exchange["response"], given, "")

    def _with_ids(self, text: str) -> str:
        return _ID.sub(lambda found: self._ids.get(found[0], found[0]), text)

    def _now(self, path: str) -> str:
        """The path with the double's ids, and with a time that lies between the same two updates."""
        return re.sub(r"(?<=timestamp=)\d+", lambda found: self._time(int(found[0])), self._with_ids(path))

    def _time(self, recorded_at: int) -> str:
        earlier = [ours for theirs, ours in self._times.items() if theirs < recorded_at]
        return str(max(earlier) + 1)

    def _headers(self, exchange: Json, double: Double) -> dict[str, str]:
        headers = {"Content-Type": exchange["content_type"]} if exchange["content_type"] else {}
        if exchange["authorization"]:
            headers["Authorization"] = f"Bearer {self._token(exchange, double)}"
        return headers

    def _token(self, exchange: Json, double: Double) -> str:
        """The kind of token that the step's name says; the bot's own where it says none."""
        step = exchange["step"]
        if step == "bad token":
            return "no.token.atall"
        if step == "self-signed bot token is refused":
            return self._signed(self._bot, isBot=True)
        if step == "expired self-signed token":
            return self._signed(self._admin, exp=int(time.time()) - 60)
        if step == "self-signed token of an unknown user":
            return self._signed(exchange["response"]["message"].split()[3])
        if step.startswith("self-signed user token") or step.endswith("as admin"):
            return self._signed(self._admin)
        return double.bot_token

    def _signed(self, name: str, **claims: Any) -> str:
        now = int(time.time())
        said = {"iss": "open-metadata.org", "sub": name, "iat": now - 120, "exp": now + 600, **claims}
        return jwt.encode(said, self._key, "RS256", headers={"kid": self._key_id()})

    def _key_id(self) -> str:
        sets = (each["response"] for each in self._exchanges if each["path"].endswith("/jwks"))
        return str(next(sets)["keys"][0]["kid"])

    # --- Comparing ----------------------------------------------------------------------------------------

    def _learn(self, theirs: Any, ours: Any) -> None:
        """Which of the double's ids and times stand for which recorded ones."""
        if isinstance(theirs, dict) and isinstance(ours, dict):
            if "id" in theirs and "id" in ours:
                self._ids.setdefault(theirs["id"], ours["id"])
            if "updatedAt" in theirs and "updatedAt" in ours:
                self._times.setdefault(theirs["updatedAt"], ours["updatedAt"])
            for name in theirs.keys() & ours.keys():
                self._learn(theirs[name], ours[name])
        if isinstance(theirs, list) and isinstance(ours, list):
            for left, right in zip(theirs, ours, strict=False):
                self._learn(left, right)

    def _compared(self, theirs: Any, ours: Any, place: str) -> str | None:
        """Where they differ; None where they do not."""
        theirs, ours = _opened(theirs), _opened(ours)
        if place.endswith(".paging.after"):
            return None if isinstance(ours, str) else f"{place}: no text"
        if type(theirs) is not type(ours) and theirs != "…":
            return f"{place}: {ours!r} for {theirs!r}"
        if isinstance(theirs, dict):
            return self._compared_dict(theirs, ours, place)
        if isinstance(theirs, list):
            if len(theirs) != len(ours):
                return f"{place}: {len(ours)} items for {len(theirs)}"
            pairs = enumerate(zip(theirs, ours, strict=True))
            return _first(self._compared(left, right, f"{place}[{at}]") for at, (left, right) in pairs)
        if isinstance(theirs, str) and theirs != "…":
            same = _placeless(self._with_ids(theirs)) == _placeless(ours)
            return None if same or _FURNITURE.search(place) else f"{place}: {ours!r} for {theirs!r}"
        return None if theirs in (ours, "…") else f"{place}: {ours!r} for {theirs!r}"

    def _compared_dict(self, theirs: Mapping[str, Any], ours: Mapping[str, Any], place: str) -> str | None:
        if theirs.keys() != ours.keys():
            return f"{place}: more {sorted(ours.keys() - theirs)}, less {sorted(theirs.keys() - ours)}"
        return _first(
            self._compared(theirs[name], ours[name], f"{place}.{name}")
            if name not in _OWN or _versions(theirs, name)
            else self._same_type(theirs[name], ours[name], f"{place}.{name}")
            for name in theirs
        )

    def _same_type(self, theirs: Any, ours: Any, place: str) -> str | None:
        return None if type(theirs) is type(ours) else f"{place}: {ours!r} for {theirs!r}"


def _versions(theirs: Mapping[str, Any], name: str) -> bool:
    """Versions of entities are numbers that must agree; the server's own version is its affair."""
    return name == "version" and isinstance(theirs[name], float)


def _opened(value: Any) -> Any:
    """JSON that stands as text in an answer is compared as JSON."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _placeless(text: str) -> str:
    """Without the place in the request's text, which moves with the length of the names."""
    return re.sub(r"line: \d+, column: \d+", "", text)


def _first(found: Iterator[str | None]) -> str | None:
    return next((each for each in found if each), None)
