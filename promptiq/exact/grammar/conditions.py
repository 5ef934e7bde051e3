"""Conditions on rows: numbers compared, cells named, yes and no, empty cells, words in texts."""

from __future__ import annotations

from dataclasses import replace

from promptiq.exact.grammar.bounds import denied
from promptiq.exact.grammar.draft import (
    Draft,
    is_any,
    is_group,
    is_held,
    is_measure,
    is_number,
    is_of_the_cell_before,
)
from promptiq.exact.grammar.nouns import counts_rows
from promptiq.exact.plans import Compare, Filter, SchemaColumn
from promptiq.exact.reading.cells import CellChoice, is_prose
from promptiq.exact.reading.headers import headers
from promptiq.exact.reading.question import Item
from promptiq.exact.words import key, tokens

# --- cells


def take_cells(draft: Draft) -> None:
    """Cells named in the question, as conditions. Consecutive cells of one column make one condition."""
    for place, item in list(draft.free()):
        if not item.cells or place in draft.used or _is_rather_a_column(draft, place):
            continue
        if _belongs_to_cell(draft, place):
            draft.use("column", place)
            continue
        choice = _cell_choice(draft, place)
        if choice.part and any(_is_whole_of(draft, at, choice.column) for at in (place - 1, place + 1)):
            # "lapsed subscribers", if a cell is All Subscribers: the noun belongs to the cell beside it.
            draft.use("column", place)
            continue
        negated = denied(draft, place, choice.column) or _negated_before(draft, place, choice.column)
        made = Filter(choice.column, Compare.IS, choice.cells, negated=bool(negated))
        draft.use("value", place)
        draft.use("not", *negated)
        draft.use("column", *_absorbed(draft, place, choice.column))
        _add(draft, place, made)


def _belongs_to_cell(draft: Draft, place: int) -> bool:
    """ "double rooms", if the cell Double is of Room Type: the noun tells no more."""
    return all(each.part for each in draft.items[place].cells) and is_of_the_cell_before(draft, place)


def _negated_before(draft: Draft, place: int, column: str) -> tuple[int, ...]:
    """ "except A and B", "neither A nor B": the item before is negated, so this one is, too."""
    if not draft.apart or not draft.apart[-1][1].negated or draft.apart[-1][1].column != column:
        return ()
    at = draft.apart[-1][0]
    between = {item.text for item in draft.items[at + 1 : place]}
    return (at,) if between <= {"and", "or", "nor", "the"} else ()


def _absorbed(draft: Draft, place: int, column: str) -> list[int]:
    """Words beside a cell that name its column: "region south", "the Pro plan"."""
    beside = [at for at in (draft.beside(place, -1), draft.beside(place, 1)) if at is not None]
    return [
        at
        for at in beside
        if at not in draft.used and abs(at - place) <= 2 and _names(draft.items[at], column)
        and all(each.part for each in draft.items[at].cells) and not _asked_for(draft, at)
    ]  # fmt: skip


def _asked_for(draft: Draft, place: int) -> bool:
    before = draft.beside(place, -1)
    return before is not None and draft.items[before].says("group")


def _names(item: Item, column: str) -> bool:
    return any(each.name == column and each.score >= 0.5 for each in item.columns)


def _is_rather_a_column(draft: Draft, place: int) -> bool:
    item = draft.items[place]
    before = draft.beside(place, -1)
    after = draft.beside(place, 1)
    if (
        item.says("not")
        and not item.quoted
        and after is not None
        and after - place <= 2
        and draft.items[after].columns
    ):
        # "no comment", if some cells are No.
        return not _is_said_beside(draft, place, item.cells[0].column)
    if item.number and not item.quoted and _counts_places(draft, place):
        return True
    parts = not item.quoted and all(each.part for each in item.cells)
    if parts and (item.roles or counts_rows(draft, item) or _is_counted_kind(draft, place)):
        return True
    if not item.quoted and _is_said_in_a_header(draft, item):
        return True
    if not item.columns or item.quoted:
        return bool(item.period or item.number) and not _is_whole_name(item)
    if before is not None and draft.items[before].says("group", "by"):
        return True
    if before is not None and draft.items[before].says("op", "average", "sum", "median", "min", "max"):
        return bool(draft.fitting(item, is_number))
    return item.columns[0].score > item.cells[0].score or (item.columns[0].whole and item.cells[0].part)


def _is_counted_kind(draft: Draft, place: int) -> bool:
    """ "how many storms", if one is called Perfect Storm: what is counted is no part of a name."""
    item = draft.items[place]
    spelled = any(
        item.text in {token.text for token in tokens(cell)} for each in item.cells for cell in each.cells
    )
    return bool(place) and draft.items[place - 1].says("op", "count") and not spelled


