"""A language model that tests program, found by the settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from tests.language_model_double import LanguageModelDouble


@pytest.fixture
def double(settings: LazySettings) -> Iterator[LanguageModelDouble]:
    """Configured for this test; each has a port, and so a breaker, of its own."""
    with LanguageModelDouble(key="a-key-of-ours") as running:
        settings.LLM_BASE_URL, settings.LLM_MODEL = running.url, running.model
        settings.LLM_API_KEY, settings.LLM_TIMEOUT = running.key, 3
        yield running
