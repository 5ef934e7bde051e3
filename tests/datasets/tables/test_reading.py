"""Reading: dialects, encodings, widths, types; what is no table is refused in words."""

from __future__ import annotations

import codecs
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.tables.parser_process import ProcessLimits, read_in_child
from datasets.tables.reading import read
from datasets.tables.table import Limits, Table, column_names
from datasets.tables.unreadable import UnreadableFile
from datasets.tables.values.column_types import ColumnType

ROWS = [["Oak", "3", "1.50"], ["Élan, fir", "4", "2.25"], ['Elm "big"', "5", "3.00"]]


def read_bytes(tmp_path: Path, content: bytes, name: str = "trees.csv", **options: Any) -> Table:
    path = tmp_path / name
    path.write_bytes(content)
    return read(path, tmp_path / "out.parquet", **options)


def cells(table: Table) -> dict[str, list[Any]]:
    return pq.read_table(table.parquet).to_pydict()


def types(table: Table) -> list[str]:
    return [column.type.value for column in table.columns]


def written(delimiter: str, end: str = "\n") -> str:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if set(cell) & {delimiter, '"'} else cell

    lines = [["name", "count", "price"], *ROWS]
    return "".join(delimiter.join(map(quoted, line)) + end for line in lines)


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("email", "anna.{}@post.example"),
        ("opens", "{}:30"),
        ("page", "https://post.example/{}"),
        ("name", "Oak {}"),
    ],
)
def test_a_single_column_whose_cells_share_a_mark(tmp_path: Path, header: str, cell: str) -> None:
    """Neither is its first line skipped nor are its cells cut: cut emails would not be known as emails."""
    cells = [cell.format(number) for number in range(10, 40)]
    table = read_bytes(tmp_path, "\n".join([header, *cells]).encode())
    assert [column.name for column in table.columns] == [header]
    assert table.rows == len(cells)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "@"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_delimiter_and_line_end(tmp_path: Path, delimiter: str, end: str) -> None:
    table = read_bytes(tmp_path, written(delimiter, end).encode())
    assert table.dialect.delimiter == delimiter
    assert cells(table) == {
        "_row": [1, 2, 3],
        "name": ["Oak", "Élan, fir", 'Elm "big"'],
        "count": [3, 4, 5],
        "price": [Decimal("1.50"), Decimal("2.25"), Decimal("3.00")],
    }


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("cp1252", b""),
    ],
)
def test_any_encoding(tmp_path: Path, encoding: str, bom: bytes) -> None:
    table = read_bytes(tmp_path, bom + written(",").encode(encoding))
    assert cells(table)["name"][1] == "Élan, fir"
    assert [column.name for column in table.columns] == ["name", "count", "price"]


def test_a_late_byte_that_is_no_utf8_does_not_stop_the_reading(tmp_path: Path) -> None:
    lines = "name,count\n" + "plain,1\n" * 60_000 + "Café,2\n"
    table = read_bytes(tmp_path, lines.encode("cp1252"))
    assert table.rows == 60_001
    assert cells(table)["name"][-1] == "Café"


def test_titles_and_blank_lines_before_the_header_are_passed_over(tmp_path: Path) -> None:
    table = read_bytes(tmp_path, b"\n\nReport of 2024,,\n" + written(",").encode())
    assert [column.name for column in table.columns] == ["name", "count", "price"]
    assert table.rows == 3
    assert any("before the header" in note for note in table.notes)


def test_a_file_without_header_loses_no_row(tmp_path: Path) -> None:
    table = read_bytes(tmp_path, b"Oak,3,1.5\nElm,4,2.5\nAsh,5,3.5\n")
    assert (table.rows, table.dialect.header_rows) == (3, 0)
    assert [column.name for column in table.columns] == ["column_1", "column_2", "column_3"]


def test_names_are_made_unique() -> None:
    assert column_names([" a  b ", "A B", "", "_row", "x" * 600]) == [
        "a b",
        "A B_2",
        "column_3",
        "_row_2",
        "x" * 500,
    ]


def test_quoted_line_ends_and_empty_records(tmp_path: Path) -> None:
    table = read_bytes(tmp_path, b'a,b\n"two\nlines",1\n,\n"x",2\n')
    assert cells(table)["a"] == ["two\nlines", "x"]  # a record of nothing is no row


def test_short_rows_are_filled_and_empty_cells_too_many_cut(tmp_path: Path) -> None:
    table = read_bytes(tmp_path, b"a,b,c\n1,2,3\n4,5\n6,7,8,,\n")
    assert cells(table)["c"] == [3, None, 8]
    assert len(table.notes) == 2
    assert "first row 2" in table.notes[0]
    assert "first row 3" in table.notes[1]


