"""Raw files as containers in their bucket, and lineage from file to table and from file to next file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from urllib.parse import quote

from django.conf import settings

from governance.catalog.contract import CatalogFile, CatalogRefused
from governance.catalog.names import catalog_name, qualified, quoted
from governance.openmetadata import bodies
from governance.openmetadata.assets import Assets, not_stored
from governance.openmetadata.connection import Connection
from governance.openmetadata.patching import Excludes, Found, Operation, carried, columns_of, tagging
from governance.openmetadata.services import Places

# A lineage edge: kinds and ids of both ends, and columns by full name, (of the source, of the target).
Columns = frozenset[tuple[str, str]]
Edge = tuple[tuple[str, str], tuple[str, str], Columns]


class Files:
    """A file is identified by its key in the bucket. Every method raises CatalogUnavailable or
    CatalogRefused.
    """

    def __init__(self, connection: Connection, places: Places, excludes: Excludes) -> None:
        self._connection = connection
        self._places = places
        self._excludes = excludes
        self._assets = Assets(connection, "containers", "dataModel")

    def register(self, file: CatalogFile) -> None:
        """A new file takes PUT and GET, then PUT and GET of its edge to the table; two more requests with a
        previous file.

        A known file is read first. Its owner stays, and tags that we set there are removed if its columns no
        longer have them.
        """
        found = self._stored(file)
        edges = [self._edge_to_table(file, found)]
        if file.before and (before := self._find(file.before)):
            edges.append(self._edge_from(before, file, found))
        for source, target, columns in edges:
            self._connection.put("/lineage", bodies.lineage(source, target, sorted(columns)))
        if not self._linked(found, edges):
            raise not_stored(self._connection)

    def retire(self, key: str) -> None:
        """Delete the file and its lineage permanently."""
        if found := self._find(key):
            self._assets.remove(found["id"])

    def _find(self, key: str) -> Found | None:
        return self._assets.find(self._path(key))

    def _path(self, key: str) -> str:
        names = (settings.OPENMETADATA_STORAGE_SERVICE, settings.RAW_BUCKET, container_name(key))
        return self._assets.by_name(qualified(*names))

    # --- The file -----------------------------------------------------------------------------------------

    def _stored(self, file: CatalogFile) -> Found:
        """The file, as it was read back."""
        found = None if file.is_new else self._find(file.key)
        refusal: Exception = not_stored(self._connection)
        try:
            if found is None:
                self._put(file, file.owner)
            elif _names(found) != {column.name for column in file.columns}:
                self._put(_untagged(file), None)
        except CatalogRefused as refused:
            if refused.answered != 400 or not file.is_new:
                raise
            # Left by a job that ended halfway, with tags that exclude these. They are removed below.
            refusal = refused
        changed = self._assets.change(self._path(file.key), partial(self._lacking, file))
        if changed is None or _names(changed.after) != {column.name for column in file.columns}:
            raise refusal
        return changed.after

    def _put(self, file: CatalogFile, owner: str | None) -> None:
        service, name = settings.OPENMETADATA_STORAGE_SERVICE, container_name(file.key)
        bucket, owned = self._places.bucket(), self._places.owned_by(owner)
        self._connection.put("/containers", bodies.file(name, file, service, bucket, owned))

    def _lacking(self, file: CatalogFile, found: Found) -> list[Operation]:
        operations = tagging(found, carried(file, found, self._excludes))
        if file.size is None and found.get("size") is not None:
            operations.append({"op": "remove", "path": "/size"})
        return operations

    # --- Its lineage --------------------------------------------------------------------------------------

    def _edge_to_table(self, file: CatalogFile, found: Found) -> Edge:
        fqn = found["fullyQualifiedName"]
        pairs = [
            (f"{fqn}.{quoted(column)}", f"{file.table_fqn}.{quoted(name)}")
            for column, name in file.became.items()
        ]
        return ("container", found["id"]), ("table", file.table_id), self._told(pairs)

    def _edge_from(self, before: Found, file: CatalogFile, found: Found) -> Edge:
        known, one, two = _names(before), before["fullyQualifiedName"], found["fullyQualifiedName"]
        pairs = [
            (f"{one}.{quoted(name)}", f"{two}.{quoted(column)}")
            for column, name in file.came_from.items()
            if name in known
        ]
        return ("container", before["id"]), ("container", found["id"]), self._told(pairs)

    def _told(self, pairs: Collection[tuple[str, str]]) -> Columns:
        """The lineage's columns. None for older servers: they accept columns only between two tables."""
        return frozenset(pairs if self._connection.is_as_1_12() else ())

    def _linked(self, found: Found, edges: Collection[Edge]) -> bool:
        """Whether the server has these edges with these columns."""
        path = f"/lineage/container/name/{quote(found['fullyQualifiedName'], safe='')}"
        around = self._connection.get(f"{path}?upstreamDepth=1&downstreamDepth=1")
        held = {
            (edge["fromEntity"], edge["toEntity"]): _columns_in(edge)
            for edge in [*around["upstreamEdges"], *around["downstreamEdges"]]
        }
        return all((one, two) in held and columns <= held[one, two] for (_, one), (_, two), columns in edges)


def container_name(key: str) -> str:
    """The key as a name. Without slashes, which some servers do not accept in addresses, even encoded."""
    return catalog_name(key.replace("/", "_"))


def _names(found: Found) -> set[str]:
    return {column["name"] for column in columns_of(found)[1]}


def _untagged(file: CatalogFile) -> CatalogFile:
    """A patch adds its tags, after removing those that they exclude."""
    columns = tuple(replace(column, tags=(), confirmed=()) for column in file.columns)
    return replace(file, tags=(), confirmed=(), columns=columns)


def _columns_in(edge: Found) -> Columns:
    told = (edge.get("lineageDetails") or {}).get("columnsLineage") or []
    return frozenset((source, each["toColumn"]) for each in told for source in each["fromColumns"])
