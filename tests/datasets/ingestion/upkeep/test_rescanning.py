"""What a rescan or another policy would change is told beforehand, and nothing is changed by telling."""

import json
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django_q.models import OrmQ

from datasets import storage
from datasets.models import Dataset, Version
from datasets.web import dry_run_views
from governance.curation.decisions import decide
from governance.models import AuditEvent, Classification, Policy, Tag, TagDecision
from governance.rights.access import held_tags
from omdplatform.base.digests import sha256_of
from tests.governance import tables
from tests.governance.tables import many
from tests.making import ready_dataset
from tests.pages import as_read

pytestmark = pytest.mark.django_db

OWN = """
from governance.recognisers.column import Candidate

class Cities:
    name = "cities"

    def recognise(self, column, table):
        if column.header.has("city"):
            yield Candidate("USERNAME", 0.99, reasons=("Says so.",))
"""


@pytest.fixture
def stored(owner: User) -> Dataset:
    """people: email addresses, tagged as the classifier would; city: telephone numbers, not tagged yet."""
    dataset = ready_dataset(owner, "people")
    version = dataset.versions.get()
    rows = pa.table(
        {
            "_row": pa.array(range(1, 31)),
            "email": many(tables.email, 30),
            "city": many(tables.phone, 30),
        }
    )
    place = Path(storage.parquet().path(version.parquet_key))  # type: ignore[attr-defined]
    place.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, place)
    Version.objects.filter(pk=version.pk).update(rows=30, parquet_sha256=sha256_of(place))
    call_command("rescan", stdout=StringIO(), stderr=StringIO())
    TagDecision.objects.filter(column__key="city")._raw_delete("default")
    AuditEvent.objects.all()._raw_delete("default")
    OrmQ.objects.all().delete()
    return dataset


def run(*arguments: str) -> tuple[list[str], str]:
    """Lines of the output, and what was said beside it."""
    out, beside = StringIO(), StringIO()
    call_command("rescan", *arguments, stdout=out, stderr=beside)
    return out.getvalue().splitlines(), beside.getvalue().strip()


def state() -> tuple[object, ...]:
    """Whatever a dry run might have touched."""
    return tuple(
        list(model.objects.order_by("pk").values())
        for model in (TagDecision, Policy, Tag, Classification, Version, AuditEvent, OrmQ)
    )


def test_a_dry_run_tells_and_changes_nothing(stored: Dataset) -> None:
    before = state()
    lines, beside = run("--dry-run")
    tags = "+DataKind.Phone, +PII.NonSensitive, +PersonalData.Personal"
    assert lines == [f"people.city: {tags}, masked from now on, index: index -> mask"]
    assert beside == "1 columns would change, in 1 datasets that were looked at."
    assert state() == before


def test_the_rescan_does_what_was_told(stored: Dataset) -> None:
    told, _ = run("--dry-run")
    done, beside = run()
    assert done == told
    assert beside == "1 columns changed, in 1 datasets that were looked at."
    assert run("--dry-run")[0] == run()[0] == []


