"""Computes what a table or file in OpenMetadata lacks, as a JSON Patch, from each answer anew.

A server keeps the state of a tag that is set, whatever a request says. So a suggestion that became a person's
decision is removed by one patch and added by the next. A tag on a field inside a nested column counts as the
column's (see _inside): here it applies to the whole column.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from governance.catalog.contract import CatalogColumn, CatalogFile, CatalogTable, Evidence, States
from governance.openmetadata.bodies import label
from governance.policies import PERSONAL_CLASSIFICATIONS
from governance.tag_schema import strictest

Operation = dict[str, Any]
# A table, and a tag on it, as the server sends them.
Found = Mapping[str, Any]
Label = Mapping[str, Any]
# A label, and the JSON pointer to it.
Held = tuple[str, Label]
# Whether two tags may not be on one object.
Excludes = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class WantedTags:
    """The tags that one column, or the table itself, should have.

    `confirmed`: tags decided by a person. `evidence`: by tag. `goes`: whether an unwanted tag is removed.
    `copied`: the tags are copies of another object's.
    """

    tags: frozenset[str]
    confirmed: frozenset[str] = frozenset()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    goes: Callable[[Label], bool] = lambda held: False
    copied: bool = False


def states_by_column(table: Found) -> States:
    """Tags of a table in the server's form, without glossary terms."""
    return {name: states_in(held) for name, held in labels_by_column(table).items() if name}


def states_in(labels: Sequence[Label]) -> dict[str, str]:
    """ "confirmed" or "suggested" by tag. Confirmed, if it is set twice and one of them is."""
    states: dict[str, str] = {}
    for tag in filter(_is_tag, labels):
        if states.get(tag["tagFQN"]) != "confirmed":
            states[tag["tagFQN"]] = "confirmed" if tag["state"] == "Confirmed" else "suggested"
    return states


def terms_of(table: Found) -> tuple[str, ...]:
    """Full names of the glossary terms on the table and its columns, sorted."""
    labels = [label for held in labels_by_column(table).values() for label in held]
    return tuple(sorted({label["tagFQN"] for label in labels if label["source"] == "Glossary"}))


def descriptions_by_column(table: Found) -> dict[str, str]:
    """The columns' descriptions by name, and the table's own under ""."""
    return {
        "": table.get("description") or "",
        **{column["name"]: column.get("description") or "" for column in columns_of(table)[1]},
    }


def describing(found: Found, descriptions: Mapping[str, str]) -> list[Operation]:
    """The patch that sets these descriptions of table and columns."""
    held = descriptions_by_column(found)
    return [
        _described(f"{path}/description", descriptions[name])
        for name, path, _ in _places(found)
        if name in descriptions and descriptions[name] != held[name]
    ]


def _described(place: str, text: str) -> Operation:
    return {"op": "add", "path": place, "value": text} if text else {"op": "remove", "path": place}


def tagging(found: Found, wishes: Mapping[str, WantedTags]) -> list[Operation]:
    """The next patch towards these tags, by column name and "" for the table. [] once they are reached."""
    operations: list[Operation] = []
    for name, path, held in _places(found):
        if name in wishes:
            operations += _tagging(path, held, wishes[name])
    return operations


def _tagging(path: str, held: Sequence[Held], wish: WantedTags) -> list[Operation]:
    """Removals from the last tag to the first, so that positions stay valid; then additions."""
    gone = [pointer for pointer, tag in held if _is_own(tag) and _is_in_the_way(tag, wish)]
    own = {pointer for pointer, _ in held if pointer.startswith(f"{path}/tags/")}
    there = _names(tag for _, tag in held)
    left = len(own.difference(gone))
    additions = [
        {"op": "add", "path": f"{path}/tags/{left + turn}", "value": _label(tag, wish)}
        for turn, tag in enumerate(sorted(wish.tags - there))
    ]
    return [{"op": "remove", "path": pointer} for pointer in reversed(gone)] + additions


def _label(tag: str, wish: WantedTags) -> Operation:
    return label(tag, confirmed=tag in wish.confirmed, evidence=wish.evidence.get(tag), copied=wish.copied)


def _is_in_the_way(tag: Label, wish: WantedTags) -> bool:
    name = tag["tagFQN"]
    if name not in wish.tags:
        return wish.goes(tag)
    return name in wish.confirmed and tag["state"] != "Confirmed"


def removals(operations: list[Operation]) -> list[Operation]:
    """The operations if any of them removes something. Otherwise none: a PUT adds by itself."""
    return operations if any(operation["op"] == "remove" for operation in operations) else []


