"""Words that are in no header and in no cell, taken for what is near in meaning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from governance.policies import Access, IndexTreatment, Rule, effective
from promptiq.exact import Plan, Result, Schema, describe, plan, settle
from promptiq.index.embeddings import Embedder, Vectors
from tests.promptiq.exact.tables import written

CLINIC = "patient_no,physician,gender,illness_kind,cost,remark\n" + "".join(
    f"P-{n},Dr {'ABC'[n % 3]}arlow,{('Female', 'Male')[n % 3 == 0]},{('Oncology', 'Cardiology')[n % 2]},"
    f"{100 + n},mail p{n}@post.example\n"
    for n in range(30)
)
COLUMNS = ("patient_no", "physician", "gender", "illness_kind", "cost", "remark")


class Heard:
    """An embedding that remembers what it was given."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return self._embedder.embed(texts)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("clinic"), "clinic", CLINIC)


def access(tags: dict[str, str] | None = None, rules: Iterable[Rule] = ()) -> Access:
    return effective({name: {tags[name]} if tags and name in tags else () for name in COLUMNS}, list(rules))


def open_to_all(parquet: Path) -> Schema:
    return describe(parquet, access(), view_pii=True)


@pytest.mark.parametrize(
    ("question", "values", "meant"),
    [
        ("How many women are there?", ("20",), ("Female",)),
        ("What is the total price for cancer?", ("1710",), ("Oncology",)),
        ("How many doctors are there?", ("3",), ("physician",)),
    ],
)
def test_words_are_taken_for_what_is_near(
    question: str, values: tuple[str, ...], meant: tuple[str, ...], clinic: Path, embedder: Embedder
) -> None:
    schema = open_to_all(clinic)
    made = plan(question, schema, embedder.embed)
    assert isinstance(made, Plan)
    result = settle(made, schema, clinic, access(), view_pii=True)
    assert isinstance(result, Result)
    assert (result.values, result.made.read_as) == (values, meant)


def test_what_is_spelled_is_never_taken_for_something_else(clinic: Path, embedder: Embedder) -> None:
    heard = Heard(embedder)
    made = plan("What is the average cost of Oncology?", open_to_all(clinic), heard.embed)
    assert isinstance(made, Plan)
    assert made.read_as == ()
    assert heard.texts == []


@pytest.mark.parametrize("question", ["How many zeppelins are there?", "How many unkind ones are there?"])
def test_nothing_near_and_the_contrary_are_not_taken(question: str, clinic: Path, embedder: Embedder) -> None:
    made = plan(question, open_to_all(clinic), embedder.embed)
    assert not isinstance(made, Plan) or made.read_as == ()


def test_two_that_are_as_near_are_not_taken(clinic: Path) -> None:
    def all_alike(texts: Sequence[str]) -> Vectors:
        return np.ones((len(texts), 4), np.float32) / 2

    made = plan("How many zeppelins are there?", open_to_all(clinic), all_alike)
    assert not isinstance(made, Plan) or made.read_as == ()


@pytest.mark.parametrize("treatment", [IndexTreatment.MASK, IndexTreatment.LEAVE_OUT])
def test_what_the_index_may_not_hold_reaches_no_embedding(
    treatment: IndexTreatment, clinic: Path, embedder: Embedder
) -> None:
    rule = Rule("PII.Sensitive", treatment, False, None, "")
    heard = Heard(embedder)
    schema = describe(clinic, access({"gender": "PII.Sensitive"}, [rule]), view_pii=True)
    plan("How many women are there?", schema, heard.embed)
    assert "Cardiology" in heard.texts
    assert not {"Female", "Male"} & set(heard.texts)
    assert not [text for text in heard.texts if "@" in text]


def test_a_column_that_nothing_was_decided_about_reaches_no_embedding(
    clinic: Path, embedder: Embedder
) -> None:
    heard = Heard(embedder)
    plan("How many women are there?", describe(clinic, Access(()), view_pii=True), heard.embed)
    assert "women" in heard.texts
    assert "Female" not in heard.texts
