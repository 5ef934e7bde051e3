"""The plan in progress, while the question's items are taken one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from promptiq.exact.lexicon import Lexicon
from promptiq.exact.plans import Compare, Filter, Measure, Reading, Role, Schema, SchemaColumn
from promptiq.exact.reading.headers import RIVALS, ColumnChoice, header_words, headers
from promptiq.exact.reading.periods import Period
from promptiq.exact.reading.question import Item, Question, says_nothing

Fits = Callable[[SchemaColumn], bool]
T = TypeVar("T")


@dataclass
class Draft:
    """`picks`: the chosen option for each ambiguity; by default the first. `used`: by item, what it became.
    `open`: the ambiguities, with all options in words.
    """

    question: Question
    today: date
    picks: dict[str, int] = field(default_factory=dict)
    used: dict[int, str] = field(default_factory=dict)
    filters: list[Filter] = field(default_factory=list)
    having: tuple[Compare, str] | None = None
    # The figure that `having` compares: measure and column.
    having_of: tuple[Measure, str] = ("count", "")
    keys: list[tuple[str, str]] = field(default_factory=list)
    periods: list[tuple[Period, str]] = field(default_factory=list)
    apart: list[tuple[int, Filter]] = field(default_factory=list)
    open: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    date_items: set[int] = field(default_factory=set)
    over: str = ""
    per_row: bool = False
    tops: bool = False
    by_said: bool = False
    # Cells are to be shown, rather than figures.
    asks_to_see: bool = False
    # An operation was requested on a column that it cannot be computed on.
    hopeless: bool = False

    @property
    def schema(self) -> Schema:
        return self.question.schema

    @property
    def lexicon(self) -> Lexicon:
        return self.question.lexicon

    @property
    def items(self) -> tuple[Item, ...]:
        return self.question.items

    def free(self, start: int = 0, end: int | None = None) -> Iterator[tuple[int, Item]]:
        """Items that are not used yet, in order."""
        for place in range(max(0, start), len(self.items) if end is None else min(end, len(self.items))):
            if place not in self.used:
                yield place, self.items[place]

    def use(self, became: str, *places: int) -> None:
        for place in places:
            self.used.setdefault(place, became)

    def choose(self, slot: str, options: Sequence[T]) -> T:
        """The picked option. With several options, the slot is recorded as open."""
        if len(options) > 1:
            self.open[slot] = len(options)
        return options[min(self.picks.get(slot, 0), len(options) - 1)]

    def beside(self, place: int, step: int) -> int | None:
        """The next meaningful item in a direction."""
        place += step
        while 0 <= place < len(self.items):
            item = self.items[place]
            if item.leads or item.names or not says_nothing(item, self.lexicon):
                return place
            place += step
        return None

    def said(self, *roles: str) -> list[int]:
        """Unused items with one of these meanings, as "role" or "role:value"."""
        return [place for place, item in self.free() if _says(item, roles)]

    # --- columns

    def fitting(self, item: Item, fits: Fits) -> list[ColumnChoice]:
        """The columns that an item may name, without much less likely ones."""
        found = [each for each in item.columns if fits(self.schema.get(each.name))]
        return [each for each in found if each.score >= found[0].score - RIVALS] if found else []

    def column(self, item: Item, fits: Fits, slot: str) -> str | None:
        """The column that an item names. Open if several fit equally well. None if none fits."""
        options = [each.name for each in self.fitting(item, fits)]
        if len(options) > 1:
            options = self._told_apart(item, options)
        return self.choose(f"{slot}:{item.start}", options) if options else None

    def _told_apart(self, item: Item, options: list[str]) -> list[str]:
        """Those with another word of the question in their header. All of them if that does not decide."""
        others = {
            word.stem for place, word in enumerate(self.question.words) if not item.start <= place < item.end
        } | {word.stem for word in self.question.words[item.start : item.end]}
        scored = {
            name: len({word.stem for form in headers(name) for word in form} & others) for name in options
        }
        best = max(scored.values())
        return [name for name in options if scored[name] == best]

    def columns_that(self, fits: Fits) -> list[str]:
        return [column.name for column in self.schema.columns if fits(column)]


def _says(item: Item, roles: Sequence[str]) -> bool:
    return any(item.says(*each.split(":")) for each in roles)


def is_number(column: SchemaColumn) -> bool:
    """Whether figures are computed on it."""
    counts = column.reading in (Reading.NUMBER, Reading.TIME)
    return counts and not column.identifier and not column.numbering and column.role is not Role.ENTITY


def is_measure(column: SchemaColumn) -> bool:
    return is_number(column) and column.role is Role.MEASURE


def is_date(column: SchemaColumn) -> bool:
    return column.reading is Reading.DATE


def is_moment(column: SchemaColumn) -> bool:
    return column.role is Role.MOMENT


def is_group(column: SchemaColumn) -> bool:
    """Whether rows are grouped by its cells."""
    return not is_date(column) and not (is_measure(column) and column.distinct > 40)


def is_name(column: SchemaColumn) -> bool:
    return column.reading is Reading.TEXT or column.identifier or column.role is Role.ENTITY


def is_any(column: SchemaColumn) -> bool:
    return True


def header_stems(name: str, lexicon: Lexicon) -> frozenset[str]:
    return frozenset(lexicon.stem(word.text) for form in headers(name) for word in form)


def is_of_the_cell_before(draft: Draft, place: int) -> bool:
    """ "double rooms": a word of the header, Room Type, of the cell before it."""
    cells = [each for at, each in draft.apart if at == place - 1]
    if not cells:
        return False
    return draft.lexicon.stem(draft.items[place].text) in header_stems(cells[-1].column, draft.lexicon)


def is_adverb_of_time(item: Item) -> bool:
    """ "monthly", "weekly"."""
    return item.says("part") and item.text.endswith("ly")


def is_held(name: str, kind: str, lexicon: Lexicon) -> bool:
    """Whether the header has a word for columns of a kind: "money", "who", "averaged"."""
    return bool(header_stems(name, lexicon) & lexicon.holders[kind])


def is_place(draft: Draft, columns: Sequence[str]) -> bool:
    """Whether the only column holds places, of which the first is the best."""
    if len(columns) != 1 or columns[0] not in draft.columns_that(lambda column: column.role is Role.RANK):
        return False
    return bool(header_words(columns[0]) & draft.lexicon.classes["ranks"])
