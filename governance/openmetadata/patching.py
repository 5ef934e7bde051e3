"""What a table there lacks of what is wanted of it, as a JSON Patch, worked out anew from each answer.

A server that has a tag keeps its state, whatever a request says of it. So a suggestion that became a person's
word is taken off by one patch and put on by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from governance.catalog.contract import CatalogColumn, CatalogTable, Evidence, States
from governance.openmetadata.bodies import label

Operation = dict[str, Any]
# A table, and a tag on it, as the server tells them.
Found = Mapping[str, Any]
Label = Mapping[str, Any]
# Whether two tags may not be on one thing.
Excludes = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class WantedTags:
    """What one column, or the table itself, is to carry.

    `confirmed`: those of the tags that a person stands behind. `evidence`: by tag. `goes`: whether a tag
    that is there and not wanted is taken off.
    """

    tags: frozenset[str]
    confirmed: frozenset[str] = frozenset()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    goes: Callable[[Label], bool] = lambda held: False


def states_by_column(table: Found) -> States:
    """Tags of a table as the server tells it, without terms of glossaries."""
    return {name: states_in(held) for name, _, held in _places(table) if name}


def states_in(labels: Sequence[Label]) -> dict[str, str]:
    """ "confirmed" or "suggested" by tag."""
    return {
        tag["tagFQN"]: "confirmed" if tag["state"] == "Confirmed" else "suggested"
        for tag in labels
        if _is_tag(tag)
    }


def terms_of(table: Found) -> tuple[str, ...]:
    """Full names of the glossaries' terms on the table and its columns, sorted."""
    labels = [label for _, _, held in _places(table) for label in held if label["source"] == "Glossary"]
    return tuple(sorted({label["tagFQN"] for label in labels}))


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


def tagging(found: Found, wishes: Mapping[str, WantedTags]) -> list[Operation]:
    """The next patch on the way to these wishes, by column name and "" for the table; [] once they hold."""
    operations: list[Operation] = []
    for name, path, held in _places(found):
        if name in wishes:
            operations += _tagging(path, held, wishes[name])
    return operations


def _tagging(path: str, held: Sequence[Label], wish: WantedTags) -> list[Operation]:
    """Removals from the last tag to the first, so that positions hold; then what is missing."""
    operations: list[Operation] = []
    left = len(held)
    for position, tag in reversed(list(enumerate(held))):
        if _is_tag(tag) and _is_in_the_way(tag, wish):
            operations.append({"op": "remove", "path": f"{path}/tags/{position}"})
            left -= 1
    missing = sorted(wish.tags - {tag["tagFQN"] for tag in held if _is_tag(tag)})
    return operations + [
        {
            "op": "add",
            "path": f"{path}/tags/{left + turn}",
            "value": label(tag, confirmed=tag in wish.confirmed, evidence=wish.evidence.get(tag)),
        }
        for turn, tag in enumerate(missing)
    ]


def _is_in_the_way(tag: Label, wish: WantedTags) -> bool:
    name = tag["tagFQN"]
    if name not in wish.tags:
        return wish.goes(tag)
    return name in wish.confirmed and tag["state"] != "Confirmed"


def removals(operations: list[Operation]) -> list[Operation]:
    """The operations, where one of them takes something off; else none: a PUT adds by itself."""
    return operations if any(operation["op"] == "remove" for operation in operations) else []


def guards(found: Found, operations: Sequence[Operation]) -> list[Operation]:
    """Tests that the tags which the operations take off are still where they were found.

    They keep a patch from another tag's place where somebody edited the table meanwhile.
    """
    names = {
        f"{path}/tags/{position}": tag["tagFQN"]
        for _, path, held in _places(found)
        for position, tag in enumerate(held)
    }
    return [
        {"op": "test", "path": f"{operation['path']}/tagFQN", "value": names[operation["path"]]}
        for operation in operations
        if operation["op"] == "remove" and operation["path"] in names
    ]


