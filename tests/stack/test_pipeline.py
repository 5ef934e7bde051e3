"""A file's way through a deployment, looked at from its servers: what each was asked, and what it holds."""

from __future__ import annotations

from hashlib import sha256

from tests.ingested import GOODS, order, orders_csv
from tests.stack.deployment import Deployment, Program, eventually

PROMISED = ["Archiving raw data…", "Building semantic index…", "Success!"]


def wide_csv(columns: int) -> bytes:
    """`columns` columns and three rows; every third column holds emails."""
    lines = [",".join(f"mail_{n}" if n % 3 == 0 else f"figure_{n}" for n in range(columns))]
    for row in range(3):
        cells = (f"anna.{row}.{n}@post.example" if n % 3 == 0 else str(row * n) for n in range(columns))
        lines.append(",".join(cells))
    return "\n".join(lines).encode() + b"\n"


def contacts_csv(contact: str) -> bytes:
    lines = [f"{contact.format(number)},{number * 3}" for number in range(10, 60)]
    return "\n".join(["contact,points", *lines]).encode() + b"\n"


def test_every_part_holds_what_it_should(deployment: Deployment, olga: Program) -> None:
    job = olga.ingest("orders.csv", orders_csv())
    said = [event["message"] for event in olga.events(job)]
    assert [text for text in said if text in PROMISED] == PROMISED

    (version,) = olga.get(f"datasets/{job['dataset']}/versions")["results"]
    kept = version["receipt"]["storage"]
    objects = deployment.objects()
    assert kept["raw"] in objects["raw-data"]
    assert kept["parquet"] in objects["typed-data"]
    assert not objects["quarantine"]
    raw = deployment.lake().get_object(Bucket="raw-data", Key=kept["raw"])["Body"].read()
    assert raw == orders_csv()
    assert sha256(raw).hexdigest() == version["sha256"]

    index = version["receipt"]["index"]
    assert deployment.collections()[index["collection"]] == index["vectors"] == 30
    table = deployment.catalog.table(version["catalog_fqn"])
    assert table is not None
    tags = {item["name"]: sorted(tag["tagFQN"] for tag in item["tags"]) for item in table["columns"]}
    assert tags["email"] == sorted(version["receipt"]["tags"]["email"])
    assert tags["goods"] == []


def asked_of(deployment: Deployment) -> list[str]:
    """Method and kind of each request to the catalog since its record was emptied, in order.

    Without the worker's periodic looks at tables that nobody sent meanwhile: they come when minutes are over.
    """
    sent = {f"{body['databaseSchema']}.{body['name']}" for body in deployment.puts("/api/v1/tables")}
    ids = {table["id"] for table in map(deployment.catalog.table, sent) if table}
    asked = []
    for request in deployment.catalog.requests:
        match [request.method, *request.parts]:
            case ["GET", "tables", looked_at, *_] if looked_at not in {*ids, *sent, "name"}:
                continue
        kind = "profile" if "tableProfile" in request.parts else request.parts[0]
        asked.append(f"{request.method} {kind}")
    return asked


def on_tables(asked: list[str]) -> list[str]:
    return [line.removesuffix(" tables") for line in asked if line.endswith(" tables")]


def test_a_table_is_one_put_whatever_its_columns(deployment: Deployment, olga: Program) -> None:
    olga.ingest("first.csv", orders_csv(11))  # makes what tables hang on, once
    asked = {}
    for columns in (3, 300):
        deployment.catalog.forget()
        olga.ingest(f"wide_{columns}.csv", wide_csv(columns))
        asked[columns] = asked_of(deployment)
        (body,) = deployment.puts("/api/v1/tables")
        assert len(body["columns"]) == columns
        tagged = [column["name"] for column in body["columns"] if column.get("tags")]
        mails = [name for name in tagged if name.startswith("mail_")]
        assert mails == [f"mail_{n}" for n in range(0, columns, 3)]
    assert on_tables(asked[3]) == on_tables(asked[300]) == ["PUT", "GET"]
    # Whatever else is told, counts and where the file lies, is told once and not for each column.
    told = [
        f"{method} {kind}"
        for kind in ("tables", "profile", "containers", "lineage")
        for method in ("PUT", "GET")
    ]
    assert asked[3] == asked[300] == told


