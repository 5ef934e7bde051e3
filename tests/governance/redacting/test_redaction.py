"""Personal data in single cells: what is masked in place, and what only looks like it."""

from __future__ import annotations

import math
import random
import time
from decimal import Decimal

import pyarrow as pa
import pytest

from governance.policies import effective, mask, mask_for_index
from governance.redacting.redaction import KINDS, MASK, mentions_any, redact, redacted, worth_a_look
from governance.tag_schema import DEFAULT_RULES

PERSONAL = [
    ("anna.berger@post.example", MASK),
    ("write to <Jürgen.Müller@büro.example>, please", f"write to <{MASK}>, please"),
    ("a@post.example,b@post.example", f"{MASK},{MASK}"),
    ("4111111111111111", MASK),
    ("4111 1111 1111 1111", MASK),
    ("card:5555-5555-5555-4444.", f"card:{MASK}."),
    ("paid with 4111-1111-1111-1111 12 items", f"paid with {MASK} 12 items"),
    ("3782 822463 10005", MASK),
    ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", MASK),
    ("credit card no. 30569309025904", f"credit card no. {MASK}"),
    ("ref4111111111111111end", f"ref{MASK}end"),
    ("order paid with card 4111111111111111", f"order paid with card {MASK}"),
    ("DE89 3704 0044 0532 0130 00 and more", f"{MASK} and more"),
    ("iban de89370400440532013000", f"iban {MASK}"),
    ("GB82WEST12345698765432", MASK),
    ("123-45-6789", MASK),
    ("RSSMRA85T10A562S", MASK),
    ("756.9217.0769.85", MASK),
    ("529.982.247-25", MASK),
    ("NINO QQ 12 34 56 C", f"NINO {MASK}"),
    ("her DNI is 12345678Z", f"her DNI is {MASK}"),
    ("call +44 20 7946 0958 now", f"call {MASK} now"),
    ("+49 151 23456789", MASK),
    ("0049 30 901820", MASK),
    ("tel 020 7946 0958", f"tel {MASK}"),
    ("call me on 07700 900123", f"call me on {MASK}"),
    ("203.0.113.77", MASK),
    ("2001:db8::ff00:42:8329", MASK),
    ("4111\u200b1111\u200b1111\u200b1111", MASK),
    ("４１１１１１１１１１１１１１１１", MASK),
    ("anna\u200b.berger@post\u200b.example", MASK),
]
HARMLESS = [
    "978-3-16-148410-0", "9783161484100", "ISBN 9780306406157", "order 4111111111111111",
    "order no. 4000123412341230", "4111 1111 1111 1112", "4006381333931", "GTIN 04012345123456",
    "356938035643809", "2024-05-05 12:30:45", "2024-05-05T12:30:45.123456Z", "20240505123045",
    "1,234,567.89", "12.345.678", "3.14159265358979", "+1,000,000", "1.2.3.4", "v10.20.30.39", "192.168.1.1",
    "12:30:45:67", "550e8400-e29b-41d4-a716-446655440000", "SKU-12345678", "AB-123456-C", "12345678A",
    "ABCDE1234F", "INV-2024-000123", "1Z999AA10123456784", "555-1234", "1700000000000",
    "@home", "user@localhost", "51.5074, -0.1278", "2019-2020", "room number 1234567",
    "tel aviv 12345678", "5105 items in 1051 boxes",
    "a\u200bb ½ of 3 tables",
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), PERSONAL)
def test_what_is_surely_personal_is_masked_in_place(text: str, shown: str) -> None:
    assert redact(text) == shown
    assert redact(shown) == shown
    assert mentions_any(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_of_things_stay_as_they_are(text: str) -> None:
    assert redact(text) == text


def test_of_numbers_by_chance_hardly_any_is_taken_for_a_card() -> None:
    """Sixteen digits: one in four begins as cards do, and one in ten of those has the check digit."""
    chance = random.Random(6)
    taken = {
        length: sum(mentions_any(str(chance.randrange(10 ** (length - 1), 10**length))) for _ in range(1_000))
        for length in range(6, 20)
    }
    assert not sum(count for length, count in taken.items() if length < 14)
    assert taken[16] <= 45
    assert max(count for length, count in taken.items() if length != 16) <= 10


def test_whole_numbers_as_long_as_a_card() -> None:
    card = 4111111111111111
    assert [redacted(value) for value in (card, float(card), Decimal(card))] == [MASK] * 3
    others = [card + 1, float(card + 1), Decimal("4111111111111111.5"), 12, None, True, 1.5, math.inf, 10**40]
    assert [redacted(value) for value in others] == others
    assert math.isnan(redacted(math.nan))


def test_only_the_kinds_that_are_asked_for() -> None:
    text = "anna@post.example 4111 1111 1111 1111"
    assert redact(text, frozenset({"EMAIL"})) == f"{MASK} 4111 1111 1111 1111"
    assert redact(text, frozenset()) == text


@pytest.mark.parametrize(
    ("column", "tags", "cell", "shown"),
    [
        ("remark", [], "ask anna@post.example", f"ask {MASK}"),
        # A shop's address: judged, and open.
        ("contact", ["DataKind.Email"], "ask shop@post.example", "ask shop@post.example"),
        ("contact", ["DataKind.Email"], "+44 20 7946 0958", MASK),
        ("contact", ["PII.None"], "+44 20 7946 0958", "+44 20 7946 0958"),
        # Digits under a header of numbers of things; in groups they are a card's all the same.
        ("order_no", [], "4111111111111111", "4111111111111111"),
        ("isbn", [], "4111111111111111", "4111111111111111"),
        ("order_no", [], "4111 1111 1111 1111", MASK),
        ("reference", [], "4111111111111111", MASK),
    ],
)
def test_what_a_column_was_judged_to_hold_stays_open(
    column: str, tags: list[str], cell: str, shown: str
) -> None:
    access = effective({column: tags}, DEFAULT_RULES)
    assert mask({column: cell}, access, view_pii=False) == {column: shown}
    assert mask({column: cell}, access, view_pii=True) == {column: cell}


def test_the_index_holds_none_of_it_whatever_was_judged() -> None:
    row = {"contact": "shop@post.example", "amount": 3}
    assert mask_for_index(row) == {"contact": MASK, "amount": 3}
    tagged, bare = (effective({"contact": tags}, DEFAULT_RULES) for tags in (["DataKind.Email"], []))
    assert tagged.get("contact").redacted == KINDS - {"EMAIL"}
    assert tagged.fingerprint() == bare.fingerprint()


@pytest.mark.parametrize(
    "text",
    ["a." * 50_000 + "@", "1" * 100_000, "4 " * 20_000, "@" * 100_000, "A1" * 50_000, "AB12" + " 1A" * 30_000,
     "+1 " + "(1) " * 30_000, "1:" * 50_000],
    ids=["address", "digits", "single digits", "at signs", "code", "account", "telephone", "colons"],
)  # fmt: skip
def test_cells_made_to_be_slow_are_not(text: str) -> None:
    started = time.perf_counter()
    redact(text)
    assert time.perf_counter() - started < 5


def test_ordinary_cells_cost_next_to_nothing() -> None:
    cells = [f"oak table {number}, 3 chairs and a lamp, £{number}.50" for number in range(2_000)]
    started = time.perf_counter()
    for cell in cells:
        redact(cell)
    assert (time.perf_counter() - started) / len(cells) < 0.0002  # seconds; measured: 2 µs


def test_texts_that_are_passed_over_are_never_masked() -> None:
    """A fast test for whole columns lets through whatever the slow one would mask."""
    texts = [text for text, _ in PERSONAL]
    assert worth_a_look(pa.array([*texts, "oak table", "", "B-001", None])).to_pylist() == [
        *(True for _ in texts), False, False, False, None,
    ]  # fmt: skip
