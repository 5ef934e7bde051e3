"""Prepares an answer for its page: outcome in words, rows by dataset, chart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from promptiq.answers import Answer, Citation, Outcome
from promptiq.web import charts

# For people, and the class of the chip.
OUTCOMES: dict[Outcome, tuple[str, str]] = {
    "answered": ("Answered", "good"),
    "masked": ("Answered, some values masked for you", "personal"),
    "not_permitted": ("Not permitted", "bad"),
    "not_found": ("Not found", "bad"),
    "not_indexed": ("Not indexed yet", "running"),
    "abstained": ("I don't know", "doubt"),
}
# Rows near the question are shown for what they are: nothing was answered by them.
SIMILAR: dict[Outcome, tuple[str, str]] = {
    "answered": ("Similar rows", "doubt"),
    "masked": ("Similar rows, some values masked for you", "personal"),
}
# A single value of up to so many characters is shown large.
LARGE = 80
SHOWN_VALUES = 50


@dataclass(slots=True)
class CitedRows:
    """Rows of one version. `is_near`: they were found by meaning, and each has a score."""

    dataset: str
    name: str
    version: int
    columns: list[str]
    is_near: bool
    rows: list[Citation] = field(default_factory=list)


def shown(answer: Answer) -> dict[str, Any]:
    """Context of templates/promptiq/answer.html, without question, dataset and examples."""
    words, chip = _badge(answer)
    return {
        "answer": answer,
        "outcome": words if not answer.choices else "Which one do you mean?",
        "outcome_chip": chip,
        "is_large": len(answer.values) == 1 and len(answer.answer) <= LARGE,
        "values_shown": answer.values[:SHOWN_VALUES],
        "values_more": max(0, len(answer.values) - SHOWN_VALUES),
        "cited": cited_rows(answer),
        "rows_behind": ",".join(map(str, answer.rows)) if answer.selected > len(answer.citations) else "",
        "masked_columns": sorted({name for each in answer.governance for name in each.masked}),
        "language_model": settings.LLM_MODEL,
        **_chart(answer),
    }


def _badge(answer: Answer) -> tuple[str, str]:
    words = OUTCOMES[answer.outcome]
    return SIMILAR.get(answer.outcome, words) if answer.kind == "lookup" else words


def cited_rows(answer: Answer) -> list[CitedRows]:
    """By dataset, best first."""
    found: dict[str, CitedRows] = {}
    for row in answer.citations:
        group = found.setdefault(
            row.dataset,
            CitedRows(row.dataset, row.dataset_name, row.version, list(row.cells), row.score is not None),
        )
        group.rows.append(row)
    return list(found.values())


def _chart(answer: Answer) -> dict[str, Any]:
    series = answer.series
    if series is None:
        return {}
    found: dict[str, Any] = {"chart": series.kind, "bars": charts.bars(series)}
    if len(series.points) > 2:
        found["chart_words"] = charts.in_words(series)
    if series.kind == "line":
        found |= {"line": charts.line(series), "chart_height": charts.HEIGHT}
    found["first_bars"], found["other_bars"] = found["bars"][: charts.BARS], found["bars"][charts.BARS :]
    return found
