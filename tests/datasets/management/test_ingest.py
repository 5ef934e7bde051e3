"""manage.py ingest as a process on a fresh data folder: receipts as JSON lines, and nothing left behind."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.commands import json_lines, left_running, manage
from tests.ingested import order, orders_csv, orders_parquet

pytestmark = pytest.mark.slow


def test_two_files_of_which_one_is_bad(tmp_path: Path) -> None:
    folder, good, bad = tmp_path / "data", tmp_path / "orders.csv", tmp_path / "ragged.csv"
    good.write_bytes(orders_csv())
    bad.write_bytes(orders_csv() + b"hidden@post.example,a,1,2\n")
    done = manage(folder, "ingest", good, bad, tmp_path / "absent.csv", "--owner", "ann")
    assert done.returncode == 1
    first, second, third = json_lines(done.stdout)
    assert (first["file"], first["state"], first["is_new"], first["rows"]) == (
        "orders.csv",
        "succeeded",
        True,
        40,
    )
    assert first["index"]["vectors"] == 30
    assert (second["file"], second["state"], second["code"]) == ("ragged.csv", "failed", "ragged-row")
    assert "Row 41 has 4 cells" in second["error"]
    assert (third["file"], third["state"]) == ("absent.csv", "refused")
    assert "2 of 3 files failed." in done.stderr
    said = done.stdout + done.stderr
    assert not [secret for secret in ("hidden@post.example", order(3)["email"]) if secret in said]
    assert left_running(folder) == []
    assert not (folder / "chroma" / "server.json").exists()
    with closing(sqlite3.connect(folder / "db.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM django_q_ormq").fetchone() == (0,)
        owners = database.execute("SELECT username, password FROM auth_user").fetchall()
    assert [name for name, _ in owners] == ["ann"]
    assert owners[0][1].startswith("!")  # nobody can sign in with it
    assert good.read_bytes() == orders_csv()


def test_the_same_again_then_a_new_version(tmp_path: Path) -> None:
    folder, file = tmp_path / "data", tmp_path / "orders.parquet"
    orders_parquet(file)
    first = manage(folder, "ingest", file)
    assert (first.returncode, first.stderr.count("Traceback")) == (0, 0)
    again = manage(folder, "ingest", file, file)
    assert again.returncode == 0
    receipts = json_lines(first.stdout + again.stdout)
    assert [(receipt["version"], receipt["is_new"]) for receipt in receipts] == [
        (1, True),
        (1, False),
        (1, False),
    ]
    orders_parquet(file, rows=20)
    (newer,) = json_lines(manage(folder, "ingest", file).stdout)
    assert (newer["dataset"], newer["version"], newer["rows"]) == (receipts[0]["dataset"], 2, 20)
    assert left_running(folder) == []
