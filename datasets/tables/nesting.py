"""The structure of nested values (lists, maps, structures), which the typed copy keeps as JSON text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from datasets.tables.texts.header_shapes import is_personal_value
from datasets.tables.values.column_types import ColumnType

# Values nested deeper, and further fields of one structure, are described as text.
DEPTH, FIELDS = 8, 200
# A JSON key in a smaller share of the objects is data, not a field, as in a map of points by player.
SHARE_OF_OBJECTS = 0.5


@dataclass(frozen=True, slots=True)
class Nested:
    """The structure of a value. `kind`: "ARRAY", "MAP", "STRUCT", or a ColumnType of a plain value.

    `parts`: the element of an array, key and value of a map, or the fields of a structure in order. `name`:
    of a field; "" elsewhere.
    """

    kind: str
    parts: tuple[Nested, ...] = ()
    name: str = ""

    def display(self) -> str:
        """Such as "struct<city:string,codes:array<int>>"."""
        if not self.parts:
            return self.kind.lower()
        inner = ",".join(
            f"{part.name}:{part.display()}" if part.name else part.display() for part in self.parts
        )
        return f"{self.kind.lower()}<{inner}>"

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "name": self.name, "parts": [part.as_json() for part in self.parts]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Nested:
        return cls(data["kind"], tuple(map(cls.from_json, data["parts"])), data["name"])


TEXT = Nested(ColumnType.STRING)


def nested_in_arrow(
    type: pa.DataType, plain: Callable[[pa.DataType], ColumnType], name: str = "", depth: int = 0
) -> Nested | None:
    """The structure of a column of this type. None if it is not nested. `plain`: our type of a plain Arrow
    type.
    """
    types = pa.types

    def inner(type: pa.DataType, name: str = "") -> Nested:
        found = nested_in_arrow(type, plain, name, depth + 1) if depth + 1 < DEPTH else TEXT
        return found or Nested(plain(type), name=name)

    if types.is_map(type):
        return Nested("MAP", (inner(type.key_type), inner(type.item_type)), name)
    if types.is_list(type) or types.is_large_list(type) or types.is_fixed_size_list(type):
        return Nested("ARRAY", (inner(type.value_type),), name)
    if types.is_struct(type):
        fields = [type.field(place) for place in range(min(type.num_fields, FIELDS))]
        return Nested("STRUCT", tuple(inner(field.type, field.name) for field in fields), name)
    return None


@dataclass
class JsonSearch:
    """Finds the structure of one place in many JSON values. Feed it every value, then ask for the result."""

    objects: int = 0
    lists: int = 0
    plain: set[ColumnType] = field(default_factory=set)
    fields: dict[str, JsonSearch] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    items: JsonSearch | None = None

    def feed(self, value: Any, kind_of: Callable[[Any], ColumnType], depth: int = 0) -> None:
        """`kind_of`: our type of a value that is not an object, list or null."""
        if isinstance(value, dict) and depth < DEPTH:
            self.objects += 1
            for key, held in value.items():
                if key in self.keys or len(self.keys) <= FIELDS:
                    self.keys[key] = self.keys.get(key, 0) + 1
                    self.fields.setdefault(key, JsonSearch()).feed(held, kind_of, depth + 1)
        elif isinstance(value, list) and depth < DEPTH:
            self.lists += 1
            self.items = self.items or JsonSearch()
            for held in value:
                self.items.feed(held, kind_of, depth + 1)
        elif value is not None:
            self.plain.add(ColumnType.STRING if isinstance(value, dict | list) else kind_of(value))

    def shape(self, name: str = "") -> Nested:
        """The structure found. Text if values are of more than one kind."""
        plain = {ColumnType.FLOAT} if self.plain == {ColumnType.INT, ColumnType.FLOAT} else self.plain
        found = [Nested(kind, name=name) for kind in plain]
        if self.lists:
            found.append(Nested("ARRAY", (self.items.shape() if self.items else TEXT,), name))
        if self.objects:
            found.append(self._object(name))
        return found[0] if len(found) == 1 else Nested(ColumnType.STRING, name=name)

    def _object(self, name: str) -> Nested:
        named = self.keys and all(
            count >= SHARE_OF_OBJECTS * self.objects and key and not is_personal_value(key)
            for key, count in self.keys.items()
        )
        if named and len(self.keys) <= FIELDS:
            return Nested("STRUCT", tuple(self.fields[key].shape(key) for key in self.keys), name)
        shapes = {search.shape() for search in self.fields.values()}
        return Nested("MAP", (TEXT, shapes.pop() if len(shapes) == 1 else TEXT), name)
