"""The raw files: each version's file as it was uploaded. Nothing else has these bytes."""

from __future__ import annotations

from django.core.files.storage import Storage

from datasets import storage
from datasets.models import Version
from datasets.stores.file_store import FileStore


class RawFiles(FileStore):
    name = "raw file"
    key_field = "raw_key"
    hash_field = "sha256"

    def place(self) -> Storage:
        return storage.raw()

    def what_to_do(self) -> str:
        return "Upload the same file again, which puts it back, or restore it from a backup."

    def _has_its_size(self, version: Version, size: int | None) -> bool:
        return size is None or size == version.size_bytes
