"""People, clients and folders that tests share: an owner, a colleague, a stranger, a steward, an admin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, User
from django.test import override_settings
from rest_framework.test import APIClient

from datasets.models import Dataset
from tests.making import ready_dataset, token_of

if TYPE_CHECKING:
    from promptiq.index.embeddings import Embedder
    from promptiq.vector_client import VectorClient


# Fixtures that start servers, processes, a browser or the embedding model.
SLOW_PARTS = {"vector_folder", "embedder", "platform", "browser", "double"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests with slow parts: `make test-fast` leaves them out."""
    for item in items:
        if SLOW_PARTS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """A database file of this run's own, so that runs at the same time do not meet."""
    with TemporaryDirectory(prefix="omdplatform-tests-") as folder:
        database = django_settings.DATABASES["default"]
        if database["ENGINE"].endswith("sqlite3"):
            database["TEST"]["NAME"] = Path(folder) / "test.sqlite3"
        yield


@pytest.fixture(autouse=True)
def own_folders(settings: LazySettings, tmp_path: Path) -> None:
    """Nothing that a test writes outlives it."""
    files = "django.core.files.storage.FileSystemStorage"
    buckets = {
        name: {"BACKEND": files, "OPTIONS": {"location": tmp_path / "files" / name}}
        for name in ("default", "raw", "parquet", "quarantine")
    }
    settings.STORAGES = {**settings.STORAGES, **buckets}
    # Looking for static files costs each test client 50 ms.
    settings.WHITENOISE_USE_FINDERS = False
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "tmp"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    settings.PARQUET_CACHE_DIR = tmp_path / "cache"


# --- People -----------------------------------------------------------------------------------------------


def person(name: str, *groups: str) -> User:
    user = User.objects.create_user(name)
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


@pytest.fixture
def owner(db: None) -> User:
    return person("owner", "contributors")


@pytest.fixture
def colleague(db: None) -> User:
    """A contributor to whom the owner's datasets may be granted."""
    return person("colleague", "contributors")


@pytest.fixture
def stranger(db: None) -> User:
    return person("stranger", "contributors")


@pytest.fixture
def steward(db: None) -> User:
    return person("steward", "stewards")


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_superuser("admin")


# --- Clients ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def made_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from governance.keys import make_key_pairs

    folder = tmp_path_factory.mktemp("keys")
    make_key_pairs(folder)
    return folder


@pytest.fixture
def keys(settings: LazySettings, made_keys: Path) -> None:
    """RSA pairs in settings.KEYS_DIR, made once for the run."""
    settings.KEYS_DIR = made_keys


@pytest.fixture
def api(db: None, keys: None) -> Callable[[User | None], APIClient]:
    """A program with a user's token; None: without one. Errors come back as answers."""

    def client(user: User | None = None) -> APIClient:
        program = APIClient(raise_request_exception=False)
        if user is not None:
            program.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(user)}")
        return program

    return client


# --- Datasets ---------------------------------------------------------------------------------------------


@pytest.fixture
def people_table(owner: User) -> Dataset:
    """A ready dataset of the owner: `email` carries a suggested PII.Sensitive tag, `city` carries none."""
    return ready_dataset(owner, "people")


# --- Real parts -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def vector_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder whose vector server, a `chroma run`, lasts until the last test."""
    from promptiq.index import vector_server

    folder = tmp_path_factory.mktemp("vectors")
    with ExitStack() as stack:
        with override_settings(DATA_DIR=folder, CHROMA_URL=""):
            stack.enter_context(vector_server.running())
        yield folder
        with override_settings(DATA_DIR=folder, CHROMA_URL=""):
            stack.close()


@pytest.fixture
def vectors(settings: LazySettings, vector_folder: Path) -> VectorClient:
    """A client of the run's vector server, which the code under test finds too."""
    from promptiq import vector_client

    settings.DATA_DIR, settings.CHROMA_URL = vector_folder, ""
    return vector_client.connect()


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The packaged model, loaded once for the run."""
    from promptiq.index.embeddings import get_embedder

    return get_embedder()
