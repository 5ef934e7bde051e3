"""Files on a real MinIO: buckets are made, writes are read back, what is wrong is said."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile

from datasets import storage
from datasets.models import Version
from datasets.s3 import BucketStorage
from datasets.storage import StorageMismatch, StorageUnavailable
from omdplatform.base.digests import sha256_of
from tests.running import free_port
from tests.stack.servers import Server, minio

KEY = "dataset/version/orders.csv"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with minio() as running:
        yield running


@pytest.fixture
def place(server: Server, settings: LazySettings, request: pytest.FixtureRequest) -> BucketStorage:
    """A bucket for this test that nobody has made yet; the typed copies lie there."""
    bucket = f"test-{sha256(request.node.name.encode()).hexdigest()[:20]}"
    options = {
        "endpoint_url": server.url,
        "access_key": server.environment["MINIO_ROOT_USER"],
        "secret_key": server.environment["MINIO_ROOT_PASSWORD"],
        "region_name": "us-east-1",
        "bucket_name": bucket,
        "file_overwrite": False,
        "max_memory_size": 8 * 1024 * 1024,
    }
    settings.STORAGES = {
        **settings.STORAGES,
        "parquet": {"BACKEND": "datasets.s3.BucketStorage", "OPTIONS": options},
    }
    return BucketStorage(**options)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"goods,amount\noak table,4\n")
    return path


def held(place: BucketStorage, key: str = KEY) -> bytes:
    body: bytes = place.connection.meta.client.get_object(Bucket=place.bucket_name, Key=key)["Body"].read()
    return body


def test_a_bucket_is_made_where_it_is_missing(place: BucketStorage, file: Path) -> None:
    assert not place.exists(KEY)
    with pytest.raises(FileNotFoundError):
        place.listdir("")
    place.delete(KEY)
    storage.put(place, KEY, file, sha256_of(file))
    assert held(place) == file.read_bytes()
    assert place.listdir("") == (["dataset"], [])


def test_the_same_again_writes_nothing(place: BucketStorage, file: Path) -> None:
    storage.put(place, KEY, file, sha256_of(file))
    with patch.object(BucketStorage, "_save", side_effect=AssertionError):
        storage.put(place, KEY, file, sha256_of(file))


def test_a_file_of_many_parts_comes_back_whole(place: BucketStorage, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(range(256)) * 4096 * 20)  # 20 MiB: more than one part, and not kept in memory
    storage.put(place, KEY, large, sha256_of(large))
    with storage.local_copy(place, KEY) as path:
        assert sha256_of(path) == sha256_of(large)
    assert not path.exists()


def test_half_a_file_left_by_a_stopped_attempt_is_replaced(place: BucketStorage, file: Path) -> None:
    place.save(KEY, ContentFile(file.read_bytes()[:7]))
    storage.put(place, KEY, file, sha256_of(file))
    assert held(place) == file.read_bytes()


def test_other_bytes_than_were_sent_are_refused_and_removed(place: BucketStorage, file: Path) -> None:
    save = BucketStorage._save

    def cut(self: BucketStorage, name: str, content: Any) -> str:
        return save(self, name, ContentFile(content.read()[:-1]))

    with patch.object(BucketStorage, "_save", cut), pytest.raises(StorageMismatch, match=KEY):
        storage.put(place, KEY, file, sha256_of(file))
    assert not place.exists(KEY)


def test_a_typed_copy_is_fetched_once_and_compared(place: BucketStorage, file: Path) -> None:
    version = Version(parquet_key=KEY, parquet_sha256=sha256_of(file))
    storage.put(place, KEY, file, version.parquet_sha256)
    local = storage.local_parquet(version)
    assert local.read_bytes() == file.read_bytes()
    with patch.object(BucketStorage, "_open", side_effect=AssertionError):
        assert storage.local_parquet(version) == local
    local.unlink()
    place.connection.meta.client.put_object(Bucket=place.bucket_name, Key=KEY, Body=b"tampered with")
    # What is done about it needs a database, and a version that is in it.
    with pytest.raises(StorageMismatch, match=KEY):
        storage.intact_parquet(version)
    assert not list(local.parent.iterdir())


def test_what_is_not_there_is_not_found(place: BucketStorage) -> None:
    place.save("other", ContentFile(b"-"))
    for look in (place.open, place.size):
        with pytest.raises(FileNotFoundError):
            look(KEY)


def test_a_server_that_is_away_is_named(file: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    away = BucketStorage(endpoint_url=url, access_key="a", secret_key="b", bucket_name="lake")
    uses = (away.exists, away.open, away.size, away.delete, away.listdir, away.get_modified_time)
    for use in (*uses, lambda key: away.save(key, ContentFile(b"-"))):
        with pytest.raises(StorageUnavailable, match=url):
            use(KEY)


def test_keys_that_the_server_does_not_take_are_told_apart(server: Server) -> None:
    wrong = BucketStorage(endpoint_url=server.url, access_key="nobody", secret_key="x", bucket_name="lake")
    with pytest.raises(StorageUnavailable, match="refused what was asked of the bucket lake"):
        wrong.save(KEY, ContentFile(b"-"))
