"""Random edits on both sides of the catalog, by people and tools, with outages; then both must agree."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User

from datasets.models import Column, Dataset, Version
from governance.catalog.contract import CatalogRefused, CatalogUnavailable
from governance.curation.decisions import decide
from governance.models import CatalogDebt, FileDebt, Tag
from governance.om_client import OMClient
from governance.openmetadata.patching import states_by_column
from governance.rights.access import decided_tags
from governance.sync import agreement, registration
from governance.sync.owners import keep_ours, other_owner, take_over
from tests.openmetadata_double import Double

COLUMNS = ("email", "city")
# `city` has fields inside, on which people put tags, too.
CITY = {"kind": "STRUCT", "name": "", "parts": [{"kind": "STRING", "name": "town", "parts": []}]}
OWNERS = ("maria", "otto")
TAGS = ("PII.Sensitive", "PII.NonSensitive", "DataKind.Email", "DataKind.Username")
PEOPLE = ("maria", "admin")
TOOL = "ingestion-bot"
TEXTS = ("", "one", "two", "three")
PATHS = ("PATCH /api/v1/tables", "PUT /api/v1/tables", "GET /api/v1/tables", "/versions")
# Runs of the periodic tasks that both sides may need once the last edit was made.
ROUNDS = 6

Key = tuple[str, str]


@dataclass
class Words:
    """What people said last of each thing. Where both sides spoke since they last agreed, either may win."""

    allowed: dict[Key, set[Any]] = field(default_factory=dict)
    fresh: set[Key] = field(default_factory=set)

    def hear(self, key: Key, word: Any) -> None:
        if key not in self.fresh:
            self.allowed[key] = set()
        self.fresh.add(key)
        self.allowed[key].add(word)

    def agree(self, held: Callable[[Key], Any]) -> None:
        """Both sides agreed: what holds has to be somebody's last word, and is the only one from now on."""
        for key, words in self.allowed.items():
            assert held(key) in words, f"{key}: {held(key)!r} holds, people said {words}"
            self.allowed[key] = {held(key)}
        self.fresh.clear()


