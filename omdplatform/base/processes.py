"""Identifies processes beyond their numbers, which are reused."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path
from socket import gethostname

_PR_SET_PDEATHSIG = 1


def identity(pid: int | None = None) -> str:
    """`host:pid:start` of a process of this machine, by default this one; "" if there is none.

    `start`: clock ticks since the machine was started, as in /proc/PID/stat.
    """
    number = pid or os.getpid()
    started = _started(number)
    return f"{gethostname()}:{number}:{started}" if started else ""


def is_gone(name: str) -> bool:
    """Whether the process of that identity ran on this machine and has ended."""
    host, _, rest = name.rpartition(":")[0].rpartition(":")
    return bool(host) and host == gethostname() and identity(int(rest)) != name


def _started(pid: int) -> str:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # Zombies have ended, too. Fields count from the state, the third of all.
    return "" if fields[0] in {"Z", "X"} else fields[19]


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """In a child: the kernel sends it this signal if its parent is killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
