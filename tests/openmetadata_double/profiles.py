"""The versions of the server that the double plays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.openmetadata_double import shapes_11
from tests.openmetadata_double.answers import Crashed, Refused
from tests.openmetadata_double.shapes import Shape, check


@dataclass(frozen=True)
class Profile:
    version: str
    shape: Callable[[str], Shape]
    """What a request for this kind may hold; KeyError for a kind that this version does not know."""
    fields: Callable[[str], tuple[str, ...]]
    lists: bool
    """Owners and domains are lists: `owners`, `domains`; otherwise there is one `owner`."""
    folds: bool = False
    """A user's edits of ten minutes are one version, which goes back where they cancel out; a tag that is
    there
    keeps its state and label type; PUTs are for bots and admins."""
    stores_columns_if_matched: bool = True
    """Whether a PATCH with If-Match stores what it says of columns."""

    @property
    def owner(self) -> str:
        return "owners" if self.lists else "owner"

    def check(self, kind: str, body: object, text: str) -> None:
        check(self.shape(kind), body, text)
        if self.folds and isinstance(body, dict) and '"' in str(body.get("name", "")) and kind == "table":
            raise Crashed("null")

    def check_fields(self, kind: str, asked: set[str]) -> None:
        """Refuse a field that this kind does not have."""
        for name in sorted(asked - set(self.fields(kind))):
            raise Refused(400, f"Invalid field name {name}")


def _fields_11(kind: str) -> tuple[str, ...]:
    return shapes_11.TABLE_FIELDS if kind == "table" else shapes_11.OTHER_FIELDS


def profile_of(name: str) -> Profile:
    """`1.1`, `1.12` or `2.0`; ValueError for another."""
    if name == "1.1":
        return Profile("1.1.0-SNAPSHOT", shapes_11.SHAPES.__getitem__, _fields_11, lists=False)
    if name not in ("1.12", "2.0"):
        raise ValueError(f"No profile {name}")
    from tests.openmetadata_double import shapes_20  # Only here: 1.1 does without the models.

    shapes_20.load()
    version = {"1.12": "1.12.6", "2.0": "2.0.6"}[name]
    stores = name == "2.0"
    shape, fields = shapes_20.shape if stores else shapes_20.shape_112, shapes_20.fields
    return Profile(version, shape, fields, lists=True, folds=True, stores_columns_if_matched=stores)
