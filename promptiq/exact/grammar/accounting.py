"""Accounts for each word of a question: a plan contains everything that was taken for it, and what is left
over says nothing, or counts as not understood.
"""

from __future__ import annotations

from collections.abc import Iterator

from promptiq.exact.grammar.draft import Draft, header_stems, is_date, is_held, is_of_the_cell_before
from promptiq.exact.grammar.nouns import counts_rows, is_topic, people_are_rows
from promptiq.exact.lexicon import Lexicon
from promptiq.exact.operation_table import OPERATIONS
from promptiq.exact.permission import columns_of
from promptiq.exact.plans import Compare, Minus, Operation, Plan, Reading, SchemaColumn
from promptiq.exact.reading.headers import INFLECTED, header_words
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


def unkept(made: Plan, draft: Draft) -> tuple[int, ...]:
    """Places of words that turn the meaning of others, although the plan does not: "not", "or", "second",
    "only once", "most often".
    """
    return tuple(place for place, item in enumerate(draft.items) if _turns(made, draft, place, item))


def _turns(made: Plan, draft: Draft, place: int, item: Item) -> bool:
    became, classes = draft.used.get(place), draft.lexicon.classes
    if became is None:
        if item.text in classes["choosing"]:
            return not _offers(made)
        if made.operation is Operation.HOLDS and item.text in classes["measuring"]:
            # "is everything paid?", "do we earn more in May?": more than whether there is a row
            return True
        return item.says("not", "not") and not _denies(made)
    words = set(item.text.split())
    if item.says("top") and words & classes["often"]:
        return made.group is not None and made.group.measure not in ("count", "rate", "share")
    if item.says("distinct") and words & classes["once"]:
        return made.operation is Operation.COUNT
    if item.says("op", "average") and place == len(draft.items) - 1:
        # "what does E55 mean?"
        return bool({each.text for each in draft.items} & classes["doing"])
    later = item.number is not None and item.number.ordinal and item.number.value > 1
    return became == "top" and later and not _skips(made)


def _offers(made: Plan) -> bool:
    """Whether the plan has a choice."""
    filters = (*made.filters, *made.base)
    several = any(len(each.values) > 1 or each.either for each in filters)
    return several or bool(made.operands) or bool(made.group and made.group.having)


def _denies(made: Plan) -> bool:
    denying = (Compare.EMPTY, Compare.UNEQUAL)
    filters = (*made.filters, *made.base)
    return any(each.negated or each.compare in denying for each in filters) or any(
        map(_denies, made.operands)
    )


def _skips(made: Plan) -> bool:
    return bool((made.order and made.order.skip) or (made.group and made.group.skip))


def shows(made: Plan) -> frozenset[str]:
    """The columns whose cells are in the answer."""
    names = {*made.columns} if made.operation is Operation.LOOKUP else set()
    if made.group:
        names |= {made.group.column, made.group.second}
    return frozenset(names.union(*map(shows, made.operands)) - {""})


