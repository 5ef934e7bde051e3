"""Work on a version that outlives a request, and what it says of itself."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.urls import reverse
from django.utils import timezone

from datasets.announce import announce
from datasets.models.tables import Dataset, Version
from omdplatform.base import liveness
from omdplatform.base.processes import identity

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class LeaseLost(Exception):
    """Another attempt holds the job: whoever sees this stops at once and writes nothing more."""


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User | AnonymousUser | None) -> JobQuerySet:
        """Jobs of datasets that the user may see."""
        return self.filter(dataset__in=Dataset.objects.all().visible_to(user)).select_related(
            "dataset", "version"
        )

    def open(self) -> JobQuerySet:
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])

    def next_of(self, dataset_id: uuid.UUID) -> Job | None:
        """The waiting job of a dataset whose turn it is; None where none waits or one is at work."""
        found = self.open().filter(dataset_id=dataset_id).order_by("version__number").first()
        waits = found is None or found.state != Job.State.QUEUED or found.retry_at or found.paused_at
        return None if waits else found

    def takeable(self) -> JobQuerySet:
        """Waiting jobs that a worker may take now: neither paused, nor before their time, nor behind the
        job of an older version of the same dataset. The oldest first."""
        older = Job.objects.open().filter(
            dataset=OuterRef("dataset"), version__number__lt=OuterRef("version__number")
        )
        due = Q(retry_at=None) | Q(retry_at__lte=timezone.now())
        waiting = self.filter(due, ~Exists(older), state=Job.State.QUEUED, paused_at=None)
        return waiting.order_by("created_at", "pk")

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
    # Who holds or held it: omdplatform.base.processes.identity; "" before anybody took it.
    holder = models.CharField(max_length=200, blank=True)
    # Since when somebody keeps it from being worked on; None: nobody does.
    paused_at = models.DateTimeField(null=True)
    # Since when it waits for a part of the platform that is away, and when to try again; None: it does not.
    waiting_since = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    # The number of the newest event.
    last_event = models.PositiveIntegerField(default=0)
    # The number of the newest event that OPENLINEAGE_URL was told of.
    lineage_told = models.PositiveIntegerField(default=0)
    # A slug for programs and a sentence for people; "" unless it failed. Neither holds a value of the data.
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    # Where an index build that yielded goes on: JSON of promptiq.index.indexing.
    cursor = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    # When it was last put into the queue.
    queued_at = models.DateTimeField(default=timezone.now)
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

    @classmethod
    def open(cls, version: Version, kind: Kind, user: User, message: str) -> Job:
        """A new waiting job with its first event; inside the transaction that queues it."""
        job = cls.objects.create(
            version=version, dataset_id=version.dataset_id, kind=kind, created_by_id=user.pk
        )
        job._say(message)
        return job

    def take(self) -> bool:
        """Take the lease. False where the job has ended, waits for its time or for the jobs of older versions
        of its dataset, or where somebody else holds it.

        A job whose holder vanished is taken over, and the crash is counted and told.
        """
        vanished = Q(state=self.State.RUNNING, lease_until__lt=timezone.now())
        due = Q(retry_at=None) | Q(retry_at__lte=timezone.now())
        free = Q(due, state=self.State.QUEUED, paused_at=None) | vanished
        # In the order of uploads: else an older version that ends last is what the catalog is left with.
        older = Job.objects.open().filter(dataset_id=self.dataset_id, version__number__lt=self.version.number)
        if older.exists():
            return False
        crashes = self.crashes
        with transaction.atomic():
            taken = Job.objects.filter(free, pk=self.pk, fence=self.fence).update(
                crashes=Case(
                    When(vanished, then=F("crashes") + 1),
                    default=F("crashes"),
                    output_field=models.PositiveIntegerField(),
                ),
                state=self.State.RUNNING,
                fence=F("fence") + 1,
                lease_until=self.lease_end(timezone.now()),
                holder=identity(),
                started_at=self.started_at or timezone.now(),
            )
            if taken:
                liveness.mark()
                self.refresh_from_db()
                if self.crashes > crashes:
                    self._say(f"Whoever worked on it vanished (time {self.crashes}); it is taken up again.")
        return bool(taken)

    def advance(
        self, step: Step, message: str = "", *, done: int | None = None, total: int | None = None
    ) -> None:
        """Enter a step, or report rows done within it; renews the lease and tells whoever listens.

        Raises LeaseLost where the job was taken over or ended by somebody else.
        """
        with transaction.atomic():
            self._move(
                step=step, rows_done=done, rows_total=total, lease_until=self.lease_end(timezone.now())
            )
            self._say(message)

    def renew(self) -> None:
        """Hold the lease for longer, without an event. Raises LeaseLost."""
        self._move(lease_until=self.lease_end(timezone.now()))

    def note(self, message: str) -> None:
        """Say something about the present step. Raises LeaseLost."""
        with transaction.atomic():
            self._move(lease_until=self.lease_end(timezone.now()))
            self._say(message)

    def yield_turn(self, cursor: dict[str, Any]) -> None:
        """Go back into the queue, to go on from `cursor`: other jobs get their turn. Raises LeaseLost."""
        self._move(state=self.State.QUEUED, cursor=cursor, lease_until=None, queued_at=timezone.now())

    def hand_back(self, message: str) -> None:
        """Go back into the queue because whoever holds it stops in order: no crash. Raises LeaseLost."""
        with transaction.atomic():
            self._move(state=self.State.QUEUED, lease_until=None, queued_at=timezone.now())
            self._say(message)

    def wait(self, seconds: int, message: str) -> None:
        """Go back into the queue until a part that is away may be back; the message says which.

        Raises LeaseLost.
        """
        now = timezone.now()
        with transaction.atomic():
            self._move(
                state=self.State.QUEUED,
                lease_until=None,
                queued_at=now,
                waiting_since=self.waiting_since or now,
                retry_at=now + timedelta(seconds=seconds),
            )
            self._say(message)

    def waited_enough(self) -> None:
        """What it waited for is back. Raises LeaseLost."""
        if self.waiting_since is not None:
            self._move(waiting_since=None, retry_at=None)

    def finish(self, message: str) -> None:
        """Inside the transaction that makes the version current. Raises LeaseLost."""
        with transaction.atomic():
            self._move(state=self.State.SUCCEEDED, lease_until=None, finished_at=timezone.now(), cursor={})
            self._say(message)

    def fail(self, code: str, message: str) -> None:
        """End it as failed; the message is for people and holds no value of the data. Raises LeaseLost."""
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

    def pause(self, message: str) -> bool:
        """Keep an open job from being worked on: whoever works on it loses its lease, what it has done so far
        is gone on with. False where it has ended or is paused already."""
        return self._turn(
            message, Q(paused_at=None), lease_until=None, retry_at=None, paused_at=timezone.now()
        )

    def resume(self, message: str) -> bool:
        """Let a paused job go on; inside the transaction that queues it. False where it is not paused."""
        return self._turn(message, ~Q(paused_at=None), paused_at=None)

    def _turn(self, message: str, only: Q, **changes: Any) -> bool:
        """Put an open job among the waiting ones from outside, where `only` holds of it."""
        with transaction.atomic():
            turned = Job.objects.open().filter(only, pk=self.pk)
            done = turned.update(
                state=self.State.QUEUED, queued_at=timezone.now(), fence=F("fence") + 1, **changes
            )
            if done:
                self.refresh_from_db()
                self._say(message)
        return bool(done)

    @staticmethod
    def lease_end(now: datetime) -> datetime:
        return now + timedelta(seconds=settings.JOB_LEASE_SECONDS)

    def _move(self, **changes: Any) -> None:
        """One conditional UPDATE that carries the fencing token (id, fence)."""
        liveness.mark()
        moved = Job.objects.filter(pk=self.pk, state=self.State.RUNNING, fence=self.fence).update(**changes)
        if not moved:
            raise LeaseLost
        for name, value in changes.items():
            setattr(self, name, value)

    def _say(self, message: str) -> None:
        """Write the next numbered event. The counter is raised under the row's lock: no gap, no double."""
        transaction.on_commit(announce)
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
