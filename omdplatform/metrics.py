"""GET /metrics: metrics for Prometheus, from our tables, this machine, and the processes' measurements."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
from django.db.models import Aggregate, Count, FloatField, Min, Q, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from datasets.models import Job, Reconciliation, Version
from omdplatform.base.disk import room
from omdplatform.base.web.problems import answer, problem_of
from omdplatform.health import PARTS, look_at, watcher


class PlatformCollector(Collector):
    """The present state: four queries and figures about the machine."""

    def collect(self) -> Iterator[Metric]:
        yield from self._jobs()
        yield self._steps()
        yield self._indexes()
        yield from self._stores()
        yield from self._machine()
        yield self._parts()

    def _jobs(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("omd_jobs", "Jobs by state and kind.", labels=["state", "kind"])
        for state, kind, count in Job.objects.values_list("state", "kind").annotate(Count("pk")).order_by():
            jobs.add_metric([state, kind], count)
        yield jobs
        now = timezone.now()
        due = Q(retry_at=None) | Q(retry_at__lte=now)
        oldest = Job.objects.filter(due, state=Job.State.QUEUED).aggregate(at=Min("queued_at"))["at"]
        age = (now - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily(
            "omd_queue_age_seconds", "How long the job has waited that could be worked on the longest.", age
        )

    def _steps(self) -> Metric:
        """From the receipts of existing versions: they are permanent and cover all machines."""
        steps = SummaryMetricFamily(
            "omd_step_seconds", "Seconds by step of jobs that ended well.", labels=["step"]
        )
        wanted: dict[str, Aggregate] = {}
        for step in Job.Step.values:
            seconds = Cast(KT(f"receipt__seconds__{step}"), FloatField())
            wanted[f"{step}_sum"] = Sum(seconds)
            wanted[f"{step}_count"] = Count("pk", filter=Q(**{f"receipt__seconds__{step}__isnull": False}))
        found = Version.objects.filter(state=Version.State.READY).aggregate(**wanted)
        for step in Job.Step.values:
            steps.add_metric([step], found[f"{step}_count"], found[f"{step}_sum"] or 0.0)
        return steps

    def _indexes(self) -> Metric:
        indexes = GaugeMetricFamily(
            "omd_versions", "Versions by what becomes of their index.", labels=["index"]
        )
        ready = Version.objects.filter(state=Version.State.READY)
        for state, count in ready.values_list("index_state").annotate(Count("pk")).order_by():
            indexes.add_metric([state], count)
        return indexes

    def _stores(self) -> Iterator[Metric]:
        last = Reconciliation.objects.first()
        if last is not None:
            text = "What the last reconciliation found and nobody has mended."
            yield GaugeMetricFamily("omd_reconciliation_left", text, last.left)
            text = "When the last reconciliation ended (seconds since 1970)."
            yield GaugeMetricFamily("omd_reconciliation_timestamp_seconds", text, last.ended_at.timestamp())

    def _machine(self) -> Iterator[Metric]:
        disk, memory = room(), psutil.virtual_memory()
        yield GaugeMetricFamily("omd_disk_free_bytes", "Room where the data folder lies.", disk.free)
        yield GaugeMetricFamily("omd_disk_total_bytes", "Size of that disk.", disk.total)
        yield GaugeMetricFamily("omd_memory_available_bytes", "Memory that is available.", memory.available)
        yield GaugeMetricFamily("omd_memory_total_bytes", "Memory of this machine.", memory.total)

    def _parts(self) -> Metric:
        parts = GaugeMetricFamily(
            "omd_part_up", "1 where the part is well, as /healthz says.", labels=["part"]
        )
        for part in look_at(PARTS):
            parts.add_metric([part.name], int(part.ok))
        return parts


def written() -> bytes:
    """In Prometheus' text format."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(PlatformCollector())
    return generate_latest(registry)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For staff and users with the right `operate`, by session or bearer token."""
    try:
        watcher(request)
    except Exception as error:
        return answer(request, problem_of(error))
    return HttpResponse(written(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
