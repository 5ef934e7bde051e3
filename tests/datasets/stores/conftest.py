"""A platform with one dataset, and a vector server that holds nothing of other tests."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from datasets.models import Job
from promptiq.index.embeddings import Embedder
from promptiq.vector_client import VectorClient
from tests.ingested import ingest


@pytest.fixture(autouse=True)
def emptied(vectors: VectorClient) -> None:
    for name in vectors.names():
        vectors.drop(name)


@pytest.fixture
def job(owner: User, embedder: Embedder, emptied: None) -> Job:
    return ingest(owner)
