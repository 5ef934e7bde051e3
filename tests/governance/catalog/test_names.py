"""Names that the catalog takes: valid, stable, and told apart."""

from __future__ import annotations

import re

import pytest

from governance.catalog.names import MAX_LENGTH, catalog_name, catalog_names, qualified

# What a server accepts as a table's or column's name.
VALID = re.compile(r"(?:(?!::)[^\"\x00-\x1f])+")

ODD = [
    "", "   ", "\t\n", "a::b", ":::::", 'said "so"', "it's", "<script>", "`x`", "nul\x00l", "bell\x07",
    "x" * 129, "x" * 5000, "::" * 200, "a" * 127 + "::b", "two\nlines", "dot.ted.csv", "Ünïcødé – naïve",
    "日本語の列", "🙂" * 65, "🙂" * 200, "a" + "🙂" * 80,
]  # fmt: skip


def is_valid(name: str) -> bool:
    """Servers are written in Java, whose strings are measured in units of UTF-16."""
    return VALID.fullmatch(name) is not None and len(name.encode("utf-16-le")) // 2 <= 128


@pytest.mark.parametrize("text", ODD)
def test_every_text_becomes_a_valid_name(text: str) -> None:
    assert is_valid(catalog_name(text))


@pytest.mark.parametrize("text", ODD)
def test_a_name_stays_when_it_is_made_again(text: str) -> None:
    assert catalog_name(catalog_name(text)) == catalog_name(text)


@pytest.mark.parametrize("text", ["email", "joined at", "sales.2026.csv", "a:b", "Straße", "x" * MAX_LENGTH])
def test_a_valid_name_is_not_touched(text: str) -> None:
    assert catalog_name(text) == text


def test_what_is_not_allowed_is_replaced() -> None:
    assert catalog_name("a::b") == "a:b"
    assert catalog_name('5" pipe') == "5_ pipe"
    assert catalog_name("  first \n name ") == "first name"
    assert catalog_name(" ") == "unnamed"


def test_long_names_that_begin_alike_stay_apart() -> None:
    one, other = catalog_name("x" * 200 + "1"), catalog_name("x" * 200 + "2")
    assert one != other
    assert len(one) == len(other) == MAX_LENGTH


def test_columns_of_one_table_are_told_apart_whatever_their_case() -> None:
    assert catalog_names(["id", "ID", "id", "", " ", "a::b", "a:b"]) == [
        "id", "ID_2", "id_3", "unnamed", "unnamed_2", "a:b", "a:b_2",
    ]  # fmt: skip


def test_a_number_that_is_taken_is_not_given_again() -> None:
    assert catalog_names(["a", "a_2", "a"]) == ["a", "a_2", "a_3"]


@pytest.mark.parametrize("text", ["y" * MAX_LENGTH, "🙂" * 64])
def test_long_columns_that_are_alike_stay_valid(text: str) -> None:
    names = catalog_names([text] * 12)
    assert len({name.casefold() for name in names}) == 12
    assert all(is_valid(name) for name in names)


def test_parts_with_dots_are_quoted() -> None:
    assert qualified("omd", "lake", "owner-1", "sales.2026.csv") == 'omd.lake.owner-1."sales.2026.csv"'
