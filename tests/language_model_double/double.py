"""The server itself: checks requests, keeps a record of them, and answers as it is told."""

from __future__ import annotations

import json
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.language_model_double import protocol
from tests.language_model_double.replies import (
    Drip,
    Endless,
    Error,
    HangUp,
    Raw,
    Redirect,
    Reply,
    Say,
    Script,
    Sleep,
)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def told(self) -> dict[str, Any]:
        """What the user's message says, as JSON."""
        (message,) = [each for each in self.body["messages"] if each["role"] == "user"]
        found: dict[str, Any] = json.loads(message["content"])
        return found


class LanguageModelDouble:
    """Serves `{url}/chat/completions` and `{url}/models` from a free port, while it is entered.

    `reply`: what it answers with, or a function of the request's body. `key`: the bearer token that it wants.
    `knows_formats`: False refuses `response_format`, as some servers do. `certificate`: a file in PEM with
    certificate and key, for HTTPS. `requests`: all that came, in order.
    """

    def __init__(self, model: str = "double-1", *, key: str = "", certificate: Path | None = None) -> None:
        self.model, self.key = model, key
        self.reply: Reply | Script = Say("{}")
        self.knows_formats = True
        self.requests: list[Request] = []
        self.stopped = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.double = self
        self._scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}/v1"

    @property
    def told(self) -> list[dict[str, Any]]:
        """What each request for a completion told, in order."""
        return [request.told for request in self.requests if request.method == "POST"]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    double: LanguageModelDouble

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, or that does not trust the certificate, is what tests want to see."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        self._record("")
        if self.path != "/v1/models":
            self._send(404, protocol.error(404, "Unknown request URL."))
        elif self._is_authorised():
            self._send(200, protocol.models([self.server.double.model]))

    def do_POST(self) -> None:
        double = self.server.double
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._record(text)
        if self.path != "/v1/chat/completions":
            self._send(404, protocol.error(404, "Unknown request URL."))
            return
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        if not self._is_authorised():
            return
        if wrong := protocol.complaint(body):
            self._send(400, protocol.error(400, *wrong))
        elif body["model"] != double.model:
            self._send(404, protocol.error(404))
        elif "response_format" in body and not double.knows_formats:
            self._send(400, protocol.error(400, "Unrecognized argument: response_format", "response_format"))
        else:
            self._answer(double.reply(body) if callable(double.reply) else double.reply, body)

    def _record(self, text: str) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.double.requests.append(Request(self.command, self.path, headers, text))

    def _is_authorised(self) -> bool:
        key = self.server.double.key
        if key and self.headers.get("Authorization") != f"Bearer {key}":
            self._send(401, protocol.error(401))
            return False
        return True

    # --- answers

    def _answer(self, reply: Reply, body: dict[str, Any]) -> None:
        match reply:
            case Say():
                self._send(200, protocol.completion(body, reply.content))
            case Error(status):
                self._send(status, protocol.error(status))
            case Sleep(seconds, then):
                self.server.double.stopped.wait(seconds)
                self._answer(then, body)
            case HangUp(times, then):
                calls = sum(request.method == "POST" for request in self.server.double.requests)
                if calls > times:
                    self._answer(then, body)
                else:
                    self.close_connection = True
            case Raw(status, content, headers):
                self._send_bytes(status, content, dict(headers))
            case Redirect(location, status):
                self._send_bytes(status, b"", {"Location": location})
            case Drip():
                self._drip(reply, protocol.completion(body, "{}"))
            case Endless():
                self._stream()

    def _send(self, status: int, body: Any) -> None:
        self._send_bytes(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _send_bytes(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _drip(self, reply: Drip, body: Any) -> None:
        content = json.dumps(body).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
            content
        )
        if not reply.headers:
            self.wfile.write(head)
        slowly = head + content if reply.headers else content
        with suppress(OSError):
            for place in range(len(slowly)):
                self.wfile.write(slowly[place : place + 1])
                self.wfile.flush()
                if self.server.double.stopped.wait(reply.seconds):
                    break
        self.close_connection = True

    def _stream(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        until = time.monotonic() + 30
        with suppress(OSError):
            while time.monotonic() < until and not self.server.double.stopped.is_set():
                self.wfile.write(b'data: {"choices": [{"delta": {"content": "and so on"}}]}\n\n' * 50)
                self.wfile.flush()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests read the record of requests."""
