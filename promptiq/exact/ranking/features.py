"""What tells whether a plan is what a question means, as names of features. The names are hashed, and the
model has a weight for each: see `promptiq.exact.ranking.model`.

A feature is a fact about question and plan, most of them combined with the kind of plan: "how many" goes with
a count, "who" with a column of names. Facts about the answer come when it is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from promptiq.exact.grammar.draft import Draft
from promptiq.exact.permission import columns_of
from promptiq.exact.plans import FILE_ORDER, Compare, Filter, Plan, Said, SchemaColumn
from promptiq.exact.reading.question import Item, says_nothing

# What a question's words are replaced by, if they are in the table.
CELL, NUMBER, TIME, COLUMN = "CELL", "NUM", "TIME", "COL"
# How well a column is named, and how much of its cells differ, in steps.
_NAMED = (0.5, 0.7, 0.9, 0.99)
_DISTINCT = (0.1, 0.5, 0.9, 0.98)
_VALUES = (1, 2, 3, 5, 10, 30)
_FIGURE = re.compile(r"-?[\d.,]+%?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d.*")
_PLURAL = frozenset({"all", "list", "are", "were", "each", "names"})


@dataclass(frozen=True)
class Asked:
    """A question as read. `left`: the words that the grammar does not explain in `made`, its own plan.
    `open`: how many of its words are ambiguous.
    """

    draft: Draft
    made: Plan | None
    left: tuple[str, ...] = ()
    open: int = 0

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(word for item in self.draft.items for word in _replaced(item))

    @cached_property
    def phrases(self) -> frozenset[str]:
        """Single words, pairs, and the beginning."""
        pairs = (f"{one} {other}" for one, other in pairwise(self.words))
        begun = (f"{number}^{' '.join(self.words[:number])}" for number in (1, 2, 3))
        return frozenset((*self.words, *pairs, *begun))

    @cached_property
    def named(self) -> dict[str, float]:
        """How well each column is named, 0–1."""
        found: dict[str, float] = {}
        for item in self.draft.items:
            for each in item.columns[:3]:
                found[each.name] = max(found.get(each.name, 0.0), each.score)
        return found

    def how_named(self, column: str) -> int:
        """How well a column is named, in steps."""
        return _step(self.named.get(column, 0.0), _NAMED)

    @cached_property
    def columns(self) -> dict[str, tuple[int, SchemaColumn]]:
        """Each column with its place in the table."""
        return {column.name: (at, column) for at, column in enumerate(self.draft.schema.columns)}

    def begins(self, number: int) -> str:
        return " ".join(self.words[:number])


@dataclass(frozen=True)
class _Planned:
    """A plan and what it has, over all its operands."""

    plan: Plan
    kind: str
    filters: tuple[Filter, ...]
    columns: frozenset[str]
    shown: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


def said_of(asked: Asked, plan: Plan) -> Said:
    return Said(asked.words, asked.draft.question.text.casefold(), kind_of(plan), plan.operation.value)


def passed_over(asked: Asked, plan: Plan) -> tuple[str, ...]:
    """Words that the plan does not explain."""
    if plan == asked.made:
        return asked.left
    one = _planned(plan)
    items = asked.draft.items
    return tuple(item.text for item in items if _fate(item, one, asked) in ("cell", "number", "word"))


def features_of(asked: Asked, plan: Plan) -> Iterator[str]:
    """The facts that are known before the plan is run."""
    one = _planned(plan)
    is_made = plan == asked.made
    yield f"kind:{one.kind}"
    yield f"made:{is_made}|{one.kind}"
    yield f"explained:{is_made and not asked.left and not asked.open}|{plan.operation.value}"
    for phrase in asked.phrases:
        yield f"{phrase}|{one.kind}"
    yield from _of_items(asked, one, is_made)
    if is_made:
        yield from _of_left(asked, plan)
    yield from _of_columns(asked, one)
    yield from _of_conditions(asked, one)


def features_of_answer(said: Said, values: Sequence[str]) -> Iterator[str]:
    """The facts that the answer adds. `values`: as shown, in order."""
    first, two = " ".join(said.words[:1]), " ".join(said.words[:2])
    value, count = (values[0] if values else ""), _step(len(values), _VALUES)
    is_figure = bool(_FIGURE.fullmatch(value))
    several = bool(_PLURAL & set(said.words[:6]))
    yield f"values:{count}|{said.operation}"
    yield f"values:{min(count, 3)}|^{first}"
    yield f"values:{min(count, 3)}|{several}|{said.operation}"
    yield f"figure:{is_figure}|^{first}"
    yield f"figure:{is_figure}|^{two}"
    yield f"zero:{value == '0'}|{said.operation}"
    yield f"below zero:{value.startswith('-')}"
    yield f"said:{bool(value) and not is_figure and value.casefold() in said.text}|{said.kind}"
    yield f"long:{_step(len(value), (20, 60))}|{said.operation}"
    if _DAY.fullmatch(value):
        yield f"day|^{first}"
    if is_figure and "." in value:
        yield f"places:{len(value.split('.')[1]) > 2}|{said.operation}"


def kind_of(plan: Plan) -> str:
    """A plan without its columns and values."""
    if plan.operands:
        inner = "/".join(dict.fromkeys(each.operation.value for each in plan.operands))
        return f"{plan.operation.value}({inner})"
    if group := plan.group:
        marks = {
            "n": group.limit > 1, "part": group.part, "having": group.having, "counted": group.counted,
            "each": group.figures and not group.order,
        }  # fmt: skip
        return " ".join(("group", group.measure, group.order, *(name for name, has in marks.items() if has)))
    parts = [plan.operation.value, "different" if plan.operation.value == "count" and plan.columns else ""]
    if order := plan.order:
        ends = ("first", "last") if order.columns == (FILE_ORDER,) else ("smallest", "greatest")
        parts += [ends[order.descending], "n" if order.limit > 1 else "", "skip" if order.skip else ""]
    if plan.step:
        parts.append("next" if plan.step.by > 0 else "previous")
    return " ".join(filter(None, parts))


def _replaced(item: Item) -> tuple[str, ...]:
    if item.roles and not (item.period or item.number):
        return tuple(item.text.split())
    for has, name in ((item.cells, CELL), (item.period, TIME), (item.number, NUMBER), (item.columns, COLUMN)):
        if has:
            return (name,)
    return tuple(item.text.split())


def _planned(plan: Plan) -> _Planned:
    parts = (plan, *plan.operands)
    filters = tuple(each for part in parts for each in (*part.filters, *part.base))
    one = _Planned(plan, kind_of(plan), filters, frozenset(columns_of(plan)))
    for part in parts:
        one.shown.extend(part.columns)
        one.by.extend(part.order.columns if part.order else ())
        if part.group:
            one.groups.append(part.group.column)
            one.by.extend([part.group.of] if part.group.of else [])
    return one


def _fate(item: Item, one: _Planned, asked: Asked) -> str:
    """What a word is that the plan does not have: a "cell", "column", "number" or "word"; "" if it has it."""
    has_column = any(each.name in one.columns for each in item.columns)
    if item.period or item.number:
        return "" if _has_number(item, one) or item.text == "one" else "number"
    if item.roles:
        return ""
    if item.cells:
        cells = {(each.column, value) for each in one.filters for value in each.values}
        has_cell = any((each.column, cell) in cells for each in item.cells for cell in each.cells)
        return "" if has_cell or has_column else "cell"
    if item.columns:
        return "" if has_column else "column"
    return "" if says_nothing(item, asked.draft.lexicon) else "word"


def _has_number(item: Item, one: _Planned) -> bool:
    if item.period and any(each.compare in (Compare.AT_LEAST, Compare.LESS) for each in one.filters):
        return True
    limits = [one.plan.order.limit if one.plan.order else 0, one.plan.group.limit if one.plan.group else 0]
    figures = {item.text, str(item.number.value) if item.number else item.text}
    values = [value for each in one.filters for value in each.values]
    return item.text in map(str, limits) or any(figure in value for figure in figures for value in values)


def _of_items(asked: Asked, one: _Planned, is_made: bool) -> Iterator[str]:
    """Which words of the question the plan does not have."""
    lost: dict[str, int] = {}
    for item in asked.draft.items:
        if fate := _fate(item, one, asked):
            lost[fate] = lost.get(fate, 0) + 1
            if fate == "word":
                yield f"lost word:{item.text}"
    for fate in ("cell", "column", "number", "word"):
        yield f"lost {fate}:{min(lost.get(fate, 0), 3)}"
        if lost.get(fate):
            yield f"lost {fate}|{one.plan.operation.value}"
    others = sum(count for fate, count in lost.items() if fate != "word")
    yield f"lost:{min(others, 3)}:{min(lost.get('word', 0), 3)}|{is_made}"


def _of_left(asked: Asked, plan: Plan) -> Iterator[str]:
    """The words that the grammar does not explain in its own plan."""
    yield f"left:{min(len(asked.left), 4)}|{plan.operation.value}"
    yield f"left:{min(len(asked.left), 4)}|{min(asked.open, 2)}"
    items = {item.text: item for item in asked.draft.items}
    for text in asked.left:
        yield f"left:{text}|{plan.operation.value}"
        yield from (f"left word:{asked.draft.lexicon.stem(word)}" for word in text.split())
        sort = _sort_of(items[text])
        yield f"left:{sort}"
        yield f"left:{sort[:4]}|{plan.operation.value}"


def _sort_of(item: Item) -> str:
    for has, name in ((item.cells, "cell"), (item.number, "number"), (item.period, "time")):
        if has:
            return name
    if item.columns:
        return "column"
    return f"role {item.roles[0][0]}" if item.roles else f"word {item.text[-3:]}"


def _of_columns(asked: Asked, one: _Planned) -> Iterator[str]:
    """How well the plan's columns are named, and whether they are of the kind that is asked for."""
    rows, operation, columns = asked.draft.schema.rows, one.plan.operation.value, asked.columns
    best = max(asked.named.values(), default=0.0)
    for name in [each for each in one.shown[:2] if each in columns]:
        at, column = columns[name]
        named = asked.how_named(name)
        yield f"shown:{named}|{operation}"
        yield f"shown best:{best > 0 and asked.named.get(name, 0.0) >= best}|{named > 0}|{operation}"
        yield f"shown at:{min(at, 6)}|{named > 0}|{operation}"
        yield f"shown kind:{_kind(column)}|^{asked.begins(1)}"
        yield f"shown kind:{column.reading.value}|^{asked.begins(2)}|{operation}"
        yield f"shown differs:{_step(column.distinct / max(1, rows), _DISTINCT)}|{operation}"
    for name in [each for each in one.by[:1] if each in columns]:
        _, column = columns[name]
        named = asked.how_named(name)
        rivals = any(
            each != name and each not in one.shown and columns[each][1].reading is column.reading
            for each in asked.named
        )
        yield f"by:{named}|{one.kind}"
        yield f"by rivals:{rivals}|{named > 0}"
        yield f"by kind:{_kind(column)}|{named > 0}|{one.kind}"
    for name in [each for each in one.groups[:1] if each in columns]:
        named = asked.how_named(name)
        yield f"group:{named}|{operation}"
        yield f"group kind:{_kind(columns[name][1])}|{named > 0}"


def _of_conditions(asked: Asked, one: _Planned) -> Iterator[str]:
    operation = one.plan.operation.value
    for each in one.filters[:4]:
        yield f"condition:{each.compare.value}|{each.negated}|{operation}"
        yield f"condition named:{asked.how_named(each.column)}|{each.compare.value}"
        yield f"condition of:{min(len(each.values), 3)}"
    yield f"conditions:{min(len(one.filters), 4)}|{operation}"
    yield f"columns:{min(len(one.shown), 4)}|{operation}"


def _kind(column: SchemaColumn) -> str:
    return f"{column.reading.value}|{column.role.value}"


def _step(figure: float, edges: Sequence[float]) -> int:
    """How many of the edges it reaches."""
    return sum(figure >= edge for edge in edges)
