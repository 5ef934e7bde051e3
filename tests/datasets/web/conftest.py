"""An ingested dataset, and somebody to whom it is shared without its personal values."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from datasets.models import Dataset
from governance.models import Grant
from promptiq.index.embeddings import Embedder
from promptiq.vector_client import VectorClient
from tests.ingested import ROWS, ingest, orders_csv


@pytest.fixture
def orders(owner: User, vectors: VectorClient, embedder: Embedder) -> Dataset:
    """ROWS orders, ingested by the pipeline."""
    return ingest(owner, orders_csv(ROWS)).dataset


@pytest.fixture
def viewer(orders: Dataset, colleague: User) -> User:
    Grant.objects.create(dataset=orders, user=colleague, view_pii=False, granted_by=orders.owner)
    return colleague
