"""The file of words: what it may hold, when it is made, and when it goes."""

import os
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import User

from datasets import storage
from datasets.ingestion.receiving.uploads import Wish
from datasets.ingestion.upkeep.erasure import remove_stored
from datasets.leftovers import remove_leftovers
from datasets.models import Version
from datasets.tables.table import ROW
from governance.policies import Access, IndexTreatment, Rule, effective
from governance.redacting.redaction import KINDS
from governance.rights.access import access_of
from promptiq.exact import TooSlow
from promptiq.exact.plans import Uncomputable
from promptiq.index import postings
from promptiq.index.lexical import search, terms_of
from tests.ingested import ingest

SENSITIVE = Rule("PII.Sensitive", IndexTreatment.MASK, masked=True, retain_days=None, note="")


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    columns = {
        ROW: [1, 2, 3],
        "goods": ["oak table", "oak bench", "ash box"],
        "email": ["anna@post.example", "bert@post.example", "cleo@post.example"],
        "note": [
            "from dora@post.example by rail",
            "card 4111 1111 1111 1111",
            "Kärtchen von emil@post.example",
        ],
        "paid_by": [4111111111111111, 12, None],
    }
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table(columns), path)
    return path


@pytest.fixture
def version(parquet: Path, monkeypatch: pytest.MonkeyPatch) -> Version:
    monkeypatch.setattr(storage, "local_parquet", lambda _: parquet)
    return Version(parquet_sha256="a" * 64)


def access(*masked: str) -> Access:
    names = ("goods", "email", "note", "paid_by")
    return effective({name: ["PII.Sensitive"] if name in masked else [] for name in names}, [SENSITIVE])


def found(path: Path, question: str) -> list[int]:
    return [match.row for match in search(path, ["goods", "note", "paid_by"], terms_of(question), 8)]


def test_only_what_every_reader_may_see_is_listed(version: Version) -> None:
    """No masked column, and nothing personal inside the cells of open ones."""
    path = postings.ready(version, access("email"), 60)
    held = path.read_bytes()
    for kept_back in (b"anna", b"dora", b"emil", b"example", b"4111"):
        assert kept_back not in held
    assert b"bench" in held
    assert b"kartchen" in held
    for guess in ("anna@post.example", "dora", "4111 1111 1111 1111", "4111111111111111"):
        assert found(path, guess) == []
    assert found(path, "sent by rail") == [1]
    assert found(path, "12") == [2]


def test_what_a_column_is_known_to_hold_for_all_to_see_is_listed(version: Version) -> None:
    shop = effective({"email": ["DataKind.Email"], "note": []}, [SENSITIVE])
    path = postings.ready(version, shop, 60)
    assert found(path, "anna@post.example")[:1] == [1]
    assert found(path, "dora") == []


def test_other_policies_are_another_file_and_the_former_goes(version: Version) -> None:
    open_to_all, closed = access(), access("email", "note")
    former = postings.ready(version, open_to_all, 60)
    postings.prepare(version, closed, lambda _: None)
    assert not former.exists()
    path = postings.path_of(version, closed)
    assert (found(path, "rail"), found(path, "bench")) == ([], [2])
    postings.discard(version)
    assert not path.exists()


def test_it_is_made_in_the_background_where_it_takes_too_long(version: Version) -> None:
    with patch.object(postings, "BATCH_ROWS", 1):
        with pytest.raises(TooSlow):
            postings.ready(version, access(), 0.0)
        assert found(postings.ready(version, access(), 60), "ash") == [3]


def test_a_damaged_file_is_made_again(version: Version) -> None:
    path = postings.ready(version, access(), 60)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(Uncomputable):
        found(path, "oak")
    assert sorted(found(postings.ready(version, access(), 60), "oak")) == [1, 2]


def test_nothing_is_left_of_a_file_that_could_not_be_made(version: Version, parquet: Path) -> None:
    def stop(_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        postings.prepare(version, access(), stop)
    parquet.write_bytes(b"no Parquet")
    with pytest.raises(Uncomputable):
        postings.ready(version, access(), 60)
    assert list(storage.cache_folder().iterdir()) == []


def test_rows_without_any_text_are_left_out_of_the_words(tmp_path: Path) -> None:
    parquet = tmp_path / "gaps.parquet"
    table = {ROW: [1, 2, 3, 4], "goods": ["oak table", None, None, "ash box"], "code": [7, 8, None, 9]}
    pq.write_table(pa.table(table), parquet)
    path = tmp_path / "gaps.words"
    postings.make(parquet, {"goods": frozenset(), "code": frozenset()}, path)
    rows = postings.read(path, ["oak", "box", postings.value_of(8)])
    assert {word: list(numbers) for word, numbers in rows.rows.items()} == {
        "oak": [1], "box": [4], postings.value_of(8): [2],
    }  # fmt: skip
    assert list(rows.sizes[1:]) == [9, 0, 0, 7]


def test_parts_of_any_size_are_one_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = tmp_path / "long.parquet"
    notes = [f"oak number {row % 70} " + "and so on " * (row % 9) for row in range(300)]
    pq.write_table(pa.table({ROW: list(range(1, 301)), "note": notes}), parquet)
    postings.make(parquet, {"note": KINDS}, tmp_path / "whole.words")
    monkeypatch.setattr(postings, "BATCH_ROWS", 64)
    monkeypatch.setattr(postings, "BATCH_BYTES", 500)
    postings.make(parquet, {"note": KINDS}, tmp_path / "parts.words")
    for terms in (["oak"], ["oak", "17"], ["and", "69"]):
        whole, parts = (
            search(tmp_path / f"{name}.words", ["note"], terms, 300) for name in ("whole", "parts")
        )
        assert len(whole) >= 1
        assert whole == parts


@pytest.mark.django_db
@pytest.mark.usefixtures("embedder", "vectors")
def test_it_comes_with_the_index_and_goes_with_the_version(owner: User) -> None:
    first = ingest(owner, b"goods\n" + b"anvil\nbellows\n" * 10).version
    path = postings.path_of(first, access_of(first))
    assert path.exists()
    other = path.with_name(path.name.replace(first.pk.hex, "0" * 32))
    other.write_bytes(b"of a version that was deleted from another machine")
    for each in (path, other):
        os.utime(each, (0, 0))
    assert remove_leftovers() == 1
    assert path.exists()
    second = ingest(owner, b"goods\n" + b"chisel\nplane\n" * 10, wish=Wish(on_conflict="new_version")).version
    assert [each.name.partition(".")[0] for each in storage.cache_folder().iterdir()] == [second.pk.hex]
    remove_stored(second)
    assert list(storage.cache_folder().iterdir()) == []
