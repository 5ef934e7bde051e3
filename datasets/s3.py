"""Buckets of an S3 server such as MinIO. Creates missing buckets. Errors name the server's address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from datasets.storage import StorageUnavailable, Stored

# Timeout of one attempt in seconds; there are two attempts.
CONNECT_SECONDS, READ_SECONDS, TRIES = 5, 60, 2
# Error codes when another process has just created the bucket.
MADE_MEANWHILE = frozenset({"BucketAlreadyOwnedByYou", "OperationAborted"})


class BucketStorage(S3Storage):  # type: ignore[misc]
    """A private bucket. Every method raises StorageUnavailable."""

    def get_default_settings(self) -> dict[str, Any]:
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            s3={"addressing_style": "path"},
        )
        return {**super().get_default_settings(), "client_config": config}

    def _create_bucket(self) -> None:
        # S3 does not accept the name of its first region here.
        elsewhere = self.region_name not in {None, "us-east-1"}
        place = {"CreateBucketConfiguration": {"LocationConstraint": self.region_name}} if elsewhere else {}
        try:
            self.connection.meta.client.create_bucket(Bucket=self.bucket_name, **place)
        except ClientError as error:
            if _code(error) not in MADE_MEANWHILE:
                raise

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except BotoCoreError as error:
            raise StorageUnavailable(
                f"The object storage at {self.endpoint_url} does not answer ({type(error).__name__})."
            ) from None
        except ClientError as error:
            if _code(error) == "NoSuchBucket" or _status(error) == 404:
                raise
            raise StorageUnavailable(
                f"The object storage at {self.endpoint_url} refused what was asked of the bucket "
                f"{self.bucket_name} ({_code(error)})."
            ) from None

    # --- Django's storage methods -------------------------------------------------------------------------

    def _open(self, name: str, mode: str = "rb") -> Any:
        """Read the whole file at once, so that an outage raises here. Large files go to disk, not memory."""
        with self._reaching():
            file = super()._open(name, mode)
            if "r" in mode:
                _ = file.file
            return file

    def _save(self, name: str, content: Any) -> str:
        with self._reaching():
            try:
                return str(super()._save(name, content))
            except ClientError as error:
                if _code(error) != "NoSuchBucket":
                    raise
                self._create_bucket()
                return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with self._reaching():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with self._reaching():
            return bool(super().exists(name))

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        """Raises FileNotFoundError if there is no bucket, as for a missing folder."""
        with self._reaching():
            try:
                folders, files = super().listdir(name)
            except ClientError as error:
                if _code(error) != "NoSuchBucket":
                    raise
                raise FileNotFoundError(self.bucket_name) from None
            return folders, files

    def everything(self) -> Iterator[Stored]:
        """All objects, a thousand for each request. None if there is no bucket."""
        with self._reaching():
            try:
                for item in self.bucket.objects.all():
                    yield Stored(str(item.key), int(item.size), item.last_modified)
            except ClientError as error:
                if _code(error) != "NoSuchBucket":
                    raise

    def size(self, name: str) -> int:
        with self._reaching():
            return int(super().size(name))

    def get_modified_time(self, name: str) -> datetime:
        with self._reaching():
            moment: datetime = super().get_modified_time(name)
            return moment


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
