"""python -m tests.torture [PART OF A NAME] [--profile P] [--points N] [--minutes N]: what came of each point.

A line of JSON for each point, then the sum. Ends with 1 where a job was lost or anything ungoverned was left.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.torture.machine import SMALL_DISK, Machine
from tests.torture.points import (
    Point,
    embedded,
    on_a_small_disk,
    on_a_stack,
    remote,
    servers_behind_proxies,
)
from tests.torture.stack import stack_behind_proxies


def torture(machine: Machine, points: list[Point], until: float) -> list[dict[str, object]]:
    """{"point", "seconds"} of each point that went well, with "lost" (why) of each that did not; last what
    is left over: {"point": "all of it", …}. A platform that was lost is started again."""
    found: list[dict[str, object]] = []
    for point in points:
        if time.monotonic() > until:
            break
        result: dict[str, object] = {"point": point.name}
        begun = time.monotonic()
        try:
            job = point.act(machine)
            result["seconds"] = round(machine.ended_well(job), 1)
        except Exception as error:  # whatever it was, the next point is tried
            result["lost"] = f"{type(error).__name__}: {error}"[:4_000]
            if machine.platform.process.poll() is not None:
                machine.restart()
        result["whole"] = round(time.monotonic() - begun, 1)
        found.append(result)
        print(json.dumps(result), flush=True)
    left = machine.nothing_ungoverned()
    lost = machine.vectors_lost()
    found.append({"point": "all of it", **({"lost": f"{left} {lost}"} if left or lost else {"seconds": 0})})
    print(json.dumps(found[-1]), flush=True)
    return found


Found = list[dict[str, object]]


def _chosen(points: list[Point], wanted: argparse.Namespace) -> list[Point]:
    found = [point for point in points if wanted.name in point.name]
    return random.Random(14).sample(found, len(found))[: wanted.points]


def _on(machine: Machine, points: list[Point], until: float) -> Found:
    try:
        return torture(machine, points, until)
    finally:
        machine.end()


def _embedded(folder: Path, wanted: argparse.Namespace, until: float) -> Found:
    points = _chosen(embedded(), wanted)
    return _on(Machine(folder / "embedded"), points, until) if points else []


def _on_a_small_disk(folder: Path, wanted: argparse.Namespace, until: float) -> Found:
    points = _chosen(on_a_small_disk(), wanted)
    if not points:
        return []
    machine = Machine(folder / "small_disk", disk=SMALL_DISK)
    return _on(machine, points if machine.disk else [], until)


def _remote(folder: Path, wanted: argparse.Namespace, until: float) -> Found:
    with servers_behind_proxies(folder / "servers") as (catalog, vectors, variables):
        points = _chosen(remote(catalog, vectors), wanted)
        return _on(Machine(folder / "remote", variables), points, until) if points else []


def _on_a_stack(folder: Path, wanted: argparse.Namespace, until: float) -> Found:
    with stack_behind_proxies(folder / "stack") as (machine, proxies):
        return torture(machine, _chosen(on_a_stack(proxies), wanted), until)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("--profile", default="", help="embedded, small_disk, remote or stack; else all")
    # They come in no order, so that the first of them tell something of all kinds.
    parser.add_argument("--points", type=int, help="so many of each profile; else all")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--minutes", type=float, default=180)
    wanted = parser.parse_args()
    until = time.monotonic() + wanted.minutes * 60
    with TemporaryDirectory(prefix="torture-") as temporary:
        folder = wanted.folder or Path(temporary)
        found = [
            one
            for profile in (_embedded, _on_a_small_disk, _remote, _on_a_stack)
            if wanted.profile in profile.__name__
            for one in profile(folder, wanted, until)
        ]
    seconds = sorted(float(str(one["seconds"])) for one in found if "seconds" in one)
    lost = [one for one in found if "lost" in one]
    print(f"{len(found)} points, {len(lost)} lost")
    print(f"jobs ended {median(seconds):.1f} s after what was done to them, at most {seconds[-1]:.1f} s")
    return bool(lost)


if __name__ == "__main__":
    sys.exit(main())
