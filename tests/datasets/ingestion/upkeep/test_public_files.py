"""Raw files that anybody may read: only what is marked and holds no personal data, and only while it does."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client

from datasets import storage
from datasets.ingestion.tasks import sweep
from datasets.ingestion.upkeep.public_files import place_raw_files
from datasets.models import Dataset, Version
from governance.curation.decisions import decide
from governance.models import AuditEvent, PublicMark, Tag
from tests.ingested import ingest, run_queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]

GOODS = b"goods,weight\n" + b"anvil,40\nbellows,4\n" * 10


@pytest.fixture(autouse=True)
def opened(settings: LazySettings) -> None:
    settings.RAW_PUBLIC = True


@pytest.fixture
def goods(owner: User) -> Version:
    """A ready version that speaks of nobody; its dataset is marked."""
    version = ingest(owner, GOODS, "goods.csv").version
    PublicMark.objects.create(dataset=version.dataset)
    return version


def public_files(tmp_path: Path) -> list[bytes]:
    folder = tmp_path / "files" / "raw" / "public"
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def test_what_is_marked_and_speaks_of_nobody_lies_open(goods: Version, tmp_path: Path) -> None:
    private = goods.raw_key
    assert place_raw_files() == 1
    goods.refresh_from_db()
    assert goods.raw_key == f"public/{private}"
    assert public_files(tmp_path) == [GOODS]
    assert not storage.raw().exists(private)
    assert AuditEvent.objects.get(action="raw file made public").dataset_id == goods.dataset_id
    assert place_raw_files() == 0


def test_personal_data_does_not_although_it_is_marked(owner: User, tmp_path: Path) -> None:
    dataset = ingest(owner).dataset
    PublicMark.objects.create(dataset=dataset)
    sweep()
    assert public_files(tmp_path) == []


def test_what_nobody_marked_does_not(owner: User, tmp_path: Path) -> None:
    ingest(owner, GOODS, "goods.csv")
    sweep()
    assert public_files(tmp_path) == []


def test_a_tag_takes_it_back_at_once(goods: Version, steward: User, tmp_path: Path) -> None:
    place_raw_files()
    tag = Tag.objects.get(fqn="PII.NonSensitive")
    decide(goods.dataset.columns.get(key="goods"), tag, "confirmed", steward, "Named after people.")
    run_queue()
    assert public_files(tmp_path) == []
    goods.refresh_from_db()
    assert storage.sha256_stored(storage.raw(), goods.raw_key) == goods.sha256
    assert not goods.raw_key.startswith("public/")


def test_so_does_the_mark_that_goes_and_the_setting(
    goods: Version, settings: LazySettings, tmp_path: Path
) -> None:
    place_raw_files()
    settings.RAW_PUBLIC = False
    assert place_raw_files() == 1
    assert public_files(tmp_path) == []
    settings.RAW_PUBLIC = True
    assert place_raw_files() == 1
    PublicMark.objects.all().delete()
    assert place_raw_files() == 1
    assert public_files(tmp_path) == []


def test_a_copy_that_a_crash_left_open_is_removed(goods: Version, tmp_path: Path) -> None:
    storage.raw().save("public/left/over.csv", ContentFile(b"left over"))
    place_raw_files()
    assert public_files(tmp_path) == [GOODS]


def test_erasing_removes_it_there(goods: Version, owner: User, tmp_path: Path) -> None:
    from datasets.ingestion.upkeep import erasure

    place_raw_files()
    erasure.delete(Dataset.objects.get(), owner)
    run_queue()
    assert not Dataset.objects.exists()
    assert public_files(tmp_path) == []


def test_a_steward_marks_in_the_admin(owner: User, steward: User, tmp_path: Path) -> None:
    dataset = ingest(owner, GOODS, "goods.csv").dataset
    steward.is_staff = True
    steward.save()
    browser = Client()
    browser.force_login(steward)
    assert browser.post("/admin/governance/publicmark/add/", {"dataset": dataset.pk}).status_code == 302
    assert PublicMark.objects.get().marked_by == steward
    run_queue()
    assert public_files(tmp_path) == [GOODS]


def test_it_is_warned_about(settings: LazySettings, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check")
    assert "omdplatform.W002" in capsys.readouterr().err
    settings.RAW_PUBLIC = False
    call_command("check")
    assert "omdplatform.W002" not in capsys.readouterr().err
