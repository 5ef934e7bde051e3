"""Addresses of the catalog's own pages."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings


def page_of(fqn: str) -> str:
    """Address of the table's page in the catalog; "" where the catalog has no pages."""
    if not (settings.OPENMETADATA_HOST and fqn):
        return ""
    pages = settings.OPENMETADATA_PUBLIC_URL or settings.OPENMETADATA_HOST.rstrip("/").removesuffix("/api")
    return f"{pages.rstrip('/')}/table/{quote(fqn, safe='')}"
