"""The form of a single cell, before its column is known, and words with a fixed meaning."""

from __future__ import annotations

import re

# Currency signs and codes (ISO 4217, and common spellings), mapped to the code, or to the sign if several
# currencies share it.
CURRENCIES = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "$": "$", "us$": "USD", "usd": "USD", "£": "GBP", "gbp": "GBP",
    "¥": "¥", "cny": "CNY", "rmb": "CNY", "元": "CNY", "jpy": "JPY", "円": "JPY", "chf": "CHF",
    "fr": "CHF", "fr.": "CHF", "sfr.": "CHF", "₹": "INR", "inr": "INR", "rs": "Rs", "rs.": "Rs", "r$": "BRL",
    "brl": "BRL",
    "zł": "PLN", "pln": "PLN", "kr": "kr", "kr.": "kr", "sek": "SEK", "nok": "NOK", "dkk": "DKK",
    "isk": "ISK", "₽": "RUB", "руб": "RUB", "руб.": "RUB", "rub": "RUB", "₴": "UAH", "uah": "UAH",
    "₺": "TRY", "tl": "TRY", "try": "TRY", "₩": "KRW", "krw": "KRW", "kč": "CZK", "czk": "CZK", "ft": "HUF",
    "huf": "HUF", "lei": "RON", "ron": "RON", "лв": "BGN", "лв.": "BGN", "bgn": "BGN", "a$": "AUD",
    "aud": "AUD", "c$": "CAD", "ca$": "CAD", "cad": "CAD", "nzd": "NZD", "nz$": "NZD", "hk$": "HKD",
    "hkd": "HKD", "s$": "SGD", "sgd": "SGD", "nt$": "TWD", "twd": "TWD", "mxn": "MXN", "mx$": "MXN",
    "clp": "CLP", "cop": "COP", "ars": "ARS", "pen": "PEN", "s/": "PEN", "zar": "ZAR", "₦": "NGN",
    "ngn": "NGN", "kes": "KES", "egp": "EGP", "₪": "ILS", "ils": "ILS", "aed": "AED", "sar": "SAR",
    "฿": "THB", "thb": "THB", "₫": "VND", "vnd": "VND", "rp": "IDR", "idr": "IDR", "myr": "MYR",
    "rm": "MYR", "₱": "PHP", "php": "PHP", "pkr": "PKR", "bdt": "BDT", "₿": "BTC", "btc": "BTC",
}  # fmt: skip

# Words for a missing value, in lower case.
_MISSING_WORDS = r"""
n/a na n.a. n.a n/d nd n.d. s/d k.a. k.a n.b. n.v. null none nil nan \n #n/a #na #div/0! #value! #ref! #name?
#num! #null! #error! - -- --- ---- – — − . .. ... … ? ?? : * ** x / // missing unknown unbekannt undefined
(null) <null> [null] <na> (blank) (leer) inf -inf +inf infinity -infinity overflow
"""
MISSING = frozenset(_MISSING_WORDS.split()) | {
    "not available", "not applicable", "not done", "not determined", "not reported", "no data",
    "keine angabe", "nicht verfügbar", "nicht bestimmt", "k. a.", "n. a.", "n. b.", "нет данных",
    "0000-00-00", "0000-00-00 00:00:00",
}  # fmt: skip

