"""What opens an account: user names and passwords."""

from __future__ import annotations

import re
from collections.abc import Iterable

from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent
from governance.recognisers.contact import is_email
from governance.recognisers.people import Shape, shape_of_name
from governance.recognisers.traits import is_date_or_year

_HANDLE = re.compile(r"@?[A-Za-z0-9][\w.\-+]{1,39}")
# Modular crypt formats (bcrypt, argon2, sha-crypt, pbkdf2) and Django's own.
_HASH = re.compile(r"\$(?:2[abxy]|argon2(?:id|i|d)|[156]|pbkdf2[\w-]*)\$\S{20,}|pbkdf2_sha\d+\$\d+\$\S+\$\S+")


class UsernameRecogniser:
    name = "username"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("USERNAME")
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
        return weight.candidates("USERNAME", column, matched)

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
        hashes = column.share(lambda value: bool(_HASH.fullmatch(value)))
        weight = Weight()
        if hashes >= 0.5:
            weight.speaks(0.95 * hashes, f"{percent(hashes)} of the values are password hashes")
        secrets = column.share(_may_be_a_secret)
        if header >= 0.8 and secrets >= 0.6:
            weight.speaks(0.85, "the header names a secret and the values are single words")
        elif header >= 0.8 and secrets >= 0.3:
            weight.speaks(0.6, "the header names a secret")
        return weight.candidates("PASSWORD", column, max(hashes, secrets), examples=())


def _may_be_a_secret(value: str) -> bool:
    return (
        4 <= len(value) <= 256
        and " " not in value
        and not is_date_or_year(value)
        and value.lower() not in ("true", "false")
    )
