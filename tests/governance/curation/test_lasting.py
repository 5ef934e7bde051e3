"""What people decided outlasts every re-upload and rescan, and what follows from it follows at once."""

from collections.abc import Sequence

import pytest
from django.contrib.auth.models import User

from datasets.ingestion.receiving.uploads import Wish
from datasets.ingestion.upkeep.rescanning import rescan
from datasets.models import Dataset, Job, Version
from datasets.web.representations import present_dataset
from governance.catalog.configured import get_catalog
from governance.curation.decisions import decide
from governance.curation.staleness import mark_stale
from governance.models import AuditEvent, Policy, Tag
from governance.rights.access import access_of, held_tags
from promptiq.ask import ask
from promptiq.vector_client import VectorClient
from tests.governance import tables
from tests.governance.tables import many
from tests.ingested import ingest, run_queue

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("embedder", "vectors"),
]
COLUMNS: dict[str, Sequence[str]] = {
    "full_name": many(tables.full_name, 30),
    "email": many(tables.email, 30),
    "city": ["Berlin", "Paris", "Madrid", "Rome", "London", "Vienna"] * 5,
    "phone": many(tables.phone, 30),
    "note": ["oak table", "brass lamp", "steel kettle"] * 10,
    "amount": [str(number) for number in range(30)],
}


