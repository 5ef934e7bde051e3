"""Makes the static model of rows from the packaged model: `python -m bench.retrieval.making`.

Each token goes once through the model, and frequent tokens weigh less, as Arora, Liang and Ma have it in
"A Simple but Tough-to-Beat Baseline for Sentence Embeddings" (2017); a vocabulary in order of frequency has
those of Zipf's law. Then the tokens' vectors are fitted, by ridge regression, so that their weighted sum
comes near to what the model makes of a sentence: those of the docstrings of the installed packages. Last,
principal components keep most of what tells tokens apart. It takes some minutes and 3 GB of memory.
"""

from __future__ import annotations

import ast
import random
import re
import struct
import sysconfig
from collections.abc import Iterator
from json import dumps
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix, diags

from bench.setting_up import say
from promptiq.index.packaged import static_rows
from promptiq.index.packaged.minilm import MiniLM

DIMENSIONS = 256
# What a token's frequency is weighed against; the paper's figures are 1e-3 and 1e-4.
RARE = 1e-4
SENTENCES = 16_000
# How much the fit keeps to the tokens' own vectors.
RIDGE = 0.3

Floats = np.ndarray[Any, np.dtype[np.float32]]


def make() -> None:
    model = MiniLM()
    count = model.tokenizer.get_vocab_size()
    begin, end = model.tokenizer.encode("").ids
    own = model.embed_tokens([[begin, token, end] for token in range(count)])
    own -= own.mean(axis=0)
    frequency = 1 / (np.arange(1, count + 1) * np.log(count))
    weights = (RARE / (RARE + frequency)).astype(np.float32)
    texts = sentences()
    say(f"{count:,} tokens are read; {len(texts):,} sentences follow.")
    fitted = fit(model, texts, own, weights)
    _, directions = np.linalg.eigh(fitted.T @ fitted)
    to_rows = directions[:, : -DIMENSIONS - 1 : -1]
    tokens = (fitted @ to_rows * weights[:, None]).astype(np.float16)
    write(static_rows.FILE, {static_rows.TOKENS: tokens, static_rows.QUESTIONS: to_rows.astype(np.float16)})
    say(f"Written to {static_rows.FILE}.")


def fit(model: MiniLM, texts: list[str], own: Floats, weights: Floats) -> Floats:
    """tokens × 384, near `own`: their weighted sums over the texts point to where the model puts these."""
    encoded = [each.ids for each in model.tokenizer.encode_batch(texts, add_special_tokens=False)]
    columns = np.concatenate([np.array(ids) for ids in encoded])
    rows = np.repeat(np.arange(len(encoded)), [len(ids) for ids in encoded])
    sums = csr_matrix((weights[columns], (rows, columns)), shape=(len(encoded), len(own)))
    sums = diags(1 / np.linalg.norm(sums @ own, axis=1)) @ sums
    missing = model.embed(texts) - sums @ own
    kernel = (sums @ sums.T).toarray().astype(np.float32)
    kernel[np.diag_indices_from(kernel)] += RIDGE
    fitted: Floats = own + sums.T @ cho_solve(cho_factor(kernel, lower=True, overwrite_a=True), missing)
    return fitted


def sentences() -> list[str]:
    paths = sorted(Path(sysconfig.get_path("purelib")).rglob("*.py"))
    dice = random.Random(1)
    dice.shuffle(paths)
    found: dict[str, None] = {}
    for path in paths:
        found.update(dict.fromkeys(sentences_of(path)))
        if len(found) >= 5 * SENTENCES:
            break
    return dice.sample(sorted(found), SENTENCES)


def sentences_of(path: Path) -> Iterator[str]:
    """Sentences of a module's docstrings with four words or more, and without signs of code."""
    try:
        tree = ast.parse(path.read_text())
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            for part in re.split(r"(?<=[.!?])\s+|\n\s*\n", ast.get_docstring(node) or ""):
                text = " ".join(part.split())
                is_prose = len(re.findall(r"[A-Za-z]{3,}", text)) >= 4 and not re.search(r"[{}<>|=_`]", text)
                if 20 < len(text) < 160 and is_prose:
                    yield text


def write(path: Path, tensors: dict[str, np.ndarray[Any, np.dtype[np.float16]]]) -> None:
    """In the format of safetensors, with no date in it."""
    header, begin = {}, 0
    for name, values in tensors.items():
        end = begin + values.nbytes
        header[name] = {"dtype": "F16", "shape": list(values.shape), "data_offsets": [begin, end]}
        begin = end
    told = dumps(header).encode()
    told += b" " * (-len(told) % 8)
    path.write_bytes(
        struct.pack("<Q", len(told)) + told + b"".join(each.tobytes() for each in tensors.values())
    )


if __name__ == "__main__":
    make()
