"""Finds rows of a batch that may not be rows, column by column. The judge then checks each of them.

Everything that datasets.tables.texts.apart would set apart is among them; most of them are rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.tables.texts.layout import Layout

# A part that every name of a total has; see datasets.tables.values.cell_forms.TOTAL.
_TOTALS = (
    "(?i)total|summe|gesamt|suma|somme|totaal|razem|ogółem|celkem|itogo|итого|всего|összesen|yhteensä"
    r"|sammanlagt|i alt|toplam|合计|总计|小计|合計|sum|all |\*"
)
_RULER = b"-=+_*|: "
# First bytes of blanks: those of ASCII, and the UTF-8 first bytes of the others.
_BLANKS = np.zeros(256, bool)
_BLANKS[[*range(33), 0xC2, 0xE1, 0xE2, 0xE3]] = True


class Bytes:
    """A column of strings as bytes, with `lengths` in bytes."""

    def __init__(self, column: pa.StringArray) -> None:
        self.column = column
        _, offsets, data = column.buffers()
        bounds = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
        self._begin, self._end = bounds[:-1], bounds[1:]
        self._data = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
        self._whole = self._data[bounds[0] : bounds[-1]]
        self.lengths = self._end - self._begin

    def first(self) -> np.ndarray:
        """The first byte of each cell; 0 for empty ones."""
        return self._at(self._begin)

    def last(self) -> np.ndarray:
        return self._at(self._end - 1)

    def _at(self, places: np.ndarray) -> np.ndarray:
        if not len(self._data):
            return np.zeros(len(places), np.uint8)
        found: np.ndarray = self._data[np.clip(places, 0, len(self._data) - 1)]
        found[self.lengths == 0] = 0
        return found

    def is_blank(self) -> np.ndarray:
        blank: np.ndarray = self.lengths == 0
        doubtful = np.flatnonzero(_BLANKS[self.first()] & ~blank)
        if len(doubtful):
            cells = pc.utf8_trim_whitespace(self.column.take(pa.array(doubtful)))
            blank[doubtful] = pc.equal(pc.binary_length(cells), 0).to_numpy(zero_copy_only=False)
        return blank

    def has_letters(self) -> bool:
        """Whether each cell has a letter or an asterisk."""
        whole = self._whole
        return bool((whole >= ord("A")).any() or (whole == ord("*")).any())


def suspects(columns: Sequence[Bytes], layout: Layout) -> list[int]:
    """Positions of suspects, in order. `columns`: as many as the table has, or fewer; missing ones are
    blank.
    """
    blanks = [column.is_blank() for column in columns]
    rows = len(blanks[0])
    filled = len(columns) - sum(blank.astype(np.int32) for blank in blanks)
    found = filled == 0
    if layout.width >= 2 and layout.typical >= 2:
        found |= (filled <= 1) | (filled * 2 <= layout.typical)
    found |= _begin_alike(columns[0], layout.comment)
    found |= _rulers(columns)
    found |= _names(columns, layout)
    found |= _totals(columns, blanks, layout, rows)
    return np.flatnonzero(found).tolist()


def _begin_alike(column: Bytes, mark: str) -> np.ndarray:
    first = column.first()
    if not mark:
        return np.zeros(len(first), bool)
    found: np.ndarray = (first == mark.encode()[0]) | (_BLANKS[first] & (column.lengths > 0))
    return found


def _rulers(columns: Sequence[Bytes]) -> np.ndarray:
    """Rows in which every cell is empty or begins and ends with a ruler's sign."""
    signs = np.zeros(256, bool)
    signs[[0, *_RULER]] = True
    drawn = np.ones(len(columns[0].lengths), bool)
    for column in columns:
        drawn &= signs[column.first()] & signs[column.last()]
        if not drawn.any():
            break
    return drawn


def _names(columns: Sequence[Bytes], layout: Layout) -> np.ndarray:
    """Rows that repeat the name of the first named column."""
    place = next((place for place, name in enumerate(layout.names) if name), None)
    if place is None or place >= len(columns):
        return np.zeros(len(columns[0].lengths), bool)
    column, name = columns[place], layout.names[place]
    possible = np.flatnonzero(column.lengths >= len(name.encode()))
    same: np.ndarray = np.zeros(len(column.lengths), bool)
    if len(possible):
        cells = pc.utf8_trim_whitespace(column.column.take(pa.array(possible)))
        same[possible] = pc.equal(cells, name).to_numpy(zero_copy_only=False)
    return same


def _totals(columns: Sequence[Bytes], blanks: Sequence[np.ndarray], layout: Layout, rows: int) -> np.ndarray:
    """Rows with the name of a total that lack what other rows have, or have the name in a column of numbers
    or dates.
    """
    found = np.zeros(rows, bool)
    lacking = np.full(rows, any(place >= len(columns) for place in layout.filled))
    for place in layout.filled:
        if place < len(columns):
            lacking |= blanks[place]
    places = np.flatnonzero(lacking)
    for place, column in enumerate(columns):
        if place in layout.typed and column.has_letters():
            found |= _named_totals(column.column)
        elif place not in layout.typed and len(places):
            found[places] |= _named_totals(column.column.take(pa.array(places)))
    return found


def _named_totals(column: pa.StringArray) -> np.ndarray:
    matched: np.ndarray = pc.match_substring_regex(column, _TOTALS).to_numpy(zero_copy_only=False)
    return matched
