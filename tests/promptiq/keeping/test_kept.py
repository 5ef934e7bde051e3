"""Questions that are kept: gone on from, opened again by others, verified, asked again, and forgotten."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from datasets.models import Dataset
from governance.models import AuditEvent, Grant
from promptiq.ask import Answer, ask, ask_again
from promptiq.keeping.kept import (
    MOST,
    NotKept,
    TooManyTurns,
    enciphered,
    forget_old_questions,
    kept_question,
    question_for,
    said_in,
)
from promptiq.keeping.verified import NotVerifiable, ask_verified_again, checked, examples_among, verify
from promptiq.models import KeptQuestion
from tests.promptiq.shop import add_version, mask, orders, share, shop

NORTH = "What is the sum of total of North?"


@pytest.fixture
def dataset(owner: User) -> Dataset:
    return shop(owner)


def going_on(user: User, dataset: Dataset, *questions: str) -> Answer:
    """The answer to the last question, each going on from the one before."""
    answer = ask(questions[0], user, dataset)
    for question in questions[1:]:
        answer = ask(question, user, before=UUID(answer.id))
    return answer


# --- Going on ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("questions", "before", "headline", "plan"),
    [
        ((NORTH, "and for the South?"), "Sum of total where region is North.", "£1,522.50",
         "Sum of total where region is South, in orders."),
        ((NORTH, "only 2024"), "Sum of total where region is North.", "£945.00",
         "Sum of total where region is North and day ≥ 2024-01-01 and day < 2025-01-01, in orders."),
        ((NORTH, "by month instead"), "Sum of total where region is North.", "",
         "Each month of day with its sum of total where region is North, in orders."),
        ((NORTH, "and for the South?", "only 2024", "show the rows"),
         "Sum of total where region is South and day ≥ 2024-01-01 and day < 2025-01-01.", "",
         "Order where region is South and day ≥ 2024-01-01 and day < 2025-01-01, in orders."),
    ],
)  # fmt: skip
def test_a_question_edits_the_plan_before(
    owner: User, dataset: Dataset, questions: tuple[str, ...], before: str, headline: str, plan: str
) -> None:
    answer = going_on(owner, dataset, *questions)
    assert (answer.before, answer.headline, answer.plan) == (before, headline, plan)


def test_what_changes_nothing_is_a_question_of_its_own_and_says_so(owner: User, dataset: Dataset) -> None:
    answer = going_on(owner, dataset, "What is the sum of total by region?", "What is the average discount?")
    assert answer.before or "Taken as a new question" in " ".join(answer.warnings)
    lost = going_on(owner, dataset, NORTH, "unicorns please")
    assert (lost.outcome, lost.kind, lost.citations) == ("abstained", "exact", ())


def test_nobody_goes_on_to_what_is_masked_for_them(colleague: User, dataset: Dataset) -> None:
    viewer = share(dataset, colleague)
    for question in ("by customer instead", "only Cora Example3", "and whose customer starts with C?"):
        answer = going_on(viewer, dataset, NORTH, question)
        assert answer.outcome in ("not_permitted", "abstained"), question
        assert "Example" not in str(answer.as_json()).replace(question, "")


def test_nobody_goes_on_from_a_question_of_a_dataset_that_they_may_not_see(
    owner: User, colleague: User, dataset: Dataset
) -> None:
    first = ask(NORTH, owner, dataset)
    for name in (first.id, str(uuid4())):
        with pytest.raises(NotKept):
            ask("only 2024", colleague, before=UUID(name))


def test_so_many_questions_go_on_from_one_another_and_no_more(owner: User, dataset: Dataset) -> None:
    answer = ask(NORTH, owner, dataset)
    kept = KeptQuestion.objects.get(pk=answer.id)
    kept.said = enciphered(said_in(kept) * MOST)
    kept.save()
    with pytest.raises(TooManyTurns):
        ask("only 2024", owner, before=kept.pk)


# --- Opening again ----------------------------------------------------------------------------------------


def test_an_answer_is_computed_anew_under_the_rights_of_who_opens_it(
    owner: User, colleague: User, dataset: Dataset
) -> None:
    whole = ask("Which customer has the highest total?", owner, dataset)
    assert whole.headline == "Cora Example30"
    viewer = share(dataset, colleague)
    opened = ask_again(UUID(whole.id), viewer)
    assert opened.outcome == "not_permitted"
    assert "Example" not in str(opened.as_json())
    add_version(dataset, orders(40))
    assert ask_again(UUID(whole.id), owner).headline == "Cora Example40"
    Grant.objects.filter(user=viewer).delete()
    with pytest.raises(NotKept):
        ask_again(UUID(whole.id), viewer)


def test_personal_data_in_a_question_is_masked_for_others(
    owner: User, colleague: User, dataset: Dataset
) -> None:
    answer = ask("How many orders has cora.example@post.example?", owner, dataset)
    viewer = share(dataset, colleague)
    kept = kept_question(UUID(answer.id), viewer)
    assert "@post" not in question_for(kept, viewer)
    assert "@post" in question_for(kept, owner)


def test_of_a_question_to_all_only_who_asked_it_opens_what_was_not_computed(
    owner: User, colleague: User, stranger: User, dataset: Dataset
) -> None:
    answer = ask(NORTH, owner)
    # One dataset gave the answer: it is about that one from then on.
    assert kept_question(UUID(answer.id), share(dataset, colleague)).dataset == dataset
    KeptQuestion.objects.update(dataset=None)
    assert ask_again(UUID(answer.id), owner).headline == "£1,732.50"
    for user in (colleague, stranger):
        with pytest.raises(NotKept):
            ask_again(UUID(answer.id), user)


def test_questions_are_forgotten_in_time_and_with_their_dataset(
    owner: User, dataset: Dataset, settings: LazySettings
) -> None:
    old, new = ask(NORTH, owner, dataset), ask(NORTH, owner, dataset)
    KeptQuestion.objects.filter(pk=old.id).update(at=timezone.now() - timedelta(days=91))
    with pytest.raises(NotKept):
        ask_again(UUID(old.id), owner)
    assert forget_old_questions() == 1
    assert [str(each.pk) for each in KeptQuestion.objects.all()] == [new.id]
    settings.QUESTIONS_KEPT_DAYS = 0
    assert ask(NORTH, owner, dataset).id == ""
    dataset.delete()
    assert not KeptQuestion.objects.exists()


def test_the_words_are_enciphered_and_lost_with_the_secret_key(
    owner: User, dataset: Dataset, settings: LazySettings
) -> None:
    answer = ask(NORTH, owner, dataset)
    assert "North" not in KeptQuestion.objects.get(pk=answer.id).said
    settings.SECRET_KEY = "another"
    with pytest.raises(NotKept):
        ask_again(UUID(answer.id), owner)


def test_no_word_of_a_question_is_in_the_audit_log(owner: User, dataset: Dataset) -> None:
    going_on(owner, dataset, NORTH, "and for the South?")
    assert "South" not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


# --- Verifying --------------------------------------------------------------------------------------------


def test_a_steward_verifies_and_everybody_is_told(
    owner: User, steward: User, colleague: User, dataset: Dataset
) -> None:
    answer = ask(NORTH, owner, dataset)
    with pytest.raises(PermissionDenied):
        verify(UUID(answer.id), owner)
    verify(UUID(answer.id), steward)
    assert [each.question for each in examples_among([dataset])] == [NORTH]
    seen = ask(NORTH.upper(), share(dataset, colleague), dataset)
    assert seen.verified.startswith("Verified by steward on ")
    assert not ask("What is the sum of total of South?", owner, dataset).verified
    assert AuditEvent.objects.filter(action="question verified", dataset_id=dataset.pk).count() == 1


def test_it_is_asked_again_of_each_version_and_the_difference_is_told(
    owner: User, steward: User, dataset: Dataset
) -> None:
    verify(UUID(ask(NORTH, owner, dataset).id), steward)
    assert ask_verified_again() == 0
    add_version(dataset, orders(33))
    assert ask_verified_again() == 1
    assert ask_verified_again() == 0
    (found,) = checked([dataset])
    assert found.state == "changed"
    first, second = "where region is North: £1,732.50.", "where region is North: £2,079.00."
    assert (found.before, found.now) == ((1, f"Sum of total {first}"), (2, f"Sum of total {second}"))
    assert ask(NORTH, owner, dataset).verified.endswith(f"Version 1 said: Sum of total {first}")
    add_version(dataset, orders(33))
    ask_verified_again()
    assert checked([dataset])[0].state == "unchanged"


def test_what_is_masked_or_goes_on_is_not_verified(owner: User, steward: User, dataset: Dataset) -> None:
    for questions in (("Which customer has the highest total?",), (NORTH, "only 2024")):
        with pytest.raises(NotVerifiable):
            verify(UUID(going_on(owner, dataset, *questions).id), steward)
    mask(dataset, "total")
    noisy = ask(NORTH, owner, dataset)
    with pytest.raises(NotVerifiable):
        verify(UUID(noisy.id), steward)
    assert not dataset.protected_figures.exists()


def test_what_is_masked_later_is_not_shown_any_more(owner: User, steward: User, dataset: Dataset) -> None:
    verify(UUID(ask(NORTH, owner, dataset).id), steward)
    mask(dataset, "region")
    (found,) = checked([dataset])
    assert (found.state, found.before, found.now) == ("a column is masked now", None, None)
    assert examples_among([dataset]) == []
