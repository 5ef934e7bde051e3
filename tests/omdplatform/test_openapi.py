"""The API describes itself, without a warning, and shows it without anything from elsewhere."""

from collections.abc import Callable
from pathlib import Path

import yaml
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

Api = Callable[[User | None], APIClient]


def test_the_description_has_no_gaps(tmp_path: Path) -> None:
    file = tmp_path / "schema.yml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))
    schema = yaml.safe_load(file.read_text())
    operations = [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    assert {"/api/v1/datasets/upload", "/api/v1/ask", "/api/v1/uploads/{upload_id}"} <= {*schema["paths"]}
    for path, method, operation in operations:
        assert operation.get("description"), (path, method)
        assert "application/problem+json" in operation["responses"]["default"]["content"], (path, method)
    assert "head" in schema["paths"]["/api/v1/uploads/{upload_id}"]


def test_it_is_served_to_those_who_signed_in(api: Api, owner: User) -> None:
    assert api().get("/api/v1/schema").status_code == 401
    assert api(owner).get("/api/v1/schema").status_code == 200
    assert Client().get("/api/v1/docs")["Location"] == "/accounts/login/?next=/api/v1/docs"


def test_its_page_has_nothing_inline_and_nothing_foreign(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    page = client.get("/api/v1/docs").content.decode()
    assert "<style" not in page
    assert "<script>" not in page
    assert "://" not in page
    script = client.get("/api/v1/docs?script=")
    assert script["Content-Type"] == "application/javascript"
    assert "/api/v1/schema" in script.content.decode()
