"""A language model that tests program, found by the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from tests.language_model_double import LanguageModelDouble
from tests.making import csv_of


@pytest.fixture
def double(settings: LazySettings) -> Iterator[LanguageModelDouble]:
    """Configured for this test; each has a port, and so a breaker, of its own."""
    with LanguageModelDouble(key="a-key-of-ours") as running:
        settings.LLM_BASE_URL, settings.LLM_MODEL = running.url, running.model
        settings.LLM_API_KEY, settings.LLM_TIMEOUT = running.key, 3
        yield running


# --- a table with masked columns

TOWNS = ["Leeds", "York", "Hull"]
SKILLS = ["typing", "welding", "baking", "singing"]


def staff_csv(rows: int = 60) -> bytes:
    """People, their towns and skills in turn, desks 1 to `rows`, salaries that rise by ten from 41,000."""
    people = (
        (f"worker{n}@post.example", TOWNS[n % 3], SKILLS[n % 4], n + 1, 41_000 + 10 * n) for n in range(rows)
    )
    return csv_of("email,town,skill,desk,salary", people)


@pytest.fixture
def staff_file() -> bytes:
    return staff_csv()


def secrets_in(text: str, rows: int = 60) -> list[str]:
    """Masked values that the text holds. Addresses in memory, ports and digits inside identifiers, of which
    a log is full, are no salaries.
    """
    text = re.sub(r"\b0x[0-9a-f]+\b|\bport=\d+|\b127\.0\.0\.1:\d+", "", text)
    found = re.compile(r"worker\d+@post\.example|(?<![0-9a-f])\d{5}(?![0-9a-f])").findall(text)
    values = [value for n in range(rows) for value in (f"worker{n}@post.example", str(41_000 + 10 * n))]
    return [value for value in values if value in found]
