"""A hundred statistical attacks of ten kinds on one person's pay: none tells it.

An attack combines figures, each told with its margin. It has learned something where what it works out for a
person is more certain than half of what anybody here may earn; exact figures, a refusal that depends on a
masked cell, and noise that averages out would all be that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from datasets.ingestion.receiving.uploads import Wish
from datasets.models import Dataset
from governance.models import Grant
from promptiq.answers import Answer
from promptiq.ask import ask
from promptiq.index.embeddings import Embedder
from promptiq.models import ProtectedFigure
from promptiq.vector_client import VectorClient
from tests.conftest import person
from tests.ingested import ingest, ingest_with_salaries

PEOPLE, DEPARTMENTS = 80, ("Sales", "Storage", "Support", "Purchasing")
HIGHEST = 99_000
TARGETS = range(3, 73, 7)


def salary(number: int) -> int:
    return 30_000 + number * 7_919 % (HIGHEST - 30_000)


def staff_csv(people: int = PEOPLE, raised: int | None = None, empty: tuple[int, ...] = ()) -> bytes:
    lines = ["staff_no,department,desk,salary"]
    for number in range(people):
        pay: Any = salary(number) + (7_777 if number == raised else 0)
        cell = "" if number in empty else pay
        lines.append(f"S{number:04d},{DEPARTMENTS[number % 4]},{number + 100},{cell}")
    return "\n".join(lines).encode() + b"\n"


@dataclass(frozen=True)
class Told:
    """A figure as it was told, or that none was."""

    value: float | None
    margin: float = 0.0


def told(answer: Answer) -> Told:
    """Whatever is told of salaries is told with noise."""
    if answer.outcome in ("not_permitted", "abstained"):
        assert not answer.values
        return Told(None)
    assert answer.outcome == "answered", answer
    (value,) = answer.values
    assert value.startswith("about "), answer
    margin = re.search(r"within ± ([\d.,]+)", " ".join(answer.warnings))
    assert margin
    return Told(float(value.removeprefix("about ")), float(margin[1]))


def learned(*figures: Told, rows: int = 1) -> bool:
    """Whether one person's pay follows from these figures added and subtracted; averages over `rows` rows."""
    if any(figure.value is None for figure in figures):
        return False
    return rows * sum(figure.margin for figure in figures) < HIGHEST / 2


@pytest.fixture
def viewers(db: None) -> list[User]:
    return [person(name, "viewers") for name in ("vic", "vera")]


@pytest.fixture
def staff(
    owner: User,
    steward: User,
    viewers: list[User],
    vectors: VectorClient,
    embedder: Embedder,
    settings: LazySettings,
) -> Dataset:
    settings.PROTECTED_FIGURES = 10_000  # the attacks are told apart by their noise, not stopped by a budget
    dataset = ingest_with_salaries(owner, steward, staff_csv(empty=(5, 6)))
    for viewer in viewers:
        Grant.objects.create(dataset=dataset, user=viewer, view_pii=False, granted_by=owner)
    return dataset


