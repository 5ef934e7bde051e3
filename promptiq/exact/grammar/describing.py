"""Statistics of whole columns (correlation, missing cells, duplicates, outliers, normality), durations
between two dates, and what is late.

Read before everything else: their columns may be called High or Low, and their rules hold numbers and times.
"""

from __future__ import annotations

from datetime import date

from promptiq.exact.grammar.amounts import FIGURES, Figure
from promptiq.exact.grammar.draft import Draft, Fits, is_any, is_date, is_held, is_number
from promptiq.exact.grammar.nouns import counts_rows
from promptiq.exact.grammar.times import day_of
from promptiq.exact.plans import Compare, Filter, Minus, Operation, SchemaColumn
from promptiq.exact.reading.question import says_nothing

KINDS = ("correlation", "missing", "duplicates", "outliers", "normal")
# A header said in its own words scores so much; another beside it is no column of the statistic.
SPELLED = 0.95
# The least match with a date's header.
HALF = 0.5


def take_statistics(draft: Draft) -> list[Figure]:
    """The statistics asked for; [] if there are none, or it is not said of which columns."""
    places = [at for at in draft.said("op") if draft.items[at].value("op") in KINDS]
    kinds = {draft.items[at].value("op") for at in places}
    if len(kinds) != 1:
        return []
    kind = kinds.pop()
    fits = is_any if kind in ("missing", "duplicates") else is_number
    columns = _columns(draft, fits, 2 if kind == "correlation" else 1)
    names = tuple(dict.fromkeys(columns.values()))
    found = {
        "correlation": _correlation, "missing": _missing, "duplicates": _duplicates, "outliers": _outliers,
        "normal": _normality,
    }[kind](draft, names)  # fmt: skip
    if found:
        draft.use("operation", *places)
        draft.use("measure", *columns)
        _use_frame(draft, places)
    return found


def _columns(draft: Draft, fits: Fits, enough: int) -> dict[int, str]:
    """The columns that are named, by place: only those in their own words, if enough are."""
    found: dict[int, str] = {}
    spelled: dict[int, str] = {}
    for place, item in draft.free():
        if not item.columns or item.number:
            continue
        told = item.quoted or (item.columns[0].whole and item.columns[0].score > SPELLED)
        plain = not told and (says_nothing(item, draft.lexicon) or item.says("op") or item.says("rule"))
        if plain or (counts_rows(draft, item) and not item.quoted):
            continue
        if name := draft.column(item, fits, "column"):
            found[place] = name
            spelled |= {place: name} if told and name == item.columns[0].name else {}
    return spelled if len(spelled) >= enough else found


def _correlation(draft: Draft, names: tuple[str, ...]) -> list[Figure]:
    return [Figure(Operation.CORRELATION, names)] if len(names) == 2 else []


def _missing(draft: Draft, names: tuple[str, ...]) -> list[Figure]:
    """Of each column where columns are asked for, without those that the reader may not see."""
    if names:
        return [Figure(Operation.MISSING, (name,)) for name in names]
    told = draft.lexicon.classes["headers"]
    asked = [at for at, item in draft.free() if item.text in told]
    if not asked:
        return []
    draft.use("list", *asked, *draft.said("list", "group:by", "text:contains"))
    return [Figure(Operation.GAPS, tuple(each.name for each in draft.schema.columns if not each.masked))]


def _duplicates(draft: Draft, names: tuple[str, ...]) -> list[Figure]:
    # Whole rows are named by all their columns, so that permission checks each.
    whole = tuple(column.name for column in draft.schema.columns)
    return [Figure(Operation.DUPLICATES, names or whole)]


def _outliers(draft: Draft, names: tuple[str, ...]) -> list[Figure]:
    """By the range between the quartiles, or by standard deviations, with the number said beside the rule."""
    if len(names) != 1:
        return []
    rules = draft.said("rule")
    operation = (
        Operation.FAR if any(draft.items[at].says("rule", "far") for at in rules) else Operation.OUTLIERS
    )
    beside = {at for rule in rules for at in range(rule - 4, rule + 7)}
    numbers = [at for at, item in draft.free() if item.number and at in beside]
    draft.use("rule", *rules, *numbers)
    values = {draft.items[at].number.text for at in numbers}  # type: ignore[union-attr]
    return [Figure(operation, names, at=values.pop() if values else "")] if len(values) < 2 else []