def is_spent(draft: Draft, item: Item) -> bool:
    """Whether it is no loss that nothing became of an item."""
    if item.says("group", "by") and _leads_to_a_date(draft, item):
        return False
    if item.text in draft.lexicon.classes["particles"]:
        # "kicked off", if the verb was understood; what was sold out is no sum of what was sold.
        verb = draft.items.index(item) - 1
        became = draft.used.get(verb)
        return became != "measure" and (became is not None or (verb >= 0 and bool(draft.items[verb].columns)))
    if item.says("ask", "people"):
        return _counts_people(draft, item)
    if _is_of_a_header(draft, draft.items.index(item)):
        return True
    measured = _measured_by(draft)
    if measured & {each.name for each in item.columns} and not _is_adjective(draft, item):
        return True
    if item.columns and item.columns[0].whole and item.columns[0].score > INFLECTED - 0.01:
        return counts_rows(draft, item)
    if _tells_of_a_cell(draft, item):
        return True
    if (is_topic(draft, item) and _tells_nothing(draft, item)) or _is_of_a_measure(draft, item):
        return True
    if item.says("text") and draft.used.get(draft.items.index(item) + 1) in ("shown", "target"):
        # "rows about instructions": no list of what is called so.
        return False
    if item.says("compare", "between"):
        return bool({"compared", "duration"} & set(draft.used.values()))
    if item.says("compare") and len(item.text.split()) > 1:
        # "at least 20 or more" says it twice.
        said = {
            draft.items[at].value("compare") for at, became in draft.used.items() if became == "comparison"
        }
        return item.value("compare") in said
    if item.text in draft.lexicon.classes["fresh"] and _is_dated(draft, item):
        return True
    if len(item.text.split()) > 1 and any(item.says(role) for role in ("op", "compute", "top")):
        return False
    if says_nothing(item, draft.lexicon) or item.text == "one":
        return not item.period and (not item.number or item.text == "one")
    if item.says("compare") or item.says("date") or item.says("not", "only"):
        return _leads_nowhere(draft, item)
    if draft.lexicon.stem(item.text) in draft.lexicon.holders["spending"]:
        is_another = any(item.text in header_words(each.name) for each in item.columns)
        return not is_another and bool({"measure", "money"} & set(draft.used.values()))
    rows = counts_rows(draft, item) and _tells_nothing(draft, item)
    return rows or item.says("list") or item.says("holds")


def _is_of_a_header(draft: Draft, place: int) -> bool:
    """ "the neg and pos sentiment columns": the word for a column, and one between it and the header."""
    item, told = draft.items[place], draft.lexicon.classes["headers"]
    beside = [draft.items[at] for at in (place - 1, place + 1) if 0 <= at < len(draft.items)]
    if item.text in draft.lexicon.classes["dated"] and draft.used.get(place - 1) == "comparison":
        return any(is_date(draft.schema.get(each.name)) for each in draft.items[place - 1].columns[:1])
    if item.text in told:
        return any(each.columns or _is_of_a_header(draft, draft.items.index(each)) for each in beside)
    if item.names or item.roles or says_nothing(item, draft.lexicon):
        return False
    after = next((each.text for each in draft.items[place:] if each.names or each.text in told), "")
    before = next((each for each in reversed(draft.items[:place]) if each.names or each.roles), item)
    return after in told and before.quoted


def _leads_to_a_date(draft: Draft, item: Item) -> bool:
    """ "month by month", if the column is called Month."""
    after = draft.items.index(item) + 1
    return draft.used.get(after) == "date" and draft.items[after].says("part")


def _tells_of_a_cell(draft: Draft, item: Item) -> bool:
    """ "emergency jobs", if the cell Emergency is of Job Type."""
    if item.roles or item.number or item.period:
        return False
    return is_of_the_cell_before(draft, draft.items.index(item))


def _is_dated(draft: Draft, item: Item) -> bool:
    """ "new customers in 2024": those that the dates of their rows tell of."""
    after = draft.items.index(item) + 1
    rows = after < len(draft.items) and counts_rows(draft, draft.items[after])
    return rows and ("period" in draft.used.values() or any(part for _, part in draft.keys))


def _tells_nothing(draft: Draft, item: Item) -> bool:
    """Whether a word of the dataset's name tells no row from another; "items that still have stock" does."""
    place = draft.items.index(item)
    return not place or draft.items[place - 1].text not in draft.lexicon.classes["verbs"]


def _counts_people(draft: Draft, item: Item) -> bool:
    """Whether the people who are spoken of are the rows, or named by what was taken: none are counted as
    rows of something else."""
    before = draft.beside(draft.items.index(item), -1)
    counted = before is not None and draft.items[before].says("op", "count")
    if people_are_rows(draft) or not (counted or draft.items[-1] == item):
        return True
    whom = {
        each.name
        for place, became in draft.used.items() if became in ("counted", "target", "group")
        for each in draft.items[place].columns[:1]
    }  # fmt: skip
    return any(is_held(name, "who", draft.lexicon) for name in whom)


