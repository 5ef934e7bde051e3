"""The server's classifications and tags: requested once a day, and created if missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from threading import RLock
from urllib.parse import quote

from governance.catalog.contract import CatalogRefused
from governance.models import Tag
from governance.openmetadata import bodies
from governance.openmetadata.connection import Connection

# Tags requested at a time.
PAGE = 1000


@dataclass(slots=True)
class Family:
    """A classification as the server has it, or as we would create it."""

    name: str
    exclusive: bool
    tags: set[str]
    is_there: bool


class Taxonomy:
    """See the module. Safe to use from several threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._families: dict[str, Family] = {}
        self._lock = RLock()

    def provide(self, asked: Iterable[tuple[str, Collection[str]]]) -> None:
        """Make sure that the server has all these tags. `asked`: (column name, tags); the table's own under
        "".

        Tags that are unknown, or that exclude each other on one column, are refused before anything is
        created. Raises CatalogRefused, CatalogUnavailable.
        """
        pairs = [(column, set(tags)) for column, tags in asked]
        wanted = {tag for _, tags in pairs for tag in tags}
        ours = {tag.fqn: tag for tag in Tag.objects.filter(fqn__in=wanted).select_related("classification")}
        with self._lock:
            self._look_up(wanted, ours)
            for column, tags in pairs:
                self._refuse_unknown(column, tags, ours)
                self._refuse_clash(column, tags)
            for tag in sorted(wanted):
                self._make(tag, ours)

    def excludes(self, one: str, other: str) -> bool:
        """Whether two tags exclude each other. True only for tags of classifications that were requested."""
        family = self._families.get(_family_of(one))
        return one != other and family is not None and family.exclusive and _family_of(other) == family.name

    def lacking(self, tags: Iterable[str]) -> list[str]:
        """Tags that the server does not have, in order. Creates nothing."""
        families: dict[str, Family | None] = {}
        missing = []
        for tag in tags:
            name = _family_of(tag)
            if name not in families:
                families[name] = self._ask(name)
            family = families[name]
            if family is None or tag not in family.tags:
                missing.append(tag)
        return missing

    def forget(self) -> None:
        """Request everything again next time: the server may have been set up again."""
        with self._lock:
            self._families.clear()
            self._connection.memory.forget("classification ")

    def _look_up(self, tags: set[str], ours: dict[str, Tag]) -> None:
        """The classifications of the tags. One is requested again if it lacks a tag."""
        for name in sorted({_family_of(tag) for tag in tags}):
            family, members = self._known(name), {tag for tag in tags if _family_of(tag) == name}
            if family is None or members - family.tags:
                exclusive = any(ours[tag].classification.exclusive for tag in members & ours.keys())
                family = self._ask(name) or Family(name, exclusive, set(), is_there=False)
                self._remember(family)
            self._families[name] = family

    def _known(self, name: str) -> Family | None:
        """As this process or another found it."""
        if name in self._families:
            return self._families[name]
        held = self._connection.memory.get(f"classification {name}")
        return Family(name, held["exclusive"], set(held["tags"]), is_there=True) if held else None

    def _remember(self, family: Family) -> None:
        if family.is_there:
            held = {"exclusive": family.exclusive, "tags": sorted(family.tags)}
            self._connection.memory.keep(f"classification {family.name}", held)

    def _ask(self, name: str) -> Family | None:
        found = self._connection.find(f"/classifications/name/{quote(name, safe='')}")
        if found is None:
            return None
        tags: set[str] = set()
        address = f"/tags?parent={quote(name, safe='')}&limit={PAGE}"
        after = ""
        while True:
            page = self._connection.get(address + (f"&after={quote(after, safe='')}" if after else ""))
            tags |= {tag["fullyQualifiedName"] for tag in page["data"] if not tag.get("disabled")}
            after = (page.get("paging") or {}).get("after") or ""
            if not after:
                return Family(name, bool(found.get("mutuallyExclusive")), tags, is_there=True)

    def _refuse_unknown(self, column: str, tags: set[str], ours: dict[str, Tag]) -> None:
        for tag in sorted(tags):
            if tag not in ours and tag not in self._families[_family_of(tag)].tags:
                raise CatalogRefused(f"{_named(column)}: there is no tag {tag}.", 404, column or None)

    def _refuse_clash(self, column: str, tags: set[str]) -> None:
        for tag in sorted(tags):
            if clash := sorted(other for other in tags if self.excludes(tag, other)):
                raise CatalogRefused(
                    f"{_named(column)}: {tag} and {clash[0]} exclude each other.", 400, column or None
                )

    def _make(self, tag: str, ours: dict[str, Tag]) -> None:
        family = self._families[_family_of(tag)]
        if tag in family.tags:
            return
        own = ours[tag]
        if not family.is_there:
            self._connection.put(
                "/classifications",
                bodies.classification(
                    family.name, own.classification.description, exclusive=own.classification.exclusive
                ),
            )
            family.is_there = True
        made = self._connection.put("/tags", bodies.tag(own.name, family.name, own.description)).body
        if made["fullyQualifiedName"] != tag:
            raise CatalogRefused(
                f"OpenMetadata knows the tag {tag} as {made['fullyQualifiedName']}. Give it a name without "
                "dots and quotes."
            )
        family.tags.add(tag)
        self._remember(family)


def _family_of(tag: str) -> str:
    """The classification in a tag's fully qualified name."""
    if tag.startswith('"'):
        return tag[1:].partition('"')[0]
    return tag.partition(".")[0]


def _named(column: str) -> str:
    return f"Column {column}" if column else "The table"
