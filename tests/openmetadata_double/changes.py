"""What an update changed, as the server tells it, and the version that follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.openmetadata_double.answers import Json
from tests.openmetadata_double.store import Ref, compact


class Change:
    def __init__(self) -> None:
        self._added: list[Json] = []
        self._updated: list[Json] = []
        self._deleted: list[Json] = []
        self.major = False
        """Whether a reader of the table may break: a column went."""

    def __bool__(self) -> bool:
        return bool(self._added or self._updated or self._deleted)

    def value(self, name: str, before: Any, after: Any) -> None:
        """One property that had the value `before`; None is no value."""
        if before == after:
            return
        if before is None:
            self._added.append({"name": name, "newValue": _told(after)})
        elif after is None:
            self._deleted.append({"name": name, "oldValue": _told(before)})
        else:
            self._updated.append({"name": name, "oldValue": _told(before), "newValue": _told(after)})

    def items(
        self, name: str, before: Sequence[Json], after: Sequence[Json], same: Callable[[Json, Json], bool]
    ) -> tuple[list[Json], list[Json]]:
        """A list: what came and what went; items that are the same in both are compared by the caller."""
        came = [each for each in after if not any(same(each, other) for other in before)]
        went = [each for each in before if not any(same(each, other) for other in after)]
        if came:
            self._added.append({"name": name, "newValue": compact(came)})
        if went:
            self._deleted.append({"name": name, "oldValue": compact(went)})
        return came, went

    def told(self, previous: float) -> Json:
        return {
            "fieldsAdded": self._added,
            "fieldsUpdated": self._updated,
            "fieldsDeleted": self._deleted,
            "previousVersion": previous,
        }

    def version_after(self, previous: float) -> float:
        return round(previous + (1.0 if self.major else 0.1), 1)


def _told(value: Any) -> Any:
    """Text, numbers and truth as they are, anything else as JSON."""
    if isinstance(value, list):
        return compact([_plain(each) for each in value])
    return compact(_plain(value)) if isinstance(value, dict | Ref) else value


def _plain(value: Any) -> Any:
    return {"id": value.id, "type": value.kind} if isinstance(value, Ref) else value
