"""The connection to an OpenMetadata server: address, sign-in, versions, and errors as catalog errors."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import Any

from requests.exceptions import ReadTimeout, RequestException

from governance.catalog.contract import CatalogRefused, CatalogUnavailable
from governance.openmetadata import sdk, trust
from governance.openmetadata.memory import Memory
from governance.openmetadata.server import ServerSettings

log = logging.getLogger(__name__)

# Seconds to wait for a connection. An answer may take as long as the call's own timeout.
CONNECT_SECONDS = 5
# Statuses that mean "try later": too many requests, request timeout. All 5xx count as such.
LATER = frozenset({408, 429})
# Characters quoted from a server's message at most.
QUOTED_CHARACTERS = 500
ADDRESS = "OPENMETADATA_HOST has to be the address of the API, such as http://openmetadata-server:8585/api."
# Versions whose answers were recorded, and what is not sent to servers before 1.12, because only 1.12 was
# seen to accept it.
TRIED = frozenset({(1, 1), (1, 12)})
LEFT_OUT = (
    "why a tag is suggested and by which recogniser, where a table came from, how long it is kept, the "
    "format of its file, and which column of a file became which of a table; its domains are not read"
)
CHECK = "manage.py openmetadata_check tells what is wrong."


class ServerFailed(CatalogUnavailable):
    """The server reports a failure of its own. `answered`: 5xx, or one of LATER."""

    def __init__(self, message: str, answered: int) -> None:
        super().__init__(message)
        self.answered = answered


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer. `body`: its JSON; None if empty."""

    status: int
    body: Any


