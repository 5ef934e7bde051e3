"""Detects a column's type from all its texts: a kind is possible until a cell contradicts it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.tables.values import clocks, moments, written_numbers
from datasets.tables.values.cell_forms import FLAGS, MISSING


class ColumnType(StrEnum):
    STRING = "STRING"
    INT = "INT"
    FLOAT = "FLOAT"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    TIME = "TIME"
    DURATION = "DURATION"


# Types in people's words.
CALLED = {
    ColumnType.STRING: "text",
    ColumnType.INT: "whole number",
    ColumnType.FLOAT: "number",
    ColumnType.BOOLEAN: "yes or no",
    ColumnType.DATE: "date",
    ColumnType.TIMESTAMP: "date and time",
    ColumnType.TIME: "time of day",
    ColumnType.DURATION: "duration",
}

# pyarrow has no types that mypy reads: an array of strings.
Texts = Any
Converter = Callable[[Texts], pa.Array]

MAX_SCALE, DECIMAL_DIGITS = written_numbers.MAX_SCALE, written_numbers.DECIMAL_DIGITS
# Distinct texts of a column kept as evidence for decisions that need all of them.
KEPT = 20_000
_MISSING = pa.array(sorted(MISSING), pa.string())


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is read. `pattern`: RE2 for each cell that is not a word for "missing".

    `convert`: texts to values. `plain`: the value gives the text back. `unit`: see TableColumn. `doubt`: a
    sentence on why it is read as text although it may be more; else "".
    """

    type: ColumnType
    arrow: pa.DataType
    pattern: str = ""
    convert: Converter | None = None
    plain: bool = True
    unit: str = ""
    doubt: str = ""


