"""Pages and answers ask the catalog, briefly and not too often, and say so where it does not answer."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from datasets.ingestion import tasks
from datasets.models import Column, Dataset
from datasets.web.representations import present_dataset
from governance.models import CatalogMirror, TagDecision
from governance.om_client import OMClient
from governance.sync import freshness
from governance.sync.freshness import glance, look_at_the_oldest
from promptiq.ask import ask
from tests.governance.openmetadata_calls import sent
from tests.ingested import ingest
from tests.openmetadata_double import Double
from tests.pages import as_read

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]


@pytest.fixture
def orders(double: Double, owner: User, settings: LazySettings) -> Dataset:
    """A dataset that was ingested and that nobody has looked at since."""
    settings.OPENMETADATA_FETCH_TIMEOUT = 1
    job = ingest(owner)
    assert (job.state, job.error) == ("succeeded", "")
    time_passes()
    double.forget()
    return job.dataset


def time_passes(by: timedelta = timedelta(minutes=1)) -> None:
    CatalogMirror.objects.update(looked_at=timezone.now() - by)


def fqn(dataset: Dataset) -> str:
    return dataset.versions.get().catalog_fqn


def asked(dataset: Dataset, user: User) -> tuple[str, str]:
    """Outcome, and what a figure over `goods` and `amount` says of the catalog."""
    answer = ask("orders of a steel kettle", user, Dataset.objects.get(pk=dataset.pk))
    return answer.outcome, " ".join(answer.warnings)


def test_the_page_shows_what_was_edited_there_a_moment_ago(
    double: Double, orders: Dataset, owner: User
) -> None:
    double.edit_tags(fqn(orders), {"goods": ["PII.NonSensitive"]})
    browser = Client()
    browser.force_login(owner)
    page = browser.get(orders.get_absolute_url())
    assert b"PII.NonSensitive" in page.content
    assert b"Tags as of" in page.content
    assert b"does not answer" not in page.content
    assert sent(double)[0] == "GET tables"


def test_it_is_not_asked_more_than_once_in_some_seconds(double: Double, orders: Dataset, owner: User) -> None:
    for _ in range(3):
        present_dataset(orders, owner)
        asked(orders, owner)
    assert sent(double) == ["GET tables"]
    time_passes(freshness.LOOK_AGAIN)
    present_dataset(orders, owner)
    assert sent(double) == ["GET tables"] * 2


def test_a_tag_put_on_there_closes_the_index_for_the_very_next_answer(
    double: Double, orders: Dataset, owner: User, colleague: User
) -> None:
    orders.grants.create(user=colleague)
    assert asked(orders, colleague)[0] in {"answered", "masked"}
    double.edit_tags(fqn(orders), {"goods": ["PII.Sensitive"]})
    time_passes()
    answer = ask("orders of a steel kettle", colleague, Dataset.objects.get(pk=orders.pk))
    assert answer.outcome == "not_indexed"
    assert "steel kettle" not in str(answer.citations)
    (governance,) = answer.governance
    assert governance.tags["goods"] == [
        {"tag": "PII.Sensitive", "state": "confirmed", "source": "catalog"},
    ]
    assert "goods" in governance.masked


def test_where_it_does_not_answer_the_copy_is_used_and_its_age_is_said(
    double: Double, orders: Dataset, owner: User
) -> None:
    agreed = CatalogMirror.objects.get().agreed_at
    CatalogMirror.objects.update(agreed_at=agreed - timedelta(minutes=7))
    double.stop()
    answer = ask("orders of a steel kettle", owner, Dataset.objects.get(pk=orders.pk))
    assert answer.outcome == "answered"
    assert answer.warnings[0].startswith("catalog_stale: the catalog did not answer in time")
    assert "7 min ago" in answer.warnings[0]
    assert datetime.fromisoformat(answer.governance[0].as_of) == agreed - timedelta(minutes=7)
    browser = Client()
    browser.force_login(owner)
    assert "The catalog does not answer" in as_read(browser.get(orders.get_absolute_url()))
    double.start()
    time_passes()
    assert "catalog_stale" not in asked(orders, owner)[1]


def test_a_slow_one_is_waited_for_once(double: Double, orders: Dataset, owner: User) -> None:
    second = ingest(owner, b"goods,weight\n" + b"anvil,40\n" * 20, "weights.csv").dataset
    time_passes()
    double.forget()
    double.delay = 1.5
    started = timezone.now()
    known = glance([orders, second])
    assert (timezone.now() - started).total_seconds() < 2
    assert [each.is_stale for each in known.values()] == [True, True]
    assert len(double.requests) == 1


def test_the_sweep_looks_at_what_nobody_looked_at(double: Double, orders: Dataset) -> None:
    double.edit_tags(fqn(orders), {"goods": ["PII.NonSensitive"]})
    assert look_at_the_oldest() == 0
    time_passes(freshness.LOOK_LATEST)
    assert look_at_the_oldest() == 1
    assert TagDecision.objects.get(source="catalog").tag.fqn == "PII.NonSensitive"
    time_passes(freshness.LOOK_LATEST)
    double.stop()
    assert look_at_the_oldest() == 0


# --- Descriptions -----------------------------------------------------------------------------------------


def describe_there(double: Double, dataset: Dataset, path: str, text: str) -> None:
    """As a person does in OpenMetadata's own page."""
    double.edit(fqn(dataset), [{"op": "add", "path": path, "value": text}])


