"""Questions, for programs."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets.models import Dataset
from promptiq.ask import MAX_MEANING, MAX_QUESTION, ask


class QuestionSerializer(serializers.Serializer[Any]):
    question = serializers.CharField(max_length=MAX_QUESTION)
    dataset = serializers.UUIDField(
        required=False, allow_null=True, help_text="Ask this one; without it, all that you may see."
    )
    limit = serializers.IntegerField(default=8, min_value=1, max_value=50, help_text="Rows at most.")
    meaning = serializers.CharField(
        default="", allow_blank=True, max_length=MAX_MEANING,
        help_text="Which of the `choices` was meant, where an answer to the same question asked.",
    )  # fmt: skip


class CitationSerializer(serializers.Serializer[Any]):
    dataset = serializers.UUIDField()
    dataset_name = serializers.CharField()
    version = serializers.IntegerField()
    row = serializers.IntegerField(help_text="1-based, the row in the file; its header does not count.")
    score = serializers.FloatField(
        allow_null=True, help_text="0 to 1, 1 is nearest; null for rows that were computed with."
    )
    cells = serializers.DictField(help_text="By column name, masked for you.")


class GovernanceSerializer(serializers.Serializer[Any]):
    """What governs one dataset of the answer."""

    dataset = serializers.UUIDField()
    name = serializers.CharField()
    owner = serializers.CharField()
    tags = serializers.DictField(help_text="By column: a list of tag, state and source.")
    lineage = serializers.ListField(child=serializers.CharField(), help_text="From the file to the index.")
    masked = serializers.DictField(help_text="By column that is kept from you: the tags that decided.")
    catalog = serializers.DictField(
        child=serializers.CharField(), help_text="Name, version and link there; link is empty without pages."
    )
    as_of = serializers.DateTimeField()


class PointSerializer(serializers.Serializer[Any]):
    label = serializers.CharField(help_text="Of the group or moment; empty for the only figure.")  # type: ignore[assignment]
    figure = serializers.CharField(help_text="A number without its unit.")


class SeriesSerializer(serializers.Serializer[Any]):
    """Figures that belong side by side."""

    kind = serializers.ChoiceField(
        choices=["bars", "line", "share"],
        help_text="Groups; moments in their order; one part of a hundred.",
    )
    unit = serializers.CharField(help_text="% or empty.")
    points = PointSerializer(many=True)


class ChoiceSerializer(serializers.Serializer[Any]):
    """Ask the same question again with `dataset` and `meaning`."""

    label = serializers.CharField(help_text="For people.")  # type: ignore[assignment]
    dataset = serializers.UUIDField()
    meaning = serializers.CharField(help_text="Empty where the dataset alone settles it.")


class AnswerSerializer(serializers.Serializer[Any]):
    """promptiq.answers.Answer: what every answer carries."""

    outcome = serializers.ChoiceField(
        choices=["answered", "masked", "not_permitted", "not_found", "not_indexed", "abstained"]
    )
    answer = serializers.CharField()
    kind = serializers.ChoiceField(choices=["exact", "lookup"])
    plan = serializers.CharField(help_text="What was computed, readable.")
    coverage = serializers.CharField(help_text="Such as: computed over 12,431 of 12,431 rows.")
    citations = CitationSerializer(many=True)
    governance = GovernanceSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    values = serializers.ListField(
        child=serializers.CharField(), help_text="Of a computed answer, in order; empty for a lookup."
    )
    sql = serializers.CharField(help_text="What was run over the typed copy; empty for a lookup.")
    wording = serializers.CharField(
        help_text="The answer in the words of a language model, where one is configured; else empty."
    )
    series = SeriesSerializer(allow_null=True, help_text="The values as a chart shows them; null for others.")
    rows = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Numbers of the rows behind a computed answer, 1,000 at most.",
    )
    selected = serializers.IntegerField(help_text="How many rows are behind a computed answer.")
    choices = ChoiceSerializer(many=True, help_text="What may have been meant, where the answer asks.")


class AskView(APIView):
    throttle_scope = "ask"
    needed_scope = "ask"

    @extend_schema(operation_id="ask", request=QuestionSerializer, responses={200: AnswerSerializer})
    def post(self, request: Request) -> Response:
        """An answer with the rows it comes from, and what governs them."""
        asked = QuestionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wish = asked.validated_data
        dataset_id = wish.get("dataset")
        # Asked whether or not there is such a dataset: the audit log has questions to foreign ones too.
        dataset = Dataset(pk=dataset_id) if dataset_id else None
        answer = ask(wish["question"], request.user, dataset, wish["limit"], meaning=wish["meaning"])
        if dataset and answer.outcome == "not_found":
            raise Http404
        return Response(answer.as_json())
