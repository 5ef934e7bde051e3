"""manage.py ask QUESTION [--dataset ID] [--as USER] [--json]"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.management.base import BaseCommand, CommandError

from datasets.models import Dataset
from omdplatform.base.errors import Unavailable
from omdplatform.running.preparation import prepare
from promptiq.ask import Answer, QuestionRefused, ask
from promptiq.index import vector_server


class Command(BaseCommand):
    help = "Ask about the datasets that a user may see. Without --as: as the first administrator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question")
        parser.add_argument("--dataset", type=UUID, help="Ask this dataset only.")
        parser.add_argument("--as", dest="username", default="", help="Whose rights hold.")
        parser.add_argument("--json", dest="as_json", action="store_true", help="The whole answer as JSON.")

    def handle(
        self, *args: Any, question: str, dataset: UUID | None, username: str, as_json: bool, **options: Any
    ) -> None:
        prepare()
        user = _user(username)
        # An unknown id and somebody else's id are both answered with not_found.
        asked = Dataset(pk=dataset) if dataset else None
        try:
            with vector_server.running():
                answer = ask(question, user, asked)
        except (QuestionRefused, Unavailable) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(_as_json(answer) if as_json else _as_text(answer))


def _user(username: str) -> User | AnonymousUser:
    if not username:
        return (
            User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first() or AnonymousUser()
        )
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user named {username}.")
    return user


def _as_json(answer: Answer) -> str:
    return json.dumps(answer.as_json(), ensure_ascii=False)


def _as_text(answer: Answer) -> str:
    lines = [f"{answer.wording} (in the words of {settings.LLM_MODEL})", ""] if answer.wording else []
    lines += [answer.answer, ""]
    if answer.kind == "exact" and answer.plan:
        lines += [answer.plan, ""]
    for citation in answer.citations:
        cells = ", ".join(f"{name}: {value}" for name, value in citation.cells.items() if value is not None)
        near = f"{citation.score:.2f}  " if citation.score is not None else ""
        lines.append(f"{near}{citation.dataset_name} v{citation.version} row {citation.row}: {cells}")
    lines += ["", answer.coverage, *answer.warnings]
    return "\n".join(line for line in lines if line is not None).strip()
