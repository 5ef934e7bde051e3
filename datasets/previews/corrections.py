"""A person's corrections of a file before it is kept, and which of them hold for the next version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from datasets.tables.table import Dialect

NOTHING = Dialect()


@dataclass(frozen=True, slots=True)
class Corrections:
    """`dialect`: how to read the file, as far as a person has said. The other fields go by the column names
    in the file: `descriptions`; `tags` by full name, True for one that was set, False for one that was
    removed.
    """

    dialect: Dialect = NOTHING
    descriptions: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Only what was corrected: {"dialect", "descriptions", "tags"}, each where there is something."""
        said = {
            "dialect": self.dialect.said(),
            "descriptions": dict(self.descriptions),
            "tags": {name: dict(tags) for name, tags in self.tags.items() if tags},
        }
        return {name: value for name, value in said.items() if value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Corrections:
        dialect = Dialect.from_json(data.get("dialect", {}))
        return cls(dialect, data.get("descriptions", {}), data.get("tags", {}))

    def lasting(self) -> Corrections:
        """The corrections that the next version is read with. Descriptions and tags stay with their columns
        anyway.
        """
        return Corrections(replace(self.dialect, format=None))
