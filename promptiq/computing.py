"""Computes answers over all rows of one dataset, as SQL over its typed copy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from django.contrib.auth.models import AnonymousUser, User

from datasets.storage import local_parquet
from datasets.tables.table import read_description
from governance.policies import MASK
from promptiq.answers import Answer, Choice, count_of
from promptiq.exact import (
    Ambiguous,
    NotPermitted,
    Operation,
    Plan,
    Result,
    Schema,
    TooSlow,
    Uncomputable,
    Unread,
    describe,
    explained,
    in_words,
    is_likely,
    looked_up,
    plan,
    run,
)
from promptiq.exact.permission import columns_of, hidden_columns
from promptiq.presenting import Presenter
from promptiq.progress import tell
from promptiq.protection.answering import protected_result, protects
from promptiq.sources import Source

# How many datasets one question is planned for at most. Planning reads the columns of each.
MAX_PLANNED = 8
CITED_ROWS = 8
SHOWN_WITHOUT = 5

_MASKED_INSIDE = "Personal data in these values is masked for you."
_UNREAD = "I do not understand {} in this question"
_WITHOUT = "Without {}, this would be the answer: {}."
_UNSURE = "I am not sure that I understand this question."
_MEANT = "This would be the answer if it means: {}."

# Words that ask for a figure over all rows. Similar rows cannot give it.
_FIGURE = re.compile(
    r"""\b(how\ (many|much|often)|count|number\ of|total|sum|average|mean|median|percent(age)?|share\ of|
    correlation|distinct|unique|max(imum)?|min(imum)?)\b""",
    re.IGNORECASE | re.VERBOSE,
)
# Words that ask for an order or a choice among all rows, in a question.
_CHOICE = re.compile(
    r"""^(which|what|who|whose|when|where|how|is|are|was|were|do|does|did|has|have|name|list|top)\b.*
    \b(most|least|fewest|(more|less|fewer)\ than|at\ (least|most)|first|last|next|previous|before|after|
    (high|low|larg|small|bigg|great|long|short|old|young|earli|lat)est|difference|rank(ed|s)?|top|bottom)\b""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


def asks_for_computation(question: str) -> bool:
    """Whether similar rows cannot answer the question."""
    return bool(_FIGURE.search(question) or _CHOICE.search(question))


@dataclass(frozen=True, slots=True)
class Computable:
    """A question as a plan over one dataset, or as several possible plans."""

    source: Source
    schema: Schema
    plan: Plan | Ambiguous


def plans_for(question: str, sources: Sequence[Source]) -> list[Computable]:
    """Plans over the datasets that can compute an answer."""
    tell(f"Reading the question against {count_of(min(len(sources), MAX_PLANNED), 'dataset')}…")
    # A guess is made only where one dataset is asked.
    guessing = len(sources) == 1
    return [
        Computable(source, schema, made)
        for source, schema in schemas_for(question, sources)
        if isinstance(made := plan(question, schema, guessing=guessing), Plan | Ambiguous)
    ]


def not_understood(question: str, sources: Sequence[Source]) -> str:
    """The words that are not understood, or that the whole question may not be, and the answer that would be
    given in spite of it. "" if that is not the reason, or for several datasets.
    """
    tables = list(schemas_for(question, sources))
    if len(tables) != 1:
        return ""
    source, schema = tables[0]
    made = explained(question, schema).plan
    if isinstance(made, Plan):
        would_be = _would_be(made, source, schema)
        return f"{_UNSURE} {_MEANT.format(would_be)}" if would_be else _UNSURE
    if not isinstance(made, Unread):
        return ""
    words = ", ".join(f"“{word}”" for word in made.words)
    said = f"{_UNREAD.format(words)}."
    would_be = _would_be(made.without, source, schema) if made.without else ""
    return f"{said} {_WITHOUT.format(words, would_be)}" if would_be else said


def _would_be(made: Plan, source: Source, schema: Schema) -> str:
    """A plan in words, and what it gives. "" if it cannot be told."""
    if hidden_columns(source.access, iter(columns_of(made)), source.view_pii):
        return ""
    try:
        result = _computed(made, Computable(source, schema, made))
    except TooSlow:
        return ""
    if not isinstance(result, Result) or not result.values:
        return ""
    return f"{in_words(made)}: {', '.join(result.values[:SHOWN_WITHOUT])}"


def schemas_for(question: str, sources: Sequence[Source]) -> Iterator[tuple[Source, Schema]]:
    """Source and schema of the first MAX_PLANNED datasets. One that cannot be read in time is left out."""
    for source in sources[:MAX_PLANNED]:
        try:
            schema = replace(_schema(source), title=source.dataset.name)
            yield source, looked_up(schema, question, local_parquet(source.version))
        except (TooSlow, FileNotFoundError):
            continue