# Words for true and false, in pairs. A column is boolean if all its cells are of one pair.
FLAGS = (
    ("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("ja", "nein"), ("j", "n"), ("oui", "non"),
    ("o", "n"), ("sí", "no"), ("si", "no"), ("s", "n"), ("sim", "não"), ("sim", "nao"), ("sì", "no"),
    ("ja", "nej"), ("ja", "nee"), ("ja", "nei"), ("tak", "nie"), ("ano", "ne"), ("да", "нет"), ("是", "否"),
    ("wahr", "falsch"), ("vrai", "faux"), ("verdadero", "falso"), ("on", "off"),
)  # fmt: skip

# Names of rows with totals.
TOTAL = re.compile(
    r"\W*(?:grand |sub[- ]?|running )?(?:total\w{0,3}|summe|zwischensumme|gesamt\w*|insgesamt|suma|sumas"
    r"|somme|totaal|totale|razem|ogółem|celkem|itogo|итого|всего|összesen|yhteensä|sammanlagt|i alt|toplam"
    r"|合计|总计|小计|合計|sum|(?P<every>all \w+))\b(?P<more>.*)|\*{1,3}"
    # The name of a group before it, as pivot tables have it.
    r"|(?P<group>[^\n]{1,60})[ :](?:sub)?(?:total|summe|gesamt|totaal|totale|razem|celkem|итого|всего)",
    re.IGNORECASE | re.DOTALL,
)

MINUS, SPACES = "−–", "\u00a0\u202f\u2009\u2007"
_PLAIN = str.maketrans({**dict.fromkeys(MINUS, "-"), **dict.fromkeys(SPACES, " "), "’": "'", "´": "'"})

_NUMBER = re.compile(r"[-+(]{0,2}\.?\d[\d.,' ]*([eE][-+]?\d{1,3})?[-)]?")
_AFFIX = re.compile(
    r"^([-+(]*)\s*([^\d\s.,'()+-]{1,4}\.?)\s*(?=[-+(.\d])|(?<=[\d.)-])\s*([^\d\s.,'()+-]{1,4}\.?)(\)?)$"
)
_MONTH = r"[^\W\d_]{3,9}\.?"
_MOMENT = re.compile(
    rf"(\w{{3}},?\s)?(\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}"
    rf"|\d{{1,2}}[-/. ]{{1,2}}{_MONTH}[-/. ]{{1,2}}\d{{2,4}}|{_MONTH}[- ]\d{{1,2}}(,\s?|[- ])\d{{2,4}})"
    r"([T ,]\s?\d{1,2}:\d{2}.*)?"
    r"|[-+]?\d{1,3}:\d{2}(:\d{2})?([.,]\d+)?\s?([aApP]\.?([mM]\.?)?)?"
    r"|-?P(\d+D)?T(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?|(\d+ ?(d|h|hrs?|m|mins?|s|secs?)\.?[ ,]*){2,4}"
)


def with_plain_signs(text: str) -> str:
    """With minus signs, blanks and apostrophes of all kinds replaced by the plain ones."""
    return text.translate(_PLAIN)


def without_unit(text: str) -> tuple[str, str]:
    """A number's text without its currency or percent sign, and that sign: ("", code or "%")."""
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return text, ""
    found = _AFFIX.search(text)
    if found is None:
        return text, ""
    word = (found[2] or found[3]).lower()
    unit = "%" if word == "%" else CURRENCIES.get(word, "")
    return (
        (text[: found.start()] + (found[1] or "") + text[found.end() :] + (found[4] or "")) if unit else text
    ), unit


def is_number(text: str) -> bool:
    """Whether it is a number in any notation."""
    if text.isascii() and text.isdigit():
        return True
    body, _ = without_unit(with_plain_signs(text.strip()))
    return bool(_NUMBER.fullmatch(body.strip().rstrip(" ")))


def is_moment(text: str) -> bool:
    """Whether it is a date, a time or both, in any notation."""
    return bool(_MOMENT.fullmatch(text.strip()))


def is_missing(text: str) -> bool:
    """Whether it is empty or a word for "missing"."""
    plain_text = text.strip()
    return not plain_text or plain_text.casefold() in MISSING


def is_data(text: str) -> bool:
    """Whether it is a number, date or time, and so hardly a column name."""
    return is_number(text) or is_moment(text)


def kind(text: str) -> str:
    """ "number", "moment" (a date, a time or both), "missing", or "text" for everything else."""
    plain_text = unguarded(text.strip())
    if is_missing(plain_text):
        return "missing"
    if is_moment(plain_text):
        return "moment"
    return "number" if is_number(plain_text) else "text"


def unguarded(text: str) -> str:
    """The text without a spreadsheet's guard, which keeps text from becoming a number: ="00123", '00123."""
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        return text[2:-1]
    return text[1:] if text.startswith("'") and text[1:2].isdigit() else text
