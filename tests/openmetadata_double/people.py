"""Users, and the bot whose token the server keeps."""

from __future__ import annotations

from tests.openmetadata_double.answers import Answer, Json, Refused, not_found
from tests.openmetadata_double.entities import Caller, Entities
from tests.openmetadata_double.profiles import Profile
from tests.openmetadata_double.store import Store
from tests.openmetadata_double.tokens import Tokens


class Users(Entities):
    def __init__(self, store: Store, profile: Profile, tokens: Tokens) -> None:
        super().__init__("user", store, profile)
        self._tokens = tokens

    def _answered(self, body: Json, *, created: bool) -> set[str]:
        return {"teams", "inheritedRoles"} if created else {"teams"}

    def caller(self, authorization: str | None) -> Caller:
        """Who asks; Refused where the token is none, or of nobody that the server knows."""
        entity = self.store.of_name("user", self._tokens.user(authorization))
        doc = entity.doc
        return Caller(doc["name"], bot=bool(doc.get("isBot")), admin=bool(doc.get("isAdmin")))

    def logged_in(self, caller: Caller) -> Answer:
        return Answer(200, self.store.shown(self.store.of_name("user", caller.name), {"teams"}))

    def mechanism(self, key: str, caller: Caller) -> Answer:
        """How the bot signs in, its token included: for an admin only."""
        return Answer(200, {"config": self._token(key, caller), "authType": "JWT"})

    def token(self, key: str, caller: Caller) -> Answer:
        return Answer(200, self._token(key, caller))

    def _token(self, key: str, caller: Caller) -> Json:
        if not caller.admin:
            raise Refused(403, f"Principal: CatalogPrincipal{{name='{caller.name}'}} is not admin")
        user = self.store.of_id("user", key)
        if not user.doc.get("isBot"):
            raise Refused(400, "JWT token is only supported for bot users")
        return {"JWTToken": self._tokens.of_bot, "JWTTokenExpiry": "Unlimited"}

    def bot(self, name: str) -> Answer:
        """A bot is not its user: it has a name of its own and refers to the user."""
        user = self.store.named("user", name)
        if user is None or not user.doc.get("isBot"):
            raise not_found("bot", name)
        told = {key: user.doc[key] for key in ("id", "name", "fullyQualifiedName", "version", "deleted")}
        return Answer(200, {**told, "botUser": self.store.reference(user.ref), "provider": "system"})
