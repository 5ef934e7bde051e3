"""Texts as vectors: the packaged model, a class of one's own, a server."""

import json
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from django.conf import LazySettings

from promptiq.index.embeddings import (
    MAX_CHARACTERS,
    Embedder,
    EmbeddingUnavailable,
    Vectors,
    get_embedder,
    helper,
)


def test_the_packaged_model_needs_no_network_and_gives_unit_vectors(embedder: Embedder) -> None:
    vectors = embedder.embed(["a brass lamp", "a lamp made of brass", "tax return", "a brass lamp"])
    assert (embedder.name, vectors.shape, vectors.dtype) == ("all-MiniLM-L6-v2", (4, 384), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert (vectors[0] == vectors[3]).all()
    assert vectors[0] @ vectors[1] > 0.8 > vectors[0] @ vectors[2]
    assert embedder.dimensions == 384


def test_the_order_is_that_of_the_texts(embedder: Embedder) -> None:
    texts = ["short", "a good deal longer than the one before it", "mid length text", "short", ""]
    together = embedder.embed(texts)
    for text, vector in zip(texts, together, strict=True):
        assert embedder.embed([text])[0] == pytest.approx(vector, abs=1e-5)
    assert embedder.embed([]).shape[0] == 0


def test_texts_beyond_the_models_limit_are_cut(embedder: Embedder) -> None:
    long = "word " * 2_000
    assert embedder.embed([long, long[:MAX_CHARACTERS]]).shape == (2, 384)


def test_it_is_loaded_once(embedder: Embedder) -> None:
    assert get_embedder() is embedder


@pytest.mark.slow
@pytest.mark.parametrize("model", ["no.such.Embedder", "/no/such/folder", "no-such-model"])
def test_a_model_that_is_not_there_is_an_error_that_says_what_to_do(
    model: str, settings: LazySettings
) -> None:
    settings.EMBEDDING_MODEL = model
    with pytest.raises(EmbeddingUnavailable, match=f"EMBEDDING_MODEL names {model}"):
        get_embedder()


class Letters:
    """Counts letters: a class of a site's own."""

    name, dimensions = "letters", 2

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.array([[text.count("a"), 1] for text in texts], np.float32)


def test_a_class_of_ones_own(settings: LazySettings) -> None:
    settings.EMBEDDING_MODEL = "tests.promptiq.index.test_embeddings.Letters"
    assert get_embedder().embed(["banana"])[0][0] == 3


class OpenAIServer(BaseHTTPRequestHandler):
    """POST /v1/embeddings as the protocol has it; answers in an order of its own, as it may."""

    bodies: list[dict[str, Any]] = []
    broken: str = ""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.bodies.append(body)
        data = [
            {"index": i, "embedding": [float(len(text)), 0.0, 2.0]} for i, text in enumerate(body["input"])
        ]
        answers = {
            "": (200, {"data": data[::-1]}), "error": (500, {}), "shape": (200, {"vectors": []}),
            "path": (404, {}),
        }  # fmt: skip
        status, answer = answers[self.broken if self.path == "/v1/embeddings" else "path"]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: object) -> None:
        """No chatter."""


@pytest.fixture
def server(settings: LazySettings) -> Iterator[type[OpenAIServer]]:
    OpenAIServer.bodies, OpenAIServer.broken = [], ""
    with ThreadingHTTPServer(("127.0.0.1", 0), OpenAIServer) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        settings.EMBEDDING_URL = f"http://127.0.0.1:{running.server_port}/v1"
        settings.EMBEDDING_MODEL = "some-model"
        yield OpenAIServer
        running.shutdown()


def test_a_server_is_asked_in_parts_and_answers_in_order(server: type[OpenAIServer]) -> None:
    embedder = get_embedder()
    vectors = embedder.embed(["x" * length for length in range(1, 301)])
    assert (embedder.name, embedder.dimensions, vectors.shape) == ("some-model", 3, (300, 3))
    assert [len(body["input"]) for body in server.bodies] == [1, 256, 44]
    assert {body["model"] for body in server.bodies} == {"some-model"}
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)
    assert (np.diff(vectors[:, 0] / vectors[:, 2]) > 0).all()
    assert embedder.embed([]).shape == (0, 3)


@pytest.mark.parametrize("broken", ["error", "shape"])
def test_a_server_that_answers_otherwise_is_an_error_without_the_texts(
    broken: str, server: type[OpenAIServer]
) -> None:
    embedder = get_embedder()
    server.broken = broken
    with pytest.raises(EmbeddingUnavailable, match="EMBEDDING_URL did not answer as expected") as error:
        embedder.embed(["maria.lopez@post.example"])
    assert "maria" not in str(error.value)


def test_a_server_that_is_away_is_an_error(settings: LazySettings) -> None:
    settings.EMBEDDING_URL = "http://127.0.0.1:9/v1"
    with pytest.raises(EmbeddingUnavailable, match="Check that it runs"):
        get_embedder()


class Late:
    """Takes its time, and counts how often it is asked."""

    name, dimensions = "late", 2
    asked = 0
    released = threading.Event()

    def embed(self, texts: Sequence[str]) -> Vectors:
        Late.asked += 1
        self.released.wait(10)
        return np.ones((len(texts), 2), np.float32)


def test_what_only_helps_is_not_waited_for_twice(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMBEDDING_MODEL = f"{__name__}.Late"
    monkeypatch.setattr("promptiq.index.embeddings.SOON", 0.1)
    for _ in range(3):
        with pytest.raises(EmbeddingUnavailable, match="late"):
            helper().embed(["a"])
    Late.released.set()
    assert Late.asked == 1


class Broken:
    """Fails as no class should."""

    name, dimensions = "broken", 2

    def embed(self, texts: Sequence[str]) -> Vectors:
        raise RuntimeError("values: " + ", ".join(texts))


def test_what_only_helps_may_fail_in_any_way(settings: LazySettings) -> None:
    settings.EMBEDDING_MODEL = f"{__name__}.Broken"
    with pytest.raises(EmbeddingUnavailable, match="RuntimeError") as failed:
        helper().embed(["a secret"])
    assert "secret" not in str(failed.value)
