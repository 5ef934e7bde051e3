"""Requests that are generated from the API's own description, as each role: none of them ends in a 5xx."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.doors.readers import body_of
from tests.doors.test_matrix import World, made_for
from tests.doors.who_may import ROLES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]

# Of each operation and role. `make doors` sends more.
EXAMPLES = int(os.environ.get("GENERATED_REQUESTS", "1"))
# It ends what signs the role in; parts of files have a type that no generator knows (see test_forgeries).
LEFT_OUT = {"tokens_end", "part_upload_append"}


def send(world: World, case: Any) -> int:
    """The status. What of the case is an id stands for an own, a shared or a foreign object in turn."""
    kinds = ("own", "shared", "foreign")
    places = world.places[kinds[len(json.dumps(case.query or {}, default=str)) % 3]]
    named = {name: str(places[name]) for name in case.path_parameters or {} if name in places}
    address = case.path.format(**{**(case.path_parameters or {}), **named})
    query = urlencode(dict(case.query or {}), doseq=True)
    headers = {f"HTTP_{name.upper().replace('-', '_')}": str(value) for name, value in case.headers.items()}
    media = case.media_type or "application/json"
    body = case.body if isinstance(case.body, bytes) else _encoded(case.body, media)
    with transaction.atomic():
        response = world.client().generic(
            case.method.upper(), f"{address}?{query}" if query else address, body, media, **headers
        )
        body_of(response)
        transaction.set_rollback(True)
    return response.status_code


def _encoded(body: Any, media: str) -> bytes:
    if "json" in media:
        return json.dumps(body, default=str).encode("utf-8", "surrogatepass")
    return str(body).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("role", ROLES)
def test_no_generated_request_ends_in_an_error_of_ours(role: str) -> None:
    world = made_for(role)
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document, default=str)))
    sent = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.definition.raw.get("operationId") in LEFT_OUT:
            continue

        @seed(1)
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def tried(case: Any) -> None:
            nonlocal sent
            sent += 1
            status = send(world, case)
            # 503 says that a part is away, such as the vector server, which these tests have not.
            assert status < 500 or status == 503, f"{role} {case.method} {case.path}: {status}"

        tried()
    assert sent > 40
    print(f"{role}: {sent} requests")
