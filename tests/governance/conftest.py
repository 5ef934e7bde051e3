"""An OpenMetadata server double in its three profiles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from governance.om_client import OMClient
from tests.governance.openmetadata_calls import people
from tests.openmetadata_double import Double, running


@pytest.fixture(params=["1.1", "1.12", "2.0"])
def double(
    request: pytest.FixtureRequest, settings: LazySettings, keys: None, made_keys: Path
) -> Iterator[Double]:
    """A server that has our key pair and is the catalog in settings; in its three profiles."""
    public_key = (made_keys / "catalog" / "public_key.der").read_bytes()
    with running(profile=request.param, public_key_der=public_key) as server:
        settings.OPENMETADATA_HOST = server.url
        settings.OPENMETADATA_VERSION_CHECK = False
        yield server


@pytest.fixture
def client(double: Double) -> OMClient:
    """A client that knows the server already: service, schema, owner and these tags are made."""
    client = OMClient.shared()
    entry = client.register(people("PII.Sensitive", "DataKind.Email", "DataKind.Username", name="before"))
    # And whether the server stores a patch that names the version it was made for.
    client.apply_column_tags(entry.id, {"city": ["PII.Sensitive"]})
    double.forget()
    return client