def _counts_places(draft: Draft, place: int) -> bool:
    """ "5 highest prices", "top 5", "the 3 plantings that …": no cell with this number."""
    before, after = draft.items[max(0, place - 1) : place], draft.items[place + 1 : place + 2]
    ranked = any(item.says("top") for item in (*before, *after))
    return ranked or any(counts_rows(draft, item) for item in after)


def _is_said_in_a_header(draft: Draft, item: Item) -> bool:
    """ "shipping" if a column is called Shipping Fee, and some cells are "shipped"."""
    said = set(item.text.split())
    spelled = any(said & {token.text for token in tokens(cell)} for each in item.cells for cell in each.cells)
    return not spelled and any(
        said <= {word.text for form in headers(each.name) for word in form} for each in item.columns
    )


def _is_whole_name(item: Item) -> bool:
    return any(not each.part for each in item.cells)


def _is_whole_of(draft: Draft, place: int, column: str) -> bool:
    """Whether an item is a whole cell of a column."""
    cells = draft.items[place].cells if 0 <= place < len(draft.items) else ()
    return any(each.column == column and not each.part for each in cells)


def _cell_choice(draft: Draft, place: int) -> CellChoice:
    item = draft.items[place]
    best = item.cells[0].score
    options = [each for each in item.cells if each.score >= best - 0.04]
    led = draft.items[place - 1] if place else item
    near = [each for each in options if any(name.name == each.column and name.whole for name in led.columns)]
    near = near or [each for each in options if _is_said_beside(draft, place, each.column)]
    options = near or options
    if len(options) > 1:
        fewer = [each for each in options if not draft.schema.get(each.column).identifier]
        options = fewer or options
    choice = draft.choose(f"cell:{item.start}", options)
    several = choice.part and len(choice.cells) > 1 and item.end - item.start == 1 and not item.quoted
    if several:
        cells = [replace(choice, cells=(cell,)) for cell in choice.cells[:6]]
        return draft.choose(f"name:{item.start}", cells)
    return choice


def _is_said_beside(draft: Draft, place: int, column: str) -> bool:
    return any(
        _names(draft.items[at], column)
        for at in range(max(0, place - 3), min(len(draft.items), place + 4))
        if at != place
    )


def _add(draft: Draft, place: int, made: Filter) -> None:
    """Add a condition. If the column has one, both cells count. Each is also kept by itself, for
    comparisons.
    """
    draft.apart.append((place, made))
    same = [each for each in draft.filters if each.column == made.column and each.compare is Compare.IS]
    if same and same[-1].negated == made.negated:
        draft.filters.remove(same[-1])
        values = tuple(dict.fromkeys((*same[-1].values, *made.values)))
        made = replace(made, values=values)
    draft.filters.append(made)


# --- yes and no, empty, texts


def take_flags(draft: Draft) -> None:
    """ "churned customers", "without auto renew", "unpaid", "failed" for a column called Passed."""
    for place, item in list(draft.free()):
        if _asked_for(draft, place):
            continue
        name, yes = _flag(draft, item)
        if not name:
            continue
        if _leads_to_a_cell(draft, place):
            draft.use("column", place)
            continue
        negated = denied(draft, place)
        flags = draft.schema.get(name).flags or ((), ())
        wanted = flags[0] if yes != bool(negated) else flags[1]
        draft.filters.append(Filter(name, Compare.IS, wanted) if wanted else Filter(name, Compare.EMPTY))
        draft.apart.append((place, draft.filters[-1]))
        draft.use("flag", place, *negated)
        after = draft.beside(place, 1)
        if after is not None and draft.items[after].text in ("yes", "true", "no", "false"):
            draft.use("flag", after)


def _leads_to_a_cell(draft: Draft, place: int) -> bool:
    """ "paid by card": how, not whether."""
    by = draft.items[place + 1 : place + 2]
    return bool(by) and by[0].text in ("by", "with", "via") and draft.used.get(place + 2) == "value"


def _denies_more(draft: Draft, item: Item, name: str) -> bool:
    """ "had an accident" is no Accident-free."""
    denying = draft.lexicon.classes["denying"]
    return bool({word.text for word in tokens(name)} & denying - set(item.text.split()))


