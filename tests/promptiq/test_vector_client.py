"""The client against a real vector server."""

from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from django.conf import LazySettings

from promptiq import vector_client
from promptiq.embeddings import Vectors
from promptiq.vector_client import (
    CHUNK,
    VectorClient,
    VectorServerUnavailable,
    collection_name,
    prefix_of,
    version_prefix,
)


def directions(count: int) -> Vectors:
    """Vectors of unit length that no two share."""
    angles = np.linspace(0, np.pi / 2, count)
    return np.stack([np.cos(angles), np.sin(angles), np.zeros(count)], axis=1).astype(np.float32)


@pytest.fixture
def name() -> str:
    return collection_name(uuid4(), "test", "0" * 16)


def test_the_nearest_rows_come_first_with_their_likeness(vectors: VectorClient, name: str) -> None:
    vectors.create(name)
    vectors.upsert(name, [7, 8, 9], np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32))
    found = vectors.query(name, np.array([1, 0, 0], np.float32), 2)
    assert [hit.row for hit in found] == [7, 8]
    assert found[0].score == pytest.approx(1, abs=1e-5)
    assert found[1].score == pytest.approx(0.7071, abs=1e-3)


def test_the_same_rows_again_replace_themselves(vectors: VectorClient, name: str) -> None:
    vectors.create(name)
    vectors.upsert(name, [1], np.array([[1, 0, 0]], np.float32))
    vectors.create(name)
    vectors.upsert(name, [1], np.array([[0, 1, 0]], np.float32))
    assert vectors.count(name) == 1
    assert vectors.query(name, np.array([0, 1, 0], np.float32), 1)[0].score == pytest.approx(1, abs=1e-5)


def test_more_vectors_than_one_request_takes(vectors: VectorClient, name: str) -> None:
    count = 5 * CHUNK + 500
    vectors.create(name)
    vectors.upsert(name, list(range(1, count + 1)), directions(count))
    assert vectors.count(name) == count


def test_a_collection_that_is_not_there(vectors: VectorClient, name: str) -> None:
    assert vectors.count(name) == 0
    assert vectors.query(name, np.array([1, 0, 0], np.float32), 5) == []
    vectors.drop(name)
    vectors.create(name)
    assert name in vectors.names()
    vectors.drop(name)
    assert name not in vectors.names()


def test_a_collection_that_another_process_made_anew_is_found(
    vectors: VectorClient, vector_folder: Path, name: str
) -> None:
    """What a client knows of a collection is out of date as soon as somebody else drops it."""
    vectors.create(name)
    vectors.upsert(name, [1], np.array([[1, 0, 0]], np.float32))
    other = VectorClient(vectors.url)
    other.drop(name)
    assert vectors.query(name, np.array([1, 0, 0], np.float32), 1) == []
    other.create(name)
    other.upsert(name, [2], np.array([[1, 0, 0]], np.float32))
    assert [hit.row for hit in vectors.query(name, np.array([1, 0, 0], np.float32), 1)] == [2]
    other.drop(name)
    other.create(name)
    other.upsert(name, [3], np.array([[1, 0, 0]], np.float32))
    assert [hit.row for hit in vectors.query(name, np.array([1, 0, 0], np.float32), 1)] == [3]


def test_every_page_of_names_is_read(vectors: VectorClient) -> None:
    made = {collection_name(uuid4(), "test", "0" * 16) for _ in range(5)}
    for name in made:
        vectors.create(name)
    names = vectors.names()
    assert made <= set(names)
    assert len(names) == len(set(names))


def test_names_tell_versions_models_and_policies_apart() -> None:
    version, other = uuid4(), uuid4()
    names = {
        collection_name(version, "model", "a" * 16),
        collection_name(version, "model", "b" * 16),
        collection_name(version, "other", "a" * 16),
        collection_name(other, "model", "a" * 16),
    }
    assert len(names) == 4
    assert {prefix_of(name) for name in names} == {version_prefix(version), version_prefix(other)}
    assert prefix_of("somebody-else") is prefix_of("v-short-1") is None


def test_no_server_is_said_so(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.CHROMA_URL = tmp_path, ""
    with pytest.raises(VectorServerUnavailable, match="make run, or set CHROMA_URL"):
        vector_client.connect()
    (tmp_path / "chroma").mkdir()
    vector_client.address_file().write_text("half writ")
    with pytest.raises(VectorServerUnavailable, match="not running"):
        vector_client.connect()
    settings.CHROMA_URL = "http://127.0.0.1:9"
    with pytest.raises(VectorServerUnavailable, match=r"http://127\.0\.0\.1:9 does not answer"):
        vector_client.connect()
