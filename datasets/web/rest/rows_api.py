"""Rows of datasets, for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets.web.browsing import MAX_ROWS, SeenRows, look
from datasets.web.rest.api import visible_dataset
from datasets.web.rest.serializers import VersionNumberSerializer
from omdplatform.base.web.signed_in import user_of


class RowsAskedSerializer(VersionNumberSerializer):
    limit = serializers.IntegerField(
        default=50, min_value=1, max_value=MAX_ROWS, help_text="Maximum number of rows."
    )

    def get_fields(self) -> dict[str, Any]:
        """`from` is a keyword, so it cannot be a class attribute."""
        start = serializers.IntegerField(
            default=1, min_value=1, max_value=2**63 - 1, help_text="Number of the first row, from 1."
        )
        return {**super().get_fields(), "from": start}


class RowSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(
        help_text="Number of the row in the file, from 1. The header does not count."
    )
    cells = serializers.DictField(
        help_text="By column name: text, number, true, false or null, masked for you."
    )


class RowsSerializer(serializers.Serializer[Any]):
    dataset = serializers.UUIDField()
    version = serializers.IntegerField()
    total = serializers.IntegerField(help_text="Number of rows in the version.")
    masked = serializers.DictField(help_text="For each column masked for you: the tags that mask it.")
    rows = RowSerializer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="`from` of the next page. null at the end.")


class RowsView(APIView):
    @extend_schema(operation_id="rows", parameters=[RowsAskedSerializer], responses=RowsSerializer)
    def get(self, request: Request, dataset_id: UUID) -> Response:
        """Rows by number, as you may see them. Of the current version unless another is requested."""
        dataset = visible_dataset(request, dataset_id)
        asked = RowsAskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wish = asked.validated_data
        wanted = {"number": wish["version"]} if wish.get("version") else {"pk": dataset.current_version_id}
        version = generics.get_object_or_404(dataset.shown_versions(), **wanted)
        version.dataset = dataset
        try:
            seen = look(dataset, version, user_of(request), wish["from"], wish["limit"])
        except FileNotFoundError:
            raise Http404 from None
        return Response(_rows_json(seen))


def _rows_json(seen: SeenRows) -> dict[str, Any]:
    last, total = max(seen.rows, default=0), seen.version.rows or 0
    return {
        "dataset": seen.version.dataset_id,
        "version": seen.version.number,
        "total": total,
        "masked": {name: list(because) for name, because in seen.masked.items()},
        "rows": [{"row": number, "cells": cells} for number, cells in seen.rows.items()],
        "next": last + 1 if 0 < last < total else None,
    }