def _is_adjective(draft: Draft, item: Item) -> bool:
    """ "discounted lines": a word before the noun of the rows chooses some of them."""
    after = draft.items.index(item) + 1
    return after < len(draft.items) and counts_rows(draft, draft.items[after]) and item.text.endswith("ed")


def _is_of_a_measure(draft: Draft, item: Item) -> bool:
    """Whether a word only names what is measured: "gold medals won", "waiting time in minutes"."""
    if item.cells or item.number or item.period or item.says("not") or item.says("op"):
        return False
    places = {
        at for at, became in draft.used.items() if became in ("measure", "compared", "comparison", "top")
    }
    columns = {each.name for at in places for each in draft.items[at].columns[:1]}
    if not columns:
        return False
    if draft.lexicon.stem(item.text) in draft.lexicon.holders["gaining"]:
        return True
    place = draft.items.index(item)
    if draft.used.get(place - 1) == "target" and draft.used.get(place + 1) == "top" and not item.roles:
        # "which guest left the most tips": of a figure that is named, the verb tells nothing more.
        return "measure" in draft.used.values() and not item.columns
    if item.text in draft.lexicon.classes["amounts"] and place + 1 in places:
        # "units on hand"
        return True
    if item.says("unit"):
        own = {name: _units_of(draft.schema.get(name), draft.lexicon) for name in columns}
        meant = draft.lexicon.units.get(item.text)
        if meant is not None and all(own.values()):
            # "in hours", of minutes
            return any(meant in units for units in own.values())
        return any(
            set(header_stems(name, draft.lexicon)) & draft.lexicon.holders["units"] for name in columns
        )
    return (
        not item.roles and not item.columns and place - 1 in places and bool(draft.items[place - 1].columns)
    )


def _measured_by(draft: Draft) -> set[str]:
    """Columns that figures are computed on. Another word for one adds nothing: "how many points did she
    score?".
    """
    measured = (
        item for place, item in enumerate(draft.items) if draft.used.get(place) in ("measure", "compared")
    )
    return {item.columns[0].name for item in measured if item.columns}


def _leads_nowhere(draft: Draft, item: Item) -> bool:
    """Whether a word such as "over" is only a preposition: "over the phone"."""
    place = draft.items.index(item)
    after = draft.beside(place, 1)
    if after is None:
        return item.says("date") and not item.says("compare")
    behind = draft.items[after]
    open_ = after not in draft.used or draft.used[after] in ("date", "shown", "measure")
    return (
        not (behind.number or behind.period)
        and not (behind.columns and open_)
        and len(item.text.split()) == 1
    )


def said_again(made: Plan, draft: Draft, place: int) -> bool:
    """Whether a free item only repeats what the plan has: the name of a column beside another word for it
    ("who is the customer"), the unit of what is measured ("litres of water"), or the noun of a cell before it
    ("crime novels").
    """
    item = draft.items[place]
    return (
        _is_unit_of_a_figure(made, draft, item)
        or _names_the_same(made, draft, place)
        or _is_noun_of_a_cell(draft, place)
        or _is_in_the_answer(made, item)
        or _is_of_a_date(draft, place)
    )


def _is_of_a_date(draft: Draft, place: int) -> bool:
    """ "no planting date", "by purchase date", if the columns are called Planted and Purchased."""
    if draft.items[place].text not in draft.lexicon.classes["dated"]:
        return False
    beside = [draft.items[at] for at in (place - 1, place + 1) if draft.used.get(at) not in (None, "period")]
    return any(each.columns and is_date(draft.schema.get(each.columns[0].name)) for each in beside)


def _is_in_the_answer(made: Plan, item: Item) -> bool:
    """ "which language …? List the language and the number": a column that the answer has."""
    best = {each.name for each in item.columns if each.whole and each.score >= item.columns[0].score}
    plain = not (item.number or item.period or item.says("not"))
    return plain and bool(best & shows(made)) and all(each.part for each in item.cells)


def _is_unit_of_a_figure(made: Plan, draft: Draft, item: Item) -> bool:
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
