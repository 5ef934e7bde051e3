"""The API's addresses for the protection of figures on masked columns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets.models import Dataset
from datasets.web.rest.api import changeable_dataset, visible_dataset
from omdplatform.base.web.signed_in import user_of
from promptiq.protection.control import choose_subject, column_named, protection_of, renew

_SUBJECT_HELP = "The column that identifies the person of each row. null: each row is a person of its own."


class ProtectionSerializer(serializers.Serializer[Any]):
    subject = serializers.CharField(allow_null=True, help_text=_SUBJECT_HELP)
    chosen = serializers.BooleanField(
        read_only=True, help_text="Whether a person chose it. Otherwise the classifier did."
    )
    left = serializers.IntegerField(read_only=True, help_text="Figures left in the budget.")
    of = serializers.IntegerField(read_only=True, help_text="Figures in the whole budget.")


class ProtectionView(APIView):
    """The state of the protection of figures on masked columns."""

    @extend_schema(operation_id="protection", responses=ProtectionSerializer)
    def get(self, request: Request, dataset_id: UUID) -> Response:
        return Response(_as_json(visible_dataset(request, dataset_id)))

    @extend_schema(
        operation_id="protection_change", request=ProtectionSerializer, responses=ProtectionSerializer
    )
    def patch(self, request: Request, dataset_id: UUID) -> Response:
        """Choose the column that identifies the people in the table."""
        dataset = changeable_dataset(request, dataset_id)
        asked = ProtectionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        name = asked.validated_data["subject"]
        column = column_named(dataset, name or "")
        if name and column is None:
            raise serializers.ValidationError({"subject": "There is no such column."})
        choose_subject(dataset, column, user_of(request))
        return Response(_as_json(dataset))


class RenewalView(APIView):
    @extend_schema(operation_id="protection_renew", request=None, responses=ProtectionSerializer)
    def post(self, request: Request, dataset_id: UUID) -> Response:
        """Renew the budget of figures. For the dataset's owner; every renewal weakens the protection."""
        dataset = changeable_dataset(request, dataset_id)
        renew(dataset, user_of(request))
        return Response(_as_json(dataset))


def _as_json(dataset: Dataset) -> dict[str, Any]:
    shown = protection_of(dataset)
    return {"subject": shown.subject, "chosen": shown.chosen, "left": shown.left, "of": shown.of}
