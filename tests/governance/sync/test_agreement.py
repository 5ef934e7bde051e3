"""What people edit in OpenMetadata comes back, and what people decide here is not lost for it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from datasets.models import Dataset, Version
from governance.catalog.configured import get_catalog
from governance.catalog.contract import CatalogEntry, CatalogUnavailable
from governance.curation.agreeing import open_column
from governance.curation.decisions import decide, suggest
from governance.models import AuditEvent, CatalogDebt, CatalogMirror, Tag, TagDecision
from governance.om_client import OMClient
from governance.openmetadata import bodies
from governance.openmetadata.connection import Connection
from governance.rights.access import access_of, decided_tags, held_tags
from governance.sync import agreement, registration
from governance.tag_schema import AWAITS_OWNER
from tests.governance.openmetadata_calls import labels, sent
from tests.openmetadata_double import Double

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def version(double: Double, people_table: Dataset) -> Version:
    """The current version of `people`, registered: a suggestion on `email`, nothing on `city`."""
    version = people_table.current_version
    assert version is not None
    entry = registration.register(version)
    version.catalog_id, version.catalog_fqn, version.catalog_version = entry.id, entry.fqn, entry.version
    version.index_state, version.policy_fingerprint = "ready", access_of(version).fingerprint()
    version.save()
    double.forget()
    return version


def look(version: Version) -> None:
    agreement.look(Dataset.objects.get(pk=version.dataset_id))


def held(version: Version, column: str) -> dict[str, tuple[str, str]]:
    """Tag -> state and whose word it is."""
    identity = version.dataset.columns.get(key=column)
    return {tag.fqn: (tag.state, tag.source) for tag in held_tags([identity])[identity.pk]}


def edit(double: Double, version: Version, column: str, *tags: str, user: str = "admin") -> None:
    double.edit_tags(version.catalog_fqn, {column: tags}, user)


def say(version: Version, steward: User, column: str, tag: str, state: str) -> TagDecision:
    identity = version.dataset.columns.get(key=column)
    return decide(identity, Tag.objects.get(fqn=tag), state, identity.dataset.owner, "Known.")


def test_looking_where_nothing_was_edited_is_one_request(double: Double, version: Version) -> None:
    look(version)
    assert sent(double) == ["GET tables"]
    assert not TagDecision.objects.filter(source="catalog").exists()


def test_a_tag_that_a_person_adds_there_holds_here(double: Double, version: Version) -> None:
    edit(double, version, "city", "PII.Sensitive")
    look(version)
    assert held(version, "city") == {"PII.Sensitive": ("confirmed", "catalog")}
    decision = TagDecision.objects.get(source="catalog")
    assert "by admin on" in decision.reason
    assert AuditEvent.objects.get(action="tag confirmed in the catalog").detail["tag"] == "PII.Sensitive"
    version.refresh_from_db()
    assert version.index_state == "stale"
    double.forget()
    look(version)
    assert sent(double) == ["GET tables"]
    assert TagDecision.objects.filter(source="catalog").count() == 1
    assert not CatalogDebt.objects.exists()


def test_a_tag_that_a_person_takes_off_there_is_off_here_whatever_a_classifier_says(
    double: Double, version: Version
) -> None:
    """What the classifier holds for personal stays masked until its owner agrees."""
    edit(double, version, "email")
    look(version)
    waits = {AWAITS_OWNER: ("confirmed", "catalog")}
    assert held(version, "email") == waits
    assert TagDecision.objects.get(source="catalog", tag__fqn="PII.Sensitive").state == "rejected"
    assert access_of(version).masked_columns() == ("email",)
    asked = AuditEvent.objects.get(action="opening asked for")
    assert (asked.actor, asked.detail) == (None, {"column": "email"})
    suggest(version, [], {})
    registration.register(version)
    assert held(version, "email") == waits
    assert set(labels(double, "email", version.catalog_fqn)) == {AWAITS_OWNER}
    open_column(version.dataset.columns.get(key="email"), version.dataset.owner)
    registration.tell_catalog(version.dataset)
    assert held(version, "email") == {}
    assert access_of(version).masked_columns() == ()
    assert labels(double, "email", version.catalog_fqn) == {}


def test_what_only_people_had_masked_is_opened_there_at_once(double: Double, version: Version) -> None:
    edit(double, version, "city", "PII.Sensitive")
    look(version)
    assert access_of(version).masked_columns() == ("email", "city")
    edit(double, version, "city")
    look(version)
    assert access_of(version).masked_columns() == ("email",)


def test_a_suggestion_that_a_person_accepts_there_is_confirmed_here(double: Double, version: Version) -> None:
    edit(double, version, "email", "PII.Sensitive")
    look(version)
    assert held(version, "email") == {"PII.Sensitive": ("confirmed", "catalog")}


def test_nothing_is_settled_that_was_not_read_back(
    double: Double, version: Version, steward: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(version, steward, "city", "PII.Sensitive", "confirmed")
    with monkeypatch.context() as patched:
        patched.setattr(Connection, "patch", lambda *sent: None)
        with pytest.raises(CatalogUnavailable):
            registration.tell_catalog(version.dataset)
    assert CatalogDebt.objects.exists()
    assert agreement.agreed_by_name(version.dataset)["city"] == ()
    registration.tell_catalog(version.dataset)
    assert labels(double, "city", version.catalog_fqn) == {"PII.Sensitive": ("Manual", "Confirmed")}


def test_a_tag_replaced_there_is_replaced_here(double: Double, version: Version, steward: User) -> None:
    say(version, steward, "email", "PII.Sensitive", "confirmed")
    registration.tell_catalog(version.dataset)
    edit(double, version, "email", "PII.None")
    look(version)
    assert held(version, "email") == {
        AWAITS_OWNER: ("confirmed", "catalog"), "PII.None": ("confirmed", "catalog"),
    }  # fmt: skip


def test_a_tag_that_nobody_here_knew_is_made_and_masks(double: Double, version: Version) -> None:
    OMClient.shared().connection.put("/tags", bodies.tag("Address", "PII", "Where people live"))
    edit(double, version, "city", "PII.Address")
    look(version)
    assert held(version, "city") == {"PII.Address": ("confirmed", "catalog")}
    assert "city" in access_of(version).masked_columns()


def test_what_was_decided_here_later_wins_and_is_told(
    double: Double, version: Version, steward: User
) -> None:
    edit(double, version, "email")
    say(version, steward, "email", "PII.Sensitive", "confirmed")
    registration.tell_catalog(version.dataset)
    assert held(version, "email") == {"PII.Sensitive": ("confirmed", "person")}
    assert labels(double, "email", version.catalog_fqn) == {"PII.Sensitive": ("Manual", "Confirmed")}
    assert not CatalogDebt.objects.exists()


def test_what_was_edited_there_later_wins_although_ours_was_not_told(
    double: Double, version: Version, steward: User
) -> None:
    say(version, steward, "email", "PII.Sensitive", "confirmed")
    edit(double, version, "email")
    registration.tell_catalog(version.dataset)
    assert held(version, "email") == {AWAITS_OWNER: ("confirmed", "catalog")}
    assert "PII.Sensitive" not in labels(double, "email", version.catalog_fqn)


def test_until_the_catalog_is_told_the_stricter_holds(
    double: Double, version: Version, steward: User
) -> None:
    say(version, steward, "email", "PII.Sensitive", "rejected")
    assert held(version, "email") == {"PII.Sensitive": ("suggested", "catalog")}
    assert access_of(version).masked_columns() == ("email",)
    version.refresh_from_db()
    assert version.index_state == "ready", "nothing was tightened"
    identity = version.dataset.columns.get(key="email")
    assert decided_tags([identity])[identity.pk] == ()
    registration.tell_catalog(version.dataset)
    assert held(version, "email") == {}
    assert access_of(version).masked_columns() == ()
    version.refresh_from_db()
    assert version.index_state == "stale"


def test_what_a_tool_takes_off_there_stays_here_and_is_told_again(double: Double, version: Version) -> None:
    get_catalog().apply_column_tags(version.catalog_id, {"email": []})
    look(version)
    assert held(version, "email") == {"PII.Sensitive": ("suggested", "classifier")}
    registration.tell_catalog(version.dataset)
    assert labels(double, "email", version.catalog_fqn) == {"PII.Sensitive": ("Automated", "Suggested")}


def test_what_a_tool_puts_on_there_is_a_suggestion_here(double: Double, version: Version) -> None:
    get_catalog().apply_column_tags(version.catalog_id, {"city": ["PII.Sensitive"]})
    look(version)
    assert held(version, "city") == {"PII.Sensitive": ("suggested", "catalog")}
    assert "city" in access_of(version).masked_columns()


def test_an_edit_is_a_persons_although_a_tool_came_later(double: Double, version: Version) -> None:
    edit(double, version, "email")
    get_catalog().apply_column_tags(version.catalog_id, {"city": ["DataKind.Location"]})
    look(version)
    assert TagDecision.objects.get(source="catalog", state="rejected").tag.fqn == "PII.Sensitive"


def test_an_edit_before_a_re_upload_is_neither_lost_nor_undone(double: Double, version: Version) -> None:
    edit(double, version, "email")
    edit(double, version, "city", "PII.NonSensitive")
    double.forget()
    registration.register(version)
    assert [name for name in sent(double) if name == "PUT tables"] == ["PUT tables"] * 2  # counts, too
    assert "PII.Sensitive" not in labels(double, "email", version.catalog_fqn)
    assert labels(double, "city", version.catalog_fqn) == {"PII.NonSensitive": ("Manual", "Confirmed")}
    assert held(version, "email") == {AWAITS_OWNER: ("confirmed", "catalog")}
    assert held(version, "city") == {"PII.NonSensitive": ("confirmed", "catalog")}


def test_a_table_that_is_gone_there_comes_back_only_when_a_person_says_so(
    double: Double, version: Version, steward: User
) -> None:
    gone = version.catalog_id
    get_catalog().retire(gone)
    look(version)
    mirror = CatalogMirror.objects.get()
    assert mirror.gone_since is not None
    assert AuditEvent.objects.filter(action="table deleted in the catalog").count() == 1
    say(version, steward, "email", "PII.Sensitive", "confirmed")
    version.dataset.description = "Whom we know"
    version.dataset.save()
    double.forget()
    assert not registration.tell_catalog(version.dataset)
    assert registration.tell_descriptions() == 0
    assert {request.method for request in double.requests} == {"GET"}
    assert CatalogDebt.objects.exists(), "it stays owed"
    agreement.keep(version.dataset, steward)
    assert registration.tell_catalog(version.dataset)
    assert Version.objects.get(pk=version.pk).catalog_id != gone
    assert labels(double, "email", version.catalog_fqn) == {"PII.Sensitive": ("Manual", "Confirmed")}
    assert CatalogMirror.objects.get().gone_since is None


def test_a_table_that_is_restored_there_is_no_longer_gone(double: Double, version: Version) -> None:
    OMClient.shared().connection.delete(f"/tables/{version.catalog_id}")
    look(version)
    assert agreement.is_gone(version.dataset)
    OMClient.shared().connection.put("/tables/restore", {"id": version.catalog_id})
    look(version)
    assert not agreement.is_gone(version.dataset)


def test_an_owner_changed_there_is_shown_and_never_set_back(double: Double, version: Version) -> None:
    key = OMClient.shared().places.owner("maria")
    owner = {"id": key, "type": "user"}
    field, value = ("owner", owner) if double.profile == "1.1" else ("owners", [owner])
    double.edit(version.catalog_fqn, [{"op": "replace", "path": f"/{field}", "value": value}])
    look(version)
    assert CatalogMirror.objects.get().owner == "maria"
    registration.register(version)
    assert get_catalog().fetch(version.catalog_id).owner == "maria"  # type: ignore[union-attr]


def test_a_removal_that_took_the_version_back_holds_here(double: Double, version: Version) -> None:
    """The server puts a person's edits of ten minutes together: the version before them is the last again."""
    edit(double, version, "city", "PII.Sensitive")
    look(version)
    before = CatalogMirror.objects.get().version
    edit(double, version, "city")
    look(version)
    if double.profile != "1.1":
        assert float(CatalogMirror.objects.get().version) < float(before)
    assert held(version, "city") == {}
    registration.register(version)
    assert labels(double, "city", version.catalog_fqn) == {}


