"""Which pages may open sockets, and what every page tells the browser."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from omdplatform.base.origins import is_permitted


@pytest.mark.parametrize(
    ("origin", "host", "permitted"),
    [
        ("https://data.example", "data.example", True),
        ("https://data.example:8443", "data.example:8443", True),
        ("https://partner.example", "data.example", True),
        ("https://evil.example", "data.example", False),
        ("https://data.example.evil.example", "data.example", False),
        ("https://evil.example", "evil.example", False),
        ("null", "data.example", False),
        ("https://data.example:1", "data.example", False),
    ],
)
def test_origins(settings: LazySettings, origin: str, host: str, permitted: bool) -> None:
    settings.ALLOWED_HOSTS = ["data.example", "*"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://partner.example"]
    assert is_permitted(origin, host) is permitted


@pytest.mark.django_db
def test_pages_let_nothing_else_in() -> None:
    response = Client().get("/accounts/login/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.parametrize(
    ("origin", "answered"), [("http://localhost:3000", True), ("http://localhost:3001", False)]
)
def test_programs_in_browsers_come_from_named_origins(origin: str, answered: bool, db: None) -> None:
    response = Client().options(
        "/api/v1/ask", headers={"origin": origin, "access-control-request-method": "POST"}
    )
    assert (response.headers.get("Access-Control-Allow-Origin") == origin) is answered
