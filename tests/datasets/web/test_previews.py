"""A file before it is kept: what its sender is shown, can correct, and what becomes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from datasets.ingestion.receiving.partial_uploads import discard_old_partials, path_of
from datasets.models import Column, Dataset, Job, PartialUpload, Version
from governance.models import AuditEvent, CatalogRecord, Tag, TagDecision
from tests.datasets.web.rest.test_tus import TUS, begin, send
from tests.making import ready_dataset
from tests.omdplatform.base.web.test_problems import assert_problem
from tests.pages import as_read

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

Api = Callable[[User | None], APIClient]
PREVIEW = "/api/v1/datasets/preview"
STAFF = """Report of March;;;

Name;E-Mail;Pay;Since
Anna Meyer;anna.meyer@post.example;1.234,50 €;03.01.2024
Peter Garcia;p.garcia@post.example;99,00 €;04.01.2024
Julia Novak;julia@post.example;n/a;05.01.2024
Total;;1.333,50 €;
"""


def look(client: APIClient, content: str = STAFF, name: str = "staff.csv", **options: Any) -> Any:
    file = SimpleUploadedFile(name, content.encode())
    return client.post(PREVIEW, {"file": file, **options}, format="multipart")


def again(client: APIClient, seen: dict[str, Any], **asked: Any) -> dict[str, Any]:
    response = client.post(PREVIEW, {"upload": seen["upload"], **asked}, format="json")
    assert response.status_code == 200, response.content
    return response.json()  # type: ignore[no-any-return]


def columns(seen: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in seen["columns"]}


def test_what_a_file_would_be(api: Api, owner: User) -> None:
    response = look(api(owner))
    assert response.status_code == 200, response.content
    seen = response.json()
    found = seen["found"]
    assert (found["delimiter"], found["encoding"], found["skip_lines"], found["header_rows"]) == (
        ";",
        "utf-8",
        2,
        1,
    )
    assert (seen["rows_seen"], seen["whole"], seen["dataset"], seen["changes"]) == (3, True, None, None)
    assert seen["values"][0] == ["Anna Meyer", "anna.meyer@post.example", "1234.50", "2024-01-03"]
    assert seen["written"][2] == [None, None, "n/a", "05.01.2024"]
    held = columns(seen)
    assert [(c["type"], c["unit"]) for c in held.values()] == [
        ("STRING", ""), ("STRING", ""), ("FLOAT", "EUR"), ("DATE", ""),
    ]  # fmt: skip
    (tag,) = [tag for tag in held["E-Mail"]["tags"] if tag["tag"] == "PII.Sensitive"]
    assert (tag["state"], tag["evidence"]["entity"]) == ("suggested", "EMAIL")
    assert (held["E-Mail"]["masked_for_others"], held["Since"]["masked_for_others"]) == (True, False)
    assert held["E-Mail"]["index"] != "index"
    assert any("totals" in note for note in seen["notes"])
    assert any("no value" in note for note in seen["notes"])


def test_nothing_of_a_look_is_kept(api: Api, owner: User, settings: LazySettings) -> None:
    client = api(owner)
    seen = look(client).json()
    for model in (Dataset, Version, Column, Job, TagDecision, CatalogRecord, AuditEvent):
        assert not model.objects.exists(), model  # type: ignore[attr-defined]
    upload = PartialUpload.objects.get()
    assert "anna" not in json.dumps([upload.wish, upload.corrections]).lower()
    files = Path(settings.STORAGES["raw"]["OPTIONS"]["location"]).parent
    assert not [path for path in files.rglob("*") if path.is_file()]
    PartialUpload.objects.update(
        touched_at=timezone.now() - timedelta(seconds=settings.QUARANTINE_SECONDS + 1)
    )
    assert discard_old_partials() == 1
    assert not [path for path in Path(settings.FILE_UPLOAD_TEMP_DIR).rglob("*") if path.is_file()]
    gone = client.post(PREVIEW, {"upload": seen["upload"]}, format="json")
    assert_problem(gone, 404, "not-found")


def test_only_its_sender_sees_it(api: Api, owner: User, colleague: User, admin: User) -> None:
    seen = look(api(owner)).json()
    for other in (colleague, admin):
        asked = {"upload": seen["upload"]}
        assert_problem(api(other).post(PREVIEW, asked, format="json"), 404, "not-found")
        kept = api(other).post(f"/api/v1/uploads/{seen['upload']}/keep", {}, format="json")
        assert_problem(kept, 404, "not-found")
        browser = Client()
        browser.force_login(other)
        assert browser.get(f"/datasets/uploads/{seen['upload']}/").status_code == 404
    assert_problem(api(None).post(PREVIEW, {}, format="json"), 401, "not-authenticated")


def test_nothing_is_parsed_for_whoever_may_not_upload(
    api: Api, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked(*_: Any, **__: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("datasets.previews.preview.look_in_child", looked)
    viewer = User.objects.create_user("viewer")
    assert_problem(look(api(viewer)), 403, "no-upload-right")
    assert not PartialUpload.objects.exists()


def test_a_dataset_of_others_is_no_target(api: Api, owner: User, stranger: User) -> None:
    foreign = ready_dataset(stranger, "people")
    assert_problem(look(api(owner), dataset=str(foreign.pk)), 404, "not-found")


def test_corrections_are_shown_at_once(api: Api, owner: User) -> None:
    client = api(owner)
    seen = look(client, "a;b\n01/02/2024;1,234\n02/03/2024;2,345\n").json()
    assert [c["type"] for c in seen["columns"]] == ["STRING", "STRING"]
    told = again(
        client,
        seen,
        corrections={
            "dialect": {"decimal": ",", "date_order": "dmy", "names": {"b": "Height"}},
            "descriptions": {"b": "In metres."},
            "tags": {"b": {"PII.Sensitive": True}},
        },
    )
    assert [c["type"] for c in told["columns"]] == ["DATE", "FLOAT"]
    height = columns(told)["Height"]
    assert (height["name_in_file"], height["description"], height["masked_for_others"]) == (
        "b",
        "In metres.",
        True,
    )
    assert told["values"][0] == ["2024-02-01", "1.234"]
    # They stay with the file until it is kept.
    assert again(client, seen)["corrections"] == told["corrections"]
    headless = again(client, seen, corrections={"dialect": {"header_rows": 0, "skip_lines": 0}})
    assert [c["name"] for c in headless["columns"]] == ["column_1", "column_2"]
    assert headless["rows_seen"] == 3


@pytest.mark.parametrize(
    "corrections",
    [
        {"dialect": {"delimiter": "x"}},
        {"dialect": {"encoding": "rot13"}},
        {"dialect": {"types": {"a": "MONEY"}}},
        {"dialect": {"header_rows": 50}},
        {"tags": {"a": {"PII.Unheard": True}}},
        {"tags": {"a": {"Access.AwaitsOwner": False}}},
    ],
)
def test_what_is_no_correction_is_refused(api: Api, owner: User, corrections: dict[str, Any]) -> None:
    client = api(owner)
    seen = look(client).json()
    asked = {"upload": seen["upload"], "corrections": corrections}
    assert_problem(client.post(PREVIEW, asked, format="json"), 400, "invalid")


def test_a_file_that_is_no_table_says_what_to_do(api: Api, owner: User) -> None:
    client = api(owner)
    problem = look(client, "name,pay\n")
    assert_problem(problem, 422, "no-rows")
    assert_problem(look(client, "%PDF-1.7 and so on", "letter.csv"), 422, "not-a-table")


def test_a_held_upload_in_parts_waits(api: Api, owner: User) -> None:
    client, content = api(owner), STAFF.encode()
    address = begin(client, len(content), filename="staff.csv", hold="true")
    last = send(client, address, 0, content)
    assert (last.status_code, last.get("X-Job")) == (204, None)  # type: ignore[attr-defined]
    assert not Job.objects.exists()
    upload = address.rpartition("/")[2]
    seen = client.post(PREVIEW, {"upload": upload}, format="json").json()
    assert seen["filename"] == "staff.csv"
    kept = client.post(f"/api/v1/uploads/{upload}/keep", {}, format="json")
    job = Job.objects.get()
    assert (kept.status_code, kept.json()["id"]) == (202, str(job.pk))
    assert client.head(address, **TUS)["X-Job"] == str(job.pk)
    assert not path_of(PartialUpload.objects.get()).exists()
    assert client.post(f"/api/v1/uploads/{upload}/keep", {}, format="json").json()["id"] == str(job.pk)


def test_it_is_compared_with_the_version_before(api: Api, owner: User, steward: User) -> None:
    people = ready_dataset(owner, "people")
    email = people.columns.get(key="email")
    TagDecision.objects.create(
        column=people.columns.get(key="city"), tag=Tag.objects.get(fqn="PII.Sensitive"), actor=steward,
        source="person", state="confirmed", reason="Small villages.",
    )  # fmt: skip
    client = api(owner)
    seen = look(client, "E_Mail,City,age\nanna@post.example,Bath,4\n", "people.csv").json()
    assert seen["dataset"] == {"dataset": str(people.pk), "dataset_name": "people"}
    assert seen["changes"] == {
        "version": 1, "added": ["age"], "dropped": [],
        "renamed": [{"before": "email", "after": "E_Mail"}, {"before": "city", "after": "City"}],
        "retyped": [],
    }  # fmt: skip
    states = {tag["tag"]: tag["state"] for tag in columns(seen)["City"]["tags"]}
    assert states["PII.Sensitive"] == "confirmed"
    assert columns(seen)["City"]["masked_for_others"]
    assert_problem(
        client.post(f"/api/v1/uploads/{seen['upload']}/keep", {}, format="json"), 409, "name-exists"
    )
    other = look(client, "email,city\nanna@post.example,Bath\n", "others.csv").json()
    assert (other["dataset"], other["alike"]) == (
        None,
        [{"dataset": str(people.pk), "dataset_name": "people"}],
    )
    assert email.appearances.count() == 1


def test_the_same_bytes_are_recognised(api: Api, owner: User) -> None:
    people = ready_dataset(owner, "people")
    client = api(owner)
    seen = look(client).json()
    Version.objects.update(sha256=PartialUpload.objects.get().sha256)
    (same,) = again(client, seen)["same_bytes"]
    assert (same["dataset"], same["version"]) == (str(people.pk), 1)
    assert same["page"] == f"/datasets/{people.pk}/versions/1/"


# --- The page ---------------------------------------------------------------------------------------------


@pytest.fixture
def browser(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def held(browser: Client, content: str = STAFF, name: str = "staff.csv") -> str:
    """The address of the page, as the form without scripts leads to it."""
    form = {"file": SimpleUploadedFile(name, content.encode()), "on_conflict": "refuse", "look": "1"}
    answer = browser.post("/datasets/upload", form)
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def fields_of(page: str) -> dict[str, Any]:
    """What a browser would send of the form, as it stands."""
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        unticked = re.search('type="(checkbox|radio)"', tag) and "checked" not in tag
        if name and name[1] != "csrfmiddlewaretoken" and not unticked:
            sent.setdefault(name[1], []).append(value[1] if value else "")
    for name, options in re.findall(r'<select\b[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"\s+selected', options)
        sent[name] = [chosen[1] if chosen else ""]
    return sent


def test_the_page_shows_corrects_and_keeps(browser: Client, owner: User) -> None:
    address = held(browser)
    page = browser.get(address).content.decode()
    for shown in ("Anna Meyer", "1.234,50", "money (EUR)", "masked for others", "PII.Sensitive", "semicolon"):
        assert shown in page
    form = fields_of(page)
    place = form["header"].index("E-Mail")
    changed = {
        **form, "name-2": "Salary", "type-3": "STRING", f"tag-{place}": [], "add-2": "PII.Sensitive",
        f"description-{place}": "Of the office.",
    }  # fmt: skip
    told = browser.post(address, changed, headers={"X-Fragment": "1"})
    fragment = told.content.decode()
    assert "<html" not in fragment
    assert "Pay in the file" in as_read(told)
    upload = PartialUpload.objects.get()
    assert upload.corrections["dialect"] == {"names": {"Pay": "Salary"}, "types": {"Since": "STRING"}}
    assert upload.corrections["descriptions"] == {"E-Mail": "Of the office."}
    assert upload.corrections["tags"]["Pay"] == {"PII.Sensitive": True}
    assert not any(upload.corrections["tags"]["E-Mail"].values())
    # The same form as it stands now changes nothing more.
    browser.post(address, fields_of(browser.get(address).content.decode()))
    assert PartialUpload.objects.get().corrections == upload.corrections
    kept = browser.post(address, {**fields_of(browser.get(address).content.decode()), "keep": "1"})
    job = Job.objects.get()
    assert kept["Location"] == job.get_absolute_url()
    assert job.version.corrections == upload.corrections
    assert browser.get(address)["Location"] == job.get_absolute_url()


def test_a_file_that_cannot_be_read_so_can_be_corrected(browser: Client) -> None:
    address = held(browser, "a;b\n1;2\n3;4\n")
    form = fields_of(browser.get(address).content.decode())
    wrong = browser.post(address, {**form, "header_rows": "3", "skip_lines": "0"})
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "no rows" in page
    right = browser.post(address, {**fields_of(page), "header_rows": "1"})
    assert right.status_code == 200
    assert ">4<" in re.sub(r"\s", "", right.content.decode())


def test_thrown_away_at_once(browser: Client, settings: LazySettings) -> None:
    address = held(browser)
    assert browser.post(address, {"discard": "1"})["Location"] == "/datasets/upload"
    assert not PartialUpload.objects.exists()
    assert not [path for path in Path(settings.FILE_UPLOAD_TEMP_DIR).rglob("*") if path.is_file()]
    assert browser.get(address).status_code == 404
