"""The API's addresses for datasets, their uploads and jobs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets.events import events_after
from datasets.ingestion.pipeline import cancel
from datasets.ingestion.queue import pause, resume
from datasets.ingestion.receiving.uploads import receive, require_upload_right, retry
from datasets.ingestion.upkeep.erasure import delete
from datasets.models import Dataset, DatasetQuerySet, Job, JobQuerySet, Version
from datasets.tickets import Holder, make_ticket
from datasets.web.filters import DatasetFilter, JobFilter, with_state
from datasets.web.representations import PresentedDataset, present_dataset
from datasets.web.rest.serializers import (
    AfterSerializer,
    ColumnsSerializer,
    DatasetChangeSerializer,
    DatasetDetailSerializer,
    DatasetSerializer,
    JobEventsSerializer,
    JobSerializer,
    OneJobSerializer,
    ProfileSerializer,
    TicketSerializer,
    UploadFormSerializer,
    VersionNumberSerializer,
    VersionSerializer,
    WishSerializer,
    columns_json,
    detail_json,
    profile_json,
)
from datasets.web.rest.upload_requests import (
    RAW_TYPES,
    UploadParser,
    incoming,
    seconds_to_wait,
    wait_for,
)
from governance.rights.access import may_change, may_view_pii
from omdplatform.base.errors import Refused
from omdplatform.base.web.signed_in import user_of

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="A repeated key returns the first request's job.",
)
PREFER = OpenApiParameter(
    "Prefer",
    str,
    OpenApiParameter.HEADER,
    description="wait=N: wait up to N seconds (at most 60) for the job to end.",
)
FILENAME = OpenApiParameter(
    "filename", str, description="File name for a raw body. Content-Disposition works too."
)


class MayUpload(BasePermission):
    """Contributors only. The refusal says what to do."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        require_upload_right(user_of(request))
        return True


def visible_dataset(request: Request, dataset_id: UUID) -> Dataset:
    """Raises Http404, whether the dataset is missing or not visible to the user."""
    return generics.get_object_or_404(_visible(request), pk=dataset_id)


def changeable_dataset(request: Request, dataset_id: UUID) -> Dataset:
    """Raises Http404 as above, and PermissionDenied if the user may only read."""
    dataset = visible_dataset(request, dataset_id)
    if not may_change(request.user, dataset):
        raise PermissionDenied("You may read this dataset, but not change it.", "no-change-right")
    return dataset


def _visible(request: Request) -> DatasetQuerySet:
    return with_state(Dataset.objects.visible_to(request.user).for_list())


# --- Uploads ----------------------------------------------------------------------------------------------


