"""Tables and files in OpenMetadata: read completely, and changed until a read shows the wanted state.

A server's answer to a change repeats the request. Only a GET shows what was stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from governance.catalog.contract import CatalogRefused, CatalogUnavailable
from governance.openmetadata.connection import Connection, ServerFailed
from governance.openmetadata.patching import Found, Operation, guards

log = logging.getLogger(__name__)

# How servers report that the object has changed since it was read: conflict, failed precondition, or an
# internal error about a missing place or a failed test.
CHANGED_MEANWHILE = frozenset({409, 412, 500})
# The most patches for one change. Two, if a suggestion becomes a person's decision; two more if the server
# ignores those with If-Match; one if somebody else edited the object meanwhile.
ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Changed:
    """An object before a change, and as it was read back after it."""

    before: Found
    after: Found


class Assets:
    """`collection`: "tables", or "containers" for files. `columns`: the field with their columns.

    Every method raises CatalogUnavailable or CatalogRefused. Safe to use from several threads.
    """

    def __init__(self, connection: Connection, collection: str = "tables", columns: str = "columns") -> None:
        self._connection = connection
        self._collection, self._columns = collection, columns

    def by_id(self, key: str) -> str:
        return f"/{self._collection}/{quote(key, safe='')}"

    def by_name(self, fqn: str) -> str:
        return f"/{self._collection}/name/{quote(fqn, safe='')}"

    def find(self, path: str, seconds: float | None = None) -> Found | None:
        """The object with columns, tags and owner. None if there is none. `path`: by_id or by_name."""
        found: Found | None = self._connection.find(self._whole(path, seconds), seconds)
        return found

    def remove(self, key: str) -> None:
        """Delete it permanently. A missing one is no error. Raises CatalogUnavailable if it stays."""
        try:
            self._connection.delete(f"{self.by_id(key)}?hardDelete=true")
        except CatalogRefused as refused:
            if refused.answered != 404:
                raise
        if self._connection.find(f"{self.by_id(key)}?include=all"):
            raise not_stored(self._connection)

    def change(self, path: str, operations: Callable[[Found], list[Operation]]) -> Changed | None:
        """Patch until `operations` of what is read back is empty. None if there is no such object.

        Raises CatalogUnavailable if the server accepts the change but does not store it.
        """
        before = found = self.find(path)
        failed: Found | None = None
        stuck = 0
        for _ in range(ROUNDS):
            if found is None or before is None:
                return None
            patch = operations(found)
            if not patch:
                return Changed(before, found)
            sent = self._send(found, patch, failed)
            failed = None if sent else found
            later = self.find(path)
            if sent and later is not None and _is_ignored(patch, operations(later)):
                stuck += 1
                self._learn(stuck)
            found = later
        raise not_stored(self._connection)

    def _send(self, found: Found, patch: Sequence[Operation], failed: Found | None) -> bool:
        """Whether the server accepted it. False the first time that it reports a change meanwhile.

        `failed`: the state found the last time that it reported one.
        """
        path = self.by_id(found["id"])
        try:
            if self._connection.matches:
                self._connection.patch(path, [*patch], found["version"])
            else:
                # A server that refuses tests of the current state will refuse them again.
                tests = [] if failed is not None and _is_same(failed, found) else guards(found, patch)
                self._connection.patch(path, [*tests, *patch], None)
        except (CatalogRefused, ServerFailed) as error:
            if failed is not None or error.answered not in CHANGED_MEANWHILE:
                raise
            return False
        return True

    def _learn(self, stuck: int) -> None:
        """Decide what to do about a patch that was accepted but not stored."""
        if self._connection.matches:
            # Servers before mid-2026 drop what such a patch says about columns.
            log.info("this OpenMetadata does not store columns where If-Match is sent: it is left out")
            self._connection.matches = False
        elif stuck > 2:
            raise not_stored(self._connection)

    def _whole(self, path: str, seconds: float | None) -> str:
        """The address of the object with columns, tags and owner."""
        owner = "owners" if self._connection.takes_many_owners(seconds) else "owner"
        domains = ",domains" if self._connection.is_as_1_12(seconds) else ""
        return f"{path}?fields={self._columns},tags,{owner}{domains}"


def _is_ignored(patch: Sequence[Operation], left: Sequence[Operation]) -> bool:
    """Whether a part of what was sent is still missing."""
    return any(operation in patch for operation in left)


def _is_same(one: Found, other: Found) -> bool:
    """Versions and times may go back, so they are only compared for equality."""
    return all(one.get(name) == other.get(name) for name in ("version", "updatedAt"))


def not_stored(connection: Connection) -> CatalogUnavailable:
    return CatalogUnavailable(
        f"OpenMetadata at {connection.server.host} takes what it is told and does not store it. It is told "
        "again later."
    )
