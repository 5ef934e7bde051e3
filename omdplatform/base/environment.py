"""Typed settings from the environment. An invalid value raises an error that names the variable."""

from __future__ import annotations

import os
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured


def text(name: str) -> str:
    """The variable's text, stripped; "" if it is missing."""
    return os.environ.get(name, "").strip()


def flag(name: str, *, default: bool) -> bool:
    """1/true/yes/on or 0/false/no/off, in any case."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} takes 1 or 0, true or false, yes or no, on or off.")


def number(name: str, *, default: int) -> int:
    """A whole number, 0 or more."""
    value = text(name)
    if not value:
        return default
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} takes a whole number, 0 or more.")
    return int(value)


def items(name: str, *, default: Sequence[str] = ()) -> list[str]:
    """A comma-separated list, without blanks."""
    value = text(name)
    return [item.strip() for item in value.split(",") if item.strip()] if value else list(default)
