"""What a repeated PUT would leave standing, as a JSON Patch: it only ever adds tags."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from governance.catalog.contract import CatalogColumn, CatalogTable, States
from governance.openmetadata.bodies import label

Operation = dict[str, Any]
# A table, and a tag on it, as the server tells them.
Found = Mapping[str, Any]
Label = Mapping[str, Any]
# Whether two tags may not be on one thing.
Excludes = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table as it may be sent. By column name, `kept`: tags that others put there and that stay;
    `described`: descriptions that are there, which a PUT does not replace.
    """

    table: CatalogTable
    kept: dict[str, frozenset[str]] = field(default_factory=dict)
    described: dict[str, str] = field(default_factory=dict)

    def tags(self) -> dict[str, tuple[str, ...]]:
        """What the columns carry once the table was sent, sorted, by column name."""
        return {
            column.name: tuple(sorted({*column.tags, *self.kept.get(column.name, ())}))
            for column in self.table.columns
        }

    def states(self) -> States:
        """The same with "confirmed" or "suggested"."""
        confirmed = {column.name: column.confirmed for column in self.table.columns}
        return {
            name: {tag: "confirmed" if tag in confirmed[name] else "suggested" for tag in tags}
            for name, tags in self.tags().items()
        }

    def descriptions(self) -> dict[str, str]:
        """What was sent; what was there before stays in its place."""
        sent = {"": self.table.description} | {each.name: each.description for each in self.table.columns}
        return {name: self.described.get(name) or text for name, text in sent.items()}


@dataclass(frozen=True, slots=True)
class Difference:
    """`operations`: what goes or is replaced first, in this order; `fitted`: what is sent then."""

    operations: list[Operation]
    fitted: Fitted


def states_by_column(table: Found) -> States:
    """Tags of a table as the server tells it, without terms of glossaries."""
    return {
        column["name"]: {
            tag["tagFQN"]: "confirmed" if tag["state"] == "Confirmed" else "suggested"
            for tag in column.get("tags") or []
            if _is_tag(tag)
        }
        for column in table["columns"]
    }


def descriptions_by_column(table: Found) -> dict[str, str]:
    """Those of the columns by name, and the table's own under ""."""
    return {
        "": table.get("description") or "",
        **{column["name"]: column.get("description") or "" for column in table["columns"]},
    }


def describing(found: Found, descriptions: Mapping[str, str]) -> list[Operation]:
    """The patch after which table and columns are described so."""
    held = descriptions_by_column(found)
    return [
        _described(f"{path}/description", descriptions[name])
        for name, path, _ in _places(found)
        if name in descriptions and descriptions[name] != held[name]
    ]


def _described(place: str, text: str) -> Operation:
    return {"op": "add", "path": place, "value": text} if text else {"op": "remove", "path": place}


def before_put(found: Found, table: CatalogTable, excludes: Excludes) -> Difference:
    """What a PUT of `table` needs where the server has `found`.

    A tag that a tool put there goes when it is not wanted any more, is replaced where a wanted one excludes
    it, and becomes a person's where one confirmed it. Any other stays, and then the wanted tags that it
    excludes are not sent, nor are those that somebody took off since both sides agreed. Columns that are not
    wanted are left to the PUT, which drops them.
    """
    wanted = {"": table.tags, **{column.name: column.tags for column in table.columns}}
    agreed = {column.name: column.agreed for column in table.columns}
    confirmed = {column.name: column.confirmed for column in table.columns}
    theirs = states_by_column(found)
    operations: list[Operation] = []
    kept: dict[str, frozenset[str]] = {}
    sent = dict(wanted)
    for name, path, held in _places(found):
        if name not in wanted:
            continue
        kept[name] = frozenset(tag["tagFQN"] for tag in held if _is_tag(tag) and not _is_automated(tag))
        taken_off = set(agreed.get(name, ())) - {tag["tagFQN"] for tag in held}
        sent[name] = tuple(
            tag
            for tag in wanted[name]
            if tag not in taken_off and not any(excludes(tag, other) for other in kept[name])
        )
        operations += _making_room(path, held, sent[name], confirmed.get(name, ()), excludes)
    fitted = replace(
        table,
        tags=sent[""],
        columns=tuple(
            replace(column, tags=sent[column.name], confirmed=_still_confirmed(column, theirs))
            for column in table.columns
        ),
    )
    return Difference(operations, Fitted(fitted, kept, descriptions_by_column(found)))


