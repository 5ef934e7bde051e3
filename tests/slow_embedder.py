"""An embedding that takes its time over a question: for pages that tell what is being done meanwhile."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from promptiq.index.embeddings import PackagedEmbedder, Vectors

# Texts with this word take so long (seconds).
SLOWLY, SECONDS = "slowly", 4.0


class SlowEmbedder:
    """The packaged model, which waits where a text asks for it."""

    def __init__(self) -> None:
        self._model = PackagedEmbedder()
        self.name, self.dimensions = "slow-test-model", self._model.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        if any(SLOWLY in text for text in texts):
            time.sleep(SECONDS)
        return np.asarray(self._model.embed(texts), np.float32)
