"""A question with its mentions put in: what the rules of the planner look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from promptiq.exact.adjectives import SUPERLATIVES
from promptiq.exact.cell_names import with_negations
from promptiq.exact.linking import RIVALS, Mention, headers, link, word_score
from promptiq.exact.meaning import Embed, by_meaning
from promptiq.exact.plans import Plan, Reading, Role, Schema, SchemaColumn
from promptiq.exact.spelling import asks_spelling, by_spelling
from promptiq.exact.vocabulary import RANKS, SOFT, STOP, WHEN, WHERE, WHO
from promptiq.exact.words import Token, key, tokens

# A mention's place in the text that rules match: a kind and its number among the mentions.
COLUMN, VALUE, NUMBER, ORDINAL, DATE = "@c", "@v", "@n", "@o", "@d"
_PLACE = re.compile(r"@[cvnod](\d+)")
# Words that no plan may pass over: it would answer another question.
_ASKING_MORE = frozenset(SUPERLATIVES) | {"last", "next", "previous", "same", "difference", "consecutive"}
# Cells that name a row of sums, as stems.
_SUMMARIES = frozenset(
    key(text) for text in ("total", "totals", "grand total", "overall", "average", "total medals")
)
_SUMMARY_BEGINNINGS = ("total", "grand", "overall", "average")
_PREPOSITIONS = frozenset(
    {"for", "in", "from", "by", "of", "at", "against", "with", "to", "on", "under", "than"}
)


@dataclass(slots=True)
class Question:
    """`items`: the words in order, with mentions as @c0, @v1, @n2, @o3, @d4; `text`: the same in one line.

    `used`: the items that the plan in the making explains. `passes_over_spelling`: it is asked how cells are
    spelled, and no mention says which.
    """

    schema: Schema
    mentions: tuple[Mention, ...]
    items: tuple[str, ...]
    text: str
    all_words: tuple[Token, ...]
    used: set[str] = field(default_factory=set)
    passes_over_spelling: bool = False
    _summaries: tuple[str, tuple[str, ...]] | None = None
    # What a family of questions has read for the plan that it proposes.
    explained_by: dict[Plan, set[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, schema: Schema, embed: Embed | None = None) -> Question:
        words = with_negations(tokens(text), schema)
        mentions = link(words, schema)
        spelled = by_spelling(words, mentions, schema)
        if spelled:
            apart = (each for each in mentions if each.end <= spelled.start or each.start >= spelled.end)
            mentions = tuple(sorted((*apart, spelled), key=lambda each: each.start))
        if embed:
            near = by_meaning(words, mentions, schema, embed)
            mentions = tuple(sorted((*mentions, *near), key=lambda each: each.start))
        items: list[str] = []
        place = 0
        for number, mention in enumerate(mentions):
            items += [word.text for word in words[place : mention.start]]
            items.append(_kind(mention) + str(number))
            place = mention.end
        items += [word.text for word in words[place:]]
        passed_over = spelled is None and asks_spelling(words)
        return cls(schema, mentions, tuple(items), " ".join(items), words, passes_over_spelling=passed_over)

    def worded(self, stems: frozenset[str]) -> list[str]:
        """Its words that have one of these stems, mentions included."""
        return [word.text for word in self.all_words if word.stem in stems]

    # --- mentions

    def mention(self, item: str) -> Mention:
        return self.mentions[int(item[2:])]

    def is_spelled(self) -> bool:
        """Whether cells are told by how they are spelled, so that what they are is not yet said."""
        return any(mention.spelled for mention in self.mentions)

    def words_of(self, item: str) -> str:
        mention = self.mention(item)
        return " ".join(word.text for word in self.all_words[mention.start : mention.end])

    def of_kind(self, kind: str) -> list[str]:
        return [item for item in self.items if item.startswith(kind)]

    def index(self, item: str) -> int:
        return self.items.index(item)

    def found(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self.text)

    def columns(self, item: str) -> list[SchemaColumn]:
        """The columns a mention may mean, best first, without those that fit clearly less well."""
        choices = self.mention(item).columns
        near = [c for c in choices if c.score >= choices[0].score - RIVALS] if choices else []
        return [self.schema.get(choice.name) for choice in near]

    def all_columns(self, item: str) -> list[SchemaColumn]:
        return [self.schema.get(choice.name) for choice in self.mention(item).columns]

    def column(self, item: str, *roles: Role) -> SchemaColumn | None:
        """The best column of a mention that has one of these roles; of any where none is given."""
        return next((each for each in self.all_columns(item) if not roles or each.role in roles), None)

    def items_of(self, column: SchemaColumn) -> tuple[str, ...]:
        """The mentions that mean this column best."""
        return tuple(item for item in self.of_kind(COLUMN) if self.column(item) == column)

    def dates(self) -> list[SchemaColumn]:
        """The columns of dates that are named, or else all that are open."""
        dates = [each for each in self.schema.columns if each.reading is Reading.DATE]
        named = [each for each in dates if self.items_of(each)]
        # A masked column is spoken of only where it is named.
        return named or [each for each in dates if not each.masked]

    # --- the table's own columns

    def measures(self) -> list[SchemaColumn]:
        return [each for each in self.schema.columns if is_measure(each)]

    def total(self) -> SchemaColumn | None:
        """The column that already holds the sum of others."""
        for each in self.schema.columns:
            if is_measure(each) and any(
                word.text in {"total", "overall", "tot"} for form in headers(each.name) for word in form
            ):
                return each
        return None

    def moment(self) -> SchemaColumn | None:
        moments = [each for each in self.schema.columns if each.role is Role.MOMENT]
        return next(iter(moments), None)

    def rank(self) -> SchemaColumn | None:
        return next((each for each in self.schema.columns if is_place(each)), None)

    def subject(self) -> SchemaColumn:
        """What a row is about: the first column of names with mostly different cells."""
        entities = [each for each in self.schema.columns if each.role is Role.ENTITY and not each.masked]
        for each in entities:
            if each.distinct >= 0.8 * self.schema.rows or not each.complete:
                return each
        candidates = entities or [each for each in self.schema.columns if each.role is Role.MOMENT]
        return candidates[0] if candidates else self.schema.columns[0]

    def summaries(self) -> tuple[str, tuple[str, ...]]:
        """The column and the cells of rows that sum up the others: "Total", "Average"; else no cells."""
        if self._summaries is None:
            self._summaries = self._read_summaries()
        return self._summaries

    def _read_summaries(self) -> tuple[str, tuple[str, ...]]:
        for each in self.schema.columns:
            if (each.role is Role.ENTITY or not each.native) and each.complete and not each.masked:
                # Most cells begin otherwise: only few are taken apart into words.
                near = (v for v in each.values if v.strip().casefold().startswith(_SUMMARY_BEGINNINGS))
                if cells := tuple(v for v in near if key(v) in _SUMMARIES):
                    return each.name, cells
        return "", ()

    def hinted(self, hints: tuple[str, ...], *roles: Role) -> SchemaColumn | None:
        """The first column whose header has one of these stems."""
        for hint in hints:
            for each in self.schema.columns:
                stems = {word.stem for form in headers(each.name) for word in form}
                if hint in stems and (not roles or each.role in roles):
                    return each
        return None

    def who(self) -> SchemaColumn:
        return self.hinted(WHO, Role.ENTITY) or self.subject()

    def where(self) -> SchemaColumn | None:
        return self.hinted(WHERE, Role.ENTITY)

    def when(self) -> SchemaColumn | None:
        return self.hinted(WHEN, Role.MOMENT) or self.moment() or self.hinted(WHEN)

    # --- what is left

    def use(self, *items: str) -> None:
        self.used.update(items)

    def unexplained(self) -> Iterator[tuple[str, float]]:
        """Items that no part of the plan stands for, each with how much it weighs."""
        for place, item in enumerate(self.items):
            if item in self.used:
                continue
            if matched := _PLACE.fullmatch(item):
                yield item, self._weight(self.mentions[int(matched[1])])
            elif item in _ASKING_MORE and self.items[max(0, place - 1)] != "at":
                yield item, 0.8
            elif item not in STOP and tokens(item) and tokens(item)[0].stem not in SOFT:
                beside = self.items[max(0, place - 1) : place] + self.items[place + 1 : place + 2]
                # "gold medals", "swimsuit round": the noun belongs to the column beside it.
                named = self.items[place - 1] in _PREPOSITIONS if place else False
                yield (
                    item,
                    0.4 if any(each[:2] in (COLUMN, VALUE) for each in beside) else 1.3 if named else 1.0,
                )

    def doubt(self) -> float:
        """How unsure the mentions are that the plan rests on: 0 where each is spelled as in the table."""
        total = 0.0
        for item in self.used:
            if _PLACE.fullmatch(item):
                mention = self.mention(item)
                total += 1 - mention.score if mention.columns or mention.values else 0
                if any(len(each.values) > 1 and each.score < 0.8 for each in mention.values[:1]):
                    total += 0.6
        return total

    def _weight(self, mention: Mention) -> float:
        if mention.values:
            return 2.5 * mention.values[0].score
        if mention.columns:
            return 0.8 * mention.columns[0].score
        return 0.6 if mention.number and self._is_year(mention) and not self.moment() else 2.0

    def _is_year(self, mention: Mention) -> bool:
        return bool(mention.number and not mention.number.ordinal and 1500 <= mention.number.value <= 2100)


def is_place(column: SchemaColumn) -> bool:
    """Whether "first" may be said of it: a rank, no key and no number of a row."""
    words = {token.text for form in headers(column.name) for token in form} or {"#"}
    return column.role is Role.RANK and bool(words & RANKS - {"id"})


def is_measure(column: SchemaColumn) -> bool:
    is_figure = column.reading in (Reading.NUMBER, Reading.TIME) and not column.numbering
    return column.role is Role.MEASURE and is_figure


def _kind(mention: Mention) -> str:
    if mention.columns:
        return COLUMN
    if mention.values:
        return VALUE
    if mention.date:
        return DATE
    return ORDINAL if mention.number and mention.number.ordinal else NUMBER


def fits(column: SchemaColumn, word: Token) -> bool:
    return any(word_score(word, other) >= 0.7 for form in headers(column.name) for other in form)
