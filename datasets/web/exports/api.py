"""Exports of a version: its rows as CSV, and its original file. The pages' buttons use these addresses,
too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files.base import File
from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.exceptions import PermissionDenied
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from datasets.models import Dataset, Version
from datasets.storage import CHUNK_BYTES, raw
from datasets.web.exports.pieces import in_threads
from datasets.web.rest.api import visible_dataset
from datasets.web.rest.serializers import VersionNumberSerializer
from governance.audit import record_download
from governance.rights.access import access_of, may_view_pii
from governance.sync.freshness import glance
from omdplatform.base.csv_export import CONTENT_TYPE, csv_lines
from omdplatform.base.web.signed_in import user_of
from promptiq.rows import every_row

ANY_FILE = "application/octet-stream"


class OneForm(BaseContentNegotiation):
    """There is one format only, whatever the client accepts. Errors are problem documents."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ExportView(APIView):
    """Base of both exports. They only read, so a personal token for reading suffices."""

    throttle_scope = "export"
    content_negotiation_class = OneForm

    def version_asked_for(self, request: Request, dataset_id: UUID) -> tuple[Dataset, Version]:
        """The version of `?version=N`, or the current one. Raises Http404 if it is missing, another's, or not
        governed yet.
        """
        dataset = visible_dataset(request, dataset_id)
        asked = VersionNumberSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        number = asked.validated_data.get("version")
        wanted = {"number": number} if number else {"pk": dataset.current_version_id}
        version = generics.get_object_or_404(dataset.shown_versions(), **wanted)
        # Versions ask their dataset which is current.
        version.dataset = dataset
        # The catalog's edits mask here, too.
        glance([dataset])
        return dataset, version


class RowsFileView(ExportView):
    @extend_schema(
        operation_id="rows_csv",
        parameters=[VersionNumberSerializer],
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, dataset_id: UUID) -> StreamingHttpResponse:
        """All rows as CSV, as you may see them. Cells that a spreadsheet would run as a formula are made
        text.
        """
        dataset, version = self.version_asked_for(request, dataset_id)
        user = user_of(request)
        access, view_pii = access_of(version), may_view_pii(user, dataset)
        names = [column.column for column in access.columns]
        try:
            rows = every_row(version, access, view_pii)
        except FileNotFoundError:
            raise Http404 from None
        masked = 0 if view_pii else len(access.masked_columns())
        record_download(
            user, dataset.pk, "rows", version.number, rows=version.rows or 0, masked_columns=masked
        )
        lines = csv_lines(names, ([cells[name] for name in names] for cells in rows))
        return _attachment(lines, f"{dataset.name}-{version.number}.csv", CONTENT_TYPE)


class RawFileView(ExportView):
    @extend_schema(
        operation_id="raw_file",
        parameters=[VersionNumberSerializer],
        responses={(200, ANY_FILE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, dataset_id: UUID) -> StreamingHttpResponse:
        """The file as it was uploaded, for those who may see all of its values."""
        dataset, version = self.version_asked_for(request, dataset_id)
        user = user_of(request)
        _require_sight(user, dataset)
        try:
            file = raw().open(version.raw_key, "rb")
        except FileNotFoundError:
            raise Http404 from None
        record_download(user, dataset.pk, "file", version.number)
        return _attachment(_chunks(file), PurePath(version.filename).name, ANY_FILE)


def _require_sight(user: User, dataset: Dataset) -> None:
    if not may_view_pii(user, dataset):
        raise PermissionDenied(
            "The file holds personal values, which you may not see here. Its rows you may have, masked.",
            "no-pii-right",
        )


def _chunks(file: File[bytes]) -> Iterator[bytes]:
    with file:
        yield from file.chunks(CHUNK_BYTES)


def _attachment(parts: Iterator[bytes], filename: str, content_type: str) -> StreamingHttpResponse:
    disposition = content_disposition_header(True, filename)
    return StreamingHttpResponse(
        in_threads(parts), content_type=content_type, headers={"Content-Disposition": disposition or ""}
    )
