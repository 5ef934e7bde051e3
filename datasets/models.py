"""What people upload: datasets, their versions and columns; and the work on them: jobs and their events."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from datasets.reading import ColumnType

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

type_choices = [(kind.value, kind.value) for kind in ColumnType]


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser | None) -> DatasetQuerySet:
        """Datasets that the user owns or was granted; every active one for stewards and admins; none for nobody."""
        if user is None or not user.is_active or user.pk is None:
            return self.none()
        listed = self.filter(retired_at=None)
        if getattr(user, "is_superuser", False) or user.has_perm("governance.curate"):  # type: ignore[union-attr]
            return listed
        return listed.filter(Q(owner_id=user.pk) | Q(pk__in=self._granted_to(user)))

    def _granted_to(self, user: AbstractBaseUser | AnonymousUser) -> Any:
        """Ids of datasets shared with the user, through the reverse relation so that this room knows no grant."""
        return Dataset.objects.filter(grants__user_id=user.pk).values("pk")

    def for_list(self) -> DatasetQuerySet:
        """What the list shows, in one query each for rows and columns: owner, current version, newest first."""
        return self.select_related("owner", "current_version").order_by("-updated_at", "pk")


class Dataset(models.Model):
    """One table under one name: its identity lasts while versions of its content come and go."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="datasets")
    # As people read it: the file's name without its ending, unless changed.
    name = models.CharField(max_length=200)
    # As the catalog knows it: chosen at creation, never changed, unique for its owner.
    table_name = models.CharField(max_length=128, editable=False)
    # The catalog's schema of the owner at creation: one for each owner, so that no name collides.
    schema_name = models.CharField(max_length=128, editable=False)
    description = models.TextField(blank=True)
    # None until the first version is whole.
    current_version = models.ForeignKey(
        "Version", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # Set where the dataset was deleted; hidden from everyone from then on.
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = DatasetQuerySet.as_manager()
    versions: RelatedManager[Version]
    columns: RelatedManager[Column]
    jobs: RelatedManager[Job]

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("owner", Lower("table_name"), name="one_table_name_for_each_owner"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("datasets:detail", args=[self.pk])


class Version(models.Model):
    """The content of a dataset as one file brought it. Rows and columns never change once it is ready."""

    class State(models.TextChoices):
        PENDING = "pending", "being ingested"
        READY = "ready", "ready"
        FAILED = "failed", "failed"

    class Index(models.TextChoices):
        NONE = "none", "not indexed"
        BUILDING = "building", "being indexed"
        READY = "ready", "indexed"
        STALE = "stale", "to be rebuilt"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    # 1, 2, 3 … within the dataset, in order of upload.
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True, blank=True)

    # The file as it came.
    filename = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    # How it was read: the JSON of datasets.reading.Dialect, and notes for people.
    dialect = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    # None until it was read.
    rows = models.PositiveBigIntegerField(null=True)

    # Where it lies; "" until it does. Quarantine comes first and is emptied when the job ends.
    quarantine_key = models.CharField(max_length=255, blank=True)
    raw_key = models.CharField(max_length=512, blank=True)
    parquet_key = models.CharField(max_length=512, blank=True)
    parquet_sha256 = models.CharField(max_length=64, blank=True)

    # What governs it.
    classifier_version = models.CharField(max_length=40, blank=True)
    catalog_id = models.CharField(max_length=64, blank=True)
    catalog_fqn = models.CharField(max_length=512, blank=True)
    catalog_version = models.CharField(max_length=20, blank=True)

    # What can be asked of it.
    index_state = models.CharField(max_length=10, choices=Index.choices, default=Index.NONE)
    collection = models.CharField(max_length=128, blank=True)
    policy_fingerprint = models.CharField(max_length=64, blank=True)
    # Rows that the index covers, and the vectors (one for each distinct text) that stand for them.
    indexed_rows = models.PositiveBigIntegerField(default=0)
    vectors = models.PositiveBigIntegerField(default=0)

    # What was done, in one JSON object: see datasets.pipeline.receipt.
    receipt = models.JSONField(default=dict)

    columns: RelatedManager[VersionColumn]
    jobs: RelatedManager[Job]

    class Meta:
        ordering: ClassVar = ["dataset", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint("dataset", "number", name="one_version_for_each_number"),
            # Governed before it is stored or indexed: the database says so too.
            models.CheckConstraint(
                condition=~Q(catalog_version="") | Q(raw_key="", parquet_key=""),
                name="stored_only_when_catalogued",
            ),
            models.CheckConstraint(
                condition=~Q(catalog_version="") | Q(collection="", vectors=0),
                name="indexed_only_when_catalogued",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(raw_key="") & ~Q(parquet_key="") & Q(rows__isnull=False)),
                name="ready_only_when_stored",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("datasets:version", args=[self.dataset_id, self.number])

    @property
    def is_current(self) -> bool:
        return self.dataset.current_version_id == self.pk


class Column(models.Model):
    """A column's identity across versions: decisions of people hang on it, not on one version's column."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="columns")
    # The name without case and outer blanks: what makes two columns of two versions the same.
    key = models.CharField(max_length=512, editable=False)
    # As the newest version writes it.
    name = models.CharField(max_length=512)
    description = models.TextField(blank=True)

    appearances: RelatedManager[VersionColumn]

    class Meta:
        ordering: ClassVar = ["dataset", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint("dataset", "key", name="one_column_for_each_key"),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def key_of(name: str) -> str:
        return " ".join(name.casefold().split())


class VersionColumn(models.Model):
    """A column as one version has it."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="columns")
    column = models.ForeignKey(Column, on_delete=models.CASCADE, related_name="appearances")
    # 0-based, in the file's order.
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=512)
    type = models.CharField(max_length=10, choices=type_choices)
    # The JSON of datasets.profiling.ColumnProfile, values included: shown only through governance.access.
    profile = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["version", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint("version", "position", name="one_column_for_each_position"),
            models.UniqueConstraint("version", "column", name="one_appearance_for_each_column"),
        ]

    def __str__(self) -> str:
        return self.name


class LeaseLost(Exception):
    """Another attempt holds the job: whoever sees this stops at once and writes nothing more."""


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser | None) -> JobQuerySet:
        """Jobs of datasets that the user may see. A job that failed with its first version is its creator's too."""
        return self.filter(dataset__in=Dataset.objects.all().visible_to(user))

    def open(self) -> JobQuerySet:
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])

    def abandoned(self) -> JobQuerySet:
        """Running jobs whose worker has not renewed its lease."""
        return self.filter(state=Job.State.RUNNING, lease_until__lt=timezone.now())


