"""Publishes raw files: moves them under the bucket's public prefix, and back when they may no longer be
public.

Off without RAW_PUBLIC. Only ready versions of datasets that a steward has marked are public, and only while
no column is tagged as personal data.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Q

from datasets import storage
from datasets.models import Version
from governance.audit import record
from governance.rights.access import is_personal
from governance.sync import registration

log = logging.getLogger(__name__)

PREFIX = "public/"
# The id of our statement in the bucket's policy.
STATEMENT = "omdplatform-public"


def place_raw_files() -> int:
    """Move raw files that are in the wrong place. Returns how many. Safe to repeat.

    Files that may no longer be public come first. Raises StorageUnavailable, CatalogUnavailable.
    """
    if not settings.RAW_PUBLIC and not _opened().exists():
        return 0
    ready = Version.objects.filter(state=Version.State.READY, dataset__retired_at=None)
    ready = ready.select_related("dataset")
    moved = 0
    for version in ready.filter(raw_key__startswith=PREFIX):
        if not may_be_public(version):
            moved += _move(version, storage.raw_key(version))
    _remove_unclaimed()
    for version in ready.filter(~Q(raw_key__startswith=PREFIX), dataset__public_mark__isnull=False):
        if may_be_public(version):
            _set_policy(storage.raw(), is_open=True)
            moved += _move(version, PREFIX + storage.raw_key(version))
    if not settings.RAW_PUBLIC:
        _set_policy(storage.raw(), is_open=False)
    return moved


def may_be_public(version: Version) -> bool:
    return settings.RAW_PUBLIC and hasattr(version.dataset, "public_mark") and not is_personal(version)


def _opened() -> Any:
    return Version.objects.filter(raw_key__startswith=PREFIX)


def _move(version: Version, key: str) -> bool:
    """Copy and compare, update the row, delete the old copy. Returns False if the file cannot be moved."""
    place, old = storage.raw(), version.raw_key
    try:
        with storage.local_copy(place, old) as file:
            storage.put(place, key, file, version.sha256)
    except (FileNotFoundError, storage.StorageMismatch):
        log.warning("the raw file of version %s cannot be moved", version.pk)
        return False
    with transaction.atomic():
        rows = Version.objects.filter(pk=version.pk, raw_key=old, dataset__retired_at=None)
        if rows.update(raw_key=key):
            registration.owe_file(version)
            action = "raw file made public" if key.startswith(PREFIX) else "raw file made private"
            record(None, action, version.dataset_id, version=version.number)
            gone = old
        else:
            gone = key  # erased meanwhile
    place.delete(gone)
    if gone == old:
        registration.retire_key(old)
    return gone == old


def _remove_unclaimed() -> None:
    """Remove public copies that no version names. An interrupted move leaves them behind."""
    claimed = set(_opened().values_list("raw_key", flat=True))
    for key in _files_below(storage.raw(), PREFIX.rstrip("/")):
        if key not in claimed:
            storage.raw().delete(key)
            log.warning("removed a public copy that no version names")


def _files_below(place: Storage, folder: str) -> list[str]:
    try:
        folders, files = place.listdir(folder)
    except FileNotFoundError:
        return []
    found = [f"{folder}/{name}" for name in files if name]
    for name in folders:
        found += _files_below(place, f"{folder}/{name}")
    return found


def _set_policy(place: Storage, *, is_open: bool) -> None:
    """Add our statement to the bucket's policy, or remove it. Other statements stay."""
    bucket: str | None = getattr(place, "bucket_name", None)
    if bucket is None:
        return  # local files cannot be read from outside
    client = place.connection.meta.client  # type: ignore[attr-defined]
    before = _statements(client, bucket)
    statements = [each for each in before if each.get("Sid") != STATEMENT]
    if is_open:
        statements.append(_statement(bucket))
    if statements == before:
        return
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        client.put_bucket_policy(Bucket=bucket, Policy=policy)
    else:
        client.delete_bucket_policy(Bucket=bucket)


def _statements(client: Any, bucket: str) -> list[dict[str, Any]]:
    try:
        policy = json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in {"NoSuchBucketPolicy", "NoSuchBucket"}:
            raise
        return []
    return list(policy["Statement"])


def _statement(bucket: str) -> dict[str, Any]:
    return {
        "Sid": STATEMENT,
        "Effect": "Allow",
        "Principal": {"AWS": ["*"]},
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/{PREFIX}*"],
    }
