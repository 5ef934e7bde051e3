"""The chat-completions protocol: which requests are well formed, and how completions and errors look."""

from __future__ import annotations

import itertools
import time
from typing import Any

ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_NUMBERS = {"temperature": (0, 2), "top_p": (0, 1), "max_tokens": (1, 1e9), "max_completion_tokens": (1, 1e9)}
_TYPES = {
    400: "invalid_request_error", 401: "invalid_request_error", 404: "invalid_request_error",
    422: "invalid_request_error", 429: "requests", 500: "server_error", 503: "server_error",
}  # fmt: skip
_CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
_MESSAGES = {
    401: "Incorrect API key provided.",
    404: "The model does not exist or you do not have access to it.",
    429: "Rate limit reached. Please try again later.",
    500: "The server had an error while processing your request.",
    503: "The engine is currently overloaded, please try again later.",
}
_numbers = itertools.count(1)


def complaint(body: Any) -> tuple[str, str] | None:
    """What is wrong with a request, as message and parameter; None where nothing is."""
    if not isinstance(body, dict):
        return "We could not parse the JSON body of your request.", ""
    if not isinstance(body.get("model"), str) or not body["model"]:
        return "you must provide a model parameter", "model"
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return "Invalid 'messages': empty array. Expected an array with minimum length 1.", "messages"
    for place, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            return f"Invalid value for 'messages[{place}].role'.", f"messages[{place}].role"
        if not isinstance(message.get("content"), str):
            return f"Invalid type for 'messages[{place}].content'.", f"messages[{place}].content"
    for name, (least, most) in _NUMBERS.items():
        if name in body and (isinstance(body[name], bool) or not isinstance(body[name], int | float)):
            return f"Invalid type for '{name}'.", name
        if name in body and not least <= body[name] <= most:
            return f"Invalid '{name}': out of range.", name
    return _format_complaint(body, messages)


def _format_complaint(body: dict[str, Any], messages: list[dict[str, Any]]) -> tuple[str, str] | None:
    wanted = body.get("response_format")
    if wanted is None:
        return None
    if not isinstance(wanted, dict) or wanted.get("type") not in {"text", "json_object", "json_schema"}:
        return "Invalid value for 'response_format.type'.", "response_format.type"
    if wanted["type"] == "json_object" and not any("json" in each["content"].lower() for each in messages):
        return "'messages' must contain the word 'json' in some form.", "messages"
    return None


def completion(body: dict[str, Any], content: str) -> dict[str, Any]:
    asked = sum(len(message["content"].split()) for message in body["messages"])
    said = len(content.split())
    return {
        "id": f"chatcmpl-{next(_numbers):08d}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said},
    }


def error(status: int, message: str = "", param: str | None = None) -> dict[str, Any]:
    return {
        "error": {
            "message": message or _MESSAGES.get(status, "The request failed."),
            "type": _TYPES.get(status, "server_error"),
            "param": param or None,
            "code": _CODES.get(status),
        }
    }


def models(names: list[str]) -> dict[str, Any]:
    data = [{"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "double"} for name in names]
    return {"object": "list", "data": data}
