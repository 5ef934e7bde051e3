"""Pages as each reader gets them: owner, colleague, stranger, steward, nobody."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from datasets.models import Dataset, Job
from governance.models import AuditEvent, Grant
from tests.making import ready_dataset
from tests.pages import as_read

# What differs from page to page: the token of the form that signs out.
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
Browser = Callable[[User | None], Client]


@pytest.fixture
def browser(db: None) -> Browser:
    """Somebody signed in on the pages; None: nobody."""

    def signed_in(user: User | None = None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return signed_in


def page_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return as_read(response)


@pytest.mark.parametrize("path", ["/datasets/", "/datasets/upload", "/ask/"])
def test_nobody_is_led_to_sign_in(browser: Browser, path: str) -> None:
    response = browser(None).get(path)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={path}")


def test_a_strangers_page_and_an_absent_one_look_the_same(
    browser: Browser, people_table: Dataset, stranger: User
) -> None:
    client = browser(stranger)
    foreign = page_of(client, people_table.get_absolute_url(), 404)
    absent = page_of(client, "/datasets/00000000-0000-4000-8000-000000000000/", 404)
    assert "people" not in page_of(client, "/datasets/")
    assert TOKEN.sub("", foreign) == TOKEN.sub("", absent)
    for action in ("share", "unshare", "delete"):
        assert client.post(f"{people_table.get_absolute_url()}{action}").status_code == 404
    people_table.refresh_from_db()
    assert people_table.retired_at is None


def test_profiles_of_masked_columns_are_kept_from_a_colleague(
    browser: Browser, people_table: Dataset, owner: User, colleague: User
) -> None:
    Grant.objects.create(dataset=people_table, user=colleague, view_pii=False, granted_by=owner)
    seen = page_of(browser(colleague), people_table.get_absolute_url())
    assert "Masked for you, because of PII.Sensitive" in seen
    assert "a-email" not in seen
    assert "a-city" in seen or "b-city" in seen
    whole = page_of(browser(owner), people_table.get_absolute_url())
    assert "Kept from others: PII.Sensitive" in whole


def test_the_list_is_searched_and_filtered(browser: Browser, people_table: Dataset, owner: User) -> None:
    ready_dataset(owner, "stock")
    client = browser(owner)
    assert "stock" in page_of(client, "/datasets/?q=sto")
    assert ">people</a>" not in page_of(client, "/datasets/?q=sto")
    assert "Nothing fits" in page_of(client, "/datasets/?q=absent")
    assert ">people</a>" in page_of(client, "/datasets/?tag=PII.Sensitive")
    assert "Nothing fits" in page_of(client, "/datasets/?tag=PII.NonSensitive")


def test_the_list_costs_the_same_whatever_its_length(
    browser: Browser, owner: User, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(12):
        ready_dataset(owner, f"table{number}")
    client = browser(owner)
    with django_assert_max_num_queries(10):  # type: ignore[attr-defined]
        page_of(client, "/datasets/")


def test_markup_in_names_is_text(browser: Browser, owner: User) -> None:
    dataset = ready_dataset(owner, "odd")
    Dataset.objects.filter(pk=dataset.pk).update(name="<script>alert(1)</script>")
    assert "<script>alert" not in page_of(browser(owner), "/datasets/")
    assert "<script>alert" not in page_of(browser(owner), dataset.get_absolute_url())


def test_sharing_and_taking_away(
    browser: Browser, people_table: Dataset, owner: User, colleague: User
) -> None:
    address = people_table.get_absolute_url()
    client = browser(owner)
    client.post(f"{address}share", {"user": "colleague", "view_pii": "on"})
    assert Grant.objects.get(user=colleague).view_pii
    assert page_of(browser(colleague), address)
    client.post(f"{address}unshare", {"user": "colleague"})
    page_of(browser(colleague), address, 404)
    assert list(AuditEvent.objects.values_list("action", flat=True)).count("shared") == 1
    refused = client.post(f"{address}share", {"user": "nobody"})
    assert refused.status_code == 400
    assert "There is no active user of that name" in as_read(refused)


def test_deleting_hides_at_once(browser: Browser, people_table: Dataset, owner: User) -> None:
    client = browser(owner)
    assert client.post(f"{people_table.get_absolute_url()}delete").status_code == 302
    assert "is deleted" in page_of(client, "/datasets/")
    page_of(client, people_table.get_absolute_url(), 404)


def test_the_form_without_scripts(browser: Browser, owner: User) -> None:
    file = SimpleUploadedFile("stock.csv", b"item,amount\nchair,1\n")
    response = browser(owner).post("/datasets/upload", {"file": file, "on_conflict": "refuse"})
    job = Job.objects.get()
    assert (response.status_code, response["Location"]) == (302, job.get_absolute_url())
    assert "stock.csv" in page_of(browser(owner), job.get_absolute_url())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "image"),
        ("page.html", b"<!doctype html><html><body>no</body></html>", "HTML"),
    ],
)
def test_a_refused_file_says_why_and_leaves_nothing(
    browser: Browser, owner: User, name: str, content: bytes, said: str
) -> None:
    file = SimpleUploadedFile(name, content)
    response = browser(owner).post("/datasets/upload", {"file": file, "on_conflict": "refuse"})
    assert 400 <= response.status_code < 500
    assert said.lower() in as_read(response).lower()
    assert not Dataset.objects.exists()


def test_who_may_not_upload_is_told(browser: Browser, db: None) -> None:
    viewer = User.objects.create_user("viewer")
    assert "You may not upload files" in page_of(browser(viewer), "/datasets/upload")
    file = SimpleUploadedFile("stock.csv", b"item,amount\nchair,1\n")
    response = browser(viewer).post("/datasets/upload", {"file": file, "on_conflict": "refuse"})
    assert response.status_code == 403
    assert not Dataset.objects.exists()


def test_a_form_without_its_token_is_refused(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    file = SimpleUploadedFile("stock.csv", b"item,amount\nchair,1\n")
    assert client.post("/datasets/upload", {"file": file, "on_conflict": "refuse"}).status_code == 403
    assert not Dataset.objects.exists()


def test_a_message_written_while_the_page_is_made_is_left_to_the_script(
    browser: Browser, people_table: Dataset, owner: User
) -> None:
    job = Job.objects.create(
        dataset=people_table, version=people_table.versions.get(), created_by=owner, last_event=1
    )
    for number, message in ((1, "Reading the file…"), (2, "Archiving raw data…")):
        job.events.create(number=number, message=message, state=job.state, step=job.step)
    shown = page_of(browser(owner), f"/jobs/{job.pk}/")
    assert 'data-last="1"' in shown
    assert "Reading the file…" in shown
    assert "Archiving raw data…" not in shown
