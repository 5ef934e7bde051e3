"""The review queue: what it shows, in which order, and what is decided there, on the page and by the API."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from datasets.models import Column, Dataset
from governance.curation.decisions import decide
from governance.curation.review import Item, Wanted, all_items, columns_to_review, decide_items, reviewed
from governance.models import AuditEvent, Tag, TagDecision
from governance.rights.access import held_tags
from tests.making import ready_dataset
from tests.omdplatform.base.web.test_problems import assert_problem
from tests.pages import as_read

pytestmark = pytest.mark.django_db
Api = Callable[[User | None], APIClient]
REVIEW = "/api/v1/review/"
DECISIONS = "/api/v1/review/decisions"


def tag(fqn: str) -> Tag:
    return Tag.objects.get(fqn=fqn)


def suggest(dataset: Dataset, key: str, fqn: str, confidence: float) -> Column:
    column = dataset.columns.get(key=key)
    evidence = {
        "column": key, "entity": "EMAIL", "confidence": confidence,
        "evidence": {"reasons": ["Looks like one."], "against": ["Few values."], "examples": ["a•••"],
                     "matched": 0.5, "checked": 4, "checksum": None, "recogniser": "email"},
    }  # fmt: skip
    TagDecision.objects.create(
        column=column, tag=tag(fqn), version=dataset.current_version, source="classifier",
        state="suggested", evidence=evidence,
    )  # fmt: skip
    return column


@pytest.fixture
def two(owner: User, colleague: User) -> tuple[Dataset, Dataset]:
    """Suggested: people.email 0.9 (two tags), people.city 0.55; shops.email 0.7; shops.city has none."""
    people, shops = ready_dataset(owner, "people"), ready_dataset(colleague, "shops")
    TagDecision.objects.all()._raw_delete("default")
    suggest(people, "email", "PII.Sensitive", 0.9)
    suggest(people, "email", "DataKind.Email", 0.9)
    suggest(people, "city", "DataKind.Location", 0.55)
    suggest(shops, "email", "PII.Sensitive", 0.7)
    return people, shops


def names(user: User, **wanted: object) -> list[str]:
    return [f"{column.dataset.name}.{column.name}" for column in columns_to_review(user, Wanted(**wanted))]


def held(dataset: Dataset, key: str) -> dict[str, str]:
    column = dataset.columns.get(key=key)
    return {each.fqn: each.state for each in held_tags([column])[column.pk]}


def items(dataset: Dataset, key: str, *fqns: str) -> list[Item]:
    return [Item(dataset.columns.get(key=key).pk, fqn) for fqn in fqns]


# --- What is shown ----------------------------------------------------------------------------------------


def test_the_most_doubtful_come_first(two: object, steward: User) -> None:
    assert names(steward) == ["people.city", "shops.email", "people.email"]


def test_search_and_filters(two: tuple[Dataset, Dataset], steward: User) -> None:
    people, shops = two
    assert names(steward, text="EMAIL") == ["shops.email", "people.email"]
    assert names(steward, text="shop") == ["shops.email"]
    assert names(steward, tag="DataKind.Location") == ["people.city"]
    assert names(steward, owner="colleague") == ["shops.email"]
    assert names(steward, dataset=people.pk) == ["people.city", "people.email"]
    assert names(steward, state="untagged") == ["shops.city"]
    decide(people.columns.get(key="city"), tag("DataKind.Location"), "rejected", steward, "Sales teams.")
    decide(shops.columns.get(key="email"), tag("PII.Sensitive"), "confirmed", steward)
    assert names(steward) == ["people.email"]
    assert names(steward, state="rejected") == ["people.city"]
    assert names(steward, state="confirmed") == ["shops.email"]
    assert names(steward, state="untagged") == ["people.city", "shops.city"]


def test_each_column_has_the_tags_that_were_asked_for(two: object, steward: User) -> None:
    wanted = Wanted()
    shown = reviewed(list(columns_to_review(steward, wanted)), wanted)
    assert [[each.fqn for each in item.tags] for item in shown] == [
        ["DataKind.Location"], ["PII.Sensitive"], ["DataKind.Email", "PII.Sensitive"],
    ]  # fmt: skip
    assert [item.confidence for item in shown] == [0.55, 0.7, 0.9]
    only = Wanted(tag="PII.Sensitive", text="people")
    [column] = reviewed(list(columns_to_review(steward, only)), only)
    assert [each.fqn for each in column.tags] == ["PII.Sensitive"]


def test_deleted_datasets_and_columns_that_were_dropped_are_not_shown(
    two: tuple[Dataset, Dataset], steward: User
) -> None:
    people, shops = two
    people.columns.get(key="city").appearances.all().delete()
    Dataset.objects.filter(pk=shops.pk).update(retired_at="2024-01-01T00:00Z")
    assert names(steward) == ["people.email"]


def test_others_see_what_is_theirs_alone(two: object, owner: User, stranger: User) -> None:
    assert names(owner) == ["people.city", "people.email"]
    assert names(stranger) == []


# --- Deciding ---------------------------------------------------------------------------------------------


def test_many_columns_of_many_datasets_at_once(two: tuple[Dataset, Dataset], steward: User) -> None:
    people, shops = two
    chosen = [
        *items(people, "email", "PII.Sensitive", "DataKind.Email"),
        *items(shops, "email", "PII.Sensitive"),
    ]
    assert decide_items(steward, "confirm", chosen) == 3
    assert held(people, "email") == {"PII.Sensitive": "confirmed", "DataKind.Email": "confirmed"}
    assert held(shops, "email") == {"PII.Sensitive": "confirmed"}
    assert set(
        AuditEvent.objects.exclude(action="signed in").values_list("actor", "action", "detail__reason")
    ) == {(steward.pk, "tag confirmed", "Agrees with the evidence.")}


def test_replacing(two: tuple[Dataset, Dataset], steward: User) -> None:
    people, shops = two
    chosen = [*items(people, "email", "PII.Sensitive"), *items(shops, "email", "PII.Sensitive")]
    decide_items(steward, "replace", chosen, "Shared mailboxes.", "PII.NonSensitive")
    assert held(people, "email") == {"DataKind.Email": "suggested", "PII.NonSensitive": "confirmed"}
    assert held(shops, "email") == {"PII.NonSensitive": "confirmed"}


def test_a_tag_is_not_replaced_by_itself(two: tuple[Dataset, Dataset], steward: User) -> None:
    people, _ = two
    chosen = items(people, "email", "PII.Sensitive", "DataKind.Email")
    decide_items(steward, "replace", chosen, "Enough.", "PII.Sensitive")
    assert held(people, "email") == {"PII.Sensitive": "confirmed"}


def test_adding_to_what_has_no_tag(two: tuple[Dataset, Dataset], steward: User) -> None:
    _, shops = two
    chosen = all_items(steward, Wanted(state="untagged"))
    assert chosen == [Item(shops.columns.get(key="city").pk)]
    decide_items(steward, "add", chosen, "Missed.", "DataKind.Location")
    assert held(shops, "city") == {"DataKind.Location": "confirmed"}


# --- The page ---------------------------------------------------------------------------------------------


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def boxes(chosen: list[Item]) -> list[str]:
    return [f"{item.column}:{item.tag}" for item in chosen]


def test_the_page_is_for_stewards(owner: User, steward: User) -> None:
    assert Client().get("/review/").status_code == 302
    assert signed_in(owner).get("/review/").status_code == 403
    assert signed_in(owner).post("/review/", {"action": "confirm"}).status_code == 403
    assert b'href="/review/"' not in signed_in(owner).get("/datasets/").content
    assert b'href="/review/"' in signed_in(steward).get("/datasets/").content
    assert b"Nothing to review" in signed_in(steward).get("/review/").content


def test_the_page_shows_the_evidence(two: object, steward: User) -> None:
    page = as_read(signed_in(steward).get("/review/"))
    for said in ("Looks like one.", "Few values.", "a•••", "55 %", "3 columns, least certain first"):
        assert said in page


def test_deciding_on_the_page(two: tuple[Dataset, Dataset], steward: User) -> None:
    people, shops = two
    chosen = [*items(people, "city", "DataKind.Location"), *items(shops, "email", "PII.Sensitive")]
    form = {"item": boxes(chosen), "action": "reject", "reason": "Sales teams."}
    response = signed_in(steward).post("/review/?state=suggested&q=", form, follow=True)
    assert "2 decisions written." in as_read(response)
    assert response.redirect_chain == [("/review/?state=suggested&q=", 302)]
    assert (held(people, "city"), held(shops, "email")) == ({}, {"Access.AwaitsOwner": "confirmed"})


def test_everything_that_fits_on_every_page(two: tuple[Dataset, Dataset], steward: User) -> None:
    form = {"everything": "on", "count": "2", "action": "confirm"}
    response = signed_in(steward).post("/review/?tag=PII.Sensitive", form)
    assert response.status_code == 302
    people, shops = two
    assert held(people, "email") == {"PII.Sensitive": "confirmed", "DataKind.Email": "suggested"}
    assert held(shops, "email") == {"PII.Sensitive": "confirmed"}
    again = signed_in(steward).post("/review/", {**form, "count": "9"})
    assert again.status_code == 400
    assert "changed meanwhile" in as_read(again)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"action": "confirm"}, "Nothing is chosen"),
        ({"action": "reject", "item": "{item}"}, "Say why"),
        ({"action": "replace", "item": "{item}", "reason": "x"}, "Choose the tag"),
        ({"action": "add", "item": "{item}", "reason": "x", "replacement": "No.Such"}, "no tag No.Such"),
        ({"action": "melt", "item": "{item}"}, "Choose what is to be done"),
        ({"action": "confirm", "item": "999999:PII.None"}, "no column 999999"),
        ({"action": "confirm", "item": "x:PII.None"}, "Nothing is chosen"),
    ],
)
def test_what_cannot_be_decided_keeps_what_was_ticked(
    two: tuple[Dataset, Dataset], steward: User, form: dict[str, str], said: str
) -> None:
    [box] = boxes(items(two[0], "email", "PII.Sensitive"))
    told = {name: value.format(item=box) for name, value in form.items()}
    response = signed_in(steward).post("/review/", told)
    page = as_read(response)
    assert (response.status_code, said in page) == (400, True)
    assert (f'value="{box}" checked' in page) == (told.get("item") == box)
    assert not AuditEvent.objects.exclude(action="signed in").exists()


# --- The API ----------------------------------------------------------------------------------------------


def test_the_list_for_programs(api: Api, two: tuple[Dataset, Dataset], steward: User) -> None:
    people, _ = two
    body = api(steward).get(REVIEW, {"page_size": 2}).json()
    assert (body["count"], len(body["results"]), body["previous"]) == (3, 2, None)
    first = body["results"][0]
    assert (first["name"], first["dataset"], first["owner"], first["confidence"]) == (
        "city", str(people.pk), "owner", 0.55,
    )  # fmt: skip
    assert first["evidence"]["evidence"]["reasons"] == ["Looks like one."]
    assert [(each["tag"], each["state"], each["source"], each["actor"]) for each in first["tags"]] == [
        ("DataKind.Location", "suggested", "classifier", None)
    ]
    asked = {"tag": "PII.Sensitive", "owner": "colleague", "q": "shop", "state": "suggested"}
    assert [each["dataset_name"] for each in api(steward).get(REVIEW, asked).json()["results"]] == ["shops"]


def test_deciding_by_program(api: Api, two: tuple[Dataset, Dataset], steward: User) -> None:
    people, shops = two
    chosen = [
        {"column": each.columns.get(key="email").pk, "tag": "PII.Sensitive"} for each in (people, shops)
    ]
    asked = {"action": "reject", "items": chosen, "reason": "Invented."}
    response = api(steward).post(DECISIONS, asked, format="json")
    assert (response.status_code, response.json()) == (200, {"decided": 2})
    assert held(shops, "email") == {"Access.AwaitsOwner": "confirmed"}
    rejected = api(steward).get(REVIEW, {"state": "rejected"}).json()["results"]
    assert {(each["actor"], each["reason"]) for item in rejected for each in item["tags"]} == {
        ("steward", "Invented.")
    }


@pytest.mark.parametrize("who", ["owner", "stranger", None])
def test_only_stewards_review_and_decide(
    api: Api, two: object, who: str | None, request: pytest.FixtureRequest
) -> None:
    client = api(request.getfixturevalue(who) if who else None)
    status, code = (403, "no-curation-right") if who else (401, "not-authenticated")
    assert_problem(client.get(REVIEW), status, code)
    assert_problem(client.post(DECISIONS, {}, format="json"), status, code)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"items": []}, "invalid"),
        ({"action": "melt"}, "invalid"),
        ({"reason": ""}, "no-reason"),
        ({"items": [{"column": 999_999, "tag": "PII.None"}]}, "no-such-column"),
        ({"action": "replace", "replacement": "No.Such"}, "no-such-tag"),
        ({"action": "replace"}, "no-tag"),
    ],
)
def test_what_a_program_cannot_decide(
    api: Api, two: tuple[Dataset, Dataset], steward: User, change: dict[str, object], code: str
) -> None:
    column = two[0].columns.get(key="email").pk
    asked = {"action": "reject", "items": [{"column": column, "tag": "PII.Sensitive"}], "reason": "x"}
    assert_problem(api(steward).post(DECISIONS, asked | change, format="json"), 400, code)
    assert not AuditEvent.objects.filter(action__startswith="tag ").exists()


def test_what_cannot_be_looked_for(api: Api, steward: User) -> None:
    assert_problem(api(steward).get(REVIEW, {"state": "perhaps"}), 400, "invalid")
    assert_problem(api(steward).get(REVIEW, {"dataset": "7"}), 400, "invalid")
    assert api(steward).get(REVIEW, {"dataset": str(uuid4())}).json()["count"] == 0


def test_a_datasets_page_leads_to_its_review(
    two: tuple[Dataset, Dataset], steward: User, owner: User
) -> None:
    people, _ = two
    link = f'href="/review/?dataset={people.pk}"'
    assert link in as_read(signed_in(steward).get(people.get_absolute_url()))
    assert link not in as_read(signed_in(owner).get(people.get_absolute_url()))
    page = as_read(signed_in(steward).get(f"/review/?dataset={people.pk}"))
    assert "2 columns, least certain first of" in page
