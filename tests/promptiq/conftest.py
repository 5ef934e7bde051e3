"""A table of people whose salaries are masked, and somebody from whom they are."""

from __future__ import annotations

import numpy as np
import pytest
from django.contrib.auth.models import User

from datasets.models import Dataset
from governance.models import Grant
from promptiq.index.embeddings import Embedder
from promptiq.vector_client import VectorClient
from tests.ingested import ingest_with_salaries


@pytest.fixture(autouse=True)
def same_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise drawn from a fixed seed: with real noise, one table in a hundred gets no figure at all."""
    generator = np.random.default_rng(17)
    monkeypatch.setattr("promptiq.protection.mechanism.laplace", lambda scale: generator.laplace(scale=scale))


@pytest.fixture
def staff(
    owner: User, steward: User, vectors: VectorClient, embedder: Embedder, staff_file: bytes
) -> Dataset:
    """The people of `staff_file`, a fixture of the tests that use this one. Emails are found to be personal,
    salaries are tagged by a steward.
    """
    return ingest_with_salaries(owner, steward, staff_file)


@pytest.fixture
def viewer(staff: Dataset, colleague: User, owner: User) -> User:
    """Somebody from whom emails and salaries are masked."""
    Grant.objects.create(dataset=staff, user=colleague, view_pii=False, granted_by=owner)
    return colleague
