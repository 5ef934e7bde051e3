"""Masked examples show structure only."""

import random

import pytest

from governance.recognisers.masking import masked_example, masked_examples
from tests.governance import tables


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("anna.berg@mail.example.com", "a•••@•••.com"),
        ("Anna Berg", "A••• •••"),
        ("+49 30 123456", "+••• ••• •••"),
        ("7 Long Lane", "••• ••• •••"),
        ("", ""),
    ],
)
def test_forms(value, shown):
    assert masked_example(value) == shown


@pytest.mark.parametrize(
    "make", [tables.card, tables.iban, tables.ssn, tables.ip, tables.phone, tables.street]
)
def test_nothing_but_the_first_letter_is_kept(make):
    for value in tables.many(make, seed=4):
        shown = masked_example(value)
        assert not any(character.isdigit() for character in shown)
        assert sum(map(str.isalpha, shown)) <= 1


def test_values_of_one_form_have_one_mask_whatever_their_length():
    dice = random.Random(2)
    assert masked_examples(tables.digits(dice, dice.randint(3, 12)) for _ in range(40)) == ("•••",)


def test_long_texts_are_cut():
    assert len(masked_example("word " * 500)) < 40
