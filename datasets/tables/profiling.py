"""Profiles columns: counts, distinct values, ranges, most frequent values, a histogram.

Computed with pandas, batch by batch over the typed Parquet copy, in bounded memory.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import time, timedelta
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.tables.table import Table
from datasets.tables.values.clocks import as_texts, clock_text, is_clock
from datasets.tables.values.column_types import ColumnType

# Distinct values are counted exactly up to here. Above, they are estimated from the K_MIN smallest hashes,
# with a standard error of 1/√(K_MIN − 2), about 1.6 % (Bar-Yossef et al. 2002, "Counting distinct elements in
# a data stream"). All columns of a table share the larger figure, and each gets LEAST_DISTINCT; a value takes
# about 200 bytes.
EXACT_DISTINCT = 20_000
DISTINCT_TOGETHER = 3_000_000
LEAST_DISTINCT = 1_000
K_MIN = 4_096
TOP = 10
BINS = 20
# Values in the evenly spread sample that a histogram is drawn from.
HISTOGRAM_VALUES = 50_000
# Rows and bytes of a batch. A batch is joined from pieces, each small even with the longest cells.
BATCH_ROWS = 65_536
BATCH_BYTES = 32 * 1024**2
PIECE_ROWS = 512
# Bytes of all cells of a sample. If there are more, the longest cells are cut, each time to half as many
# characters.
SAMPLE_BYTES = 64 * 1024**2
SAMPLE_LONGEST = 1_000_000
# Longer texts (bytes) are counted by their beginning and SHA-256.
LONG_TEXT = 1_000
# Longer texts are cut when shown as most frequent (characters).
SHOWN_CHARACTERS = 200

# Figures that reveal values. A length does: of two candidates for a masked text, only one may fit it.
VALUE_FIELDS = (
    "min", "max", "mean", "stddev", "top", "histogram", "min_length", "max_length", "mean_length",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Figures about one column. None if a figure has no meaning for the type, or there are no values.

    `distinct`: of non-null values; an estimate if `distinct_exact` is False. `min`, `max`: as text; dates in
    ISO 8601, times as 08:15:00, texts by code point. `mean`, `stddev` (of the population, not a sample):
    numbers only. Lengths in characters: texts only. `top`: (value as text, rows), most frequent first, at
    most 10. It is empty if every value is different; with more than 20,000 distinct values, it has those that
    were frequent in the first rows. `histogram`: (from, to, rows) in at most 20 equal bins of a sample; dates
    in days and timestamps in seconds since 1970, times of day and durations in seconds.
    """

    name: str
    type: str
    rows: int
    nulls: int
    distinct: int
    distinct_exact: bool
    min: str | None = None
    max: str | None = None
    mean: float | None = None
    stddev: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    mean_length: float | None = None
    top: tuple[tuple[str, int], ...] = ()
    histogram: tuple[tuple[float, float, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The fields by name, tuples as lists."""
        data = asdict(self)
        return {**data, "top": [list(t) for t in self.top], "histogram": [list(b) for b in self.histogram]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ColumnProfile:
        top = tuple((value, count) for value, count in data["top"])
        bins = tuple((low, high, count) for low, high, count in data["histogram"])
        return cls(**{**data, "top": top, "histogram": bins})

    def counts_only(self) -> dict[str, Any]:
        """The JSON without figures that reveal values: for readers who may not see the column."""
        return {key: value for key, value in self.as_json().items() if key not in VALUE_FIELDS}


def profile(table: Table, progress: Callable[[int], None] | None = None) -> list[ColumnProfile]:
    """The profiles of all columns, in the table's order. `progress` gets the rows read so far."""
    return _go_through(table, 0, progress)[0]


def sample(table: Table, rows: int = 2_000) -> pd.DataFrame:
    """At most `rows` rows × columns as texts, None for null, spread evenly over the file. Always the same
    rows.

    Its attribute `longest`: the characters at which cells were cut for SAMPLE_BYTES; absent if none was cut.
    """
    drawn = _Drawn.spread_over(table, rows)
    for batch in _batches(table):
        drawn.feed(batch)
    return drawn.frame()


def profile_and_sample(
    table: Table, rows: int, progress: Callable[[int], None] | None = None
) -> tuple[list[ColumnProfile], pd.DataFrame]:
    """Profile and sample from a single pass over the file."""
    return _go_through(table, rows, progress)


def _go_through(
    table: Table, rows: int, progress: Callable[[int], None] | None
) -> tuple[list[ColumnProfile], pd.DataFrame]:
    step = max(1, table.rows // HISTOGRAM_VALUES)
    exact = min(EXACT_DISTINCT, max(LEAST_DISTINCT, DISTINCT_TOGETHER // max(1, len(table.columns))))
    counts = [_Count(column.name, column.type, step, exact) for column in table.columns]
    drawn = _Drawn.spread_over(table, rows)
    seen = 0
    for batch in _batches(table):
        for count, column in zip(counts, batch.columns, strict=True):
            count.feed(column)
        drawn.feed(batch)
        seen += len(batch)
        if progress:
            progress(seen)
    return [count.profile(table.rows) for count in counts], drawn.frame()


def _batches(table: Table) -> Iterator[pa.RecordBatch]:
    """Batches of at most BATCH_ROWS rows and little more than BATCH_BYTES. A few bytes of Parquet can be
    gigabytes of cells, so the size is known only after reading.
    """
    names = [column.name for column in table.columns]
    held: list[pa.RecordBatch] = []
    size = 0
    with pq.ParquetFile(table.parquet) as file:
        for piece in file.iter_batches(batch_size=PIECE_ROWS, columns=names):
            held.append(piece.select(names))
            size += piece.nbytes
            if size >= BATCH_BYTES or len(held) * PIECE_ROWS >= BATCH_ROWS:
                yield pa.concat_batches(held)
                held, size = [], 0
    if held:
        yield pa.concat_batches(held)


@dataclass
class _Drawn:
    """The sampled rows as texts, batch by batch. `longest`: characters of a cell that are kept."""

    names: list[str]
    wanted: np.ndarray
    parts: list[list[pa.StringArray]] = field(default_factory=list)
    seen: int = 0
    longest: int | None = None

    @classmethod
    def spread_over(cls, table: Table, rows: int) -> _Drawn:
        places = np.linspace(0, table.rows - 1, min(rows, table.rows))
        return cls([column.name for column in table.columns], np.unique(places.astype(np.int64)))

    def feed(self, batch: pa.RecordBatch) -> None:
        first, self.seen = self.seen, self.seen + len(batch)
        here = pa.array(self.wanted[(self.wanted >= first) & (self.wanted < self.seen)] - first)
        if not len(here):
            return
        self.parts.append([self._cut(_as_texts(column.take(here))) for column in batch.columns])
        while self._held() > SAMPLE_BYTES and self.longest != 1:
            self.longest = (self.longest or SAMPLE_LONGEST) // 2
            self.parts = [[self._cut(texts) for texts in part] for part in self.parts]

    def _held(self) -> int:
        return sum(pc.sum(pc.binary_length(texts)).as_py() or 0 for part in self.parts for texts in part)

    def _cut(self, texts: pa.StringArray) -> pa.StringArray:
        return texts if self.longest is None else pc.utf8_slice_codeunits(texts, 0, self.longest)

    def frame(self) -> pd.DataFrame:
        columns = [
            [cell for texts in side for cell in texts.to_pylist()] for side in zip(*self.parts, strict=True)
        ]
        found = dict(zip(self.names, columns or [[] for _ in self.names], strict=True))
        frame = pd.DataFrame(found, columns=self.names, dtype=object)
        if self.longest is not None:
            frame.attrs["longest"] = self.longest
        return frame


def _as_texts(array: pa.Array) -> pa.StringArray:
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks)
    return as_texts(array)


@dataclass
class _Count:
    """The running figures of one column."""

    name: str
    type: ColumnType
    step: int
    exact_up_to: int = EXACT_DISTINCT
    nulls: int = 0
    values: int = 0
    frequent: Counter[str] = field(default_factory=Counter)
    exact: bool = True
    smallest: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint64))
    lowest: Any = None
    highest: Any = None
    total: float = 0.0
    squares: float = 0.0
    lengths: list[int] = field(default_factory=lambda: [0, 0, 0])  # shortest, longest, sum
    drawn: list[np.ndarray] = field(default_factory=list)

    def feed(self, array: pa.Array) -> None:
        present = array.drop_null()
        self.nulls += array.null_count
        if not len(present):
            return
        self._count_distinct(_countable(present))
        self._widen_range(present)
        if self.type is ColumnType.STRING:
            self._measure_lengths(present)
        elif self.type is not ColumnType.BOOLEAN:
            self._draw(array)
        self.values += len(present)

    def _count_distinct(self, present: pa.Array) -> None:
        if self.exact:
            counted = pc.value_counts(present)
            texts = _as_texts(counted.field("values")).to_pylist()
            self.frequent.update(dict(zip(texts, counted.field("counts").to_pylist(), strict=True)))
            if len(self.frequent) > self.exact_up_to:
                self.exact = False
                self._keep_smallest(_hashes(pa.array(list(self.frequent), pa.string())))
                # Only the most frequent tenth is kept, to make room.
                self.frequent = Counter(dict(self.frequent.most_common(self.exact_up_to // 10)))
            return
        unique = pc.value_counts(present)
        texts = _as_texts(unique.field("values"))
        self._keep_smallest(_hashes(texts))
        known = pc.is_in(texts, pa.array(list(self.frequent), pa.string()))
        counts = unique.field("counts").filter(known).to_pylist()
        self.frequent.update(dict(zip(texts.filter(known).to_pylist(), counts, strict=True)))

    def _keep_smallest(self, hashes: np.ndarray) -> None:
        if len(self.smallest) == K_MIN:
            hashes = hashes[hashes < self.smallest[-1]]
        self.smallest = np.unique(np.concatenate([self.smallest, hashes]))[:K_MIN]

    def _widen_range(self, present: pa.Array) -> None:
        if self.type is ColumnType.BOOLEAN:
            return
        bounds = _bounds(present)
        self.lowest = bounds["min"] if self.lowest is None else min(self.lowest, bounds["min"])
        self.highest = bounds["max"] if self.highest is None else max(self.highest, bounds["max"])
        if self.type in {ColumnType.INT, ColumnType.FLOAT}:
            numbers = _numbers(present)
            finite = numbers[np.isfinite(numbers)]
            self.total += float(finite.sum())
            self.squares += float(np.square(finite).sum())

    def _measure_lengths(self, present: pa.Array) -> None:
        lengths = pc.utf8_length(present)
        bounds = pc.min_max(lengths).as_py()
        shortest = bounds["min"] if not self.values else min(self.lengths[0], bounds["min"])
        self.lengths = [
            shortest,
            max(self.lengths[1], bounds["max"]),
            self.lengths[2] + pc.sum(lengths).as_py(),
        ]

    def _draw(self, array: pa.Array) -> None:
        drawn = _numbers(array[:: self.step] if self.step == 1 else array.take(_every(len(array), self.step)))
        self.drawn.append(drawn[np.isfinite(drawn)])

    def profile(self, rows: int) -> ColumnProfile:
        numeric = self.type in {ColumnType.INT, ColumnType.FLOAT} and self.values > 0
        mean = self.total / self.values if numeric else None
        text = self.type is ColumnType.STRING and self.values > 0
        return ColumnProfile(
            name=self.name,
            type=self.type.value,
            rows=rows,
            nulls=self.nulls,
            distinct=self._distinct(),
            distinct_exact=self.exact,
            min=_shown(self.lowest),
            max=_shown(self.highest),
            mean=_finite(mean),
            stddev=_finite(self._stddev(mean)),
            min_length=self.lengths[0] if text else None,
            max_length=self.lengths[1] if text else None,
            mean_length=round(self.lengths[2] / self.values, 3) if text else None,
            top=self._top(),
            histogram=self._histogram(),
        )

    def _distinct(self) -> int:
        if self.exact:
            return len(self.frequent)
        if len(self.smallest) < K_MIN:
            return len(self.smallest)
        return min(self.values, round((K_MIN - 1) / (float(self.smallest[-1]) / 2**64)))

    def _stddev(self, mean: float | None) -> float | None:
        if mean is None:
            return None
        return math.sqrt(max(0.0, self.squares / self.values - mean * mean))

    def _top(self) -> tuple[tuple[str, int], ...]:
        most = [(value[:SHOWN_CHARACTERS], count) for value, count in self.frequent.most_common(TOP)]
        return tuple(most) if most and most[0][1] > 1 else ()

    def _histogram(self) -> tuple[tuple[float, float, int], ...]:
        values = np.concatenate(self.drawn) if self.drawn else np.empty(0)
        if not len(values):
            return ()
        low, high = float(values.min()), float(values.max())
        bins = min(BINS, max(1, len(np.unique(values))))
        if not math.isfinite(high - low) or low + (high - low) / BINS in {low, high}:
            return ((low, high, len(values)),)  # too close, or too far apart, to be told apart as floats
        counts, edges = np.histogram(values, bins=bins)
        return tuple(
            (float(low), float(high), int(count))
            for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
        )


def _countable(present: pa.Array) -> pa.Array:
    """Values as they are kept for counting: a long text as its beginning and a hash."""
    if not pa.types.is_string(present.type) or pc.max(pc.binary_length(present)).as_py() <= LONG_TEXT:
        return present
    return pa.array([_short(text) for text in present.to_pylist()], pa.string())


def _short(text: str) -> str:
    if len(text) <= LONG_TEXT:
        return text
    return text[:SHOWN_CHARACTERS] + sha256(text.encode()).hexdigest()


def _every(length: int, step: int) -> pa.Array:
    return pa.array(np.arange(0, length, step))


def _hashes(texts: pa.StringArray) -> np.ndarray:
    return pd.util.hash_array(texts.to_numpy(zero_copy_only=False), categorize=False)


def _bounds(present: pa.Array) -> dict[str, Any]:
    if pa.types.is_duration(present.type):  # Arrow orders none
        ends = pc.min_max(present.cast(pa.int64())).as_py()
        return {name: timedelta(microseconds=micros) for name, micros in ends.items()}
    found: dict[str, Any] = pc.min_max(present).as_py()
    return found


def _numbers(array: pa.Array) -> np.ndarray:
    """Values as floats, NaN for null: dates in days, timestamps in seconds since 1970, times in seconds."""
    if pa.types.is_date(array.type):
        array = array.cast(pa.int32())
    elif pa.types.is_timestamp(array.type) or is_clock(array.type):
        array = pc.divide(array.cast(pa.int64()).cast(pa.float64(), safe=False), 1e6)
    floats = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return np.asarray(floats, dtype=np.float64)


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, time | timedelta):
        return clock_text(value)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text[:SHOWN_CHARACTERS]


def _finite(number: float | None) -> float | None:
    return number if number is None or math.isfinite(number) else None
