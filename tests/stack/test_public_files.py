"""The open prefix of the raw bucket on a real MinIO: what anybody may read, and nothing besides."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from datasets import storage
from datasets.ingestion.upkeep import public_files
from datasets.models import Dataset
from governance.curation.decisions import decide
from governance.models import PublicMark, Tag
from tests.stack.servers import Server, minio

pytestmark = pytest.mark.django_db(transaction=True)

CONTENT = b"email,city\n,Leeds\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with minio() as running:
        yield running


@pytest.fixture
def dataset(server: Server, settings: LazySettings, people_table: Dataset, steward: User) -> Dataset:
    """Ready and marked, its raw file in the lake, without a tag."""
    options = {
        "endpoint_url": server.url,
        "access_key": server.environment["MINIO_ROOT_USER"],
        "secret_key": server.environment["MINIO_ROOT_PASSWORD"],
        "region_name": "us-east-1",
        "bucket_name": "raw-data",
        "file_overwrite": False,
    }
    settings.STORAGES = {
        **settings.STORAGES,
        "raw": {"BACKEND": "datasets.s3.BucketStorage", "OPTIONS": options},
    }
    settings.RAW_PUBLIC = True
    version = people_table.versions.get()
    key = storage.raw_key(version)
    storage.raw().save(key, ContentFile(CONTENT))
    version.raw_key, version.sha256 = key, storage.sha256_stored(storage.raw(), key)
    version.save()
    email, tag = people_table.columns.get(key="email"), Tag.objects.get(fqn="PII.Sensitive")
    decide(email, tag, "rejected", people_table.owner, "It is empty.")
    PublicMark.objects.create(dataset=people_table)
    return people_table


def read(server: Server, key: str) -> httpx.Response:
    """As somebody without any key."""
    return httpx.get(f"{server.url}/raw-data/{key}")


def key_of(dataset: Dataset) -> str:
    return dataset.versions.get().raw_key


def test_anybody_reads_what_lies_open_and_nothing_else(server: Server, dataset: Dataset) -> None:
    private = key_of(dataset)
    assert read(server, private).status_code == 403
    assert public_files.place_raw_files() == 1
    assert read(server, key_of(dataset)).content == CONTENT
    storage.raw().save("another/file.csv", ContentFile(CONTENT))
    assert read(server, "another/file.csv").status_code == 403
    assert httpx.get(f"{server.url}/raw-data/?prefix=public/").status_code == 403
    assert httpx.put(f"{server.url}/raw-data/public/mine.csv", content=b"x").status_code == 403


def test_it_is_closed_again_when_the_setting_goes(
    server: Server, dataset: Dataset, settings: LazySettings
) -> None:
    public_files.place_raw_files()
    opened = key_of(dataset)
    assert read(server, opened).status_code == 200
    settings.RAW_PUBLIC = False
    assert public_files.place_raw_files() == 1
    assert read(server, opened).status_code in {403, 404}
    storage.raw().save(opened, ContentFile(CONTENT))
    assert read(server, opened).status_code == 403, "the prefix itself is closed"
    storage.raw().delete(opened)
