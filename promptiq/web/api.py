"""The API for questions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets.models import Dataset
from datasets.web.exports.api import OneForm
from omdplatform.base.web.signed_in import user_of
from promptiq.ask import MAX_MEANING, MAX_QUESTION, ask, ask_again
from promptiq.keeping.verified import Checked, checked, verify, withdraw
from promptiq.models import VerifiedQuestion
from promptiq.web.answer_file import answer_file


class QuestionSerializer(serializers.Serializer[Any]):
    question = serializers.CharField(max_length=MAX_QUESTION)
    dataset = serializers.UUIDField(
        required=False, allow_null=True, help_text="The dataset to ask. Default: all that you may see."
    )
    limit = serializers.IntegerField(
        default=8, min_value=1, max_value=50, help_text="Maximum number of rows."
    )
    meaning = serializers.CharField(
        default="", allow_blank=True, max_length=MAX_MEANING,
        help_text="`meaning` of one of the `choices` that the answer to the same question offered.",
    )  # fmt: skip
    before = serializers.UUIDField(
        required=False, allow_null=True,
        help_text="`id` of the answer that this question follows (\"only 2024\"). Its dataset is asked.",
    )  # fmt: skip


class CitationSerializer(serializers.Serializer[Any]):
    dataset = serializers.UUIDField()
    dataset_name = serializers.CharField()
    version = serializers.IntegerField()
    row = serializers.IntegerField(
        help_text="Number of the row in the file, from 1. The header does not count."
    )
    score = serializers.FloatField(
        allow_null=True, help_text="0 to 1, where 1 is nearest. null for rows of a computed answer."
    )
    cells = serializers.DictField(help_text="Values by column name, masked for you.")


class GovernanceSerializer(serializers.Serializer[Any]):
    """What governs one dataset of the answer."""

    dataset = serializers.UUIDField()
    name = serializers.CharField()
    owner = serializers.CharField()
    tags = serializers.DictField(help_text="For each column: a list of tag, state and source.")
    lineage = serializers.ListField(
        child=serializers.CharField(), help_text="Steps from the file to the index."
    )
    masked = serializers.DictField(help_text="For each column masked for you: the tags that mask it.")
    catalog = serializers.DictField(
        child=serializers.CharField(),
        help_text="Name, version and link there. link is empty if there is no page.",
    )
    as_of = serializers.DateTimeField()


class PointSerializer(serializers.Serializer[Any]):
    label = serializers.CharField(help_text="The group or moment. Empty if there is one figure only.")  # type: ignore[assignment]
    figure = serializers.CharField(help_text="A number without its unit.")


class SeriesSerializer(serializers.Serializer[Any]):
    """Figures to show in one chart."""

    kind = serializers.ChoiceField(
        choices=["bars", "line", "share"],
        help_text="bars: groups. line: moments in order. share: one percentage.",
    )
    unit = serializers.CharField(help_text="%, a currency code or sign, or empty.")
    points = PointSerializer(many=True)


class ChoiceSerializer(serializers.Serializer[Any]):
    """Ask the same question again with `dataset` and `meaning`."""

    label = serializers.CharField(help_text="Text to show to people.")  # type: ignore[assignment]
    dataset = serializers.UUIDField()
    meaning = serializers.CharField(help_text="Empty if the dataset alone decides.")


class AnswerSerializer(serializers.Serializer[Any]):
    """promptiq.answers.Answer: what every answer carries."""

    outcome = serializers.ChoiceField(
        choices=["answered", "masked", "not_permitted", "not_found", "not_indexed", "abstained"]
    )
    answer = serializers.CharField()
    kind = serializers.ChoiceField(choices=["exact", "lookup"])
    plan = serializers.CharField(help_text="What was computed, in words.")
    coverage = serializers.CharField(help_text="Such as: computed over 12,431 of 12,431 rows.")
    citations = CitationSerializer(many=True)
    governance = GovernanceSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    values = serializers.ListField(
        child=serializers.CharField(), help_text="Values of a computed answer, in order. Empty for a lookup."
    )
    sql = serializers.CharField(help_text="The statement run on the typed copy. Empty for a lookup.")
    wording = serializers.CharField(
        help_text="The answer in a language model's words. Empty if there is none."
    )
    series = SeriesSerializer(allow_null=True, help_text="The values for a chart. null if there is none.")
    rows = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Numbers of the rows behind a computed answer, at most 1,000.",
    )
    selected = serializers.IntegerField(help_text="Number of rows behind a computed answer.")
    choices = ChoiceSerializer(many=True, help_text="Possible meanings, if the answer asks for one.")
    id = serializers.CharField(
        help_text="Id of the kept question, for `before` and for its address. Empty if it is not kept."
    )
    before = serializers.CharField(help_text="The plan that this one follows, in words; else empty.")
    headline = serializers.CharField(help_text="The figure or name asked for. Empty if there are several.")
    columns = serializers.ListField(
        child=serializers.CharField(), help_text="Columns in the plan. The one that names rows comes first."
    )
    verified = serializers.CharField(
        help_text="Who verified the question, and the answer of an earlier version; else empty."
    )
    is_list = serializers.BooleanField(help_text="Whether the values are cells of the rows in `rows`.")


class AskView(APIView):
    throttle_scope = "ask"
    needed_scope = "ask"

    @extend_schema(operation_id="ask", request=QuestionSerializer, responses={200: AnswerSerializer})
    def post(self, request: Request) -> Response:
        """An answer with its rows and their governance."""
        asked = QuestionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wish = asked.validated_data
        dataset_id = wish.get("dataset")
        # Recorded whether or not the dataset exists: the audit log includes questions to others' datasets.
        dataset = Dataset(pk=dataset_id) if dataset_id else None
        answer = ask(
            wish["question"],
            request.user,
            dataset,
            wish["limit"],
            meaning=wish["meaning"],
            before=wish.get("before"),
        )
        if dataset and answer.outcome == "not_found":
            raise Http404
        return Response(answer.as_json())


class KeptAnswerView(APIView):
    throttle_scope = "ask"
    needed_scope = "ask"

    @extend_schema(operation_id="ask_again", responses={200: AnswerSerializer})
    def get(self, request: Request, question_id: UUID) -> Response:
        """The answer to a kept question, computed again under your rights."""
        answer = ask_again(question_id, request.user)
        if answer.outcome == "not_found":
            raise Http404
        return Response(answer.as_json())


class AnswerFileView(APIView):
    throttle_scope = "ask"
    needed_scope = "ask"
    content_negotiation_class = OneForm

    @extend_schema(operation_id="answer_csv", responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, question_id: UUID) -> HttpResponse:
        """The answer as CSV. Cells that a spreadsheet would run as a formula are escaped."""
        return answer_file(question_id, user_of(request))


class VersionedAnswerSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    answer = serializers.CharField(help_text="Empty if the question can no longer be answered.")


class VerifiedSerializer(serializers.Serializer[Any]):
    """A question whose plan a steward has verified, with its last two answers."""

    id = serializers.IntegerField()
    dataset = serializers.UUIDField()
    question = serializers.CharField()
    plan = serializers.CharField()
    by = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()
    state = serializers.CharField(help_text="verified, unchanged, changed, or the reason for no answer.")
    before = VersionedAnswerSerializer(allow_null=True, help_text="The previous version's answer.")
    now = VersionedAnswerSerializer(allow_null=True, help_text="The newest version's answer.")


class VerifyView(APIView):
    needed_scope = "curate"

    @extend_schema(operation_id="verify", request=None, responses={201: VerifiedSerializer})
    def post(self, request: Request, question_id: UUID) -> Response:
        """Mark a kept question with its plan as verified; stewards only."""
        verified = verify(question_id, user_of(request))
        found = next(each for each in checked([verified.dataset]) if each.verified.pk == verified.pk)
        return Response(_verified_json(found), status=201)


class VerifiedList(APIView):
    @extend_schema(operation_id="verified_questions", responses=VerifiedSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Verified questions of the datasets that you may see."""
        visible = Dataset.objects.all().visible_to(user_of(request))
        return Response([_verified_json(each) for each in checked(list(visible))])


class VerifiedView(APIView):
    needed_scope = "curate"

    @extend_schema(operation_id="withdraw_verified", responses={204: None})
    def delete(self, request: Request, verified_id: int) -> Response:
        """Remove the mark; stewards only."""
        visible = Dataset.objects.all().visible_to(user_of(request))
        verified = generics.get_object_or_404(VerifiedQuestion, pk=verified_id, dataset__in=visible)
        withdraw(verified, user_of(request))
        return Response(status=204)


def _verified_json(each: Checked) -> dict[str, Any]:
    verified = each.verified
    return {
        "id": verified.pk,
        "dataset": verified.dataset_id,
        "question": verified.question if each.is_open else "",
        "plan": verified.plan if each.is_open else "",
        "by": verified.by.get_username() if verified.by else None,
        "at": verified.at,
        "state": each.state,
        "before": _versioned(each.before),
        "now": _versioned(each.now),
    }


def _versioned(told: tuple[int, str] | None) -> dict[str, Any] | None:
    return {"version": told[0], "answer": told[1]} if told else None
