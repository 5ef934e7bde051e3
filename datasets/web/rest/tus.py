"""Large files in parts: tus 1.0.0 (https://tus.io/protocols/resumable-upload) on partial uploads."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException, UnsupportedMediaType, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets.ingestion.receiving.partial_uploads import append_part, begin_partial, discard_partial, refuse
from datasets.ingestion.receiving.uploads import UploadRefused, Wish
from datasets.models import PartialUpload
from datasets.web.rest.api import MayUpload, changeable_dataset
from datasets.web.rest.serializers import WishSerializer, wish_from
from datasets.web.rest.upload_requests import body_of, media_type_of, own_upload
from omdplatform.base.web.signed_in import user_of

VERSION = "1.0.0"
PART_TYPE = "application/offset+octet-stream"


def _header(name: str, description: str, *, required: bool = True) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description, required=required)


TUS_RESUMABLE = _header("Tus-Resumable", VERSION)
UPLOAD_OFFSET = _header("Upload-Offset", "Number of the first byte of this part, 0-based.")
UPLOAD_LENGTH = _header("Upload-Length", "Bytes of the whole file.")
UPLOAD_METADATA = _header(
    "Upload-Metadata",
    "Pairs of name and base64 text, between commas: filename (required), dataset, on_conflict, description, "
    "hold.",
)


class WrongTusVersion(APIException):
    status_code = 412
    default_code = "tus-version"
    default_detail = f"This speaks tus {VERSION}: send the header Tus-Resumable: {VERSION}."


class TusView(APIView):
    """Base of all requests of the protocol. Contributors see only their own uploads."""

    permission_classes = (IsAuthenticated, MayUpload)
    needed_scope = "upload"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # For senders behind proxies that allow only GET and POST.
        override = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and override in {"HEAD", "PATCH", "DELETE"}:
            request.method = override
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            raise WrongTusVersion

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        response.headers["Tus-Resumable"] = VERSION
        if response.status_code == WrongTusVersion.status_code:
            response.headers["Tus-Version"] = VERSION
        return super().finalize_response(request, response, *args, **kwargs)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """The server's capabilities."""
        abilities = {
            "Tus-Version": VERSION,
            "Tus-Extension": "creation,expiration,termination",
            "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
        }
        return Response(status=204, headers=abilities)


class TusUploads(TusView):
    throttle_scope = "upload"

    @extend_schema(
        operation_id="part_upload_begin",
        request=None,
        parameters=[TUS_RESUMABLE, UPLOAD_LENGTH, UPLOAD_METADATA],
        responses={201: OpenApiResponse(description="Begun; its address is in Location.")},
    )
    def post(self, request: Request) -> Response:
        """Announce a file that will come in parts."""
        length = _number(request, "Upload-Length")
        metadata = parse_metadata(request.headers.get("Upload-Metadata", ""))
        wish = wish_from({name: metadata[name] for name in _WISHES if name in metadata})
        if wish.dataset:
            changeable_dataset(request, wish.dataset)
        partial = begin_partial(user_of(request), metadata.get("filename", ""), length, wish)
        headers = _state_of(partial) | {"Location": reverse("api:part-upload", args=[partial.pk])}
        return Response(status=201, headers=headers)


class TusUpload(TusView):
    throttle_scope = "part"

    @extend_schema(exclude=True)
    def head(self, request: Request, upload_id: UUID) -> Response:
        """How many bytes have arrived."""
        partial = own_upload(request, upload_id)
        headers = {"Upload-Length": str(partial.length), "Cache-Control": "no-store"}
        return Response(headers=headers | _state_of(partial))

    @extend_schema(
        operation_id="part_upload_append",
        request={PART_TYPE: OpenApiTypes.BINARY},
        parameters=[TUS_RESUMABLE, UPLOAD_OFFSET, WishSerializer],
        responses={204: OpenApiResponse(description="Upload-Offset says how much has arrived. After the last "
                                        "part, X-Job holds the job's id and Link its address.")},
    )  # fmt: skip
    def patch(self, request: Request, upload_id: UUID) -> Response:
        """Append the next part. After a 409 for the name, an empty part asks again with other options."""
        partial = own_upload(request, upload_id)
        if media_type_of(request) != PART_TYPE:
            raise UnsupportedMediaType(media_type_of(request), f"Parts are sent as {PART_TYPE}.")
        offset = _number(request, "Upload-Offset")
        if changed := request.query_params.dict():
            _wish_again(partial, changed)
        try:
            append_part(partial, offset, body_of(request))
        except UploadRefused as refusal:
            if refusal.status == 422:  # sending it again will not make it a table
                refuse(partial, str(refusal))
            raise
        return Response(status=204, headers=_state_of(partial))

    @extend_schema(
        operation_id="part_upload_end", parameters=[TUS_RESUMABLE], request=None, responses={204: None}
    )
    def delete(self, request: Request, upload_id: UUID) -> Response:
        """Discard the upload and its bytes. A job that it opened goes on."""
        discard_partial(own_upload(request, upload_id))
        return Response(status=204)


_WISHES = ("dataset", "on_conflict", "description", "hold")


def _wish_again(partial: PartialUpload, values: dict[str, Any]) -> None:
    earlier = Wish.from_json(partial.wish).as_json()
    asked = {name: values[name] for name in _WISHES if name in values}
    partial.wish = wish_from({**{k: v for k, v in earlier.items() if v is not None}, **asked}).as_json()
    partial.save(update_fields=["wish", "touched_at"])


def _state_of(partial: PartialUpload) -> dict[str, str]:
    """Headers: how much has arrived, until when it is kept, and the job once it is complete."""
    headers = {"Upload-Offset": str(partial.offset)}
    if partial.job is None:
        expires = partial.touched_at + timedelta(seconds=settings.QUARANTINE_SECONDS)
        return headers | {"Upload-Expires": http_date(expires.timestamp())}
    address = reverse("api:job", args=[partial.job.pk])
    return headers | {"X-Job": str(partial.job.pk), "Link": f'<{address}>; rel="related"'}


def _number(request: Request, name: str) -> int:
    """The number of bytes in a header. Raises ValidationError."""
    value = request.headers.get(name, "")
    if not (value.isascii() and value.isdecimal()) or len(value) > 18:
        raise ValidationError({name: "This header is required and takes a whole number of bytes."})
    return int(value)


def parse_metadata(header: str) -> dict[str, str]:
    """The pairs of Upload-Metadata, decoded. Raises ValidationError."""
    pairs = [pair.split() for pair in header.split(",") if pair.strip()]
    try:
        return {
            pair[0]: base64.b64decode(pair[1] if len(pair) > 1 else "", validate=True).decode()
            for pair in pairs
        }
    except ValueError:  # invalid base64 or UTF-8
        raise ValidationError(
            {"Upload-Metadata": "Each name is followed by a blank and its value in base64 of UTF-8."}
        ) from None