class UploadView(APIView):
    """One file in one request. Send larger files in parts to uploads/."""

    needed_scope = "upload"
    permission_classes = (IsAuthenticated, MayUpload)
    parser_classes = (UploadParser,)
    throttle_scope = "upload"

    @extend_schema(
        operation_id="upload",
        parameters=[WishSerializer, FILENAME, IDEMPOTENCY_KEY, PREFER],
        request={
            "multipart/form-data": UploadFormSerializer,
            **dict.fromkeys(RAW_TYPES, OpenApiTypes.BINARY),
        },
        responses={200: JobSerializer, 202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        """Upload a file. 202 with the job's address in Location; 200 if the job has ended already."""
        upload = incoming(request)
        received = receive(
            user_of(request), upload.filename, upload.content, upload.wish, _idempotency_key(request)
        )
        return job_answer(received.job, request)


def job_answer(job: Job, request: Request) -> Response:
    """202 while the job is open, 200 once it has ended, after waiting as `Prefer` says."""
    headers = {"Location": reverse("api:job", args=[job.pk])}
    if seconds := seconds_to_wait(request):
        wait_for(job, seconds)
        headers["Preference-Applied"] = f"wait={seconds}"
    return Response(JobSerializer(job).data, status=202 if job.is_open else 200, headers=headers)


def _idempotency_key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > 255 or not key.isprintable():
        raise ValidationError({"Idempotency-Key": "At most 255 printable characters."})
    return key


# --- Datasets ---------------------------------------------------------------------------------------------


class DatasetList(generics.ListAPIView[Dataset]):
    """Datasets that you may see, last changed first."""

    serializer_class = DatasetSerializer
    filterset_class = DatasetFilter
    queryset = Dataset.objects.none()

    def get_queryset(self) -> QuerySet[Dataset]:
        return _visible(self.request)


class DatasetView(APIView):
    @extend_schema(operation_id="dataset", responses=DatasetDetailSerializer)
    def get(self, request: Request, dataset_id: UUID) -> Response:
        """One dataset with its columns, as you may see them."""
        return Response(detail_json(present_dataset(visible_dataset(request, dataset_id), request.user)))

    @extend_schema(
        operation_id="dataset_change", request=DatasetChangeSerializer, responses=DatasetDetailSerializer
    )
    def patch(self, request: Request, dataset_id: UUID) -> Response:
        """Change the displayed name or the description."""
        dataset = changeable_dataset(request, dataset_id)
        changes = DatasetChangeSerializer(dataset, data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        changes.save()
        return Response(detail_json(present_dataset(dataset, request.user)))

    @extend_schema(operation_id="dataset_delete", responses={204: None})
    def delete(self, request: Request, dataset_id: UUID) -> Response:
        """Hide the dataset at once, and queue the removal of all it stored."""
        delete(changeable_dataset(request, dataset_id), user_of(request))
        return Response(status=204)


class ColumnsView(APIView):
    @extend_schema(operation_id="columns", parameters=[VersionNumberSerializer], responses=ColumnsSerializer)
    def get(self, request: Request, dataset_id: UUID) -> Response:
        """Columns with their types, the tags in force, and the reasons."""
        return Response(columns_json(_presented_version(request, dataset_id)))


class ProfileView(APIView):
    @extend_schema(operation_id="profile", parameters=[VersionNumberSerializer], responses=ProfileSerializer)
    def get(self, request: Request, dataset_id: UUID) -> Response:
        """The columns' profiles. Columns masked for you show counts only."""
        return Response(profile_json(_presented_version(request, dataset_id)))


def _presented_version(request: Request, dataset_id: UUID) -> PresentedDataset:
    """The version of `?version=N`, else the current one."""
    dataset = visible_dataset(request, dataset_id)
    asked = VersionNumberSerializer(data=request.query_params)
    asked.is_valid(raise_exception=True)
    number = asked.validated_data.get("version")
    version = generics.get_object_or_404(dataset.shown_versions(), number=number) if number else None
    return present_dataset(dataset, request.user, version)


class VersionList(generics.ListAPIView[Version]):
    """Versions of a dataset, newest first, failed ones included."""

    serializer_class = VersionSerializer
    queryset = Version.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Version]:
        dataset = visible_dataset(self.request, self.kwargs["dataset_id"])
        self.view_pii = may_view_pii(self.request.user, dataset)
        return dataset.listed_versions().select_related("created_by", "dataset")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "view_pii": getattr(self, "view_pii", False)}


# --- Jobs -------------------------------------------------------------------------------------------------


def _jobs(request: Request) -> JobQuerySet:
    jobs = Job.objects.all().visible_to(request.user)
    return jobs.select_related("dataset", "version", "created_by").order_by("-created_at", "pk")


def _changeable_job(request: Request, job_id: UUID) -> Job:
    job = generics.get_object_or_404(_jobs(request), pk=job_id)
    changeable_dataset(request, job.dataset_id)
    return job


class JobList(generics.ListAPIView[Job]):
    """Jobs of datasets that you may see, newest first."""

    serializer_class = JobSerializer
    filterset_class = JobFilter
    queryset = Job.objects.none()

    def get_queryset(self) -> QuerySet[Job]:
        return _jobs(self.request)


class JobView(APIView):
    @extend_schema(operation_id="job", parameters=[PREFER], responses=OneJobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """The progress of a job, and what went wrong."""
        job = generics.get_object_or_404(_jobs(request), pk=job_id)
        seconds = seconds_to_wait(request)
        if seconds:
            wait_for(job, seconds)
        return Response(
            OneJobSerializer(job).data, headers={"Preference-Applied": f"wait={seconds}"} if seconds else {}
        )


class JobEventsView(APIView):
    @extend_schema(operation_id="job_events", parameters=[AfterSerializer], responses=JobEventsSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """The job's events after number N, in order: the same messages that sockets send."""
        asked = AfterSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        job = generics.get_object_or_404(_jobs(request), pk=job_id)
        events = [event.as_json() for event in events_after(job.pk, asked.validated_data["after"])]
        answer: dict[str, Any] = {"job": job.pk, "state": job.state, "last_event": job.last_event}
        return Response(answer | {"events": events})


class JobCancelView(APIView):
    needed_scope = "upload"

    @extend_schema(operation_id="job_cancel", request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: UUID) -> Response:
        """Cancel an open job and undo its work."""
        job = _changeable_job(request, job_id)
        if not cancel(job, user_of(request)):
            raise Refused("job-ended", "The job has ended already: there is nothing to cancel.")
        return Response(JobSerializer(job).data)


class JobPauseView(APIView):
    @extend_schema(operation_id="job_pause", request=None, responses=OneJobSerializer)
    def post(self, request: Request, job_id: UUID) -> Response:
        """Pause an open job until it is resumed. Finished steps are kept."""
        job = _changeable_job(request, job_id)
        if not pause(job, user_of(request)):
            raise Refused("job-not-open", "The job has ended or is paused: there is nothing to pause.")
        return Response(OneJobSerializer(job).data)


class JobResumeView(APIView):
    @extend_schema(operation_id="job_resume", request=None, responses=OneJobSerializer)
    def post(self, request: Request, job_id: UUID) -> Response:
        """Resume a paused job."""
        job = _changeable_job(request, job_id)
        if not resume(job, user_of(request)):
            raise Refused("job-not-paused", "The job is not paused: there is nothing to resume.")
        return Response(OneJobSerializer(job).data)


class JobRetryView(APIView):
    needed_scope = "upload"

    @extend_schema(
        operation_id="job_retry",
        request=None,
        parameters=[PREFER],
        responses={200: JobSerializer, 202: JobSerializer},
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        """Retry a failed or cancelled job, as a new job, as long as its file is kept."""
        return job_answer(retry(_changeable_job(request, job_id), user_of(request)), request)


class TicketView(APIView):
    needed_scope = "read"
    throttle_scope = "token"

    @extend_schema(operation_id="ticket", request=None, responses={201: TicketSerializer})
    def post(self, request: Request) -> Response:
        """A ticket that opens one WebSocket, for programs without a session."""
        ticket = {"ticket": make_ticket(_holder(request)), "expires_in": settings.SOCKET_TICKET_SECONDS}
        return Response(ticket, status=201, headers={"Cache-Control": "no-store"})


def _holder(request: Request) -> Holder:
    """How the caller is signed in: see omdplatform.authentication."""
    user = user_of(request)
    match request.auth:
        case None:
            return Holder(user.pk, "session", request.session.session_key or "")
        case {"sub": sub, "exp": until}:
            return Holder(user.pk, "token", sub, until)
        case personal:
            return Holder(user.pk, "personal token", str(personal.pk))
