"""The three datasets, ingested once by the real pipeline; two people, and an administrator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from datasets.ingestion.queue import queue_rebuilds
from datasets.models import Dataset, Job
from governance.curation.decisions import Decision, decide_all
from governance.models import Grant, Tag
from promptiq.index.embeddings import Embedder
from tests.ingested import ingest, work_off
from tests.promptiq.governed import tables


@dataclass(frozen=True)
class World:
    """`owner` may see personal values of all three; `viewer` may see customers and shifts, masked."""

    owner: User
    viewer: User
    admin: User
    customers: Dataset
    shifts: Dataset
    merger: Dataset
    folder: Path


def _folders(folder: Path, vector_folder: Path) -> dict[str, object]:
    files = "django.core.files.storage.FileSystemStorage"
    buckets = {
        name: {"BACKEND": files, "OPTIONS": {"location": folder / "files" / name}}
        for name in ("default", "raw", "parquet", "quarantine")
    }
    (folder / "tmp").mkdir(exist_ok=True)
    return {
        "STORAGES": {**django_settings.STORAGES, **buckets},
        "FILE_UPLOAD_TEMP_DIR": folder / "tmp",
        "PARQUET_CACHE_DIR": folder / "cache",
        "DATA_DIR": vector_folder,
        "CHROMA_URL": "",
    }


@pytest.fixture(scope="package")
def ingested(
    tmp_path_factory: pytest.TempPathFactory,
    vector_folder: Path,
    embedder: Embedder,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[World]:
    """Outside of any test's transaction, so that it lasts for all of them; cleared away at the end."""
    folder = tmp_path_factory.mktemp("governed")
    with ExitStack() as stack:
        stack.enter_context(override_settings(**_folders(folder, vector_folder)))
        stack.enter_context(django_db_blocker.unblock())
        stack.callback(call_command, "flush", verbosity=0, interactive=False)
        yield _world(folder)


def _world(folder: Path) -> World:
    owner, steward, viewer = (User.objects.create_user(name) for name in ("olga", "stella", "victor"))
    for user, group in ((owner, "contributors"), (steward, "stewards"), (viewer, "viewers")):
        user.groups.add(Group.objects.get(name=group))
    admin = User.objects.create_superuser("root")
    customers, shifts, merger = (
        ingest(owner, content, title).dataset
        for content, title in (
            (tables.customers_csv(), tables.HOSTILE_TITLE),
            (tables.shifts_csv(), tables.STAFF_TITLE),
            (tables.merger_csv(), tables.PRIVATE_TITLE),
        )
    )
    # Of the city alone nobody is known, by the income they are: its owner opens one and closes the other.
    city = customers.columns.get(key="city")
    tags = Tag.objects.filter(decisions__column=city).distinct()
    decisions = [Decision(city, tag, "rejected", "Three large cities.") for tag in tags]
    income, sensitive = customers.columns.get(key="income"), Tag.objects.get(fqn="PII.Sensitive")
    decide_all([*decisions, Decision(income, sensitive, "confirmed", "Pay.")], customers.owner)
    queue_rebuilds()
    for job in Job.objects.filter(kind="rebuild"):
        work_off(job)
        assert job.state == "succeeded", job.error
    for dataset in (customers, shifts):
        dataset.refresh_from_db()
        Grant.objects.create(dataset=dataset, user=viewer, view_pii=False, granted_by=owner)
    return World(owner, viewer, admin, customers, shifts, merger, folder)


@pytest.fixture
def world(db: None, ingested: World, own_folders: None, settings: LazySettings, vector_folder: Path) -> World:
    for name, value in _folders(ingested.folder, vector_folder).items():
        setattr(settings, name, value)
    return ingested
