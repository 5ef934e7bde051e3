"""What opens an account or a card: user names, passwords, card verification values, PINs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent
from governance.recognisers.contact import header_alone, is_email
from governance.recognisers.masking import masked_examples
from governance.recognisers.people import Shape, shape_of_name
from governance.recognisers.traits import is_date_or_year

_HANDLE = re.compile(r"@?[A-Za-z0-9][\w.\-+]{1,39}")
# Modular crypt formats (bcrypt, argon2, sha-crypt, pbkdf2) and Django's own.
_HASH = re.compile(r"\$(?:2[abxy]|argon2(?:id|i|d)|[156]|pbkdf2[\w-]*)\$\S{20,}|pbkdf2_sha\d+\$\d+\$\S+\$\S+")
_CVV = re.compile(r"\d{3,4}")
_PIN = re.compile(r"\d{4,6}")


class UsernameRecogniser:
    name = "username"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("USERNAME")
        if column.empty:
            return header_alone(column, "USERNAME")
        matched = column.share(_is_handle)
        if header < 0.4 or matched < 0.6:
            return []
        weight = Weight()
        if header >= 0.8:
            weight.speaks(0.6 + 0.3 * matched, "the header names an account and the values are single words")
        elif self._made_up(column) >= 0.3 and column.distinct_share > 0.3:
            weight.speaks(
                0.55, "the header may name an account and many values mix letters, digits and signs"
            )
        if column.share(lambda value: shape_of_name(value) is Shape.FULL) > 0.5:
            weight.opposes(0.6, "the values are names of people")
        if not weight.reasons:
            return []
        return [
            Candidate(
                "USERNAME",
                weight.confidence,
                matched,
                len(column.values),
                header=column.header.term("USERNAME"),
                reasons=tuple(weight.reasons),
                against=tuple(weight.against),
                examples=masked_examples(column.values),
            )
        ]

    def _made_up(self, column: ColumnView) -> float:
        return column.share(
            lambda value: (
                any(map(str.isalpha, value)) and any(sign.isdigit() or sign in "._@" for sign in value)
            )
        )


def _is_handle(value: str) -> bool:
    return bool(_HANDLE.fullmatch(value) and any(map(str.isalpha, value))) or is_email(value)


class PasswordRecogniser:
    name = "password"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("PASSWORD")
        if column.empty:
            return header_alone(column, "PASSWORD")
        hashes = column.share(lambda value: bool(_HASH.fullmatch(value)))
        weight = Weight()
        if hashes >= 0.5:
            weight.speaks(0.95 * hashes, f"{percent(hashes)} of the values are password hashes")
        secrets = column.share(_may_be_a_secret)
        if header >= 0.8 and secrets >= 0.6:
            weight.speaks(0.85, "the header names a secret and the values are single words")
        elif header >= 0.8 and secrets >= 0.3:
            weight.speaks(0.6, "the header names a secret")
        if not weight.reasons:
            return []
        return [
            Candidate(
                "PASSWORD",
                weight.confidence,
                max(hashes, secrets),
                len(column.values),
                header=column.header.term("PASSWORD"),
                reasons=tuple(weight.reasons),
                examples=("•••",),
            )
        ]


def _may_be_a_secret(value: str) -> bool:
    return (
        4 <= len(value) <= 256
        and " " not in value
        and not is_date_or_year(value)
        and value.lower() not in ("true", "false")
    )


class CardCodeRecogniser:
    """Card verification values and PINs: a few digits, so the header must name them."""

    name = "card-code"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        for entity, shape, what in (("CVV", _CVV, "a card verification value"), ("PIN", _PIN, "a PIN")):
            header = column.header.clarity(entity)
            if header < 0.8:
                continue
            if column.empty:
                yield from header_alone(column, entity)
                continue
            matched = _share(column, shape)
            if matched >= 0.7:
                yield Candidate(
                    entity,
                    round(0.6 + 0.3 * matched, 3),
                    matched,
                    len(column.values),
                    header=column.header.term(entity),
                    reasons=(f"the header names {what} and {percent(matched)} of the values fit",),
                    examples=("•••",),
                )


def _share(column: ColumnView, shape: re.Pattern[str]) -> float:
    return column.share(lambda value: bool(shape.fullmatch(value)))
