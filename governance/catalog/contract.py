"""The interface of a catalog. Two implement it: our own tables, and OpenMetadata."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from datasets.tables.nesting import Nested
from datasets.tables.values.column_types import ColumnType
from omdplatform.base.errors import PlatformError, Unavailable


class CatalogUnavailable(Unavailable):
    """The catalog did not answer; trying again later may help. The text says what was tried."""

    code = "catalog-unavailable"

    def sentence(self) -> str:
        return f"The catalog is out of reach: {self} Try again."


class CatalogRefused(PlatformError):
    """The catalog answered no.

    `answered`: the catalog's own HTTP status; `column`: the column it names, None where it names none.
    """

    code = "catalog-refused"

    def __init__(self, message: str, answered: int = 400, column: str | None = None) -> None:
        super().__init__(message)
        self.answered = answered
        self.column = column

    def sentence(self) -> str:
        return f"The catalog refused the table: {self}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a classifier suggests a tag, without any value of the data. `score`: 0 to 1."""

    reason: str
    recogniser: str
    score: float


@dataclass(frozen=True, slots=True)
class CatalogColumn:
    """`name` is valid for the catalog, `display_name` as the file has it. `tags`: fully qualified names.

    `confirmed`: those of the tags that a person stands behind; the others are a classifier's suggestions,
    with their `evidence` by tag. `agreed`: what the column carried in the catalog when both sides last
    agreed: what somebody took off there since is not put on again. `nested`: how its values are built, where
    they are lists, maps or structures.
    """

    name: str
    display_name: str
    type: ColumnType
    description: str
    tags: tuple[str, ...]
    confirmed: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    nested: Nested | None = None


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A table with all that governs it. `schema`: one for each owner. `profile`: figures by column, counts
    only of those with personal data.

    `source_url`: our page of the dataset, "" where it is not known; `retention_days`: None where no policy
    ends its time; `file_format`: such as "csv", "" where it is none that catalogs know.
    """

    schema: str
    name: str
    display_name: str
    description: str
    owner: str | None
    tags: tuple[str, ...]
    columns: tuple[CatalogColumn, ...]
    profile: tuple[dict[str, Any], ...] = ()
    source_url: str = ""
    retention_days: int | None = None
    file_format: str = ""


# By column name, for each tag "confirmed" (a person's word) or "suggested".
States = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A table as the catalog has it. `tags`: by column name. `link`: its page, None where there is none.

    Of catalogs in which people edit: `states`; `descriptions` by column name, the table's own under "";
    `before`: what a change found there, None where it found nothing or did not look; `owner`: several with
    ", " between their names, one that is no person with what it is; `domains`, `terms` (of
    glossaries, on the table or a column, by their full names) and `certification`, "" where there is none.
    """

    id: str
    fqn: str
    version: str
    link: str | None
    tags: dict[str, tuple[str, ...]]
    owner: str | None
    as_of: datetime
    states: States = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    before: CatalogEntry | None = None
    domains: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    certification: str = ""


@dataclass(frozen=True, slots=True)
class CatalogMoment:
    """A table as somebody left it. `by`: a name in the catalog; `by_tool`: it is no person's."""

    version: str
    by: str
    by_tool: bool
    at: datetime
    states: States
    descriptions: dict[str, str]


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """A raw file in the lake. `key`: where it lies in the bucket; `size`: bytes, None where they would tell
    of values that are not everybody's to see.

    `columns`: those of the table that was made of it, with their tags, and `tags` what they mean for the file
    as a whole; `confirmed`: as in CatalogColumn. `table_id`, `table_fqn`: that table's; `became`: what a
    column is called there now, by its name here, of those that both have. `before`: the key of the file of
    the version before it, "" where there is none; `came_from`: what a column is called there, in the same
    way. `is_new`: it was never told of.
    """

    key: str
    display_name: str
    size: int | None
    owner: str | None
    tags: tuple[str, ...]
    columns: tuple[CatalogColumn, ...]
    table_id: str
    table_fqn: str
    became: Mapping[str, str]
    confirmed: tuple[str, ...] = ()
    before: str = ""
    came_from: Mapping[str, str] = field(default_factory=dict)
    is_new: bool = True


class Catalog(Protocol):
    """Every method raises CatalogUnavailable or CatalogRefused."""

    # Whether people edit it in its own pages, and it knows of raw files and shows samples. Where it is
    # False, the methods below "Of a catalog that people edit" do nothing.
    is_shared: bool

    def register(self, table: CatalogTable) -> CatalogEntry:
        """The table with all its columns and tags, in one request; again replaces what was there."""

    def apply_column_tags(
        self,
        entry_id: str,
        changes: Mapping[str, Collection[str]],
        confirmed: Mapping[str, Collection[str]] | None = None,
        agreed: Mapping[str, Collection[str]] | None = None,
    ) -> CatalogEntry:
        """Replace the tags of the named columns. `confirmed`: as in CatalogColumn, by column; None: all.

        `agreed`: as in CatalogColumn, by column: of what is there only these go, and of these none that
        somebody took off is put on again. None: the columns carry the tags that are named and no others.
        """

    def fetch(self, entry_id: str) -> CatalogEntry | None:
        """None where the catalog has no such table."""

    def retire(self, entry_id: str) -> None:
        """Take the table out; repeating it is harmless."""

    # --- Of a catalog that people edit --------------------------------------------------------------------

    def history(self, entry_id: str) -> Sequence[CatalogMoment]:
        """What became of the table, the newest first; as far back as the catalog remembers."""

    def describe(self, entry_id: str, descriptions: Mapping[str, str]) -> CatalogEntry:
        """Replace these descriptions, by column name; the table's own under ""."""

    def change_owner(self, entry_id: str, owner: str) -> CatalogEntry:
        """Say who owns the table, in the place of whoever did."""

    def register_file(self, file: CatalogFile) -> None:
        """The file in its bucket with owner, columns and tags, and that the table and the next version came
        from it, column by column; again replaces the tags that we put there."""

    def retire_file(self, key: str) -> None:
        """Take the file out; repeating it is harmless."""

    def show_sample(self, entry_id: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Replace the table's sample; `rows`: cells in the order of `columns`, masked already."""
