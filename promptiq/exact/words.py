"""Words of a question or a header: in lower case without accents, split, and reduced to a stem."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | dict.fromkeys("’‘`´", "'") | dict.fromkeys("“”", '"'))
# Dates of ISO 8601; numbers with thousands, decimals and a percent sign; words with inner apostrophes
# and full stops (d.c.).
_TOKEN = re.compile(
    r"\d{4}-\d\d-\d\d(?!\d)|\d+:\d\d(?::\d\d)?(?:\.\d+)?|\d+(?:,\d{3})+(?:\.\d+)?%?"
    # A number and its unit are separate: "100k", "30m".
    r"|\d*\.?\d+(?=(?:k|bn|km|cm|mm|m|kg|g|mg|l|ml|ft|lbs?|mph|mw|kw|gb|mb|am|pm|h|min|sec)\b)"
    r"|\d*\.?\d+%?(?:st|nd|rd|th)?(?![a-z\d])|[^\W_]+(?:'[a-z]+)?"
)
_CONTRACTIONS = (
    (r"\b(can)'t\b|\b(ca)n't\b", "can not"),
    (r"n't\b", " not"),
    (r"\b(what|who|where|when|which|how|that|it|there|he|she)'s\b", r"\1 is"),
    (r"\b(they|we|you)'re\b", r"\1 are"),
    (r"'(ve|ll|d)\b", ""),
)


def fold(text: str) -> str:
    """Lower case, without accents, with plain dashes and quotes."""
    plain = unicodedata.normalize("NFKD", text.translate(_DASHES).casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_DASHES)


@dataclass(frozen=True, slots=True)
class Token:
    """`text`: as written, in lower case without accents. `stem`: what is compared."""

    text: str
    stem: str


def tokens(text: str) -> tuple[Token, ...]:
    """Words and numbers in order. An apostrophe-s is not part of a word."""
    plain = fold(text)
    for pattern, replacement in _CONTRACTIONS:
        plain = re.sub(pattern, replacement, plain)
    plain = re.sub(r"(\w)'s?(?=\W|$)", r"\1", plain)
    # Initials are one word: "u.s." is "us".
    plain = re.sub(r"\b(?:[a-z]\.){2,}", lambda found: found[0].replace(".", "") + " ", plain)
    return tuple(Token(word, stem(word)) for word in _TOKEN.findall(plain))


def key(text: str) -> str:
    """A text for comparison: its words' stems, separated by one blank."""
    return " ".join(token.stem for token in tokens(text))


def stem(word: str) -> str:
    """A light English stemmer: removes plural, -ed, -ing and a silent e. Short words stay as they are."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.isalpha():
        return word
    word = _singular(word)
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= 3 and re.search("[aeiouy]", root):
            word = root[:-1] if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "sl" else root
            break
    return word.removesuffix("e") if len(word) > 3 else word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(s|x|z|ch|sh)es$", word):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


_IRREGULAR = {
    "won": "win", "winning": "win", "winner": "winner", "wins": "win", "lost": "los", "loses": "los",
    "lose": "los", "losses": "los", "loss": "los", "ran": "run", "held": "hold", "took": "tak",
    "taken": "tak", "came": "com", "come": "com", "went": "go", "gone": "go", "made": "mak", "wrote": "writ",
    "written": "writ", "sung": "sing", "sang": "sing", "built": "build", "drew": "draw", "drawn": "draw",
    "men": "man", "women": "woman", "people": "person", "persons": "person", "children": "child",
    "cities": "city", "countries": "country", "movies": "film", "movie": "film", "series": "series",
    "scored": "scor", "scores": "scor", "score": "scor", "beat": "defeat", "beaten": "defeat",
    "married": "marry", "paid": "pay", "sold": "sell", "spent": "spend", "found": "find", "left": "leav",
    "began": "begin", "begun": "begin", "started": "start", "flew": "fly", "shown": "show",
    "metres": "metr", "meters": "metr", "meter": "metr", "kilometers": "kilometr", "kilometer": "kilometr",
    "bought": "buy", "ordered": "order", "payed": "pay",
    # Of an order, or third in a race; no place where somebody is.
    "placed": "placed",
    "ids": "id", "takings": "takings", "percentage": "percent", "percentages": "percent", "tv": "television",
}  # fmt: skip
