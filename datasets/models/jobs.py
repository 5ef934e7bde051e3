"""Jobs: work on a version that outlives a request, and the events that it reports."""

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
    """Another attempt holds the job. Whoever gets this stops at once and writes nothing more."""


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User | AnonymousUser | None) -> JobQuerySet:
        """Jobs of datasets that the user may see."""
        return self.filter(dataset__in=Dataset.objects.all().visible_to(user)).select_related(
            "dataset", "version"
        )

    def open(self) -> JobQuerySet:
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])

    def next_of(self, dataset_id: uuid.UUID) -> Job | None:
        """The dataset's next waiting job. None if none waits or one is running."""
        found = self.open().filter(dataset_id=dataset_id).order_by("version__number").first()
        waits = found is None or found.state != Job.State.QUEUED or found.retry_at or found.paused_at
        return None if waits else found

    def takeable(self) -> JobQuerySet:
        """Waiting jobs that a worker may take now, oldest first. Left out are paused ones, those that are not
        due yet, and those behind the job of an older version of the same dataset.
        """
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
        """The pipeline's steps, in order, with labels as the page shows them."""

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
    # Rows done, and rows in total, in the present step. None if the step counts no rows or does not know yet.
    rows_done = models.PositiveBigIntegerField(null=True)
    rows_total = models.PositiveBigIntegerField(null=True)
    # With the id: the fencing token of the current holder. Raised whenever a holder takes or ends the job.
    fence = models.PositiveIntegerField(default=0)
    # How many workers crashed while they worked on it.
    crashes = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    # Who holds or held it: omdplatform.base.processes.identity. "" before anybody took it.
    holder = models.CharField(max_length=200, blank=True)
    # Since when somebody has paused it; None if it is not paused.
    paused_at = models.DateTimeField(null=True)
    # Since when it waits for an unavailable service, and when to try again; None if it does not.
    waiting_since = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    # The number of the newest event.
    last_event = models.PositiveIntegerField(default=0)
    # The number of the newest event that was sent to OPENLINEAGE_URL.
    lineage_told = models.PositiveIntegerField(default=0)
    # A code for programs and a sentence for people; "" unless it failed. Neither contains a value of the
    # data.
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    # Where an index build that gave up its turn goes on: JSON of promptiq.index.indexing.
    cursor = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    # When it was last queued.
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()
    events: RelatedManager[JobEvent]

    class Meta:
        ordering: ClassVar = ["-created_at", "pk"]
        indexes: ClassVar = [models.Index(fields=["state", "lease_until"])]
        constraints: ClassVar = [
            # Two simultaneous jobs of one version would overwrite each other's pointers.
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
        """A new waiting job with its first event. Call it inside the transaction that queues the job."""
        job = cls.objects.create(
            version=version, dataset_id=version.dataset_id, kind=kind, created_by_id=user.pk
        )
        job._say(message)
        return job

    def take(self) -> bool:
        """Take the lease. Returns False if the job has ended, is not due yet, waits for an older version of
        its dataset, or is held by somebody else.

        A job whose holder crashed is taken over. The crash is counted and reported.
        """
        vanished = Q(state=self.State.RUNNING, lease_until__lt=timezone.now())
        due = Q(retry_at=None) | Q(retry_at__lte=timezone.now())
        free = Q(due, state=self.State.QUEUED, paused_at=None) | vanished
        # In the order of uploads: otherwise an older version that ends last would be the one left in the
        # catalog.
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
                    self._say(f"Its worker stopped unexpectedly (time {self.crashes}); it is taken up again.")
        return bool(taken)

    def advance(
        self, step: Step, message: str = "", *, done: int | None = None, total: int | None = None
    ) -> None:
        """Enter a step, or report rows done within it. Renews the lease and notifies listeners.

        Raises LeaseLost if somebody else has taken over or ended the job.
        """
        with transaction.atomic():
            self._move(
                step=step, rows_done=done, rows_total=total, lease_until=self.lease_end(timezone.now())
            )
            self._say(message)

    def renew(self) -> None:
        """Extend the lease without an event. Raises LeaseLost."""
        self._move(lease_until=self.lease_end(timezone.now()))

    def note(self, message: str) -> None:
        """Report a message about the present step. Raises LeaseLost."""
        with transaction.atomic():
            self._move(lease_until=self.lease_end(timezone.now()))
            self._say(message)

    def yield_turn(self, cursor: dict[str, Any]) -> None:
        """Go back into the queue, to continue from `cursor`, so that other jobs get a turn. Raises
        LeaseLost.
        """
        self._move(state=self.State.QUEUED, cursor=cursor, lease_until=None, queued_at=timezone.now())

    def hand_back(self, message: str) -> None:
        """Go back into the queue because the holder shuts down: no crash. Raises LeaseLost."""
        with transaction.atomic():
            self._move(state=self.State.QUEUED, lease_until=None, queued_at=timezone.now())
            self._say(message)

    def wait(self, seconds: int, message: str) -> None:
        """Go back into the queue until an unavailable service may be back. The message names it.

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
        """The service that it waited for is back. Raises LeaseLost."""
        if self.waiting_since is not None:
            self._move(waiting_since=None, retry_at=None)

    def finish(self, message: str) -> None:
        """End it as successful, inside the transaction that makes the version current. Raises LeaseLost."""
        with transaction.atomic():
            self._move(state=self.State.SUCCEEDED, lease_until=None, finished_at=timezone.now(), cursor={})
            self._say(message)

    def fail(self, code: str, message: str) -> None:
        """End it as failed. The message is for people and contains no value of the data. Raises LeaseLost."""
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
        """End an open job from outside: its holder loses the lease. Returns False if it had ended."""
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
        """Pause an open job: its holder loses the lease. Finished steps are kept. Returns False if it has
        ended or is paused.
        """
        return self._turn(
            message, Q(paused_at=None), lease_until=None, retry_at=None, paused_at=timezone.now()
        )

    def resume(self, message: str) -> bool:
        """Resume a paused job, inside the transaction that queues it. Returns False if it is not paused."""
        return self._turn(message, ~Q(paused_at=None), paused_at=None)

    def _turn(self, message: str, only: Q, **changes: Any) -> bool:
        """Set an open job back to waiting from outside, if `only` holds."""
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
        """One conditional UPDATE with the fencing token (id, fence)."""
        liveness.mark()
        moved = Job.objects.filter(pk=self.pk, state=self.State.RUNNING, fence=self.fence).update(**changes)
        if not moved:
            raise LeaseLost
        for name, value in changes.items():
            setattr(self, name, value)

    def _say(self, message: str) -> None:
        """Write the next numbered event. The counter is raised under the row's lock: no gaps, no
        duplicates.
        """
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
    # For people; "" if only the counts changed.
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
