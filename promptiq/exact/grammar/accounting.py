"""Checks that a plan contains everything that was taken for it. An item that was used but is not in the plan
counts as not understood.
"""

from __future__ import annotations

from collections.abc import Iterator

from promptiq.exact.grammar.draft import Draft, is_date, is_held
from promptiq.exact.grammar.nouns import counts_rows
from promptiq.exact.lexicon import Lexicon
from promptiq.exact.operation_table import OPERATIONS
from promptiq.exact.permission import columns_of
from promptiq.exact.plans import Minus, Operation, Plan, Reading, SchemaColumn
from promptiq.exact.reading.question import Item, says_nothing
from promptiq.exact.words import tokens

# From this score on, a word is in the header itself.
_SPELLED = 0.7
# Uses of an item that put a column into the plan.
_COLUMNS = frozenset({"measure", "compared", "comparison", "range", "target", "shown", "counted"})
# Figures that the plan has as they are said; smallest and greatest may also be a ranking.
_FIGURES = frozenset(each.value for each in OPERATIONS) - {"sum", "min", "max"}
# The average of two sums is their ratio; outliers are by another rule, missing cells of each column.
_OTHER_FORMS = {"average": "ratio", "outliers": "far", "missing": "gaps"}
_ENDS = frozenset({"min", "max", "span"})


def unsaid(made: Plan, draft: Draft) -> tuple[int, ...]:
    """Places of used items that are missing from the plan."""
    columns, operations = frozenset(columns_of(made)), frozenset(_operations(made))
    return tuple(
        place
        for place, became in draft.used.items()
        if not _says(made, draft, draft.items[place], became, columns, operations)
    )


def shows(made: Plan) -> frozenset[str]:
    """The columns whose cells are in the answer."""
    names = {*made.columns} if made.operation is Operation.LOOKUP else set()
    if made.group:
        names |= {made.group.column, made.group.second}
    return frozenset(names.union(*map(shows, made.operands)) - {""})


def said_again(made: Plan, draft: Draft, place: int) -> bool:
    """Whether a free item only repeats what the plan has: the name of a column beside another word for it
    ("who is the customer"), the unit of what is measured ("litres of water"), or the noun of a cell before it
    ("crime novels").
    """
    item = draft.items[place]
    return (
        _is_unit(made, draft, item)
        or _names_the_same(made, draft, place)
        or _is_noun_of_a_cell(draft, place)
        or _is_shown(made, item)
        or _is_of_a_date(draft, place)
    )


def _is_of_a_date(draft: Draft, place: int) -> bool:
    """ "no planting date", "by purchase date", if the columns are called Planted and Purchased."""
    if draft.items[place].text not in draft.lexicon.classes["dated"]:
        return False
    beside = [draft.items[at] for at in (place - 1, place + 1) if draft.used.get(at) not in (None, "period")]
    return any(each.columns and is_date(draft.schema.get(each.columns[0].name)) for each in beside)


def _is_shown(made: Plan, item: Item) -> bool:
    """ "which language …? List the language and the number": a column that the answer has."""
    best = {each.name for each in item.columns if each.whole and each.score >= item.columns[0].score}
    plain = not (item.number or item.period or item.says("not"))
    return plain and bool(best & shows(made)) and all(each.part for each in item.cells)


def _is_unit(made: Plan, draft: Draft, item: Item) -> bool:
    meant = draft.lexicon.units.get(item.text)
    measured = (draft.schema.get(name) for name in columns_of(made) if name)
    return meant is not None and any(
        column.reading is Reading.NUMBER and meant in _units_of(column, draft.lexicon) for column in measured
    )


def _units_of(column: SchemaColumn, lexicon: Lexicon) -> set[int]:
    signs = [column.unit.casefold(), *(word.text for word in tokens(column.name))]
    return {lexicon.units[sign] for sign in signs if sign in lexicon.units}