def test_no_attack_learns_a_salary(
    staff: Dataset, viewers: list[User], owner: User, vectors: VectorClient
) -> None:
    vic, vera = viewers

    def figure(question: str, by: User = vic) -> Told:
        staff.refresh_from_db()
        return told(ask(question, by, staff))

    def without(number: int, by: User = vic) -> Told:
        return figure(f"What is the total salary where desk is not {number + 100}?", by)

    whole = figure("What is the total salary?")
    assert whole.value is not None
    attacks: dict[str, list[bool]] = {}

    def tried(kind: str, results: list[bool]) -> None:
        attacks[kind] = results
        assert len(results) == 10

    tried("differences", [learned(whole, without(number)) for number in TARGETS])
    tried("coalitions", [learned(whole, without(number, vera)) for number in TARGETS])
    tried(
        "empty cells",
        [
            learned(
                figure(f"What is the total salary where desk is less than {number + 100}?"),
                figure(f"What is the total salary where desk is less than {number + 101}?"),
            )
            for number in (4, 5, 6, 7, 30, 31, 32, 33, 34, 35)
        ],
    )
    # The same rows get the same noise, however and by whomever they are asked for.
    again = [figure("What is the total salary?", by) for by in (vic, vera)] * 4
    again += [
        figure("What is the sum of salary?"),
        figure("What is the total salary where desk is at least 100?"),
    ]
    tried("repeated measures", [other != whole and learned(whole, other) for other in again])
    assert all(other in (whole, Told(None)) for other in again)
    tried(
        "order",
        [
            learned(figure(f"What is the salary of the {place} row?"))
            for place in ("first", "second", "third", "fourth", "fifth", "last")
        ]
        + [learned(figure(f"Which {n} staff have the highest salary?")) for n in (1, 2, 3, 5)],
    )
    tried(
        "ranges",
        [learned(figure(f"How many staff have a salary above {salary(number) - 1}?")) for number in TARGETS],
    )
    tried(
        "groups",
        [
            learned(figure(f"What is the {measure} salary {group}?"))
            for measure in ("total", "highest", "lowest", "median", "largest")
            for group in ("for each desk", "by staff_no")
        ],
    )
    tried(
        "follow-ups",
        [
            learned(
                figure("What is the average salary in Sales?"),
                figure(f"What is the average salary in Sales where desk is not {number + 100}?"),
                rows=PEOPLE // 4 - 1,
            )
            for number in range(0, 40, 4)
        ],
    )
    tried("exports", [not _rows_are_masked(staff, vic, number) for number in TARGETS])

    ingest(owner, staff_csv(people=PEOPLE + 1, raised=10, empty=(5, 6)), "staff.csv", Wish(dataset=staff.pk))
    newer = figure("What is the total salary?")
    tried(
        "versions",
        [learned(whole, newer)]
        + [
            learned(
                figure(f"What is the total salary where department is {name}?"),
                figure(f"What is the total salary where department is not {name}?"),
                whole,
            )
            for name in DEPARTMENTS
        ]
        + [learned(newer, without(number)) for number in (10, PEOPLE, 11, 12, 13)],
    )
    assert sum(map(len, attacks.values())) == 100
    assert {kind: sum(results) for kind, results in attacks.items() if any(results)} == {}


def _rows_are_masked(dataset: Dataset, reader: User, number: int) -> bool:
    answer = ask(f"Show the row of desk {number + 100}", reader, dataset)
    return str(salary(number)) not in str(answer.as_json())


def test_the_budget_ends_and_can_be_renewed(
    staff: Dataset, viewers: list[User], owner: User, settings: LazySettings
) -> None:
    from promptiq.protection import budget

    settings.PROTECTED_FIGURES = 5
    first = told(ask("What is the total salary?", viewers[0], staff))
    assert first.value is not None
    assert budget.left(staff) == 1
    told(ask("What is the total salary in Sales?", viewers[1], staff))
    refused = ask("What is the total salary in Support?", viewers[0], staff)
    assert refused.outcome == "not_permitted"
    assert "as many figures" in refused.answer
    # What was told before is still told.
    assert told(ask("What is the total salary?", viewers[1], staff)) == first
    budget.renew(staff, owner)
    assert told(ask("What is the total salary in Support?", viewers[0], staff)).value is not None


def test_many_rows_of_one_person_are_one_subject(
    owner: User, steward: User, viewers: list[User], vectors: VectorClient, embedder: Embedder
) -> None:
    lines = ["employee_no,month,salary"]
    lines += [f"E{one:04d},{month},{2_000 + one * 13}" for one in range(30) for month in range(1, 9)]
    dataset = ingest_with_salaries(owner, steward, "\n".join(lines).encode() + b"\n")
    Grant.objects.create(dataset=dataset, user=viewers[0], view_pii=False, granted_by=owner)
    assert dataset.current_version is not None
    assert dataset.current_version.subject == "employee_no"
    one = told(ask("What is the total salary where employee_no is E0003?", viewers[0], dataset))
    assert one.value is None or one.margin > 8 * 2_000
    everybody = told(ask("What is the total salary?", viewers[0], dataset))
    assert everybody.margin >= 3 * 8 * 2_000
    assert ProtectedFigure.objects.filter(kind="sum").count() >= 1
