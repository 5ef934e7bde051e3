"""Hundreds of random edits on both sides: both agree in the end, and no word of a person is lost."""

from __future__ import annotations

import os

import pytest
from django.contrib.auth.models import User

from datasets.models import Dataset
from governance.sync import registration
from tests.governance.sync.soak import CITY, Soak
from tests.openmetadata_double import Double

pytestmark = pytest.mark.django_db(transaction=True)

# `make soak` asks for more.
EDITS = int(os.environ.get("SOAK_EDITS", "60"))
SEEDS = [int(seed) for seed in os.environ.get("SOAK_SEEDS", "1").split()]


@pytest.mark.parametrize("seed", SEEDS)
def test_both_sides_agree_after_random_edits(
    double: Double, people_table: Dataset, steward: User, seed: int
) -> None:
    version = people_table.current_version
    assert version is not None
    version.columns.filter(name="city").update(nested=CITY)
    entry = registration.register(version)
    version.catalog_id, version.catalog_fqn, version.catalog_version = entry.id, entry.fqn, entry.version
    version.save()
    Soak(double, version, steward, seed).run(EDITS)
