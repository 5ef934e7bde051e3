"""The typed copies. They are made again from an intact raw file."""

from __future__ import annotations

from collections.abc import Callable

from django.core.files.storage import Storage

from datasets import storage
from datasets.ingestion.upkeep.mending import mend_typed_copy
from datasets.models import Version
from datasets.stores.file_store import FileStore


class TypedCopies(FileStore):
    name = "typed copy"
    key_field = "parquet_key"
    hash_field = "parquet_sha256"

    def place(self) -> Storage:
        return storage.parquet()

    def what_to_do(self) -> str:
        return "It is made again from the raw file if that is intact."

    def mend(self, version: Version) -> Callable[[], object]:
        return lambda: mend_typed_copy(version)
