"""The interface of a catalog, with two implementations: our own tables, and OpenMetadata."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from datasets.tables.nesting import Nested
from datasets.tables.values.column_types import ColumnType
from omdplatform.base.errors import PlatformError, Unavailable


class CatalogUnavailable(Unavailable):
    """The catalog did not answer. Trying again later may help. The text says what was tried."""

    code = "catalog-unavailable"

    def sentence(self) -> str:
        return f"The catalog is out of reach: {self} Try again."


class CatalogRefused(PlatformError):
    """The catalog refused the request.

    `answered`: the catalog's HTTP status. `column`: the column it names; None if it names none.
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
    """A column to be registered. `name` is valid for the catalog, `display_name` is the file's. `tags`: fully
    qualified names.

    `confirmed`: tags decided by a person. The others are a classifier's suggestions, with their `evidence` by
    tag. `agreed`: tags that the column had in the catalog at the last agreement; a tag that somebody removed
    there since then is not added again. `nested`: the structure of lists, maps and structures.
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
    """A table with everything that governs it. `schema`: one for each owner. `profile`: figures by column;
    only counts for columns with personal data.

    `source_url`: our page of the dataset, "" if unknown. `retention_days`: None without a limit.
    `file_format`: such as "csv"; "" if catalogs do not know it.
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


# By column name: for each tag, "confirmed" (by a person) or "suggested".
States = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A table as the catalog has it. `tags`: by column name. `link`: its page; None if it has none.

    Only from catalogs that people edit: `states`; `descriptions` by column name, the table's own under "";
    `before`: the entry before our change, None if there was none or it was not read; `owner`: several are
    joined with ", ", and one that is no person says what it is; `domains`, `terms` (of glossaries, on the
    table or a column, by full name) and `certification`; "" if there is none.
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
    """A table's state after an edit. `by`: a name in the catalog. `by_tool`: not a person's edit."""

    version: str
    by: str
    by_tool: bool
    at: datetime
    states: States
    descriptions: dict[str, str]


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """A raw file in the archive. `key`: in the bucket. `size`: bytes; None if the size would reveal values
    that not everybody may see.

    `columns`: those of the table made from it, with their tags; `tags`: what they mean for the file as a
    whole; `confirmed`: as in CatalogColumn. `table_id`, `table_fqn`: that table's. `became`: the present
    names of the columns that file and table share. `before`: the key of the previous version's file, "" if
    there is none; `came_from`: the column names there. `is_new`: it was never registered.
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
    """A catalog. Every method raises CatalogUnavailable or CatalogRefused."""

    # Whether people edit it in its own pages, and whether it takes raw files and samples. If False, the
    # methods below "Of a catalog that people edit" do nothing.
    is_shared: bool

    def register(self, table: CatalogTable) -> CatalogEntry:
        """Register the table with all its columns and tags, in one request. Replaces an earlier
        registration.
        """

    def apply_column_tags(
        self,
        entry_id: str,
        changes: Mapping[str, Collection[str]],
        confirmed: Mapping[str, Collection[str]] | None = None,
        agreed: Mapping[str, Collection[str]] | None = None,
    ) -> CatalogEntry:
        """Replace the tags of the named columns. `confirmed`: as in CatalogColumn, by column; None means all.

        `agreed`: as in CatalogColumn, by column. Only these tags are removed, and those among them that
        somebody removed there are not added again. None: each column gets exactly the given tags.
        """

    def fetch(self, entry_id: str) -> CatalogEntry | None:
        """The catalog's entry. None if there is no such table."""

    def retire(self, entry_id: str) -> None:
        """Remove the table. Safe to repeat."""

    # --- Of a catalog that people edit --------------------------------------------------------------------

    def history(self, entry_id: str) -> Sequence[CatalogMoment]:
        """The table's states, newest first, as far back as the catalog remembers."""

    def describe(self, entry_id: str, descriptions: Mapping[str, str]) -> CatalogEntry:
        """Replace these descriptions, by column name; the table's own under ""."""

    def change_owner(self, entry_id: str, owner: str) -> CatalogEntry:
        """Replace the table's owner."""

    def register_file(self, file: CatalogFile) -> None:
        """Register the file in its bucket with owner, columns and tags, and its lineage to the table and the
        next version, column by column. Replaces the tags that we set there before.
        """

    def retire_file(self, key: str) -> None:
        """Remove the file. Safe to repeat."""

    def show_sample(self, entry_id: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Replace the table's sample. `rows`: masked cells in the order of `columns`."""
