"""Random edits on both sides of the catalog, by people and tools, with outages; then both must agree."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User

from datasets.models import Column, Dataset, Version
from governance.catalog.contract import CatalogRefused, CatalogUnavailable
from governance.curation.decisions import decide
from governance.models import CatalogDebt, Tag
from governance.om_client import OMClient
from governance.rights.access import decided_tags
from governance.sync import agreement, registration
from tests.openmetadata_double import Double

COLUMNS = ("email", "city")
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
        self.owner = ""
        self.happened: list[str] = []
        OMClient.shared().taxonomy.provide([("", [tag]) for tag in TAGS])
        self.owners = {name: OMClient.shared().places.owner(name) for name in ("maria", "otto")}

    def run(self, edits: int) -> None:
        acts: list[tuple[int, Callable[[], None]]] = [
            (8, self.decide_here),
            (8, self.edit_there),
            (2, self.describe_here),
            (3, self.describe_there),
            (2, self.tool_edits_there),
            (1, self.change_owner_there),
            (2, self.upload_again),
            (1, self.delete_there),
            (3, self.trouble),
            (1, self.pause),
            (8, self.synchronise),
        ]
        weights = [weight for weight, _ in acts]
        for _ in range(edits):
            (act,) = self.random.choices([act for _, act in acts], weights)
            self.happened.append(act.__name__)
            act()
        self.end()

    def end(self) -> None:
        """Nothing happens any more but the periodic tasks; then both sides hold the same."""
        self.double.start()
        self.double.calm()
        for _ in range(ROUNDS):
            self.synchronise(answering=True)
        assert not CatalogDebt.objects.exists(), "nothing is owed"
        for column in COLUMNS:
            assert self.here(column) == self.there(column), column
            assert self.column(column).description == self.text_there(column)
        assert self.dataset().description == self.text_there("")
        self.tags.agree(self.is_confirmed)
        self.texts.agree(lambda key: self.text_there(key[0]))
        if self.owner:
            found = OMClient.shared().fetch(self.current().catalog_id)
            assert found is not None
            assert found.owner == self.owner

    # --- What may happen ----------------------------------------------------------------------------------

    def decide_here(self) -> None:
        column, tag = self.random.choice(COLUMNS), self.random.choice(TAGS)
        state = self.random.choice(["confirmed", "rejected"])
        self.hear(column, tag, on=state == "confirmed")
        decide(self.column(column), Tag.objects.get(fqn=tag), state, self.steward)

    def edit_there(self) -> None:
        """A person takes one tag off, or puts one on, in the place of what it excludes."""
        table = self.table()
        if table is None:
            return
        index, column = self.random.choice(list(enumerate(table["columns"])))
        tag, held = self.random.choice(TAGS), [label["tagFQN"] for label in column["tags"]]
        gone = {tag} if tag in held else {other for other in held if excludes(tag, other)}
        for other in gone:
            self.hear(column["name"], other, on=False)
        operations = [
            remove(index, held.index(other)) for other in sorted(gone, key=held.index, reverse=True)
        ]
        if tag not in held:
            self.hear(column["name"], tag, on=True)
            operations.append(add(index, len(held) - len(gone), tag, by_hand=True))
        self.double.edit(self.version.catalog_fqn, operations, self.random.choice(PEOPLE))

    def tool_edits_there(self) -> None:
        table = self.table()
        if table is None:
            return
        index, column = self.random.choice(list(enumerate(table["columns"])))
        held = [label["tagFQN"] for label in column["tags"]]
        suggested = [at for at, label in enumerate(column["tags"]) if label["state"] == "Suggested"]
        free = [tag for tag in TAGS if tag not in held and not any(excludes(tag, other) for other in held)]
        if suggested and self.random.random() < 0.5:
            operation = remove(index, suggested[0])
        elif free:
            operation = add(index, len(held), self.random.choice(free), by_hand=False)
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
        self.owner = self.random.choice(sorted(self.owners))
        owner = {"id": self.owners[self.owner], "type": "user"}
        is_one = self.double.profile == "1.1"
        operation = {
            "op": "add",
            "path": "/owner" if is_one else "/owners",
            "value": owner if is_one else [owner],
        }
        self.double.edit(self.version.catalog_fqn, [operation], "admin")

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
        self.owner = ""

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


def remove(column: int, position: int) -> dict[str, Any]:
    return {"op": "remove", "path": f"/columns/{column}/tags/{position}"}


def add(column: int, position: int, tag: str, *, by_hand: bool) -> dict[str, Any]:
    how = ("Manual", "Confirmed") if by_hand else ("Automated", "Suggested")
    label = {"tagFQN": tag, "source": "Classification", "labelType": how[0], "state": how[1]}
    return {"op": "add", "path": f"/columns/{column}/tags/{position}", "value": label}