def guards(found: Found, operations: Sequence[Operation]) -> list[Operation]:
    """Tests that the tags to be removed are still where they were found.

    They prevent removing another tag if somebody edited the table meanwhile.
    """
    names = {pointer: tag["tagFQN"] for _, _, held in _places(found) for pointer, tag in held}
    return [
        {"op": "test", "path": f"{operation['path']}/tagFQN", "value": names[operation["path"]]}
        for operation in operations
        if operation["op"] == "remove" and operation["path"] in names
    ]


# --- What is wanted ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table that may be sent, and what the catalog then has.

    By column name: `wishes`; `states`: tags with "confirmed" or "suggested", including tags of others that
    stay; `descriptions`: those there win over ours; the table's own under "".
    """

    table: CatalogTable
    wishes: dict[str, WantedTags]
    states: States
    descriptions: dict[str, str]


def fitted(table: CatalogTable, found: Found | None, excludes: Excludes) -> Fitted:
    """What a PUT of `table` may contain if the server has `found`. None: it has no such table.

    A tag that a tool set there is removed if it is no longer wanted, and replaced if a person confirmed it.
    Any other tag stays. Wanted tags that it excludes are not sent, nor tags that somebody removed there since
    the last agreement. The table's display name stays too. The PUT itself drops unwanted columns.
    """
    there = labels_by_column(found) if found else {}
    inside = _inside_alone(found) if found else {}
    told = descriptions_by_column(found) if found else {}
    shown = (found or {}).get("displayName") or table.display_name
    own = WantedTags(frozenset(table.tags), goes=_is_automated)
    wishes = {"": _fitting(own, frozenset(), there.get("", []), excludes)}
    columns = []
    for column in table.columns:
        wish = WantedTags(frozenset(column.tags), frozenset(column.confirmed), column.evidence, _is_automated)
        # If the table is missing, nobody removed a tag from it.
        agreed = frozenset(column.agreed if found else ())
        fitting = _fitting(wish, agreed, there.get(column.name, []), excludes)
        wishes[column.name] = fitting
        columns.append(_carrying(column, fitting, inside.get(column.name, frozenset())))
    sent = {"": table.description} | {column.name: column.description for column in table.columns}
    return Fitted(
        replace(table, display_name=shown, tags=tuple(sorted(wishes[""].tags)), columns=tuple(columns)),
        wishes,
        {column.name: expected(wishes[column.name], there.get(column.name, [])) for column in table.columns},
        {name: told.get(name) or text for name, text in sent.items()},
    )


def carried(file: CatalogFile, found: Found, excludes: Excludes) -> dict[str, WantedTags]:
    """Wanted tags of a file and its columns: copies of its table's tags. Only such copies are ever
    removed.
    """
    named = [
        ("", file.tags, file.confirmed),
        *((each.name, each.tags, each.confirmed) for each in file.columns),
    ]
    held = labels_by_column(found)
    wishes = {}
    for name, tags, confirmed in named:
        wish = WantedTags(frozenset(tags), frozenset(confirmed), goes=_is_copied, copied=True)
        wishes[name] = _fitting(wish, frozenset(), held.get(name, []), excludes)
    return wishes


def changing(
    found: Found,
    changes: Mapping[str, Collection[str]],
    confirmed: Mapping[str, Collection[str]],
    agreed: Mapping[str, Collection[str]] | None,
    excludes: Excludes,
) -> dict[str, WantedTags]:
    """Wanted tags of the named columns. `agreed`: as in Catalog.apply_column_tags."""
    wishes = {}
    for name, held in labels_by_column(found).items():
        if name in changes:
            known = frozenset(agreed.get(name, ())) if agreed is not None else None
            goes = _always if known is None else _named(known)
            wish = WantedTags(frozenset(changes[name]), frozenset(confirmed.get(name, ())), goes=goes)
            wishes[name] = _fitting(wish, known or frozenset(), held, excludes)
    return wishes


def expected(wish: WantedTags, held: Sequence[Label]) -> dict[str, str]:
    """The state of each tag after the change."""
    stays = states_in([tag for tag in held if tag["tagFQN"] in wish.tags or not _goes(tag, wish)])
    wanted = {tag: "confirmed" if tag in wish.confirmed else "suggested" for tag in wish.tags - stays.keys()}
    return {**stays, **wanted, **dict.fromkeys(wish.tags & wish.confirmed, "confirmed")}


def labels_by_column(found: Found) -> dict[str, list[Label]]:
    """All labels, by column name and "" for the table itself."""
    return {name: [label for _, label in held] for name, _, held in _places(found)}


def _fitting(
    wish: WantedTags, agreed: frozenset[str], held: Sequence[Label], excludes: Excludes
) -> WantedTags:
    """The wish without tags removed there since the last agreement, and tags that others' tags exclude."""
    there = _names(held)
    stays = _names(tag for tag in held if not _goes(tag, wish)) - wish.tags
    tags = {
        tag
        for tag in wish.tags
        if not (tag in agreed and tag not in there) and not any(excludes(tag, other) for other in stays)
    }
    return replace(wish, tags=frozenset(tags))


