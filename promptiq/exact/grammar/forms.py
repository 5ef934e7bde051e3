"""The forms of plans: comparisons, shares, best ones, groups, figures, lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from promptiq.exact.grammar.amounts import Figure, adds_up, group_of, joined, plan_of, thing
from promptiq.exact.grammar.bounds import money
from promptiq.exact.grammar.draft import Draft, is_any, is_held, is_name
from promptiq.exact.grammar.grouping import MOSTLY_ONE
from promptiq.exact.grammar.nouns import counts_rows, is_label, is_topic, label, says_number
from promptiq.exact.grammar.placing import Top, extreme, sorted_by, topped
from promptiq.exact.grammar.times import conditions, date_column
from promptiq.exact.plans import Compare, Filter, Group, Operation, Order, Plan
from promptiq.exact.reading.question import Item

_AVERAGES = (Operation.AVERAGE, Operation.MEDIAN, Operation.DEVIATION)


def compared(draft: Draft, figures: list[Figure], base: Plan) -> Plan | None:
    """Two groups or periods, compared."""
    kinds = draft.said("compute")
    more = [at for at, item in draft.free() if _says_more(item)]
    cells = _cells(draft)
    if more and not kinds and cells and cells[0][0].column not in [column for column, _ in draft.keys]:
        return _greater(draft, figures, base, more, cells)
    figures = _figures_compared(draft, kinds, figures) if kinds else []
    if not figures:
        return None
    sides = _periods(draft) or cells
    if sides is None:
        return None
    left, right = (tuple(side) for side in sides)
    alone = draft.schema.tells_rows_apart(left[0].column)
    if alone and figures[0].operation is Operation.COUNT and left[0].compare is Compare.IS:
        # Each side is one row, so a count of something else is meant, such as of medals.
        return None
    others = tuple(
        each for each in base.filters if each.column != left[0].column or each.column != right[0].column
    )
    operands = tuple(plan_of(figures[0], replace(base, filters=(*others, *side))) for side in (left, right))
    values = [draft.items[place].value("compute") for place in kinds]
    whether = draft.items[0].says("ask", "whether") and values == ["versus"]
    draft.use("compared", *kinds, *draft.said("unit:percent", "compare:more", "compare:less", "op:share"))
    if whether and more:
        draft.use("compared", *more)
        first, second = _as_said(draft, operands)
        less = _says_less(draft.items[more[0]])
        return Plan(Operation.GREATER, operands=(second, first) if less else (first, second))
    if "ratio" in values:
        return Plan(Operation.RATIO, operands=operands)
    if "growth" in values:
        return Plan(Operation.GROWTH, operands=operands)
    if "difference" in values:
        return Plan(Operation.DIFFERENCE, operands=operands)
    column = left[0].column
    if left[0].compare is not Compare.IS:
        return Plan(Operation.SEVERAL, operands=operands, several=True)
    group = group_of(figures[0], column, figures=True)
    both = replace(left[0], values=(*left[0].values, *right[0].values))
    return Plan(Operation.GROUP, filters=(*others, both), group=group, several=True) if group else None


_MORE, _LESS = ("more", "higher"), ("less", "fewer", "lower")


def _says_more(item: Item) -> bool:
    return item.says("compare", "more") or item.text in _MORE or _says_less(item)


def _says_less(item: Item) -> bool:
    return item.says("compare", "less") or item.text in _LESS


def _greater(
    draft: Draft, figures: list[Figure], base: Plan, more: list[int], cells: tuple[list[Filter], list[Filter]]
) -> Plan | None:
    """ "did A cost more than B?": yes or no; "more claims in A or in B?": the one that has more."""
    (left,), (right,) = cells
    places = [at for at, each in draft.apart if each in (left, right)]
    between = {item.text for item in draft.items[places[0] + 1 : places[1]]}
    rows = [at for at, item in draft.free() if counts_rows(draft, item)]
    figures = figures or ([Figure(Operation.COUNT)] if rows else [])
    if len(more) != 1 or len(figures) != 1:
        return None
    others = tuple(each for each in base.filters if each.column != left.column)
    less = _says_less(draft.items[more[0]])
    first, second = (plan_of(figures[0], replace(base, filters=(*others, each))) for each in (left, right))
    if draft.items[0].says("ask", "whether") and places[0] < more[0] < places[1]:
        draft.use("compared", *more)
        return Plan(Operation.GREATER, operands=(second, first) if less else (first, second))
    if "or" not in between:
        return None
    draft.use("compared", *more)
    group = group_of(figures[0], left.column, order="least" if less else "most")
    both = replace(left, values=(*left.values, *right.values))
    return Plan(Operation.GROUP, filters=(*others, both), group=group) if group else None


def _figures_compared(draft: Draft, kinds: list[int], figures: list[Figure]) -> list[Figure]:
    """The figures to compare. Default: the number of rows, or for "how much" the sum of money."""
    rows = any(counts_rows(draft, item) for item in draft.items)
    if not any("how much" in draft.items[at].text for at in kinds):
        return figures or ([Figure(Operation.COUNT)] if rows else [])
    name = money(draft, 0) if not figures and not rows else None
    return [Figure(Operation.SUM, (name,))] if name else [each for each in figures if each.columns]


def _as_said(draft: Draft, operands: tuple[Plan, ...]) -> tuple[Plan, Plan]:
    """The sides in the question's order: periods are stored in order of time."""
    first, second = operands
    turned = len(draft.periods) == 2 and draft.periods[0][0].first > draft.periods[1][0].first
    return (second, first) if turned else (first, second)


