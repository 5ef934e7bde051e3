"""Chooses the catalog: our own tables, or OpenMetadata if OPENMETADATA_HOST is set."""

from __future__ import annotations

from threading import Thread

from django.conf import settings

from governance.catalog.contract import Catalog


def get_catalog() -> Catalog:
    """OpenMetadata if OPENMETADATA_HOST is set, else our own tables."""
    if settings.OPENMETADATA_HOST:
        from governance.om_client import OMClient

        return OMClient.shared()
    from governance.catalog.local import LocalCatalog

    return LocalCatalog()


def warm_up() -> Thread | None:
    """Load in the background what the catalog's client needs. None if it needs nothing."""
    if not settings.OPENMETADATA_HOST:
        return None
    from governance.openmetadata import sdk

    return sdk.warm_up()
