"""The page for questions. A question is posted, never part of an address: it may hold personal data."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import NotAuthenticated, Throttled

from datasets.models import Dataset, DatasetQuerySet
from omdplatform.base.errors import PlatformError
from omdplatform.base.web import problems
from omdplatform.base.web.signed_in import user_of
from promptiq.ask import MAX_MEANING, MAX_QUESTION, QuestionRefused, ask, ask_again
from promptiq.keeping.kept import kept_question, question_for, said_in
from promptiq.keeping.verified import checked, verify, withdraw
from promptiq.models import VerifiedQuestion
from promptiq.progress import Listener, silent
from promptiq.web.answer_file import answer_file
from promptiq.web.answer_page import shown
from promptiq.web.examples import READ_LATER, examples_of, examples_of_newest
from promptiq.web.question_limit import count_question
from promptiq.web.streaming import CONTENT_TYPE, Event, stream

NOT_SHOWN = "A question about what is masked for you"


@dataclass(frozen=True, slots=True)
class SubmittedQuestion:
    """The submitted form. `dataset`: None for all that the user may see. `before`: id of the answer that it
    continues. `again`: id of a kept question, of which `meaning` is chosen.
    """

    question: str
    user: User
    dataset: Dataset | None
    meaning: str
    before: UUID | None = None
    again: UUID | None = None

    def answer(self, progress: Listener = silent) -> dict[str, Any]:
        """Context of the answer's template. Raises what `ask` raises."""
        if self.again:
            return opened(self.again, self.user, self.meaning, progress)
        found = ask(
            self.question,
            self.user,
            self.dataset,
            meaning=self.meaning,
            before=self.before,
            progress=progress,
        )
        return shown(found, self.user) | {"asked": self.question}


def opened(question_id: UUID, user: User, meaning: str = "", progress: Listener = silent) -> dict[str, Any]:
    """Context of the answer's template for a kept question. Raises what `ask_again` raises."""
    kept = kept_question(question_id, user)
    found = ask_again(question_id, user, meaning=meaning, progress=progress)
    words = question_for(kept, user)
    if found.outcome == "not_permitted" and kept.asker_id != user.pk:
        # A refused question may reveal something by its words alone.
        words = NOT_SHOWN
    return shown(found, user) | {
        "asked": words,
        # A question that continues another is not complete by itself.
        "question": words if words != NOT_SHOWN and len(said_in(kept)) == 1 else "",
        "chosen": kept.dataset,
        "asked_by": kept.asker,
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask_page(request: HttpRequest) -> HttpResponse:
    """Ask one dataset (`dataset` in the form or the address) or all that the reader may see."""
    user = user_of(request)
    given = request.POST.get("dataset") or request.GET.get("dataset") or ""
    try:
        chosen = _chosen(given, user)
    except Http404:
        _note_question_to_nothing(request, given)
        raise
    context: dict[str, Any] = {
        "chosen": chosen,
        "question": request.POST.get("question", "")[:MAX_QUESTION],
    }
    work = (lambda: _asked(request, user).answer()) if request.method == "POST" else None
    return _page(request, context, work)


@login_required
@require_safe
def kept_page(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """A kept question with its answer, computed again for each reader."""
    return _page(request, {"chosen": None}, lambda: opened(question_id, user_of(request)))


@login_required
@require_safe
def kept_file(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """The same answer as CSV."""
    try:
        count_question(request)
        return answer_file(question_id, user_of(request))
    except (PlatformError, Throttled) as error:
        return _page(request, {"chosen": None}, None, error)


@login_required
@require_POST
def verify_answer(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """A steward marks a question with its plan as verified."""
    try:
        verify(question_id, user_of(request))
    except PlatformError as error:
        return _page(request, {"chosen": None}, lambda: opened(question_id, user_of(request)), error)
    return redirect("promptiq:kept", question_id)


@login_required
@require_safe
def verified_page(request: HttpRequest) -> HttpResponse:
    """The verified questions of all datasets that the reader may see, with their latest results."""
    datasets = list(_askable(user_of(request)))
    return render(request, "promptiq/verified.html", {"checked": checked(datasets)})


@login_required
@require_POST
def withdraw_verified(request: HttpRequest, verified_id: int) -> HttpResponse:
    visible = Dataset.objects.all().visible_to(user_of(request))
    verified = get_object_or_404(VerifiedQuestion, pk=verified_id, dataset__in=visible)
    withdraw(verified, user_of(request))
    return redirect("promptiq:verified")


def _page(
    request: HttpRequest,
    context: dict[str, Any],
    work: Callable[[], dict[str, Any]] | None,
    failed: PlatformError | Throttled | None = None,
) -> HttpResponse:
    """The page with the result of `work`, or with what is wrong."""
    datasets = list(_askable(user_of(request)))
    if work:
        try:
            count_question(request)
            context |= work()
        except (PlatformError, Throttled) as error:
            failed = error
    problem = problems.problem_of(failed) if failed else None
    chosen = context["chosen"]
    context |= {
        "datasets": datasets,
        "max_question": MAX_QUESTION,
        "problem": problem.detail if problem else "",
        "page_examples": examples_of(chosen) if chosen else examples_of_newest(datasets),
    }
    response = render(request, "promptiq/ask.html", context, status=problem.status if problem else 200)
    response.headers["Cache-Control"] = "no-store"
    for name, value in problem.headers.items() if problem else ():
        response.headers[name] = value
    return response


def _note_question_to_nothing(request: HttpRequest, given: str) -> None:
    """Record in the audit log a question to a dataset that the user may not see or that does not exist."""
    if request.method == "POST" and (dataset_id := _uuid(given)):
        with suppress(QuestionRefused):
            ask(request.POST.get("question", ""), user_of(request), Dataset(pk=dataset_id))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@login_required
@require_safe
def examples(request: HttpRequest) -> HttpResponse:
    """The part of the page that changes with the chosen dataset."""
    user = user_of(request)
    chosen = _chosen(request.GET.get("dataset", ""), user)
    found = examples_of(chosen, READ_LATER) if chosen else examples_of_newest(list(_askable(user)))
    return render(request, "promptiq/examples.html", {"page_examples": found, "chosen": chosen})


@require_POST
async def ask_stream(request: HttpRequest) -> HttpResponseBase:
    """The same as the page's form, with progress; promptiq.web.streaming describes the lines.

    The last is {"type": "answer", "html"} or {"type": "error", "message"}. A refusal before the work begins
    is a problem document.
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
        _uuid(request.POST.get("before", "")),
        _uuid(request.POST.get("again", "")),
    )


def _askable(user: User) -> DatasetQuerySet:
    return Dataset.objects.all().visible_to(user).exclude(current_version=None).for_list()


def _chosen(given: str, user: User) -> Dataset | None:
    """None if nothing is chosen. Raises Http404 as above."""
    return get_object_or_404(_askable(user), pk=_uuid(given)) if given else None
