"""Which type a column of texts has, by all its rows: a kind is possible until a cell speaks against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


class ColumnType(StrEnum):
    STRING = "STRING"
    INT = "INT"
    FLOAT = "FLOAT"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"


# Decimals with at most so many places, and no exponent, are kept exact.
MAX_SCALE = 4
DECIMAL_DIGITS = 18

# pyarrow has no types that mypy reads: an array of strings.
Texts = Any
Converter = Callable[[Texts], pa.Array]


@dataclass(frozen=True)
class Kind:
    """One way to read a column. `pattern`: RE2, what every cell looks like. `convert`: texts to values, null
    where one cannot be. `decisive`: at least one cell has to match it, or the column may mean something else.
    """

    type: ColumnType
    pattern: str
    convert: Converter
    decisive: str | None = None
    # Kinds of which several may fit the same cells and mean different things: then none is taken.
    ambiguous_with: str = ""


def _boolean(true: str) -> Converter:
    return lambda texts: pc.equal(pc.utf8_lower(texts), true)


def _integer(texts: Texts) -> pa.Array:
    return pc.cast(texts, pa.int64())


def _real(decimal: str = ".", thousands: str = "") -> Converter:
    def convert(texts: Texts) -> pa.Array:
        plain = pc.replace_substring(texts, thousands, "") if thousands else texts
        return pc.cast(pc.replace_substring(plain, decimal, ".") if decimal != "." else plain, pa.float64())

    return convert


def _moment(format: str, *, date: bool, utc: bool = False) -> Converter:
    def convert(texts: Texts) -> pa.Array:
        moments = pd.to_datetime(texts.to_pandas(), format=format, errors="coerce", utc=utc)
        unit = pa.timestamp("us", tz="UTC" if utc else None)
        stamps = pa.Array.from_pandas(moments).cast(unit, safe=False)
        return stamps.cast(pa.date32()) if date else stamps

    return convert


_TIME = r"([01]?\d|2[0-3]):[0-5]\d"
_SECONDS = r":[0-5]\d"
_ISO = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?"
_ZONE = r"(Z|[+-]\d{2}:?\d{2})"

# A leading zero is part of a code and a leading plus of a telephone number: neither is a number's.
_WHOLE = r"(0|[1-9]\d{0,14})"


def _dates() -> list[Kind]:
    kinds = [Kind(ColumnType.DATE, r"\d{4}-\d{1,2}-\d{1,2}", _moment("%Y-%m-%d", date=True))]
    kinds.append(Kind(ColumnType.DATE, r"\d{4}/\d{1,2}/\d{1,2}", _moment("%Y/%m/%d", date=True)))
    for separator in "/-.":
        pattern = rf"\d{{1,2}}[{separator}]\d{{1,2}}[{separator}]\d{{4}}"
        for order in ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y"):
            if separator == "." and order.startswith("%m"):
                continue  # with dots the day comes first wherever dates are written so
            format = order.format(separator)
            kinds.append(
                Kind(ColumnType.DATE, pattern, _moment(format, date=True), ambiguous_with="day or month")
            )
            kinds += [
                Kind(
                    ColumnType.TIMESTAMP,
                    f"{pattern} {_TIME}{seconds}",
                    _moment(f"{format} {clock}", date=False),
                    ambiguous_with="day or month",
                )
                for seconds, clock in (("", "%H:%M"), (_SECONDS, "%H:%M:%S"))
            ]
    return kinds


# In order of preference: the first that fits every cell is taken.
KINDS: tuple[Kind, ...] = (
    Kind(ColumnType.BOOLEAN, r"(?i)true|false", _boolean("true")),
    Kind(ColumnType.BOOLEAN, r"(?i)yes|no", _boolean("yes")),
    Kind(ColumnType.BOOLEAN, r"(?i)t|f", _boolean("t"), decisive=r"(?i)t"),
    Kind(ColumnType.INT, r"-?(0|[1-9]\d{0,18})", _integer),
    Kind(ColumnType.FLOAT, rf"-?({_WHOLE}(\.\d*)?|\.\d+)([eE][-+]?\d{{1,3}})?", _real()),
    Kind(
        ColumnType.FLOAT,
        rf"-?([1-9]\d{{0,2}}(,\d{{3}})+|{_WHOLE})(\.\d+)?",
        _real(thousands=","),
        decisive=r",\d{3},|,\d{3}\.\d|^\d{4,}\.|\.\d{1,2}$|\.\d{4,}$",
    ),
    Kind(
        ColumnType.FLOAT,
        rf"-?([1-9]\d{{0,2}}(\.\d{{3}})+|{_WHOLE})(,\d+)?",
        _real(",", thousands="."),
        decisive=r",\d{1,2}$|,\d{4,}$|\.\d{3},\d",
    ),
    *_dates(),
    Kind(ColumnType.TIMESTAMP, _ISO, _moment("ISO8601", date=False)),
    Kind(ColumnType.TIMESTAMP, _ISO + _ZONE, _moment("ISO8601", date=False, utc=True)),
)


@dataclass
class TypeSearch:
    """The search for one column's type. Feed it every batch, then ask for `settled()`."""

    possible: list[Kind] = field(default_factory=lambda: list(KINDS))
    decided: set[int] = field(default_factory=set)
    filled: bool = False
    # Of plain decimals: the most places seen, and whether a cell had an exponent.
    scale: int = 0
    exponent: bool = False

    def feed(self, texts: Texts) -> None:
        """`texts`: cells without outer blanks, null where empty."""
        if not self.possible or texts.null_count == len(texts):
            return
        self.filled = True
        # Most columns repeat themselves: each distinct text is looked at once.
        distinct = pc.unique(texts).drop_null()
        self.possible = [kind for kind in self.possible if _fits(kind, distinct)]
        for kind in self.possible:
            if kind.decisive and pc.any(pc.match_substring_regex(distinct, kind.decisive)).as_py():
                self.decided.add(id(kind))
        if any(kind.type is ColumnType.FLOAT for kind in self.possible):
            self._measure(distinct)

    def settled(self) -> Kind | None:
        """The kind to read the column as; None: as text."""
        if not self.filled:
            return None
        left = [kind for kind in self.possible if not kind.decisive or id(kind) in self.decided]
        if not left:
            return None
        first = left[0]
        rivals = [kind for kind in left[1:] if kind.ambiguous_with and kind.type is first.type]
        return None if first.ambiguous_with and rivals else first

    def arrow_type(self) -> pa.DataType:
        kind = self.settled()
        if kind is None:
            return pa.string()
        plain = kind.type is ColumnType.FLOAT and not kind.decisive and not self.exponent
        if plain and self.scale <= MAX_SCALE:
            return pa.decimal128(DECIMAL_DIGITS + MAX_SCALE, max(self.scale, 1))
        return _ARROW[kind.type] if kind.type is not ColumnType.TIMESTAMP else _timestamp(kind)

    def _measure(self, distinct: Texts) -> None:
        self.exponent = self.exponent or bool(pc.any(pc.match_substring_regex(distinct, "[eE]")).as_py())
        point = pc.find_substring(distinct, ".")
        places = pc.subtract(pc.subtract(pc.utf8_length(distinct), point), 1)
        most = pc.max(pc.if_else(pc.less(point, 0), 0, places)).as_py()
        self.scale = max(self.scale, most or 0)


_ARROW = {
    ColumnType.INT: pa.int64(),
    ColumnType.FLOAT: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.DATE: pa.date32(),
}


def _timestamp(kind: Kind) -> pa.DataType:
    return pa.timestamp("us", tz="UTC" if kind.pattern.endswith(_ZONE) else None)


def _fits(kind: Kind, distinct: Texts) -> bool:
    """Whether every text looks like this kind and is one: the 31st of February is not."""
    if not pc.all(pc.match_substring_regex(distinct, f"^(?:{kind.pattern})$")).as_py():
        return False
    if kind.type in {ColumnType.BOOLEAN, ColumnType.FLOAT}:
        return True
    try:
        return bool(kind.convert(distinct).null_count == 0)
    except pa.ArrowInvalid:  # beyond 64 bits
        return False


def convert(texts: Texts, kind: Kind | None, arrow_type: pa.DataType) -> pa.Array:
    """Cells as values of the column's type. `texts`: without outer blanks, null where empty."""
    if kind is None:
        return texts
    if pa.types.is_decimal(arrow_type):  # from their text, never by way of a float
        return pc.cast(pc.replace_substring_regex(texts, r"\.$", ""), arrow_type)
    return kind.convert(texts).cast(arrow_type)
