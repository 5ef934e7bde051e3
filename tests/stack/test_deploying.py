"""What the containers of deploy/ run, run here without containers."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from botocore.exceptions import ClientError

from tests.running import PROJECT
from tests.stack.deployment import Deployment, eventually
from tests.stack.servers import DATABASE, postgresql, program_of_postgresql

DEPLOY = PROJECT / "deploy"


def test_a_fresh_postgresql_gets_its_users_and_databases() -> None:
    passwords = {"PLATFORM_DB_PASSWORD": 'it\'s "one"', "OPENMETADATA_DB_PASSWORD": "other"}
    with postgresql() as server:
        address = urlsplit(server.url)
        with psycopg.connect(address._replace(path="/postgres").geturl(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {DATABASE}")
        subprocess.run(
            [DEPLOY / "make_databases.sh"],
            env={
                "PATH": f"{Path(program_of_postgresql('psql')).parent}:{os.environ['PATH']}",
                "POSTGRES_USER": str(address.username),
                "PGHOST": str(address.hostname),
                "PGPORT": str(address.port),
                "PGPASSWORD": str(address.password),
                **passwords,
            },
            check=True,
            capture_output=True,
        )
        for name, password in zip(("omdplatform", "openmetadata"), passwords.values(), strict=True):
            with psycopg.connect(
                host=address.hostname, port=address.port, user=name, password=password, dbname=name
            ) as connection:
                connection.execute("CREATE TABLE mine (id int)")
                connection.execute("CREATE EXTENSION pgcrypto")


@pytest.mark.parametrize("deployment", ["2.0"], indirect=True)
def test_a_worker_is_well_while_it_runs(deployment: Deployment) -> None:
    check = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["worker"]["healthcheck"]["test"]
    command = check[check.index("manage.py") + 1 :]
    with pytest.raises(AssertionError, match="No worker runs on this machine"):
        deployment.manage(*command)

    def is_well() -> bool:
        try:
            return "1 at work or waiting" in deployment.manage(*command)
        except AssertionError:
            return False

    with deployment.worker():
        eventually(is_well)


@pytest.mark.parametrize("deployment", ["2.0"], indirect=True)
def test_the_platforms_user_of_minio_may_use_its_buckets_and_nothing_else(deployment: Deployment) -> None:
    root = deployment.lake()
    root.create_bucket(Bucket="others")
    root.put_object(Bucket="others", Key="theirs", Body=b"theirs")
    deployment.manage("setup", **deployment.minio.environment)  # safe to repeat
    ours = deployment.lake(deployment.environment["S3_ACCESS_KEY"], deployment.environment["S3_SECRET_KEY"])
    with suppress(ours.exceptions.BucketAlreadyOwnedByYou):
        ours.create_bucket(Bucket="raw-data")
    ours.put_object(Bucket="raw-data", Key="mine", Body=b"mine")
    ours.delete_object(Bucket="raw-data", Key="mine")
    refused = (
        lambda: ours.get_object(Bucket="others", Key="theirs"),
        lambda: ours.list_objects_v2(Bucket="others"),
        lambda: ours.create_bucket(Bucket="more"),
        lambda: ours.delete_bucket(Bucket="raw-data"),
    )
    for request in refused:
        with pytest.raises(ClientError, match="AccessDenied"):
            request()
