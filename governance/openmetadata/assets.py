"""Tables and files there: read whole, and changed until what is read back is what was wanted.

What a server answers to a change is what was asked for, not what it stored: only a GET tells that.
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

# How servers say that a thing is not any more what a patch was made for: conflict, failed precondition, and
# an internal error about a place that is not there, or about a test that fails.
CHANGED_MEANWHILE = frozenset({409, 412, 500})
# Patches for one change at most. Two do where a suggestion becomes a person's word; two more where the server
# ignores those with If-Match, one where somebody else edited it meanwhile.
ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Changed:
    """A thing before a change, and as it was read back after it."""

    before: Found
    after: Found


class Assets:
    """`collection`: "tables", or "containers", as which files are known. `columns`: the field with theirs.

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
        """One with columns, tags and owner; None where there is none. `path`: by_id or by_name."""
        found: Found | None = self._connection.find(self._whole(path, seconds), seconds)
        return found

    def remove(self, key: str) -> None:
        """It goes for good; one that is not there is as good. Raises CatalogUnavailable where it stays."""
        try:
            self._connection.delete(f"{self.by_id(key)}?hardDelete=true")
        except CatalogRefused as refused:
            if refused.answered != 404:
                raise
        if self._connection.find(f"{self.by_id(key)}?include=all"):
            raise not_stored(self._connection)

    def change(self, path: str, operations: Callable[[Found], list[Operation]]) -> Changed | None:
        """Patch until `operations` of what is read back are none; None where there is no such thing.

        Raises CatalogUnavailable where the server says yes and stores nothing.
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
        """Whether the server took it; False once where it says that the thing changed meanwhile.

        `failed`: as it was found when it said so the last time.
        """
        path = self.by_id(found["id"])
        try:
            if self._connection.matches:
                self._connection.patch(path, [*patch], found["version"])
            else:
                # A server that refuses tests of what is there refuses them again.
                tests = [] if failed is not None and _is_same(failed, found) else guards(found, patch)
                self._connection.patch(path, [*tests, *patch], None)
        except (CatalogRefused, ServerFailed) as error:
            if failed is not None or error.answered not in CHANGED_MEANWHILE:
                raise
            return False
        return True

    def _learn(self, stuck: int) -> None:
        """What to do about a patch that was taken and not stored."""
        if self._connection.matches:
            # Servers before the middle of 2026 drop what such a patch says of columns.
            log.info("this OpenMetadata does not store columns where If-Match is sent: it is left out")
            self._connection.matches = False
        elif stuck > 2:
            raise not_stored(self._connection)

    def _whole(self, path: str, seconds: float | None) -> str:
        """The address of one with columns, tags and owner."""
        owner = "owners" if self._connection.takes_many_owners(seconds) else "owner"
        domains = ",domains" if self._connection.is_as_1_12(seconds) else ""
        return f"{path}?fields={self._columns},tags,{owner}{domains}"


def _is_ignored(patch: Sequence[Operation], left: Sequence[Operation]) -> bool:
    """Whether a part of what was sent is still to be done."""
    return any(operation in patch for operation in left)


def _is_same(one: Found, other: Found) -> bool:
    """Versions and times may go back: they are compared for being different."""
    return all(one.get(name) == other.get(name) for name in ("version", "updatedAt"))


def not_stored(connection: Connection) -> CatalogUnavailable:
    return CatalogUnavailable(
        f"OpenMetadata at {connection.server.host} takes what it is told and does not store it. It is told "
        "again later."
    )