def answer_exactly(
    question: str, computable: Sequence[Computable], user: User | AnonymousUser, meaning: str = ""
) -> Answer | None:
    """The computed answer, or the question which meaning was meant. None if no plan fits well enough, or if
    the result makes the plan unlikely.

    `computable`: from `plans_for`. `meaning`: a choice of an earlier answer.
    """
    if not computable:
        return None
    if len(computable) > 1:
        return _which_dataset(computable)
    one = meant(computable[0], meaning)
    if isinstance(one.plan, Ambiguous):
        return _which_meaning(one, one.plan)
    tell(f"Computing over {count_of(one.schema.rows, 'row')}…")
    try:
        result = _computed(one.plan, one)
    except TooSlow:
        text = "Computing the answer took too long and was stopped. Ask about fewer rows or columns."
        return Answer("abstained", text, "exact", governance=(one.source.governance(),))
    if isinstance(result, NotPermitted):
        shown = one.plan.operation is Operation.LOOKUP and result.column in one.plan.columns
        if shown and not _names(question, result.column):
            # The column that names the rows was our choice, not the question's, so the rows can be shown
            # without it.
            return None
        return Answer("not_permitted", result.reason, "exact", governance=(one.source.governance(),))
    if result is None or not result.values or not is_likely(result):
        return None
    return _answered(one, result)


def meant(one: Computable, meaning: str) -> Computable:
    """With the plan chosen by `meaning`, if there were several."""
    if isinstance(one.plan, Ambiguous) and meaning in one.plan.meanings:
        return replace(one, plan=one.plan.plans[one.plan.meanings.index(meaning)])
    return one


def _names(question: str, column: str) -> bool:
    """Whether the question mentions a column by a word of its name."""
    asked = re.findall(r"\w+", question.casefold())
    return any(word.rstrip("s") in {each.rstrip("s") for each in asked} for word in _words(column))


def _words(column: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", column.casefold()) if len(word) > 2]


def _computed(made: Plan, one: Computable) -> Result | NotPermitted | None:
    """Raises TooSlow."""
    source = one.source
    if protects(made, one.schema, source):
        return protected_result(made, one.schema, source)
    try:
        return run(made, one.schema, local_parquet(source.version), source.access, source.view_pii)
    except Uncomputable:
        return None


def _presenter(one: Computable) -> Presenter:
    def again(made: Plan) -> Result | None:
        # A figure with noise is given only once, because every further one uses up the dataset's budget.
        if protects(made, one.schema, one.source):
            return None
        source = one.source
        try:
            found = run(
                made,
                one.schema,
                local_parquet(source.version),
                source.access,
                source.view_pii,
                with_rows=False,
            )
        except (TooSlow, Uncomputable):
            return None
        return found if isinstance(found, Result) else None

    return Presenter(one.schema, _units(local_parquet(one.source.version)), again)


@lru_cache(maxsize=256)
def _units(parquet: Path) -> dict[str, str]:
    return {column.name: column.unit for column in read_description(parquet).columns if column.unit}


def _answered(one: Computable, result: Result) -> Answer:
    source = one.source
    presented = _presenter(one).present(result)
    first: dict[int, float | None] = dict.fromkeys(result.rows[:CITED_ROWS])
    warnings = (*result.notes, *result.made.read_as)
    # A figure is complete even if cells of the rows behind it are masked. A shown value may not be.
    is_masked = not source.view_pii and any(MASK in value for value in result.values)
    if is_masked:
        warnings += (_MASKED_INSIDE,)
    coverage = f"{result.coverage[:1].upper()}{result.coverage[1:]}."
    return Answer(
        "masked" if is_masked else "answered",
        presented.sentence,
        "exact",
        plan=f"{result.plan[:1].upper()}{result.plan[1:]}, in {source.dataset.name}.",
        coverage=" ".join((coverage, *presented.notes)),
        citations=tuple(source.cite(first)),
        governance=(source.governance(),),
        warnings=warnings,
        values=result.values,
        sql=result.sql,
        series=presented.series,
        rows=result.rows,
        selected=result.selected,
        headline=presented.headline,
        columns=presented.columns,
        is_list=result.made.operation is Operation.LOOKUP and len(result.values) > 1,
    )


def _which_meaning(one: Computable, ambiguous: Ambiguous) -> Answer:
    meanings = "; or ".join(ambiguous.meanings)
    return Answer(
        "abstained",
        f"The question can mean more than one thing: {meanings}. Ask again and name the column.",
        "exact",
        governance=(one.source.governance(),),
        choices=tuple(Choice(text, str(one.source.dataset.pk), text) for text in ambiguous.meanings),
    )


def _which_dataset(computable: Sequence[Computable]) -> Answer:
    choices = tuple(
        Choice(f"{each.name} ({each.owner})", str(each.pk))
        for each in (item.source.dataset for item in computable)
    )
    names = ", ".join(choice.label for choice in choices)
    return Answer(
        "abstained",
        f"Several datasets can answer this: {names}. Choose one and ask again.",
        "exact",
        governance=tuple(item.source.governance() for item in computable),
        choices=choices,
    )


# The schema of a version for one reader. Cached, because it reads every column.
_described = lru_cache(maxsize=32)(describe)


def _schema(source: Source) -> Schema:
    """Raises TooSlow, FileNotFoundError if there is no typed copy, and TypedCopyDamaged."""
    return _described(local_parquet(source.version), source.access, source.view_pii)
