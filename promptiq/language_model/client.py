"""The HTTP client of a language model: one call of the chat-completions protocol, limited in time and
size.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Coroutine, Sequence
from functools import cache
from typing import Any, Literal, TypedDict, TypeVar

import httpx

from promptiq.language_model.breaker import Breaker

T = TypeVar("T")

# Bytes of one response. A plan takes some hundreds, a sentence fewer.
MAX_RESPONSE = 256 * 1024
# Tokens requested. Models that write out their reasoning need more than the plan takes.
MAX_TOKENS = 1_500
# HTTP statuses of servers that do not support `response_format` or another optional field.
_WISHES_REFUSED = frozenset({400, 422})


class Message(TypedDict):
    role: Literal["system", "user"]
    content: str


class Failed(Exception):
    """The server gave no completion. The text says why, without anything that was sent or received."""


class Slow(Failed):
    """The server gave no completion in time."""


class LanguageModel:
    """The model `name` of the server at `url` (its base, such as http://host/v1). Thread-safe.

    `breaker`: whether it may be called now. Callers report how their calls ended.
    """

    def __init__(self, url: str, name: str, key: str = "") -> None:
        self.name = name
        self.breaker = Breaker()
        self._base = url.rstrip("/")
        self._headers = {
            "Accept": "application/json",
            # A compressed response could be of any size when unpacked.
            "Accept-Encoding": "identity",
            **({"Authorization": f"Bearer {key}"} if key else {}),
        }
        # Set once a server has refused the optional fields: they are not sent again.
        self._wishes = True

    def complete(self, messages: Sequence[Message], seconds: float) -> str:
        """The text of the model's answer, within this many seconds. Raises Failed, Slow."""
        return _content(_run(self._within(seconds, self._asked(messages))))

    def answers(self, seconds: float = 2) -> bool:
        """Whether the server lists its models within this many seconds."""
        try:
            return _run(self._within(seconds, self._request("GET", "/models")))[0] == httpx.codes.OK
        except Failed:
            return False

    async def _within(
        self, seconds: float, request: Coroutine[Any, Any, tuple[int, bytes]]
    ) -> tuple[int, bytes]:
        """The whole exchange, including name look-up and slow headers. Raises Failed, Slow."""
        try:
            async with asyncio.timeout(seconds):
                return await request
        except TimeoutError:
            raise Slow(f"no answer within {seconds:.1f} seconds.") from None
        except Failed:
            raise
        except Exception as error:  # the answer continues without the model, whatever the error
            raise Failed(f"{type(error).__name__}.") from None

    async def _asked(self, messages: Sequence[Message]) -> tuple[int, bytes]:
        """One request, and a second if the connection broke or optional fields were refused."""
        plain: dict[str, Any] = {"model": self.name, "messages": list(messages)}
        wishes = {
            "temperature": 0, "max_tokens": MAX_TOKENS, "response_format": {"type": "json_object"},
        }  # fmt: skip
        body = {**plain, **wishes} if self._wishes else plain
        try:
            status, content = await self._request("POST", "/chat/completions", body)
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            return await self._request("POST", "/chat/completions", body)
        if self._wishes and status in _WISHES_REFUSED:
            status, content = await self._request("POST", "/chat/completions", plain)
            self._wishes = status != httpx.codes.OK
        return status, content

    async def _request(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Status and body. Redirects are not followed: they would send the question elsewhere."""
        async with (
            httpx.AsyncClient(headers=self._headers, verify=_certificates(), timeout=None) as client,  # noqa: S113 - bounded as a whole, see `_within`
            client.stream(method, self._base + path, json=body) as response,
        ):
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise Failed("its response is compressed, although none was asked for.")
            content = bytearray()
            async for part in response.aiter_raw():
                content += part
                if len(content) > MAX_RESPONSE:
                    raise Failed(f"its response is longer than {MAX_RESPONSE:,} bytes.")
            return response.status_code, bytes(content)


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than a call to a nearby server."""
    return httpx.create_ssl_context()


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run in its own event loop, which is closed without waiting for a name look-up that hangs."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _content(response: tuple[int, bytes]) -> str:
    """The text of the first choice in the response. Raises Failed."""
    status, body = response
    if status != httpx.codes.OK:
        raise Failed(f"it answered with status {status}.")
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, RecursionError, LookupError, TypeError):
        raise Failed("its response is none of the chat-completions protocol.") from None
    if content is not None and not isinstance(content, str):
        raise Failed("its response is none of the chat-completions protocol.")
    return content or ""
