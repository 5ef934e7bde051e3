"""Invented rows for measurements: no personal data, so that nothing is left out of the index."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

GOODS = ["oak table", "steel kettle", "wool blanket", "garden spade", "paper lantern", "brass lamp", "pot"]
COLOURS = ["red", "navy", "olive", "white", "black", "amber", "grey"]
DEPOTS = ["north yard", "harbour hall", "old mill", "station road", "river quay"]
REMARKS = [
    "packed with care and sent by rail",
    "two parcels, the second one follows next week",
    "returned once because the lid was loose",
    "to be collected at the gate after noon",
    "display piece, small scratch on the left side",
]
HEADER = ["order", "goods", "colour", "depot", "ordered", "pieces", "weight_kg", "remark"]


def rows(count: int, distinct: int, seed: int = 1) -> Iterator[list[str]]:
    """`count` rows of which `distinct` differ; the repeats are spread over all of them."""
    dice = random.Random(seed)
    made = [_row(number, dice) for number in range(distinct)]
    picked = [*range(distinct), *(dice.randrange(distinct) for _ in range(count - distinct))]
    dice.shuffle(picked)
    return (made[number] for number in picked)


def _row(number: int, dice: random.Random) -> list[str]:
    return [
        f"B{number:06d}",
        dice.choice(GOODS),
        dice.choice(COLOURS),
        dice.choice(DEPOTS),
        f"202{dice.randrange(6)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}",
        str(dice.randrange(1, 40)),
        f"{dice.uniform(0.2, 90):.2f}",
        dice.choice(REMARKS),
    ]


def write_csv(path: Path, count: int, distinct: int, seed: int = 1) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows(count, distinct, seed))
    return path
