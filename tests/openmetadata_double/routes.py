"""Which request is answered by what."""

from __future__ import annotations

from collections.abc import Sequence

from tests.openmetadata_double.answers import Answer, Crashed, Json, Refused
from tests.openmetadata_double.built_in import BuiltInClassification, BuiltInUser
from tests.openmetadata_double.entities import Caller, Entities
from tests.openmetadata_double.extras import Extras
from tests.openmetadata_double.furniture import furnished
from tests.openmetadata_double.lineage import Lineage
from tests.openmetadata_double.people import Users
from tests.openmetadata_double.profiles import Profile
from tests.openmetadata_double.serving import Request
from tests.openmetadata_double.store import COLLECTIONS, Store
from tests.openmetadata_double.tables import Tables
from tests.openmetadata_double.tokens import Tokens

_REVISION = "e7cc9db5929ba6bd06f871557381658a01975a5c"
# Kind, name, display name, description of what every user is given.
_GROUPS = (
    ("team", "Organization", "Organization", "The team of everyone."),
    ("role", "DataConsumer", "Data Consumer", "May read the data assets."),
)
# What a 1.1 server does not serve, or the double does not for it.
_NEWER = frozenset({"domain", "glossary", "glossaryTerm"})
# Answered by Extras.
_AROUND = frozenset({"dataContract", "testSuite", "testCase"})
_EVENTS = {
    "entityCreated": ("entityCreated",),
    "entityUpdated": ("entityUpdated",),
    "entityRestored": ("entityRestored",),
    "entityDeleted": ("entitySoftDeleted", "entityDeleted"),
}


