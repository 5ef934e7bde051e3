"""Shapes of datasets, versions, jobs and uploads in the API: requests and responses."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from datasets.ingestion.receiving.uploads import Wish
from datasets.ingestion.waiting import what_it_waits_for
from datasets.models import Dataset, Job, Version
from datasets.tables.values.column_types import ColumnType
from datasets.web.filters import DATASET_STATES
from datasets.web.representations import PresentedColumn, PresentedDataset, present_version
from omdplatform.base.deceptive_names import is_deceptive

# --- What comes in ----------------------------------------------------------------------------------------


class WishSerializer(serializers.Serializer[Wish]):
    """Options of an upload, as query parameters, form fields or tus metadata."""

    dataset = serializers.UUIDField(
        required=False, help_text="Store the file as a new version of this dataset."
    )
    on_conflict = serializers.ChoiceField(
        choices=["refuse", "new_version", "append", "new_dataset"],
        default="refuse",
        help_text="What to do if you already have a dataset with the file's name. refuse answers 409; "
        "append adds the file's rows to the current version's.",
    )
    description = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=5000,
        help_text="Description of the dataset, if the upload creates one.",
    )


class HeldWishSerializer(WishSerializer):
    hold = serializers.BooleanField(
        default=False, help_text="Wait for POST uploads/{id}/keep before keeping the file."
    )


class UploadFormSerializer(WishSerializer):
    file = serializers.FileField(help_text="One file, sent with its file name.")


class DatasetChangeSerializer(serializers.ModelSerializer[Dataset]):
    class Meta:
        model = Dataset
        fields: ClassVar = ["name", "description"]
        extra_kwargs: ClassVar = {"description": {"max_length": 5000}}

    def validate_name(self, name: str) -> str:
        if is_deceptive(name):
            raise serializers.ValidationError("A name holds no control characters and no signs that turn it.")
        return name


def wish_from(values: dict[str, Any]) -> Wish:
    """Blank values count as missing, because forms send them. Raises ValidationError."""
    serializer = HeldWishSerializer(data={name: value for name, value in values.items() if value != ""})
    serializer.is_valid(raise_exception=True)
    return Wish(**serializer.validated_data)


# --- Datasets ---------------------------------------------------------------------------------------------


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    """A dataset in a list. Its state comes from datasets.web.filters.with_state."""

    owner = serializers.CharField(source="owner.username", read_only=True)
    state = serializers.ChoiceField(choices=DATASET_STATES, read_only=True)
    version = serializers.IntegerField(source="current_version.number", allow_null=True, read_only=True)
    rows = serializers.IntegerField(source="current_version.rows", allow_null=True, read_only=True)
    index_state = serializers.ChoiceField(
        source="current_version.index_state", choices=Version.Index.choices, allow_null=True, read_only=True
    )

    class Meta:
        model = Dataset
        fields: ClassVar = [
            "id", "name", "description", "owner", "state", "version", "rows", "index_state",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class HeldTagSerializer(serializers.Serializer[Any]):
    """A tag in force, with the decision that put it there."""

    tag = serializers.CharField(help_text="Fully qualified name, such as PII.Sensitive.")
    state = serializers.ChoiceField(choices=["suggested", "confirmed"])
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=["classifier", "person", "catalog"]
    )
    actor = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    evidence = serializers.JSONField(help_text="The classifier's evidence. Examples in it are masked.")
    at = serializers.DateTimeField()


class ColumnSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=[kind.value for kind in ColumnType])
    position = serializers.IntegerField(help_text="Position in the file, from 0.")
    description = serializers.CharField()
    tags = HeldTagSerializer(many=True)
    masked = serializers.BooleanField(help_text="Whether its values are masked for you.")
    masked_because = serializers.ListField(child=serializers.CharField(), help_text="Tags that mask it.")
    index = serializers.ChoiceField(choices=["index", "mask", "leave_out"])


class ColumnsSerializer(serializers.Serializer[Any]):
    dataset = serializers.UUIDField()
    version = serializers.IntegerField(allow_null=True, help_text="null: no upload has succeeded yet.")
    columns = ColumnSerializer(many=True)


class ColumnProfileSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    masked = serializers.BooleanField()
    profile = serializers.JSONField(help_text="Counts only, if the column is masked for you.")


class ProfileSerializer(serializers.Serializer[Any]):
    dataset = serializers.UUIDField()
    version = serializers.IntegerField(allow_null=True)
    rows = serializers.IntegerField(allow_null=True)
    columns = ColumnProfileSerializer(many=True)


class DatasetDetailSerializer(DatasetSerializer):
    columns = ColumnSerializer(many=True, read_only=True)
    view_pii = serializers.BooleanField(read_only=True, help_text="Whether you may see personal values.")
    may_change = serializers.BooleanField(read_only=True)
    kept_until = serializers.DateTimeField(
        allow_null=True, read_only=True, help_text="When its retention ends. null: no policy limits it."
    )

    class Meta(DatasetSerializer.Meta):
        fields: ClassVar = [*DatasetSerializer.Meta.fields, "columns", "view_pii", "may_change", "kept_until"]
        read_only_fields = fields


def column_json(column: PresentedColumn) -> dict[str, Any]:
    """As ColumnSerializer. The profile has an address of its own."""
    return {name: value for name, value in column.as_json().items() if name != "profile"}


def columns_json(presented: PresentedDataset) -> dict[str, Any]:
    return {
        "dataset": presented.dataset.pk,
        "version": presented.version.number if presented.version else None,
        "columns": [column_json(column) for column in presented.columns],
    }


def profile_json(presented: PresentedDataset) -> dict[str, Any]:
    return {
        "dataset": presented.dataset.pk,
        "version": presented.version.number if presented.version else None,
        "rows": presented.version.rows if presented.version else None,
        "columns": [
            {"name": column.name, "type": column.type, "masked": column.masked, "profile": column.profile}
            for column in presented.columns
        ],
    }


def detail_json(presented: PresentedDataset) -> dict[str, Any]:
    return {
        **DatasetSerializer(presented.dataset).data,
        "columns": [column_json(column) for column in presented.columns],
        "view_pii": presented.view_pii,
        "may_change": presented.may_change,
        "kept_until": presented.kept_until,
    }


class VersionSerializer(serializers.ModelSerializer[Version]):
    created_by = serializers.CharField(source="created_by.username", read_only=True)
    is_current = serializers.BooleanField(read_only=True)
    size_bytes = serializers.IntegerField(
        allow_null=True, help_text="null if the version is not ready or you may not see it."
    )
    sha256 = serializers.CharField(allow_null=True, help_text="null unless you may see personal values.")
    fingerprint = serializers.SerializerMethodField(
        help_text="Equal for equal files. null until the version is ready."
    )
    rows = serializers.IntegerField(allow_null=True, help_text="null until the version is ready.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="How the file was read.")
    receipt = serializers.JSONField(help_text="What the job did. {} until the version is ready.")

    class Meta:
        model = Version
        fields: ClassVar = [
            "id", "number", "state", "is_current", "created_by", "created_at", "ready_at", "filename",
            "size_bytes", "sha256", "fingerprint", "rows", "notes", "classifier_version", "catalog_id",
            "catalog_fqn", "catalog_version", "index_state", "indexed_rows", "vectors", "receipt",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_fingerprint(self, version: Version) -> str | None:
        return None  # see to_representation

    def to_representation(self, version: Version) -> dict[str, Any]:
        """`view_pii` in the context: whether the reader may see personal values of the dataset."""
        view_pii = bool(self.context.get("view_pii"))
        return {**super().to_representation(version), **present_version(version, view_pii)}


# --- Jobs -------------------------------------------------------------------------------------------------


class JobErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class JobLinksSerializer(serializers.Serializer[Any]):
    """Addresses without scheme and host."""

    job = serializers.CharField()
    events = serializers.CharField()
    socket = serializers.CharField(help_text="WebSocket. Without a session, add ?ticket=.")
    page = serializers.CharField()
    dataset = serializers.CharField()


class JobSerializer(serializers.ModelSerializer[Job]):
    dataset_name = serializers.CharField(source="dataset.name", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    filename = serializers.CharField(source="version.filename", read_only=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True)
    error = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields: ClassVar = [
            "id", "kind", "state", "step", "rows_done", "rows_total", "dataset", "dataset_name", "version",
            "filename", "created_by", "created_at", "started_at", "finished_at", "paused_at", "retry_at",
            "last_event", "error",
            "links",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(JobErrorSerializer(allow_null=True))
    def get_error(self, job: Job) -> dict[str, str] | None:
        return {"code": job.error_code, "message": job.error} if job.error_code else None

    @extend_schema_field(JobLinksSerializer)
    def get_links(self, job: Job) -> dict[str, str]:
        return {
            "job": reverse("api:job", args=[job.pk]),
            "events": reverse("api:job-events", args=[job.pk]),
            "socket": f"/ws/jobs/{job.pk}/",
            "page": job.get_absolute_url(),
            "dataset": reverse("api:dataset", args=[job.dataset_id]),
        }


class WaitSerializer(serializers.Serializer[Any]):
    """datasets.ingestion.waiting.Wait"""

    until = serializers.DateTimeField(allow_null=True, help_text="When the job tries again. null: unknown.")
    position = serializers.IntegerField(
        allow_null=True, help_text="Place in the queue, from 1. null: not queued."
    )
    seconds = serializers.IntegerField(allow_null=True, help_text="Estimated seconds until the job ends.")

    def get_fields(self) -> dict[str, Any]:
        return {"for": serializers.CharField(help_text="What the job waits for."), **super().get_fields()}


class OneJobSerializer(JobSerializer):
    waits = serializers.SerializerMethodField()

    class Meta(JobSerializer.Meta):
        fields: ClassVar = [*JobSerializer.Meta.fields, "waits"]
        read_only_fields = fields

    @extend_schema_field(WaitSerializer(allow_null=True))
    def get_waits(self, job: Job) -> dict[str, Any] | None:
        wait = what_it_waits_for(job)
        return wait.as_json() if wait else None


class JobEventSerializer(serializers.Serializer[Any]):
    """As datasets.models.JobEvent.as_json and as sockets send it."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=Job.State.choices)
    step = serializers.ChoiceField(choices=Job.Step.choices)
    message = serializers.CharField()
    rows_done = serializers.IntegerField(allow_null=True)
    rows_total = serializers.IntegerField(allow_null=True)


class JobEventsSerializer(serializers.Serializer[Any]):
    job = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Job.State.choices)
    last_event = serializers.IntegerField(
        help_text="Number of the newest event. For later ones, send your last number as `after`."
    )
    events = JobEventSerializer(many=True)


class AfterSerializer(serializers.Serializer[Any]):
    after = serializers.IntegerField(default=0, min_value=0, max_value=2**31 - 1)


class VersionNumberSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Default: the current version."
    )


class TicketSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField(help_text="Opens one WebSocket, sent as ?ticket=.")
    expires_in = serializers.IntegerField(help_text="Seconds.")
