"""Taking files in: what is refused leaves nothing behind, what comes twice is taken once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connection
from django_q.models import OrmQ

from datasets import storage
from datasets.ingestion.receiving import partial_uploads
from datasets.ingestion.receiving.uploads import UploadRefused, Wish, receive, retry
from datasets.models import Dataset, Job, PartialUpload, Version
from governance.models import Grant

pytestmark = pytest.mark.django_db

CSV = b"name,amount\nOak,3\nElm,4\n"


def send(
    user: User, content: bytes = CSV, name: str = "trees.csv", wish: Wish | None = None, key: str = ""
) -> Job:
    return receive(user, name, BytesIO(content), wish, key).job


def make_current(job: Job) -> None:
    """As its job leaves a version, with a file where its typed copy would be."""
    storage.parquet().save(str(job.pk), ContentFile(b"typed"))
    Version.objects.filter(pk=job.version_id).update(
        state="ready", rows=2, catalog_version="1", raw_key="k", parquet_key=str(job.pk),
        parquet_sha256=sha256(b"typed").hexdigest(),
    )  # fmt: skip
    Dataset.objects.filter(pk=job.dataset_id).update(current_version=job.version_id)
    Job.objects.filter(pk=job.pk).update(state="succeeded")


def nothing_stored() -> bool:
    try:
        _, files = storage.quarantine().listdir("")
    except FileNotFoundError:
        files = []
    return not files and not Version.objects.exists() and not OrmQ.objects.exists()


def test_a_file_waits_in_quarantine_with_its_job_queued(owner: User) -> None:
    job = send(owner)
    assert storage.quarantine().open(job.version.quarantine_key).read() == CSV
    assert (job.state, job.version.size_bytes, job.dataset.table_name) == ("queued", len(CSV), "trees")
    assert OrmQ.objects.count() == 1
    assert Grant.objects.get(dataset=job.dataset).view_pii


@pytest.mark.parametrize(
    ("name", "content", "code", "status"),
    [
        ("", CSV, "no-file-name", 400),
        ("../trees.csv", CSV, "bad-file-name", 400),
        ("a\\b.csv", CSV, "bad-file-name", 400),
        ("a\nb.csv", CSV, "bad-file-name", 400),
        ("x" * 201 + ".csv", CSV, "bad-file-name", 400),
        ("trees.csv", b"", None, 422),
        ("trees.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, None, 422),
    ],
)
def test_what_is_no_table_is_refused_and_not_kept(
    owner: User, name: str, content: bytes, code: str | None, status: int
) -> None:
    with pytest.raises(UploadRefused) as refusal:
        send(owner, content, name)
    assert refusal.value.status == status
    assert code in {None, refusal.value.code}
    assert nothing_stored()


def test_too_large_is_refused_on_the_way(owner: User, settings: LazySettings) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    with pytest.raises(UploadRefused) as refusal:
        send(owner)
    assert refusal.value.status == 413
    assert nothing_stored()


def test_whoever_may_not_upload_is_refused(stranger: User) -> None:
    stranger.groups.clear()
    with pytest.raises(UploadRefused) as refusal:
        send(stranger)
    assert refusal.value.status == 403
    assert nothing_stored()


def test_the_same_bytes_again_lead_to_the_same_job(owner: User) -> None:
    first = send(owner)
    assert send(owner).pk == first.pk
    make_current(first)
    assert send(owner).pk == first.pk
    assert Version.objects.count() == 1


def test_the_same_name_is_asked_about(owner: User) -> None:
    first = send(owner)
    make_current(first)
    other = CSV + b"Ash,5\n"
    with pytest.raises(UploadRefused) as refusal:
        send(owner, other)
    assert (refusal.value.code, refusal.value.status) == ("name-exists", 409)
    assert refusal.value.extra["dataset"] == str(first.dataset_id)
    second = send(owner, other, wish=Wish(on_conflict="new_version"))
    assert (second.dataset_id, second.version.number) == (first.dataset_id, 2)
    third = send(owner, other, wish=Wish(on_conflict="new_dataset"))
    assert third.dataset.table_name == "trees_2"


def test_names_of_different_owners_do_not_meet(owner: User, stranger: User) -> None:
    make_current(send(owner))
    job = send(stranger, CSV + b"Ash,5\n")
    assert job.dataset.owner == stranger
    assert job.dataset.table_name == "trees"
    assert job.dataset.schema_name != Dataset.objects.get(owner=owner).schema_name


def test_a_foreign_dataset_looks_absent(owner: User, stranger: User, colleague: User) -> None:
    dataset = send(owner).dataset
    for user, status in ((stranger, 404), (colleague, 403)):
        if user == colleague:
            Grant.objects.create(dataset=dataset, user=colleague)
        with pytest.raises(UploadRefused) as refusal:
            send(user, CSV + b"Ash,5\n", wish=Wish(dataset=dataset.pk))
        assert refusal.value.status == status
    with pytest.raises(UploadRefused) as refusal:
        send(owner, CSV + b"Ash,5\n", wish=Wish(dataset=uuid4()))
    assert refusal.value.status == 404


def test_an_idempotency_key_stands_for_one_request(owner: User) -> None:
    first = send(owner, key="k1")
    assert send(owner, key="k1").pk == first.pk
    with pytest.raises(UploadRefused) as refusal:
        send(owner, CSV + b"Ash,5\n", key="k1")
    assert (refusal.value.code, refusal.value.status) == ("idempotency-key-reused", 409)


def test_a_failed_job_is_retried_while_its_file_is_there(owner: User, stranger: User) -> None:
    job = send(owner)
    with pytest.raises(UploadRefused):
        retry(job, owner)
    job.take()
    job.fail("catalog-unavailable", "The catalog is out of reach.")
    Version.objects.update(state="failed")
    with pytest.raises(UploadRefused) as refusal:
        retry(job, stranger)
    assert refusal.value.status == 403
    again = retry(job, owner)
    assert (again.state, again.version_id) == ("queued", job.version_id)
    again.take()
    again.fail("x", "y")
    storage.quarantine().delete(again.version.quarantine_key)
    with pytest.raises(UploadRefused) as refusal:
        retry(again, owner)
    assert refusal.value.code == "file-gone"


# --- In parts ---------------------------------------------------------------------------------------------


def test_parts_make_a_file(owner: User) -> None:
    partial = partial_uploads.begin_partial(owner, "trees.csv", len(CSV), Wish())
    partial_uploads.append_part(partial, 0, BytesIO(CSV[:7]))
    assert (partial.offset, partial.job) == (7, None)
    partial = PartialUpload.objects.get(pk=partial.pk)
    partial_uploads.append_part(partial, 7, BytesIO(CSV[7:]))
    assert partial.job is not None
    assert storage.quarantine().open(partial.job.version.quarantine_key).read() == CSV
    assert not partial_uploads.path_of(partial).exists()


def test_what_arrived_before_the_connection_broke_counts(owner: User) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 5:
                raise ConnectionError
            return super().read(5)

    partial = partial_uploads.begin_partial(owner, "trees.csv", len(CSV), Wish())
    with pytest.raises(ConnectionError):
        partial_uploads.append_part(partial, 0, Broken(CSV))
    assert PartialUpload.objects.get(pk=partial.pk).offset == 5


@pytest.mark.parametrize(("offset", "content", "status"), [(3, b"x", 409), (0, CSV + b"x", 413)])
def test_parts_that_do_not_fit_are_refused(owner: User, offset: int, content: bytes, status: int) -> None:
    partial = partial_uploads.begin_partial(owner, "trees.csv", len(CSV), Wish())
    with pytest.raises(UploadRefused) as refusal:
        partial_uploads.append_part(partial, offset, BytesIO(content))
    assert refusal.value.status == status
    assert not Job.objects.exists()


# --- At once ----------------------------------------------------------------------------------------------


def at_once(user: User, times: int, wish: Wish, *, same: bool = True, key: str = "") -> list[Job | str]:
    """What as many uploads at the same time led to: jobs, or the codes of refusals."""
    start = threading.Barrier(times)

    def send_one(number: int) -> Job | str:
        try:
            start.wait(30)
            return send(user, CSV if same else CSV + f"Ash,{number}\n".encode(), wish=wish, key=key)
        except UploadRefused as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(send_one, range(times)))


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_at_once_are_one_upload(owner: User) -> None:
    jobs = at_once(owner, 6, Wish(), key="once")
    assert len(set(jobs)) == 1
    assert (Dataset.objects.count(), Version.objects.count(), Job.objects.count()) == (1, 1, 1)
    assert len(storage.quarantine().listdir("")[1]) == 1


@pytest.mark.django_db(transaction=True)
def test_each_new_dataset_at_once_is_one_of_its_own(owner: User) -> None:
    jobs = at_once(owner, 4, Wish(on_conflict="new_dataset"))
    assert len(set(jobs)) == Dataset.objects.count() == 4
    assert set(Version.objects.values_list("number", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_other_bytes_under_a_name_that_is_on_its_way_are_refused(owner: User) -> None:
    outcomes = at_once(owner, 4, Wish(), same=False)
    assert sorted(map(str, outcomes)).count("name-exists") == 3
    assert (Dataset.objects.count(), Version.objects.count()) == (1, 1)


def test_a_key_leads_to_the_newest_attempt(owner: User) -> None:
    first = send(owner, key="k")
    Job.objects.filter(pk=first.pk).update(state="failed")
    Version.objects.update(state="failed")
    again = retry(first, owner)
    assert send(owner, key="k") == again != first