class Soak:
    """One dataset, random events, then peace. Raises AssertionError where a word of a person is lost."""

    def __init__(self, double: Double, version: Version, steward: User, seed: int) -> None:
        self.double = double
        self.version = version
        self.steward = steward
        self.random = random.Random(seed)
        self.tags, self.texts = Words(), Words()
        # Who may own the table there after what people said; nobody: not known.
        self.owner: set[str] = set()
        self.happened: Counter[str] = Counter()
        OMClient.shared().taxonomy.provide([("", [tag]) for tag in TAGS])
        self.owners = {name: OMClient.shared().places.owner(name) for name in OWNERS}
        for name in OWNERS:
            User.objects.create_user(name)

    def run(self, edits: int) -> None:
        acts: list[tuple[int, Callable[[], None]]] = [
            (8, self.decide_here),
            (8, self.edit_there),
            (2, self.describe_here),
            (3, self.describe_there),
            (2, self.tool_edits_there),
            (2, self.change_owner_there),
            (2, self.settle_owner_here),
            (2, self.upload_again),
            (1, self.delete_there),
            (3, self.trouble),
            (1, self.pause),
            (8, self.synchronise),
        ]
        weights = [weight for weight, _ in acts]
        for _ in range(edits):
            (act,) = self.random.choices([act for _, act in acts], weights)
            # What finds the table out of reach does nothing.
            self.happened[act.__name__] += self.table() is not None
            act()
        self.end()
        for _, act in acts:
            assert self.happened[act.__name__] >= edits // 250, f"{act.__name__} was hardly tried"

    def end(self) -> None:
        """Nothing happens any more but the periodic tasks; then both sides hold the same."""
        self.double.start()
        self.double.calm()
        for _ in range(ROUNDS):
            self.synchronise(answering=True)
        assert not CatalogDebt.objects.exists(), "nothing is owed"
        assert not FileDebt.objects.exists(), "nothing is owed of files"
        assert self.on_file() == {column: self.here(column) for column in COLUMNS}
        for column in COLUMNS:
            assert self.here(column) == self.there(column), column
            assert self.column(column).description == self.text_there(column)
        assert self.dataset().description == self.text_there("")
        self.tags.agree(self.is_confirmed)
        self.texts.agree(lambda key: self.text_there(key[0]))
        if self.owner:
            found = OMClient.shared().fetch(self.current().catalog_id)
            assert found is not None
            assert found.owner in self.owner

    # --- What may happen ----------------------------------------------------------------------------------

    def decide_here(self) -> None:
        column, tag = self.random.choice(COLUMNS), self.random.choice(TAGS)
        state = self.random.choice(["confirmed", "rejected"])
        self.hear(column, tag, on=state == "confirmed")
        decide(self.column(column), Tag.objects.get(fqn=tag), state, self.steward)

    def edit_there(self) -> None:
        """A person takes one tag off, or puts one on, in the place of what it excludes; of a nested column
        also on its field."""
        table = self.table()
        if table is None:
            return
        index, column = self.random.choice(list(enumerate(table["columns"])))
        held = labels_of(f"/columns/{index}", column)
        there = {tag for _, tag in held}
        tag = self.random.choice(TAGS)
        gone = {tag} if tag in there else {other for other in there if excludes(tag, other)}
        for other in gone:
            self.hear(column["name"], other, on=False)
        operations = [remove(pointer) for pointer, other in reversed(held) if other in gone]
        if tag not in there:
            self.hear(column["name"], tag, on=True)
            inside = [f"/columns/{index}/children/0"] if column.get("children") else []
            place = self.random.choice([f"/columns/{index}", *inside])
            left = [
                other for pointer, other in held if pointer.startswith(f"{place}/tags/") and other not in gone
            ]
            operations.append(add(place, len(left), tag, by_hand=True))
        self.double.edit(self.version.catalog_fqn, operations, self.random.choice(PEOPLE))

    def tool_edits_there(self) -> None:
        table = self.table()
        if table is None:
            return
        index, column = self.random.choice(list(enumerate(table["columns"])))
        if self.random.random() < 0.2:
            text = {
                "op": "add",
                "path": f"/columns/{index}/description",
                "value": self.random.choice(TEXTS[1:]),
            }
            self.double.edit(self.version.catalog_fqn, [text], TOOL)
            return
        held = [tag for _, tag in labels_of(f"/columns/{index}", column)]
        suggested = [at for at, label in enumerate(column["tags"]) if label["state"] == "Suggested"]
        free = [tag for tag in TAGS if tag not in held and not any(excludes(tag, other) for other in held)]
        if suggested and self.random.random() < 0.5:
            operation = remove(f"/columns/{index}/tags/{suggested[0]}")
        elif free:
            operation = add(f"/columns/{index}", len(column["tags"]), self.random.choice(free), by_hand=False)
        else:
            return
        self.double.edit(self.version.catalog_fqn, [operation], TOOL)

    def describe_here(self) -> None:
        name, text = self.random.choice(["", *COLUMNS]), self.random.choice(TEXTS)
        self.texts.hear((name, ""), text)
        described: Dataset | Column = self.column(name) if name else self.dataset()
        described.description = text
        described.save(update_fields=["description"])

    def describe_there(self) -> None:
        table = self.table()
        if table is None:
            return
        name, text = self.random.choice(["", *COLUMNS]), self.random.choice(TEXTS)
        if text == self.text_there(name):
            return
        self.texts.hear((name, ""), text)
        place = f"/columns/{[each['name'] for each in table['columns']].index(name)}" if name else ""
        operation: dict[str, Any] = {"op": "add", "path": f"{place}/description", "value": text}
        if not text:
            operation = {"op": "remove", "path": f"{place}/description"}
        self.double.edit(self.version.catalog_fqn, [operation], self.random.choice(PEOPLE))

    def change_owner_there(self) -> None:
        if self.table() is None:
            return
        name = self.random.choice(OWNERS)
        self.owner = {name}
        owner = {"id": self.owners[name], "type": "user"}
        is_one = self.double.profile == "1.1"
        operation = {
            "op": "add",
            "path": "/owner" if is_one else "/owners",
            "value": owner if is_one else [owner],
        }
        self.double.edit(self.version.catalog_fqn, [operation], "admin")

    def settle_owner_here(self) -> None:
        """A person takes the owner there over, or keeps ours and has the catalog told."""
        dataset = self.dataset()
        found = other_owner(dataset)
        if found and found.heir and self.random.random() < 0.5:
            take_over(dataset, dataset.owner)
        elif found:
            ours = dataset.owner.get_username()
            try:
                keep_ours(dataset, self.steward)
                self.owner = {ours}
            except (CatalogUnavailable, CatalogRefused):
                self.owner |= {ours} if self.owner else set()

    def upload_again(self) -> None:
        version = self.current()
        with suppress(CatalogUnavailable, CatalogRefused):
            entry = registration.register(version)
            Version.objects.filter(pk=version.pk).update(catalog_id=entry.id, catalog_version=entry.version)

    def delete_there(self) -> None:
        """What was edited there since both sides agreed goes with it."""
        table = self.table()
        if table is None:
            return
        hard = self.random.random() < 0.5
        client = OMClient.shared()
        with suppress(CatalogUnavailable, CatalogRefused):
            client.connection.delete(f"/tables/{table['id']}" + ("?hardDelete=true" if hard else ""))
        for key in self.tags.fresh:
            self.tags.allowed[key] = {True, False}
        for key in self.texts.fresh:
            self.texts.allowed[key] = set(TEXTS)
        self.owner = set()

    def trouble(self) -> None:
        """Failures, lost answers, an outage, or its end."""
        kind = self.random.choice(["fail", "lose", "stop", "start", "start"])
        if kind == "fail":
            self.double.fail_next(self.random.randint(1, 3), 503, self.random.choice(PATHS))
        elif kind == "lose":
            self.double.lose_next(self.random.choice(PATHS))
        elif kind == "stop":
            self.double.stop()
        else:
            self.double.start()

    def pause(self) -> None:
        """From now on a user's edits are put together, or are not."""
        self.double.fold_seconds = self.random.choice([600, -1])

    def synchronise(self, *, answering: bool = False) -> None:
        """The periodic tasks; a person answers what is to become of a table that was deleted there."""
        dataset = self.dataset()
        try:
            agreement.look(dataset)
            if agreement.is_gone(dataset) and (answering or self.random.random() < 0.5):
                agreement.keep(dataset, self.steward)
            registration.tell_catalog(self.dataset())
            registration.tell_descriptions()
            agreement.look(self.dataset())
            for version in registration.files_owed():
                registration.register_file(version)
        except (CatalogUnavailable, CatalogRefused):
            return
        if not CatalogDebt.objects.exists() and not agreement.is_gone(dataset):
            self.tags.agree(self.is_confirmed)
            self.texts.agree(lambda key: self.text_here(key[0]))

    # --- What holds ---------------------------------------------------------------------------------------

    def hear(self, column: str, tag: str, *, on: bool) -> None:
        """A tag that is put on takes those off that it excludes, or loses against one on the other side."""
        self.tags.hear((column, tag), on)
        for other in TAGS if on else ():
            if excludes(tag, other) and (column, other) in self.tags.allowed:
                self.tags.fresh.add((column, other))
                self.tags.allowed[column, other].add(False)
                self.tags.allowed[column, tag].add(False)

    def dataset(self) -> Dataset:
        return Dataset.objects.get(pk=self.version.dataset_id)

    def current(self) -> Version:
        return Version.objects.get(pk=self.version.pk)

    def column(self, name: str) -> Column:
        return Column.objects.get(dataset=self.version.dataset_id, key=name)

    def table(self) -> dict[str, Any] | None:
        """As stored; None while it is deleted or nobody can reach it."""
        return None if self.double.is_stopped else self.double.table(self.version.catalog_fqn)

    def here(self, column: str) -> dict[str, str]:
        identity = self.column(column)
        return {tag.fqn: tag.state for tag in decided_tags([identity])[identity.pk]}

    def there(self, column: str) -> dict[str, str]:
        found = OMClient.shared().fetch(self.current().catalog_id)
        return found.states[column] if found else {}

    def on_file(self) -> dict[str, dict[str, str]]:
        """Tags of the raw file's columns, by column."""
        found = OMClient.shared().files._find(self.current().raw_key)
        return states_by_column(found) if found else {}

    def is_confirmed(self, key: Key) -> bool:
        return self.here(key[0]).get(key[1]) == "confirmed"

    def text_here(self, name: str) -> str:
        return (self.column(name) if name else self.dataset()).description

    def text_there(self, name: str) -> str:
        found = self.table()
        assert found is not None
        told = found if not name else next(each for each in found["columns"] if each["name"] == name)
        return told.get("description") or ""


def excludes(one: str, other: str) -> bool:
    return one != other and one.startswith("PII.") and other.startswith("PII.")


def labels_of(path: str, thing: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(JSON pointer, tag) of a column and of the fields inside of it."""
    held = [(f"{path}/tags/{at}", tag["tagFQN"]) for at, tag in enumerate(thing.get("tags") or [])]
    for at, child in enumerate(thing.get("children") or []):
        held += labels_of(f"{path}/children/{at}", child)
    return held


def remove(pointer: str) -> dict[str, Any]:
    return {"op": "remove", "path": pointer}


def add(path: str, position: int, tag: str, *, by_hand: bool) -> dict[str, Any]:
    how = ("Manual", "Confirmed") if by_hand else ("Automated", "Suggested")
    label = {"tagFQN": tag, "source": "Classification", "labelType": how[0], "state": how[1]}
    return {"op": "add", "path": f"{path}/tags/{position}", "value": label}
