"""Rows by a static model: a vector for each token, from the packaged model alone, and their weighted sum.

Each token goes once through the model. The tokens' principal components keep most of what tells them apart,
and frequent tokens weigh less, as Arora, Liang and Ma have it in "A Simple but Tough-to-Beat Baseline for
Sentence Embeddings" (2017); a vocabulary in order of frequency has those of Zipf's law. Questions go through
the full model and the same map, as both kinds of vector are in one space.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from promptiq.index.packaged.minilm import MiniLM

DIMENSIONS = 256
# What a token's frequency is weighed against; the paper's figures are 1e-3 and 1e-4.
RARE = 1e-4

Floats = np.ndarray[Any, np.dtype[np.float32]]


class StaticRows:
    """The model takes about 35 s of processor time to make."""

    def __init__(self, model: MiniLM) -> None:
        self._tokenizer = model.tokenizer
        begin, end = self._tokenizer.encode("").ids
        count = self._tokenizer.get_vocab_size()
        tokens = model.embed_tokens([[begin, token, end] for token in range(count)])
        tokens -= tokens.mean(axis=0)
        _, directions = np.linalg.eigh(tokens.T @ tokens)
        self._map = directions[:, : -DIMENSIONS - 1 : -1]
        frequency = 1 / (np.arange(1, count + 1) * np.log(count))
        self._tokens = tokens @ self._map * (RARE / (RARE + frequency))[:, None].astype(np.float32)

    def rows(self, texts: Sequence[str]) -> Floats:
        """texts × DIMENSIONS, of unit length."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return unit(np.stack([self._tokens[each.ids].sum(axis=0) for each in encoded]))

    def questions(self, vectors: Floats) -> Floats:
        """The full model's vectors of questions, as rows are compared with."""
        return unit(vectors @ self._map)


def unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    made: Floats = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return made
