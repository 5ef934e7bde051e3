"""The platform on PostgreSQL, Redis, MinIO, Chroma and the catalog's double, each behind a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import psycopg

from tests.openmetadata_double import running
from tests.stack import servers
from tests.stack.servers import Server
from tests.torture.machine import Machine
from tests.torture.proxy import Proxy

BUCKETS = ("raw-data", "typed-data", "quarantine")


@dataclass
class StackMachine(Machine):
    """Looks past the proxies. `database`, `objects`, `vectors`: the servers themselves."""

    database: Server | None = None
    objects: Server | None = None
    vectors: Server | None = None

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        assert self.database is not None
        with psycopg.connect(self.database.url) as connection:
            return connection.execute(query.replace("?", "%s").encode(), values).fetchall()

    def stored(self, bucket: str, key: str) -> bytes:
        content: bytes = self._lake().get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def keys(self) -> list[str]:
        lake = self._lake()
        pages = ((bucket, lake.list_objects_v2(Bucket=bucket).get("Contents", ())) for bucket in BUCKETS)
        return [f"{bucket}/{item['Key']}" for bucket, items in pages for item in items]

    def _lake(self) -> Any:
        assert self.objects is not None
        return boto3.client(
            "s3",
            endpoint_url=self.objects.url,
            aws_access_key_id=self.objects.environment["MINIO_ROOT_USER"],
            aws_secret_access_key=self.objects.environment["MINIO_ROOT_PASSWORD"],
            region_name="us-east-1",
        )

    def server_of_vectors(self) -> str:
        assert self.vectors is not None
        return self.vectors.url


@contextmanager
def stack_behind_proxies(folder: Path) -> Iterator[tuple[StackMachine, dict[str, Proxy]]]:
    """A running platform, and the proxies by what stands behind them."""
    with ExitStack() as opened:
        database = opened.enter_context(servers.postgresql())
        cache = opened.enter_context(servers.redis_server())
        objects = opened.enter_context(servers.minio())
        vectors = opened.enter_context(servers.chroma())
        double = opened.enter_context(running(profile="2.0"))
        urls = {
            "database": database.url,
            "cache": cache.url,
            "objects": objects.url,
            "vectors": vectors.url,
            "catalog": double.url,
        }
        proxies = {name: Proxy(urlsplit(url).port or 0) for name, url in urls.items()}
        for proxy in proxies.values():
            opened.callback(proxy.end)
        through = {
            name: url.replace(f":{urlsplit(url).port}", f":{proxies[name].port}")
            for name, url in urls.items()
        }
        variables = {
            "DATABASE_URL": through["database"],
            "REDIS_URL": through["cache"],
            "S3_ENDPOINT_URL": through["objects"],
            "S3_ACCESS_KEY": objects.environment["MINIO_ROOT_USER"],
            "S3_SECRET_KEY": objects.environment["MINIO_ROOT_PASSWORD"],
            "CHROMA_URL": through["vectors"],
            "OPENMETADATA_HOST": through["catalog"],
            "OPENMETADATA_TOKEN": double.bot_token,
            "OPENMETADATA_TIMEOUT": "5",
            "JOB_LEASE_SECONDS": "30",
        }
        machine = StackMachine(folder, variables, database=database, objects=objects, vectors=vectors)
        opened.callback(machine.end)
        yield machine, proxies