def test_tags_that_change_are_a_patch_and_a_put_each_read_back(deployment: Deployment, olga: Program) -> None:
    olga.ingest("contacts.csv", contacts_csv("anna.{0}@post.example"))
    deployment.catalog.forget()
    job = olga.ingest("contacts.csv", contacts_csv("+49 30 901820{0:02}"), on_conflict="new_version")
    # A server of 1.12 answers a column's PATCH with If-Match and stores nothing; then it is sent without.
    patches = 2 if deployment.catalog.profile == "1.12" else 1
    assert on_tables(asked_of(deployment)) == ["GET", *["PATCH", "GET"] * patches, "PUT", "GET"]
    columns = {item["name"]: item for item in olga.get(f"datasets/{job['dataset']}/columns")["columns"]}
    here = {tag["tag"] for tag in columns["contact"]["tags"]}
    table = deployment.catalog.table(deployment.puts("/api/v1/tables")[0]["databaseSchema"] + ".contacts")
    assert table is not None
    there = {tag["tagFQN"] for tag in next(c for c in table["columns"] if c["name"] == "contact")["tags"]}
    assert "DataKind.Phone" in here
    assert there == here


def test_answers_come_from_every_part(platform: object, olga: Program, vera: Program) -> None:
    job = olga.ingest("sales.csv", orders_csv(30))
    dataset = job["dataset"]
    answer = olga.ask("Which rows are about a steel kettle?", dataset)
    assert answer["outcome"] == "answered"
    assert "steel kettle" in str(answer["citations"])
    assert "@post.example" in str(answer["citations"])
    olga.http.post(f"api/v1/datasets/{dataset}/grants", json={"username": "vera"}).raise_for_status()
    masked = vera.ask("Which rows are about a steel kettle?", dataset)
    assert masked["outcome"] == "masked"
    assert "steel kettle" in str(masked["citations"])
    assert "@post.example" not in str(masked)
    assert vera.http.get(f"api/v1/datasets/{dataset}").status_code == 200


def test_the_same_name_again_makes_version_2(deployment: Deployment, olga: Program) -> None:
    first = olga.ingest("stock.csv", orders_csv(12))
    deployment.catalog.forget()
    second = olga.ingest("stock.csv", orders_csv(20, first=40), on_conflict="new_version")
    assert (second["dataset"], second["version"]) == (first["dataset"], 2)
    (body,) = deployment.puts("/api/v1/tables")
    assert len(body["columns"]) == 3
    versions = {item["number"]: item for item in olga.get(f"datasets/{first['dataset']}/versions")["results"]}
    assert [versions[number]["is_current"] for number in (1, 2)] == [False, True]
    kept = {versions[number]["receipt"]["storage"]["raw"] for number in (1, 2)}
    assert kept <= deployment.objects()["raw-data"]
    held = deployment.collections()
    assert versions[1]["receipt"]["index"]["collection"] not in held
    assert versions[2]["receipt"]["index"]["collection"] in held


def test_a_delete_deletes_everywhere(deployment: Deployment, olga: Program) -> None:
    job = olga.ingest("gone.csv", orders_csv(25))
    dataset = job["dataset"]
    (version,) = olga.get(f"datasets/{dataset}/versions")["results"]
    assert deployment.catalog.table(version["catalog_fqn"]) is not None
    assert olga.http.delete(f"api/v1/datasets/{dataset}").status_code == 204
    assert olga.http.get(f"api/v1/datasets/{dataset}").status_code == 404

    def rows() -> int:
        return len(deployment.rows("SELECT 1 FROM datasets_dataset WHERE id = %s", dataset))

    eventually(lambda: rows() == 0)
    assert not [key for keys in deployment.objects().values() for key in keys if dataset in key]
    assert version["receipt"]["index"]["collection"] not in deployment.collections()
    assert deployment.catalog.table(version["catalog_fqn"]) is None
    assert not deployment.rows("SELECT 1 FROM datasets_version WHERE dataset_id = %s", dataset)


def test_values_are_in_no_log_and_no_queue(deployment: Deployment, olga: Program) -> None:
    olga.ingest("quiet.csv", orders_csv(35))
    told = deployment.said("web") + deployment.said("worker")
    told += str(deployment.rows("SELECT payload FROM django_q_ormq"))
    told += str(deployment.rows("SELECT message FROM datasets_jobevent"))
    assert not [row for row in (order(number)["email"] for number in range(35)) if row in told]
    assert GOODS[0] not in told