class Api:
    def __init__(self, profile: Profile, tokens: Tokens) -> None:
        self.store = Store()
        self.tables = Tables("table", self.store, profile)
        self._profile = profile
        self._tokens = tokens
        self._users = Users(self.store, profile, tokens)
        self._lineage = Lineage(self.store, newer=profile.folds)
        self._extras = Extras(self.store)
        self._started = self.store.now()
        served = [
            kind for kind in COLLECTIONS if kind not in _AROUND | _NEWER or (kind in _NEWER and profile.lists)
        ]
        self._collections = {COLLECTIONS[kind]: Entities(kind, self.store, profile) for kind in served}
        self._collections |= {"tables": self.tables, "users": self._users}

    def fill(self, classifications: Sequence[BuiltInClassification], users: Sequence[BuiltInUser]) -> None:
        """What a server holds before anyone has used it."""
        admin = next(user.name for user in users if user.admin)
        for kind, name, shown, description in _GROUPS:
            doc = {"name": name, "displayName": shown, "fullyQualifiedName": name, "description": description}
            self.store.add(kind, doc, admin)
        for user in users:
            self._add_user(user)
        for classification in classifications:
            self._add_classification(classification, admin)

    def _add_user(self, user: BuiltInUser) -> None:
        doc = {"name": user.name, "fullyQualifiedName": user.name, "email": user.email}
        self.store.add("user", {**doc, "isBot": user.bot, "isAdmin": user.admin}, user.name)

    def _add_classification(self, built_in: BuiltInClassification, admin: str) -> None:
        doc = {
            "name": built_in.name,
            "fullyQualifiedName": built_in.name,
            "description": built_in.description,
        }
        ours = {"provider": "system", "mutuallyExclusive": built_in.exclusive}
        above = self.store.add("classification", {**doc, **ours}, admin).ref
        for name, description in built_in.tags.items():
            doc = {"name": name, "fullyQualifiedName": f"{built_in.name}.{name}", "description": description}
            place = {"classification": above, "_parent": above, "provider": "system"}
            self.store.add("tag", {**doc, **place, "mutuallyExclusive": False, "deprecated": False}, admin)

    # --- Every request ------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Answer:
        match [request.method, *request.parts]:
            case ["GET", "system", "version"]:
                told = {"version": self._profile.version, "revision": _REVISION, "timestamp": self._started}
                return Answer(200, told)
            case ["GET", "system", "config", "jwks"]:
                return Answer(200, self._tokens.key_set())
        caller = self._users.caller(request.authorization)
        answer = self._special(request, caller) or self._usual(request, caller)
        if answer is None:
            raise Refused(404, "HTTP 404 Not Found")
        return furnished(answer, request.method, request.parts) if self._profile.folds else answer

    def _usual(self, request: Request, caller: Caller) -> Answer | None:
        """What every collection takes."""
        depth = 2 if request.parts[:1] == ["services"] else 1
        entities = self._collections.get("/".join(request.parts[:depth]))
        if entities is None:
            return None
        match [request.method, *request.parts[depth:]]:
            case ["GET"]:
                return entities.listed(request)
            case ["PUT"]:
                return entities.put(request, caller)
            case ["POST"]:
                return entities.post(request, caller)
            case ["PUT", "restore"]:
                return entities.restore(request, caller)
            case ["GET", "name", fqn]:
                return entities.by_fqn(fqn, request)
            case ["GET", key]:
                return entities.by_id(key, request)
            case ["PATCH", key]:
                return entities.patch(key, request, caller)
            case ["DELETE", key]:
                return entities.delete(key, request, caller)
            case ["GET", key, "versions"]:
                return entities.versions(key)
        return None

    def _special(self, request: Request, caller: Caller) -> Answer | None:
        if self._profile.folds and (answer := self._extras.answer(request, caller)):
            return answer
        match [request.method, *request.parts]:
            case ["PUT", "tables", key, "sampleData"]:
                return self.tables.put_sample(key, request)
            case ["GET", "tables", key, "sampleData"]:
                return self.tables.sample(key, caller)
            case ["DELETE", "tables", key, "sampleData"]:
                return self.tables.delete_sample(key)
            case ["PUT", "tables", key, "tableProfile"]:
                return self.tables.put_profile(key, request)
            case ["GET", "tables", fqn, "tableProfile", "latest"]:
                return self.tables.latest_profile(fqn)
            case ["GET", "users", "loggedInUser"]:
                return self._users.logged_in(caller)
            case ["GET", "users", "auth-mechanism", key]:
                return self._users.mechanism(key, caller)
            case ["GET", "users", "token", key]:
                return self._users.token(key, caller)
            case ["GET", "bots", "name", name]:
                return self._users.bot(name)
            case [_, "lineage", *rest]:
                return self._edges(request, rest, caller)
            case ["GET", "search", *_]:
                raise Crashed("Connection refused")  # As of a server without a search engine.
            case ["GET", "events"]:
                return self._events(request.query)
        return None

    def _edges(self, request: Request, rest: list[str], caller: Caller) -> Answer | None:
        up, down = (int(request.query.get(name, "1")) for name in ("upstreamDepth", "downstreamDepth"))
        match [request.method, *rest]:
            case ["PUT"]:
                return self._lineage.put(self.tables.body(request, "lineage"), caller.name)
            case ["GET", "getLineageEdge", from_id, to_id] if self._profile.lists:
                return self._lineage.edge(from_id, to_id)
            case ["GET", kind, "name", fqn]:
                return self._lineage.around(self.store.of_name(kind, fqn), up, down)
            case ["GET", kind, key]:
                return self._lineage.around(self.store.of_id(kind, key), up, down)
            case ["DELETE", _, from_id, _, to_id]:
                return self._lineage.delete(from_id, to_id)
        return None

    def _events(self, query: dict[str, str]) -> Answer:
        """The events asked for, from a time in milliseconds on; a kind that is not asked for is left out."""
        wanted = {
            (event, kind)
            for name, events in _EVENTS.items()
            for event in events
            for kind in query.get(name, "").split(",")
        }
        since = int(query.get("timestamp", "0"))
        data: list[Json] = [
            event
            for event in self.store.events
            if (event["eventType"], event["entityType"]) in wanted and event["timestamp"] >= since
        ]
        return Answer(200, {"data": data, "paging": {"total": len(data)}})
