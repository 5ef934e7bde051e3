"""Building an index: distinct texts once, in turns, over the end of a vector server."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import LazySettings

from datasets.models import Version
from datasets.tables.table import ROW
from governance.policies import Access, IndexTreatment, Rule, effective
from promptiq import vector_client
from promptiq.index import indexing, vector_server
from promptiq.index.embeddings import Embedder
from promptiq.index.indexing import BATCH_ROWS, IndexBuild, IndexMismatch
from promptiq.vector_client import VectorClient, VectorServerUnavailable, address_file
from tests.noting_embedder import NotingEmbedder

SENSITIVE = Rule("PII.Sensitive", IndexTreatment.MASK, masked=True, retain_days=None, note="")


@pytest.fixture
def counting(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> NotingEmbedder:
    counted = NotingEmbedder(embedder)
    monkeypatch.setattr(indexing, "get_row_embedder", lambda: counted)
    return counted


@pytest.fixture
def own_server(settings: LazySettings, tmp_path: Path) -> Iterator[ExitStack]:
    """A vector server of the test's own; `close` and `enter_context` end and start it."""
    settings.DATA_DIR, settings.CHROMA_URL = tmp_path / "data", ""
    with ExitStack() as stack:
        stack.enter_context(vector_server.running())
        yield stack


def goods(number: int, distinct: int) -> str:
    return f"article {number % distinct}"


def table(path: Path, rows: int, distinct: int) -> Path:
    columns = {
        ROW: list(range(1, rows + 1)),
        "goods": [goods(number, distinct) for number in range(rows)],
        "email": [f"p{number}@post.example" for number in range(rows)],
    }
    pq.write_table(pa.table(columns), path)
    return path


def access() -> Access:
    return effective({"goods": [], "email": ["PII.Sensitive"]}, [SENSITIVE])


def build_of(version: Version, path: Path, cursor: dict[str, object] | None = None) -> IndexBuild:
    return IndexBuild(version, path, access(), cursor or {})


def silent(rows: int) -> None:
    """Nobody listens."""


@pytest.mark.usefixtures("vectors")
def test_each_distinct_text_is_embedded_once(counting: NotingEmbedder, tmp_path: Path) -> None:
    """Across batches, too; the first row of each text stands for the others."""
    build = build_of(Version(id=uuid4(), rows=1_300), table(tmp_path / "t.parquet", 1_300, 7))
    assert build.run(None, silent)
    assert counting.texts == [f"goods article {number}, email masked" for number in range(7)]
    assert (build.rows_done, build.vectors) == (1_300, 7)
    build.verify()
    vector = counting.model.embed(["goods article 3, email masked"])[0]
    assert vector_client.connect().query(build.collection, vector, 1)[0].row == 4


@pytest.mark.usefixtures("vectors")
def test_turns_add_up_to_one_build(counting: NotingEmbedder, tmp_path: Path) -> None:
    version, path = Version(id=uuid4(), rows=1_300), table(tmp_path / "t.parquet", 1_300, 600)
    cursor: dict[str, object] = {}
    told: list[int] = []
    turns = 0
    while not (build := build_of(version, path, cursor)).run(0, told.append):
        cursor = json.loads(json.dumps(build.cursor()))
        turns += 1
    assert (turns, told) == (2, [BATCH_ROWS, 2 * BATCH_ROWS, 1_300])
    assert build.vectors == len(counting.texts) == len(set(counting.texts)) == 600
    build.verify()


@pytest.mark.usefixtures("vectors")
def test_a_cursor_of_other_policies_is_not_gone_on_with(counting: NotingEmbedder, tmp_path: Path) -> None:
    version, path = Version(id=uuid4(), rows=1_300), table(tmp_path / "t.parquet", 1_300, 5)
    build = build_of(version, path)
    assert not build.run(0, silent)
    loosened = IndexBuild(version, path, effective({"goods": [], "email": []}, [SENSITIVE]), build.cursor())
    assert (loosened.rows_done, loosened.vectors) == (0, 0)
    assert loosened.collection != build.collection


