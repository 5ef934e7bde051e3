"""Which pages may open sockets, and what every page tells the browser."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from omdplatform.base.web.origins import _scheme, is_permitted


@pytest.mark.parametrize(
    ("origin", "host", "permitted"),  # asked by https
    [
        ("https://data.example", "data.example", True),
        ("https://data.example:8443", "data.example:8443", True),
        ("https://partner.example", "data.example", True),
        ("https://evil.example", "data.example", False),
        ("https://data.example.evil.example", "data.example", False),
        ("https://evil.example", "evil.example", False),
        ("null", "data.example", False),
        ("http://data.example", "data.example", False),
        ("https://[", "data.example", False),
        ("https://data.example@evil.example", "data.example", False),
        ("https://data.example:1", "data.example", False),
    ],
)
def test_origins(settings: LazySettings, origin: str, host: str, permitted: bool) -> None:
    settings.ALLOWED_HOSTS = ["data.example", "*"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://partner.example"]
    assert is_permitted(origin, "https", host) is permitted


@pytest.mark.parametrize(
    ("scheme", "header", "told", "expected"),
    [
        ("ws", None, "https", "http"),
        ("wss", None, "", "https"),
        ("ws", ("HTTP_X_FORWARDED_PROTO", "https"), "https", "https"),
        ("ws", ("HTTP_X_FORWARDED_PROTO", "https"), "http", "http"),
        ("ws", ("HTTP_X_FORWARDED_PROTO", "https"), "", "http"),
    ],
)
def test_the_scheme_is_the_proxys_where_it_is_believed(
    settings: LazySettings, scheme: str, header: tuple[str, str] | None, told: str, expected: str
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = header
    assert _scheme({"scheme": scheme}, {b"x-forwarded-proto": told}) == expected


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