def texts_there(double: Double, dataset: Dataset) -> dict[str, str | None]:
    table = double.table(fqn(dataset))
    assert table is not None
    return {"": table.get("description")} | {
        each["name"]: each.get("description") for each in table["columns"]
    }


def is_deaf(double: Double) -> bool:
    """Whether the first patch of a column is lost, because it names the version that it was made for."""
    return double.profile == "1.12"


def test_descriptions_changed_here_reach_the_table_in_one_patch(double: Double, orders: Dataset) -> None:
    Dataset.objects.update(description="What was ordered")
    Column.objects.filter(key="goods").update(description="In plain words")
    tasks.sweep()
    assert texts_there(double, orders) == {
        "": "What was ordered", "email": None, "goods": "In plain words", "amount": None,
    }  # fmt: skip
    assert [request.method for request in double.requests].count("PATCH") == 1 + is_deaf(double)
    double.forget()
    tasks.sweep()
    assert sent(double) == []
    Column.objects.filter(key="goods").update(description="")
    tasks.sweep()
    assert texts_there(double, orders)["goods"] is None


def test_a_table_deleted_there_is_told_on_its_page_and_comes_back_when_its_owner_says_so(
    double: Double, orders: Dataset, owner: User
) -> None:
    client = Client()
    client.force_login(owner)
    page = orders.get_absolute_url()
    assert orders.current_version is not None
    OMClient.shared().retire(orders.current_version.catalog_id)
    assert "Somebody deleted this table in the catalog" in client.get(page).content.decode()
    tasks.sweep()
    assert double.table(orders.current_version.catalog_fqn) is None
    assert client.post(f"{page}keep").status_code == 302
    tasks.sweep()
    assert double.table(orders.current_version.catalog_fqn) is not None
    time_passes()
    assert "Somebody deleted this table" not in client.get(page).content.decode()


def test_the_page_tells_who_owns_the_table_there(double: Double, orders: Dataset, owner: User) -> None:
    key = OMClient.shared().places.owner("maria")
    reference = {"id": key, "type": "user"}
    field, value = ("owner", reference) if double.profile == "1.1" else ("owners", [reference])
    assert orders.current_version is not None
    double.edit(orders.current_version.catalog_fqn, [{"op": "add", "path": f"/{field}", "value": value}])
    client = Client()
    client.force_login(owner)
    assert "In the catalog maria owns this table" in as_read(client.get(orders.get_absolute_url()))


def test_the_page_tells_what_else_the_catalog_says(double: Double, orders: Dataset, owner: User) -> None:
    if double.profile == "1.1":
        pytest.skip("it has no domains")
    connection = OMClient.shared().connection
    domain = {"name": "Sales", "domainType": "Source-aligned", "description": "What is sold"}
    key = connection.put("/domains", domain).body["id"]
    connection.put("/glossaries", {"name": "Business", "description": "Our words"})
    connection.put("/glossaryTerms", {"name": "Goods", "glossary": "Business", "description": "What is sold"})
    term = {"tagFQN": "Business.Goods", "source": "Glossary", "labelType": "Manual", "state": "Confirmed"}
    certificate = {"tagLabel": {**term, "tagFQN": "Certification.Gold", "source": "Classification"}}
    double.edit(fqn(orders), [
        {"op": "add", "path": "/domains", "value": [{"id": key, "type": "domain"}]},
        {"op": "add", "path": "/columns/1/tags/0", "value": term},
        {"op": "add", "path": "/certification", "value": certificate},
    ])  # fmt: skip
    client = Client()
    client.force_login(owner)
    page = as_read(client.get(orders.get_absolute_url()))
    for said in (
        "Owner in the catalog",
        "<dt>Domains</dt><dd>Sales</dd>",
        "<dt>Glossary terms</dt><dd>Business.Goods</dd>",
        "Certification.Gold",
    ):
        assert said in page
    assert "Business.Goods" not in str(TagDecision.objects.values_list("tag__fqn"))


def test_descriptions_changed_there_come_back(double: Double, orders: Dataset, owner: User) -> None:
    describe_there(double, orders, "/description", "From the catalog")
    describe_there(double, orders, "/columns/1/description", "Of wood, mostly")
    shown = present_dataset(orders, owner)
    assert shown.dataset.description == "From the catalog"
    assert shown.columns[1].description == "Of wood, mostly"
    tasks.sweep()
    assert texts_there(double, orders)[""] == "From the catalog"


@pytest.mark.parametrize(("since", "wins"), [(timedelta(hours=1), "there"), (timedelta(0), "here")])
def test_the_later_of_two_descriptions_wins(
    double: Double, orders: Dataset, owner: User, since: timedelta, wins: str
) -> None:
    describe_there(double, orders, "/description", "there")
    Dataset.objects.update(description="here")
    CatalogMirror.objects.update(differs_since=timezone.now() - since)
    tasks.sweep()
    orders.refresh_from_db()
    assert (orders.description, texts_there(double, orders)[""]) == (wins, wins)
