"""Replays exchanges recorded against a 1.12 server: status, ETag, and what a client reads of the answer."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.openmetadata_double.built_in import BuiltInClassification, BuiltInUser
from tests.openmetadata_double.double import Double
from tests.openmetadata_double.reducing import reduced, shape_of
from tests.openmetadata_double.replaying import Json, Replay

RECORDINGS = Path(__file__).with_name("recordings-1.12.jsonl")
# Of whole answers, by step. Not in it are those of what we never ask for (contracts, tests, usage, search),
# and those of built-in tags, which bring their recognisers along.
SHAPES = Path(__file__).with_name("shapes-1.12.json")
# Numbers and words of the server's own.
_OWN = frozenset({"createdAt", "message", "timezone", "total", "JWTToken"})


def recorded_newer() -> list[Json]:
    """As replaying.recorded, with `if_match` (the header sent) and `etag` (whether the answer had one)."""
    return [json.loads(line) for line in RECORDINGS.read_text().splitlines()]


def recorded_shapes() -> dict[str, Any]:
    """By step, as reducing.shape_of gives them."""
    held = json.loads(SHAPES.read_text())
    return {step: held["shapes"][place] for step, place in held["steps"].items()}


class NewerReplay(Replay):
    profile = "1.12"

    def __init__(self, exchanges: Sequence[Json]) -> None:
        super().__init__(exchanges)
        self.shapes = recorded_shapes()

    def _users(self) -> list[BuiltInUser]:
        (bot,) = [each["response"] for each in self._of("/api/v1/users/name/")]
        return [
            BuiltInUser("admin", "admin@openmetadata.org", admin=True),
            BuiltInUser(bot["name"], bot["email"], bot=True),
        ]

    def _of(self, path: str) -> list[Json]:
        """The good answers to requests below this path."""
        return [each for each in self._exchanges if each["path"].startswith(path) and each["status"] == 200]

    def _prepare(self, double: Double) -> None:
        """The last tag of the first list marks what the server masks in sample rows."""
        tags = self._of("/api/v1/tags?")[0]["response"]["data"]
        double.personal(tags[-1]["fullyQualifiedName"])

    def _classifications(self) -> list[BuiltInClassification]:
        built_in: dict[str, dict[str, str]] = {}
        for tag in self._listed("tags"):
            if tag["updatedBy"] == "admin":
                built_in.setdefault(tag["classification"]["name"], {})[tag["name"]] = tag["description"]
        about = {
            each["response"]["name"]: each["response"]["description"]
            for each in self._of("/api/v1/classifications/name/")
        }
        return [
            BuiltInClassification(name, about.get(name, name), exclusive=True, tags=tags)
            for name, tags in built_in.items()
        ]

    def _make_what_was_there(self, client: httpx.Client, double: Double) -> None:
        """All that the recording needs was made in it."""

    def _headers(self, exchange: Json, double: Double) -> dict[str, str]:
        headers = super()._headers(exchange, double)
        if known := exchange["if_match"]:
            headers["If-Match"] = known if known.startswith("W/") else self._etag
        return headers

    def _token(self, exchange: Json, double: Double) -> str:
        whose = exchange["authorization"].removeprefix("Bearer ").strip("<>")
        match whose:
            case "bot":
                return double.bot_token
            case "garbage":
                return "no.token.atall"
            case "expired admin":
                return self._signed("admin", exp=int(time.time()) - 60)
            case "self-signed bot":
                return self._signed(self._bot, isBot=True)
            case "unknown user":
                return self._signed("nobody-there")
            case "admin":
                return self._signed("admin")
        return self._signed(self._person())

    def _person(self) -> str:
        """The second of the two users that the recording makes."""
        made = [each["response"]["name"] for each in self._exchanges if each["path"].endswith("/v1/users")]
        return str(made[-1])

    def _answered(self, exchange: Json, answer: httpx.Response) -> str | None:
        etag = answer.headers.get("ETag")
        if bool(etag) != exchange["etag"]:
            return f"ETag: {etag!r} for {exchange['etag']}"
        if etag and exchange["method"] == "GET":
            self._etag = etag
        whole = answer.json() if answer.content else ""
        shape = self.shapes.get(exchange["step"])
        if shape is not None and (differs := self._compared(shape, shape_of(whole), "shape")):
            return differs
        given, theirs = reduced(whole), exchange["response"]
        self._learn(theirs, given)
        return self._compared(theirs, given, "") if theirs not in ("", None) else None

    def _compared_dict(self, theirs: Any, ours: Any, place: str) -> str | None:
        # What became of the bot before the recording is not known; newer domains tell no state.
        own = (
            (_OWN | ({"version", "updatedBy"} if "email" in theirs else set())) & theirs.keys() & ours.keys()
        )
        if "domainType" in theirs:
            ours = _without(ours, {"deleted"})
        for name in own:
            if type(theirs[name]) is not type(ours[name]):
                return f"{place}.{name}: {ours[name]!r} for {theirs[name]!r}"
        return super()._compared_dict(_without(theirs, own), _without(ours, own), place)


def _without(doc: Json, names: Collection[str]) -> Json:
    return {name: value for name, value in doc.items() if name not in names}