def _periods(draft: Draft) -> tuple[list[Filter], list[Filter]] | None:
    if len(draft.periods) != 2:
        return None
    name = date_column(draft)
    if name is None:
        return None
    first, second = (conditions(draft, name, period, how) for period, how in draft.periods)
    return (first, second) if draft.periods[0][0].first <= draft.periods[1][0].first else (second, first)


def _cells(draft: Draft) -> tuple[list[Filter], list[Filter]] | None:
    """The last two cells of one column that the question names."""
    by_column: dict[str, list[Filter]] = {}
    for _, each in draft.apart:
        if each.compare is Compare.IS and not each.negated:
            by_column.setdefault(each.column, []).append(each)
    pairs = [found for found in by_column.values() if len(found) == 2]
    return ([pairs[0][0]], [pairs[0][1]]) if len(pairs) == 1 else None


def shared(
    draft: Draft, figures: list[Figure], base: Plan, top: Top | None = None, target: str | None = None
) -> Plan | None:
    """ "what percentage of orders came in over the phone": the rows of the last condition, as a share."""
    places = draft.said("op:share", "unit:percent")
    if not places:
        return None
    told = any(_is_percent(draft, each) or each.operation in _AVERAGES for each in figures)
    if not draft.said("op:share") and told:
        # A figure that is a percentage already.
        draft.use("unit", *places)
        return None
    measured = [each for each in figures if each.columns and each.operation is Operation.SUM]
    if len(measured) == 2:
        first, second = (plan_of(each, base) for each in measured)
        draft.use("share", *places)
        return Plan(Operation.PERCENT, operands=(first, second))
    columns = measured[0].columns if measured else ()
    repeats = target is not None and not draft.schema.tells_rows_apart(target)
    keys = draft.keys or ([(target, "")] if top and target and repeats else [])
    if keys and base.filters and (wanted := _part_of_share(draft, base)):
        draft.use("share", *places)
        rest = tuple(each for each in base.filters if each not in wanted)
        (column, part), *_ = keys
        group = Group(column, "rate", columns[0] if columns else "", figures=True, part=part)
        if top:
            # "which agent has the highest share of returns"
            group = replace(group, order="most" if top.most else "least", limit=top.limit, figures=False)
        made = replace(base, operation=Operation.GROUP, columns=(), filters=rest, base=wanted, group=group)
        return replace(made, several=top is None or top.limit > 1)
    if draft.keys:
        if any(draft.items[at].text == "rate" for at in places):
            # "scrap rate per machine": the question does not say of what.
            return None
        column, part = draft.keys[0]
        group = Group(column, "share", columns[0] if columns else "", figures=True, part=part)
        draft.use("share", *places)
        return replace(base, operation=Operation.GROUP, columns=(), group=group, several=True)
    part_of = _part_of_share(draft, base)
    if part_of is None:
        return None
    draft.use("share", *places)
    for place, item in list(draft.free()):
        if counts_rows(draft, item):
            draft.use("rows", place)
    rest = tuple(each for each in base.filters if each not in part_of)
    return replace(base, operation=Operation.SHARE, columns=columns, base=rest)


def _is_percent(draft: Draft, figure: Figure) -> bool:
    names = [name for name in figure.columns if name in {each.name for each in draft.schema.columns}]
    return any(draft.schema.get(name).percent or is_held(name, "percent", draft.lexicon) for name in names)


