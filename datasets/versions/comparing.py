"""What changed between two versions: columns, rows, and the distribution of values.

Each reader sees figures by their own rights: of columns masked for them, only counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datasets.models import Version
from datasets.previews.changes import Changes, changes_between

# Change of the filled share that counts as different (0–1).
FILLED_MOVED = 0.05
# A mean that moved by half a standard deviation is a medium effect (Cohen 1988, "Statistical Power Analysis
# for the Behavioral Sciences", 2nd ed., p. 26).
MEAN_MOVED = 0.5
# Twice or half as many distinct values, relative to the rows.
DISTINCT_MOVED = 2.0
# Share of rows that the most frequent value has gained or lost (0–1).
TOP_MOVED = 0.1


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure in both versions, as text. `moved`: the change is larger than chance explains."""

    label: str
    before: str
    after: str
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Drift:
    """A column of both versions. `masked`: its values are hidden from the reader."""

    name: str
    masked: bool
    facts: tuple[Fact, ...]

    @property
    def moved(self) -> bool:
        return any(fact.moved for fact in self.facts)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`drifts`: columns of both versions whose figures differ, those with large changes first."""

    before: Version
    after: Version
    changes: Changes
    drifts: tuple[Drift, ...]

    @property
    def rows_gained(self) -> int:
        return (self.after.rows or 0) - (self.before.rows or 0)

    @property
    def rows_lost(self) -> int:
        return -self.rows_gained

    @property
    def same_file(self) -> bool:
        return self.before.sha256 == self.after.sha256

    def as_json(self) -> dict[str, Any]:
        """The shape of datasets.web.versions.api.ComparisonSerializer."""
        return {
            "before": {"version": self.before.number, "rows": self.before.rows},
            "after": {"version": self.after.number, "rows": self.after.rows},
            "columns": self.changes.as_json(),
            "drift": [
                {
                    "column": drift.name,
                    "masked": drift.masked,
                    "moved": drift.moved,
                    "facts": [
                        {"what": f.label, "before": f.before, "after": f.after, "moved": f.moved}
                        for f in drift.facts
                    ],
                }
                for drift in self.drifts
            ],
        }


def compare(
    before: Version,
    after: Version,
    profiles_before: Mapping[str, dict[str, Any]],
    profiles_after: Mapping[str, dict[str, Any]],
) -> Comparison:
    """Compare two versions. `profiles_…`: JSON of ColumnProfile by column name, as the reader may see it."""
    items = list(after.columns.order_by("position"))
    changes = changes_between(before, items)
    drifts = []
    for pair in changes.pairs:
        was, now = profiles_before[pair.before.name], profiles_after[pair.after.name]
        facts = tuple(fact for fact in _facts(was, now) if fact.before != fact.after)
        if facts:
            drifts.append(Drift(pair.after.name, "min" not in now or "min" not in was, facts))
    drifts.sort(key=lambda drift: not drift.moved)
    return Comparison(before, after, changes, tuple(drifts))


def _facts(was: dict[str, Any], now: dict[str, Any]) -> Iterator[Fact]:
    shares = [_share(each["rows"] - each["nulls"], each["rows"]) for each in (was, now)]
    moved = abs(shares[1] - shares[0]) >= FILLED_MOVED
    yield Fact("rows with a value", f"{shares[0]:.0%}", f"{shares[1]:.0%}", moved)
    yield Fact("different values", _distinct(was), _distinct(now), _distinct_moved(was, now))
    if was.get("mean") is not None and now.get("mean") is not None:
        yield Fact("mean", _number(was["mean"]), _number(now["mean"]), _mean_moved(was, now))
    if was.get("min") is not None and now.get("min") is not None:
        yield Fact("from", str(was["min"]), str(now["min"]))
        yield Fact("to", str(was["max"]), str(now["max"]))
    if was.get("top") and now.get("top"):
        yield Fact("most frequent", _top(was), _top(now), _top_moved(was, now))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _distinct(profile: dict[str, Any]) -> str:
    return f"{'' if profile['distinct_exact'] else '≈ '}{profile['distinct']:,}"


def _distinct_moved(was: dict[str, Any], now: dict[str, Any]) -> bool:
    """With ten times as many rows, a column has more distinct values: the share of the rows counts, too."""
    ratios = [_share(now["distinct"], was["distinct"]), _share(_spread(now), _spread(was))]
    return all(ratio >= DISTINCT_MOVED or 0 < ratio <= 1 / DISTINCT_MOVED for ratio in ratios)


def _spread(profile: dict[str, Any]) -> float:
    return _share(profile["distinct"], profile["rows"] - profile["nulls"])


def _mean_moved(was: dict[str, Any], now: dict[str, Any]) -> bool:
    deviation = was.get("stddev") or 0.0
    step = abs(now["mean"] - was["mean"])
    return bool(step >= MEAN_MOVED * deviation if deviation else step > 0)


def _number(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _top(profile: dict[str, Any]) -> str:
    value, rows = profile["top"][0]
    return f"{value} ({_share(rows, profile['rows']):.0%})"


def _top_moved(was: dict[str, Any], now: dict[str, Any]) -> bool:
    value = was["top"][0][0]
    later = next((rows for name, rows in now["top"] if name == value), 0)
    change = _share(later, now["rows"]) - _share(was["top"][0][1], was["rows"])
    return abs(change) >= TOP_MOVED
