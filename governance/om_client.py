"""OpenMetadata as the catalog: one PUT for a table with all that governs it, one PATCH for later edits.

Requests for a table that is new: 1. For one that is there: GET, PATCH where something goes or is replaced,
PUT. What tables hang on (service, database, schema, owner, tags) is made once and remembered; counts follow
in one request more.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from datasets.models import Version
from governance.catalog.contract import (
    CatalogEntry,
    CatalogFile,
    CatalogMoment,
    CatalogRefused,
    CatalogTable,
    CatalogUnavailable,
    States,
)
from governance.catalog.links import page_of
from governance.catalog.names import qualified
from governance.openmetadata import bodies
from governance.openmetadata.connection import Connection, ServerFailed, ServerSettings
from governance.openmetadata.files import Files
from governance.openmetadata.patching import (
    Difference,
    Fitted,
    Operation,
    before_put,
    describing,
    descriptions_by_column,
    replacing,
    states_by_column,
)
from governance.openmetadata.refusals import naming_the_column
from governance.openmetadata.services import Places
from governance.openmetadata.taxonomy import Taxonomy

log = logging.getLogger(__name__)

Found = dict[str, Any]
CREATED = 201
# How servers say that a table is not any more what a patch was made for: conflict, failed precondition, and
# before they knew of preconditions (1.x), an internal error about a path that is not there.
CHANGED_MEANWHILE = frozenset({409, 412, 500})


class OMClient:
    """See governance.catalog.contract.Catalog and FileCatalog. Safe to use from several threads."""

    def __init__(self, server: ServerSettings) -> None:
        self.connection = Connection(server)
        self.taxonomy = Taxonomy(self.connection)
        self.places = Places(self.connection)
        self.files = Files(self.connection, self.places)
        # Fully qualified names of the tables that this process has registered.
        self._registered: set[str] = set()
        # Whether who changed a table is a bot, by name.
        self._tools: dict[str, bool] = {}

    @classmethod
    def shared(cls) -> OMClient:
        """The one of this process; another where settings have changed."""
        return _client_for(ServerSettings.from_settings(), os.getpid())

    # --- The catalog's methods ----------------------------------------------------------------------------

    def register(self, table: CatalogTable) -> CatalogEntry:
        return self.ingest_dataset_with_all_metadata(table)

    def ingest_dataset_with_all_metadata(self, table: CatalogTable) -> CatalogEntry:
        """The table with all columns, types, descriptions, tags and its owner in one PUT; then its counts.

        On a table that is there, what a tool had tagged and is not wanted any more goes; what a person tagged
        in OpenMetadata stays, and of our tags those are held back that it excludes.
        """
        self._provide_tags(table)
        try:
            entry = self._ingest(table)
        except CatalogRefused as refused:
            if refused.answered != 404:
                raise
            # The server was set up anew and has nothing of what we made there.
            self.taxonomy.forget()
            self.places.forget()
            self._provide_tags(table)
            entry = self._ingest(table)
        self._push_counts(entry, table)
        return entry

    def apply_column_tags(
        self,
        entry_id: str,
        changes: Mapping[str, Collection[str]],
        confirmed: Mapping[str, Collection[str]] | None = None,
    ) -> CatalogEntry:
        """One PATCH after which the named columns carry these tags and no others."""
        self.taxonomy.provide(changes.items())

        def operations(found: Found) -> list[Operation]:
            columns = {column["name"] for column in found["columns"]}
            if missing := sorted(changes.keys() - columns):
                raise CatalogRefused(f"The table has no column {missing[0]}.", 404, missing[0])
            return replacing(found, changes, changes if confirmed is None else confirmed)

        found, version = self._patched(f"/tables/{quote(entry_id, safe='')}", operations)
        if found is None:
            raise CatalogRefused("The catalog has no such table.", 404)
        by_people = changes if confirmed is None else confirmed
        states = states_by_column(found) | {
            name: {
                tag: "confirmed" if tag in by_people.get(name, ()) else "suggested" for tag in sorted(tags)
            }
            for name, tags in changes.items()
        }
        entry = self._entry(found, version, states, descriptions_by_column(found))
        return replace(entry, before=self._found(found))

    def describe(self, entry_id: str, descriptions: Mapping[str, str]) -> CatalogEntry:
        """One PATCH for all of them."""
        found, version = self._patched(
            f"/tables/{quote(entry_id, safe='')}", lambda found: describing(found, descriptions)
        )
        if found is None:
            raise CatalogRefused("The catalog has no such table.", 404)
        held = descriptions_by_column(found)
        told = {name: descriptions.get(name, text) for name, text in held.items()}
        entry = self._entry(found, version, states_by_column(found), told)
        return replace(entry, before=self._found(found))

    def history(self, entry_id: str) -> list[CatalogMoment]:
        """Waits as fetch does."""
        found = self.connection.get(
            f"/tables/{quote(entry_id, safe='')}/versions", settings.OPENMETADATA_FETCH_TIMEOUT
        )
        versions = [json.loads(each) if isinstance(each, str) else each for each in found["versions"]]
        return [self._moment(each) for each in versions if each.get("columns")]

    def fetch(self, entry_id: str) -> CatalogEntry | None:
        """Waits OPENMETADATA_FETCH_TIMEOUT seconds for each answer at most: pages wait for it."""
        seconds = settings.OPENMETADATA_FETCH_TIMEOUT
        found = self.connection.find(self._whole(f"/tables/{quote(entry_id, safe='')}", seconds), seconds)
        return self._found(found) if found else None

    def retire(self, entry_id: str) -> None:
        """The table goes for good: its column names and descriptions are part of what is erased."""
        try:
            self.connection.delete(f"/tables/{quote(entry_id, safe='')}?hardDelete=true")
        except CatalogRefused as refused:
            if refused.answered != 404:
                raise

    def show_sample(self, entry_id: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        sample = {"columns": list(columns), "rows": [list(row) for row in rows]}
        self.connection.put(f"/tables/{quote(entry_id, safe='')}/sampleData", sample)

    # --- Raw files ----------------------------------------------------------------------------------------

    def register_file(self, file: CatalogFile) -> None:
        """The raw file as a container in its bucket, with lineage to its table and from the file before."""
        try:
            self.files.register(file)
        except CatalogRefused as refused:
            if refused.answered != 404:
                raise
            # The bucket that we made there is gone: the server was set up anew.
            self.places.forget()
            self.files.register(file)

    def retire_file(self, key: str) -> None:
        self.files.retire(key)

    # --- Registering --------------------------------------------------------------------------------------

    def _provide_tags(self, table: CatalogTable) -> None:
        self.taxonomy.provide([("", table.tags), *((column.name, column.tags) for column in table.columns)])

    def _ingest(self, table: CatalogTable) -> CatalogEntry:
        schema = self.places.schema(table.schema)
        fqn = qualified(
            settings.OPENMETADATA_SERVICE, settings.OPENMETADATA_DATABASE, table.schema, table.name
        )
        owner = self.places.owner(table.owner) if table.owner else None
        put = partial(self._put, schema=schema, owner=owner)
        entry = (
            self._put_cleared(put, fqn, table)
            if self._was_registered(fqn)
            else self._put_first(put, fqn, table)
        )
        self._registered.add(fqn)
        return entry

    def _was_registered(self, fqn: str) -> bool:
        return fqn in self._registered or Version.objects.filter(catalog_fqn=fqn).exists()

    def _put_first(
        self, put: Callable[[Fitted], tuple[CatalogEntry, bool]], fqn: str, table: CatalogTable
    ) -> CatalogEntry:
        try:
            entry, is_new = put(Fitted(table))
            if is_new:
                return entry
        except CatalogRefused as refused:
            if refused.answered != 400:
                raise
        # It may be there after all, left by a job that ended halfway: with tags that go or exclude ours.
        return self._put_cleared(put, fqn, table)

    def _put_cleared(
        self, put: Callable[[Fitted], tuple[CatalogEntry, bool]], fqn: str, table: CatalogTable
    ) -> CatalogEntry:
        """Sent once what goes or is replaced is out of the way: GET, PATCH and PUT."""

        def compared(found: Found) -> Difference:
            return before_put(found, table, self.taxonomy.excludes)

        found, _ = self._patched(
            f"/tables/name/{quote(fqn, safe='')}", lambda found: compared(found).operations
        )
        if found is None:
            return put(Fitted(table))[0]
        return replace(put(compared(found).fitted)[0], before=self._found(found))

    def _put(self, fitted: Fitted, *, schema: str, owner: str | None) -> tuple[CatalogEntry, bool]:
        """The entry, and whether the table is new."""
        many = self.connection.takes_many_owners()
        try:
            answer = self.connection.put(
                "/tables", bodies.table(fitted.table, schema, owner, many_owners=many)
            )
        except CatalogRefused as refused:
            raise naming_the_column(refused, fitted.table) from None
        entry = self._entry(answer.body, answer.body["version"], fitted.states(), fitted.descriptions())
        return entry, answer.status == CREATED

    def _push_counts(self, entry: CatalogEntry, table: CatalogTable) -> None:
        """Counts are an extra: the table is governed without them."""
        if not table.profile:
            return
        names = [column.name for column in table.columns]
        try:
            self.connection.put(
                f"/tables/{entry.id}/tableProfile", bodies.profile(names, table.profile, timezone.now())
            )
        except (CatalogRefused, CatalogUnavailable) as error:
            log.warning("The counts of %s are not in the catalog: %s", entry.fqn, error)

    # --- Reading and patching -----------------------------------------------------------------------------

    def _patched(
        self, path: str, operations: Callable[[Found], list[Operation]], *, again: bool = True
    ) -> tuple[Found | None, float]:
        """The table as it was before the patch, and its version after. (None, 0.0): there is no such table.

        Where it changed between GET and PATCH both are done once more.
        """
        found: Found | None = self.connection.find(self._whole(path))
        if found is None:
            return None, 0.0
        version: float = found["version"]
        if patch := operations(found):
            try:
                version = self.connection.patch(f"/tables/{found['id']}", patch, version)["version"]
            except (CatalogRefused, ServerFailed) as error:
                if not again or error.answered not in CHANGED_MEANWHILE:
                    raise
                return self._patched(path, operations, again=False)
        return found, version

    def _whole(self, path: str, seconds: float | None = None) -> str:
        """The address of a table with columns, tags and owner."""
        owner = "owners" if self.connection.takes_many_owners(seconds) else "owner"
        return f"{path}?fields=columns,tags,{owner}"

    def _moment(self, found: Found) -> CatalogMoment:
        by = str(found.get("updatedBy") or "")
        return CatalogMoment(
            version=str(found["version"]),
            by=by,
            by_tool=self._is_tool(by),
            at=datetime.fromtimestamp(found["updatedAt"] / 1000, UTC),
            states=states_by_column(found),
            descriptions=descriptions_by_column(found),
        )

    def _is_tool(self, name: str) -> bool:
        """Whether it is a bot's name. Who is not known any more was a person."""
        if name not in self._tools:
            seconds = settings.OPENMETADATA_FETCH_TIMEOUT
            found = self.connection.find(f"/users/name/{quote(name, safe='')}", seconds) if name else None
            self._tools[name] = bool(found and found.get("isBot"))
        return self._tools[name]

    def _found(self, found: Found) -> CatalogEntry:
        """A table as the server tells it."""
        return self._entry(found, found["version"], states_by_column(found), descriptions_by_column(found))

    def _entry(
        self, found: Found, version: float, states: States, descriptions: dict[str, str]
    ) -> CatalogEntry:
        fqn = found["fullyQualifiedName"]
        owners = found.get("owners") or [found.get("owner") or {}]
        return CatalogEntry(
            id=found["id"],
            fqn=fqn,
            version=str(version),
            link=page_of(fqn),
            tags={name: tuple(sorted(tags)) for name, tags in states.items()},
            owner=owners[0].get("name"),
            as_of=timezone.now(),
            states=states,
            descriptions=descriptions,
        )


@lru_cache(maxsize=1)
def _client_for(server: ServerSettings, process: int) -> OMClient:
    """`process`: a forked one must not share its parent's sockets."""
    return OMClient(server)