def test_with_a_classifier_that_is_tried_out(
    stored: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tried_out.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = state()
    lines, _ = run("--dry-run", "--classifier", "tried_out.Cities", "--json")
    [change] = map(json.loads, lines)
    assert (change["dataset"], change["column"]) == (str(stored.pk), "city")
    assert set(change["added"]) == {"DataKind.Username", "PII.Sensitive", "PersonalData.Personal"}
    assert change["masked"] == [False, True]
    assert state() == before


def test_with_a_policy_that_is_tried_out(stored: Dataset, steward: User) -> None:
    decide(stored.columns.get(key="city"), Tag.objects.get(fqn="DataKind.Location"), "confirmed", steward)
    before = state()
    assert run("--dry-run", "--policy", "DataKind.Location=leave_out,30") == (
        ["people.city: masked from now on, index: index -> leave_out, kept (days): without an end -> 30"],
        "1 columns would change.",
    )
    assert run("--dry-run", "--policy", "PII.Sensitive=index,shown") == (
        ["people.email: masked no more, index: mask -> index"], "1 columns would change.",
    )  # fmt: skip
    assert run("--dry-run", "--policy", "PII.Sensitive=mask")[0] == []
    assert state() == before


def test_what_people_decided_is_not_announced_to_change(stored: Dataset, steward: User) -> None:
    city = stored.columns.get(key="city")
    for fqn in ("DataKind.Phone", "PII.NonSensitive", "PersonalData.Personal"):
        decide(city, Tag.objects.get(fqn=fqn), "rejected", stored.owner, "Room numbers.")
    assert run("--dry-run")[0] == []
    run()
    assert held_tags([city])[city.pk] == ()


def test_one_dataset_alone(stored: Dataset, owner: User) -> None:
    other = ready_dataset(owner, "other")
    lines, beside = run("--dry-run")
    assert "other: its typed copy cannot be read; skipped." in beside
    assert len(lines) == 1
    assert run("--dry-run", "--dataset", str(stored.pk))[1].endswith("in 1 datasets that were looked at.")
    Dataset.objects.filter(pk=other.pk).update(retired_at="2024-01-01T00:00Z")
    with pytest.raises(CommandError, match="no dataset of that id"):
        run("--dry-run", "--dataset", str(other.pk))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--policy", "PII.Sensitive=mask"], "need --dry-run"),
        (["--classifier", "a.B"], "need --dry-run"),
        (["--dry-run", "--classifier", "no.such.Thing"], "no.such.Thing cannot be loaded"),
        (["--dry-run", "--policy", "PII.Sensitive"], "takes TAG=index"),
        (["--dry-run", "--policy", "PII.Sensitive=hide"], "takes TAG=index"),
        (["--dry-run", "--policy", "PII.Sensitive=mask,soon"], "a number of days"),
        (["--dry-run", "--policy", "PII.Sensitive=mask,1,2"], "a number of days"),
        (["--dry-run", "--policy", "No.Such=mask"], "There is no tag No.Such"),
    ],
)
def test_what_cannot_be_tried_out(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said.replace(".", r"\.")):
        run(*arguments)


# --- The page ---------------------------------------------------------------------------------------------


@pytest.fixture
def page(steward: User) -> Client:
    client = Client()
    client.force_login(steward)
    return client


def test_the_page_tries_a_rescan_out(stored: Dataset, owner: User, page: Client) -> None:
    ready_dataset(owner, "other")
    before = state()
    shown = as_read(page.get("/review/dry-run/", {"try": "rescan"}))
    assert "1 column would change" in shown
    assert "+ DataKind.Phone" in shown
    assert "values → masked" in shown
    assert "cannot be read: other" in shown
    assert state() == before


def test_the_page_says_where_its_time_was_over(
    stored: Dataset, owner: User, page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready_dataset(owner, "second")
    monkeypatch.setattr(dry_run_views, "RESCAN_SECONDS", -1)
    shown = as_read(page.get("/review/dry-run/", {"try": "rescan"}))
    assert "Only 1 of 2 datasets were checked" in shown


def test_the_page_tries_a_policy_out(stored: Dataset, page: Client) -> None:
    before = state()
    asked = {"try": "policy", "tag": "PII.Sensitive", "index": "leave_out", "retain_days": "30"}
    shown = as_read(page.get("/review/dry-run/", asked))
    for said in ("1 column would change", "masked → values", "mask → leave_out", "no end → 30"):
        assert said in shown
    assert page.get("/review/dry-run/", asked | {"tag": "No.Such"}).status_code == 400
    assert state() == before


def test_the_page_is_for_stewards(owner: User, page: Client) -> None:
    assert Client().get("/review/dry-run/").status_code == 302
    stranger = Client()
    stranger.force_login(owner)
    assert stranger.get("/review/dry-run/", {"try": "rescan"}).status_code == 403
    assert page.post("/review/dry-run/", {"try": "rescan"}).status_code == 405
    assert 'id="outcome"' not in as_read(page.get("/review/dry-run/"))
