"""What tables need in OpenMetadata: a service, a database, a schema for each owner, and the owners."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any
from urllib.parse import quote

from django.conf import settings

from governance.catalog.contract import CatalogRefused
from governance.catalog.names import catalog_user, qualified, quoted
from governance.openmetadata import bodies
from governance.openmetadata.connection import Connection


class Places:
    """Each is created at most once a day. Safe to repeat, and safe for several threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ids: dict[str, str] = {}
        self._lock = RLock()

    def database(self) -> str:
        """The fully qualified name of the database with all our schemas."""
        service, name = settings.OPENMETADATA_SERVICE, settings.OPENMETADATA_DATABASE
        fqn = qualified(service, name)
        with self._lock:
            self._once("/services/databaseServices", service, lambda: bodies.database_service(service))
            self._once("/databases", fqn, lambda: bodies.database(name, service))
        return fqn

    def schema(self, name: str) -> str:
        """The fully qualified name of an owner's schema."""
        with self._lock:
            database = self.database()
            fqn = f"{database}.{quoted(name)}"
            self._once("/databaseSchemas", fqn, lambda: bodies.schema(name, database))
        return fqn

    def bucket(self) -> str:
        """The id of the bucket with the raw files."""
        service, name = settings.OPENMETADATA_STORAGE_SERVICE, settings.RAW_BUCKET
        with self._lock:
            self._once("/services/storageServices", service, lambda: bodies.storage_service(service))
            return self._once("/containers", qualified(service, name), lambda: bodies.bucket(name, service))

    def owner(self, username: str) -> str:
        """The user's id there. A missing user is created, without any rights."""
        with self._lock:
            return self._known(
                f"/users {username}", lambda: self._find_user(username) or self._make_user(username)
            )

    def owned_by(self, username: str | None) -> bodies.Body:
        """The owner property of a body; {} for None."""
        key = self.owner(username) if username else None
        return bodies.owners(key, many=self._connection.takes_many_owners())

    def forget(self) -> None:
        """Create everything again when it is needed."""
        with self._lock:
            self._ids.clear()
            self._connection.memory.forget("/")

    def _once(self, path: str, fqn: str, body: Callable[[], bodies.Body]) -> str:
        return self._known(f"{path} {fqn}", lambda: self._connection.put(path, body()).body)

    def _known(self, name: str, ask: Callable[[], Any]) -> str:
        """The id of a place. Requested if neither this process nor another knows it."""
        if name not in self._ids:
            remembered = self._connection.memory.get(name)
            self._ids[name] = remembered or ask()["id"]
            if not remembered:
                self._connection.memory.keep(name, self._ids[name])
        return self._ids[name]

    def _find_user(self, username: str) -> Any:
        local, at, _ = username.partition("@")
        if at:
            # With single sign-on, people are named by the part before the "@". That name is theirs if the
            # address is.
            found = self._connection.find(f"/users/name/{quote(local, safe='')}")
            if found and str(found.get("email", "")).casefold() == username.casefold():
                return found
        return self._connection.find(f"/users/name/{quote(catalog_user(username), safe='')}")

    def _make_user(self, username: str) -> Any:
        name = catalog_user(username)
        invented = bodies.user(name, f"{name}@{settings.OPENMETADATA_USER_DOMAIN}", username)
        try:
            body = bodies.user(name, username, username) if "@" in username else invented
        except CatalogRefused:  # no real address, such as jane@localhost
            body = invented
        return self._connection.put("/users", body).body
