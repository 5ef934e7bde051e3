"""The server as a test holds it: start, stop, slow down, refuse, look inside, edit as a person would."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from http import HTTPStatus

from tests.openmetadata_double.answers import Answer, Crashed, Json, Refused
from tests.openmetadata_double.built_in import CLASSIFICATIONS, USERS, BuiltInClassification, BuiltInUser
from tests.openmetadata_double.profiles import profile_of
from tests.openmetadata_double.routes import Api
from tests.openmetadata_double.serving import Request, Server
from tests.openmetadata_double.tokens import Tokens


class Double:
    """A running server; what it stores lives as long as this object."""

    def __init__(
        self,
        profile: str,
        public_key_der: bytes | None,
        classifications: Sequence[BuiltInClassification],
        users: Sequence[BuiltInUser],
    ) -> None:
        self.profile = profile
        self.requests: list[Request] = []
        """In the order in which they came."""
        self.delay = 0.0
        """Seconds between the work and each answer."""
        self._failures: list[tuple[int, str]] = []
        self._lost: list[str] = []
        self._pretended = ""
        self._lock = threading.RLock()
        self._tokens = Tokens(public_key_der, next(user.name for user in users if user.bot))
        self._api = Api(profile_of(profile), self._tokens)
        self._api.fill(classifications, users)
        self._server: Server | None = None
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT/api`; the same after a restart."""
        return f"http://127.0.0.1:{self._port}/api"

    @property
    def bot_token(self) -> str:
        """What the server keeps for the ingestion bot, and what a client presents."""
        return self._tokens.of_bot

    # --- Trouble ------------------------------------------------------------------------------------------

    def fail_next(self, n: int, status: int = 503, path: str = "") -> None:
        """Refuse the next `n` requests and change nothing by them.

        `path`: only those whose method and path hold it, such as `PUT /api/v1/tables`; "" is every request.
        """
        with self._lock:
            self._failures += [(status, path)] * n

    def lose_next(self, path: str) -> None:
        """Do what the next request asks whose method and path hold `path`, and answer 503 all the same."""
        with self._lock:
            self._lost.append(path)

    def pretend(self, path: str) -> None:
        """Answer requests whose method and path hold `path` as ever, and store nothing; "" ends it."""
        self._pretended = path

    def calm(self) -> None:
        """Forget what was asked of fail_next, lose_next and pretend and has not happened yet."""
        with self._lock:
            self._failures.clear()
            self._lost.clear()
            self._pretended = ""

    @property
    def is_stopped(self) -> bool:
        return self._server is None

    def stop(self) -> None:
        """Refuse connections and cut those that are open; nothing where it is stopped already."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.cut()
            self._server = None

    def start(self) -> None:
        """Listen again on the same port, with everything that was stored."""
        if self._server is None:
            self._server = Server(self._port, self._answer)
            self._port = self._server.server_address[1]
            self._api.store.base = self.url
            # The default of half a second between looks at the stop sign would be paid by every test.
            threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    # --- What is inside -----------------------------------------------------------------------------------

    def forget(self) -> None:
        """Empty the record of requests."""
        with self._lock:
            self.requests.clear()

    def table(self, fqn: str) -> Json | None:
        """The stored table with columns, tags and owner; None where there is none or it is deleted."""
        with self._lock:
            return self._api.tables.look(fqn)

    def edit_tags(self, fqn: str, tags: Mapping[str, Sequence[str]], user: str = "admin") -> None:
        """Set tags of columns as a person does in OpenMetadata's own page: confirmed, by hand, a new version.

        `tags`: column name to all its tags; columns not named keep theirs. Refused as the server would.
        """
        with self._lock:
            self._api.tables.edit_tags(fqn, tags, user)

    def edit(self, fqn: str, operations: Sequence[Json], user: str = "admin") -> None:
        """Change a table as a person does, by a JSON Patch. Refused as the server would."""
        with self._lock:
            self._api.tables.edit(fqn, operations, user)

    def personal(self, tag: str) -> None:
        """Sample cells of columns with this tag are masked before people without rights, from 1.12 on."""
        self._api.tables.personal_tag = tag

    @property
    def fold_seconds(self) -> float:
        """How long newer servers put a user's edits of one thing together."""
        return self._api.store.session / 1000

    @fold_seconds.setter
    def fold_seconds(self, seconds: float) -> None:
        self._api.store.session = int(seconds * 1000)

    # --- Answering ----------------------------------------------------------------------------------------

    def _answer(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            answer = self._failure(request) or self._lost_one(request, self._handled(request))
            request.status = answer.status
        time.sleep(self.delay)
        return answer

    def _failure(self, request: Request) -> Answer | None:
        for index, (status, path) in enumerate(self._failures):
            if path in f"{request.method} {request.path}":
                del self._failures[index]
                return Answer(
                    status, {"code": status, "message": f"HTTP {status} {HTTPStatus(status).phrase}"}
                )
        return None

    def _lost_one(self, request: Request, answer: Answer) -> Answer:
        for index, path in enumerate(self._lost):
            if path in f"{request.method} {request.path}":
                del self._lost[index]
                return Answer(503, {"code": 503, "message": "HTTP 503 Service Unavailable"})
        return answer

    def _handled(self, request: Request) -> Answer:
        is_pretended = self._pretended and self._pretended in f"{request.method} {request.path}"
        try:
            with self._api.store.untouched() if is_pretended else nullcontext():
                return self._api.handle(request)
        except Crashed as crash:
            return crash.answer if self.profile == "1.1" else crash.newer
        except Refused as refusal:
            return refusal.answer
        except Exception as error:
            # A fault of the double must show in the test as an answer, not as a connection that breaks.
            return Crashed(f"fault of the double: {error!r}").answer


@contextmanager
def running(
    profile: str = "1.1",
    public_key_der: bytes | None = None,
    *,
    classifications: Sequence[BuiltInClassification] = CLASSIFICATIONS,
    users: Sequence[BuiltInUser] = USERS,
) -> Iterator[Double]:
    """A double on a free port of 127.0.0.1 for as long as the block runs.

    `profile`: `1.1`, `1.12` or `2.0`. `public_key_der`: the key that users' tokens are signed with, as
    OpenMetadata is given it (DER, SubjectPublicKeyInfo); None makes a pair that nobody else holds: only
    `bot_token` works.
    """
    double = Double(profile, public_key_der, classifications, users)
    try:
        yield double
    finally:
        double.stop()
