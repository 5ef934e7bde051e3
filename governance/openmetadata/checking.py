"""Checks the connection to OpenMetadata step by step: what works, what fails, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from datasets.tables.values.column_types import ColumnType
from governance.catalog.contract import CatalogColumn, CatalogRefused, CatalogTable, CatalogUnavailable
from governance.models import Tag
from governance.openmetadata import bodies
from governance.openmetadata.assets import Assets
from governance.openmetadata.connection import Connection, not_promised
from governance.openmetadata.patching import Found, Operation, WantedTags, tagging
from governance.openmetadata.server import ServerSettings
from governance.openmetadata.services import Places
from governance.openmetadata.taxonomy import Taxonomy

# Schema and table created to see what the server stores.
CHECKED = "openmetadata-check"


@dataclass(frozen=True, slots=True)
class Step:
    """`good`: None if not tried, because an earlier step failed. `said`: the result, or what to do."""

    title: str
    good: bool | None
    said: str = ""


def steps(server: ServerSettings) -> Iterator[Step]:
    """Each step in order, as soon as its result is known. Steps after a failure are not tried.

    Nothing remembered from before is used.
    """
    connection = Connection(server, advice="")
    connection.memory.forget()
    plan: list[tuple[str, Callable[[Connection], str]]] = [
        ("The server answers", _answers),
        ("Its version and our client's are the same", _versions),
        ("It trusts us", _trust),
        ("The bot's token works", _token),
        ("The bot may make our service and database", _may_write),
        ("Our classifications and tags", _tags),
        ("It stores what people decide", _stores),
    ]
    has_failed = False
    for title, attempt in plan:
        if has_failed:
            yield Step(title, None, "Not tried.")
            continue
        try:
            yield Step(title, True, attempt(connection))
        except (CatalogRefused, CatalogUnavailable) as error:
            has_failed = True
            yield Step(title, False, str(error))


def _answers(connection: Connection) -> str:
    return f"OpenMetadata {connection.version()} at {connection.server.host}."


def _versions(connection: Connection) -> str:
    problem = connection.version_problem()
    if problem is None:
        return "They are."
    if connection.server.check_version:
        raise CatalogRefused(problem)
    said = not_promised(connection.version())
    return f"They differ, and OPENMETADATA_VERSION_CHECK=0 says to go on. {connection.versions()} {said}"


def _trust(connection: Connection) -> str:
    if connection.server.token:
        return "Not needed: OPENMETADATA_TOKEN holds a bot's token."
    connection.sign_in()
    folder = connection.server.keys_dir / "catalog"
    return f"It has the key pair in {folder}, and gave us the token of {connection.server.bot}."


def _token(connection: Connection) -> str:
    connection.get("/tables?limit=1")
    return "It lets us read tables."


def _may_write(connection: Connection) -> str:
    return f"{Places(connection).database()} is there."


def _tags(connection: Connection) -> str:
    known = list(Tag.objects.values_list("fqn", flat=True))
    lacking = Taxonomy(connection).lacking(known)
    if not lacking:
        return f"All {len(known)} are there."
    return f"{len(known) - len(lacking)} of {len(known)} are there; the others are made when first used."


def _stores(connection: Connection) -> str:
    """Confirm a suggested tag on a table of our own, read it back, and delete the table."""
    tag = "PII.None"
    column = CatalogColumn("checked", "checked", ColumnType.STRING, "", (tag,))
    table = CatalogTable(
        CHECKED, CHECKED, CHECKED, "Made and deleted by openmetadata_check.", None, (), (column,)
    )
    body = bodies.table(table, Places(connection).schema(CHECKED), {})
    key = connection.put("/tables", body).body["id"]
    assets = Assets(connection)
    wish = WantedTags(frozenset({tag}), frozenset({tag}))

    def confirming(found: Found) -> list[Operation]:
        return tagging(found, {"checked": wish})

    try:
        assets.change(assets.by_id(key), confirming)
    finally:
        assets.remove(key)
    if connection.matches:
        return "A tag of a table of our own was confirmed and read back; the table is deleted again."
    return (
        "A tag of a table of our own was confirmed and read back; the table is deleted again. This server "
        "drops what is said of columns where If-Match is sent: we leave it out, and two people who edit one "
        "table in the same second may be in each other's way."
    )