def _names_the_same(made: Plan, draft: Draft, place: int) -> bool:
    item = draft.items[place]
    named = {each.name for each in item.columns[:1] if each.score >= _SPELLED} & columns_of(made)
    for step in (-1, 1):
        beside = draft.beside(place, step)
        if beside is None or draft.used.get(beside) not in ("target", "shown", "group", "measure"):
            continue
        other = draft.items[beside]
        who = {name for name in named if other.says("ask", "who") and is_held(name, "who", draft.lexicon)}
        if who or named & {each.name for each in other.columns[:1]}:
            return True
    return False


def _is_noun_of_a_cell(draft: Draft, place: int) -> bool:
    """Not what is counted: "how many crime victims" may be others than the rows."""
    item = draft.items[place]
    if not place or item.names or item.roles or draft.used.get(place - 1) != "value":
        return False
    if not item.text.isalpha() or item.text.endswith(("ed", "ing", "ly", "er", "est", "ive", "al")):
        return False
    follows = draft.items[place + 1] if place + 1 < len(draft.items) else None
    subject = draft.beside(place - 1, -1)
    if any(each.says("ask", "whether") for each in draft.items[(subject or -1) + 1 : place - 1]):
        return False  # "did the USA win": a verb
    counted = place > 1 and draft.items[place - 2].says("op", "count")
    return not counted and (follows is None or follows.leads or says_nothing(follows, draft.lexicon))


def _operations(made: Plan) -> Iterator[str]:
    yield made.operation.value
    if made.group:
        yield made.group.measure
        yield from ([made.group.then] if made.group.then else [])
        yield from (["ratio"] if made.group.over else [])
    for operand in made.operands:
        yield from _operations(operand)


def _says(
    made: Plan, draft: Draft, item: Item, became: str, columns: frozenset[str], operations: frozenset[str]
) -> bool:
    if became == "counted" and made.operation is Operation.COUNT and not made.columns:
        # Each row is a different thing, so counting rows counts them.
        return True
    if became in ("measure", "money") and _is_verb_of_top(draft, item):
        return True
    if became in _COLUMNS and item.columns and not item.number and not counts_rows(draft, item):
        return bool(columns & {each.name for each in item.columns})
    if became == "group" and draft.keys and (item.columns or item.says("part")):
        is_word = item.says("part") or item.says("group")
        return _is_grouped(made, set() if is_word else {each.name for each in item.columns})
    if became == "operation" and item.text in draft.lexicon.classes["together"]:
        return made.operation is not Operation.SEVERAL  # "combined" is one figure
    if became == "operation" or (became == "compared" and item.says("op", "count")):
        return _says_operation(made, item.value("op"), operations)
    if became == "money":
        return any(_is_of_money(draft, name) for name in columns)
    if became == "top":
        return _is_placed(made) or not item.says("top") or bool(operations & _ENDS)
    return True


def _is_grouped(made: Plan, names: set[str]) -> bool:
    """Whether the plan has groups, of one of these columns where there are some."""
    group, order = made.group, made.order
    used = {group.column, group.second, group.over} if group else set()
    used |= {order.within} if order else set()
    if made.operation is Operation.RATIO or (names and names & used) or (not names and used - {""}):
        return True
    return any(_is_grouped(operand, names) for operand in made.operands)


def _is_verb_of_top(draft: Draft, item: Item) -> bool:
    """ "who worked the most overtime hours": a verb that only says whose ranking it is."""
    place = draft.items.index(item)
    behind = [each for each in draft.items[place + 1 : place + 3] if each.leads or each.names]
    return bool(place) and bool(behind) and behind[0].says("top", "most", "least")


def _says_operation(made: Plan, kind: str, operations: frozenset[str]) -> bool:
    if kind in _FIGURES:
        return bool(operations & {kind, _OTHER_FORMS.get(kind, kind)}) or any(
            isinstance(name, Minus) for name in made.columns
        )
    if kind in ("sum", "count"):
        return made.operation is not Operation.LOOKUP or _is_placed(made)
    return True


def _is_of_money(draft: Draft, name: str) -> bool:
    return is_held(name, "money", draft.lexicon) or is_held(name, "spending", draft.lexicon)


def _is_placed(made: Plan) -> bool:
    if made.order or (made.group and made.group.order):
        return True
    return any(_is_placed(operand) for operand in made.operands)
