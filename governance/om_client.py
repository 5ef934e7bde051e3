"""OpenMetadata as the catalog: one PUT for a table with everything that governs it, patches for later edits.

Whatever is written is read back, and nothing else is believed. Requests for a table that is new: PUT, GET.
For one that is there: GET, PATCH and GET where something goes or is replaced, PUT, GET. What tables hang on
(service, database, schema, owner, tags) is made once and remembered by all processes; figures follow in a
PUT and a GET. A process begins with two: the server's version, and the bot's token.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, TypeVar
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
from governance.openmetadata.assets import Assets, Changed, not_stored
from governance.openmetadata.connection import Connection
from governance.openmetadata.files import Files
from governance.openmetadata.patching import (
    Fitted,
    Found,
    Operation,
    WantedTags,
    changing,
    describing,
    descriptions_by_column,
    expected,
    fitted,
    labels_by_column,
    removals,
    states_by_column,
    tagging,
    terms_of,
)
from governance.openmetadata.refusals import naming_the_column
from governance.openmetadata.server import ServerSettings
from governance.openmetadata.services import Places
from governance.openmetadata.taxonomy import Taxonomy

log = logging.getLogger(__name__)

CREATED = 201
Answer = TypeVar("Answer")


class OMClient:
    """See governance.catalog.contract.Catalog. Safe to use from several threads."""

    is_shared = True

    def __init__(self, server: ServerSettings) -> None:
        self.connection = Connection(server)
        self.taxonomy = Taxonomy(self.connection)
        self.places = Places(self.connection)
        self.files = Files(self.connection, self.places, self.taxonomy.excludes)
        self.tables = Assets(self.connection)
        # Fully qualified names of the tables that this process has registered.
        self._registered: set[str] = set()
        # Whether an editor is a bot, by name.
        self._tools: dict[str, bool] = {}

    @classmethod
    def shared(cls) -> OMClient:
        """The client of this process; a new one after settings change."""
        return _client_for(ServerSettings.from_settings(), os.getpid())

    # --- The catalog's methods ----------------------------------------------------------------------------

    def register(self, table: CatalogTable) -> CatalogEntry:
        return self.ingest_dataset_with_all_metadata(table)

    def ingest_dataset_with_all_metadata(self, table: CatalogTable) -> CatalogEntry:
        """The table with all columns, types, descriptions, tags and its owner in one PUT; then its counts.

        On an existing table, unwanted tags set by a tool are removed. Tags that a person set in OpenMetadata
        stay, and tags of ours that they exclude are not sent.
        """
        entry = self._believing(partial(self._ingest, table))
        self._push_counts(entry, table)
        return entry

    def apply_column_tags(
        self,
        entry_id: str,
        changes: Mapping[str, Collection[str]],
        confirmed: Mapping[str, Collection[str]] | None = None,
        agreed: Mapping[str, Collection[str]] | None = None,
    ) -> CatalogEntry:
        """One PATCH for all columns; two if a suggestion becomes a person's decision."""
        return self._believing(partial(self._apply, entry_id, changes, confirmed, agreed))

    def _apply(
        self,
        entry_id: str,
        changes: Mapping[str, Collection[str]],
        confirmed: Mapping[str, Collection[str]] | None,
        agreed: Mapping[str, Collection[str]] | None,
    ) -> CatalogEntry:
        self.taxonomy.provide(changes.items())
        wishes: dict[str, WantedTags] = {}

        def operations(found: Found) -> list[Operation]:
            if not wishes:
                _refuse_missing(found, changes)
                by_people = changes if confirmed is None else confirmed
                wishes.update(changing(found, changes, by_people, agreed, self.taxonomy.excludes))
            return tagging(found, wishes)

        changed = self._changed(entry_id, operations)
        held = labels_by_column(changed.before)
        states = {name: expected(wish, held[name]) for name, wish in wishes.items()}
        told = states_by_column(changed.before) | states
        return self._after(changed, told, descriptions_by_column(changed.before))

    def describe(self, entry_id: str, descriptions: Mapping[str, str]) -> CatalogEntry:
        """One PATCH for all of them."""
        changed = self._changed(entry_id, lambda found: describing(found, descriptions))
        held = descriptions_by_column(changed.before)
        told = {name: descriptions.get(name, text) for name, text in held.items()}
        return self._after(changed, states_by_column(changed.before), told)

    def history(self, entry_id: str) -> list[CatalogMoment]:
        """Waits as fetch does."""
        path = f"{self.tables.by_id(entry_id)}/versions"
        found = self.connection.get(path, settings.OPENMETADATA_FETCH_TIMEOUT)
        versions = [json.loads(each) if isinstance(each, str) else each for each in found["versions"]]
        return [self._moment(each) for each in versions if each.get("columns")]

    def fetch(self, entry_id: str) -> CatalogEntry | None:
        """Waits OPENMETADATA_FETCH_TIMEOUT seconds at most for each answer, because pages wait for it."""
        seconds = settings.OPENMETADATA_FETCH_TIMEOUT
        found = self.tables.find(self.tables.by_id(entry_id), seconds)
        return self._found(found) if found else None

    def retire(self, entry_id: str) -> None:
        """Delete the table permanently: its column names and descriptions are part of what is erased."""
        self.tables.remove(entry_id)

    def change_owner(self, entry_id: str, owner: str) -> CatalogEntry:
        """One PATCH."""
        return self._believing(partial(self._change_owner, entry_id, owner))

    def _change_owner(self, entry_id: str, owner: str) -> CatalogEntry:
        ((field, wanted),) = self.places.owned_by(owner).items()
        key = self.places.owner(owner)

        def operations(found: Found) -> list[Operation]:
            held = [each["id"] for each in _owners(found)]
            return [] if held == [key] else [{"op": "add", "path": f"/{field}", "value": wanted}]

        return self._found(self._changed(entry_id, operations).after)

    def show_sample(self, entry_id: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        sample = {"columns": list(columns), "rows": [list(row) for row in rows]}
        self.connection.put(f"{self.tables.by_id(entry_id)}/sampleData", sample)

    # --- Raw files ----------------------------------------------------------------------------------------

    def register_file(self, file: CatalogFile) -> None:
        """The raw file as a container in its bucket, with lineage to its table and from the previous file."""
        self._believing(partial(self._register_file, file))

    def _register_file(self, file: CatalogFile) -> None:
        self.taxonomy.provide([("", file.tags), *((column.name, column.tags) for column in file.columns)])
        self.files.register(file)

    def retire_file(self, key: str) -> None:
        self.files.retire(key)

    # --- Registering --------------------------------------------------------------------------------------

    def _believing(self, attempt: Callable[[], Answer]) -> Answer:
        """Try once more if something remembered is missing: the server may have been set up again."""
        try:
            return attempt()
        except CatalogRefused as refused:
            if refused.answered != 404:
                raise
        self.taxonomy.forget()
        self.places.forget()
        return attempt()

    def _ingest(self, table: CatalogTable) -> CatalogEntry:
        self.taxonomy.provide([("", table.tags), *((column.name, column.tags) for column in table.columns)])
        schema = self.places.schema(table.schema)
        fqn = qualified(
            settings.OPENMETADATA_SERVICE, settings.OPENMETADATA_DATABASE, table.schema, table.name
        )
        if not self.connection.is_as_1_12():
            table = _as_older_servers_take_it(table)
        put = partial(self._put, schema=schema)
        entry = (
            self._put_cleared(put, fqn, table)
            if self._was_registered(fqn)
            else self._put_first(put, fqn, table)
        )
        self._registered.add(fqn)
        return entry

    def _was_registered(self, fqn: str) -> bool:
        return fqn in self._registered or Version.objects.filter(catalog_fqn=fqn).exists()

    def _put_first(self, put: Put, fqn: str, table: CatalogTable) -> CatalogEntry:
        fit = fitted(table, None, self.taxonomy.excludes)
        try:
            key, is_new = put(fit, owner=table.owner)
            if is_new:
                return self._read_back(key, fit)
        except CatalogRefused as refused:
            if refused.answered != 400:
                raise
        # The table may exist after all, from a job that ended halfway, with tags to remove or tags that
        # exclude ours.
        return self._put_cleared(put, fqn, table)

    def _put_cleared(self, put: Put, fqn: str, table: CatalogTable) -> CatalogEntry:
        """Send the PUT after removing or replacing tags that are in its way."""
        fits: list[Fitted] = []

        def clearing(found: Found) -> list[Operation]:
            if not fits:
                fits.append(fitted(table, found, self.taxonomy.excludes))
            return removals(tagging(found, fits[0].wishes))

        changed = self.tables.change(self.tables.by_name(fqn), clearing)
        if changed is None and self._restored(fqn):
            changed = self.tables.change(self.tables.by_name(fqn), clearing)
        if changed is None:
            fit = fitted(table, None, self.taxonomy.excludes)
            return self._read_back(put(fit, owner=table.owner)[0], fit)
        # An existing table's owner is decided there: a different owner is shown, never reset.
        key, _ = put(fits[0], owner=None)
        return replace(self._read_back(key, fits[0]), before=self._found(changed.before))

    def _restored(self, fqn: str) -> bool:
        """Whether the table was deleted in a way that can be undone, and now it is.

        A PUT revives it, too, but is refused as a whole where a tag excludes one that it had.
        """
        found = self.connection.find(f"{self.tables.by_name(fqn)}?include=deleted")
        if found is None:
            return False
        self.connection.put("/tables/restore", {"id": found["id"]})
        return True

    def _put(self, fit: Fitted, *, schema: str, owner: str | None) -> tuple[str, bool]:
        """The table's id, and whether it is new."""
        body = bodies.table(fit.table, schema, self.places.owned_by(owner))
        try:
            answer = self.connection.put("/tables", body)
        except CatalogRefused as refused:
            raise naming_the_column(refused, fit.table) from None
        return answer.body["id"], answer.status == CREATED

    def _read_back(self, key: str, fit: Fitted) -> CatalogEntry:
        """The table after a PUT, once everything sent is there.

        Raises CatalogUnavailable if there are other columns, or columns of other types, than were sent.
        """

        def lacking(found: Found) -> list[Operation]:
            held = descriptions_by_column(found)
            texts = {name: text for name, text in fit.descriptions.items() if text and not held.get(name)}
            return [*tagging(found, fit.wishes), *describing(found, texts)]

        changed = self._changed(key, lacking)
        sent = {column["name"]: column["dataType"] for column in bodies.columns(fit.table)}
        if sent != {column["name"]: column["dataType"] for column in changed.after["columns"]}:
            raise not_stored(self.connection)
        return self._entry(changed.after, fit.states, fit.descriptions)

    def _push_counts(self, entry: CatalogEntry, table: CatalogTable) -> None:
        """Send the counts. They are optional: the table is governed without them."""
        if not table.profile:
            return
        names = [column.name for column in table.columns]
        told = bodies.profile(names, table.profile, timezone.now())
        try:
            self.connection.put(f"{self.tables.by_id(entry.id)}/tableProfile", told)
            if not self._tells(entry.fqn, told["columnProfile"]):
                raise not_stored(self.connection)
        except (CatalogRefused, CatalogUnavailable) as error:
            log.warning("The counts of %s are not in the catalog: %s", entry.fqn, error)

    def _tells(self, fqn: str, profiles: Sequence[bodies.Body]) -> bool:
        """Whether these are the last figures of the table's columns there."""
        found = self.connection.get(f"/tables/{quote(fqn, safe='')}/tableProfile/latest")
        held = {column["name"]: column.get("profile") or {} for column in found["columns"]}
        return all(each.items() <= held.get(each["name"], {}).items() for each in profiles)

    # --- Reading ------------------------------------------------------------------------------------------

    def _changed(self, entry_id: str, operations: Callable[[Found], list[Operation]]) -> Changed:
        changed = self.tables.change(self.tables.by_id(entry_id), operations)
        if changed is None:
            raise CatalogRefused("The catalog has no such table.", 404)
        return changed

    def _after(self, changed: Changed, states: States, descriptions: dict[str, str]) -> CatalogEntry:
        """The changed table. Edits by others meanwhile are left to the next look."""
        return replace(self._entry(changed.after, states, descriptions), before=self._found(changed.before))

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
        """Whether it is a bot's name. An unknown editor counts as a person."""
        if name not in self._tools:
            seconds = settings.OPENMETADATA_FETCH_TIMEOUT
            found = self.connection.find(f"/users/name/{quote(name, safe='')}", seconds) if name else None
            self._tools[name] = bool(found and found.get("isBot"))
        return self._tools[name]

    def _found(self, found: Found) -> CatalogEntry:
        """A table from the server's answer."""
        return self._entry(found, states_by_column(found), descriptions_by_column(found))

    def _entry(self, found: Found, states: States, descriptions: dict[str, str]) -> CatalogEntry:
        fqn = found["fullyQualifiedName"]
        return CatalogEntry(
            id=found["id"],
            fqn=fqn,
            version=str(found["version"]),
            link=page_of(fqn),
            tags={name: tuple(sorted(tags)) for name, tags in states.items()},
            owner=", ".join(map(_owner_name, _owners(found))) or None,
            as_of=timezone.now(),
            states=states,
            descriptions=descriptions,
            domains=tuple(
                domain.get("displayName") or domain["name"] for domain in found.get("domains") or []
            ),
            terms=terms_of(found),
            certification=((found.get("certification") or {}).get("tagLabel") or {}).get("tagFQN") or "",
        )


# Sends a table. Returns its id and whether it is new.
Put = Callable[..., tuple[str, bool]]


def _owners(found: Found) -> list[Mapping[str, str]]:
    """References to the table's owners."""
    return found.get("owners") or ([found["owner"]] if found.get("owner") else [])


def _owner_name(reference: Mapping[str, str]) -> str:
    kind = "" if reference["type"] == "user" else f" ({reference['type']})"
    return reference["name"] + kind


def _refuse_missing(found: Found, names: Collection[str]) -> None:
    if missing := sorted(set(names) - {column["name"] for column in found["columns"]}):
        raise CatalogRefused(f"The table has no column {missing[0]}.", 404, missing[0])


def _as_older_servers_take_it(table: CatalogTable) -> CatalogTable:
    """Without properties for which older servers would refuse the whole table."""
    columns = tuple(replace(column, evidence={}) for column in table.columns)
    return replace(table, columns=columns, source_url="", retention_days=None, file_format="")


@lru_cache(maxsize=1)
def _client_for(server: ServerSettings, process: int) -> OMClient:
    """`process`: a forked one must not share its parent's sockets."""
    return OMClient(server)
