"""Which plan is taken, and when its answer is given."""

from dataclasses import replace

import numpy as np
import pytest

from governance.policies import Access
from promptiq.exact import Ambiguous, Plan, Result, Unread, explained, is_likely, likelihood, plan, run
from promptiq.exact.ranking import model, ranked
from promptiq.exact.ranking.features import Asked, features_of, features_of_answer, passed_over, said_of
from tests.promptiq.exact.asking import table


def answered(name: str, made: Plan) -> Result:
    result = run(made, *table(name), Access(()), view_pii=True)
    assert isinstance(result, Result)
    return result


def test_an_explained_question_is_answered_by_the_grammars_plan() -> None:
    schema, _ = table("lighthouses")
    question = "which lighthouse has the highest height?"
    made = plan(question, schema)
    assert isinstance(made, Plan)
    assert made == explained(question, schema).plan
    assert made.likely
    assert not made.likely.is_guess
    result = answered("lighthouses", made)
    assert is_likely(result)
    assert 0.35 <= likelihood(result) <= 1


def test_a_guess_says_what_it_passes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranked, "TRIED", 0.0)
    schema, _ = table("chess")
    question = "how many points did Ana Ruiz schlepp home?"
    assert isinstance(explained(question, schema).plan, Unread)
    made = plan(question, schema)
    assert isinstance(made, Plan)
    assert made.likely
    assert made.likely.is_guess
    assert any("“schlepp”" in said for said in made.read_as)


def test_an_unlikely_guess_is_left_to_the_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranked, "TRIED", 1.1)
    question = "how many points did Ana Ruiz schlepp home?"
    assert isinstance(plan(question, table("chess")[0]), Unread)


def test_an_answer_below_the_bar_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan("which lighthouse has the highest height?", table("lighthouses")[0])
    assert isinstance(made, Plan)
    assert made.likely
    result = answered("lighthouses", replace(made, likely=replace(made.likely, odds=-50.0)))
    assert not is_likely(result)


def test_an_ambiguous_question_is_asked_back_whatever_is_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    both = Ambiguous((), ())
    monkeypatch.setattr(
        ranked, "explained", lambda *_, **__: replace(explained("how many?", table("chess")[0]), plan=both)
    )
    assert plan("how many?", table("chess")[0]) is both


def test_features_tell_the_kinds_of_plan_and_answer_apart() -> None:
    found = explained("how many lighthouses are in England?", table("lighthouses")[0])
    assert found.draft
    assert found.made
    asked = Asked(found.draft, found.made, found.left)
    facts = set(features_of(asked, found.made))
    assert {"kind:count", "how many|count", "explained:True|count"} <= facts
    said = said_of(asked, found.made)
    assert set(features_of_answer(said, ("7",))) != set(features_of_answer(said, ("7", "8")))
    assert passed_over(asked, found.made) == ()


def test_weights_come_back_as_they_were_saved(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    weights = np.zeros(model.BUCKETS, np.float32)
    weights[model.buckets(["one"])] = 2.0
    model.save(weights, -1.0, tmp_path / "weights.npz")
    monkeypatch.setattr(model, "FILE", tmp_path / "weights.npz")
    model._fitted.cache_clear()
    try:
        assert model.odds(["one", "one", "other"]) == 2.0
        assert model.probability(1.0) == 0.5
    finally:
        model._fitted.cache_clear()
