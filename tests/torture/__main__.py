"""python -m tests.torture [PART OF A NAME] [--folder FOLDER] [--minutes N]: every point, and what came of it.

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

from tests.torture.machine import Machine
from tests.torture.points import Point, embedded, remote, servers_behind_proxies


def torture(machine: Machine, points: list[Point], until: float) -> list[dict[str, object]]:
    """{"point", "seconds"} of each point that went well, with "lost" (why) of each that did not; last what
    is left over: {"point": "all of it", …}. A platform that was lost is started again."""
    found: list[dict[str, object]] = []
    # In no order, so that the first of them tell something of all kinds.
    for point in random.Random(14).sample(points, len(points)):
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


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--minutes", type=float, default=180)
    wanted = parser.parse_args()
    until = time.monotonic() + wanted.minutes * 60
    with TemporaryDirectory(prefix="torture-") as temporary:
        folder = wanted.folder or Path(temporary)
        found = []
        if points := [point for point in embedded() if wanted.name in point.name]:
            machine = Machine(folder / "embedded")
            try:
                found += torture(machine, points, until)
            finally:
                machine.end()
        with servers_behind_proxies(folder / "servers") as (catalog, vectors, variables):
            if points := [point for point in remote(catalog, vectors) if wanted.name in point.name]:
                machine = Machine(folder / "remote", variables)
                try:
                    found += torture(machine, points, until)
                finally:
                    machine.end()
    seconds = sorted(float(str(one["seconds"])) for one in found if "seconds" in one)
    lost = [one for one in found if "lost" in one]
    print(f"{len(found)} points, {len(lost)} lost")
    print(f"jobs ended {median(seconds):.1f} s after what was done to them, at most {seconds[-1]:.1f} s")
    return bool(lost)


if __name__ == "__main__":
    sys.exit(main())
