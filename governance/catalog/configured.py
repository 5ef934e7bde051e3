"""Which catalog this installation uses: our own tables, or OpenMetadata where OPENMETADATA_HOST is set."""

from __future__ import annotations

from threading import Thread

from django.conf import settings

from governance.catalog.contract import Catalog


def get_catalog() -> Catalog:
    """OpenMetadata where OPENMETADATA_HOST is set, else our own tables."""
    if settings.OPENMETADATA_HOST:
        from governance.om_client import OMClient

        return OMClient.shared()
    from governance.catalog.local import LocalCatalog

    return LocalCatalog()


def warm_up() -> Thread | None:
    """Load in the background what the catalog's client needs; None where it needs nothing."""
    if not settings.OPENMETADATA_HOST:
        return None
    from governance.openmetadata import sdk

    return sdk.warm_up()