def _part_of_share(draft: Draft, base: Plan) -> tuple[Filter, ...] | None:
    """The conditions of the part, not of the whole: the last that is not a time, else the last."""
    if not base.filters:
        return None
    ordered = [each for _, each in sorted(draft.apart, key=lambda pair: pair[0])]
    if said := _said_before_as(draft):
        return said
    ordered += [each for each in base.filters if each not in ordered]
    plain = [each for each in ordered if each.compare in (Compare.IS, Compare.EMPTY, Compare.HAS)] or ordered
    last = plain[-1].column
    return tuple(each for each in base.filters if each.column == last)


def _said_before_as(draft: Draft) -> tuple[Filter, ...]:
    """ "travel as a share of card payments": the part stands before "as"."""
    at = next((at for at in draft.said("op:share", "unit:percent")), 0)
    if "as" not in {item.text for item in draft.items[max(0, at - 2) : at]}:
        return ()
    columns = {each.column for place, each in draft.apart if place < at}
    return tuple(each for each in draft.filters if each.column in columns)


def with_figures(draft: Draft, figures: list[Figure], target: str | None, base: Plan) -> Plan | None:
    """ "the venues together with their total tickets", "each village and its number of kilns"."""
    places = [at for at, became in draft.used.items() if became == "target"]
    if not (target and places and figures) or draft.keys or "operation" not in draft.used.values():
        return None
    first = min(at for at, became in draft.used.items() if became == "operation")
    words = {item.text for item in draft.items[places[0] + 1 : first]}
    if places[0] > first or not words & {"and", "with"} or not words <= _LINKS | draft.lexicon.stop:
        return None
    if draft.schema.get(target).distinct > MOSTLY_ONE * draft.schema.rows:
        return None
    draft.keys.append((target, ""))
    draft.use("list", *draft.said("list", "distinct"))
    return grouped(draft, figures, base)


# Words between a list and the figure of each thing in it.
_LINKS = frozenset({"together", "corresponding", "respective", "along"})


def grouped(draft: Draft, figures: list[Figure], base: Plan) -> Plan | None:
    if not draft.keys or not figures:
        return None
    (column, part), *more = draft.keys
    second, second_part = more[0] if more else ("", "")
    group = group_of(figures[0], column, part=part, figures=True, second=second, second_part=second_part)
    figure = figures[0]
    priced = figure.operation is Operation.SUM and not figure.over and not adds_up(draft, figure.columns[0])
    if group is None or len(figures) > 1 or (priced and not _sums(draft)):
        return None
    return replace(base, operation=Operation.GROUP, columns=(), group=group, several=True)


def having(draft: Draft, figures: list[Figure], target: str | None, base: Plan) -> Plan | None:
    """ "how many customers have placed more than 50 orders", "which stations had more than 400 fills"."""
    if draft.having is None:
        return None
    compare, threshold = draft.having
    counted = bool(figures) and figures[0].operation is Operation.COUNT and bool(figures[0].columns)
    shows = shown(draft, target) if not counted else []
    name = figures[0].columns[0] if counted else shows[0] if len(shows) == 1 else target
    if name and draft.schema.get(name).identifier:
        # "employees with …" are known by their names.
        places = [at for at, became in draft.used.items() if became in ("shown", "target", "counted")]
        name = next((better for at in places if (better := thing(draft, draft.items[at]))), name)
    measure, of = draft.having_of
    if not name or len(shows) > 1 or name == of:
        return None
    group = Group(name, measure, of, having=compare, threshold=threshold, counted=counted)
    draft.use("list", *draft.said("list"))
    return replace(base, operation=Operation.GROUP, columns=(), group=group, several=not counted)


def asks_to_see(draft: Draft, target: str | None) -> bool:
    """Whether cells are requested: "list the names and weights", not "show the total"."""
    if draft.keys or draft.said("op"):
        return False
    if not any(item.value("list") and item.text not in ("what", "which") for item in draft.items):
        return False
    free = [item for _, item in draft.free() if item.columns]
    return bool(target) or any(draft.fitting(item, is_name) for item in free)


def shown(draft: Draft, target: str | None) -> list[str]:
    """The columns to be shown, in order."""
    columns = {at: target for at, became in draft.used.items() if target and became == "target"}
    chosen = {each.column for each in draft.filters if each.compare in (Compare.IS, Compare.HAS)}
    for place, item in list(draft.free()):
        if not item.columns or counts_rows(draft, item) or item.says("op") or is_topic(draft, item):
            continue
        if is_label(draft, place):
            draft.use("list", place)
        elif item.columns[0].name in chosen:
            draft.use("column", place)
        elif columns and _is_owner(draft, place):
            draft.use("owner", place)
        elif name := _cells_shown(draft, item):
            columns[place] = name
            draft.use("shown", place)
    for place in [at for at, became in draft.used.items() if became == "compared"]:
        before = draft.beside(place, -1)
        if (
            before in columns
            and before is not None
            and joined(draft, before, place)
            and draft.items[place].columns
        ):
            columns[place] = draft.items[place].columns[0].name
    names = list(dict.fromkeys(columns[place] for place in sorted(columns)))
    return names or ([target] if target else [])


