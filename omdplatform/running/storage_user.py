"""MinIO's user for the platform: it may use the platform's buckets, and nothing else."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from datasets.storage import StorageUnavailable

POLICY = "platform"
# What BucketStorage does with a bucket, and opening its public prefix.
ON_BUCKETS = (
    "s3:CreateBucket",
    "s3:ListBucket",
    "s3:GetBucketLocation",
    "s3:ListBucketMultipartUploads",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
)
ON_OBJECTS = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:ListMultipartUploadParts",
    "s3:AbortMultipartUpload",
)


def make_storage_user() -> None:
    """The user S3_ACCESS_KEY, by MINIO_ROOT_USER. Does nothing where the latter is empty. Safe to repeat.

    Raises StorageUnavailable.
    """
    if not settings.MINIO_ROOT_USER:
        return
    from minio import MinioAdmin
    from minio.credentials.providers import StaticProvider
    from minio.error import MinioException
    from urllib3.exceptions import HTTPError

    address = urlsplit(settings.S3_ENDPOINT_URL)
    root = StaticProvider(settings.MINIO_ROOT_USER, settings.MINIO_ROOT_PASSWORD)
    minio = MinioAdmin(endpoint=address.netloc, credentials=root, secure=address.scheme == "https")
    try:
        minio.user_add(settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY)
        minio.policy_add(POLICY, policy=_policy())
        minio.policy_set(POLICY, user=settings.S3_ACCESS_KEY)
    except (MinioException, HTTPError) as error:
        raise StorageUnavailable(
            f"MinIO at {settings.S3_ENDPOINT_URL} did not make the platform's user ({type(error).__name__})."
        ) from None


def _policy() -> dict[str, Any]:
    buckets = [
        f"arn:aws:s3:::{name}"
        for name in (settings.RAW_BUCKET, settings.PARQUET_BUCKET, settings.QUARANTINE_BUCKET)
    ]
    objects = [f"{bucket}/*" for bucket in buckets]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": list(ON_BUCKETS), "Resource": buckets},
            {"Effect": "Allow", "Action": list(ON_OBJECTS), "Resource": objects},
        ],
    }