class Job(models.Model):
    """Work on one version that outlives a request. Only its own methods change its state."""

    class Kind(models.TextChoices):
        INGEST = "ingest", "ingest"
        REBUILD = "rebuild", "rebuild the index"

    class State(models.TextChoices):
        QUEUED = "queued", "waiting"
        RUNNING = "running", "running"
        SUCCEEDED = "succeeded", "done"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    class Step(models.TextChoices):
        """The pipeline's steps, in order; labels as the page shows them."""

        RECEIVE = "receive", "Receive"
        READ = "read", "Read"
        PROFILE = "profile", "Profile"
        CLASSIFY = "classify", "Classify"
        POLICIES = "policies", "Apply policies"
        REGISTER = "register", "Register in the catalog"
        ARCHIVE = "archive", "Archive"
        INDEX = "index", "Index"
        VERIFY = "verify", "Verify"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.INGEST)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="jobs")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="jobs")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    step = models.CharField(max_length=10, choices=Step.choices, default=Step.RECEIVE)
    # Rows done of rows in all in the present step; None where the step counts none or does not know yet.
    rows_done = models.PositiveBigIntegerField(null=True)
    rows_total = models.PositiveBigIntegerField(null=True)
    # With the id, the fencing token of whoever works on it: raised each time somebody takes or ends it.
    fence = models.PositiveIntegerField(default=0)
    # How often whoever worked on it vanished.
    crashes = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    # The number of the newest event.
    last_event = models.PositiveIntegerField(default=0)
    # A slug for programs and a sentence for people; "" unless it failed. Neither holds a value of the data.
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    # Where an index build that yielded goes on: JSON of promptiq.indexing.
    cursor = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()
    events: RelatedManager[JobEvent]

    class Meta:
        ordering: ClassVar = ["-created_at", "pk"]
        indexes: ClassVar = [models.Index(fields=["state", "lease_until"])]
        constraints: ClassVar = [
            # Two jobs that build one version at the same time would race for its pointers.
            models.UniqueConstraint(
                "version",
                condition=Q(state__in=["queued", "running"]),
                name="one_open_job_for_each_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("datasets:job", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    # --- Moves ------------------------------------------------------------------------------------------

    def take(self) -> bool:
        """Take the lease. False where the job has ended or somebody else holds it.

        A job whose holder vanished is taken over, and the crash is counted.
        """
        vanished = Q(state=self.State.RUNNING, lease_until__lt=timezone.now())
        free = Q(state=self.State.QUEUED) | vanished
        taken = Job.objects.filter(free, pk=self.pk, fence=self.fence).update(
            crashes=Case(When(vanished, then=F("crashes") + 1), default=F("crashes")),
            state=self.State.RUNNING,
            fence=F("fence") + 1,
            lease_until=self._lease_end(),
            started_at=self.started_at or timezone.now(),
        )
        if taken:
            self.refresh_from_db()
        return bool(taken)

    def advance(self, step: Step, message: str = "", *, done: int | None = None, total: int | None = None) -> None:
        """Enter a step, or report rows done within it; renews the lease and tells whoever listens.

        Raises LeaseLost where the job was taken over or ended by somebody else.
        """
        with transaction.atomic():
            self._move(step=step, rows_done=done, rows_total=total, lease_until=self._lease_end())
            self._say(message)

    def renew(self) -> None:
        """Hold the lease for longer, without an event. Raises LeaseLost."""
        self._move(lease_until=self._lease_end())

    def note(self, message: str) -> None:
        """Say something about the present step. Raises LeaseLost."""
        with transaction.atomic():
            self._move(lease_until=self._lease_end())
            self._say(message)

    def yield_turn(self, cursor: dict[str, Any]) -> None:
        """Go back into the queue, to go on from `cursor`: other jobs get their turn. Raises LeaseLost."""
        self._move(state=self.State.QUEUED, cursor=cursor, lease_until=None)

    def finish(self, message: str) -> None:
        """Inside the transaction that makes the version current. Raises LeaseLost."""
        with transaction.atomic():
            self._move(state=self.State.SUCCEEDED, lease_until=None, finished_at=timezone.now(), cursor={})
            self._say(message)

    def fail(self, code: str, message: str) -> None:
        """End it as failed; the message is shown to people and holds no value of the data. Raises LeaseLost."""
        with transaction.atomic():
            self._move(
                state=self.State.FAILED,
                lease_until=None,
                finished_at=timezone.now(),
                error_code=code,
                error=message,
            )
            self._say(message)

    def cancel(self, message: str) -> bool:
        """End an open job from outside: whoever works on it loses its lease. False where it had ended."""
        with transaction.atomic():
            ended = (
                Job.objects.filter(pk=self.pk)
                .open()
                .update(
                    state=self.State.CANCELLED,
                    lease_until=None,
                    finished_at=timezone.now(),
                    fence=F("fence") + 1,
                )
            )
            if ended:
                self.refresh_from_db()
                self._say(message)
        return bool(ended)

    def _lease_end(self) -> Any:
        return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)

    def _move(self, **changes: Any) -> None:
        """One conditional UPDATE that carries the fencing token (id, fence)."""
        moved = Job.objects.filter(pk=self.pk, state=self.State.RUNNING, fence=self.fence).update(**changes)
        if not moved:
            raise LeaseLost
        for name, value in changes.items():
            setattr(self, name, value)

    def _say(self, message: str) -> None:
        """Write the next numbered event. The counter is raised under the row's lock: no gap, no double."""
        Job.objects.filter(pk=self.pk).update(last_event=F("last_event") + 1)
        self.last_event = Job.objects.values_list("last_event", flat=True).get(pk=self.pk)
        JobEvent.objects.create(
            job=self,
            number=self.last_event,
            state=self.state,
            step=self.step,
            message=message,
            rows_done=self.rows_done,
            rows_total=self.rows_total,
        )


class JobEvent(models.Model):
    """One numbered message about a job: what a socket sends and what a GET returns."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    # 1, 2, 3 … within the job, without gaps.
    number = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=Job.State.choices)
    step = models.CharField(max_length=10, choices=Job.Step.choices)
    # For people; "" where only the counts moved.
    message = models.TextField(blank=True)
    rows_done = models.PositiveBigIntegerField(null=True)
    rows_total = models.PositiveBigIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["job", "number"]
        constraints: ClassVar = [models.UniqueConstraint("job", "number", name="one_event_for_each_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.step}"

    def as_json(self) -> dict[str, Any]:
        """{"number", "at" (ISO 8601, UTC), "state", "step", "message", "rows_done", "rows_total"}"""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "state": self.state,
            "step": self.step,
            "message": self.message,
            "rows_done": self.rows_done,
            "rows_total": self.rows_total,
        }


class PartialUpload(models.Model):
    """A file on its way in by the tus protocol: bytes arrive in parts, in order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(max_length=255)
    # What the sender wants done when it is whole: the JSON of datasets.uploads.Wish.
    wish = models.JSONField(default=dict)
    length = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    # Set by the last part.
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return str(self.pk)

    def clean(self) -> None:
        if self.offset > self.length:
            raise ValidationError("More bytes arrived than were announced.")


class IdempotentRequest(models.Model):
    """What a POST with an Idempotency-Key led to: the same key again gives the same job."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    # SHA-256 over what was asked, file included: the same key with another body is refused.
    body_sha256 = models.CharField(max_length=64)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("user", "key", name="one_request_for_each_key")]

    def __str__(self) -> str:
        return str(self.pk)