def _flag(draft: Draft, item: Item) -> tuple[str, bool]:
    """The boolean column that an item names, and whether it means yes; "" if there is none."""

    def fits(column: SchemaColumn) -> bool:
        return column.flags is not None

    found = [each for each in draft.fitting(item, fits) if not _denies_more(draft, item, each.name)]
    if found and found[0].score >= 0.7 and found[0].score >= item.columns[0].score - 0.05:
        return found[0].name, True
    stem = draft.lexicon.stem(item.text)
    for column in draft.schema.columns:
        if column.flags is None or _denies_more(draft, item, column.name):
            continue
        words = key(column.name).split()
        roots = {
            item.text.removeprefix(prefix) for prefix in ("un", "in", "non") if item.text.startswith(prefix)
        }
        opposite = draft.lexicon.opposites.get(stem, "")
        if opposite in words or any(draft.lexicon.stem(root) in words for root in roots if len(root) > 2):
            return column.name, False
    return "", True


def take_empties(draft: Draft) -> None:
    """ "no sales rep filled in", "missing an email address", "without a driver", "have a ship date"."""
    for place, item in list(draft.free()):
        if not item.columns or place in draft.used:
            continue
        negated = denied(draft, place) or _lacking(draft, place)
        if not negated and not _having(draft, place):
            continue
        name = draft.column(item, is_any, "empty")
        column = draft.schema.get(name) if name else None
        if column is None or name is None or (column.flags and _denies_more(draft, item, name)):
            continue
        if negated and is_measure(column) and column.values and not _lacking(draft, place):
            nothing = Filter(name, Compare.EQUAL, ("0",), either=(Filter(name, Compare.EMPTY),))
            draft.filters.append(nothing)
        elif negated:
            draft.filters.append(Filter(name, Compare.EMPTY))
        elif _having(draft, place) and is_measure(column) and column.values:
            draft.filters.append(Filter(name, Compare.MORE, ("0",)))
        elif _having(draft, place):
            draft.filters.append(Filter(name, Compare.EMPTY, negated=True))
        else:
            continue
        draft.apart.append((place, draft.filters[-1]))
        draft.use("empty", place, *negated)
        for beside in (draft.beside(place, 1), draft.beside(place, -1)):
            if beside is not None and draft.items[beside].says("empty"):
                draft.use("empty", beside)


def _lacking(draft: Draft, place: int) -> tuple[int, ...]:
    """ "missing" or "empty" beside a column."""
    for beside in (draft.beside(place, -1), draft.beside(place, 1)):
        if beside is not None and draft.items[beside].says("empty", "empty") and beside not in draft.used:
            return (beside,)
    return ()


def _having(draft: Draft, place: int) -> bool:
    words = [item.text for item in draft.items[max(0, place - 2) : place]]
    return (
        len(words) == 2
        and words[0] in ("have", "has", "with", "had", "having", "use", "both")
        and words[1] in ("a", "an", "any")
    )


def take_texts(draft: Draft) -> None:
    """ "notes that mention the tail lift": the remaining words, in the text column that is mentioned."""
    told = [
        (place, name)
        for place, item in draft.free()
        if (name := draft.column(item, lambda column: reads_as_prose(draft, column), "text"))
        and _prose_said(item, name)
    ]
    says = draft.said("text")
    if not told and not says:
        return
    spelled = next((draft.items[place].value("text") for place in says), "contains")
    column = told[0][1] if told else _spelled_column(draft, says[0])
    if column is None:
        return
    start = says[0] if says and (not told or says[0] > told[0][0]) else 0
    words = [
        (place, item)
        for place, item in draft.free()
        if not any(map(item.says, ("op", "list", "group", "text", "holds", "rows")))
        and (not told or place != told[0][0])
        and (item.quoted or not _plain(draft, item)) and place > start * bool(says) - 1
        and not counts_rows(draft, item)
    ]  # fmt: skip
    if not words:
        return
    compare = {"starts": Compare.STARTS, "ends": Compare.ENDS}.get(spelled, Compare.HAS)
    for place, item in words:
        draft.filters.append(Filter(column, compare, (item.text,)))
        draft.use("text", place)
    draft.use("text", *says, *(place for place, _ in told[:1]))


def reads_as_prose(draft: Draft, column: SchemaColumn) -> bool:
    return is_prose(column) or is_held(column.name, "prose", draft.lexicon)


def _prose_said(item: Item, name: str) -> bool:
    return any(each.name == name and each.score >= 0.7 for each in item.columns)


def _plain(draft: Draft, item: Item) -> bool:
    return all(
        word in draft.lexicon.stop or draft.lexicon.stem(word) in draft.lexicon.soft
        for word in item.text.split()
    )


def _spelled_column(draft: Draft, place: int) -> str | None:
    """The last column named before a word such as "contains"."""
    for at in range(place - 1, -1, -1):
        if draft.items[at].columns and (name := draft.column(draft.items[at], is_group, "text")):
            return name
    return None
