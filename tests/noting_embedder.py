"""The packaged model, and the texts that it was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from promptiq.index.embeddings import Embedder, Vectors


class NotingEmbedder:
    def __init__(self, model: Embedder) -> None:
        self.model, self.name, self.dimensions = model, model.name, model.dimensions
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return self.model.embed(texts)
