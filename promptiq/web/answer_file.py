"""An answer as a CSV file: its groups, its rows or its figure, under the reader's masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from datasets.models import Dataset
from governance.audit import record_download
from omdplatform.base.csv_export import CONTENT_TYPE, csv_lines
from omdplatform.base.errors import Unavailable
from promptiq.answers import Answer
from promptiq.ask import ask_again
from promptiq.rows import fetch_rows
from promptiq.sources import sources_of

Table = tuple[Sequence[str], Sequence[Sequence[object]]]


def answer_file(question_id: UUID, user: User) -> HttpResponse:
    """The answer to a kept question, computed again and recorded in the audit log. May raise as
    `ask_again`.
    """
    answer = ask_again(question_id, user)
    columns, rows = table_of(answer, user)
    for governed in answer.governance:
        version = next((each.version for each in answer.citations if each.dataset == governed.dataset), 0)
        record_download(user, UUID(governed.dataset), "answer", version, rows=len(rows), columns=len(columns))
    return HttpResponse(
        b"".join(csv_lines(columns, rows)),
        content_type=CONTENT_TYPE,
        headers={
            "Content-Disposition": content_disposition_header(True, f"{_name(answer)}.csv") or "",
            "Cache-Control": "no-store",
        },
    )


def table_of(answer: Answer, user: User) -> Table:
    """Groups with their figures; or the rows of a list, 1,000 at most; or the nearest rows; or the values."""
    if answer.series and answer.series.points[0].label:
        unit = f" ({answer.series.unit})" if answer.series.unit else ""
        points = [(point.label, point.figure) for point in answer.series.points]
        return ("Group", f"Figure{unit}"), points
    if answer.is_list:
        return _rows_behind(answer, user)
    if answer.values:
        return (answer.plan.rstrip("."),), [(value,) for value in answer.values]
    if answer.citations:
        names = list(dict.fromkeys(name for each in answer.citations for name in each.cells))
        cells = [
            (each.dataset_name, each.row, *(each.cells.get(name) for name in names))
            for each in answer.citations
        ]
        return ("Dataset", "Row", *names), cells
    return ("Answer",), [(answer.answer,)]


def _rows_behind(answer: Answer, user: User) -> Table:
    dataset = Dataset.objects.all().visible_to(user).filter(pk=answer.governance[0].dataset).for_list()
    source = sources_of(list(dataset), user)[0]
    if source.version.number != answer.citations[0].version:
        raise Unavailable("A new version has just taken the place of the one that was asked.")
    cells = fetch_rows(source.version, answer.rows, source.access, source.view_pii)
    names = answer.columns or tuple(next(iter(cells.values()), {}))
    return ("Row", *names), list(_lines(cells, names))


def _lines(cells: dict[int, dict[str, object]], names: Sequence[str]) -> Iterator[Sequence[object]]:
    for number, row in sorted(cells.items()):
        yield (number, *(row.get(name) for name in names))


def _name(answer: Answer) -> str:
    """The file's name: the dataset's, never the question's, which may be personal."""
    names = [each.name for each in answer.governance]
    return f"Answer from {names[0]}" if len(names) == 1 else "Answer"
