"""Datasets, uploads and jobs over HTTP: owner, colleague, stranger, anonymous; and what is refused."""

import threading
import time
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django_q.models import OrmQ
from rest_framework.test import APIClient

from datasets import storage
from datasets.models import Dataset, Job, Version
from governance.models import Grant
from tests.making import ready_dataset
from tests.omdplatform.base.web.test_problems import assert_problem

Api = Callable[[User | None], APIClient]
CSV = b"name,amount\nOak,3\nElm,4\n"
# The id of no dataset; always the same, so that all test processes name their tests alike.
ABSENT = UUID("00000000-0000-4000-8000-000000000000")
UPLOAD = "/api/v1/datasets/upload"


def form(content: bytes = CSV, name: str = "trees.csv", **fields: str) -> dict:
    return {"file": SimpleUploadedFile(name, content), **fields}


def multipart(name: str, field: str = "file") -> tuple[bytes, str]:
    """A form as a hostile client may write it: the name exactly as given."""
    body = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
    return body + CSV + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"


def nothing_stored() -> bool:
    try:
        _, files = storage.quarantine().listdir("")
    except FileNotFoundError:
        files = []
    return not (files or Version.objects.exists() or OrmQ.objects.exists())


@pytest.fixture
def shared(people_table: Dataset, colleague: User) -> Dataset:
    """The owner's dataset, shared with the colleague without personal values."""
    Grant.objects.create(dataset=people_table, user=colleague, granted_by=people_table.owner)
    return people_table


# --- Uploading --------------------------------------------------------------------------------------------


def test_a_form_leads_to_a_job(api: Api, owner: User) -> None:
    response = api(owner).post(UPLOAD, form(description="Trees of the park"))
    job = Job.objects.get()
    assert (response.status_code, response["Location"]) == (202, f"/api/v1/jobs/{job.pk}")
    body = response.json()
    assert (body["id"], body["state"], body["filename"]) == (str(job.pk), "queued", "trees.csv")
    assert job.dataset.description == "Trees of the park"
    assert storage.quarantine().open(job.version.quarantine_key).read() == CSV
    shown = api(owner).get(response["Location"]).json()
    assert shown.pop("waits")["position"] == 1
    assert shown == body


@pytest.mark.parametrize(
    ("query", "headers", "name"),
    [
        ("?filename=trees.csv", {}, "trees.csv"),
        ("", {"HTTP_CONTENT_DISPOSITION": 'attachment; filename="trees.csv"'}, "trees.csv"),
        ("", {"HTTP_CONTENT_DISPOSITION": "attachment; filename*=UTF-8''b%C3%A4ume.csv"}, "bäume.csv"),
        ("", {"HTTP_CONTENT_DISPOSITION": 'attachment; filename="b\xc3\xa4ume.csv"'}, "bäume.csv"),
        ("", {"HTTP_CONTENT_DISPOSITION": 'attachment; filename="b\xe4ume.csv"'}, "bäume.csv"),
    ],
)
def test_a_body_may_be_the_file(api: Api, owner: User, query: str, headers: dict, name: str) -> None:
    for content_type in ("text/csv; charset=utf-8", "application/octet-stream"):
        response = api(owner).post(UPLOAD + query, CSV, content_type=content_type, **headers)
        assert response.status_code == 202
    assert Version.objects.get().filename == name