@pytest.mark.usefixtures("vectors")
def test_the_index_covers_so_many_rows_and_no_more(
    counting: NotingEmbedder, settings: LazySettings, tmp_path: Path
) -> None:
    settings.INDEX_MAX_ROWS = 600
    build = build_of(Version(id=uuid4(), rows=1_300), table(tmp_path / "t.parquet", 1_300, 1_300))
    assert build.run(None, silent)
    assert (build.rows_done, build.vectors, len(counting.texts)) == (600, 600, 600)
    build.verify()


@pytest.mark.usefixtures("vectors")
def test_a_table_of_which_nothing_may_be_indexed(counting: NotingEmbedder, tmp_path: Path) -> None:
    path = table(tmp_path / "t.parquet", 20, 5)
    closed = effective({"goods": ["PII.Sensitive"], "email": ["PII.Sensitive"]}, [SENSITIVE])
    build = IndexBuild(Version(id=uuid4(), rows=20), path, closed, {})
    assert build.run(None, silent)
    assert (build.rows_done, build.vectors, counting.texts) == (20, 0, [])
    build.verify()


def kill_server() -> None:
    """As a crash does: nothing is flushed, the address stays where it is."""
    os.kill(json.loads(address_file().read_text())["pid"], signal.SIGKILL)


def test_a_build_goes_on_after_the_server_was_killed(
    counting: NotingEmbedder, own_server: ExitStack, tmp_path: Path
) -> None:
    version, path = Version(id=uuid4(), rows=1_300), table(tmp_path / "t.parquet", 1_300, 1_300)
    build = build_of(version, path)

    def kill_after_the_first(rows: int) -> None:
        if rows == BATCH_ROWS:
            kill_server()

    with pytest.raises(VectorServerUnavailable):
        build.run(None, kill_after_the_first)
    assert build.rows_done == BATCH_ROWS
    own_server.close()
    own_server.enter_context(vector_server.running())
    again = build_of(version, path, build.cursor())
    assert again.run(None, silent)
    again.verify()
    assert again.vectors == 1_300
    assert len(counting.texts) - len(set(counting.texts)) <= BATCH_ROWS


def test_a_build_begins_anew_where_the_server_lost_what_it_had(
    counting: NotingEmbedder, own_server: ExitStack, settings: LazySettings, tmp_path: Path
) -> None:
    version, path = Version(id=uuid4(), rows=1_300), table(tmp_path / "t.parquet", 1_300, 40)
    build = build_of(version, path)
    assert not build.run(0, silent)
    own_server.close()
    shutil.rmtree(Path(settings.DATA_DIR) / "chroma" / "data")
    own_server.enter_context(vector_server.running())
    again = build_of(version, path, build.cursor())
    assert again.run(None, silent)
    again.verify()
    assert (again.rows_done, again.vectors) == (1_300, 40)


def test_an_index_that_does_not_add_up_is_refused_and_dropped(
    counting: NotingEmbedder, vectors: VectorClient, tmp_path: Path
) -> None:
    version, path = Version(id=uuid4(), rows=20), table(tmp_path / "t.parquet", 20, 5)
    build = build_of(version, path)
    assert build.run(None, silent)
    vectors.upsert(build.collection, [99], counting.model.embed(["stray"]))
    with pytest.raises(IndexMismatch, match="held 6 vectors instead of 5"):
        build.verify()
    assert build.collection not in vectors.names()
    again = build_of(version, path)
    assert again.run(None, silent)
    again.verify()


def test_every_build_of_a_version_is_discarded(
    counting: NotingEmbedder, vectors: VectorClient, tmp_path: Path
) -> None:
    version, other = Version(id=uuid4(), rows=20), Version(id=uuid4(), rows=20)
    path = table(tmp_path / "t.parquet", 20, 5)
    kept = build_of(other, path)
    builds = [build_of(version, path), IndexBuild(version, path, effective({"goods": []}, []), {})]
    for build in [kept, *builds]:
        build.run(None, silent)
    indexing.discard_builds(version)
    names = vectors.names()
    assert kept.collection in names
    assert not {build.collection for build in builds} & set(names)
