"""Reads an upload request: file, name and options."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, BinaryIO, cast
from uuid import UUID

from django.http import Http404, HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser as DjangoMultiPartParser
from django.shortcuts import get_object_or_404
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import UnsupportedMediaType, ValidationError
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request

from datasets.ingestion.receiving.uploads import Wish, clean_filename
from datasets.models import Job, PartialUpload
from datasets.web.rest.serializers import wish_from
from omdplatform.base.web.signed_in import user_of

# Media types of a body that is the file itself. The content decides the format, not this type.
RAW_TYPES = (
    "text/csv",
    "text/tab-separated-values",
    "application/vnd.apache.parquet",
    "application/octet-stream",
)
WAIT_AT_MOST = 60  # seconds
LOOK_EVERY = 0.25  # seconds


def own_upload(request: Request | HttpRequest, upload_id: UUID) -> PartialUpload:
    """The user's upload in parts, or previewed. Raises Http404 also for another's."""
    mine = PartialUpload.objects.filter(owner=user_of(request)).select_related("job", "owner")
    return get_object_or_404(mine, pk=upload_id)


@dataclass(frozen=True, slots=True)
class Incoming:
    filename: str
    content: BinaryIO
    wish: Wish


def incoming(request: Request) -> Incoming:
    """The one file of the request. Raises ValidationError, UploadRefused, UnsupportedMediaType."""
    media_type = media_type_of(request)
    if media_type == "multipart/form-data":
        return _from_form(request)
    if media_type in RAW_TYPES:
        wish = wish_from(_wishes(request.query_params.dict()))
        return Incoming(clean_filename(_announced_name(request)), body_of(request), wish)
    raise UnsupportedMediaType(
        media_type, f"Send multipart/form-data with a field named file, or one of {', '.join(RAW_TYPES)}."
    )


def media_type_of(request: Request) -> str:
    return request.content_type.partition(";")[0].strip().lower()


def body_of(request: Request) -> BinaryIO:
    """The raw body as a stream that no parser has read."""
    return cast(BinaryIO, request.stream or BytesIO())


def _from_form(request: Request) -> Incoming:
    # Parse the form first, so that its errors are reported first: reading `data` does it.
    values = {**request.query_params.dict(), **cast(QueryDict, request.data).dict()}
    files = request.FILES.getlist("file")
    if len(files) != 1 or len(request.FILES) != 1:
        raise ValidationError({"file": "Send exactly one file, with its name, in a field named file."})
    return Incoming(str(files[0].name), cast(BinaryIO, files[0].file), wish_from(_wishes(values)))


def _wishes(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in ("dataset", "on_conflict", "description") if name in values}


def _announced_name(request: Request) -> str:
    """`?filename=`, else the filename of Content-Disposition; "" if there is neither."""
    if name := request.query_params.get("filename"):
        return name
    try:
        _, parameters = parse_header_parameters(request.headers.get("Content-Disposition", ""))
    except ValueError:
        raise ValidationError({"filename": "The Content-Disposition header cannot be read."}) from None
    name = str(parameters.get("filename", ""))
    try:
        # Headers are decoded as Latin-1; many senders write UTF-8.
        return name.encode("latin-1").decode()
    except UnicodeError:
        return name


class _NamesAsSent(DjangoMultiPartParser):
    """Refuses a file name with path parts. Django would only cut them off."""

    def sanitize_file_name(self, file_name: str) -> str:
        return clean_filename(file_name)


class UploadParser(MultiPartParser):
    """multipart/form-data with file names as they were sent."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None
    ) -> DataAndFiles[Any, Any]:
        """Raises UploadRefused for a bad name, and MultiPartParserError if the body is not a form."""
        request = parser_context["request"]
        meta = {**request.META, "CONTENT_TYPE": media_type}
        parser = _NamesAsSent(
            meta, cast(BytesIO, stream), request.upload_handlers, parser_context["encoding"]
        )
        data, files = parser.parse()
        return DataAndFiles(data, files)


# --- Waiting for the end ----------------------------------------------------------------------------------


def seconds_to_wait(request: Request) -> int:
    """N of `Prefer: wait=N` (RFC 7240), at most WAIT_AT_MOST; 0 if missing or invalid."""
    preferred = re.search(
        r'(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?\s*(?:$|[,;])', request.headers.get("Prefer", "")
    )
    return min(int(preferred[1]), WAIT_AT_MOST) if preferred else 0


def wait_for(job: Job, seconds: int) -> None:
    """Poll the job until it has ended or the time is over, without an open transaction."""
    deadline = time.monotonic() + seconds
    try:
        while job.is_open and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY)
            job.refresh_from_db(fields=["state"])
        job.refresh_from_db()
    except Job.DoesNotExist:  # the dataset was erased meanwhile
        raise Http404 from None
