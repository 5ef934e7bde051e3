"""A small server that takes OpenLineage events, or is away in one of the ways that servers are."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Listener:
    """`heard`: bodies in order. `status`: what it answers; a `released` that is not set makes it hang."""

    url: str = ""
    status: int = 201
    heard: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()
    listener.released.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            listener.released.wait(30)
            listener.keys.add(self.headers["Authorization"])
            if self.path == "/api/v1/lineage" and listener.status < 300:
                listener.heard.append(body)
            self.send_response(listener.status if self.path == "/api/v1/lineage" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    listener.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield listener
    finally:
        listener.released.set()
        server.shutdown()
        server.server_close()
