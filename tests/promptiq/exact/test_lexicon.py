"""Languages are files: those that are there, and one from elsewhere."""

from dataclasses import replace
from pathlib import Path

import pytest

from promptiq.exact import Plan, plan
from promptiq.exact.lexicon import FOLDER, english, language_of, lexicons, read
from promptiq.exact.plans import Operation
from tests.promptiq.exact.asking import table, values

STAFF = "Kennung,Name,Stadt,Gehalt\n" + "\n".join(
    f"K-{n},Person {n},{'Bern' if n % 2 else 'Rom'},{n * 100}" for n in range(1, 9)
)
VENTES = "numéro,client,ville,montant\n" + "\n".join(
    f"V-{n},Client {n},{'Lyon' if n % 2 else 'Nice'},{n * 10}" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How many orders per city?", "en"),
        ("Wie viele Bestellungen gibt es pro Stadt?", "de"),
        ("Combien de commandes par ville ?", "fr"),
    ],
)
def test_the_language_of_a_question_is_that_which_knows_most_of_its_words(
    question: str, language: str
) -> None:
    assert language_of(question, lexicons()).language == language


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Wie viele Zeilen gibt es?", ("8",)),
        ("Durchschnitt Gehalt in Bern", ("400",)),
        ("Gehalt pro Stadt", ("Rom: 2000", "Bern: 1600")),
        ("Wie viele Zeilen mit Gehalt mehr als 500?", ("3",)),
    ],
)
def test_german(question: str, expected: tuple[str, ...]) -> None:
    assert values("personal", question, STAFF) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Combien de lignes ?", ("8",)),
        ("montant total par ville", ("Nice: 200", "Lyon: 160")),
        ("moyenne montant", ("45",)),
    ],
)
def test_french(question: str, expected: tuple[str, ...]) -> None:
    assert values("ventes", question, VENTES) == expected


def test_every_language_has_the_same_tables() -> None:
    wanted = {role for said in english().phrases.values() for role, _ in said}
    for lexicon in lexicons():
        assert (
            {"op", "compare", "group", "top", "list"}
            <= {role for said in lexicon.phrases.values() for role, _ in said}
            <= wanted
        )
        assert len(set(lexicon.months.values())) == 12


def test_a_language_can_be_added_from_elsewhere(tmp_path: Path) -> None:
    told = (FOLDER / "en.toml").read_text(encoding="utf-8")
    told = told.replace('median = "median|', 'median = "middelste|').replace(
        'stop = """a an', 'stop = """van de a an'
    )
    (tmp_path / "nl.toml").write_text(told, encoding="utf-8")
    schema, _ = table("orders")
    dutch = read(tmp_path / "nl.toml")
    made = plan("middelste van de total", replace(schema), known=[*lexicons(), dutch])
    assert isinstance(made, Plan)
    assert (made.operation, made.columns) == (Operation.MEDIAN, ("total",))