# --- What is wanted ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table as it may be sent, and what it then carries.

    By column name: `wishes`; `states`: tags with "confirmed" or "suggested", those that others put there
    and that stay among them; `descriptions`: what is there stays in the place of ours; the table's own
    under "".
    """

    table: CatalogTable
    wishes: dict[str, WantedTags]
    states: States
    descriptions: dict[str, str]


def fitted(table: CatalogTable, found: Found | None, excludes: Excludes) -> Fitted:
    """What a PUT of `table` may hold where the server has `found`; None: it has no such table.

    A tag that a tool put there goes when it is not wanted any more, and becomes a person's where one
    confirmed it. Any other stays, and then the wanted tags that it excludes are not sent, nor are those
    that somebody took off since both sides agreed. Columns that are not wanted are left to the PUT, which
    drops them.
    """
    there = {name: held for name, _, held in _places(found)} if found else {}
    told = descriptions_by_column(found) if found else {}
    own = WantedTags(frozenset(table.tags), goes=_is_automated)
    wishes = {"": _fitting(own, frozenset(), there.get("", []), excludes)}
    columns = []
    for column in table.columns:
        wish = WantedTags(frozenset(column.tags), frozenset(column.confirmed), column.evidence, _is_automated)
        fitting = _fitting(wish, frozenset(column.agreed), there.get(column.name, []), excludes)
        wishes[column.name] = fitting
        columns.append(_carrying(column, fitting))
    sent = {"": table.description} | {column.name: column.description for column in table.columns}
    return Fitted(
        replace(table, tags=tuple(sorted(wishes[""].tags)), columns=tuple(columns)),
        wishes,
        {column.name: expected(wishes[column.name], there.get(column.name, [])) for column in table.columns},
        {name: told.get(name) or text for name, text in sent.items()},
    )


def changing(
    found: Found,
    changes: Mapping[str, Collection[str]],
    confirmed: Mapping[str, Collection[str]],
    agreed: Mapping[str, Collection[str]] | None,
    excludes: Excludes,
) -> dict[str, WantedTags]:
    """Wishes for the named columns. `agreed`: as in Catalog.apply_column_tags."""
    wishes = {}
    for name, _, held in _places(found):
        if name in changes:
            known = frozenset(agreed.get(name, ())) if agreed is not None else None
            goes = _always if known is None else _named(known)
            wish = WantedTags(frozenset(changes[name]), frozenset(confirmed.get(name, ())), goes=goes)
            wishes[name] = _fitting(wish, known or frozenset(), held, excludes)
    return wishes


def expected(wish: WantedTags, held: Sequence[Label]) -> dict[str, str]:
    """What is there once the wish holds, by tag."""
    stays = {
        name: state
        for tag in held
        for name, state in states_in([tag]).items()
        if name in wish.tags or not wish.goes(tag)
    }
    wanted = {tag: "confirmed" if tag in wish.confirmed else "suggested" for tag in wish.tags - stays.keys()}
    return {**stays, **wanted, **dict.fromkeys(wish.tags & wish.confirmed, "confirmed")}


def labels_by_column(found: Found) -> dict[str, list[Label]]:
    """All labels, by column name and "" for the table itself."""
    return {name: held for name, _, held in _places(found)}


def _fitting(
    wish: WantedTags, agreed: frozenset[str], held: Sequence[Label], excludes: Excludes
) -> WantedTags:
    """The wish without what somebody took off since both sides agreed, and what others' tags exclude."""
    there = {tag["tagFQN"] for tag in held if _is_tag(tag)}
    stays = {tag["tagFQN"] for tag in held if _is_tag(tag) and not wish.goes(tag)} - wish.tags
    tags = {
        tag
        for tag in wish.tags
        if not (tag in agreed and tag not in there) and not any(excludes(tag, other) for other in stays)
    }
    return replace(wish, tags=frozenset(tags))


def _carrying(column: CatalogColumn, wish: WantedTags) -> CatalogColumn:
    return replace(column, tags=tuple(sorted(wish.tags)), confirmed=tuple(sorted(wish.tags & wish.confirmed)))


def _always(held: Label) -> bool:
    return True


def _named(names: frozenset[str]) -> Callable[[Label], bool]:
    return lambda held: held["tagFQN"] in names


def _places(found: Found) -> list[tuple[str, str, list[Label]]]:
    """(name, JSON pointer, labels) of the table, whose name is "", and of each column."""
    columns = [
        (column["name"], f"/columns/{index}", column.get("tags") or [])
        for index, column in enumerate(found["columns"])
    ]
    return [("", "", found.get("tags") or []), *columns]


def _is_tag(held: Label) -> bool:
    """Whether it is a tag that we can name: no term of a glossary nor what one brings along, no quotes."""
    own = held["source"] == "Classification" and held["labelType"] != "Derived"
    return bool(own and '"' not in held["tagFQN"])


def _is_automated(held: Label) -> bool:
    """Whether a tool put it there and no person accepted it."""
    return _is_tag(held) and held["labelType"] == "Automated" and held["state"] != "Confirmed"
