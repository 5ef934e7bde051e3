"""Turns transitions into OpenLineage events. The one module that knows its client library.

An event has ids, steps, times, counts and error sentences. Of the table it has what the catalog gets, too:
the full name, and the names and types of the columns. No value and no file name is sent.
"""

from __future__ import annotations

from uuid import uuid5

import requests
from django.conf import settings
from openlineage.client.event_v2 import InputDataset, OutputDataset, Run, RunEvent, RunState
from openlineage.client.event_v2 import Job as RunJob
from openlineage.client.facet_v2 import (
    RunFacet,
    dataset_version_dataset,
    error_message_run,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
    schema_dataset,
)
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport, TokenProvider

from datasets.ingestion.lineage.transitions import Transition
from datasets.models import Job
from omdplatform.base.errors import Unavailable

PRODUCER = "urn:omdplatform"
# Seconds to connect, and to wait for each part of an answer.
TIMEOUT = 5.0
# Statuses by which a server asks to try again later (RFC 9110, RFC 6585). Any other 4xx refuses the event.
_LATER = {408, 425, 429}


class SinkAway(Unavailable):
    """The server at OPENLINEAGE_URL does not answer."""

    code = "lineage-unavailable"


class Sink:
    """The server at OPENLINEAGE_URL."""

    def __init__(self) -> None:
        key = settings.OPENLINEAGE_API_KEY
        auth = ApiKeyTokenProvider({"apiKey": key}) if key else TokenProvider({})
        # We retry ourselves, later: see datasets.ingestion.lineage.telling.
        config = HttpConfig(settings.OPENLINEAGE_URL, timeout=TIMEOUT, auth=auth, retry={"total": 0})
        self._transport = HttpTransport(config)

    def tell(self, event: RunEvent) -> bool:
        """Send an event. Returns False if the server refuses it. Raises SinkAway."""
        try:
            self._transport.emit(event)
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else 0
            if 400 <= status < 500 and status not in _LATER:
                return False
            raise SinkAway(f"It answers {status}.") from None
        except requests.RequestException as error:
            # The error's text has the address, which may hold a password.
            raise SinkAway(type(error).__name__) from None
        return True

    def close(self) -> None:
        self._transport.close()


def run_event(job: Job, transition: Transition) -> RunEvent:
    """The event for one state of a run. A run is the job, or one of its steps with the job's run as
    parent.
    """
    whole = transition.step is None
    return RunEvent(
        eventTime=transition.at.isoformat(),
        eventType=RunState(transition.kind),
        run=_run(job, transition),
        job=RunJob(settings.OPENLINEAGE_NAMESPACE, _name(job, transition), facets={"jobType": _type(whole)}),
        inputs=[_file(job)] if whole else [],
        outputs=[_table(job)] if whole and transition.kind == "COMPLETE" else [],
        producer=PRODUCER,
    )


def _name(job: Job, transition: Transition | None = None) -> str:
    whole = f"{job.dataset_id}.{job.kind}"
    return whole if transition is None or transition.step is None else f"{whole}.{transition.step.value}"


def _run(job: Job, transition: Transition) -> Run:
    run_id = job.pk
    facets: dict[str, RunFacet] = {}
    if transition.step is not None:
        run_id = uuid5(job.pk, f"{transition.step.value} {transition.begun}")
        facets["parent"] = parent_run.ParentRunFacet(
            run=parent_run.Run(str(job.pk)),
            job=parent_run.Job(settings.OPENLINEAGE_NAMESPACE, _name(job)),
            producer=PRODUCER,
        )
    if transition.kind == "FAIL":
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(
            f"{job.error_code}: {job.error}", "PYTHON", producer=PRODUCER
        )
    return Run(str(run_id), facets)


def _type(whole: bool) -> job_type_job.JobTypeJobFacet:
    return job_type_job.JobTypeJobFacet(
        "BATCH", "OMDPLATFORM", jobType="JOB" if whole else "TASK", producer=PRODUCER
    )


def _file(job: Job) -> InputDataset:
    """The raw file, named by the ids that begin its key in the bucket."""
    return InputDataset(settings.RAW_BUCKET, f"{job.dataset_id}/{job.version_id}")


def _table(job: Job) -> OutputDataset:
    version = job.version
    columns = version.columns.order_by("position").values_list("name", "type")
    fields = [
        schema_dataset.SchemaDatasetFacetFields(name, kind, ordinal_position=place)
        for place, (name, kind) in enumerate(columns, start=1)
    ]
    return OutputDataset(
        settings.OPENLINEAGE_NAMESPACE,
        version.catalog_fqn or str(job.dataset_id),
        facets={
            "schema": schema_dataset.SchemaDatasetFacet(fields, producer=PRODUCER),
            "version": dataset_version_dataset.DatasetVersionDatasetFacet(
                str(version.number), producer=PRODUCER
            ),
        },
        outputFacets={
            "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
                rowCount=version.rows, producer=PRODUCER
            )
        },
    )
