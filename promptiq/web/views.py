"""The page for questions. A question is posted, never part of an address: it may hold personal data."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import NotAuthenticated, Throttled

from datasets.models import Dataset, DatasetQuerySet
from omdplatform.base.errors import PlatformError
from omdplatform.base.web import problems
from promptiq.ask import MAX_MEANING, MAX_QUESTION, QuestionRefused, ask
from promptiq.progress import Listener, silent
from promptiq.web.answer_page import shown
from promptiq.web.examples import READ_LATER, examples_of, examples_of_newest
from promptiq.web.question_limit import count_question
from promptiq.web.streaming import CONTENT_TYPE, Event, stream


@dataclass(frozen=True, slots=True)
class SubmittedQuestion:
    """The submitted form. `dataset`: None for all that the user may see."""

    question: str
    user: User
    dataset: Dataset | None
    meaning: str

    def answer(self, progress: Listener = silent) -> dict[str, Any]:
        """Context of the answer's template. Raises what `ask` raises."""
        found = ask(self.question, self.user, self.dataset, meaning=self.meaning, progress=progress)
        return shown(found) | {"question": self.question}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask_page(request: HttpRequest) -> HttpResponse:
    """Ask one dataset (`dataset` in the form or the address) or all that the reader may see."""
    user = _user(request)
    datasets = list(_askable(user))
    given = request.POST.get("dataset") or request.GET.get("dataset") or ""
    try:
        chosen = _chosen(given, user)
    except Http404:
        _note_question_to_nothing(request, given)
        raise
    context: dict[str, Any] = {
        "datasets": datasets,
        "chosen": chosen,
        "max_question": MAX_QUESTION,
        "question": request.POST.get("question", "")[:MAX_QUESTION],
    }
    problem = None
    if request.method == "POST":
        try:
            count_question(request)
            context |= _asked(request, user).answer()
        except (PlatformError, Throttled) as error:
            problem = problems.problem_of(error)
            context["problem"] = problem.detail
    context["page_examples"] = examples_of(chosen) if chosen else examples_of_newest(datasets)
    response = render(request, "promptiq/ask.html", context, status=problem.status if problem else 200)
    for name, value in problem.headers.items() if problem else ():
        response.headers[name] = value
    return response


def _note_question_to_nothing(request: HttpRequest, given: str) -> None:
    """Write to the audit log that somebody asked a dataset that they may not see, or that does not exist."""
    if request.method == "POST" and (dataset_id := _uuid(given)):
        with suppress(QuestionRefused):
            ask(request.POST.get("question", ""), _user(request), Dataset(pk=dataset_id))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@login_required
@require_safe
def examples(request: HttpRequest) -> HttpResponse:
    """The part of the page that changes with the dataset that is chosen."""
    user = _user(request)
    chosen = _chosen(request.GET.get("dataset", ""), user)
    found = examples_of(chosen, READ_LATER) if chosen else examples_of_newest(list(_askable(user)))
    return render(request, "promptiq/examples.html", {"page_examples": found, "chosen": chosen})


@require_POST
async def ask_stream(request: HttpRequest) -> HttpResponseBase:
    """The same as the page's form, with progress; promptiq.web.streaming describes the lines.

    The last is {"type": "answer", "html"} or {"type": "error", "message"}. What is refused before the work
    begins is a problem document.
    """
    try:
        asked = await sync_to_async(_admitted)(request)
    except Exception as error:
        return problems.document(request, problems.problem_of(error))

    def work(progress: Listener) -> Event:
        html = render_to_string("promptiq/answer.html", asked.answer(progress), request)
        return {"type": "answer", "html": html}

    lines: AsyncIterator[bytes] = stream(work, _failure)
    return StreamingHttpResponse(lines, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def _admitted(request: HttpRequest) -> SubmittedQuestion:
    """Raises NotAuthenticated, Throttled, Http404."""
    if not isinstance(request.user, User):
        raise NotAuthenticated(f"You are signed out. Sign in at {reverse('login')} and ask again.")
    count_question(request)
    try:
        return _asked(request, request.user)
    except Http404:
        _note_question_to_nothing(request, request.POST.get("dataset", ""))
        raise


def _failure(error: Exception) -> Event:
    return {"type": "error", "message": problems.problem_of(error).detail}


def _asked(request: HttpRequest, user: User) -> SubmittedQuestion:
    """Raises Http404 for a dataset that the user may not see."""
    return SubmittedQuestion(
        request.POST.get("question", ""),
        user,
        _chosen(request.POST.get("dataset", ""), user),
        request.POST.get("meaning", "")[:MAX_MEANING],
    )


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the views' decorator has made sure
    return request.user


def _askable(user: User) -> DatasetQuerySet:
    return Dataset.objects.all().visible_to(user).exclude(current_version=None).for_list()


def _chosen(given: str, user: User) -> Dataset | None:
    """None where nothing is chosen. Raises Http404 as above."""
    return get_object_or_404(_askable(user), pk=_uuid(given)) if given else None