AS_TEXT = Reading(ColumnType.STRING, pa.string())
_UNTOLD_CLOCK = Reading(
    ColumnType.STRING, pa.string(),
    doubt='has cells such as "1:30" that may be times of day, hours and minutes, or minutes and seconds: it '
    "is kept as text until somebody says which.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """What the file's columns show together: the decimal sign, and the order of day and month. "" if
    unknown.
    """

    decimal: str = ""
    order: str = ""


@dataclass
class TypeSearch:
    """Detects one column's type. `feed` it every batch, then ask for its reading."""

    possible: list[_Kind] | None = None
    kept: Texts = field(default_factory=lambda: pa.array([], pa.string()))
    # Whether cells with a spreadsheet's guard, or JSON strings, make the column one of text.
    guarded: bool = False
    has_missing: bool = False

    def present_in(self, texts: Texts) -> Texts:
        """The distinct texts that are no word for "missing"."""
        # Most columns repeat their values, so each distinct text is examined once.
        distinct = pc.unique(texts).drop_null()
        present = distinct.filter(pc.invert(pc.is_in(pc.utf8_lower(distinct), _MISSING)))
        self.has_missing = self.has_missing or len(present) < len(distinct)
        return present

    def decimal(self) -> str:
        """The decimal sign that the column shows; "" if none."""
        found = {kind.decimal for kind in self.possible or () if kind.decimal}
        if not found or any(kind.name == "integer" for kind in self.possible or ()):
            return ""
        said = written_numbers.says_decimal(self.kept, point="." in found, comma="," in found)
        return said if said in {".", ","} else ""

    def order(self) -> str:
        orders = {kind.moment.order for kind in self.possible or () if kind.moment}
        return orders.pop() if len(orders) == 1 else ""

    def reading(self, context: Context = Context(), header: str = "", wish: str = "") -> Reading:
        """`header`: the column's name, and `wish`: the type that a person gave it; both tell a time of day
        from a duration.
        """
        possible = [kind for kind in self.possible or () if kind.is_decided(self.kept)]
        if self.guarded or not possible:
            return AS_TEXT
        first = possible[0]
        if first.moment:
            return self._moment(context)
        if first.clock:
            return self._clock(header, wish)
        if first.decimal:
            return self._number(context)
        return first.reading()

    def _moment(self, context: Context) -> Reading:
        dated = [kind.moment for kind in self.possible or () if kind.moment]
        orders = {moment.order for moment in dated}
        if len(orders) > 1 and context.order not in orders:
            return Reading(
                ColumnType.STRING, pa.string(),
                doubt="may have the day or the month first: it is kept as text until somebody says which.",
            )  # fmt: skip
        chosen = next(m for m in dated if len(orders) == 1 or m.order == context.order)
        kind = ColumnType.DATE if chosen.is_date else ColumnType.TIMESTAMP
        return Reading(kind, chosen.arrow, chosen.pattern, chosen.convert, plain=chosen.plain)

    def _clock(self, header: str, wish: str) -> Reading:
        formats = [kind.clock for kind in self.possible or () if kind.clock]
        found = clocks.decided(formats, self.kept, header, wish)
        if found is None:
            return _UNTOLD_CLOCK if any(each.name in {"hm", "ms"} for each in formats) else AS_TEXT
        kind = ColumnType(found.means)
        return Reading(kind, found.arrow, found.format.pattern, found.convert, plain=found.format.plain)

    def _number(self, context: Context) -> Reading:
        possible = {kind.name: kind for kind in self.possible or ()}
        signs = {kind.decimal for kind in possible.values()}
        said = written_numbers.says_decimal(self.kept, point="." in signs, comma="," in signs)
        if said == "?":
            said = "," if context.decimal == "," else "."
        said = said or context.decimal
        if not said:
            return Reading(
                ColumnType.STRING, pa.string(),
                doubt='has numbers such as "1,234" that may have a decimal comma or thousands: it is kept as '
                "text until somebody says which.",
            )  # fmt: skip
        if said != "," and "integer" in possible:
            return possible["integer"].reading()
        if said != "," and "real" in possible:
            return _real(self.kept)
        if written_numbers.is_identifier(self.kept) or (written_numbers.has_bare_plus(self.kept)):
            return AS_TEXT
        return _fancy(self.kept, "," if said == "," or signs == {","} else ".")


def _fancy(distinct: Texts, decimal: str) -> Reading:
    units = written_numbers.units_of(distinct) - {""}
    scale = written_numbers.scale_of(distinct, decimal)
    if units:
        scale = max(scale, 1)
    arrow, convert = written_numbers.fancy(decimal, scale)
    kind = ColumnType.INT if pa.types.is_integer(arrow) else ColumnType.FLOAT
    pattern = written_numbers.COMMA if decimal == "," else written_numbers.POINT
    return Reading(kind, arrow, pattern, convert, plain=False, unit="|".join(sorted(units)))


def _real(distinct: Texts) -> Reading:
    if not pc.any(pc.match_substring_regex(distinct, "[eE]")).as_py():
        scale = written_numbers.scale_of(distinct, ".")
        if scale <= MAX_SCALE:
            arrow = pa.decimal128(DECIMAL_DIGITS + MAX_SCALE, max(scale, 1))
            return Reading(ColumnType.FLOAT, arrow, written_numbers.REAL, lambda texts: _exact(texts, arrow))
    return Reading(
        ColumnType.FLOAT, pa.float64(), written_numbers.REAL, lambda texts: pc.cast(texts, pa.float64())
    )


def _exact(texts: Texts, arrow: pa.DataType) -> pa.Array:
    """Converted from the text, never through a float."""
    return pc.cast(pc.replace_substring_regex(texts, r"\.$", ""), arrow)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One way to read a column. `decimal`: "." or "," for numbers. `moment`: for dates. `clock`: for times of
    day and durations.
    """

    name: str
    pattern: str
    decimal: str = ""
    moment: moments.MomentFormat | None = None
    true: tuple[str, ...] = ()
    clock: clocks.ClockFormat | None = None

    def fit(self, columns: Sequence[Texts]) -> list[bool]:
        """For each column, none of them empty: whether every text has this form and is valid."""
        # In one go: to compile a pattern takes longer than to match some hundred texts.
        texts = pa.concat_arrays(columns)
        plain = written_numbers.normal(texts) if self.decimal else texts
        matched = pc.match_substring_regex(plain, f"^(?:{self.pattern})$").to_numpy(zero_copy_only=False)
        begins = np.cumsum([0, *map(len, columns[:-1])])
        formed = np.logical_and.reduceat(matched, begins)
        return [bool(fits) and self._is_valid(column) for fits, column in zip(formed, columns, strict=True)]

    def _is_valid(self, distinct: Texts) -> bool:
        """Unlike the 31st of February."""
        try:
            if self.name == "integer":
                pc.cast(distinct, pa.int64())
            if self.moment:
                return bool(self.moment.convert(distinct).null_count == 0)
        except (pa.ArrowInvalid, ValueError):  # beyond 64 bits, or beyond the supported years
            return False
        return True

    def is_decided(self, distinct: Texts) -> bool:
        """Single letters may mean anything, unless both of a pair occur."""
        pair = self.name.split("/") if self.true else []
        if not pair or max(map(len, pair)) > 1:
            return True
        return set(pair) <= set(pc.utf8_lower(distinct).to_pylist())

    def reading(self) -> Reading:
        if self.name == "integer":
            return Reading(ColumnType.INT, pa.int64(), self.pattern, lambda texts: pc.cast(texts, pa.int64()))
        true = pa.array(self.true)
        return Reading(
            ColumnType.BOOLEAN, pa.bool_(), self.pattern,
            lambda texts: pc.if_else(pc.is_valid(texts), pc.is_in(pc.utf8_lower(texts), true), None),
            plain=self.true == ("true",),
        )  # fmt: skip


_NUMBERS = (
    _Kind("integer", written_numbers.INTEGER, "."),
    _Kind("real", written_numbers.REAL, "."),
    _Kind("point", written_numbers.POINT, "."),
    _Kind("comma", written_numbers.COMMA, ","),
)


def feed(searches: Sequence[TypeSearch], columns: Sequence[Texts]) -> None:
    """Tell each search of its column's cells: without outer blanks, null where empty."""
    told = [
        (search, present)
        for search, texts in zip(searches, columns, strict=True)
        if search.possible != []
        and texts.null_count < len(texts)
        and len(present := search.present_in(texts))
    ]
    new = [(search, present) for search, present in told if search.possible is None]
    for (search, _), kinds in zip(new, _kinds_of([p[0].as_py() for _, p in new]), strict=True):
        search.possible = kinds
    asked: dict[_Kind, list[int]] = {}
    for place, (search, _) in enumerate(told):
        for kind in search.possible or ():
            asked.setdefault(kind, []).append(place)
    for kind, places in asked.items():
        for place, fits in zip(places, kind.fit([told[place][1] for place in places]), strict=True):
            if not fits:
                (told[place][0].possible or []).remove(kind)
    for search, present in told:
        if search.possible and len(search.kept) < KEPT:
            search.kept = pc.unique(pa.concat_arrays([search.kept, present]))


def _kinds_of(texts: Sequence[str]) -> list[list[_Kind]]:
    """For each text, the kinds that a column with this cell may have."""
    samples = [pa.array([text]) for text in texts]
    numbers = [kind.fit(samples) for kind in _NUMBERS] if samples else []
    return [
        [
            *(
                _Kind(f"{yes}/{no}", f"(?i){yes}|{no}", true=(yes,))
                for yes, no in FLAGS
                if text.casefold() in {yes, no}
            ),
            *(_Kind(each.format, each.pattern, moment=each) for each in moments.formats_of(text)),
            *(_Kind(each.name, each.pattern, clock=each) for each in timed),
            *(kind for kind, fits in zip(_NUMBERS, numbers, strict=True) if fits[place]),
        ]
        for place, (text, timed) in enumerate(zip(texts, clocks.formats_of(texts), strict=True))
    ]


def context_of(searches: Sequence[TypeSearch], decimal: str = "", order: str = "") -> Context:
    """What the columns of a file show together, as long as they do not contradict each other."""
    decimals = {said for search in searches if (said := search.decimal())}
    orders = {said for search in searches if (said := search.order())} - {""}
    return Context(
        decimal or (decimals.pop() if len(decimals) == 1 else ""),
        order or (orders.pop() if len(orders) == 1 else ""),
    )
