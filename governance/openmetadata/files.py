"""Raw files as containers in their bucket, and the lineage from file to table and from file to next file."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings

from governance.catalog.contract import CatalogFile, CatalogRefused
from governance.catalog.names import catalog_name, qualified
from governance.openmetadata import bodies
from governance.openmetadata.connection import Connection
from governance.openmetadata.services import Places


class Files:
    """A file is known by its key in the bucket. Every method raises CatalogUnavailable or CatalogRefused."""

    def __init__(self, connection: Connection, places: Places) -> None:
        self._connection = connection
        self._places = places

    def register(self, file: CatalogFile) -> None:
        """Two requests: the file, and its edge to the table; two more where there is a file before it."""
        service = settings.OPENMETADATA_STORAGE_SERVICE
        name = container_name(file.key)
        body = bodies.file(name, file.display_name, file.size, service, self._places.bucket())
        made = self._connection.put("/containers", body).body
        self._link(("container", made["id"]), ("table", file.table_id))
        if file.before and (before := self._find(file.before)):
            self._link(("container", before["id"]), ("container", made["id"]))

    def retire(self, key: str) -> None:
        """The file goes for good, and its lineage with it."""
        if found := self._find(key):
            try:
                self._connection.delete(f"/containers/{found['id']}?hardDelete=true")
            except CatalogRefused as refused:
                if refused.answered != 404:
                    raise

    def _find(self, key: str) -> Any:
        fqn = qualified(settings.OPENMETADATA_STORAGE_SERVICE, settings.RAW_BUCKET, container_name(key))
        return self._connection.find(f"/containers/name/{quote(fqn, safe='')}")

    def _link(self, source: tuple[str, str], target: tuple[str, str]) -> None:
        self._connection.put("/lineage", bodies.lineage(source, target))


def container_name(key: str) -> str:
    """The key as a name; without slashes, which some servers do not take in addresses, even encoded."""
    return catalog_name(key.replace("/", "_"))
