"""The commands on real files: no database, no server."""

import csv
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.governance import tables
from tests.governance.tables import many


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    emails, names = many(tables.email), many(tables.full_name)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "customer_name", "email"])
        writer.writerows(
            [number, name, email] for number, (name, email) in enumerate(zip(names, emails, strict=True))
        )
    return path


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_classify_as_json(people):
    told = json.loads(run("classify", str(people), "--json"))
    columns = {column["column"]: column for column in told["columns"]}
    assert told["rows"] == 60
    assert {name: column["entity"] for name, column in columns.items()} == {
        "id": "NONE",
        "customer_name": "PERSON",
        "email": "EMAIL",
    }
    assert columns["email"]["tags"] == ["PII.Sensitive", "PersonalData.Personal", "DataKind.Email"]
    assert columns["id"]["tags"] == []
    assert columns["email"]["evidence"]["reasons"]


def test_classify_in_lines_shows_no_value(people):
    told = run("classify", str(people))
    assert "email: EMAIL" in told
    assert "PII.Sensitive" in told
    assert "@example" not in told


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(200)], ids=["empty", "an image"])
def test_an_unreadable_file_ends_with_one_clear_line(tmp_path, content):
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError) as told:
        run("classify", str(path))
    assert str(told.value).startswith("broken.csv: ")
    assert "\n" not in str(told.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="is not a file"):
        run("classify", str(tmp_path / "none.csv"))


def labels(folder, rows):
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "file",
                "column",
                "expected_entity",
                "expected_sensitivity",
                "accept_entities",
                "accept_sensitivity",
                "doubtful",
            ]
        )
        writer.writerows(rows)


def test_evaluate_writes_predictions_and_figures(people, tmp_path):
    labels(
        tmp_path,
        [
            ["people.csv", "id", "NONE", "None", "NONE", "None", ""],
            ["people.csv", "customer_name", "PERSON", "Sensitive", "PERSON|USERNAME", "Sensitive", ""],
            ["people.csv", "email", "PHONE", "NonSensitive", "", "", "yes"],
        ],
    )
    out = tmp_path / "predictions.csv"
    told = run("evaluate_classifier", str(tmp_path), "--out", str(out))
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["column"], row["entity"], row["sensitivity"]) for row in rows] == [
        ("id", "NONE", "None"),
        ("customer_name", "PERSON", "Sensitive"),
        ("email", "EMAIL", "Sensitive"),
    ]
    assert all(0 <= float(row["confidence"]) <= 1 for row in rows)
    assert "precision              1.000" in told
    assert "doubtful ones right    0 of 1" in told


def test_evaluate_without_labels(tmp_path):
    with pytest.raises(CommandError, match=r"labels\.csv is missing"):
        run("evaluate_classifier", str(tmp_path))
