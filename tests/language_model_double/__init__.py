"""A server that speaks the chat-completions protocol over HTTP and answers as a test tells it to."""

from tests.language_model_double.double import LanguageModelDouble
from tests.language_model_double.replies import (
    Drip,
    Endless,
    Error,
    HangUp,
    Raw,
    Redirect,
    Reply,
    Say,
    Sleep,
)

__all__ = [
    "Drip",
    "Endless",
    "Error",
    "HangUp",
    "LanguageModelDouble",
    "Raw",
    "Redirect",
    "Reply",
    "Say",
    "Sleep",
]