def _cells_shown(draft: Draft, item: Item) -> str | None:
    """The column that an item names: names rather than identifiers, unless it says "id" or "number"."""
    known = draft.schema.get(item.columns[0].name)
    named = thing(draft, item) if known.identifier and not says_number(item) else None
    return named or draft.column(item, is_any, "shown")


def _is_owner(draft: Draft, place: int) -> bool:
    """ "the directors of the films", "the types of film market estimations": what the cells are of."""
    if draft.used.get(place - 1) == "owner":
        return not joined(draft, place - 1, place)
    words = [item.text for item in draft.items[max(0, place - 3) : place]]
    while words and (words[-1] in ("the", "all", "each", "this") or draft.used.get(place - 1) == "value"):
        place, words = place - 1, words[:-1]
    return words[-1:] == ["of"] and not says_number(draft.items[place])


def listed(draft: Draft, target: str | None, base: Plan) -> Plan | None:
    """The requested cells: of the named columns, else of the column that names the rows."""
    columns = shown(draft, target)
    own = label(draft.schema, draft.lexicon)
    if target and len(columns) > 1 and target == own and not _said(draft, target):
        columns.remove(target)
    asked = draft.said("list", "ask")
    shows = any(item.value("list") and not item.text.startswith("what") for item in draft.items)
    if not columns and shows and not any(draft.items[at].cells[0].part for at in _values(draft)):
        # "all rooms", if some cells are Meeting Room: of what?
        columns = [own] if own else []
    order = sorted_by(draft, columns)
    asked = draft.said("list", "ask")
    if not columns or (not base.filters and not asked and not order and "list" not in draft.used.values()):
        return None
    # A list has each row of cells once.
    draft.use("list", *asked, *draft.said("distinct"))
    return replace(
        base, operation=Operation.LOOKUP, columns=tuple(columns), several=True, order=base.order or order
    )


def _asks_for_names(draft: Draft) -> bool:
    """ "the shed's name and its area", unlike "the area of the shed"."""
    named = [draft.items[at] for at, became in draft.used.items() if became == "target"]
    labels = draft.lexicon.holders["label"]
    return any(
        says_number(item) or any(draft.lexicon.stem(word) in labels for word in item.text.split())
        for item in named
    )


def _values(draft: Draft) -> list[int]:
    """The places of cells that conditions were made of."""
    return [at for at, became in draft.used.items() if became == "value"]


def _said(draft: Draft, name: str) -> bool:
    return any(
        became in ("target", "shown")
        and any(
            each.name == name and (each.whole or not counts_rows(draft, draft.items[place]))
            for each in draft.items[place].columns
        )
        for place, became in draft.used.items()
    )


def holding(draft: Draft, target: str | None, base: Plan) -> Plan | None:
    """ "are there any …", "did … lose anything": yes or no."""
    places = draft.said("holds")
    whether = draft.items[0].says("ask", "whether") if draft.items else False
    if not (places or whether) or not base.filters or target:
        return None
    draft.use("holds", *places)
    return replace(base, operation=Operation.HOLDS, columns=())


def counted(draft: Draft, target: str | None, base: Plan) -> Plan | None:
    """ "shipments over 100 kg": rows are counted unless cells are requested."""
    asks = draft.said("list", "ask") or any(became == "list" for became in draft.used.values())
    rows = [place for place, item in enumerate(draft.items) if counts_rows(draft, item)]
    named = [
        item for place, item in draft.free() if item.columns and item.columns[0].whole and place not in rows
    ]
    if asks or target or named or not base.filters or not rows:
        return None
    return base


def _sums(draft: Draft) -> bool:
    """Whether the question requests a sum explicitly."""
    return any(
        draft.items[at].says("op", "sum") for at, became in draft.used.items() if became == "operation"
    )


