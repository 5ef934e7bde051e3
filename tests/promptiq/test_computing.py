"""Computed answers, with the rights of whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from datasets.ingestion.receiving.uploads import Wish
from datasets.models import Dataset, Version
from governance.models import AuditEvent
from promptiq.answers import Answer
from promptiq.ask import ask
from promptiq.computing import asks_for_computation
from promptiq.models import ProtectedFigure
from promptiq.sources import sources_of
from tests.ingested import ingest
from tests.making import csv_of, ready_dataset
from tests.pages import as_read

TOWNS = ["Leeds", "York", "Hull"]


def staff_csv(rows: int = 60) -> bytes:
    """People, their towns in turn, desks 1 to `rows`, salaries that rise by ten."""
    people = ((f"worker{n}@post.example", TOWNS[n % 3], n + 1, 1000 + 10 * n) for n in range(rows))
    return csv_of("email,town,desk,salary", people)


@pytest.fixture
def staff_file() -> bytes:
    return staff_csv()


def computed(question: str, user: User, dataset: Dataset | None = None) -> Answer:
    answer = ask(question, user, dataset)
    assert answer.kind == "exact", answer
    return answer


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how many chairs", True),
        ("Which town has the most people?", True),
        ("who came first", True),
        ("average pay", True),
        ("parcels that follow next week", False),
        ("a letter before the first of May", False),
        ("customers who want to be called in the evening", False),
    ],
)
def test_which_questions_nearest_rows_cannot_answer(question: str, expected: bool) -> None:
    assert asks_for_computation(question) is expected


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("vectors", "embedder")
class TestOwner:
    def test_counts_are_counted(self, owner: User, staff: Dataset) -> None:
        answer = computed("How many rows have the town Leeds?", owner, staff)
        assert (answer.outcome, answer.values, answer.answer) == (
            "answered", ("20",), "20 of 60 rows, 33.33%.",
        )  # fmt: skip
        assert answer.coverage == "Computed over 60 of 60 rows."
        assert "Leeds" in answer.plan
        assert answer.sql.startswith("SELECT")
        assert [citation.row for citation in answer.citations] == [1, 4, 7, 10, 13, 16, 19, 22]
        assert answer.citations[0].score is None
        assert answer.citations[0].cells["town"] == "Leeds"
        assert answer.governance[0].owner == "owner"

    def test_all_rows_behind_an_answer_are_named(self, owner: User, staff: Dataset) -> None:
        answer = computed("How many rows have the town Leeds?", owner, staff)
        assert (answer.selected, answer.rows) == (20, tuple(range(1, 61, 3)))

    def test_figures_of_groups_come_with_their_labels(self, owner: User, staff: Dataset) -> None:
        series = computed("What is the average salary by town?", owner, staff).series
        assert series is not None
        assert [(point.label, point.figure) for point in series.points] == [
            ("Hull", "1305"), ("York", "1295"), ("Leeds", "1285"),
        ]  # fmt: skip

    def test_of_several_meanings_the_one_that_is_chosen_is_computed(self, owner: User) -> None:
        trees = b"Match,Winner,Loser\n1,Ash,Elm\n2,Elm,Oak\n3,Oak,Elm\n4,Ash,Oak\n"
        dataset = ingest(owner, trees, "trees.csv").dataset
        asked = computed("how many rows have Elm?", owner, dataset)
        assert (asked.outcome, asked.values) == ("abstained", ())
        assert [choice.dataset for choice in asked.choices] == [str(dataset.pk)] * 2
        figures = [
            ask("how many rows have Elm?", owner, dataset, meaning=choice.meaning).values
            for choice in asked.choices
        ]
        assert figures == [("1",), ("2",)]
        again = ask("how many rows have Elm?", owner, dataset, meaning="something else")
        assert again.choices == asked.choices

    def test_of_several_datasets_each_can_be_chosen(self, owner: User, staff: Dataset) -> None:
        twin = ingest(owner, staff_csv(30), "team.csv").dataset
        asked = computed("How many rows have the town Leeds?", owner)
        assert {(choice.label, choice.dataset, choice.meaning) for choice in asked.choices} == {
            ("staff (owner)", str(staff.pk), ""), ("team (owner)", str(twin.pk), ""),
        }  # fmt: skip

    def test_what_is_done_is_told_without_a_word_of_the_question(self, owner: User, staff: Dataset) -> None:
        told: list[str] = []
        ask("How many rows have the town Leeds?", owner, staff, progress=told.append)
        assert told == [
            "Looking at what governs the data…",
            "Reading the question against 1 dataset…",
            "Computing over 60 rows…",
        ]
        ask("a quiet place", owner, progress=told.append)
        assert "Looking for the nearest rows in 1 dataset…" in told
        assert "Leeds" not in str(told)

    def test_whoever_waits_no_more_ends_the_work(self, owner: User, staff: Dataset) -> None:
        class GoneAway(Exception):
            pass

        def leave(text: str) -> None:
            if text.startswith("Computing"):
                raise GoneAway

        with pytest.raises(GoneAway):
            ask("How many rows have the town Leeds?", owner, staff, progress=leave)

    def test_figures_over_all_rows(self, owner: User, staff: Dataset) -> None:
        assert computed("What is the average salary?", owner, staff).values == ("1295",)
        assert computed("Which email has the highest salary?", owner, staff).values == (
            "worker59@post.example",
        )

    def test_exact_answers_open_before_the_index_is_ready(self, owner: User, staff: Dataset) -> None:
        Version.objects.update(index_state=Version.Index.STALE)
        assert computed("How many rows are in Hull?", owner, staff).values == ("20",)

    def test_the_dataset_that_fits_is_found_among_several(self, owner: User, staff: Dataset) -> None:
        ingest(owner, b"tool,metal\n" + b"hammer,iron\nsaw,steel\n" * 4, "tools.csv")
        answer = computed("How many rows have the town Leeds?", owner)
        assert (answer.values, answer.governance[0].name) == (("20",), "staff")

    def test_what_cannot_be_computed_is_no_answer(self, owner: User, staff: Dataset) -> None:
        answer = ask("How many kilometres is it from the moon to the fridge?", owner, staff)
        assert answer.outcome == "abstained"

    def test_questions_are_audited_by_kind(self, owner: User, staff: Dataset) -> None:
        ask("How many rows have the town Leeds?", owner, staff)
        assert AuditEvent.objects.filter(action="asked").latest("pk").detail["kind"] == "exact"


@pytest.mark.usefixtures("vectors", "embedder")
def test_words_that_are_not_understood_are_named(owner: User, staff: Dataset) -> None:
    answer = ask("How many purple penguins have the town Leeds?", owner, staff)
    assert (answer.outcome, answer.values) == ("abstained", ())
    assert "I do not understand" in answer.answer
    assert "penguins" in answer.answer


@pytest.mark.usefixtures("vectors", "embedder")
def test_what_is_masked_is_not_computed_without_such_words(viewer: User, staff: Dataset) -> None:
    answer = ask("What is the highest salary of purple penguins?", viewer, staff)
    assert answer.values == ()
    assert "1590" not in str(answer.as_json())


def test_without_an_embedding_what_is_spelled_is_computed(
    owner: User, staff: Dataset, settings: LazySettings
) -> None:
    settings.EMBEDDING_MODEL = "no.such.Embedder"
    assert computed("What is the average salary in Leeds?", owner, staff).values == ("1285",)


def test_rights_and_tags_of_many_datasets_cost_the_same(
    owner: User, django_assert_num_queries: Callable[..., AbstractContextManager[object]]
) -> None:
    """Policies, rights, columns and tags: one query each."""
    found = [ready_dataset(owner, f"table{number}") for number in range(6)]
    with django_assert_num_queries(4):
        sources = sources_of(found, owner)
    assert [source.dataset.name for source in sources] == [dataset.name for dataset in found]
    assert all(source.view_pii and source.access.get("email").masked for source in sources)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("vectors", "embedder")
class TestViewer:
    def test_masked_columns_enter_figures_with_noise_only(self, viewer: User, staff: Dataset) -> None:
        average = computed("What is the average salary?", viewer, staff)
        (told,) = average.values
        assert told.startswith("about ")
        assert any("noise" in warning for warning in average.warnings)
        assert computed("What is the average salary?", viewer, staff).values == (told,)
        assert ask("Which email has the highest salary?", viewer, staff).outcome in {
            "not_permitted", "abstained", "masked",
        }  # fmt: skip
        refused = computed("What is the highest salary?", viewer, staff)
        assert (refused.outcome, refused.values) == ("not_permitted", ())
        assert "masked for you" in refused.answer

    def test_figures_of_few_are_refused(self, viewer: User, staff: Dataset) -> None:
        refused = computed("What is the average salary where desk is less than 4?", viewer, staff)
        assert refused.outcome == "not_permitted"

    def test_two_figures_that_differ_by_a_few_rows_have_noise_of_their_own(
        self, viewer: User, staff: Dataset
    ) -> None:
        first = computed("What is the average salary where desk is less than 51?", viewer, staff)
        second = computed("What is the average salary where desk is less than 53?", viewer, staff)
        assert all(value.startswith("about ") for value in (*first.values, *second.values))
        again = computed("What is the average salary where desk is less than 51?", viewer, staff)
        assert again.values == first.values

    def test_a_new_version_with_a_row_more_has_noise_of_its_own(
        self, viewer: User, owner: User, staff: Dataset
    ) -> None:
        assert computed("What is the total salary?", viewer, staff).outcome == "answered"
        ingest(owner, staff_csv(61), "staff.csv", Wish(on_conflict="new_version"))
        assert all(
            v.startswith("about ") for v in computed("What is the total salary?", viewer, staff).values
        )
        assert ProtectedFigure.objects.filter(kind="sum").count() == 2

    def test_rows_are_shown_without_a_masked_column_that_nobody_asked_for(
        self, viewer: User, staff: Dataset
    ) -> None:
        answer = ask("Who sits at desk 17?", viewer, staff)
        assert (answer.outcome, answer.kind) == ("masked", "lookup")
        refused = ask("Which email sits at desk 17?", viewer, staff)
        assert refused.outcome == "not_permitted"
        assert "post.example" not in str(answer.as_json()) + str(refused.as_json())

    def test_cited_rows_are_masked(self, viewer: User, staff: Dataset) -> None:
        answer = computed("How many rows have a desk below 21?", viewer, staff)
        assert answer.values == ("20",)
        assert {(c.cells["email"], c.cells["salary"]) for c in answer.citations} == {("••••", "••••")}
        assert "post.example" not in str(answer.as_json())

    def test_guesses_at_masked_values_tell_nothing(self, viewer: User, staff: Dataset) -> None:
        for guess in ("worker7@post.example", "worker99@post.example"):
            answers = [
                ask(question.format(guess), viewer, staff)
                for question in (
                    "Is there a row with email {}?", "How many rows have the email {}?", "Which town has {}?",
                )
            ]  # fmt: skip
            assert "7" not in "".join("".join(answer.values) for answer in answers)
            assert not [answer for answer in answers if answer.kind == "exact" and answer.values]

    def test_the_page_shows_plan_and_sql(self, viewer: User, staff: Dataset) -> None:
        client = Client()
        client.force_login(viewer)
        page = client.post("/ask/", {"question": "How many rows have a desk below 21?", "dataset": staff.pk})
        seen = as_read(page)
        assert ">20</p>" in seen
        assert "Computed over 60 of 60 rows." in seen
        assert "SELECT" in seen
        assert "post.example" not in seen


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("vectors", "embedder")
def test_times_are_told_as_clocks_read_them(owner: User) -> None:
    rides = [(n, "AB"[n % 2], f"{8 + n:02}:15:00", f"{n}:30:00") for n in range(1, 9)]
    job = ingest(owner, csv_of("ride,bike,start,duration", [*rides, (9, "A", "23:00:00", "35:20:00")]))
    assert job.state == "succeeded", job.error
    types = dict(job.version.columns.values_list("name", "type"))
    assert (types["start"], types["duration"]) == ("TIME", "DURATION")
    average = computed("What is the average duration?", owner, job.dataset)
    assert (average.headline, average.answer) == ("08:22:13.33", "Average of duration: 08:22:13.33.")
    groups = computed("What is the total duration by bike?", owner, job.dataset)
    assert groups.answer.startswith("Highest: A (57:20:00")
    longest = computed("Which ride has the longest duration?", owner, job.dataset)
    assert longest.answer == "9 has the greatest duration: 35:20:00."
    assert longest.citations[0].cells == {
        "ride": 9, "bike": "A", "start": "23:00:00", "duration": "35:20:00",
    }  # fmt: skip
    latest = computed("What is the latest start?", owner, job.dataset)
    assert latest.headline == "23:00:00"
