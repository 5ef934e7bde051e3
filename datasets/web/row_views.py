"""The page that shows a version's rows: page by page, or those behind an answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from datasets.models import Version
from datasets.web.browsing import SeenRows, look, look_at
from datasets.web.views import PAGE_COLUMNS, shown_dataset
from omdplatform.base.web.signed_in import user_of

PAGE_ROWS = 50
# The most row numbers in a form: as many as an answer lists.
MAX_NUMBERS = 1_000


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rows_page(request: HttpRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Rows from `?from=` on, or around `?row=`, which is marked.

    For the rows behind an answer, a form posts their numbers (`rows`, separated by commas) and which `part`
    of them to show. This keeps addresses short and free of what was asked.
    """
    dataset = shown_dataset(request, dataset_id)
    version = get_object_or_404(dataset.shown_versions(), number=number)
    # Versions ask their dataset which is current.
    version.dataset = dataset
    try:
        shown = _chosen(request, version) if request.method == "POST" else _in_order(request, version)
    except FileNotFoundError:
        raise Http404 from None
    context = {"dataset": dataset, "version": version, **shown}
    return render(request, "datasets/rows.html", context, status=404 if shown.get("problem") else 200)


def _in_order(request: HttpRequest, version: Version) -> dict[str, Any]:
    total = version.rows or 0
    row, start = request.GET.get("row"), request.GET.get("from")
    given = row if row is not None else start
    asked = _whole(given) if given is not None else None
    first = _start_of_page(min(asked or 1, max(total, 1)))
    seen = look(version.dataset, version, user_of(request), first, PAGE_ROWS)
    table = _table(seen, PAGE_COLUMNS, request.GET.get("columns"))
    page = table["column_page"].number
    return {
        **table,
        "kept": f"from={min(first, total)}&",
        "kept_columns": f"&columns={page}" if page > 1 else "",
        "problem": _no_such_row(total) if given is not None and not 1 <= (asked or 0) <= total else "",
        "found": asked if row is not None else None,
        "first": min(first, total),
        "last": min(total, first + PAGE_ROWS - 1),
        "before": first - PAGE_ROWS if first > 1 else None,
        "after": first + PAGE_ROWS if first + PAGE_ROWS <= total else None,
        "end": _start_of_page(max(total, 1)),
    }


def _chosen(request: HttpRequest, version: Version) -> dict[str, Any]:
    numbers = sorted({number for text in request.POST.get("rows", "").split(",") if (number := _whole(text))})
    numbers = numbers[:MAX_NUMBERS]
    parts = max(1, -(-len(numbers) // PAGE_ROWS))
    part = min(_whole(request.POST.get("part", "1")) or 1, parts)
    here = numbers[(part - 1) * PAGE_ROWS : part * PAGE_ROWS]
    seen = look_at(version.dataset, version, user_of(request), here)
    return {
        **_table(seen, len(seen.columns)),
        "problem": "" if seen.rows else "None of these rows is in this version.",
        "numbers": ",".join(map(str, numbers)),
        "behind": len(numbers),
        "part": part,
        "parts": parts,
        "first": (part - 1) * PAGE_ROWS + 1,
        "last": (part - 1) * PAGE_ROWS + len(here),
    }


def _table(seen: SeenRows, page_columns: int, asked: str | None = None) -> dict[str, Any]:
    """`asked`: the page of columns, from 1."""
    page = Paginator(seen.columns, max(1, page_columns)).get_page(asked)
    names = list(page)
    rows = [
        (number, [(cells[name], name in seen.masked) for name in names])
        for number, cells in seen.rows.items()
    ]
    return {
        "columns": [(name, name in seen.masked) for name in names],
        "column_page": page,
        "rows": rows,
        "seen": seen,
    }


def _start_of_page(number: int) -> int:
    return (number - 1) // PAGE_ROWS * PAGE_ROWS + 1


def _whole(text: str) -> int | None:
    """A whole number from 1 up, otherwise None."""
    text = text.strip()
    return int(text) or None if text.isascii() and text.isdigit() and len(text) < 19 else None


def _no_such_row(total: int) -> str:
    return f"There is no such row: this version has {total:,}, numbered from 1."