@pytest.mark.parametrize(
    ("path", "body", "content_type", "status", "code"),
    [
        (UPLOAD, CSV, "text/csv", 400, "no-file-name"),
        (UPLOAD + "?filename=../../trees.csv", CSV, "text/csv", 400, "bad-file-name"),
        (UPLOAD + "?filename=C:\\trees.csv", CSV, "text/csv", 400, "bad-file-name"),
        (UPLOAD + "?filename=a%00.csv", CSV, "text/csv", 400, "bad-file-name"),
        (UPLOAD + "?filename=" + "x" * 300 + ".csv", CSV, "text/csv", 400, "bad-file-name"),
        (UPLOAD + "?filename=a.csv", b"", "text/csv", 422, "empty-file"),
        (UPLOAD + "?filename=a.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "text/csv", 422, None),
        (UPLOAD + "?filename=a.csv", CSV, "application/json", 415, "unsupported-media-type"),
        (UPLOAD + "?filename=a.csv", CSV, "", 415, "unsupported-media-type"),
        (UPLOAD + "?filename=a.csv&dataset=7", CSV, "text/csv", 400, "invalid"),
        (UPLOAD + "?filename=a.csv&on_conflict=overwrite", CSV, "text/csv", 400, "invalid"),
        (UPLOAD + f"?filename=a.csv&dataset={ABSENT}", CSV, "text/csv", 404, "no-such-dataset"),
        (UPLOAD, *multipart("../../trees.csv"), 400, "bad-file-name"),
        (UPLOAD, *multipart("..\\trees.csv"), 400, "bad-file-name"),
        (UPLOAD, *multipart("trees." + "x" * 300), 400, "bad-file-name"),
        (UPLOAD, *multipart("ä" * 101 + ".csv"), 400, "bad-file-name"),
        (UPLOAD, *multipart("."), 400, "no-file-name"),
        (UPLOAD, *multipart(""), 400, "invalid"),
        (UPLOAD, *multipart("trees.csv", field="other"), 400, "invalid"),
        (UPLOAD, b"--b", "multipart/form-data; boundary=b", 400, "invalid"),
        (UPLOAD, b"x", "multipart/form-data", 400, "bad-request"),
        (UPLOAD, b"x", "multipart/form-data; boundary=\u00e4", 400, "bad-request"),
    ],
)
def test_uploads_that_are_refused_leave_nothing(
    api: Api, owner: User, path: str, body: bytes, content_type: str, status: int, code: str | None
) -> None:
    response = api(owner).generic("POST", path, body, content_type=content_type)
    assert_problem(response, status, code or response.json()["code"])
    assert nothing_stored()


def test_only_contributors_upload(api: Api, stranger: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known before the body is parsed."""
    stranger.groups.clear()
    monkeypatch.setattr("datasets.web.rest.upload_requests.UploadParser.parse", None)
    assert_problem(api(stranger).post(UPLOAD, form()), 403, "no-upload-right")
    assert_problem(api().post(UPLOAD, form()), 401, "not-authenticated")
    assert nothing_stored()


def test_the_page_serves_programs_by_the_same_handler(api: Api, owner: User) -> None:
    response = api(owner).post("/datasets/upload", form(), HTTP_ACCEPT="application/json")
    assert (response.status_code, response["Location"]) == (202, f"/api/v1/jobs/{Job.objects.get().pk}")
    assert_problem(api(owner).post("/datasets/upload", form(dataset="7")), 400, "invalid")
    assert_problem(
        api().post("/datasets/upload", form(), HTTP_ACCEPT="application/json"), 401, "not-authenticated"
    )
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(owner)
    response = client.post("/datasets/upload", form(b"a\n1\n"), HTTP_ACCEPT="application/json")
    assert_problem(response, 403, "csrf-failed")
    assert Job.objects.count() == 1


def test_files_in_two_fields_are_not_half_taken(api: Api, owner: User) -> None:
    two = {"file": SimpleUploadedFile("a.csv", CSV), "second": SimpleUploadedFile("b.csv", CSV)}
    assert_problem(api(owner).post(UPLOAD, two), 400, "invalid")
    assert nothing_stored()


def test_an_idempotency_key_stands_for_one_request(api: Api, owner: User, stranger: User) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "k-1"}
    first = api(owner).post(UPLOAD, form(), **key)
    assert api(owner).post(UPLOAD, form(), **key).json()["id"] == first.json()["id"]
    assert_problem(api(owner).post(UPLOAD, form(b"a\n1\n"), **key), 409, "idempotency-key-reused")
    assert api(stranger).post(UPLOAD, form(), **key).json()["id"] != first.json()["id"]
    assert_problem(api(owner).post(UPLOAD, form(), HTTP_IDEMPOTENCY_KEY="k" * 256), 400, "invalid")


def test_a_name_that_exists_asks_what_to_do(api: Api, owner: User) -> None:
    dataset = ready_dataset(owner, "trees")
    document = assert_problem(api(owner).post(UPLOAD, form()), 409, "name-exists")
    assert document["dataset"] == str(dataset.pk)
    assert "on_conflict=new_version" in document["detail"]
    response = api(owner).post(UPLOAD, form(on_conflict="new_version"))
    assert (response.json()["dataset"], response.json()["version"]) == (str(dataset.pk), 2)
    other = ready_dataset(owner, "shrubs")
    response = api(owner).post(f"{UPLOAD}?filename=x.csv&dataset={other.pk}", CSV, content_type="text/csv")
    assert (response.json()["dataset"], response.json()["version"]) == (str(other.pk), 2)


# --- Waiting ----------------------------------------------------------------------------------------------


def test_who_prefers_to_wait_gets_the_job_as_it_then_is(api: Api, owner: User) -> None:
    response = api(owner).post(UPLOAD, form(), HTTP_PREFER="respond-async, wait=1")
    assert (response.status_code, response["Preference-Applied"]) == (202, "wait=1")
    Job.objects.get().cancel("Cancelled by owner.")
    response = api(owner).post(UPLOAD, form(b"a\n1\n", "b.csv"), HTTP_PREFER="wait=many")
    assert not response.has_header("Preference-Applied")
    ended = Job.objects.get(state="cancelled")
    response = api(owner).get(f"/api/v1/jobs/{ended.pk}", HTTP_PREFER="wait=30")
    assert (response.json()["state"], response["Preference-Applied"]) == ("cancelled", "wait=30")


@pytest.mark.django_db(transaction=True)
def test_waiting_ends_when_the_job_does(api: Api, owner: User) -> None:
    def work() -> None:
        while not (job := Job.objects.first()):
            time.sleep(0.05)
        job.take()
        job.fail("not-a-table", "The file is no table.")
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    begun = time.monotonic()
    response = api(owner).post(UPLOAD, form(), HTTP_PREFER="wait=20")
    worker.join()
    assert time.monotonic() - begun < 10
    assert response.status_code == 200
    assert response.json()["error"] == {"code": "not-a-table", "message": "The file is no table."}


# --- Reading ----------------------------------------------------------------------------------------------


def test_lists_hold_what_one_may_see(
    api: Api, shared: Dataset, owner: User, colleague: User, stranger: User, steward: User
) -> None:
    ready_dataset(stranger, "secrets")
    seen = {
        user.username: [entry["name"] for entry in api(user).get("/api/v1/datasets/").json()["results"]]
        for user in (owner, colleague, stranger, steward)
    }
    assert seen == {
        "owner": ["people"], "colleague": ["people"], "stranger": ["secrets"],
        "steward": ["secrets", "people"],
    }  # fmt: skip


def test_a_list_costs_the_same_however_long(
    api: Api, owner: User, django_assert_num_queries: Callable[[int], object]
) -> None:
    client = api(owner)
    for number in range(3):
        open_job(ready_dataset(owner, f"table_{number}"))
    # Token, rights of the user and of the groups, count, page.
    for path in ("/api/v1/datasets/", "/api/v1/jobs/"):
        with django_assert_num_queries(5):
            first = client.get(path).json()
    for number in range(3, 9):
        open_job(ready_dataset(owner, f"table_{number}"))
    for path in ("/api/v1/datasets/", "/api/v1/jobs/"):
        with django_assert_num_queries(5):
            assert client.get(path).json()["count"] == 9
    assert first["count"] == 3
    page = client.get("/api/v1/datasets/?page_size=4&page=3").json()
    assert (len(page["results"]), page["next"]) == (1, None)
    assert_problem(client.get("/api/v1/datasets/?page=9"), 404, "not-found")
    assert_problem(client.get("/api/v1/datasets/?page=x"), 404, "not-found")


def open_job(dataset: Dataset) -> Job:
    version = Version.objects.create(
        dataset=dataset, number=9, created_by=dataset.owner, filename="next.csv", size_bytes=1
    )
    return Job.open(version, Job.Kind.INGEST, dataset.owner, "Received next.csv.")


def test_lists_are_narrowed(api: Api, owner: User, steward: User, people_table: Dataset) -> None:
    waiting = Dataset.objects.create(owner=owner, name="Waiting", table_name="waiting", schema_name="o")
    open_job(waiting)
    Dataset.objects.create(owner=steward, name="Broken", table_name="broken", schema_name="s")

    def names(query: str) -> set[str]:
        return {entry["name"] for entry in api(steward).get(f"/api/v1/datasets/?{query}").json()["results"]}

    assert names("") == {"people", "Waiting", "Broken"}
    assert names("owner=steward") == {"Broken"}
    assert names("name=EOPL") == {"people"}
    assert (names("state=ready"), names("state=pending"), names("state=failed")) == (
        {"people"}, {"Waiting"}, {"Broken"},
    )  # fmt: skip
    assert names("tag=PII.Sensitive") == {"people"}
    assert names("tag=PII.NonSensitive") == set()
    reject(people_table, steward)
    assert names("tag=PII.Sensitive") == set()
    assert_problem(api(steward).get("/api/v1/datasets/?state=odd"), 400, "invalid")
    assert_problem(api(steward).get("/api/v1/datasets/?name=%00"), 400, "invalid")
    jobs = api(steward).get(f"/api/v1/jobs/?state=queued&dataset={waiting.pk}").json()["results"]
    assert [job["dataset_name"] for job in jobs] == ["Waiting"]


def reject(dataset: Dataset, steward: User) -> None:
    from governance.curation.decisions import decide
    from governance.models import Tag

    decide(dataset.columns.get(key="email"), Tag.objects.get(fqn="PII.Sensitive"), "rejected", steward)


def test_one_dataset_as_its_reader_may_see_it(
    api: Api, shared: Dataset, owner: User, colleague: User
) -> None:
    path = f"/api/v1/datasets/{shared.pk}"
    mine, theirs = api(owner).get(path).json(), api(colleague).get(path).json()
    assert (mine["view_pii"], mine["may_change"]) == (True, True)
    assert (theirs["view_pii"], theirs["may_change"]) == (False, False)
    assert [column["masked"] for column in mine["columns"]] == [False, False]
    assert [column["masked"] for column in theirs["columns"]] == [True, False]
    assert theirs["columns"][0]["tags"][0]["tag"] == "PII.Sensitive"
    assert api(colleague).get(f"{path}/columns").json()["columns"] == theirs["columns"]


def test_a_profile_keeps_masked_values(api: Api, shared: Dataset, owner: User, colleague: User) -> None:
    path = f"/api/v1/datasets/{shared.pk}/profile"
    assert "a-email" in api(owner).get(path).content.decode()
    theirs = api(colleague).get(path)
    assert "email" not in theirs.content.decode().replace('"name":"email"', "")
    assert "a-city" in theirs.content.decode()
    assert theirs.json()["columns"][0]["profile"]["distinct"] == 2


def test_versions_by_number(api: Api, people_table: Dataset, owner: User) -> None:
    path = f"/api/v1/datasets/{people_table.pk}"
    (version,) = api(owner).get(f"{path}/versions").json()["results"]
    assert (version["number"], version["is_current"], version["rows"]) == (1, True, 2)
    assert api(owner).get(f"{path}/columns?version=1").json()["version"] == 1
    assert_problem(api(owner).get(f"{path}/columns?version=2"), 404, "not-found")
    for wrong in ("0", "x", "9" * 30):
        assert_problem(api(owner).get(f"{path}/profile?version={wrong}"), 400, "invalid")


def test_a_dataset_without_a_whole_version_has_no_columns_yet(api: Api, owner: User) -> None:
    api(owner).post(UPLOAD, form())
    path = f"/api/v1/datasets/{Dataset.objects.get().pk}"
    detail = api(owner).get(path).json()
    assert (detail["state"], detail["version"], detail["columns"]) == ("pending", None, [])
    assert api(owner).get(f"{path}/columns").json()["version"] is None
    assert api(owner).get(f"{path}/profile").json()["rows"] is None


# --- Who may do what --------------------------------------------------------------------------------------

READS = ["", "/columns", "/profile", "/versions"]
CHANGES = [("patch", "", {"name": "x"}), ("delete", "", None), ("get", "/grants", None),
           ("post", "/grants", {"username": "stranger"}), ("delete", "/grants/colleague", None)]  # fmt: skip


@pytest.mark.parametrize("suffix", READS)
def test_who_may_read(
    api: Api, shared: Dataset, owner: User, colleague: User, stranger: User, steward: User, suffix: str
) -> None:
    path = f"/api/v1/datasets/{shared.pk}{suffix}"
    for user in (owner, colleague, steward):
        assert api(user).get(path).status_code == 200
    foreign = assert_problem(api(stranger).get(path), 404, "not-found")
    absent = assert_problem(api(stranger).get(f"/api/v1/datasets/{uuid4()}{suffix}"), 404, "not-found")
    assert foreign | {"instance": ""} == absent | {"instance": ""}
    assert_problem(api().get(path), 401, "not-authenticated")


@pytest.mark.parametrize(("method", "suffix", "body"), CHANGES)
def test_who_may_change(
    api: Api, shared: Dataset, colleague: User, stranger: User, method: str, suffix: str, body: object
) -> None:
    path = f"/api/v1/datasets/{shared.pk}{suffix}"
    for user, status, code in (
        (colleague, 403, "no-change-right"), (stranger, 404, "not-found"), (None, 401, "not-authenticated"),
    ):  # fmt: skip
        assert_problem(getattr(api(user), method)(path, body, format="json"), status, code)
    shared.refresh_from_db()
    assert (shared.name, shared.retired_at, shared.grants.count()) == ("people", None, 2)


def test_the_owner_changes_name_and_description_only(api: Api, people_table: Dataset, owner: User) -> None:
    path = f"/api/v1/datasets/{people_table.pk}"
    changes = {"name": "Customers", "description": "", "table_name": "stolen", "owner": 7}
    body = api(owner).patch(path, changes, format="json").json()
    assert (body["name"], body["description"], body["owner"]) == ("Customers", "", "owner")
    people_table.refresh_from_db()
    assert (people_table.table_name, people_table.owner) == ("people", owner)
    for wrong in (
        {"name": ""},
        {"name": "x" * 201},
        {"name": None},
        {"description": "x" * 5001},
        [],
        {"name": []},
    ):
        assert_problem(api(owner).patch(path, wrong, format="json"), 400, "invalid")


def test_a_deleted_dataset_is_gone_at_once(api: Api, people_table: Dataset, owner: User) -> None:
    job = open_job(people_table)
    path = f"/api/v1/datasets/{people_table.pk}"
    assert api(owner).delete(path).status_code == 204
    assert_problem(api(owner).get(path), 404, "not-found")
    assert_problem(api(owner).get(f"/api/v1/jobs/{job.pk}"), 404, "not-found")
    assert_problem(api(owner).delete(path), 404, "not-found")


# --- Sharing ----------------------------------------------------------------------------------------------


def test_the_owner_shares_and_takes_back(
    api: Api, people_table: Dataset, owner: User, colleague: User
) -> None:
    path = f"/api/v1/datasets/{people_table.pk}/grants"
    response = api(owner).post(path, {"username": "colleague", "view_pii": True}, format="json")
    assert response.status_code == 201
    assert response.json() | {"at": ""} == {
        "username": "colleague", "view_pii": True, "granted_by": "owner", "at": "",
    }  # fmt: skip
    profile = f"/api/v1/datasets/{people_table.pk}/profile"
    assert "a-email" in api(colleague).get(profile).content.decode()
    api(owner).post(path, {"username": "colleague"}, format="json")
    assert "a-email" not in api(colleague).get(profile).content.decode()
    assert [grant["username"] for grant in api(owner).get(path).json()] == ["colleague", "owner"]
    assert api(owner).delete(f"{path}/colleague").status_code == 204
    assert_problem(api(colleague).get(profile), 404, "not-found")
    assert_problem(api(owner).delete(f"{path}/colleague"), 404, "not-found")


def test_nobody_gives_a_right_that_they_lack(
    api: Api, people_table: Dataset, steward: User, colleague: User
) -> None:
    """A steward does not see personal values, and cannot let themselves or others see them."""
    path = f"/api/v1/datasets/{people_table.pk}/grants"
    for name in ("steward", "colleague"):
        response = api(steward).post(path, {"username": name, "view_pii": True}, format="json")
        assert_problem(response, 409, "no-pii-right")
    assert Grant.objects.count() == 1
    assert_problem(api(steward).delete(f"{path}/owner"), 409, "owner-grant")
    assert_problem(api(steward).post(path, {"username": "owner"}, format="json"), 409, "owner-grant")
    for wrong in ({}, {"username": "nobody"}, {"username": []}, {"username": "colleague", "view_pii": "odd"}):
        assert_problem(api(steward).post(path, wrong, format="json"), 400, "invalid")


# --- Jobs -------------------------------------------------------------------------------------------------


def test_a_job_says_what_it_said_after_a_number(api: Api, shared: Dataset, colleague: User) -> None:
    job = open_job(shared)
    job.take()
    job.advance(Job.Step.READ, "Reading the file…", done=1, total=2)
    path = f"/api/v1/jobs/{job.pk}"
    body = api(colleague).get(path).json()
    assert (body["state"], body["step"], body["rows_done"], body["last_event"]) == ("running", "read", 1, 2)
    assert body["links"]["events"] == f"{path}/events"
    events = api(colleague).get(f"{path}/events?after=1").json()
    assert (events["state"], events["last_event"]) == ("running", 2)
    assert events["events"] == [event.as_json() for event in job.events.filter(number=2)]
    assert api(colleague).get(f"{path}/events?after=2").json()["events"] == []
    for wrong in ("-1", "x", "1.5", "9" * 30):
        assert_problem(api(colleague).get(f"{path}/events?after={wrong}"), 400, "invalid")


def test_who_may_see_and_end_a_job(
    api: Api, shared: Dataset, owner: User, colleague: User, stranger: User
) -> None:
    job = open_job(shared)
    for path in (f"/api/v1/jobs/{job.pk}", f"/api/v1/jobs/{job.pk}/events"):
        assert api(colleague).get(path).status_code == 200
        assert_problem(api(stranger).get(path), 404, "not-found")
        assert_problem(api().get(path), 401, "not-authenticated")
    for action in ("cancel", "retry"):
        path = f"/api/v1/jobs/{job.pk}/{action}"
        assert_problem(api(colleague).post(path), 403, "no-change-right")
        assert_problem(api(stranger).post(path), 404, "not-found")
        assert_problem(api().post(path), 401, "not-authenticated")
    assert_problem(api(owner).post(f"/api/v1/jobs/{job.pk}/retry"), 409, "nothing-to-retry")
    assert api(owner).post(f"/api/v1/jobs/{job.pk}/cancel").json()["state"] == "cancelled"
    assert_problem(api(owner).post(f"/api/v1/jobs/{job.pk}/cancel"), 409, "job-ended")


def test_a_cancelled_upload_is_begun_again_once(api: Api, owner: User) -> None:
    first = api(owner).post(UPLOAD, form())["Location"]
    api(owner).post(f"{first}/cancel")
    again = api(owner).post(f"{first}/retry")
    assert again.status_code == 202
    assert again["Location"] != first
    assert again.json()["version"] == 1
    assert_problem(api(owner).post(f"{first}/retry"), 409, "nothing-to-retry")


@pytest.mark.parametrize("path", [UPLOAD, "/api/v1/ask", "/api/v1/tickets", "/api/v1/uploads/"])
def test_cookies_alone_change_nothing(owner: User, path: str) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(owner)
    assert_problem(client.post(path), 403, "csrf-failed")
    assert nothing_stored()


def test_a_files_hash_and_size_are_for_those_who_may_see_its_values(
    api: Api, owner: User, colleague: User, people_table: Dataset
) -> None:
    Grant.objects.create(dataset=people_table, user=colleague, view_pii=False, granted_by=owner)
    open_job(people_table)
    path = f"/api/v1/datasets/{people_table.pk}/versions"
    pending, whole = api(owner).get(path).json()["results"]
    assert (whole["sha256"], whole["size_bytes"]) == ("0" * 64, 40)
    assert (pending["sha256"], pending["size_bytes"], pending["rows"]) == (None, None, None)
    masked = api(colleague).get(path).json()["results"][1]
    assert (masked["sha256"], masked["size_bytes"]) == (None, None)
    assert masked["fingerprint"] == whole["fingerprint"] != "0" * 32
    profile = api(colleague).get(f"/api/v1/datasets/{people_table.pk}/profile").json()["columns"][0]
    assert profile["masked"]
    assert not {"min_length", "max_length", "mean_length"} & profile["profile"].keys()
