"""What people corrected before a file was kept, through the whole pipeline and into the next version."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import User

from datasets import storage
from datasets.ingestion.receiving.partial_uploads import hold_file, keep
from datasets.ingestion.receiving.uploads import Wish
from datasets.models import Dataset, Job, Version
from datasets.previews.corrections import Corrections
from governance.rights.access import access_of, tags_of
from promptiq.index.embeddings import Embedder
from promptiq.vector_client import VectorClient
from tests.ingested import ingest, said, work_off

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = "site;when;height\n" + "".join(f"Oak {n};0{n + 1}/02/2024;1,{n}00\n" for n in range(5))
NEXT = "when;Site;height;note\n" + "".join(f"0{n + 1}/03/2024;Elm {n};2,{n}00;new\n" for n in range(4))
SAID = {
    "dialect": {"decimal": ",", "date_order": "dmy", "names": {"height": "Height in m"}},
    "descriptions": {"height": "Measured by hand."},
    "tags": {"site": {"PII.Sensitive": True}},
}


def kept(owner: User, content: str, said: dict[str, Any], wish: Wish | None = None) -> Job:
    wish = wish or Wish()
    upload = hold_file(owner, "trees.csv", BytesIO(content.encode()), wish)
    job = keep(upload, wish, Corrections.from_json(said))
    work_off(job)
    assert job.state == "succeeded", job.error
    return job


def rows_of(version: Version) -> list[dict[str, Any]]:
    return pq.read_table(storage.local_parquet(version)).to_pylist()  # type: ignore[no-any-return]


@pytest.fixture
def trees(owner: User, embedder: Embedder, vectors: VectorClient) -> Dataset:
    return kept(owner, FIRST, SAID).dataset


def test_corrections_hold(trees: Dataset, owner: User) -> None:
    version = trees.current_version
    assert version is not None
    assert list(version.columns.values_list("name", "type")) == [
        ("site", "STRING"), ("when", "DATE"), ("Height in m", "FLOAT"),
    ]  # fmt: skip
    assert trees.columns.get(name="Height in m").description == "Measured by hand."
    assert "PII.Sensitive" in tags_of(version)["site"]
    assert access_of(version).get("site").masked
    decision = trees.columns.get(name="site").decisions.get(source="person", tag__name="Sensitive")
    assert (decision.actor, decision.state) == (owner, "confirmed")


def test_the_next_version_is_read_as_the_last_was_corrected(trees: Dataset, owner: User) -> None:
    job = ingest(owner, NEXT.encode(), "trees.csv", Wish(on_conflict="new_version"))
    assert job.state == "succeeded", job.error
    assert list(job.version.columns.values_list("name", "type")) == [
        ("when", "DATE"), ("Site", "STRING"), ("Height in m", "FLOAT"), ("note", "STRING"),
    ]  # fmt: skip
    assert job.version.columns.get(name="Site").column == trees.columns.get(key="site")
    assert "PII.Sensitive" in tags_of(job.version)["Site"]
    # And the one after that, too.
    assert job.version.corrections == {"dialect": SAID["dialect"]}


def test_corrections_that_do_not_fit_are_left(trees: Dataset, owner: User) -> None:
    kept(owner, NEXT, {"dialect": {"delimiter": ";", "skip_lines": 0}}, Wish(on_conflict="new_version"))
    commas = "site,when,height\nOak,2024-05-01,1.5\nElm,2024-05-02,2.5\n"
    job = ingest(owner, commas.encode(), "trees.csv", Wish(on_conflict="new_version"))
    assert job.state == "succeeded", job.error
    assert list(job.version.columns.values_list("type", flat=True)) == ["STRING", "DATE", "FLOAT"]
    assert any("does not fit" in text for text in said(job))
    assert job.version.corrections == {}


def test_the_same_bytes_lead_to_the_version_unless_they_are_read_otherwise(
    trees: Dataset, owner: User
) -> None:
    upload = hold_file(owner, "trees.csv", BytesIO(FIRST.encode()), Wish())
    same = keep(upload, Wish(on_conflict="new_version"), Corrections.from_json(SAID))
    assert same.version == trees.current_version
    other = kept(owner, FIRST, {"dialect": {"decimal": "."}}, Wish(on_conflict="new_version"))
    assert other.version.number == 2


def test_rows_are_put_behind(trees: Dataset, owner: User) -> None:
    job = ingest(owner, NEXT.encode(), "trees.csv", Wish(on_conflict="append"))
    assert job.state == "succeeded", job.error
    version = job.version
    assert (version.rows, version.base) == (9, trees.versions.get(number=1))
    assert [item.name for item in version.columns.order_by("position")] == [
        "site", "when", "Height in m", "note",
    ]  # fmt: skip
    rows = rows_of(version)
    assert [row["_row"] for row in rows] == list(range(1, 10))
    assert [row["site"] for row in rows] == [f"Oak {n}" for n in range(5)] + [f"Elm {n}" for n in range(4)]
    assert [row["note"] for row in rows] == [None] * 5 + ["new"] * 4
    assert "4 rows of this file were put behind the 5 that were there." in version.notes
    # The same file again adds nothing.
    again = ingest_again(owner, NEXT)
    assert again.version == version


def ingest_again(owner: User, content: str) -> Job:
    from tests.ingested import receive_orders

    return receive_orders(owner, content.encode(), "trees.csv", Wish(on_conflict="append"))


def test_a_type_that_does_not_go_together_becomes_text(trees: Dataset, owner: User) -> None:
    more = "site;when;height\nAsh;01/04/2024;tall\nYew;02/04/2024;small\n"
    job = ingest(owner, more.encode(), "trees.csv", Wish(on_conflict="append"))
    assert job.state == "succeeded", job.error
    assert job.version.columns.get(name="Height in m").type == "STRING"
    assert [row["Height in m"] for row in rows_of(job.version)][-3:] == ["1,400", "tall", "small"]
    assert any("kept as text" in note for note in job.version.notes)


def test_a_file_of_other_columns_is_not_put_behind(trees: Dataset, owner: User) -> None:
    job = ingest(owner, b"colour,price\nred,1\nblue,2\n", "trees.csv", Wish(on_conflict="append"))
    assert (job.state, job.error_code) == ("failed", "other-columns")
    trees.refresh_from_db()
    assert trees.current_version is not None
    assert trees.current_version.number == 1
