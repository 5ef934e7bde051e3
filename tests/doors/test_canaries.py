"""Values that nothing else says, in datasets of many personal kinds: nowhere but where they belong."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.apps import apps
from django.conf import LazySettings
from django.contrib.auth.models import User

from datasets.ingestion import pipeline
from datasets.models import Dataset, Job
from governance.models import Grant
from governance.rights.access import access_of
from tests.doors.addresses import doors
from tests.doors.readers import body_of, client_of
from tests.governance.columns import PERSONAL, Case
from tests.ingested import ingest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("vectors", "keys")]

# `make doors` makes fifty.
DATASETS, ROWS = int(os.environ.get("CANARY_DATASETS", "5")), 12
# Kinds whose values are long and many, so that nothing else says them by chance.
TELLING = {
    "PERSON", "EMAIL", "PHONE", "ADDRESS", "CREDIT_CARD", "IBAN", "US_SSN", "NATIONAL_ID", "IP_ADDRESS",
    "PASSWORD", "DRIVER_LICENSE", "DATE_OF_BIRTH", "URL", "USERNAME",
}  # fmt: skip
SHORTEST = 9
FULL_NAMES = [
    "Solveig Brandvold",
    "Ingrid Larsen",
    "Magnus Berg",
    "Henrik Olsen",
    "Astrid Johansen",
    "Lars Hansen",
]
# Where values lie in the database: profiles, which are masked for each reader. Nowhere else.
VALUES_LIE_IN = {("versioncolumn", "profile")}
_EMBEDDED: list[str] = []


class Letters:
    """A quick embedding that notes what it is given: what the index knows."""

    name, dimensions = "letters of a test", 26

    def embed(self, texts: Sequence[str]) -> Any:
        _EMBEDDED.extend(texts)
        return np.array([[text.lower().count(chr(97 + n)) + 0.01 for n in range(26)] for text in texts])


def table(case: Case, seed: int) -> tuple[bytes, set[str]]:
    """A file with one personal column, and the canaries in it."""
    header, make, _ = case
    dice = random.Random(seed)
    values = [make(dice) for _ in range(ROWS)]
    cells = [f'"{value}"' if "," in value else value for value in values]
    lines = [f"{header},item,pieces", *(f"{cell},lamp {n % 4},{n}" for n, cell in enumerate(cells))]
    return "\n".join(lines).encode() + b"\n", {value for value in values if len(value) >= SHORTEST}


def telling_cases() -> list[Case]:
    """One after the other, each kind of column with its own values, until there are enough."""
    cases = [case for case in PERSONAL if TELLING & set(case[2]) and table(case, 0)[1]]
    return [cases[n % len(cases)] for n in range(DATASETS + 20)]


def test_no_canary_is_seen_outside_of_its_file(
    owner: User, colleague: User, settings: LazySettings, tmp_path: Path, vector_folder: Path,
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    caplog.set_level(0)
    settings.EMBEDDING_MODEL = f"{__name__}.Letters"
    _EMBEDDED.clear()
    canaries: set[str] = set()
    open_values: set[str] = set()
    datasets: list[Dataset] = []
    for seed, case in enumerate(telling_cases()):
        if len(datasets) == DATASETS:
            break
        content, values = table(case, seed)
        job = ingest(owner, content, f"table{seed}.csv")
        assert job.state == "succeeded", job.error
        version = job.dataset.current_version
        assert version is not None
        # What a recogniser should mask is measured elsewhere; here, whether what is masked stays so.
        if case[0] in access_of(version).masked_columns():
            datasets.append(job.dataset)
            canaries |= values
            Grant.objects.create(dataset=job.dataset, user=colleague, view_pii=False, granted_by=owner)
        else:
            open_values |= values
    # Streets of a table about nobody are called by surnames of another one.
    canaries = {canary for canary in canaries if not any(canary in value for value in open_values)}
    assert len(datasets) == DATASETS
    assert len(canaries) > 5 * DATASETS
    # One without a header: its first row is no name of anything.
    headless = "".join(f"{value},lamp {place}\n" for place, value in enumerate(FULL_NAMES))
    assert ingest(owner, headless.encode(), "headless.csv").state == "succeeded"
    canaries |= set(FULL_NAMES)
    # A step that fails with a value in its error, too.
    content, values = table(PERSONAL[20], 999)
    canaries |= values

    def broken(*arguments: Any) -> Any:
        raise RuntimeError(f"cannot take {values}")

    monkeypatch.setattr(pipeline, "classify_columns", broken)
    assert ingest(owner, content, "broken.csv").state == "failed"

    def found(text: str) -> list[str]:
        return sorted(canary for canary in canaries if canary in text)

    leaked = [f"{what}: {found(text)[:3]}" for what, text in seen_by(colleague, datasets) if found(text)]
    leaked += [f"{what}: {found(text)[:3]}" for what, text in kept(tmp_path, vector_folder) if found(text)]
    leaked += [f"log: {found(caplog.text)[:3]}"] if found(caplog.text) else []
    leaked += [f"index: {found(text)}" for text in _EMBEDDED if found(text)]
    assert "\n".join(leaked) == ""
    # The looking finds what there is to see.
    assert _EMBEDDED
    assert any(found(text) for _, text in seen_by(owner, datasets[:1]))


def seen_by(user: User, datasets: Sequence[Dataset]) -> Iterator[tuple[str, str]]:
    """(address, headers and body) of everything about each dataset, and of answers about some."""
    client = client_of(user)
    addresses = [door for door in doors() if {"dataset_id", "job_id"} & set(door.places)]
    for dataset in datasets:
        places = {"dataset_id": dataset.pk, "number": 1, "job_id": dataset.jobs.all()[0].pk}
        for door in addresses:
            if "GET" in door.methods() and set(door.places) <= set(places):
                response = client.get(door.filled(places))
                yield door.route, f"{dict(response.items())}\n{body_of(response)}"
    for dataset in datasets[::10]:
        for question in ("show all rows", "what is the first one", "how many pieces by item"):
            asked = {"question": question, "dataset": str(dataset.pk)}
            yield question, body_of(client.post("/api/v1/ask", asked, content_type="application/json"))


def kept(folder: Path, vector_folder: Path) -> Iterator[tuple[str, str]]:
    """(place, text): rows of every table, and every file but those that hold the data."""
    for model in apps.get_models():
        left_out = {name for table, name in VALUES_LIE_IN if table == model._meta.model_name}
        names = [field.attname for field in model._meta.concrete_fields if field.name not in left_out]
        for row in model._base_manager.values_list(*names):
            yield f"table {model._meta.label}", str(row)
    holding = {folder / "files" / name for name in ("quarantine", "raw", "parquet")}
    for place in (folder, vector_folder):
        for path in place.rglob("*"):
            if path.is_file() and not holding & set(path.parents):
                yield f"file {path.relative_to(place)}", path.read_bytes().decode("utf-8", "replace")
    assert Job.objects.count() > DATASETS