def _normality(draft: Draft, names: tuple[str, ...]) -> list[Figure]:
    """With skewness and kurtosis where they are asked for beside it."""
    if len(names) != 1:
        return []
    draft.use("operation", *draft.said("group:breakdown"))
    others = [at for at in draft.said("op") if draft.items[at].value("op") in ("skewness", "kurtosis")]
    draft.use("operation", *others)
    more = [Figure(FIGURES[draft.items[at].value("op")], names) for at in others]
    return [Figure(Operation.NORMAL, names), *dict.fromkeys(more)]


# --- between two dates


def take_duration(draft: Draft) -> list[Figure]:
    """ "days between order and shipping", "how long do campaigns run": days between two columns of dates."""
    units, dates = draft.said("unit:days"), draft.columns_that(is_date)
    counted = any(is_held(name, "lasting", draft.lexicon) for name in draft.columns_that(is_number))
    if not units or len(dates) < 2 or counted:
        return []
    words = [at for at, item in draft.free() if item.text in draft.lexicon.classes["lasting"]]
    ends, places = _ends(draft, dates, bool(words) or any("long" in draft.items[at].text for at in units))
    # "time" alone may be anything, but not between two dates.
    if ends is None or (len(places) < 2 and all(draft.items[at].text == "time" for at in units)):
        return []
    kinds = [draft.items[at].value("op") for at in draft.said("op:average", "op:median", "op:min", "op:max")]
    draft.use("duration", *units, *places, *words, *draft.said("op:average", "op:median", "op:min", "op:max"))
    draft.use("duration", *draft.said("compare:between", "date", "op:count"))
    return [Figure(FIGURES[kinds[0]] if kinds else Operation.AVERAGE, (Minus(ends[1], ends[0]),))]


def _ends(draft: Draft, dates: list[str], lasts: bool) -> tuple[tuple[str, str] | None, list[int]]:
    """Where a duration begins and ends, and where that is said. One end is enough if there are two dates,
    none if something lasts.
    """
    named: dict[str, int] = {}
    for place, item in draft.free():
        found = [each.name for each in item.columns if each.name in dates and each.score >= HALF]
        if found and found[0] not in named:
            named[found[0]] = place
    said = tuple(named)
    if len(said) == 2:
        return (said[0], said[1]), list(named.values())
    if len(dates) != 2 or not (said or lasts):
        return None, []
    first, second = sorted(dates, key=lambda name: _middle(draft.schema.get(name)))
    return (first, second), list(named.values())


def _middle(column: SchemaColumn) -> date:
    """The median of a column's days; the first day of all if none is known."""
    days = sorted(filter(None, map(day_of, column.values)))
    return days[len(days) // 2] if days else date.min


def take_lateness(draft: Draft) -> None:
    """ "returned late", "delivered on time", where a table says when it was due and when it was done."""
    places = draft.said("late")
    dates = draft.columns_that(is_date)
    due = [name for name in dates if is_held(name, "due", draft.lexicon)]
    done = [name for name in dates if is_held(name, "done", draft.lexicon) and name not in due]
    if len(places) != 1 or len(due) != 1 or len(done) != 1:
        return
    behind = draft.items[places[0] + 1 : places[0] + 2]
    if behind and (behind[0].period or behind[0].cells):
        return
    sign = {"late": Compare.MORE, "punctual": Compare.AT_MOST, "early": Compare.LESS}
    made = Filter(done[0], sign[draft.items[places[0]].value("late")], to=due[0])
    draft.filters.append(made)
    draft.apart.append((places[0], made))
    draft.use("comparison", *places)
    for at, item in list(draft.free()):
        if item.columns and item.columns[0].name in (done[0], due[0]) and not counts_rows(draft, item):
            draft.use("comparison", at)


def _use_frame(draft: Draft, places: list[int]) -> None:
    """What only leads to a statistic: "are there any …? If yes, how many are there?"."""
    draft.use("frame", *draft.said("holds", "op:count"))
    draft.use("frame", *(at for at in draft.said("compare:between") if at - 1 in places or at - 2 in places))
    draft.use("frame", *(at for at, item in draft.free() if at and draft.items[at - 1].text == "if"
                         and item.text in draft.lexicon.cells["yes"]))  # fmt: skip