def test_a_description_taken_back_there_is_taken_back_here(double: Double, version: Version) -> None:
    def describe(text: str) -> None:
        double.edit(version.catalog_fqn, [{"op": "add", "path": "/columns/1/description", "value": text}])
        look(version)

    describe("Where they live")
    describe("Where they lived")
    double.edit(version.catalog_fqn, [{"op": "remove", "path": "/columns/1/description"}])
    look(version)
    assert version.dataset.columns.get(key="city").description == ""
    assert registration.tell_descriptions() == 0


def test_a_tag_that_somebody_adds_while_we_tell_of_the_same_column_stays(
    double: Double, version: Version, steward: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(version, steward, "email", "PII.Sensitive", "confirmed")
    seen = agreement.look

    def look_and_edit(dataset: Dataset) -> None:
        seen(dataset)
        edit(double, version, "email", "PII.Sensitive", "DataKind.Email")

    OMClient.shared().taxonomy.provide([("email", ["DataKind.Email"])])
    monkeypatch.setattr(agreement, "look", look_and_edit)
    registration.tell_catalog(version.dataset)
    assert set(labels(double, "email", version.catalog_fqn)) == {"PII.Sensitive", "DataKind.Email"}
    assert set(held(version, "email")) == {"PII.Sensitive", "DataKind.Email"}


def test_an_answer_that_is_older_than_what_was_told_is_no_edit(
    double: Double, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else looks, and takes something over, between our question and its answer."""
    fetch = OMClient.fetch
    edit(double, version, "city", "PII.Sensitive")

    def slow(client: OMClient, entry_id: str) -> CatalogEntry | None:
        old = fetch(client, entry_id)
        monkeypatch.setattr(OMClient, "fetch", fetch)
        edit(double, version, "city")
        look(version)
        return old

    monkeypatch.setattr(OMClient, "fetch", slow)
    look(version)
    assert held(version, "city") == {}


def test_an_edit_between_a_look_and_our_own_change_is_taken_over(
    double: Double, version: Version, steward: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(version, steward, "email", "PII.Sensitive", "confirmed")
    monkeypatch.setattr(agreement, "look", lambda dataset: edit(double, version, "city", "PII.Sensitive"))
    registration.tell_catalog(version.dataset)
    assert held(version, "city") == {"PII.Sensitive": ("confirmed", "catalog")}
    assert labels(double, "email", version.catalog_fqn) == {"PII.Sensitive": ("Manual", "Confirmed")}


def test_our_own_catalog_has_nobody_who_edits(people_table: Dataset) -> None:
    assert people_table.current_version is not None
    entry = registration.register(people_table.current_version)
    Version.objects.update(catalog_id=entry.id)
    agreement.look(Dataset.objects.get())
    assert not CatalogMirror.objects.exists()
