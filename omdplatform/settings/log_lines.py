"""The log: its form and its level."""

from __future__ import annotations

from typing import Any

from omdplatform.base.environment import text

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "omdplatform.base.logs.ValueFreeFormatter",
            "format": "{asctime} {levelname} {name} {context}{message}",
            "style": "{",
        },
        "json": {"()": "omdplatform.base.logs.JsonFormatter"},
    },
    # LOG_FORMAT: "json" for one object per line; absent: lines for people.
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": text("LOG_FORMAT") or "line"}},
    "root": {"handlers": ["console"], "level": text("LOG_LEVEL") or "INFO"},
    "loggers": {
        # Libraries that log too much, or quote request bodies.
        "httpx": {"level": "WARNING"},
        "metadata": {"level": "ERROR"},
        "sentence_transformers": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "django-q": {"level": "WARNING"},
        # Django's own handler would also write tracebacks, including texts.
        "django": {"handlers": [], "propagate": True},
    },
}
