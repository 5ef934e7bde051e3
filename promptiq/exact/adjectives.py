"""Superlatives and comparatives: which way they go, and headers of what they measure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from promptiq.exact.words import stem


@dataclass(frozen=True, slots=True)
class Adjective:
    """`up`: more of it is a greater number of what `hints` name. `down_hints`: where it is a smaller one."""

    up: bool
    hints: tuple[str, ...] = ()
    down_hints: tuple[str, ...] = ()
    moment: bool = False


def _adjective(up: bool, hints: str = "", opposite: str = "", moment: bool = False) -> Adjective:
    return Adjective(
        up, tuple(stem(w) for w in hints.split()), tuple(stem(w) for w in opposite.split()), moment
    )


_SIZE = "area size population capacity length"
_ADJECTIVES = {
    "high": _adjective(True, "height elevation altitude"),
    "low": _adjective(False, "height elevation altitude"),
    "great": _adjective(True),
    "large": _adjective(True, _SIZE),
    "big": _adjective(True, _SIZE),
    "small": _adjective(False, _SIZE),
    "long": _adjective(True, "length duration distance time reign tenure years term"),
    "short": _adjective(False, "length duration distance time height reign tenure years term"),
    "tall": _adjective(True, "height tall"),
    "deep": _adjective(True, "depth deep"),
    "shallow": _adjective(False, "depth"),
    "wide": _adjective(True, "width"),
    "narrow": _adjective(False, "width"),
    "heavy": _adjective(True, "weight mass"),
    "light": _adjective(False, "weight mass"),
    "fast": _adjective(True, "speed velocity", "time duration"),
    "quick": _adjective(True, "speed velocity", "time duration"),
    "slow": _adjective(False, "speed velocity", "time duration"),
    "far": _adjective(True, "distance"),
    "close": _adjective(False, "distance"),
    "near": _adjective(False, "distance"),
    "old": _adjective(True, "age", "born birth founded built year date established", True),
    "young": _adjective(False, "age", "born birth founded built year date established", True),
    "new": _adjective(True, "", "age", True),
    "recent": _adjective(True, "", "age", True),
    "late": _adjective(True, "", "", True),
    "early": _adjective(False, "", "", True),
    "expensive": _adjective(True, "price cost fee value"),
    "costly": _adjective(True, "price cost fee value"),
    "cheap": _adjective(False, "price cost fee value"),
    "populous": _adjective(True, "population"),
    "populated": _adjective(True, "population"),
    "crowded": _adjective(True, "attendance"),
    "attended": _adjective(True, "attendance"),
    "hot": _adjective(True, "temperature high"),
    "cold": _adjective(False, "temperature low"),
    "strong": _adjective(True, "strength power magnitude"),
    "powerful": _adjective(True, "power"),
    "steep": _adjective(True, "slope gradient"),
    "few": _adjective(False),
    "many": _adjective(True),
    "much": _adjective(True),
    "well": _adjective(True),
}
_IRREGULAR = {
    "best": ("well", 1), "most": ("many", 1), "least": ("few", 1), "top": ("high", 1), "greatest": ("great",
    1), "maximum": ("high", 1), "minimum": ("low", 1), "max": ("high", 1), "min": ("low", 1), "peak":
    ("high", 1), "worst": ("low", 1), "latest": ("late", 1), "newest": ("new", 1), "bottom": ("low", 1),
    "more": ("many", 0), "less": ("few", 0), "fewer": ("few", 0), "better": ("high", 0), "worse": ("low",
    0), "farther": ("far", 0), "further": ("far", 0), "farthest": ("far", 1), "furthest": ("far", 1),
    "bigger": ("big", 0), "biggest": ("big", 1), "hottest": ("hot", 1), "hotter": ("hot", 0), "later":
    ("late", 0), "closest": ("close", 1), "closer": ("close", 0), "elder": ("old", 0), "eldest": ("old", 1),
}  # fmt: skip


def _forms() -> tuple[dict[str, Adjective], dict[str, Adjective]]:
    comparatives, superlatives = {}, {}
    for word, adjective in _ADJECTIVES.items():
        root = word.removesuffix("e")
        root = root[:-1] + "i" if root.endswith("y") else root
        comparatives[root + "er"] = adjective
        superlatives[root + "est"] = adjective
    for word, (base, degree) in _IRREGULAR.items():
        (superlatives if degree else comparatives)[word] = _ADJECTIVES[base]
    return comparatives, superlatives


# By the word as written: "longer", "longest".
COMPARATIVES, SUPERLATIVES = _forms()
# "more or less": either is an answer.
_OPPOSED = "|".join((*sorted(COMPARATIVES), "above", "below", "before", "after"))
EITHER_WAY = rf"\b({_OPPOSED})(?: \S+){{0,2}}? or (?:is |was |a )?({_OPPOSED})\b"
# "most expensive", "least populous": the adjective that follows.
GRADED = {word: _ADJECTIVES[word] for word in _ADJECTIVES if word not in ("many", "much", "few", "well")}


def compared_by(word: str) -> Adjective | None:
    """Of "longer" and of "less expensive"; None where the word compares nothing."""
    more, _, adjective = word.partition(" ")
    if adjective in GRADED:
        graded = GRADED[adjective]
        return graded if more == "more" else replace(graded, up=not graded.up)
    return COMPARATIVES.get(word)
