"""Files in parts, as the tus 1.0.0 protocol has it."""

import base64
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from datasets import storage
from datasets.ingestion.receiving import partial_uploads
from datasets.models import Dataset, Job, PartialUpload
from governance.models import Grant
from tests.making import ready_dataset
from tests.omdplatform.base.web.test_problems import assert_problem

Api = Callable[[User | None], APIClient]
UPLOADS = "/api/v1/uploads/"
CSV = b"name,amount\nOak,3\nElm,4\n"
TUS = {"HTTP_TUS_RESUMABLE": "1.0.0"}


def metadata(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def begin(client: APIClient, length: int = len(CSV), **values: str) -> str:
    """The address of a new upload."""
    response = client.post(
        UPLOADS,
        HTTP_UPLOAD_LENGTH=str(length),
        HTTP_UPLOAD_METADATA=metadata(**{"filename": "trees.csv"} | values),
        **TUS,
    )
    assert response.status_code == 201, response.content
    assert response["Upload-Offset"] == "0"
    return response["Location"]


def send(client: APIClient, address: str, offset: int, content: bytes) -> object:
    return client.generic(
        "PATCH",
        address,
        content,
        content_type="application/offset+octet-stream",
        HTTP_UPLOAD_OFFSET=str(offset),
        **TUS,
    )


def test_what_this_side_can_do(api: Api, owner: User) -> None:
    response = api(owner).options(UPLOADS)
    assert response.status_code == 204
    assert (response["Tus-Version"], response["Tus-Resumable"]) == ("1.0.0", "1.0.0")
    assert response["Tus-Extension"] == "creation,expiration,termination"
    assert int(response["Tus-Max-Size"]) > 10**9


def test_parts_lead_to_a_job(api: Api, owner: User) -> None:
    client = api(owner)
    address = begin(client, description="Trees of the park")
    first = send(client, address, 0, CSV[:10])
    assert (first.status_code, first["Upload-Offset"], first["Tus-Resumable"]) == (204, "10", "1.0.0")
    assert parsedate_to_datetime(first["Upload-Expires"]) > timezone.now()
    state = client.head(address, **TUS)
    assert (state["Upload-Offset"], state["Upload-Length"]) == ("10", str(len(CSV)))
    assert (state.status_code, state["Cache-Control"]) == (200, "no-store")
    last = send(client, address, 10, CSV[10:])
    job = Job.objects.get()
    assert (last.status_code, last["X-Job"]) == (204, str(job.pk))
    assert last["Link"] == f'</api/v1/jobs/{job.pk}>; rel="related"'
    assert job.dataset.description == "Trees of the park"
    assert storage.quarantine().open(job.version.quarantine_key).read() == CSV
    assert client.head(address, **TUS)["X-Job"] == str(job.pk)
    assert send(client, address, len(CSV), b"")["X-Job"] == str(job.pk)
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"HTTP_UPLOAD_METADATA": metadata(filename="a.csv")}, 400, "invalid"),
        ({"HTTP_UPLOAD_LENGTH": "-1"}, 400, "invalid"),
        ({"HTTP_UPLOAD_LENGTH": "1e3"}, 400, "invalid"),
        ({"HTTP_UPLOAD_LENGTH": "٣"}, 400, "invalid"),
        ({"HTTP_UPLOAD_LENGTH": "9" * 30}, 400, "invalid"),
        ({"HTTP_UPLOAD_LENGTH": "9" * 18}, 413, "too-large"),
        ({"HTTP_UPLOAD_LENGTH": "0"}, 422, "empty-file"),
        ({"HTTP_UPLOAD_METADATA": ""}, 400, "no-file-name"),
        ({"HTTP_UPLOAD_METADATA": "filename"}, 400, "no-file-name"),
        ({"HTTP_UPLOAD_METADATA": "filename trees.csv"}, 400, "invalid"),
        ({"HTTP_UPLOAD_METADATA": "filename /w=="}, 400, "invalid"),
        ({"HTTP_UPLOAD_METADATA": "filename ä"}, 400, "invalid"),
        ({"HTTP_UPLOAD_METADATA": metadata(filename="../trees.csv")}, 400, "bad-file-name"),
        ({"HTTP_UPLOAD_METADATA": metadata(filename="a\0.csv")}, 400, "bad-file-name"),
        ({"HTTP_UPLOAD_METADATA": metadata(filename="a.csv", dataset="7")}, 400, "invalid"),
        ({"HTTP_UPLOAD_METADATA": metadata(filename="a.csv", dataset=str(uuid4()))}, 404, "not-found"),
        ({"HTTP_UPLOAD_METADATA": metadata(filename="a.csv", on_conflict="x")}, 400, "invalid"),
        ({"HTTP_TUS_RESUMABLE": "0.2.2"}, 412, "tus-version"),
    ],
)
def test_what_is_not_begun(api: Api, owner: User, headers: dict, status: int, code: str) -> None:
    good = {"HTTP_UPLOAD_LENGTH": "24", "HTTP_UPLOAD_METADATA": metadata(filename="a.csv"), **TUS}
    if headers == {"HTTP_UPLOAD_METADATA": metadata(filename="a.csv")}:
        del good["HTTP_UPLOAD_LENGTH"]
    response = api(owner).post(UPLOADS, **good | headers)
    assert_problem(response, status, code)
    assert response["Tus-Resumable"] == "1.0.0"
    assert response.has_header("Tus-Version") == (status == 412)
    assert not PartialUpload.objects.exists()