def _still_confirmed(column: CatalogColumn, theirs: States) -> tuple[str, ...]:
    """What a person stands behind, here or there: the server would take our suggestion in its place."""
    there = [tag for tag, state in theirs.get(column.name, {}).items() if state == "confirmed"]
    return tuple(sorted({*column.confirmed, *there}))


def _making_room(
    path: str, held: list[Label], sent: Collection[str], confirmed: Collection[str], excludes: Excludes
) -> list[Operation]:
    """From the last tag to the first, so that positions hold."""
    operations: list[Operation] = []
    missing = sorted(set(sent) - {tag["tagFQN"] for tag in held})
    for position, tag in reversed(list(enumerate(held))):
        name, place = tag["tagFQN"], f"{path}/tags/{position}"
        if not _is_automated(tag):
            continue
        if name not in sent:
            successor = next((other for other in missing if excludes(other, name)), None)
            missing = [other for other in missing if other != successor]
            operations.append(_replaced(place, successor, confirmed))
        elif name in confirmed:
            operations.append(_replaced(place, name, confirmed))
    return operations


def _replaced(place: str, tag: str | None, confirmed: Collection[str]) -> Operation:
    if tag is None:
        return {"op": "remove", "path": place}
    return {"op": "replace", "path": place, "value": label(tag, confirmed=tag in confirmed)}


def replacing(
    found: Found, changes: Mapping[str, Collection[str]], confirmed: Mapping[str, Collection[str]]
) -> list[Operation]:
    """The patch after which the named columns carry exactly these tags; terms of glossaries stay."""
    operations: list[Operation] = []
    for name, path, held in _places(found):
        if name in changes:
            operations += _replacing(path, held, set(changes[name]), confirmed.get(name, ()))
    return operations


def _replacing(path: str, held: list[Label], wanted: set[str], confirmed: Collection[str]) -> list[Operation]:
    operations: list[Operation] = []
    left = len(held)
    for position, tag in reversed(list(enumerate(held))):
        place = f"{path}/tags/{position}"
        if _is_tag(tag) and tag["tagFQN"] not in wanted:
            operations.append(_replaced(place, None, confirmed))
            left -= 1
        elif _is_automated(tag) and tag["tagFQN"] in confirmed:
            operations.append(_replaced(place, tag["tagFQN"], confirmed))
    missing = sorted(wanted - {tag["tagFQN"] for tag in held})
    operations += [
        {"op": "add", "path": f"{path}/tags/{left + turn}", "value": label(tag, confirmed=tag in confirmed)}
        for turn, tag in enumerate(missing)
    ]
    return operations


def _places(found: Found) -> list[tuple[str, str, list[Label]]]:
    """(name, JSON pointer, labels) of the table, whose name is "", and of each column."""
    columns = [
        (column["name"], f"/columns/{index}", column.get("tags") or [])
        for index, column in enumerate(found["columns"])
    ]
    return [("", "", found.get("tags") or []), *columns]


def _is_tag(held: Label) -> bool:
    """Whether it is a tag of its own: no term of a glossary, and not what such a term brings along."""
    return bool(held["source"] == "Classification" and held["labelType"] != "Derived")


def _is_automated(held: Label) -> bool:
    """Whether a tool put it there and no person accepted it."""
    return _is_tag(held) and held["labelType"] == "Automated" and held["state"] != "Confirmed"
