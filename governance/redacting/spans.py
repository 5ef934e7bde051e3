"""Finds personal data inside a text, if its own form makes it certain."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from governance.recognisers.header_reading import read_header
from governance.recognisers.kinds.contact import is_dialled_somewhere, is_ip_address, looks_like_phone
from governance.recognisers.kinds.identifiers import is_iban, is_ssn
from governance.recognisers.kinds.national_ids import NATIONAL_NUMBERS
from governance.recognisers.vocabulary import CLEAR
from governance.redacting.personal_kinds import CARD_IN_GROUPS

Span = tuple[int, int]

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_NO_LOCAL_PART = re.compile(r"[\s@<>()\[\],;:\"]")
_AS_LONG_AS_A_CARD = re.compile(r"(?:\d[ .\-]?){13}\d")
_GROUP, _SEPARATOR = re.compile(r"\d+"), re.compile(r"[ .\-]")
_DIGITS = re.compile(r"(?<!\d)(?<!\d[.,])\d+(?:[ .\-]\d+)*(?!\d)")
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ .\-]?[A-Z0-9]){11,30}", re.IGNORECASE)
_SSN = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")
_PHONE = re.compile(r"(?<![\w+])(?:\+|00)[\d(][\d ().\-/–]{6,22}\d")
_SPOKEN_PHONE = re.compile(r"(?<![\w.+-])\(?\d[\d ().\-/–]{5,20}\d(?![\w-])")
_IP = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)|(?<![\w:])[0-9a-f]{1,4}(?::{1,2}[0-9a-f]{1,4}){3,7}(?![\w:])",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(
    r"(?<![\w.-])(?=[A-Z]{0,5}[ .\-/]?\d)[A-Z0-9](?:[ .\-/]?[A-Z0-9]){5,18}(?![\w-])", re.IGNORECASE
)
_LETTERS = re.compile(r"[A-Z]+[ .\-/]", re.IGNORECASE)
_BEFORE = re.compile(r"[^\W\d_]+")
_WORDS_BEFORE = 3
_CHARACTERS_BEFORE = 40

# Card issuers by first digits and length (ISO/IEC 7812; ranges as the issuers publish them).
_CARD = re.compile(
    r"4\d{15}|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|(?:6011|65\d{2}|64[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]\d|[68]\d\d)\d{10}"
    r"|62\d{14,17}|(?:5018|5020|5038|6304|6759|676[1-3])\d{12}"
)
# National numbers whose form and check digits let fewer than 1 in 500 other numbers through.
_STRONG = frozenset(
    (
        "it.codicefiscale", "mx.curp", "cn.ric", "fi.hetu", "ch.ssn", "kr.rrn", "br.cpf", "se.personnummer",
        "th.pin", "be.nn",
    )
)  # fmt: skip
# What may stand between a kind's name and its number: "card no. 4111…", "call me on 020…".
_BETWEEN = frozenset(
    (
        "no", "number", "numbers", "nr", "num", "nummer", "numero", "is", "was", "are", "s", "of", "the",
        "my", "me", "us", "him", "her", "on", "at", "with", "a",
    )
)  # fmt: skip
_CALLING = frozenset(
    ("call", "ring", "dial", "text", "fax", "mobile", "cell", "reach", "phoned", "called")
)  # fmt: skip
_PRIVATE = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "0.0.0.0/8"))
)


def spans_of(text: str, kinds: frozenset[str]) -> Iterator[Span]:
    """Where these kinds are mentioned, in no order. Two mentions may overlap."""
    if "EMAIL" in kinds and "@" in text:
        yield from _emails(text)
    if {"CREDIT_CARD", CARD_IN_GROUPS} & kinds:
        yield from _cards(text, kinds)
    if "IBAN" in kinds:
        yield from _ibans(text)
    if "US_SSN" in kinds:
        yield from _ssns(text)
    if "PHONE" in kinds:
        yield from _phones(text)
    if "NATIONAL_ID" in kinds:
        yield from _national_ids(text)
    if "IP_ADDRESS" in kinds:
        yield from _addresses(text)


def _emails(text: str) -> Iterator[Span]:
    for found in _EMAIL.finditer(text):
        start = found.start()
        while start and not _NO_LOCAL_PART.match(text[start - 1]):
            start -= 1
        yield start, found.end()


# --- payment cards


def _cards(text: str, kinds: frozenset[str]) -> Iterator[Span]:
    if not _AS_LONG_AS_A_CARD.search(text):
        return
    for run in _DIGITS.finditer(text):
        groups = [
            (run.start() + group.start(), run.start() + group.end()) for group in _GROUP.finditer(run[0])
        ]
        taken = 0
        for first, (start, _) in enumerate(groups):
            if first < taken or text[start] not in "23456":
                continue
            for last in _last_groups(groups, first):
                end = groups[last][1]
                if not _is_card(_SEPARATOR.sub("", text[start:end])):
                    continue
                wanted = CARD_IN_GROUPS in kinds if last > first else _is_bare_card(text, start, end, kinds)
                if wanted:
                    yield start, end
                taken = last + 1
                break


def _last_groups(groups: Sequence[Span], first: int) -> Iterator[int]:
    """Where a card number that begins with this group may end, longest first. Cards are written in one group,
    in equal groups (the last may be shorter), or as 4-6-5.
    """
    size = groups[first][1] - groups[first][0]
    if size >= 14:
        yield first
        return
    if size > 4:
        return
    sizes = [end - start for start, end in groups[first : first + 19]]
    if sizes[:2] == [4, 6]:
        yield from (first + 2,) if sizes[2:3] in ([5], [4]) else ()
        return
    alike = next((place for place, other in enumerate(sizes) if other != size), len(sizes))
    if alike < len(sizes) and sizes[alike] < size:
        alike += 1
    for count in range(alike, 1, -1):
        if 14 <= sum(sizes[:count]) <= 19:
            yield first + count - 1


def _is_card(digits: str) -> bool:
    return bool(_CARD.fullmatch(digits)) and luhn.is_valid(digits)


def _is_bare_card(text: str, start: int, end: int, kinds: frozenset[str]) -> bool:
    """Digits without groups that are not part of a code, and that the words before do not name otherwise."""
    if "CREDIT_CARD" in _said_before(text, start):
        return True
    if "CREDIT_CARD" not in kinds and text[:start].strip() == text[end:].strip() == "":
        return False
    before = re.search(r"\w*$", text[:start])
    after = re.match(r"\w*", text[end:])
    glued = (before[0] if before else "") + (after[0] if after else "")
    if any(map(str.isdigit, glued)) or re.search(r"\d[.,-]$", text[:start]) or 0 < len(glued) < 2:
        return False
    # Fourteen digits are a trade item's number more often than a card's.
    return end - start > 14 and not read_header(_words_before(text, start, 2)).numbers_things


# --- accounts, identity, telephones


def _ibans(text: str) -> Iterator[Span]:
    for found in _IBAN.finditer(text):
        for length in range(len(found[0]), 14, -1):
            compact = _SEPARATOR.sub("", found[0][:length])
            if (
                len(compact) >= 15
                and found[0][length - 1].isalnum()
                and mod_97_10.is_valid(compact[4:] + compact[:4])
                and is_iban(compact)
            ):
                yield found.start(), found.start() + length
                break


def _ssns(text: str) -> Iterator[Span]:
    for found in _SSN.finditer(text):
        # 9xx-[5-9]x: taxpayers without a social security number.
        if is_ssn(found[0]) or re.match(r"9\d\d-[5-9]", found[0]):
            yield found.span()


def _national_ids(text: str) -> Iterator[Span]:
    shape, checks = _strong_numbers()
    for found in shape.finditer(text):
        if any(is_valid(found[0]) for is_valid in checks):
            yield found.span()
    for found in _DOCUMENT.finditer(text):
        if sum(map(str.isdigit, found[0])) < 5:
            continue
        # "QQ 12 34 56 C" begins with letters of its own, "DNI 12345678Z" with its name.
        letters = _LETTERS.match(found[0])
        for start in dict.fromkeys((found.start() + (letters.end() if letters else 0), found.start())):
            if {"NATIONAL_ID", "US_SSN"} & _said_before(text, start):
                yield start, found.end()
                break


@cache
def _strong_numbers() -> tuple[re.Pattern[str], tuple[Callable[[str], bool], ...]]:
    """One expression for all their forms, and the check of each."""
    strong = [number for number in NATIONAL_NUMBERS if number.module in _STRONG and number.telling]
    forms = "|".join(number.shape.pattern for number in strong)
    shape = re.compile(rf"(?<![\w.-])(?:{forms})(?![\w-])", re.IGNORECASE)
    return shape, tuple(number.is_valid() for number in strong)


def _phones(text: str) -> Iterator[Span]:
    for found in _PHONE.finditer(text):
        yield from _longest_phone(found, "+" + found[0].removeprefix("+").removeprefix("00"))
    for found in _SPOKEN_PHONE.finditer(text):
        if "PHONE" in _said_before(text, found.start()):
            yield from _longest_phone(found, found[0])


def _longest_phone(found: re.Match[str], number: str) -> Iterator[Span]:
    """The longest part from the beginning that is a telephone number. What follows may be another one."""
    cut = len(found[0]) - len(number)
    ends = [group.end() for group in re.finditer(r"\d+", number)]
    for end in reversed(ends):
        if _is_phone(number[:end]):
            yield found.start(), found.start() + end + cut
            return


def _is_phone(number: str) -> bool:
    import phonenumbers

    if not looks_like_phone(number):
        return False
    if is_dialled_somewhere(number):
        return True
    if not number.startswith("+") or number[1:].isdigit():
        return False
    # Number ranges that countries keep for other uses, written like telephone numbers.
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return False


def _addresses(text: str) -> Iterator[Span]:
    for found in _IP.finditer(text):
        if not is_ip_address(found[0]):
            continue
        address = ipaddress.ip_address(found[0])
        if address.version == 4:
            # Only parts below 40 look like a version number. Private network addresses name no person.
            small = all(int(part) < 40 for part in found[0].split("."))
            if small or any(address in network for network in _PRIVATE):
                continue
        yield found.span()


# --- what stands before a number


def _words_before(text: str, start: int, count: int) -> str:
    """The last words before a position: "card no." of "paid by card no. 4111…"."""
    words = _BEFORE.findall(text[max(0, start - _CHARACTERS_BEFORE) : start])
    return " ".join(words[-count:])


def _said_before(text: str, start: int) -> set[str]:
    """The kinds of data that the words right before a number name clearly."""
    before = _words_before(text, start, _WORDS_BEFORE + 2).casefold().split()
    kinds: set[str] = set()
    for last in range(len(before), 0, -1):
        for first in range(max(0, last - _WORDS_BEFORE), last):
            kinds.update(CLEAR.get("".join(before[first:last]), ()))
        if before[last - 1] in _CALLING:
            kinds.add("PHONE")
        if before[last - 1] not in _BETWEEN:
            break
    return kinds
