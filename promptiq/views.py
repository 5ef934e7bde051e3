"""The page for questions. A question is posted, never part of an address: it may hold personal data."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from datasets.models import Dataset, Version
from governance.access import access_of
from promptiq.answers import Answer
from promptiq.ask import MAX_QUESTION, QuestionRefused, ask
from promptiq.embeddings import EmbeddingUnavailable
from promptiq.vector_client import VectorServerUnavailable


@login_required
def ask_page(request: HttpRequest) -> HttpResponse:
    """Ask one dataset (`dataset` in the form or the address) or all that the reader may see."""
    assert isinstance(request.user, User)  # noqa: S101 - the decorator has made sure
    datasets = Dataset.objects.all().visible_to(request.user).exclude(current_version=None).for_list()
    given = request.POST.get("dataset") or request.GET.get("dataset") or ""
    chosen = datasets.filter(pk__in=[_uuid(given)]).first() if given else None
    if given and chosen is None:
        _note_question_to_nothing(request, _uuid(given))
        raise Http404
    context: dict[str, Any] = {
        "datasets": datasets,
        "chosen": chosen,
        "max_question": MAX_QUESTION,
        "question": request.POST.get("question", "")[:MAX_QUESTION],
        "examples": _examples(chosen.current_version) if chosen and chosen.current_version else [],
    }
    status = 200
    if request.method == "POST":
        try:
            answer = ask(request.POST.get("question", ""), request.user, chosen)
            context |= {"answer": answer, "groups": _grouped(answer), "language_model": settings.LLM_MODEL}
        except QuestionRefused as refusal:
            context["problem"], status = str(refusal), 400
        except (VectorServerUnavailable, EmbeddingUnavailable) as problem:
            context["problem"], status = str(problem), 503
    return render(request, "promptiq/ask.html", context, status=status)


def _note_question_to_nothing(request: HttpRequest, dataset_id: UUID | None) -> None:
    """In the audit log: a question to a dataset that the asker may not see, or that is not there."""
    assert isinstance(request.user, User)  # noqa: S101 - the decorator of the page has made sure
    if request.method == "POST" and dataset_id:
        with suppress(QuestionRefused):
            ask(request.POST.get("question", ""), request.user, Dataset(pk=dataset_id))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _grouped(answer: Answer) -> list[dict[str, Any]]:
    """The cited rows by dataset, best first: {"name", "dataset", "version", "columns", "rows", "is_near"}."""
    groups: dict[str, dict[str, Any]] = {}
    for citation in answer.citations:
        group = groups.setdefault(
            citation.dataset,
            {
                "name": citation.dataset_name,
                "dataset": citation.dataset,
                "version": citation.version,
                "columns": list(citation.cells),
                "is_near": citation.score is not None,
                "rows": [],
            },
        )
        group["rows"].append(citation)
    return list(groups.values())


def _examples(version: Version) -> list[str]:
    """Questions that fit the dataset, made of names of columns that its reader may compute with."""
    masked = set(access_of(version).masked_columns())
    columns = [item for item in version.columns.order_by("position") if item.name not in masked]
    texts = [_spoken(item.name) for item in columns if item.type == "STRING"]
    numbers = [_spoken(item.name) for item in columns if item.type in {"INT", "FLOAT"}]
    asked = ["How many rows are there?"]
    if numbers:
        asked.append(f"What is the average {numbers[-1]}?")
    if texts and numbers:
        asked.append(f"Which {texts[-1]} has the highest {numbers[-1]}?")
    if texts:
        asked.append(f"Which rows have a {texts[0]} like …?")
    return asked


def _spoken(name: str) -> str:
    return name.replace("_", " ")
