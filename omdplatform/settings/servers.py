"""Database, cache, channel layer and storage: embedded, or a named server."""

from __future__ import annotations

from typing import Any

import dj_database_url

from omdplatform.base.environment import flag, number, text
from omdplatform.settings.folders import DATA_DIR
from omdplatform.settings.site import DEPLOYED

# DATABASE_URL: postgres://user:password@host/name. Absent: SQLite in the data folder.
if database_url := text("DATABASE_URL"):
    DATABASES: dict[str, Any] = {
        # Checked before use: a restarted server has closed its connections.
        "default": dj_database_url.parse(database_url, conn_max_age=60, conn_health_checks=True)
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "db.sqlite3",
            # Without IMMEDIATE and WAL, writers that read first fail under load instead of waiting.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
            # A file, so that threads and processes of the tests see the same database.
            "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
        }
    }

# REDIS_URL: redis://host:6379/0. Absent: the database cache; each web process polls for its sockets.
REDIS_URL = text("REDIS_URL")
if REDIS_URL:
    CACHES: dict[str, Any] = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    }
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            # Listening blocks for 5 s in Redis, which is also its client's default timeout.
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 30}]},
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache_entries",
            # A full cache drops entries at random, including throttles and tickets. 300 entries are too few.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# S3_ENDPOINT_URL: MinIO or any S3 server. Absent: files in the data folder.
S3_ENDPOINT_URL = text("S3_ENDPOINT_URL")
S3_ACCESS_KEY = text("S3_ACCESS_KEY")
S3_SECRET_KEY = text("S3_SECRET_KEY")
# MinIO's first user, for `manage.py setup` alone: it makes the user S3_ACCESS_KEY.
MINIO_ROOT_USER = text("MINIO_ROOT_USER")
MINIO_ROOT_PASSWORD = text("MINIO_ROOT_PASSWORD")
S3_REGION = text("S3_REGION") or "us-east-1"
# Raw files as they were uploaded; typed Parquet copies; files not yet governed.
RAW_BUCKET = text("RAW_BUCKET") or "raw-data"
# Open the prefix public/ of the raw bucket to everybody, for raw files of datasets that a steward has marked
# public and that have no tag of personal data. Has no effect without S3_ENDPOINT_URL.
RAW_PUBLIC = flag("RAW_PUBLIC", default=False)
PARQUET_BUCKET = text("PARQUET_BUCKET") or "typed-data"
QUARANTINE_BUCKET = text("QUARANTINE_BUCKET") or "quarantine"


def _storage(bucket: str) -> dict[str, Any]:
    if not S3_ENDPOINT_URL:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": DATA_DIR / "files" / bucket,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    return {
        "BACKEND": "datasets.s3.BucketStorage",
        "OPTIONS": {
            "endpoint_url": S3_ENDPOINT_URL,
            "access_key": S3_ACCESS_KEY,
            "secret_key": S3_SECRET_KEY,
            "region_name": S3_REGION,
            "bucket_name": bucket,
            "file_overwrite": False,
            "max_memory_size": 8 * 1024 * 1024,
        },
    }


STORAGES = {
    "default": _storage(RAW_BUCKET),
    "raw": _storage(RAW_BUCKET),
    "parquet": _storage(PARQUET_BUCKET),
    "quarantine": _storage(QUARANTINE_BUCKET),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    if DEPLOYED
    else {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Without collectstatic, files are served from the code.
WHITENOISE_USE_FINDERS = not DEPLOYED
# Local copies of Parquet files for DuckDB, by SHA-256 (most bytes kept).
PARQUET_CACHE_DIR = DATA_DIR / "cache" / "parquet"
PARQUET_CACHE_BYTES = number("PARQUET_CACHE_BYTES", default=10 * 1024**3)
