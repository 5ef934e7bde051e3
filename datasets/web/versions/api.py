"""Comparing versions, going back to one, deleting one, for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets.models import Dataset, Version
from datasets.versions.comparing import Comparison, compare
from datasets.versions.removing import retire
from datasets.versions.returning import go_back
from datasets.web.previews.shapes import ColumnChangesSerializer
from datasets.web.representations import present_columns
from datasets.web.rest.api import PREFER, changeable_dataset, job_answer, visible_dataset
from datasets.web.rest.serializers import JobSerializer
from governance.rights.access import Reader, may_view_pii
from governance.sync.freshness import glance
from omdplatform.base.web.signed_in import user_of


class BetweenSerializer(serializers.Serializer[Any]):
    before = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    after = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Default: the current version."
    )


class ComparedVersionSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    rows = serializers.IntegerField()


class FactSerializer(serializers.Serializer[Any]):
    what = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    moved = serializers.BooleanField(help_text="Whether it changed by more than chance explains.")


class DriftSerializer(serializers.Serializer[Any]):
    column = serializers.CharField()
    masked = serializers.BooleanField(
        help_text="Whether its values are masked for you. Then only counts are compared."
    )
    moved = serializers.BooleanField()
    facts = FactSerializer(many=True)


class ComparisonSerializer(serializers.Serializer[Any]):
    before = ComparedVersionSerializer()
    after = ComparedVersionSerializer()
    columns = ColumnChangesSerializer()
    drift = DriftSerializer(many=True, help_text="Columns in both versions whose figures differ.")


def comparison_for(dataset: Dataset, before: Version, after: Version, reader: Reader) -> Comparison:
    """The comparison as the reader may see it, masked by the catalog's latest edits too."""
    glance([dataset])
    view_pii = may_view_pii(reader, dataset)
    profiles = []
    for version in (before, after):
        version.dataset = dataset
        columns, _ = present_columns(version, view_pii)
        profiles.append({column.name: column.profile for column in columns})
    return compare(before, after, *profiles)


class CompareView(APIView):
    @extend_schema(
        operation_id="versions_compare", parameters=[BetweenSerializer], responses=ComparisonSerializer
    )
    def get(self, request: Request, dataset_id: UUID) -> Response:
        """What changed between two versions, as you may see it."""
        dataset = visible_dataset(request, dataset_id)
        asked = BetweenSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        shown, numbers = dataset.shown_versions(), asked.validated_data
        before = generics.get_object_or_404(shown, number=numbers["before"])
        after = {"number": numbers["after"]} if "after" in numbers else {"pk": dataset.current_version_id}
        compared = comparison_for(dataset, before, generics.get_object_or_404(shown, **after), request.user)
        return Response(compared.as_json())


class VersionView(APIView):
    @extend_schema(operation_id="version_delete", responses={204: None})
    def delete(self, request: Request, dataset_id: UUID, number: int) -> Response:
        """Hide a version (not the current one) at once, and queue the removal of everything it stored."""
        dataset = changeable_dataset(request, dataset_id)
        retire(generics.get_object_or_404(dataset.shown_versions(), number=number), user_of(request))
        return Response(status=204)


class RestoreView(APIView):
    needed_scope = "upload"

    @extend_schema(
        operation_id="version_restore",
        request=None,
        parameters=[PREFER],
        responses={200: JobSerializer, 202: JobSerializer},
    )
    def post(self, request: Request, dataset_id: UUID, number: int) -> Response:
        """Restore a version: its content becomes the newest version."""
        dataset = changeable_dataset(request, dataset_id)
        version = generics.get_object_or_404(dataset.shown_versions(), number=number)
        return job_answer(go_back(version, user_of(request)), request)
