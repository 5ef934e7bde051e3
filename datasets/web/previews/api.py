"""Previewing a file before it is kept, and keeping it, for programs and for the upload page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets.ingestion.receiving.partial_uploads import hold_file, keep
from datasets.ingestion.receiving.uploads import Wish
from datasets.models import PartialUpload
from datasets.previews.corrections import Corrections
from datasets.previews.preview import preview_of
from datasets.web.previews.shapes import (
    KeepSerializer,
    PreviewFormSerializer,
    PreviewOfSerializer,
    PreviewSerializer,
    corrections_told,
)
from datasets.web.rest.api import FILENAME, PREFER, MayUpload, changeable_dataset, job_answer
from datasets.web.rest.serializers import JobSerializer, WishSerializer
from datasets.web.rest.upload_requests import RAW_TYPES, UploadParser, incoming, media_type_of, own_upload
from omdplatform.base.web.parsers import StrictJSONParser
from omdplatform.base.web.signed_in import user_of


class PreviewView(APIView):
    """Nothing of a previewed file is kept, registered or indexed. It is deleted an hour later."""

    needed_scope = "upload"
    permission_classes = (IsAuthenticated, MayUpload)
    parser_classes = (StrictJSONParser, UploadParser)
    throttle_scope = "upload"

    @extend_schema(
        operation_id="preview",
        parameters=[WishSerializer, FILENAME],
        request={
            "application/json": PreviewOfSerializer,
            "multipart/form-data": PreviewFormSerializer,
            **dict.fromkeys(RAW_TYPES, OpenApiTypes.BINARY),
        },
        responses=PreviewSerializer,
    )
    def post(self, request: Request) -> Response:
        """Preview a file: its first rows, types and tags, and what will be masked. Send the file, or send
        JSON with the id of an earlier upload and your corrections.
        """
        corrections: Corrections | None = None
        if media_type_of(request) == "application/json":
            upload, wish, corrections = self._again(request)
        else:
            sent = incoming(request)
            wish = sent.wish
            _authorise(request, wish)
            upload = hold_file(user_of(request), sent.filename, sent.content, wish)
        return Response(preview_of(upload, wish, corrections).as_json())

    def _again(self, request: Request) -> tuple[PartialUpload, Wish, Corrections | None]:
        asked = PreviewOfSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        told = dict(asked.validated_data)
        upload, given = own_upload(request, told.pop("upload")), told.pop("corrections", None)
        wish = Wish(**told)
        _authorise(request, wish)
        if given is not None:
            return upload, wish, corrections_told(given)
        return upload, wish, Corrections.from_json(upload.corrections) if upload.corrections else None


def _authorise(request: Request, wish: Wish) -> None:
    """Raises Http404, or PermissionDenied for a dataset that the user may not change."""
    if wish.dataset:
        changeable_dataset(request, wish.dataset)


class KeepView(APIView):
    needed_scope = "upload"
    permission_classes = (IsAuthenticated, MayUpload)
    throttle_scope = "upload"

    @extend_schema(
        operation_id="upload_keep",
        parameters=[PREFER],
        request=KeepSerializer,
        responses={200: JobSerializer, 202: JobSerializer},
    )
    def post(self, request: Request, upload_id: UUID) -> Response:
        """Keep a held file. From here on it is treated as any upload."""
        upload = own_upload(request, upload_id)
        asked = KeepSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        told: dict[str, Any] = dict(asked.validated_data)
        given = told.pop("corrections", None)
        wish = Wish(**told)
        _authorise(request, wish)
        said = Corrections.from_json(upload.corrections) if given is None else corrections_told(given)
        return job_answer(keep(upload, wish, said), request)
