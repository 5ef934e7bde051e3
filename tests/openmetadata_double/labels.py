"""Tags on tables and columns: which may stand together, which exist, what the server adds to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.openmetadata_double.answers import Json, Refused
from tests.openmetadata_double.names import parent_of
from tests.openmetadata_double.store import Entity, Store


def same(left: Json, right: Json) -> bool:
    """Whether two labels are one tag: who set it and how sure they were is not compared."""
    return bool(left["tagFQN"] == right["tagFQN"] and left["source"] == right["source"])


def merged(wanted: Sequence[Json], there: Sequence[Json]) -> list[Json]:
    """What a PUT leaves: what it asks for, and what was there and is not in it."""
    return [*wanted, *(label for label in there if not any(same(label, each) for each in wanted))]


def surviving(wanted: Sequence[Json], there: Sequence[Json], folded: Sequence[Json] | None) -> list[Json]:
    """What a server that keeps states stores: a tag that is there stays as it is, whatever is asked for.

    `folded`: the tags of the version that the user's edits start from, where they are put together: a tag
    that only one of the two has is written anew.
    """
    stays = [label for label in there if folded is None or any(same(label, each) for each in folded)]
    return [next((kept for kept in stays if same(kept, label)), label) for label in wanted]


def by_name(labels: Iterable[Json]) -> list[Json]:
    return sorted(labels, key=lambda label: str(label["tagFQN"]))


class Labels:
    def __init__(self, store: Store, *, with_names: bool) -> None:
        self._store = store
        self._with_names = with_names
        """Whether a label carries its tag's name too, as from 2.0 on."""

    def refuse_exclusive(self, labels: Sequence[Json]) -> None:
        """400 where two of them lie in one classification that allows one. An unknown tag counts as well."""
        seen: dict[str, Json] = {}
        for label in labels:
            parent = parent_of(label["tagFQN"])
            if (other := seen.get(parent)) and self._one_only(parent):
                pair = f"{label['tagFQN']} and {other['tagFQN']}"
                raise Refused(400, f"Tag labels {pair} are mutually exclusive and can't be assigned together")
            seen[parent] = label

    def refuse_unknown(self, labels: Iterable[Json]) -> None:
        for label in labels:
            self._tag(label)

    def stored(self, labels: Iterable[Json]) -> list[Json]:
        """As the server keeps them: in order of their names, with the tag's description."""
        return [self._described(label) for label in by_name(labels)]

    def _described(self, label: Json) -> Json:
        tag = self._tag(label).doc
        told = {"tagFQN": label["tagFQN"]}
        for name in ("name", "displayName", "description") if self._with_names else ("description",):
            if tag.get(name):
                told[name] = tag[name]
        return told | {name: value for name, value in label.items() if name not in told}

    def _tag(self, label: Json) -> Entity:
        if label["source"] != "Classification":
            return self._store.of_name("glossaryTerm", label["tagFQN"])
        return self._store.of_name("tag", label["tagFQN"])

    def _one_only(self, parent: str) -> bool:
        holder = self._store.named("classification", parent) or self._store.named("tag", parent)
        return bool(holder and holder.doc["mutuallyExclusive"])
