"""Prepares an answer for its page: outcome in words, rows by dataset, chart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from promptiq.answers import Answer, Citation, Outcome
from promptiq.web import charts

# The outcome for people, and the CSS class of its chip.
OUTCOMES: dict[Outcome, tuple[str, str]] = {
    "answered": ("Answered", "good"),
    "masked": ("Answered, some values masked for you", "personal"),
    "not_permitted": ("Not permitted", "bad"),
    "not_found": ("Not found", "bad"),
    "not_indexed": ("Not indexed yet", "running"),
    "abstained": ("I don't know", "doubt"),
}
# Rows near the question are presented as such: they do not answer it.
SIMILAR: dict[Outcome, tuple[str, str]] = {
    "answered": ("Similar rows", "doubt"),
    "masked": ("Similar rows, some values masked for you", "personal"),
    "abstained": ("Similar rows", "doubt"),
}
# A single value of at most this many characters is shown large.
LARGE = 60


@dataclass(slots=True)
class CitedRows:
    """Rows of one version. `is_near`: found by meaning, each with a score. `rows`: cells in the order of
    `columns`.
    """

    dataset: str
    name: str
    version: int
    columns: list[str]
    is_near: bool
    rows: list[tuple[Citation, list[Any]]] = field(default_factory=list)


def shown(answer: Answer, user: User) -> dict[str, Any]:
    """Context of templates/promptiq/answer.html, without question, dataset and examples."""
    words, chip = _badge(answer)
    computed = answer.kind == "exact" and answer.outcome == "answered" and not answer.before
    return {
        "may_verify": computed and not answer.verified and user.has_perm("governance.curate"),
        "answer": answer,
        "outcome": words if not answer.choices else "Which one do you mean?",
        "outcome_chip": chip,
        "headline": answer.headline if len(answer.headline) <= LARGE else "",
        "cited": cited_rows(answer),
        "rows_behind": ",".join(map(str, answer.rows)) if answer.selected > len(answer.citations) else "",
        "language_model": settings.LLM_MODEL,
        **_chart(answer),
    }


def _badge(answer: Answer) -> tuple[str, str]:
    words = OUTCOMES[answer.outcome]
    return SIMILAR.get(answer.outcome, words) if answer.kind == "lookup" and answer.citations else words


def cited_rows(answer: Answer) -> list[CitedRows]:
    """By dataset, best first. A computed answer shows the columns that its plan uses."""
    found: dict[str, CitedRows] = {}
    for row in answer.citations:
        columns = [name for name in answer.columns if name in row.cells] or list(row.cells)
        group = found.setdefault(
            row.dataset,
            CitedRows(row.dataset, row.dataset_name, row.version, columns, row.score is not None),
        )
        group.rows.append((row, [row.cells[name] for name in columns]))
    return list(found.values())


def _chart(answer: Answer) -> dict[str, Any]:
    series = answer.series
    # A single bar compares nothing.
    if series is None or (series.kind != "share" and len(series.points) < 2):
        return {}
    best = answer.headline if answer.kind == "exact" else ""
    found: dict[str, Any] = {"chart": series.kind, "bars": charts.bars(series, best)}
    if series.kind == "line":
        found |= {"line": charts.line(series), "chart_height": charts.HEIGHT}
    found["first_bars"], found["other_bars"] = found["bars"][: charts.BARS], found["bars"][charts.BARS :]
    return found
