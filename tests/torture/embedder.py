"""An embedding that costs nothing: how often each letter comes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from promptiq.index.embeddings import Vectors


class Letters:
    name, dimensions = "letters", 26

    def embed(self, texts: Sequence[str]) -> Vectors:
        counts = np.ones((len(texts), self.dimensions), np.float32)
        for place, text in enumerate(texts):
            for letter in text.lower():
                if "a" <= letter <= "z":
                    counts[place, ord(letter) - ord("a")] += 1
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), np.float32)