def test_parts_that_do_not_fit(api: Api, owner: User, settings: LazySettings) -> None:
    client = api(owner)
    address = begin(client)
    send(client, address, 0, CSV[:10])
    assert_problem(send(client, address, 9, CSV[9:]), 409, "wrong-offset")
    assert_problem(send(client, address, 10, CSV[10:] + b"x"), 413, "longer-than-announced")
    wrong_type = client.patch(address, b"x", content_type="text/csv", HTTP_UPLOAD_OFFSET="10", **TUS)
    assert_problem(wrong_type, 415, "unsupported-media-type")
    part = {"content_type": "application/offset+octet-stream"}
    assert_problem(client.patch(address, b"x", **part, **TUS), 400, "invalid")
    assert_problem(client.patch(address, b"x", **part, HTTP_UPLOAD_OFFSET="10"), 412, "tus-version")
    settings.REQUEST_MAX_BYTES = 5
    assert_problem(send(client, address, 10, CSV[10:]), 413, "body-too-large")
    assert int(client.head(address, **TUS)["Upload-Offset"]) == 10
    assert not Job.objects.exists()


def test_only_the_sender_knows_of_an_upload(
    api: Api, owner: User, stranger: User, steward: User, admin: User
) -> None:
    address = begin(api(owner))
    for other in (stranger, steward, admin):
        client = api(other)
        assert client.head(address, **TUS).status_code == 404
        assert_problem(send(client, address, 0, CSV), 404, "not-found")
        assert_problem(client.delete(address, **TUS), 404, "not-found")
    assert_problem(send(api(), address, 0, CSV), 401, "not-authenticated")
    owner.groups.clear()
    assert_problem(send(api(owner), address, 0, CSV), 403, "no-upload-right")
    assert_problem(api(owner).post(UPLOADS, HTTP_UPLOAD_LENGTH="1", **TUS), 403, "no-upload-right")
    assert PartialUpload.objects.get().offset == 0


def test_an_upload_onto_a_dataset_needs_a_right(api: Api, owner: User, colleague: User) -> None:
    dataset = ready_dataset(owner, "trees")
    Grant.objects.create(dataset=dataset, user=colleague)
    announced = metadata(filename="a", dataset=str(dataset.pk))
    response = api(colleague).post(UPLOADS, HTTP_UPLOAD_LENGTH="5", HTTP_UPLOAD_METADATA=announced, **TUS)
    assert_problem(response, 403, "no-change-right")
    address = begin(api(owner), dataset=str(dataset.pk))
    send(api(owner), address, 0, CSV)
    assert Job.objects.get().version.number == 2


def test_an_upload_is_given_up(api: Api, owner: User) -> None:
    client = api(owner)
    address = begin(client)
    send(client, address, 0, CSV[:10])
    path = partial_uploads.path_of(PartialUpload.objects.get())
    assert path.exists()
    assert client.delete(address, **TUS).status_code == 204
    assert not path.exists()
    assert client.head(address, **TUS).status_code == 404


def test_a_name_that_exists_is_settled_without_sending_again(api: Api, owner: User) -> None:
    dataset = ready_dataset(owner, "trees")
    client = api(owner)
    address = begin(client)
    assert_problem(send(client, address, 0, CSV), 409, "name-exists")
    assert_problem(send(client, f"{address}?on_conflict=odd", len(CSV), b""), 400, "invalid")
    settled = send(client, f"{address}?on_conflict=new_version", len(CSV), b"")
    assert settled.status_code == 204
    job = Job.objects.get(pk=settled["X-Job"])
    assert (job.dataset_id, job.version.number) == (dataset.pk, 2)


def test_what_is_no_table_is_thrown_away(api: Api, owner: User) -> None:
    client = api(owner)
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
    address = begin(client, len(picture))
    response = send(client, address, 0, picture)
    assert response.status_code == 422
    assert not PartialUpload.objects.exists()
    assert not Dataset.objects.exists()


def test_methods_may_be_named_in_a_header(api: Api, owner: User) -> None:
    client = api(owner)
    address = begin(client)
    response = client.post(
        address,
        CSV,
        content_type="application/offset+octet-stream",
        HTTP_UPLOAD_OFFSET="0",
        HTTP_X_HTTP_METHOD_OVERRIDE="PATCH",
        **TUS,
    )
    assert (response.status_code, response["Upload-Offset"]) == (204, str(len(CSV)))
    assert_problem(client.post(address, **TUS), 405, "method-not-allowed")


def test_too_many_parts_are_refused_before_they_are_read(
    api: Api, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(owner)
    address = begin(client)
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"part": "2/min"})
    assert send(client, address, 0, CSV[:5]).status_code == 204
    assert send(client, address, 5, CSV[5:10]).status_code == 204
    refused = send(client, address, 10, CSV[10:])
    assert_problem(refused, 429, "throttled")
    assert 0 < int(refused["Retry-After"]) <= 60
    assert PartialUpload.objects.get().offset == 10
    assert not Job.objects.exists()
