"""What one process found of a server, the next ones do not ask for again; and nothing secret is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.models import CatalogMemory
from governance.om_client import OMClient
from governance.openmetadata.memory import KEPT
from tests.governance.openmetadata_calls import labels, people, sent
from tests.openmetadata_double import Double

pytestmark = pytest.mark.django_db

NOBODY = "00000000-0000-0000-0000-000000000000"


def another_process() -> OMClient:
    return OMClient(OMClient.shared().connection.server)


@pytest.fixture
def known(double: Double) -> Double:
    """A server that one process has worked with."""
    OMClient.shared().register(people())
    assert len(double.requests) > 15
    double.forget()
    return double


def test_a_command_asks_twice_before_its_first_table(known: Double) -> None:
    another_process().register(people(name="second"))
    assert sent(known) == ["GET system", "GET users", "PUT tables", "GET tables"]


def test_a_day_later_it_asks_anew(known: Double) -> None:
    CatalogMemory.objects.update(at=timezone.now() - KEPT - timedelta(seconds=1))
    another_process().register(people(name="second"))
    assert len(known.requests) > 10


def test_no_token_is_kept(known: Double) -> None:
    kept = str(list(CatalogMemory.objects.values_list("name", "value")))
    assert "ingestion-bot" in kept
    assert known.bot_token not in kept


@pytest.mark.parametrize("value", [NOBODY, {"key": "another", "bot": NOBODY}], ids=["places", "bot"])
def test_what_holds_no_more_is_found_out(known: Double, value: object) -> None:
    """The server was set up anew behind the same address."""
    is_bot = isinstance(value, dict)
    CatalogMemory.objects.filter(name__startswith="bot " if is_bot else "/").update(value=value)
    another_process().register(people(name="second"))
    assert labels(known, "email", "omdplatform.lake.owner-1.second")
    assert NOBODY not in str(list(CatalogMemory.objects.values_list("value", flat=True)))


def test_a_family_of_tags_that_is_gone_is_made_again(known: Double) -> None:
    connection = OMClient.shared().connection
    family = connection.get("/classifications/name/DataKind")["id"]
    connection.delete(f"/classifications/{family}?hardDelete=true&recursive=true")
    another_process().register(people("DataKind.Email", name="second"))
    assert labels(known, "email", "omdplatform.lake.owner-1.second") == {
        "DataKind.Email": ("Automated", "Suggested")
    }
