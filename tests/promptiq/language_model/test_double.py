"""The double speaks the protocol: what it takes, what it answers, what it refuses and how."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.language_model_double import Error, LanguageModelDouble, Say

MESSAGES = [{"role": "system", "content": "Answer in JSON."}, {"role": "user", "content": "Two words"}]


@pytest.fixture
def server() -> Iterator[LanguageModelDouble]:
    with LanguageModelDouble(key="secret") as running:
        yield running


def post(server: LanguageModelDouble, key: str = "secret", **body: Any) -> httpx.Response:
    return httpx.post(f"{server.url}/chat/completions", json=body, headers={"Authorization": f"Bearer {key}"})


def test_a_completion_has_the_documented_shape(server: LanguageModelDouble) -> None:
    server.reply = Say({"some": "thing"})
    response = post(server, model="double-1", messages=MESSAGES, temperature=0, max_tokens=10)
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == {"id", "object", "created", "model", "choices", "usage"}
    assert (body["object"], body["model"]) == ("chat.completion", "double-1")
    assert body["id"].startswith("chatcmpl-")
    (choice,) = body["choices"]
    assert (choice["index"], choice["finish_reason"]) == (0, "stop")
    assert choice["message"] == {"role": "assistant", "content": '{"some": "thing"}', "refusal": None}
    assert body["usage"] == {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}


def test_it_answers_by_the_request_where_it_is_told_to(server: LanguageModelDouble) -> None:
    server.reply = lambda body: Say(body["messages"][-1]["content"].upper())
    content = post(server, model="double-1", messages=MESSAGES).json()["choices"][0]["message"]["content"]
    assert content == "TWO WORDS"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": MESSAGES}, "model"),
        ({"model": "double-1"}, "messages"),
        ({"model": "double-1", "messages": []}, "messages"),
        ({"model": "double-1", "messages": [{"role": "boss", "content": ""}]}, "messages[0].role"),
        ({"model": "double-1", "messages": [{"role": "user", "content": 1}]}, "messages[0].content"),
        ({"model": "double-1", "messages": MESSAGES, "temperature": 3}, "temperature"),
        ({"model": "double-1", "messages": MESSAGES, "max_tokens": "many"}, "max_tokens"),
        (
            {"model": "double-1", "messages": MESSAGES, "response_format": {"type": "xml"}},
            "response_format.type",
        ),
        (
            {"model": "double-1", "messages": MESSAGES[1:], "response_format": {"type": "json_object"}},
            "messages",
        ),
    ],
)
def test_requests_of_another_shape_are_refused(
    server: LanguageModelDouble, body: dict[str, Any], param: str
) -> None:
    response = post(server, **body)
    error = response.json()["error"]
    assert response.status_code == 400
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, None)


def test_keys_models_and_paths(server: LanguageModelDouble) -> None:
    assert post(server, key="other", model="double-1", messages=MESSAGES).status_code == 401
    unknown = post(server, model="other", messages=MESSAGES)
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")
    assert httpx.post(f"{server.url}/completions", json={}).status_code == 404
    listed = httpx.get(f"{server.url}/models", headers={"Authorization": "Bearer secret"}).json()
    assert (listed["object"], [each["id"] for each in listed["data"]]) == ("list", ["double-1"])
    assert httpx.get(f"{server.url}/models").status_code == 401


@pytest.mark.parametrize(
    ("status", "kind"), [(429, "requests"), (500, "server_error"), (503, "server_error")]
)
def test_errors_have_the_documented_shape(server: LanguageModelDouble, status: int, kind: str) -> None:
    server.reply = Error(status)
    response = post(server, model="double-1", messages=MESSAGES)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}
    assert response.json()["error"]["type"] == kind


def test_it_keeps_what_came(server: LanguageModelDouble) -> None:
    post(server, model="double-1", messages=MESSAGES)
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.headers["authorization"] == "Bearer secret"
    assert request.body["messages"] == MESSAGES


def test_a_server_that_does_not_know_formats(server: LanguageModelDouble) -> None:
    server.knows_formats = False
    refused = post(server, model="double-1", messages=MESSAGES, response_format={"type": "json_object"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "response_format")
    assert post(server, model="double-1", messages=MESSAGES).status_code == 200
