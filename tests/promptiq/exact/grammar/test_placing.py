"""Lists: several columns, in order, the best few, and each thing once."""

import pytest

from promptiq.exact import Plan
from tests.promptiq.exact.asking import planned, values

KILNS = "Kiln_ID,Kiln_name,Potter,Village,Volume_l,Build_Year\n" + "\n".join(
    f"{n},{name},{potter},{village},{volume},{year}"
    for n, (name, potter, village, volume, year) in enumerate(
        [("Old Ember", "Wren", "Dell", 300, 1901), ("Ash Dragon", "Pim", "Dell", 120, 1950),
         ("Low Smoke", "Wren", "Firth", 480, 1933), ("Twin Flues", "Wren", "Dell", 90, 1988),
         ("Red Door", "Oda", "Firth", 210, 1974)], start=1)
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Report the name and potter of all the kilns", (
            "Old Ember: Wren", "Ash Dragon: Pim", "Low Smoke: Wren", "Twin Flues: Wren", "Red Door: Oda")),
        ("List the kiln ids and villages", ("1: Dell", "2: Dell", "3: Firth", "4: Dell", "5: Firth")),
        ("Find the id and name of the kiln that has the largest volume", ("3", "Low Smoke")),
        ("What are the potter and build year of the kiln named Red Door?", ("Oda", "1974")),
        ("Show the potters of the kilns in Firth", ("Wren", "Oda")),
        ("What was the largest kiln and its volume?", ("Low Smoke", "480")),
        ("List top 2 highest volume kilns. List the kiln's name and volume.", (
            "Low Smoke: 480", "Old Ember: 300")),
        ("Show the name and build year of the 2 kilns with the smallest volume", (
            "Twin Flues: 1988", "Ash Dragon: 1950")),
        ("name the 2 kilns with the largest volume, from most to least", ("Low Smoke", "Old Ember")),
        ("List the names of kilns in descending lexicographical order", (
            "Twin Flues", "Red Door", "Old Ember", "Low Smoke", "Ash Dragon")),
        ("Show the potters of kilns in a descending order of volume", ("Wren", "Oda", "Pim")),
        ("Find the names of kilns whose volume is over 200, and order the results by volume", (
            "Red Door", "Old Ember", "Low Smoke")),
        ("List the potters, no repeats", ("Wren", "Pim", "Oda")),
        ("What are the names of the villages where at least 3 kilns stand?", ("Dell",)),
        ("Potters with at least 2 different villages", ("Wren",)),
        ("Show all villages and the number of kilns in each village", ("Dell: 3", "Firth: 2")),
        ("What are the different villages? Show each village and its number of kilns", (
            "Dell: 3", "Firth: 2")),
    ],
)  # fmt: skip
def test_what_is_listed(question: str, expected: tuple[str, ...]) -> None:
    assert values("kilns", question, KILNS) == expected


def test_a_word_of_a_cell_names_no_rows() -> None:
    text = "visit,kind,hours\n" + "\n".join(
        f"v{n},{'Long' if n % 2 else 'Quick tour'},{n}" for n in range(1, 9)
    )
    assert not isinstance(planned("visits", "List all the tours with 3 hours", text), Plan)


def test_a_noun_of_the_rows_is_rather_what_identifies_them_than_a_figure() -> None:
    text = "Offer Ref,bidder,Offered\n" + "\n".join(
        f"B/{n},{'Ola' if n % 2 else 'Rik'},{n * 10}" for n in range(1, 7)
    )
    assert values("auction", "how many offers by Ola?", text) == ("3",)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Are there more kilns in Dell or in Firth?", ("Dell: 3",)),
        ("Dell or Firth: where is less volume?", ("Dell: 510",)),
        ("Does Wren have more kilns than Oda?", ("yes",)),
        ("Return the villages together with their total volume", ("Firth: 690", "Dell: 510")),
        ("how many kilns with a volume of no less than 120 and no more than 300", ("3",)),
    ],
)
def test_two_things_are_compared_and_lists_have_their_figures(
    question: str, expected: tuple[str, ...]
) -> None:
    assert values("kilns", question, KILNS) == expected


@pytest.mark.parametrize(
    "question",
    [
        "how many kilns were called off?",  # a particle changes the verb
        "average yearly volume of kilns",  # of each year's sum, or of each kiln?
        "how many potters were turned down?",
    ],
)
def test_what_would_be_another_question_is_not_answered(question: str) -> None:
    assert not isinstance(planned("kilns", question, KILNS), Plan)
