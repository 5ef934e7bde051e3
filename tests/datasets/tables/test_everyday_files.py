"""Files as programs and people write them: what stands around the table, how cells are written."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.tables import reading
from datasets.tables.profiling import profile, sample
from datasets.tables.reading import read, read_beginning
from datasets.tables.table import Dialect, Limits, Table, read_description, visible
from datasets.tables.unreadable import UnreadableFile


def read_text(tmp_path: Path, text: str | bytes, wish: Dialect | None = None, **options: Any) -> Table:
    path = tmp_path / "file"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path, tmp_path / "out.parquet", wish, **options)


def columns(table: Table) -> dict[str, list[Any]]:
    whole = pq.read_table(table.parquet)
    return whole.select(visible(whole.column_names)).to_pydict()


ROWS = "day;oak;elm\n2024-01-01;1,5;a\n2024-01-02;2,25;b\n2024-01-03;3,75;c\n"
WANTED = {"day": [date(2024, 1, n) for n in (1, 2, 3)], "oak": [1.5, 2.25, 3.75], "elm": ["a", "b", "c"]}


@pytest.mark.parametrize(
    "text",
    [
        ROWS,
        "sep=;\n" + ROWS,
        "# made by a logger; with care; 2.1\n# trees; all; 3\n" + ROWS,
        "Trees;;\nof a wood;;\n;;\n" + ROWS,
        '"Account:";"12";\n"Balance:";"1.523,45 EUR";\n\n' + ROWS,
        ROWS.replace("\n", ";\n"),
        ROWS.replace(";elm\n", ";elm\nISO;m;\n"),
        ROWS + ";;\n;;\n",
        ROWS + "Rows: 3\n",
        ROWS + "Total;7,5;\n",
        ROWS.replace(";", " ; "),
        "-----+-----+----\n" + ROWS,
    ],
)
def test_what_stands_around_a_table_is_no_row(tmp_path: Path, text: str) -> None:
    found = columns(read_text(tmp_path, text))
    assert {
        name: [float(c) if isinstance(c, Decimal) else c for c in cells] for name, cells in found.items()
    } == WANTED


def test_years_over_groups_are_part_of_the_names(tmp_path: Path) -> None:
    rows = "".join(f"School {n};East;{n * 7};{n * 5};{n * 3};{n * 2}\n" for n in range(1, 7))
    table = read_text(tmp_path, "School;District;2022;;2023;\n;;Girls;Boys;Girls;Boys\n" + rows)
    assert [column.name for column in table.columns] == [
        "School", "District", "2022 Girls", "2022 Boys", "2023 Girls", "2023 Boys",
    ]  # fmt: skip
    assert table.rows == 6


@pytest.mark.parametrize("title", ["Harvests", "Harvests,", "Harvests\n"])
def test_a_title_of_one_word_over_a_small_table(tmp_path: Path, title: str) -> None:
    found = read_text(tmp_path, f"{title}\nplace,kg\nOakford,12\nHam,7\n")
    assert columns(found) == {"place": ["Oakford", "Ham"], "kg": [12, 7]}


def test_a_first_row_without_its_number_is_a_row(tmp_path: Path) -> None:
    found = read_text(tmp_path, "place,kg\nOakford,\nHam,7\nUpper Ham,9\n")
    assert columns(found) == {"place": ["Oakford", "Ham", "Upper Ham"], "kg": [None, 7, 9]}


def test_a_rare_delimiter_under_a_title(tmp_path: Path) -> None:
    rows = "".join(f"{n:02}:00am - {n + 1:02}:00am@Play, sing@Books\n" for n in range(1, 9))
    table = read_text(tmp_path, "Activity Sheet\nTime@Activity@Supplies\n" + rows)
    assert [column.name for column in table.columns] == ["Time", "Activity", "Supplies"]
    people = "".join(f"a{n}@post.example\n" for n in range(9))
    assert len(read_text(tmp_path, "People\nemail\n" + people).columns) == 1


def test_totals_are_told_and_kept_apart(tmp_path: Path) -> None:
    table = read_text(tmp_path, "place,day,sum\nOslo,2024-01-01,4\nBern,2024-01-02,5\nTotal,,9\n")
    (apart,) = read_description(table.parquet).set_apart
    assert (apart.after, apart.kind, apart.cells) == (2, "total", ("Total", "", "9"))
    assert any("totals" in note for note in table.notes)


@pytest.mark.parametrize(
    ("cells", "kind", "values", "unit"),
    [
        (["1'234.50", "7.00"], "FLOAT", [1234.5, 7], ""),
        (["1 234,50 €", "87,00 €"], "FLOAT", [1234.5, 87], "EUR"),
        (["($1,200.00)", "$75.25"], "FLOAT", [-1200, 75.25], "$"),
        (["345,00-", "1.200,50"], "FLOAT", [-345, 1200.5], ""),
        (["1,20,000.00", "12,500.00"], "FLOAT", [120000, 12500], ""),
        (["5 %", "12,5 %"], "FLOAT", [5, 12.5], "%"),
        (["5 EUR", "6 USD"], "FLOAT", [5, 6], "EUR|USD"),
        (["−1 234,5", "7,5"], "FLOAT", [-1234.5, 7.5], ""),
        (["N/A", "5", "-"], "INT", [None, 5, None], ""),
        (["N/A", "oak", "-"], "STRING", ["N/A", "oak", "-"], ""),
        (['="00123"', '="00456"'], "STRING", ["00123", "00456"], ""),
        (["ja", "nein"], "BOOLEAN", [True, False], ""),
        (["Y", "N"], "BOOLEAN", [True, False], ""),
        (["F", "F"], "STRING", ["F", "F"], ""),
        (["552 100 554", "552 100 555"], "STRING", ["552 100 554", "552 100 555"], ""),
        (["08.12.25", "09.12.25"], "DATE", [date(2025, 12, 8), date(2025, 12, 9)], ""),
        (["1/15/24", "1/5/24"], "DATE", [date(2024, 1, 15), date(2024, 1, 5)], ""),
        (["14 Mar 2024", "3 May 2024"], "DATE", [date(2024, 3, 14), date(2024, 5, 3)], ""),
        (["November 3, 2023", "May 4, 2024"], "DATE", [date(2023, 11, 3), date(2024, 5, 4)], ""),
        (["20240105", "20240230"], "INT", [20240105, 20240230], ""),
        (["20240105", "20240115"], "DATE", [date(2024, 1, 5), date(2024, 1, 15)], ""),
        (["01/14/2020 7:06 AM", "02/28/2020 11:45 PM"], "TIMESTAMP",
         [datetime(2020, 1, 14, 7, 6), datetime(2020, 2, 28, 23, 45)], ""),
    ],
)  # fmt: skip
def test_cells_as_people_write_them(
    tmp_path: Path, cells: list[str], kind: str, values: list[Any], unit: str
) -> None:
    lines = "id\tvalue\n" + "".join(f"r{place}\t{cell}\n" for place, cell in enumerate(cells))
    table = read_text(tmp_path, lines)
    column = table.columns[1]
    assert (column.type.value, column.unit) == (kind, unit)
    assert columns(table)["value"] == values
    if column.written:
        held = pq.read_table(table.parquet)["_written_1"].to_pylist()
        assert [was for was in held if was is not None] == [
            cell for cell, was in zip(cells, held, strict=True) if was is not None
        ]
        assert set(cells) - set(held) <= {str(value) for value in values}


def test_other_columns_tell_what_one_leaves_open(tmp_path: Path) -> None:
    table = read_text(tmp_path, "a;b;c;d\n1,200;0,31;1/5/24;1/15/24\n2,450;0,29;1/6/24;1/16/24\n")
    assert [column.type.value for column in table.columns] == ["FLOAT", "FLOAT", "DATE", "DATE"]
    assert columns(table)["a"] == [Decimal("1.200"), Decimal("2.450")]
    alone = read_text(tmp_path, "a;b\n1,200;1/5/24\n2,450;1/6/24\n")
    assert [column.type.value for column in alone.columns] == ["STRING", "STRING"]
    assert len(alone.notes) == 2
    told = read_text(tmp_path, "a;b\n1,200;1/5/24\n2,450;1/6/24\n", Dialect(decimal=".", date_order="dmy"))
    assert columns(told) == {"a": [1200, 2450], "b": [date(2024, 5, 1), date(2024, 6, 1)]}


def test_a_correction_is_obeyed_and_survives_json(tmp_path: Path) -> None:
    wish = Dialect(
        delimiter=";", skip_lines=1, header_rows=0, names={"column_1": "tree"}, types={"column_2": "STRING"}
    )
    table = read_text(tmp_path, "x;y\n1;2\n3;4\n", Dialect.from_json(wish.as_json()))
    assert columns(table) == {"tree": [1, 3], "column_2": ["2", "4"]}
    assert Dialect.from_json(table.dialect.as_json()) == table.dialect
    assert Dialect.from_json({"format": "csv", "has_header": True}) == Dialect(format="csv")


def test_a_preview_shows_first_rows_typed_and_as_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(ROWS)
    seen = read_beginning(path, tmp_path / "first.parquet", rows=2)
    assert not seen.whole
    assert [column.name for column in seen.table.columns] == ["day", "oak", "elm"]
    assert pq.read_table(seen.table.parquet).to_pylist() == [
        {"_row": 1, "day": date(2024, 1, 1), "oak": Decimal("1.50"), "elm": "a", "_written_1": "1,5"},
        {"_row": 2, "day": date(2024, 1, 2), "oak": Decimal("2.25"), "elm": "b", "_written_1": "2,25"},
    ]
    assert read_beginning(path, tmp_path / "first.parquet").whole


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_the_beginning_of_a_long_text_ends_with_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(("tree,height\n" + "".join(f"Bäume{n},{n}\n" for n in range(200))).encode(encoding))
    for size in (301, 302, 303, 304):
        monkeypatch.setattr(reading, "BEGINNING_BYTES", size)
        seen = read_beginning(path, tmp_path / "first.parquet")
        rows = pq.read_table(seen.table.parquet).to_pylist()
        assert not seen.whole
        assert 10 < len(rows) < 30
        assert [row["tree"] for row in rows] == [f"Bäume{row['height']}" for row in rows]


@pytest.mark.parametrize("line", ['1,"6" pipe, steel",7', '1,"6"" pipe, steel",7', '1, "6"" pipe, steel",7'])
def test_quotes_in_cells(tmp_path: Path, line: str) -> None:
    table = read_text(tmp_path, f"id,what,qty\n{line}\n2,plain,5\n3,tin,6\n")
    assert columns(table)["what"] == ['6" pipe, steel', "plain", "tin"]


def test_a_quote_that_is_never_closed_swallows_nothing(tmp_path: Path) -> None:
    table = read_text(tmp_path, 'id,what,qty\n1,"too small,5\n2,oak,6\n3,elm,7\n')
    assert columns(table)["what"] == ['"too small', "oak", "elm"]
    assert any("quotes" in note for note in table.notes)


def test_packed_files(tmp_path: Path) -> None:
    assert columns(read_text(tmp_path, gzip.compress(ROWS.encode())))["elm"] == ["a", "b", "c"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("trees.csv", ROWS)
    assert columns(read_text(tmp_path, packed.getvalue()))["elm"] == ["a", "b", "c"]
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("more.csv", ROWS)
    with pytest.raises(UnreadableFile, match="2 files"):
        read_text(tmp_path, packed.getvalue())
    with pytest.raises(UnreadableFile, match="come out"):
        read_text(tmp_path, gzip.compress(b"a,b\n" * 40_000), limits=Limits(unpacked_bytes=100_000))
    assert not list(tmp_path.glob("*.unpacked"))


def test_json_lines_keep_every_digit(tmp_path: Path) -> None:
    table = read_text(
        tmp_path, '{"id": 1234567890123456789, "no": "007"}\n{"id": 2, "no": "12", "at": {"x": 1}}\n'
    )
    assert columns(table) == {"id": [1234567890123456789, 2], "no": ["007", "12"], "at": [None, '{"x": "1"}']}
    with pytest.raises(UnreadableFile, match="Line 2"):
        read_text(tmp_path, '{"id": 1}\n[2]\n')


def test_profiles_of_what_is_odd(tmp_path: Path) -> None:
    source = pa.table(
        {"near": [2**60, 2**60 + 1], "nan": [float("nan"), 4.0], "big": pa.array([1, 2], pa.uint64())}
    )
    pq.write_table(source, tmp_path / "file")
    table = read(tmp_path / "file", tmp_path / "out.parquet")
    near, nan, whole = profile(table)
    assert sum(count for _, _, count in near.histogram) == 2
    assert (nan.nulls, nan.mean, whole.type) == (1, 4.0, "INT")
    pq.write_table(source.slice(0, 0), tmp_path / "file")
    empty = read(tmp_path / "file", tmp_path / "out.parquet")
    assert (empty.rows, len(profile(empty)), len(sample(empty))) == (0, 3, 0)


def test_tables_in_random_dialects_come_back(tmp_path: Path) -> None:
    chance = random.Random(16)
    for number in range(60):
        delimiter, decimal = chance.choice([(",", "."), (";", ","), (";", "."), ("\t", ","), ("|", ".")])
        count = chance.randrange(4, 40)
        prices = [Decimal(chance.randrange(100, 10**6)) / 100 for _ in range(count)]
        days = [date(2023, 1, 1) + timedelta(chance.randrange(900)) for _ in range(count)]
        names = [
            chance.choice(["oak, big", "elm; small", 'ash "grey"', "fir | two", "yew\nold"])
            for _ in range(count)
        ]
        lines = [["name", "price", "day", "n"]]
        lines += [
            [name, str(price).replace(".", decimal), day.strftime("%d.%m.%Y"), str(place)]
            for place, (name, price, day) in enumerate(zip(names, prices, days, strict=True))
        ]
        text = chance.choice(["\n", "\r\n"]).join(
            delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines
        )
        encoding = chance.choice(["utf-8", "utf-8-sig", "utf-16"])
        found = columns(read_text(tmp_path, text.encode(encoding)))
        wanted = {"name": names, "price": prices, "day": days, "n": list(range(count))}
        assert found == wanted, number


@pytest.mark.parametrize(
    "text",
    [
        "item,amount\n" + "".join(f"oak table {n},{n}\n" for n in range(1, 21)),
        "first name,last name\n" + "Anna Maria,van Dyck\n" * 5,
        "goods;from to\n" + "oak table;12:30 13:30\n" * 5,
    ],
)
def test_blanks_inside_cells_are_no_delimiters(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stock.csv"
    path.write_text(text)
    table = read(path, tmp_path / "stock.parquet")
    assert len(table.columns) == 2


def test_words_above_numbers_in_one_column_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    path.write_text("goods\nsofa\nfern\n" + "".join(f"{n}\n" for n in range(100)))
    table = read(path, tmp_path / "goods.parquet")
    assert [column.name for column in table.columns] == ["goods"]
    assert table.rows == 102


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("tree,logs\noak,3\nelm,4\nash,5\nTotal,12\n", (3, "Total")),
        ("Baum;Umsatz\nGesamt;6,75\nEiche;1,5\nUlme;2,25\nEsche;3,00\n", (0, "Gesamt")),
        ("tree,share,logs\noak,25%,3\nelm,30%,4\nash,45%,5\nAll trees,100%,12\n", (3, "All trees")),
    ],
)
def test_a_total_that_lacks_nothing_is_told_by_its_sums(
    tmp_path: Path, text: str, total: tuple[int, str]
) -> None:
    table = read_text(tmp_path, text)
    assert table.rows == 3
    (apart,) = read_description(table.parquet).set_apart
    assert (apart.after, apart.kind, apart.cells[0]) == (total[0], "total", total[1])
    assert sum("total" in note for note in table.notes) == 1


def test_what_is_called_total_and_does_not_add_up_is_a_row(tmp_path: Path) -> None:
    """A firm of that name, among others."""
    table = read_text(tmp_path, "station,litres\nShell,3\nEsso,4\nTotal,5\n")
    assert columns(table) == {"station": ["Shell", "Esso", "Total"], "litres": [3, 4, 5]}


def test_totals_of_groups_over_several_columns(tmp_path: Path) -> None:
    rows = "A,x,10\nA,y,20\nA Total,,30\nB,x,5\nB,z,6\nB Total,,11\nGrand Total,,41\n"
    table = read_text(tmp_path, "dept,team,cost\n" + rows)
    assert columns(table)["cost"] == [10, 20, 5, 6]
    assert [apart.after for apart in read_description(table.parquet).set_apart] == [2, 4, 4]


def test_a_thing_named_total_without_its_number_is_a_row(tmp_path: Path) -> None:
    rows = "".join(f"{n},vitamin {n},{n}.5\n" for n in range(30))
    table = read_text(tmp_path, f"no,what,price\n{rows}30,vitamin B total,\n")
    assert table.rows == 31


def test_rows_whose_numbers_count_are_no_headers(tmp_path: Path) -> None:
    table = read_text(tmp_path, "a,b,c,d\n1,2,3,4\n5,6,7\n8,9,10,11\n12,13,14,15\n16,17\n")
    assert columns(table)["a"] == [1, 5, 8, 12, 16]
    assert any("2 short rows" in note for note in table.notes)


def test_dates_over_groups_go_into_the_names(tmp_path: Path) -> None:
    rows = "".join(f"0{n};{n * 7};{n * 9};{n * 3};{n * 5}\n" for n in range(1, 9))
    text = "County;31.12.2023;;31.12.2024;\n;men;women;men;women\n" + rows
    names = [column.name for column in read_text(tmp_path, text).columns]
    assert names == ["County", "31.12.2023 men", "31.12.2023 women", "31.12.2024 men", "31.12.2024 women"]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp932", ["振込　山田太郎", "電気料金", "カード", "給与", "①コンビニ"]),
        ("gb18030", ["工资", "网上购物", "转账支出", "水电费", "交易日期"]),
        ("big5", ["薪資", "網路購物", "轉帳支出", "水電費", "交易"]),
        ("euc_kr", ["급여", "온라인 쇼핑", "이체", "전기요금", "거래일"]),
        ("cp1251", ["Зарплата", "Москва", "Перевод", "оплата", "Дата"]),
        ("mac-roman", ["Libellé", "Crédit à vue", "Gehälter", "Español", "ça où"]),
        ("cp1250", ["Łódź", "Gdańsk", "Żyła", "przelew – opłata", "święto"]),
        ("cp1252", ["Müller", "Éric", "señor", "naïve – or not", "Größe"]),
    ],
)
def test_encodings_of_old(tmp_path: Path, encoding: str, words: list[str]) -> None:
    text = "no,what,size\r\n" + "".join(f"{n},{words[n % 5]},{n}.5\r\n" for n in range(20))
    assert columns(read_text(tmp_path, text.encode(encoding)))["what"][:5] == words


def test_dates_with_blanks_behind_their_dots(tmp_path: Path) -> None:
    table = read_text(tmp_path, "no;day\n1;3. 3. 2024\n2;15. 12. 2024\n")
    assert columns(table)["day"] == [date(2024, 3, 3), date(2024, 12, 15)]


def test_columns_kept_apart_by_blanks_are_told_of(tmp_path: Path) -> None:
    table = read_text(tmp_path, "run  temp  volt\n1    20.5  3\n2    21.5  4\n3    22.0  5\n")
    assert any("kept apart by blanks" in note for note in table.notes)


def test_lines_in_quoted_cells_between_tabs(tmp_path: Path) -> None:
    text = (
        'sep=\t\nno\twhat\tday\n1\t"new\nline"\t2024-05-25\n2\t"old\nline"\t2001-01-04\n3\tx\t2011-06-06\n\n'
    )
    assert columns(read_text(tmp_path, text))["what"] == ["new\nline", "old\nline", "x"]


def test_raised_figures_are_no_whole_numbers(tmp_path: Path) -> None:
    table = read_text(tmp_path, "a,b,c\n1,2,13³\n2,3,4\n3,5,9\n4,4,8\n")
    assert table.rows == 4


def test_a_beginning_says_that_its_first_row_may_be_the_total(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("region,litres\nTotal,45\n" + "".join(f"R{n},{n}\n" for n in range(10)))
    seen = read_beginning(path, tmp_path / "first.parquet", rows=5)
    assert (seen.whole, seen.table.rows) == (False, 5)
    assert any("called a total" in note for note in seen.table.notes)
    whole = read_beginning(path, tmp_path / "first.parquet")
    assert (whole.whole, whole.table.rows) == (True, 10)
    assert not any("called a total" in note for note in whole.table.notes)
    path.write_text("region,litres\nTotal,4\n" + "".join(f"R{n},{n}\n" for n in range(10)))
    seen = read_beginning(path, tmp_path / "first.parquet", rows=5)
    assert not any("called a total" in note for note in seen.table.notes)


def test_notes_count_in_plain_english(tmp_path: Path) -> None:
    rows = "".join(f"{2000 + n};R{n};{n + 1},5\n" for n in range(9))
    table = read_text(tmp_path, f"Harvests;;\nyear;field;tons\n{rows}2010;R9;n/a\nTotal;;49,5\n")
    assert table.notes == (
        "1 line before the header was passed over.",
        "1 row of totals was set apart, so that sums do not count twice: after row 10.",
        "1 cell of column tons says that there is no value.",
    )
