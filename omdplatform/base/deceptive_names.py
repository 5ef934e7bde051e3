"""Recognises names that would deceive their reader."""

import unicodedata

# Characters that reverse the order of what follows, so that "fdp.csv" reads as "csv.pdf".
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def is_deceptive(name: str) -> bool:
    """Whether it has control characters, or characters that change the reading direction."""
    return any(
        unicodedata.category(sign) == "Cc" or unicodedata.bidirectional(sign) in _TURNING for sign in name
    )
