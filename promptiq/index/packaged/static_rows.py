"""Rows by the sum of a vector for each token: a hundred times faster than by the model behind these.

The file is in the format of sentence-transformers' StaticEmbedding, with the map beside it that brings the
full model's vectors of questions into the same space. `python -m bench.retrieval.making` makes it. The full
model, all-MiniLM-L6-v2, is under the Apache License 2.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from promptiq.index.packaged.minilm import Floats, packaged_tokenizer, weights_of

FILE = Path(__file__).parent / "static_rows.safetensors"
# Names of tensors: tokens × dimensions, and 384 × dimensions.
TOKENS, QUESTIONS = "embedding.weight", "questions.weight"


class StaticRows:
    """The model in this process, in about 50 MB. Threads may share it."""

    def __init__(self) -> None:
        weights = weights_of(FILE)
        self._tokens = weights[TOKENS].astype(np.float32)
        self._to_rows = weights[QUESTIONS].astype(np.float32)
        self._tokenizer = packaged_tokenizer()
        self.dimensions = self._tokens.shape[1]

    def rows(self, texts: Sequence[str]) -> Floats:
        """texts × dimensions, of unit length; a text without tokens is all zeros."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        sums = np.zeros((len(encoded), self.dimensions), np.float32)
        for row, each in enumerate(encoded):
            self._tokens[each.ids].sum(axis=0, out=sums[row])
        return _unit(sums)

    def questions(self, vectors: Floats) -> Floats:
        """The full model's vectors of questions, as rows are compared with: questions × dimensions."""
        return _unit(vectors @ self._to_rows)


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    made: Floats = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return made
