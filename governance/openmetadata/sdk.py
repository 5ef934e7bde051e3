"""The SDK's clients, with one attempt per request. Importing the SDK takes 5 to 15 seconds, so it is done
when needed.
"""

from __future__ import annotations

import logging
import threading
import warnings
from importlib import import_module
from typing import Any

log = logging.getLogger(__name__)

# Imported here and in governance.openmetadata.bodies.
MODULES = (
    "metadata.ingestion.ometa.ometa_api",
    *(
        f"metadata.generated.schema.api.{name}"
        for name in (
            "classification.createClassification",
            "classification.createTag",
            "data.createContainer",
            "data.createDatabase",
            "data.createDatabaseSchema",
            "data.createTable",
            "data.createTableProfile",
            "lineage.addLineage",
            "services.createDatabaseService",
            "services.createStorageService",
            "teams.createUser",
        )
    ),
)
# The caller decides about retries: a job waits, a page uses what is known.
ONE_ATTEMPT: dict[str, Any] = {"retry": 0, "retry_codes": [], "limit_codes": []}
# A warning from an SDK model that we never use.
warnings.filterwarnings("ignore", message='Field name "schema" in "PostgresStoredProcedure"')


_importing = threading.Lock()


def _imported() -> None:
    """Import everything in one thread: with two, the SDK's circular imports make one of them fail."""
    with _importing:
        for module in MODULES:
            import_module(module)


def signed_in(host: str, token: str) -> Any:
    """The SDK's REST client (metadata.ingestion.ometa.client.REST) with a token. Sends nothing yet."""
    _imported()
    from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
        OpenMetadataConnection,
    )
    from metadata.ingestion.ometa.ometa_api import OpenMetadata

    connection = OpenMetadataConnection.model_validate(
        {
            "hostPort": host,
            "authProvider": "openmetadata",
            "securityConfig": {"jwtToken": token},
            # We compare versions ourselves: the SDK's error does not name our setting.
            "enableVersionValidation": False,
        }
    )
    api: Any = OpenMetadata(connection, additional_client_config_arguments=ONE_ATTEMPT)
    return _without_retries(api.client)


def unsigned(host: str) -> Any:
    """The SDK's REST client without a token."""
    _imported()
    from metadata.ingestion.ometa.client import REST, ClientConfig

    return _without_retries(REST(ClientConfig(base_url=host, **ONE_ATTEMPT)))


def no_answer() -> type[Exception]:
    """What the clients raise without an answer. Its `cause` is an error of requests."""
    _imported()
    from metadata.ingestion.ometa.client import RestTransportError

    error: type[Exception] = RestTransportError
    return error


def version() -> str:
    """The SDK's version, such as "2.0.6.0"."""
    _imported()
    from metadata.__version__ import get_client_version

    return str(get_client_version())


def warm_up() -> threading.Thread:
    """Import everything in the background, so that the first page or job does not wait for it."""
    thread = threading.Thread(target=_import_quietly, name="sdk-warm-up", daemon=True)
    thread.start()
    return thread


def _import_quietly() -> None:
    try:
        _imported()
    except Exception as error:
        log.error("The OpenMetadata SDK could not be imported: %s", type(error).__name__)


def _without_retries(client: Any) -> Any:
    """The client without the attempts that its transport adds: they would double every timeout."""
    from metadata.ingestion.ometa.http_adapter import KeepAliveRetryAdapter

    for scheme in ("http://", "https://"):
        client._session.mount(scheme, KeepAliveRetryAdapter(max_retries=0))
    return client
