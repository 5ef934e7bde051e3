"""Masked examples: the form of a value, with the first letter at most."""

import re
from collections.abc import Iterable
from itertools import islice

_RUN = re.compile(r"[^\W_]+")
_NOT_STRUCTURE = re.compile(r"[^\s•.,:;/()+#@-]")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+?(\.[A-Za-z]{2,6})$")
_MAX_RUNS = 6


def masked_example(value: str) -> str:
    """ "anna@mail.example.com" -> "a•••@•••.com"; "Anna Berg" -> "A••• •••"; "030 123456" -> "••• •••".

    No digit is kept, runs of letters and digits lose their length, and everything after the sixth run is cut.
    """
    first = value[0] if value and value[0].isalpha() else ""
    email = _EMAIL.match(value)
    if email:
        return f"{first}•••@•••{email[1].lower()}"
    sixth = next(islice(_RUN.finditer(value), _MAX_RUNS - 1, None), None)
    shape = _RUN.sub("•••", value[: sixth.end()] if sixth else value)
    return first + _NOT_STRUCTURE.sub("•", shape)


def masked_examples(values: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """At most `limit` different masked forms of the first values."""
    forms = dict.fromkeys(masked_example(value) for value in islice(values, 50))
    return tuple(forms)[:limit]
