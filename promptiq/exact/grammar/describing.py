"""Statistics of whole columns: correlation, missing cells, duplicates, outliers, normality.

Read before everything else: their columns may be called High or Low, and their rules hold numbers.
"""

from __future__ import annotations

from promptiq.exact.grammar.amounts import FIGURES, Figure
from promptiq.exact.grammar.draft import Draft, Fits, is_any, is_number
from promptiq.exact.grammar.nouns import counts_rows
from promptiq.exact.plans import Operation
from promptiq.exact.reading.question import says_nothing

KINDS = ("correlation", "missing", "duplicates", "outliers", "normal")
# A header said in its own words scores so much; another beside it is no column of the statistic.
SPELLED = 0.95


def take_statistics(draft: Draft) -> list[Figure]:
    """The statistics asked for; [] if there are none, or it is not said of which columns."""
    places = [at for at in draft.said("op") if draft.items[at].value("op") in KINDS]
    kinds = {draft.items[at].value("op") for at in places}
    if len(kinds) != 1:
        return []
    kind = kinds.pop()
    columns = _columns(draft, is_any if kind in ("missing", "duplicates") else is_number)
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


def _columns(draft: Draft, fits: Fits) -> dict[int, str]:
    """The columns that are named, by place: only those in their own words, if any is."""
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
    return spelled or found


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


def _use_frame(draft: Draft, places: list[int]) -> None:
    """What only leads to a statistic: "are there any …? If yes, how many are there?"."""
    draft.use("frame", *draft.said("holds", "op:count"))
    draft.use("frame", *(at for at in draft.said("compare:between") if at - 1 in places or at - 2 in places))
    draft.use("frame", *(at for at, item in draft.free() if at and draft.items[at - 1].text == "if"
                         and item.text in draft.lexicon.cells["yes"]))  # fmt: skip
