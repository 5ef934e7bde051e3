"""Search in two stages: a static model proposes rows, the full one compares them."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from promptiq.index import embeddings, hybrid
from promptiq.index.embeddings import TWO_STAGES, TwoStageEmbedder, get_embedder, get_row_embedder
from promptiq.sources import sources_of
from tests.ingested import ingest

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = b"goods,email\nsofa,anna@post.example\nfern,ben@post.example\nbrick,cara@post.example\n"


@pytest.fixture(autouse=True)
def two_stages(settings: LazySettings) -> None:
    settings.EMBEDDING_MODEL = TWO_STAGES


@pytest.mark.usefixtures("embedder")
def test_rows_are_by_the_static_model_and_other_texts_by_the_full_one() -> None:
    assert (get_row_embedder().name, get_embedder().name) == (TWO_STAGES, "all-MiniLM-L6-v2")
    assert get_row_embedder().dimensions < get_embedder().dimensions


def test_an_index_of_before_is_searched_by_the_model_that_built_it() -> None:
    assert embeddings.Embedding("all-MiniLM-L6-v2", "", "").load() is get_embedder()


@pytest.mark.usefixtures("vectors", "embedder")
def test_what_is_compared_are_the_texts_of_the_index(owner: User) -> None:
    """No value of a masked column is compared with a question, for nobody."""
    dataset = ingest(owner, TABLE, "goods.csv").dataset
    compare = TwoStageEmbedder.compared
    with patch.object(TwoStageEmbedder, "compared", autospec=True, side_effect=compare) as asked:
        hits = hybrid.nearest("couch", sources_of([dataset], owner), 8).hits
    assert next(hit.row for _, hit in hits) == 1
    assert sorted(asked.call_args.args[1]) == [
        f"goods {goods}, email masked" for goods in ("brick", "fern", "sofa")
    ]


@pytest.mark.usefixtures("vectors", "embedder")
def test_a_row_by_its_code_comes_first_though_the_question_names_the_column(owner: User) -> None:
    lines = "".join(f"{9_000 + number},oak table {number % 7}\n" for number in range(300))
    dataset = ingest(owner, f"order,goods\n{lines}".encode(), "orders.csv").dataset
    (_, hit), *_ = hybrid.nearest("what is in order 9123", sources_of([dataset], owner), 8).hits
    assert hit.row == 124


def test_compared_vectors_are_kept_and_do_not_depend_on_company() -> None:
    embedder = get_row_embedder()
    assert isinstance(embedder, TwoStageEmbedder)
    alone = embedder.compared(["a brass lamp"])
    with patch.object(embeddings, "_comparing_model", side_effect=AssertionError):
        assert (embedder.compared(["a brass lamp", "a brass lamp"]) == alone[[0, 0]]).all()
    embedder._compared.clear()
    together = embedder.compared(["word " * 300, "a brass lamp"])
    np.testing.assert_array_equal(together[1], alone[0])
