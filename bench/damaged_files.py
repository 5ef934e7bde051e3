"""Damaged files, read: `python -m bench.damaged_files FOLDER… [--count 2000]`.

Files of the folders are cut off, have bytes turned, put in or taken out, or are spliced with one another.
Each is to be read or refused with a clear message: no error of ours, none in more than SECONDS of processor
time, none in more memory than a reading process has. Prints what came of them; ends with 1 where a file did
otherwise, and keeps that one in the folder given by --keep.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from datasets.tables.parser_process import ProcessLimits
from datasets.tables.reading import read
from datasets.tables.unreadable import UnreadableFile

SECONDS = 10
# Larger files (bytes) take long and are damaged no otherwise.
LARGEST = 1024**2
MARKS = (b'"', b"\x00", b"\n")


class _TooLate(BaseException):
    """No Exception: what catches those is not to catch it."""


def damaged(chance: random.Random, contents: Sequence[bytes]) -> bytes:
    """One of the contents with one to three damages."""
    found = chance.choice(contents)
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(found) + 1)
        length = chance.choice([1, 2, 7, 300])
        kind = chance.choice(["cut", "flip", "insert", "remove", "splice"])
        if kind == "cut":
            found = found[:place]
        elif kind == "flip" and place < len(found):
            found = found[:place] + bytes([found[place] ^ 1 << chance.randrange(8)]) + found[place + 1 :]
        elif kind == "insert":
            filling = chance.choice(
                [chance.randbytes(length), b'"' * length, b"\x00" * length, b"\n" * length]
            )
            found = found[:place] + filling + found[place:]
        elif kind == "remove":
            found = found[:place] + found[place + length :]
        else:
            other = chance.choice(contents)
            found = found[:place] + other[chance.randrange(len(other) + 1) :]
    return found


def outcome(path: Path, parquet: Path) -> str:
    """ "read", "refused", or what went wrong."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        read(path, parquet)
    except UnreadableFile:
        return "refused"
    except _TooLate:
        return f"longer than {SECONDS} s"
    except MemoryError:
        return "too much memory"
    except Exception as error:
        traceback.print_exc()
        return type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return "read"


def _too_late(*_: Any) -> None:
    raise _TooLate


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--keep", type=Path, help="folder for files that did otherwise")
    asked = parser.parse_args()
    files = [path for folder in asked.folders for path in sorted(folder.rglob("*")) if path.is_file()]
    contents = [path.read_bytes() for path in files if 0 < path.stat().st_size <= LARGEST]
    memory = ProcessLimits().memory
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    signal.signal(signal.SIGPROF, _too_late)
    outcomes, slowest = Counter[str](), 0.0
    with TemporaryDirectory() as work:
        path = Path(work) / "file"
        for seed in range(asked.first, asked.first + asked.count):
            path.write_bytes(damaged(random.Random(seed), contents))
            started = process_time()
            what = outcome(path, Path(work) / "out.parquet")
            slowest = max(slowest, process_time() - started)
            outcomes[what] += 1
            if what not in {"read", "refused"}:
                sys.stdout.write(f"seed {seed}: {what}\n")
                if asked.keep:
                    asked.keep.mkdir(parents=True, exist_ok=True)
                    (asked.keep / str(seed)).write_bytes(path.read_bytes())
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{dict(outcomes)}; the slowest took {slowest:.1f} s; {held:,} MB at most\n")
    return 0 if set(outcomes) <= {"read", "refused"} else 1


if __name__ == "__main__":
    sys.exit(main())
