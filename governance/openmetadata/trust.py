"""Signs in without a copied token: the server accepts tokens signed with its own key pair, which we share."""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote

import jwt

from governance import keys
from governance.catalog.contract import CatalogRefused
from governance.openmetadata.memory import Memory
from governance.openmetadata.server import ServerSettings

log = logging.getLogger(__name__)

# Long enough to fetch one token, with clocks that differ a little.
LIFETIME = timedelta(minutes=5)
ISSUER = "open-metadata.org"


class Asker(Protocol):
    """Sends requests before there is a bot's token; see governance.openmetadata.connection."""

    server: ServerSettings
    memory: Memory

    def ask_unsigned(self, path: str, seconds: float | None = None) -> Any:
        """The answer to a GET without token."""

    def ask_as(self, token: str, path: str, seconds: float | None = None) -> Any:
        """The answer to a GET with another token than the bot's."""


def bot_token(connection: Asker, seconds: float | None = None) -> str:
    """The token that the server keeps for the bot, requested as the administrator.

    The server would refuse a bot's token signed by us: it compares bots' tokens with those it keeps. Takes
    one request if our key's name there and the bot's id are remembered, else three. Raises CatalogRefused,
    CatalogUnavailable.
    """
    server, name = connection.server, f"bot {connection.server.bot}"
    if remembered := connection.memory.get(name):
        try:
            if kept := _kept_token(connection, remembered, seconds):
                return kept
        except CatalogRefused:
            log.info("what was remembered of OpenMetadata's bot is outdated: it is requested again")
        connection.memory.forget(name)
    known = {"key": key_id_at(connection, seconds)}
    try:
        path = f"/users/name/{quote(server.bot, safe='')}"
        known["bot"] = connection.ask_as(sign(server.admin, known["key"]), path, seconds)["id"]
        kept = _kept_token(connection, known, seconds)
    except CatalogRefused as refused:
        # Whatever its status: a missing bot must not look as if the object itself were missing.
        raise CatalogRefused(
            f"OpenMetadata did not give {server.admin} the token of {server.bot} (OPENMETADATA_ADMIN, "
            f"OPENMETADATA_BOT). {refused}",
            401,
        ) from None
    if kept is None:
        raise CatalogRefused(
            f"OpenMetadata keeps no token for {server.bot}. Make one on its page under Settings, Bots, or "
            "name another bot in OPENMETADATA_BOT."
        )
    connection.memory.keep(name, known)
    return kept


def _kept_token(connection: Asker, known: Mapping[str, str], seconds: float | None) -> str | None:
    """`known`: {"key": the server's name of our key, "bot": the bot's id}."""
    token = sign(connection.server.admin, known["key"])
    mechanism = connection.ask_as(token, f"/users/auth-mechanism/{known['bot']}", seconds)
    config = (mechanism or {}).get("config") or {}
    return config.get("JWTToken") or None


def sign(user: str, key_id: str) -> str:
    """A short-lived token in a user's name, signed with the shared pair. Raises CatalogRefused."""
    now = datetime.now(UTC)
    try:
        return jwt.encode(
            {"iss": ISSUER, "sub": user, "iat": now, "exp": now + LIFETIME},
            keys.load_private("catalog"),
            algorithm="RS256",
            headers={"kid": key_id},
        )
    except keys.KeyFileError as error:
        raise CatalogRefused(f"{error} A bot's token in OPENMETADATA_TOKEN does as well.") from None


def key_id_at(connection: Asker, seconds: float | None = None) -> str:
    """The server's name of our key. Raises CatalogRefused if it has another key."""
    try:
        ours = keys.load_public("catalog").public_numbers()
    except keys.KeyFileError as error:
        raise CatalogRefused(f"{error} A bot's token in OPENMETADATA_TOKEN does as well.") from None
    for key in connection.ask_unsigned("/system/config/jwks", seconds)["keys"]:
        if (_number(key["n"]), _number(key["e"])) == (ours.n, ours.e):
            return str(key["kid"])
    raise CatalogRefused(
        f"OpenMetadata at {connection.server.host} signs with another key than the one in "
        f"{connection.server.keys_dir / 'catalog'}. Give it that pair (RSA_PUBLIC_KEY_FILE_PATH and "
        "RSA_PRIVATE_KEY_FILE_PATH) and start it again, or set OPENMETADATA_TOKEN to its bot's token."
    )


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
