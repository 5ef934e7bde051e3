"""Profile and classify: the version's columns with their profiles, descriptions and tags."""

from __future__ import annotations

import pandas as pd
from django.conf import settings
from django.db import transaction

from datasets.ingestion.steps.fenced_writes import Progress, keep
from datasets.models import Column, Job, Version, VersionColumn
from datasets.previews.changes import distinct_keys, identities
from datasets.previews.corrections import Corrections
from datasets.tables.profiling import ColumnProfile
from datasets.tables.profiling_process import profile_in_child
from datasets.tables.table import Table
from governance.classifier import CLASSIFIER_VERSION, classify
from governance.curation.decisions import Decision, decide_all, known_tags, suggest
from governance.extending.extensions import recognisers, tags_by_kind
from governance.rights.access import held_tags
from governance.subjects import subject_of

Step = Job.Step


def profile_columns(job: Job, table: Table) -> tuple[list[ColumnProfile], pd.DataFrame]:
    """Profile all rows, and take the sample to classify. Runs in a child process with limits, as reading
    does.
    """
    job.advance(Step.PROFILE, "Profiling every column…", done=0, total=table.rows)
    progress = Progress(job, Step.PROFILE, table.rows)
    profiles, rows = profile_in_child(table, settings.CLASSIFY_SAMPLE_ROWS, progress)
    with transaction.atomic():
        job.renew()
        _write_columns(job.version, table, profiles)
        describe(job.version, table)
    return profiles, rows


def _write_columns(version: Version, table: Table, profiles: list[ColumnProfile]) -> None:
    """Write the version's columns. Each belongs to the dataset's column of the same identity."""
    version.columns.all().delete()
    names = [column.name for column in table.columns]
    found = identities(list(version.dataset.columns.all()), names)
    new = [
        Column(dataset=version.dataset, key=key, name=name)
        for key, name, column in zip(distinct_keys(names), names, found, strict=True)
        if column is None
    ]
    made = iter(Column.objects.bulk_create(new))
    VersionColumn.objects.bulk_create(
        VersionColumn(
            version=version,
            column=identity or next(made),
            position=column.position,
            name=column.name,
            type=column.type.value,
            nested=column.nested,
            profile=column_profile.as_json(),
        )
        for identity, column, column_profile in zip(found, table.columns, profiles, strict=True)
    )


def describe(version: Version, table: Table) -> None:
    """Write the column descriptions that a person gave in the preview."""
    said = Corrections.from_json(version.corrections).descriptions
    items = {item.position: item.column for item in version.columns.select_related("column")}
    for column in table.columns:
        if (text := said.get(column.own_name)) is not None:
            Column.objects.filter(pk=items[column.position].pk).update(description=text)


def classify_columns(job: Job, table: Table, profiles: list[ColumnProfile], rows: pd.DataFrame) -> None:
    job.advance(Step.CLASSIFY, "Classifying every column…")
    if longest := rows.attrs.get("longest"):
        job.note(f"Of cells longer than {longest:,} characters the beginning is classified.")
    findings = classify(rows, profiles, job.dataset.table_name, recognisers())
    with transaction.atomic():
        job.renew()
        suggest(job.version, findings, tags_by_kind())
        decide_as_corrected(job.version, table)
        keep(
            job,
            classifier_version=CLASSIFIER_VERSION,
            subject=subject_of(profiles, findings).column or "",
        )
    found = sum(finding.entity != "NONE" for finding in findings)
    job.note(f"Recognised the data in {found:,} of {len(findings):,} columns.")


def decide_as_corrected(version: Version, table: Table) -> None:
    """Turn tags that a person set or removed in the preview into that person's decisions. Safe to repeat."""
    said = Corrections.from_json(version.corrections).tags
    if not said:
        return
    items = {item.position: item.column for item in version.columns.select_related("column")}
    columns = [(items[c.position], said[c.own_name]) for c in table.columns if c.own_name in said]
    tags = known_tags({fqn for _, wanted in columns for fqn in wanted})
    held = held_tags([column for column, _ in columns], version)
    states = {key: {tag.fqn: tag.state for tag in own} for key, own in held.items()}
    decisions = [
        Decision(column, tags[fqn], "confirmed" if put_on else "rejected", "Set in the preview.")
        for column, wanted in columns
        for fqn, put_on in wanted.items()
        if (states[column.pk].get(fqn) != "confirmed" if put_on else fqn in states[column.pk])
    ]
    if decisions:
        decide_all(decisions, version.created_by)
