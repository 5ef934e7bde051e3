"""What a log line says of an exception."""

from __future__ import annotations

import logging
import sys

from omdplatform.base.logs import ValueFreeFormatter

SECRET = "anna@example.org"


def fail() -> None:
    try:
        int(SECRET)
    except ValueError as error:
        raise RuntimeError(f"row 3: {SECRET}") from error


def test_types_and_places_without_values() -> None:
    try:
        fail()
    except RuntimeError:
        record = logging.LogRecord("datasets", logging.ERROR, __file__, 1, "job failed", (), sys.exc_info())
    line = ValueFreeFormatter().format(record)
    assert SECRET not in line
    assert "RuntimeError at" in line
    assert "ValueError at" in line
    assert line.startswith("job failed")
    assert "test_logs.py" in line
    assert " fail" in line


def test_a_cause_that_was_hidden_stays_hidden() -> None:
    try:
        try:
            int(SECRET)
        except ValueError:
            raise RuntimeError from None
    except RuntimeError:
        record = logging.LogRecord("datasets", logging.ERROR, __file__, 1, "job failed", (), sys.exc_info())
    assert "ValueError" not in ValueFreeFormatter().format(record)