def _carrying(column: CatalogColumn, wish: WantedTags, inside: frozenset[str]) -> CatalogColumn:
    """The column with the tags to send. `inside`: tags that its fields already have."""
    tags = wish.tags - inside
    return replace(column, tags=tuple(sorted(tags)), confirmed=tuple(sorted(tags & wish.confirmed)))


def _always(held: Label) -> bool:
    return True


def _named(names: frozenset[str]) -> Callable[[Label], bool]:
    return lambda held: held["tagFQN"] in names


def columns_of(found: Found) -> tuple[str, list[Found]]:
    """The place of the columns of a table, or of a file (in its data model), and the columns."""
    if "columns" in found:
        return "/columns", found["columns"]
    return "/dataModel/columns", (found.get("dataModel") or {}).get("columns") or []


def _places(found: Found) -> list[tuple[str, str, list[Held]]]:
    """(name, JSON pointer, labels, its own first) of the table, whose name is "", and of each column."""
    start, columns = columns_of(found)
    places = [("", "", _own("", found))]
    for index, column in enumerate(columns):
        path = f"{start}/{index}"
        places.append((column["name"], path, _own(path, column) + _inside(path, column)))
    return places


def _own(path: str, thing: Found) -> list[Held]:
    return [(f"{path}/tags/{position}", tag) for position, tag in enumerate(thing.get("tags") or [])]


def _inside(path: str, column: Found) -> list[Held]:
    """Labels of fields in a nested column that count for the whole column.

    Tags of PII and of PersonalData exclude each other: the column's own counts, otherwise the strictest.
    """
    own = {tag["tagFQN"] for tag in column.get("tags") or []}
    held = list(_below(path, column))
    decided = {_family(name) for name in own}
    counted = own | {
        tag for tag in strictest([([tag["tagFQN"] for _, tag in held], ())])[0] if _family(tag) not in decided
    }
    return [
        (pointer, tag)
        for pointer, tag in held
        if tag["tagFQN"] in counted or _family(tag["tagFQN"]) not in PERSONAL_CLASSIFICATIONS
    ]


def _inside_alone(found: Found) -> dict[str, frozenset[str]]:
    """Tags on fields of a column but not on the column itself, by column name."""
    alone = {}
    for name, path, held in _places(found):
        own = {pointer for pointer, _ in held if pointer.startswith(f"{path}/tags/")}
        alone[name] = _names(tag for pointer, tag in held if pointer not in own) - _names(
            tag for pointer, tag in held if pointer in own
        )
    return alone


def _below(path: str, column: Found) -> Iterator[Held]:
    for index, child in enumerate(column.get("children") or []):
        inner = f"{path}/children/{index}"
        yield from _own(inner, child)
        yield from _below(inner, child)


def _family(tag: str) -> str:
    return tag.partition(".")[0]


def _names(labels: Iterable[Label]) -> frozenset[str]:
    return frozenset(tag["tagFQN"] for tag in labels if _is_tag(tag))


def _goes(held: Label, wish: WantedTags) -> bool:
    return _is_own(held) and wish.goes(held)


def _is_tag(held: Label) -> bool:
    """Whether it is a tag that we can name: not a glossary term, and without quotes."""
    return bool(held["source"] == "Classification" and '"' not in held["tagFQN"])


def _is_own(held: Label) -> bool:
    """Whether it may be removed: not a tag that comes with a glossary term."""
    return _is_tag(held) and bool(held["labelType"] != "Derived")


def _is_copied(held: Label) -> bool:
    return bool(held["labelType"] == "Automated")


def _is_automated(held: Label) -> bool:
    """Whether a tool set it and no person accepted it."""
    return bool(held["labelType"] == "Automated" and held["state"] != "Confirmed")