def test_a_row_with_more_cells_than_columns_is_refused_by_number(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read_bytes(tmp_path, b"a,b\n1,2\n3,SECRET,5\n6,7\n8,9\n")
    assert (refusal.value.code, refusal.value.row) == ("ragged-row", 2)
    assert "SECRET" not in str(refusal.value)
    assert list(tmp_path.glob("out.parquet*")) == []


@pytest.mark.parametrize(
    ("column", "kind", "values"),
    [
        (["1", "-2", ""], "INT", [1, -2, None]),
        (["007", "12"], "STRING", ["007", "12"]),
        (["+44", "12"], "STRING", ["+44", "12"]),
        (["9223372036854775807", "1"], "INT", [9223372036854775807, 1]),
        (["9223372036854775808", "1"], "STRING", ["9223372036854775808", "1"]),
        (["1.5", "2"], "FLOAT", [Decimal("1.5"), Decimal("2.0")]),
        (["1e3", "2"], "FLOAT", [1000.0, 2.0]),
        (["0.123456", "2"], "FLOAT", [0.123456, 2.0]),
        (["NA", "1"], "INT", [None, 1]),
        (["nan", "1"], "INT", [None, 1]),
        (["None", "x"], "STRING", ["None", "x"]),
        (["1,234.50", "10.25"], "FLOAT", [1234.5, 10.25]),
        (["1.234,50", "10,25"], "FLOAT", [1234.5, 10.25]),
        (["1,234", "5,678"], "STRING", ["1,234", "5,678"]),
        (["true", "FALSE"], "BOOLEAN", [True, False]),
        (["yes", "No"], "BOOLEAN", [True, False]),
        (["0", "1"], "INT", [0, 1]),
        (["2024-02-29", "2023-01-01"], "DATE", [date(2024, 2, 29), date(2023, 1, 1)]),
        (["2023-02-29", "2023-01-01"], "STRING", ["2023-02-29", "2023-01-01"]),
        (["31/01/2024", "01/02/2024"], "DATE", [date(2024, 1, 31), date(2024, 2, 1)]),
        (["01/31/2024", "02/01/2024"], "DATE", [date(2024, 1, 31), date(2024, 2, 1)]),
        (["01/02/2024", "03/04/2024"], "STRING", ["01/02/2024", "03/04/2024"]),
        (["31.12.2024", "01.02.2024"], "DATE", [date(2024, 12, 31), date(2024, 2, 1)]),
        (["2024-01-31 10:00:00", "2024-02-01T11:30"], "TIMESTAMP",
         [datetime(2024, 1, 31, 10), datetime(2024, 2, 1, 11, 30)]),
    ],
)  # fmt: skip
def test_types(tmp_path: Path, column: list[str], kind: str, values: list[Any]) -> None:
    lines = "id;value\n" + "".join(f"r{place};{cell}\n" for place, cell in enumerate(column))
    table = read_bytes(tmp_path, lines.encode())
    assert types(table)[1] == kind
    assert cells(table)["value"] == values


def test_aware_moments_become_utc(tmp_path: Path) -> None:
    table = read_bytes(tmp_path, b"id,at\na,2024-01-31T10:00:00+02:00\nb,2024-01-31T10:00:00Z\n")
    assert types(table)[1] == "TIMESTAMP"
    assert [moment.isoformat() for moment in cells(table)["at"]] == [
        "2024-01-31T08:00:00+00:00",
        "2024-01-31T10:00:00+00:00",
    ]


def test_one_cell_far_down_decides(tmp_path: Path) -> None:
    lines = "n\n" + "1\n" * 90_000 + "oak\n"
    table = read_bytes(tmp_path, lines.encode())
    assert types(table) == ["STRING"]
    assert cells(table)["n"][-2:] == ["1", "oak"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"\n\r\n  \n", "empty-file"),
        (b"a,b\n", "no-rows"),
        (b"PK\x03\x04" + b"x" * 100, "damaged-archive"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "not-a-table"),
        (b"\x1f\x8b\x08" + b"x" * 100, "damaged-archive"),
        (b"  <!DOCTYPE html><html></html>", "not-a-table"),
        (b"a,b\n1,\x002\n", "not-text"),
        (b"a,b\n" + b"1,2\n" * 100_000 + b"3,\x00\n", "not-text"),
        (b"PAR1" + b"x" * 100, "damaged-parquet"),
        (b'[{"a": 1},\n {"a": 2}]', "json"),
        (b"a\n" + b"x" * 1_200_000, "cell-too-long"),
        (b'a,b\n1,"' + b"x" * 1_200_000 + b'"\n', "cell-too-long"),
        ("name,city\nAnn,Rome\n".encode("cp037") * 20, "ebcdic"),
        ("name,n\x85Ann,12\x85Bob,7\x85".encode("cp037"), "ebcdic"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read_bytes(tmp_path, content)
    assert refusal.value.code == code
    assert refusal.value.remedy
    assert list(tmp_path.glob("out.parquet*")) == []


@pytest.mark.parametrize("text", ["имя,город\nАнна,Рим\n", "наименование;цена\nлампа;12\n" * 9])
def test_cyrillic_is_not_taken_for_ebcdic(tmp_path: Path, text: str) -> None:
    assert read_bytes(tmp_path, text.encode("cp1251")).dialect.encoding == "cp1251"


@pytest.mark.parametrize("form", ["lists", "structures"])
def test_parquet_that_is_nested_too_deep_is_not_called_damaged(tmp_path: Path, form: str) -> None:
    type, value = pa.int64(), 1
    for _ in range(400):
        type = pa.list_(type) if form == "lists" else pa.struct([("a", type)])
        value = [value] if form == "lists" else {"a": value}  # type: ignore[assignment]
    pq.write_table(pa.table({"deep": pa.array([value], type)}), tmp_path / "deep.parquet")
    with pytest.raises(UnreadableFile, match="nested") as refusal:
        read(tmp_path / "deep.parquet", tmp_path / "out.parquet")
    assert refusal.value.code == "too-deeply-nested"


def test_limits_of_a_table(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="11 columns"):
        read_bytes(tmp_path, b",".join(b"c%d" % n for n in range(11)) + b"\n" + b"," * 10, limits=Limits(10))


# --- Parquet ----------------------------------------------------------------------------------------------


def test_parquet_of_all_kinds(tmp_path: Path) -> None:
    source = pa.table(
        {
            "small": pa.array([1, None], pa.int8()),
            "big": pa.array([2**63, 1], pa.uint64()),
            "money": pa.array([Decimal("1.10"), None], pa.decimal128(9, 2)),
            "when": pa.array([datetime(2024, 1, 31, 10), None], pa.timestamp("ns")),
            "day": pa.array([date(2024, 1, 31), None], pa.date32()),
            "kind": pa.array(["a", "b"]).dictionary_encode(),
            "list": pa.array([[1, 2], None]),
            "bytes": pa.array([b"\xff\x00", b"ok"]),
            "flag": pa.array([True, None]),
        }
    )
    path = tmp_path / "named.csv"
    pq.write_table(source, path)
    table = read(path, tmp_path / "out.parquet")
    assert types(table) == [
        "INT", "STRING", "FLOAT", "TIMESTAMP", "DATE", "STRING", "STRING", "STRING", "BOOLEAN",
    ]  # fmt: skip
    found = cells(table)
    assert found["big"] == ["9223372036854775808", "1"]
    assert found["money"] == [Decimal("1.10"), None]
    assert found["list"] == ["[1, 2]", None]
    assert found["bytes"] == ["ff00", "6f6b"]
    assert found["_row"] == [1, 2]


def test_names_that_meet_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table([pa.array([1]), pa.array([2]), pa.array([3])], names=["a", "A", "_row"]), path)
    table = read(path, tmp_path / "out.parquet")
    assert [column.name for column in table.columns] == ["a", "A_2", "_row_2"]


# --- In a child process -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_child_reads_what_we_read(tmp_path: Path) -> None:
    path = tmp_path / "trees.csv"
    path.write_text(written(","))
    seen: list[int] = []
    table = read_in_child(path, tmp_path / "child.parquet", progress=seen.append)
    assert seen == [3]
    assert [column.type for column in table.columns] == [ColumnType.STRING, ColumnType.INT, ColumnType.FLOAT]
    assert pq.read_table(table.parquet).num_rows == 3


@pytest.mark.slow
def test_the_childs_refusal_arrives_whole(tmp_path: Path) -> None:
    path = tmp_path / "trees.csv"
    path.write_text("a,b\n1,2\n3,4,5\n6,7\n")
    with pytest.raises(UnreadableFile) as refusal:
        read_in_child(path, tmp_path / "child.parquet")
    assert (refusal.value.code, refusal.value.row) == ("ragged-row", 2)


@pytest.mark.slow
def test_a_child_that_needs_too_much_memory_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "wide.parquet"
    # 40,000 equal cells of 100 kB are a few kilobytes in the file and 4 GB in memory.
    pq.write_table(pa.table({"cell": pa.array(["x" * 100_000] * 40_000).dictionary_encode()}), path)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(UnreadableFile) as refusal:
        read_in_child(path, tmp_path / "child.parquet", process_limits=ProcessLimits(memory=400 * 1024**2))
    assert refusal.value.code == "too-large-to-parse"
    assert list(tmp_path.glob("child.parquet*")) == []


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "1,2\n" * 3_000_000)
    with pytest.raises(UnreadableFile) as refusal:
        read_in_child(path, tmp_path / "child.parquet", process_limits=ProcessLimits(wall=1))
    assert refusal.value.code == "took-too-long"
    assert list(tmp_path.glob("child.parquet*")) == []


@pytest.mark.slow
def test_a_caller_that_loses_interest_ends_the_child(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "1,2\n" * 3_000_000)

    def stop(rows: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        read_in_child(path, tmp_path / "child.parquet", progress=stop)