def figured(draft: Draft, figures: list[Figure], base: Plan) -> Plan | None:
    if not figures:
        return None
    for figure in figures:
        if figure.operation is Operation.SUM and not _sums(draft) and not adds_up(draft, figure.columns[0]):
            # Prices and ages are not summed: the value of one row is meant, or there is no plan.
            return replace(base, operation=Operation.LOOKUP, columns=figure.columns) if base.filters else None
    if draft.over and figures[0].columns:
        first, second = (
            plan_of(Figure(Operation.SUM, (name,)), base) for name in (figures[0].columns[0], draft.over)
        )
        return Plan(Operation.RATIO, operands=(first, second))
    ends = {(each.operation, each.columns) for each in figures}
    apart = draft.said("compute:difference")
    if (
        apart
        and len(ends) == 2
        and ends == {(operation, figures[0].columns) for operation in (Operation.MIN, Operation.MAX)}
    ):
        draft.use("compared", *apart)
        return replace(base, operation=Operation.SPAN, columns=figures[0].columns)
    plans = tuple(dict.fromkeys(plan_of(each, base) for each in figures))
    return plans[0] if len(plans) == 1 else Plan(Operation.SEVERAL, operands=plans, several=True)


def best(draft: Draft, top: Top | None, figures: list[Figure], target: str | None, base: Plan) -> Plan | None:
    if top is None:
        return None
    draft.use("order", *draft.said("order:descending" if top.most else "order:ascending"))
    draft.use("order", *(at for at in draft.said("order:sorted") if draft.items[at].text == "in order"))
    if top.hint in ("early", "late") and any(item.says("ask", "when") for item in draft.items):
        name = date_column(draft)
        operation = Operation.MAX if top.most else Operation.MIN
        for place in draft.said("ask:when"):
            draft.use("list", place)
        return replace(base, operation=operation, columns=(name,)) if name else None
    if target is None and not draft.keys:
        return _of_the_best(draft, top, figures, base) or extreme(draft, top, figures, base)
    names_row = not draft.keys and target == label(draft.schema, draft.lexicon) and not draft.said("op")
    if names_row and not _asks_for_names(draft) and (other := _of_the_best(draft, top, figures, base)):
        return other
    made = topped(draft, top, figures, target, base) or extreme(draft, top, figures, base)
    if made is None or made.operation is not Operation.LOOKUP:
        if made is not None and made.group and made.group.measure == "count":
            # "and how many are there": the figure is shown beside the name.
            draft.use("operation", *draft.said("op:count", "list"))
        return made
    names = [*shown(draft, made.columns[0] if len(made.columns) == 1 else None)]
    names = [*(name for name in made.columns if name not in names), *names]
    ahead, behind = _is_also_asked(draft, top, made)
    names = [*(made.order.columns if made.order and ahead else ()), *names]
    columns = tuple(dict.fromkeys([*names, *(made.order.columns if made.order and behind else ())]))
    return replace(made, columns=columns, several=made.several or len(columns) > 1)


def _is_also_asked(draft: Draft, top: Top, made: Plan) -> tuple[bool, bool]:
    """Whether the figure that ranks is requested, too, before or after the names: "the highest attendance,
    and which match?", "the dearest lot and its price".
    """
    words = [item.text for item in draft.items]
    for at, word in enumerate(words):
        if word == "and" and at > top.place and {"which", "who"} & set(words[at + 1 : at + 3]):
            return True, False
    ranks = set(made.order.columns) if made.order else set()
    figures = [at for at, item in enumerate(draft.items) if {each.name for each in item.columns[:1]} & ranks]
    names = [at for at, became in draft.used.items() if became in ("target", "shown")]
    ahead = any(figure < name and joined(draft, figure, name) for figure in figures for name in names)
    behind = any(name < figure and joined(draft, name, figure) for figure in figures for name in names)
    # "which pass had most rides? Give its number and rides"
    told = any(item.value("list") for figure in figures for item in draft.items[top.place + 1 : figure])
    return ahead, behind or told


def _of_the_best(draft: Draft, top: Top, figures: list[Figure], base: Plan) -> Plan | None:
    """ "the horsepower of the car with the greatest weight": other cells of the best row."""
    if top.by is None or not top.by.columns or top.by.operation is not Operation.SUM:
        return None
    if any(each.operation is not Operation.SUM for each in figures):
        return None
    columns = [name for each in figures for name in each.columns if name not in top.by.columns]
    columns = list(dict.fromkeys((*columns, *shown(draft, None))))
    if not columns:
        return None
    order = Order(top.by.columns, top.most, top.limit, top.skip)
    return replace(base, operation=Operation.LOOKUP, columns=tuple(columns), order=order, several=True)


Form = Callable[..., Plan | None]
__all__ = ["best", "compared", "figured", "grouped", "having", "holding", "is_held", "listed", "shared"]
