"""The SDK's clients, one attempt a request. Importing the SDK takes 5 to 15 seconds: done when needed."""

from __future__ import annotations

import warnings
from typing import Any

# Whoever calls decides what is tried again: a job waits, a page takes what was known.
ONE_ATTEMPT: dict[str, Any] = {"retry": 0, "retry_codes": [], "limit_codes": []}
# What a model of the SDK that we never use says of itself when it is imported.
warnings.filterwarnings("ignore", message='Field name "schema" in "PostgresStoredProcedure"')


def signed_in(host: str, token: str) -> Any:
    """The SDK's REST client (metadata.ingestion.ometa.client.REST) with a token; it sends nothing yet."""
    from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
        OpenMetadataConnection,
    )
    from metadata.ingestion.ometa.ometa_api import OpenMetadata

    connection = OpenMetadataConnection.model_validate(
        {
            "hostPort": host,
            "authProvider": "openmetadata",
            "securityConfig": {"jwtToken": token},
            # We compare versions ourselves: its own error does not name our setting.
            "enableVersionValidation": False,
        }
    )
    api: Any = OpenMetadata(connection, additional_client_config_arguments=ONE_ATTEMPT)
    return _without_retries(api.client)


def unsigned(host: str) -> Any:
    """The SDK's REST client without a token."""
    from metadata.ingestion.ometa.client import REST, ClientConfig

    return _without_retries(REST(ClientConfig(base_url=host, **ONE_ATTEMPT)))


def no_answer() -> type[Exception]:
    """What the clients raise where no answer came; its `cause` is an error of requests."""
    from metadata.ingestion.ometa.client import RestTransportError

    error: type[Exception] = RestTransportError
    return error


def version() -> str:
    """The SDK's version, such as "2.0.6.0"."""
    from metadata.__version__ import get_client_version

    return str(get_client_version())


def _without_retries(client: Any) -> Any:
    """The client without the attempts that its transport adds: they would double every timeout."""
    from metadata.ingestion.ometa.http_adapter import KeepAliveRetryAdapter

    for scheme in ("http://", "https://"):
        client._session.mount(scheme, KeepAliveRetryAdapter(max_retries=0))
    return client