def csv_of(columns: dict[str, Sequence[str]]) -> bytes:
    lines = [",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]
    return "\n".join(lines).encode() + b"\n"


def upload(owner: User, columns: dict[str, Sequence[str]]) -> Version:
    job = ingest(owner, csv_of(columns), "people.csv", Wish(on_conflict="new_version"))
    assert (job.state, job.error) == ("succeeded", "")
    return job.version


def tag(fqn: str) -> Tag:
    return Tag.objects.get(fqn=fqn)


def held(dataset: Dataset, key: str) -> dict[str, tuple[str, str]]:
    """Tag -> its state and whose word it is, by the current version."""
    column = dataset.columns.get(key=key)
    return {each.fqn: (each.state, each.source) for each in held_tags([column])[column.pk]}


@pytest.fixture
def curated(owner: User, steward: User) -> Dataset:
    """Confirmed on email, added to note, rejected on city, replaced on phone."""
    dataset = upload(owner, COLUMNS).dataset
    for key, fqn, state in (
        ("email", "PII.Sensitive", "confirmed"),
        ("note", "PII.NonSensitive", "confirmed"),
        *(("city", fqn, "rejected") for fqn in held(dataset, "city")),
        ("phone", "PII.Sensitive", "confirmed"),
    ):
        decide(dataset.columns.get(key=key), tag(fqn), state, owner, "Known.")
    assert_every_decision_holds(dataset)
    return dataset


BY_A_PERSON = ("confirmed", "person")


def assert_every_decision_holds(dataset: Dataset) -> None:
    assert held(dataset, "email")["PII.Sensitive"] == BY_A_PERSON
    assert held(dataset, "note") == {"PII.NonSensitive": BY_A_PERSON}
    assert held(dataset, "city") == {}
    phone = held(dataset, "phone")
    assert phone["PII.Sensitive"] == BY_A_PERSON
    assert "PII.NonSensitive" not in phone
    version = Version.objects.get(pk=dataset.current_version_id)
    there = {column.column for column in access_of(version).columns}
    masked = {"full_name", "email", "note", "phone"} & {name.strip().lower() for name in there}
    assert {name.strip().lower() for name in access_of(version).masked_columns()} == masked


def renamed(columns: dict[str, Sequence[str]], **names: str) -> dict[str, Sequence[str]]:
    return {names.get(name, name): values for name, values in columns.items()}


def without(columns: dict[str, Sequence[str]], *names: str) -> dict[str, Sequence[str]]:
    return {name: values for name, values in columns.items() if name not in names}


REUPLOADS: dict[str, list[dict[str, Sequence[str]]]] = {
    "reordered": [dict(reversed(COLUMNS.items()))],
    "renamed in case": [renamed(COLUMNS, email="EMAIL", note="Note", city="CITY", phone="Phone")],
    "dropped and restored": [without(COLUMNS, "email", "note", "city", "phone"), COLUMNS],
    "retyped": [{**COLUMNS, "note": ["7"] * 30, "phone": [str(4915100000 + n) for n in range(30)]}],
    "other values": [{**COLUMNS, "email": ["none"] * 30}],
    "all of it": [
        {},
        without(dict(reversed(COLUMNS.items())), "note"),
        renamed({**COLUMNS, "note": ["1.5"] * 30}, note="NOTE", city="City"),
    ],
}


@pytest.mark.parametrize("uploads", REUPLOADS.values(), ids=REUPLOADS.keys())
def test_a_re_upload_keeps_every_decision(
    curated: Dataset, owner: User, uploads: list[dict[str, Sequence[str]]]
) -> None:
    for columns in filter(None, uploads):
        upload(owner, columns)
        curated.refresh_from_db()
        if "email" in {name.lower() for name in columns}:
            assert_every_decision_holds(curated)
    version = Version.objects.get(pk=curated.current_version_id)
    assert version.number == len(list(filter(None, uploads))) + 1
    entry = get_catalog().fetch(version.catalog_id)
    assert entry is not None
    told = {name.lower(): tags for name, tags in entry.tags.items()}
    assert told["note"] == ("PII.NonSensitive",)
    assert told["city"] == ()
    assert "PII.Sensitive" in told["phone"]


def test_a_rescan_keeps_every_decision_and_corrects_its_own_tags(
    curated: Dataset, steward: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = Version.objects.get(pk=curated.current_version_id)
    full_name, amount = (curated.columns.get(key=key) for key in ("full_name", "amount"))
    # As if an older classifier had taken one column for something else and overlooked another.
    old = full_name.decisions.filter(source="classifier").last()
    full_name.decisions.all()._raw_delete("default")
    old.pk, old.column, old.evidence, old._state.adding = None, amount, {"confidence": 0.6}, True
    old.save()
    assert held(curated, "full_name") == {}
    changes = {change.column: change for change in rescan(version, steward)}
    assert set(changes) == {"full_name", "amount"}
    assert set(changes["full_name"].added) == {
        "PII.Sensitive",
        "PersonalData.Personal",
        "DataKind.PersonName",
    }
    assert changes["amount"].removed == (old.tag.fqn,)
    assert held(curated, "amount") == {}
    assert_every_decision_holds(curated)
    event = AuditEvent.objects.get(action="rescanned")
    assert (event.actor, event.detail["columns_changed"]) == (steward, 2)
    run_queue()
    entry = get_catalog().fetch(Version.objects.get().catalog_id)
    assert entry is not None
    assert (entry.tags["amount"], "PII.Sensitive" in entry.tags["full_name"]) == ((), True)
    assert rescan(Version.objects.get(), steward) == []


def test_a_policy_is_enforced_everywhere_and_rebuilds_what_it_concerns_alone(
    owner: User, colleague: User, steward: User, vectors: VectorClient
) -> None:
    dataset = upload(owner, COLUMNS).dataset
    other = ingest(owner, b"goods,amount\n" + b"anvil,3\nbellows,4\n" * 5, "goods.csv").version
    decide(dataset.columns.get(key="note"), tag("DataKind.FreeText"), "confirmed", steward, "Notes.")
    dataset.grants.create(user=colleague)
    assert ask("brass lamp", colleague, dataset).citations[0].cells["note"] == "brass lamp"
    before = Version.objects.get(pk=dataset.current_version_id)
    assert before.index_state == "ready"

    Policy.objects.create(tag=tag("DataKind.FreeText"), masked=True, index="leave_out")
    assert mark_stale() == 1
    # Closed from that moment on, and masked on the page and in the API alike.
    assert ask("brass lamp", colleague, dataset).outcome == "not_indexed"
    shown = {column.name: column for column in present_dataset(dataset, colleague).columns}
    assert shown["note"].masked_because == ("DataKind.FreeText",)
    assert "top" not in shown["note"].profile or not shown["note"].profile["top"]

    run_queue()
    after = Version.objects.get(pk=dataset.current_version_id)
    assert (after.index_state, after.collection != before.collection) == ("ready", True)
    assert before.collection not in vectors.names()
    assert Version.objects.get(pk=other.pk).collection == other.collection
    assert list(Job.objects.filter(kind="rebuild").values_list("dataset", flat=True)) == [dataset.pk]
    answer = ask("brass lamp", colleague, dataset)
    assert all(citation.cells["note"] == "••••" for citation in answer.citations)
