"""Runs each recogniser on a column. If one fails, the others go on, and no value gets out."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from governance.recognisers.column import Candidate, ColumnView, Recogniser, TableView
from governance.recognisers.masking import masked_examples

logger = logging.getLogger(__name__)

# Shorter values ("yes", "12") are words and counts of any sentence.
_SHORTEST_TELLING = 4
_MOST_SENTENCES = 20


def ask(recognisers: Sequence[Recogniser], column: ColumnView, table: TableView) -> list[Candidate]:
    candidates: list[Candidate] = []
    for recogniser in recognisers:
        try:
            answers = recogniser.recognise(column, table)
            candidates += [_checked(recogniser, answer, column) for answer in answers]
        except (Exception, SystemExit) as error:  # a site's own recogniser may raise anything
            # The error's text may contain a value: only its type is logged.
            logger.error("recogniser %s failed on a column: %s", _name(recogniser), type(error).__name__)
    return candidates


def _name(recogniser: Recogniser) -> str:
    return str(getattr(recogniser, "name", None) or type(recogniser).__name__)


def _checked(recogniser: Recogniser, answer: Candidate, column: ColumnView) -> Candidate:
    """The result with its recogniser's name. Raises TypeError or ValueError if it is invalid."""
    if not isinstance(answer, Candidate):
        raise TypeError("a recogniser answers with Candidates")
    if not math.isfinite(answer.confidence) or not answer.entity:
        raise ValueError("a candidate names its entity and a confidence from 0 to 1")
    named = replace(answer, recogniser=_name(recogniser), confidence=min(max(answer.confidence, 0.0), 1.0))
    if type(recogniser).__module__.startswith("governance.recognisers."):
        return named
    return replace(
        named,
        reasons=_without_values(answer.reasons, column),
        against=_without_values(answer.against, column),
        examples=_masked(answer.examples),
    )


def _without_values(sentences: Iterable[str], column: ColumnView) -> tuple[str, ...]:
    """Sentences without values of the column: a site's own recogniser may have quoted one."""
    telling = [value for value in column.values if len(value) >= _SHORTEST_TELLING]
    told = tuple(str(sentence) for sentence in sentences)[:_MOST_SENTENCES]
    return tuple(sentence for sentence in told if not any(value in sentence for value in telling))


def _masked(examples: Iterable[str]) -> tuple[str, ...]:
    """Mask examples that are not masked yet."""
    return tuple(
        example if "•" in example and not any(map(str.isdigit, example)) else masked_examples([example])[0]
        for example in tuple(map(str, examples))[:3]
    )
