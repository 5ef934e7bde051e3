"""A plan as a language model proposes it: JSON read strictly into frozen dataclasses.

The JSON says less than a plan can: what it does not say is not computed. An unknown key, operation, sign or
type makes the whole of it no proposal, because a plan without that part would answer another question. Keys
that are null count as absent.

    {"table": 1, "operation": "count", "columns": ["name"],
     "filters": [{"column": "name", "compare": "=", "value": "text", "part": "year"}], "base": [filters],
     "order": {"column": "name", "direction": "desc", "limit": 1, "skip": 0},
     "step": {"column": "name", "by": 1},
     "group": {"column": "name", "measure": "sum", "of": "name", "order": "most", "limit": 1,
               "having": {"compare": ">", "value": 2}, "part": "year", "counted": false},
     "operands": [plan, plan]}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeVar

from promptiq.exact.plans import Measure, Operation

Part = Literal["year", "month", "day"]
GroupPart = Literal["year", "month"]
GroupOrder = Literal["most", "least"]
T = TypeVar("T")
L = TypeVar("L", bound=str)

# The model's reply if nothing can be computed.
NOTHING = "none"
COMPARISONS = (
    "=", "!=", ">", ">=", "<", "<=", "in", "not in", "contains", "not contains", "empty", "not empty",
)  # fmt: skip
PARTS: tuple[Part, ...] = ("year", "month", "day")
GROUP_PARTS: tuple[GroupPart, ...] = ("year", "month")
MEASURES: tuple[Measure, ...] = ("count", "sum", "average", "median", "min", "max", "share")
ORDERS: tuple[GroupOrder, ...] = ("most", "least")
MAX_COLUMNS = 5
MAX_FILTERS = 8
MAX_VALUES = 50
MAX_CHARACTERS = 200
MAX_LIMIT = 100
# Numbers beyond this power of ten, or with more decimal places, are refused.
MAX_SIZE = 20
MAX_PLACES = 12

Value = str | bool | Decimal


class NoProposal(Exception):
    """Not a plan of the form above, or one that does not fit the table. The text says why, without any
    value.
    """


@dataclass(frozen=True, slots=True)
class ProposedFilter:
    """`values`: () for empty and not empty, several for in and not in, else one."""

    column: str
    compare: str
    values: tuple[Value, ...] = ()
    part: Part | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class ProposedOrder:
    column: str
    descending: bool
    limit: int
    skip: int


@dataclass(frozen=True, slots=True)
class ProposedStep:
    column: str
    by: int


@dataclass(frozen=True, slots=True)
class ProposedGroup:
    """`of`: "" for rows. `order`: "", "most" or "least". `compare`: "" if all groups are kept."""

    column: str
    measure: Measure
    of: str
    order: GroupOrder | Literal[""]
    limit: int
    compare: str
    threshold: Decimal
    part: GroupPart | Literal[""]
    counted: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """`table`: 1 for the first that the model got."""

    table: int
    operation: Operation
    columns: tuple[str, ...] = ()
    filters: tuple[ProposedFilter, ...] = ()
    base: tuple[ProposedFilter, ...] = ()
    order: ProposedOrder | None = None
    step: ProposedStep | None = None
    group: ProposedGroup | None = None
    operands: tuple[Proposal, ...] = ()


def read_proposal(said: Mapping[str, Any]) -> Proposal | None:
    """None if the model says that there is nothing to compute. Raises NoProposal."""
    if said.get("operation") == NOTHING:
        return None
    return _proposal(said, nested=False)


def _proposal(said: Any, *, nested: bool) -> Proposal:
    keys = ["operation", "columns", "filters", "order"]
    if not nested:
        keys += ["table", "base", "step", "group", "operands"]
    given = _object(said, keys)
    operands = _list(given, "operands", 2, lambda each: _proposal(each, nested=True))
    return Proposal(
        table=_whole(given, "table", 1, least=1),
        operation=_one_of(given, "operation", tuple(Operation)),
        columns=_list(given, "columns", MAX_COLUMNS, _text),
        filters=_list(given, "filters", MAX_FILTERS, _filter),
        base=_list(given, "base", MAX_FILTERS, _filter),
        order=_optional(given, "order", _order),
        step=_optional(given, "step", _step),
        group=_optional(given, "group", _group),
        operands=operands,
    )


def _filter(said: Any) -> ProposedFilter:
    given = _object(said, ["column", "compare", "value", "part"])
    compare = _one_of(given, "compare", COMPARISONS)
    part = _one_of(given, "part", PARTS) if "part" in given else ""
    column = _text(given.get("column"))
    if compare in ("empty", "not empty"):
        if "value" in given:
            raise NoProposal("a condition has a value that it does not take")
        return ProposedFilter(column, compare, (), part)
    if compare in ("in", "not in"):
        values = _list(given, "value", MAX_VALUES, _value)
        if not values:
            raise NoProposal("a condition has no values")
        return ProposedFilter(column, compare, values, part)
    return ProposedFilter(column, compare, (_value(given.get("value")),), part)


def _order(said: Any) -> ProposedOrder:
    given = _object(said, ["column", "direction", "limit", "skip"])
    return ProposedOrder(
        _text(given.get("column")),
        _one_of(given, "direction", ("asc", "desc")) == "desc",
        _whole(given, "limit", 1, least=1),
        _whole(given, "skip", 0, least=0),
    )


def _step(said: Any) -> ProposedStep:
    given = _object(said, ["column", "by"])
    by = _whole(given, "by", 1, least=-MAX_LIMIT)
    if not by:
        raise NoProposal("a step of no row")
    return ProposedStep(_text(given.get("column")), by)


def _group(said: Any) -> ProposedGroup:
    given = _object(said, ["column", "measure", "of", "order", "limit", "having", "part", "counted"])
    having = _object(given.get("having", {}), ["compare", "value"])
    threshold = _value(having["value"]) if "value" in having else Decimal(0)
    if not isinstance(threshold, Decimal) or ("value" in having) != ("compare" in having):
        raise NoProposal("a condition on groups that is none")
    counted = given.get("counted", False)
    if not isinstance(counted, bool):
        raise NoProposal("counted is neither true nor false")
    return ProposedGroup(
        _text(given.get("column")),
        _one_of(given, "measure", MEASURES) if "measure" in given else "count",
        _text(given["of"]) if "of" in given else "",
        _one_of(given, "order", ORDERS) if "order" in given else "",
        _whole(given, "limit", 1, least=1),
        _one_of(having, "compare", COMPARISONS[:6]) if having else "",
        threshold,
        _one_of(given, "part", GROUP_PARTS) if "part" in given else "",
        counted,
    )


# --- what JSON may hold


def _object(said: Any, keys: list[str]) -> dict[str, Any]:
    """Without what is null."""
    if not isinstance(said, dict):
        raise NoProposal("an object was expected")
    if not said.keys() <= set(keys):
        raise NoProposal("a key that no plan has")
    return {name: value for name, value in said.items() if value is not None}


def _list(given: dict[str, Any], key: str, most: int, read: Callable[[Any], T]) -> tuple[T, ...]:
    said = given.get(key, [])
    if not isinstance(said, list):
        raise NoProposal(f"{key} is no list")
    if len(said) > most:
        raise NoProposal(f"{key} has more than {most} items")
    return tuple(read(each) for each in said)


def _optional(given: dict[str, Any], key: str, read: Callable[[Any], T]) -> T | None:
    return read(given[key]) if key in given else None


def _text(said: Any) -> str:
    if not isinstance(said, str) or not 0 < len(said) <= MAX_CHARACTERS or "\0" in said:
        raise NoProposal("a text was expected")
    return said


def _one_of(given: dict[str, Any], key: str, allowed: tuple[L, ...]) -> L:
    said = given.get(key)
    for each in allowed:
        if isinstance(said, str) and said == each:
            return each
    raise NoProposal(f"{key} is none of those that are known")


def _whole(given: dict[str, Any], key: str, default: int, least: int) -> int:
    said = given.get(key, default)
    if isinstance(said, bool) or not isinstance(said, int) or not least <= said <= MAX_LIMIT:
        raise NoProposal(f"{key} is no whole number from {least} to {MAX_LIMIT}")
    return int(said)


def _value(said: Any) -> Value:
    if isinstance(said, bool):
        return said
    if isinstance(said, int | Decimal):
        number = Decimal(said)
        exponent = number.as_tuple().exponent
        if number.adjusted() > MAX_SIZE or not isinstance(exponent, int) or exponent < -MAX_PLACES:
            raise NoProposal("a number is too large or has too many places")
        return number
    return _text(said)