class Connection:
    """Requests to one server with the bot's token, which is fetched at the first call and again when it is
    refused.

    `seconds`: how long to wait for an answer; None: as settings say. Every call raises CatalogUnavailable or
    CatalogRefused. Safe to use from several threads.
    """

    def __init__(self, server: ServerSettings, advice: str = f" {CHECK}") -> None:
        """`advice`: added to errors that somebody has to look into."""
        self.server = server
        self.memory = Memory(server.host)
        self._advice = advice
        self._lock = RLock()
        self._working: Any = None
        self._version = ""
        # Whether patches name the version that they were made for; see governance.openmetadata.assets.
        self.matches = True

    def get(self, path: str, seconds: float | None = None) -> Any:
        return self._call("GET", path, None, seconds).body

    def find(self, path: str, seconds: float | None = None) -> Any:
        """The answer to a GET. None if the server has no such object (404)."""
        try:
            return self.get(path, seconds)
        except CatalogRefused as refused:
            if refused.answered == 404:
                return None
            raise

    def put(self, path: str, body: Any) -> Answer:
        """Status 201 if the object is new."""
        return self._call("PUT", path, body)

    def patch(self, path: str, operations: list[dict[str, Any]], version: float | None) -> None:
        """A JSON Patch of an object that was read at `version`. Newer servers refuse it for any other version
        (412).

        None: whatever its version. Ignore the answer: it is not always what is stored.
        """
        headers = None if version is None else {"If-Match": f'W/"{version}"'}
        self._call("PATCH", path, operations, headers=headers)

    def delete(self, path: str) -> None:
        self._call("DELETE", path, None)

    def version(self, seconds: float | None = None) -> str:
        """The server's version, such as "1.1.0". Requested once for each connection."""
        if not self._version:
            found = self.ask_unsigned("/system/version", seconds)
            if not isinstance(found, dict) or "version" not in found:
                raise CatalogUnavailable(f"What answers at {self.server.host} is no OpenMetadata. {ADDRESS}")
            self._version = str(found["version"])
        return self._version

    def takes_many_owners(self, seconds: float | None = None) -> bool:
        """Whether a table has `owners` (from 1.5 on) or one `owner`."""
        return number_of(self.version(seconds)) >= (1, 5)

    def sign_in(self) -> None:
        """Make sure that there is a token. It is fetched once."""
        self._client(None)

    def is_as_1_12(self, seconds: float | None = None) -> bool:
        """Whether it accepts what only 1.12 was seen to accept: see LEFT_OUT."""
        return number_of(self.version(seconds)) >= (1, 12)

    def ask_unsigned(self, path: str, seconds: float | None = None) -> Any:
        """The answer to a GET without token."""
        return self._exchange(self._sdk_client(None), "GET", path, None, seconds).body

    def ask_as(self, token: str, path: str, seconds: float | None = None) -> Any:
        """The answer to a GET with another token than the bot's."""
        return self._exchange(self._sdk_client(token), "GET", path, None, seconds).body

    # --- Inside -----------------------------------------------------------------------------------------

    def _call(
        self,
        method: str,
        path: str,
        body: Any,
        seconds: float | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        client, is_new = self._client(seconds)
        try:
            return self._exchange(client, method, path, body, seconds, headers)
        except CatalogRefused as refused:
            if refused.answered != 401 or self.server.token or is_new:
                raise
        # The bot's token was renewed since we fetched it.
        self._forget(client)
        return self._exchange(self._client(seconds)[0], method, path, body, seconds, headers)

    def _client(self, seconds: float | None) -> tuple[Any, bool]:
        """The SDK's client with the bot's token, and whether it was just created."""
        with self._alone(seconds):
            is_new = self._working is None
            if is_new:
                if problem := self.version_problem(seconds):
                    self._refuse_or_say(problem)
                token = self.server.token or trust.bot_token(self, seconds)
                self._working = self._sdk_client(token)
            return self._working, is_new

    def _refuse_or_say(self, problem: str) -> None:
        """Raises CatalogRefused unless settings say to continue. Then the consequences are logged once a
        day.
        """
        if self.server.check_version:
            raise CatalogRefused(problem)
        if self.memory.get("said of version") != self._version:
            log.warning("%s %s", self.versions(), not_promised(self._version))
            self.memory.keep("said of version", self._version)

    def _sdk_client(self, token: str | None) -> Any:
        try:
            return sdk.signed_in(self.server.host, token) if token else sdk.unsigned(self.server.host)
        except ValueError:  # of its models
            raise self._no_address() from None

    def _no_address(self) -> CatalogUnavailable:
        return CatalogUnavailable(f"{self.server.host} is no address. {ADDRESS}")

    @contextmanager
    def _alone(self, seconds: float | None) -> Iterator[None]:
        """One thread at a time. Nobody waits longer for another thread's sign-in than for an answer."""
        if not self._lock.acquire(timeout=self._wait(seconds)):
            raise CatalogUnavailable(
                f"OpenMetadata at {self.server.host} is slow to let us in.{self._advice}"
            )
        try:
            yield
        finally:
            self._lock.release()

    def _wait(self, seconds: float | None) -> float:
        return self.server.seconds if seconds is None else seconds

    def _forget(self, client: Any) -> None:
        """Sign in again at the next call: the server may have been replaced."""
        if self._working is client:
            self._working, self._version = None, ""

    def version_problem(self, seconds: float | None = None) -> str | None:
        """What to do if server and client have different versions. None if they are the same."""
        ours, theirs = sdk.version(), self.version(seconds)
        if number_of(ours) == number_of(theirs):
            return None
        return (
            f"{self.versions(seconds)} Run a server {'.'.join(ours.split('.')[:2])}, install "
            f"openmetadata-ingestion {'.'.join(theirs.split('.')[:2])}, or set OPENMETADATA_VERSION_CHECK=0 "
            f"to go on as it is. {not_promised(theirs)}"
        )

    def versions(self, seconds: float | None = None) -> str:
        """Both versions, in a sentence."""
        theirs = self.version(seconds)
        return f"OpenMetadata at {self.server.host} is version {theirs}, our client is {sdk.version()}."

    def _exchange(
        self,
        client: Any,
        method: str,
        path: str,
        body: Any,
        seconds: float | None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        return self._read(self._send(client, method, path, body, seconds, headers), method, path)

    def _send(
        self,
        client: Any,
        method: str,
        path: str,
        body: Any,
        seconds: float | None,
        headers: dict[str, str] | None,
    ) -> Any:
        """One request, one response with any status (requests.Response). Raises CatalogUnavailable."""
        kind = "application/json-patch+json" if method == "PATCH" else "application/json"
        wait = self._wait(seconds)
        try:
            # The SDK's public methods drop the status of answers that they do not understand. This keeps it.
            return client._request(
                method,
                path,
                None if body is None else json.dumps(body),
                headers={"Content-type": kind, **(headers or {})},
                timeout=(min(CONNECT_SECONDS, wait), wait),
                raw=True,
            )
        except sdk.no_answer() as error:
            is_slow = isinstance(getattr(error, "cause", None), ReadTimeout)
            if not is_slow:
                self._forget(client)
            what = f"did not answer within {wait:g} seconds" if is_slow else "cannot be reached"
            raise CatalogUnavailable(
                f"OpenMetadata at {self.server.host} {what} (tried {method} {_place(path)}). Check that it "
                f"runs and that OPENMETADATA_HOST is its address.{self._advice}"
            ) from None
        except RequestException:
            raise self._no_address() from None

    def _read(self, response: Any, method: str, path: str) -> Answer:
        status = response.status_code
        if status >= 500 or status in LATER:
            # A failing server's message may quote anything it holds, so it is left out.
            raise ServerFailed(
                f"OpenMetadata at {self.server.host} answered {method} {_place(path)} with {status}. "
                f"Look at its log.{self._advice}",
                status,
            )
        if not response.ok:
            raise CatalogRefused(self._refusal(response, method, path), status)
        if not response.text:
            return Answer(status, None)
        try:
            return Answer(status, response.json())
        except ValueError:
            raise CatalogUnavailable(
                f"{self.server.host} answered {method} {_place(path)} with something else than JSON. "
                f"{ADDRESS}"
            ) from None

    def _refusal(self, answer: Any, method: str, path: str) -> str:
        """The server's message, and what to do if we know."""
        try:
            said = answer.json().get("message") or answer.json().get("responseMessage") or ""
        except (ValueError, AttributeError):
            said = ""
        words = f"OpenMetadata says: {str(said)[:QUOTED_CHARACTERS]}" if said else "It gave no reason."
        words = f"{words} ({answer.status_code} for {method} {_place(path)})"
        if answer.status_code in {401, 403}:
            words += f" It does not take our token, or the bot may not do this.{self._advice}"
        return words


def not_promised(version: str) -> str:
    """What to expect of a server with another version than our client's."""
    number = number_of(version)
    left_out = f"It is then not told {LEFT_OUT}. " if number < (1, 12) else ""
    if number in TRIED:
        return (
            f"{left_out}Uploads, tags, descriptions and owners go as was seen of this version; anything "
            "else is not promised."
        )
    return (
        f"{left_out}This version was never seen (1.1 and 1.12 were): not promised is that it shows all that "
        "it takes, that what people edit there comes back, and that what they take off there stays off."
    )


def number_of(version: str) -> tuple[int, int]:
    """Major and minor; (0, 0) if it is not a version."""
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _place(path: str) -> str:
    """The path without its query."""
    return "/v1" + path.partition("?")[0]
