"""The client against a real vector server."""

from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from django.conf import LazySettings

from promptiq import vector_client
from promptiq.index.embeddings import EmbeddingUnavailable, Vectors
from promptiq.vector_client import (
    CHUNK,
    Entry,
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


def test_rows_are_told_how_near_they_are(vectors: VectorClient, name: str) -> None:
    """Whatever the length of the vectors; a row without one is left out."""
    vectors.create(name)
    vectors.upsert(name, [7, 8], np.array([[2, 0, 0], [3, 3, 0]], np.float32))
    found = vectors.likeness(name, np.array([5, 0, 0], np.float32), [8, 9, 7])
    assert {hit.row: pytest.approx(hit.score, abs=1e-5) for hit in found} == {7: 1.0, 8: 0.70711}
    assert vectors.likeness(name, np.array([5, 0, 0], np.float32), []) == []
    assert vectors.likeness(collection_name(uuid4(), "none", "0" * 16), np.ones(3, np.float32), [1]) == []


def test_vectors_of_another_length_are_an_error_that_says_what_to_do(
    vectors: VectorClient, name: str
) -> None:
    vectors.create(name)
    vectors.upsert(name, [7], np.array([[1, 0, 0]], np.float32))
    with pytest.raises(EmbeddingUnavailable, match="Give the embedding another name"):
        vectors.query(name, np.array([1, 0], np.float32), 1)
    with pytest.raises(EmbeddingUnavailable, match="Give the embedding another name"):
        vectors.upsert(name, [8], np.array([[1, 0]], np.float32))


def test_entries_are_found_among_those_that_are_named_and_no_others(vectors: VectorClient) -> None:
    name = f"routing-test-{uuid4().hex[:8]}"
    entries = [Entry(f"thing-{number}", ("a", str(number))) for number in range(CHUNK + 50)]
    vectors.put_entries(name, entries, directions(len(entries)))
    towards = np.array([1, 0, 0], np.float32)
    assert list(vectors.nearest_entries(name, towards, [entry.id for entry in entries], 2)) == [
        "thing-0",
        "thing-1",
    ]
    named = ["thing-900", "absent", "thing-800"]
    assert list(vectors.nearest_entries(name, towards, named, 3)) == ["thing-800", "thing-900"]
    assert vectors.nearest_entries(name, towards, [], 3) == {}
    assert vectors.entries(name, named) == {entry.id: entry for entry in (entries[900], entries[800])}
    vectors.put_entries(name, [Entry("thing-900", ("b", "c"))], towards[np.newaxis])
    assert vectors.entries(name, ["thing-900"])["thing-900"].marks == ("b", "c")
    assert not vectors.remove_entry(name, "absent")
    assert vectors.remove_entry(name, "thing-800")
    assert list(vectors.nearest_entries(name, towards, named, 3)) == ["thing-900"]
    assert vectors.count(name) == CHUNK + 49
    vectors.drop(name)
    assert vectors.entries(name, named) == {}
    assert vectors.nearest_entries(name, towards, named, 3) == {}


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
