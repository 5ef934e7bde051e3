"""The API's own description (OpenAPI 3), and the page that shows it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.views import SpectacularSwaggerSplitView

from omdplatform.base.web.problems import PROBLEM_TYPE

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string", "description": "about:blank. `code` identifies the problem."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "For people: what is wrong, and what to do."},
        "instance": {"type": "string", "description": "The requested path."},
        "code": {"type": "string", "description": "For programs, such as name-exists."},
        "errors": {
            "type": "array",
            "description": "One entry for each invalid field: pointer for a body, parameter for an address.",
            "items": {
                "type": "object",
                "required": ["detail", "code"],
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                    "code": {"type": "string"},
                },
            },
        },
    },
    "additionalProperties": True,
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "omdplatform.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "omdplatform.authentication.HeaderCheckedSession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The session of the pages. Requests that change something need X-CSRFToken.",
        }


def add_problems(result: dict[str, Any], generator: Any, **kwargs: Any) -> dict[str, Any]:
    """Add the problem document to every operation, as its default response."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = {"description": "What went wrong.", "content": content}
    return result


def add_part_upload_head(result: dict[str, Any], generator: Any, **kwargs: Any) -> dict[str, Any]:
    """Add HEAD of uploads in parts, which has no GET; the generator leaves HEAD out."""
    operations = result["paths"]["/api/v1/uploads/{upload_id}"]
    described = operations["patch"]
    operations["head"] = {
        "operationId": "part_upload_state",
        "description": "Received so far: Upload-Offset of Upload-Length bytes.",
        "parameters": [
            item for item in described["parameters"] if item["name"] in {"Tus-Resumable", "upload_id"}
        ],
        "tags": described["tags"],
        "security": described["security"],
        "responses": {
            "200": {"description": "The answer is in the headers."},
            "default": described["responses"]["default"],
        },
    }
    return result


class DocsView(SpectacularSwaggerSplitView):
    """The page to try the API, without inline scripts or styles."""

    template_name = "api/docs.html"
