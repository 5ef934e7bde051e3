"""Names that people give: what in them would deceive whoever reads them."""

import unicodedata

# Signs that turn the order of what follows around, so that "fdp.csv" reads as "csv.pdf".
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def is_deceptive(name: str) -> bool:
    """Whether it holds control characters, or signs that change the direction of reading."""
    return any(
        unicodedata.category(sign) == "Cc" or unicodedata.bidirectional(sign) in _TURNING for sign in name
    )
