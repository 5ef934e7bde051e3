"""A proxy on loopback that can be away, hang, reset connections or be slow."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress
from typing import Literal

Mode = Literal["well", "down", "hanging", "resetting", "slow"]
MODES: tuple[Mode, ...] = ("down", "hanging", "resetting", "slow")
SLOW_SECONDS = 2.0
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST


class Proxy:
    """`port`: where it listens; `target`: the port on loopback that it stands before."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.mode: Mode = "well"
        self._listening = self._listen(0)
        self.port = int(self._listening.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    def be(self, mode: Mode) -> None:
        """From now on, for open connections too."""
        before, self.mode = self.mode, mode
        if mode == "down":
            self._listening.close()
        elif before == "down":
            self._listening = self._listen(self.port)
        if mode in {"down", "resetting"}:
            for connection in list(self._open):
                _reset(connection)

    def end(self) -> None:
        self._ended = True
        self._listening.close()

    def _listen(self, port: int) -> socket.socket:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(64)
        listening.settimeout(0.2)
        return listening

    def _accept(self) -> None:
        while not self._ended:
            try:
                client, _ = self._listening.accept()
            except OSError:  # a turn without anybody, or closed for now
                time.sleep(0.02)
                continue
            if self.mode == "resetting":
                _reset(client)
                continue
            client.settimeout(None)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            _reset(client)
            return
        self._open |= {client, server}
        back = threading.Thread(target=self._pass, args=(server, client, False), daemon=True)
        back.start()
        self._pass(client, server, True)
        back.join()
        self._open -= {client, server}

    def _pass(self, source: socket.socket, sink: socket.socket, asking: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                while self.mode == "hanging":
                    time.sleep(0.05)
                if self.mode == "slow" and asking:
                    time.sleep(SLOW_SECONDS)
                sink.sendall(data)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _reset(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        connection.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        connection.close()
