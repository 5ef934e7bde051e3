"""The HTTP side: reads a request, keeps a record of it, sends the answer."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.openmetadata_double.answers import Answer


@dataclass
class Request:
    """One request as it came; `status` is 0 until it is answered."""

    method: str
    path: str
    """With the query, such as `/api/v1/tables?limit=1`."""
    text: str
    authorization: str | None
    if_match: str | None = None
    status: int = 0

    @property
    def body(self) -> Any:
        """Parsed JSON; None where the request had no body. ValueError where it is no JSON."""
        return json.loads(self.text) if self.text else None

    @property
    def parts(self) -> list[str]:
        """The path without `/api/v1`, each part decoded."""
        return [unquote(part) for part in urlsplit(self.path).path.split("/")[3:] if part]

    @property
    def query(self) -> dict[str, str]:
        asked = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        return {name: values[-1] for name, values in asked.items()}


class Server(ThreadingHTTPServer):
    """Answers each connection in a thread of its own, and cuts those that are open when it stops."""

    daemon_threads = True

    def __init__(self, port: int, answer: Callable[[Request], Answer]) -> None:
        self.answer = answer
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours; anything else is answered as a 500 already."""

    def cut(self) -> None:
        with self._guard:
            for each in self._open:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # The client was first.


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one write: the client's kernel would wait 40 ms before it acknowledges the head alone.
    wbufsize = -1
    server: Server

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length).decode()
        who, known = self.headers.get("Authorization"), self.headers.get("If-Match")
        answer = self.server.answer(Request(self.command, self.path, text, who, known))
        sent = b"" if answer.body == "" else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        if answer.etag:
            self.send_header("ETag", answer.etag)
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests read the record of requests."""
