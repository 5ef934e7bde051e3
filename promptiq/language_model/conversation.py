"""All requests to the language model for one question, within one time budget."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.conf import settings

from promptiq.language_model.client import Failed, LanguageModel, Message, Slow
from promptiq.language_model.json_text import object_in

log = logging.getLogger(__name__)

# With fewer seconds left, no second call is made.
LEAST = 0.5


class Conversation:
    """All calls for one question, which together take `seconds` at most. Nothing here raises: an error is
    logged without question and answer, and the result is None.

    `asked`: whether anything was sent.
    """

    def __init__(self, model: LanguageModel, seconds: float) -> None:
        self.asked = False
        self._model = model
        self._seconds = self._left = seconds

    @property
    def name(self) -> str:
        return self._model.name

    def answer(self, messages: Sequence[Message]) -> dict[str, Any] | None:
        """The JSON object in the model's answer. None if it is unavailable, too slow, or gives none.

        After a failure the server is not called for a while: the result is None at once.
        """
        if self._left < LEAST or not self._model.breaker.admits():
            return None
        self.asked = True
        start = time.monotonic()
        try:
            text = self._model.complete(messages, self._left)
        except Failed as failure:
            self._failed(failure)
            return None
        finally:
            self._left -= time.monotonic() - start
        self._model.breaker.succeeded()
        found = object_in(text)
        if found is None:
            log.info("The language model answered without a JSON object.")
        return found

    def _failed(self, failure: Failed) -> None:
        if isinstance(failure, Slow) and self._left < self._seconds:
            # An earlier call used up the time, which does not mean that the server is unavailable.
            log.info("The language model was too slow for a second call: %s", failure)
            self._model.breaker.succeeded()
            return
        self._model.breaker.failed()
        log.warning("The language model at LLM_BASE_URL is not called for a while: %s", failure)


def begin() -> Conversation | None:
    """For one question. None if no language model is configured."""
    model = language_model()
    return Conversation(model, settings.LLM_TIMEOUT) if model else None


def language_model() -> LanguageModel | None:
    """The model of this process. None if none is configured."""
    if not (settings.LLM_BASE_URL and settings.LLM_MODEL):
        return None
    return _language_model(settings.LLM_BASE_URL, settings.LLM_MODEL, settings.LLM_API_KEY)


@cache
def _language_model(url: str, name: str, key: str) -> LanguageModel:
    return LanguageModel(url, name, key)
