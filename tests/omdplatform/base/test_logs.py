"""What a log line says of an exception."""

from __future__ import annotations

import json
import logging
import sys

from django.http import HttpRequest, HttpResponse

from omdplatform.base.logs import JsonFormatter, ValueFreeFormatter, job_id, request_id
from omdplatform.base.web.middleware import RequestId

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


def test_lines_name_their_request_and_job() -> None:
    record = logging.LogRecord("datasets", logging.INFO, __file__, 1, "read %d rows", (3,), None)
    told = job_id.set("j-1")
    request_id.set("")
    try:
        line = ValueFreeFormatter("{levelname} {context}{message}", style="{").format(record)
        assert line == "INFO [job j-1] read 3 rows"
        parsed = json.loads(JsonFormatter().format(record))
        assert parsed["at"]
        assert parsed | {"at": ""} == {
            "at": "", "level": "INFO", "logger": "datasets", "message": "read 3 rows", "job": "j-1",
        }  # fmt: skip
    finally:
        job_id.reset(told)


def test_json_lines_quote_no_value_either() -> None:
    try:
        fail()
    except RuntimeError:
        record = logging.LogRecord("datasets", logging.ERROR, __file__, 1, "job failed", (), sys.exc_info())
    line = JsonFormatter().format(record)
    assert SECRET not in line
    assert "RuntimeError at" in json.loads(line)["error"]


def test_a_request_keeps_the_id_that_a_proxy_gave_it_if_it_is_one() -> None:
    answered = RequestId(lambda request: HttpResponse())
    request = HttpRequest()
    request.META["HTTP_X_REQUEST_ID"] = "abc-1"
    assert answered(request).headers["X-Request-ID"] == "abc-1"
    request = HttpRequest()
    request.META["HTTP_X_REQUEST_ID"] = "two words\nand a line"
    assert len(answered(request).headers["X-Request-ID"]) == 32
    request_id.set("")
