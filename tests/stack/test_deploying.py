"""What the containers of deploy/ run, run here without containers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

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
