"""Recognises records that are not rows: totals, lines of text, repeated headers, comments, rulers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from datasets.tables.table import ApartKind
from datasets.tables.texts.layout import Layout, fits, is_ruler
from datasets.tables.values import cell_forms


@dataclass
class Judge:
    """Tells rows from other records. Ask it for each record in order, blank ones included."""

    layout: Layout
    after_blank: bool = False

    def kind(self, record: Sequence[str], *, width: int) -> ApartKind | Literal["blank"] | None:
        """The kind of record; None for a row. `width`: cells before the record was filled up to the table's
        width.
        """
        filled = [place for place, cell in enumerate(record) if cell and not cell.isspace()]
        if not filled or (record[0][:1] in "-=+_*|: " and is_ruler(list(record))):
            self.after_blank = self.after_blank or not filled
            return "blank"
        kind = self._kind(record, filled, width)
        if kind is None:
            self.after_blank = False
        return kind

    def _kind(self, record: Sequence[str], filled: list[int], width: int) -> ApartKind | None:
        layout = self.layout
        comment = layout.comment
        if comment and record[0].lstrip().startswith(comment) and len(record[0].strip()) > len(comment):
            return "comment"
        if len(filled) > 1 and [cell.strip() for cell in record] == layout.names:
            return "header"
        if self._is_total(record, filled):
            return "total"
        return "text" if self._is_text(record, filled, width) else None

    def _is_total(self, record: Sequence[str], filled: list[int]) -> bool:
        """It has the name of a total and lacks what rows have (names of things), or has the name in place of
        a date.
        """
        layout = self.layout
        present = set(filled)
        lacking = [place for place in layout.filled if place not in present]
        # What is named "… total" may be a thing whose number is missing: totals have theirs.
        lacks_name = any(layout.typed.get(place) != "number" for place in lacking)
        for place in filled[:4]:
            is_odd = place in layout.typed and not cell_forms.is_data(record[place])
            if not is_odd and (not lacking or place in layout.typed):
                continue
            named = cell_forms.TOTAL.fullmatch(record[place].strip())
            if not named or (named["group"] and not (is_odd or lacks_name)):
                continue
            # "All subscribers" behind what names a row is a cell like others.
            if not (named["every"] and place != filled[0]):
                return True
        return False

    def _is_text(self, record: Sequence[str], filled: list[int], width: int) -> bool:
        layout = self.layout
        first = record[filled[0]].strip()
        if (
            layout.width < 2
            or layout.typical < 2
            or cell_forms.is_data(first)
            or cell_forms.is_missing(first)
        ):
            return False
        if len(filled) == 1:
            if width == 1:
                return layout.typical > 2 or not first.isalnum()
            return layout.typical > 2 and self._is_line(filled[0])
        sparse = len(filled) * 2 <= layout.typical
        return (
            sparse
            and filled[0] in layout.typed
            and (self.after_blank or not fits(list(record), layout.typed) or filled[0] == 0)
        )

    def _is_line(self, place: int) -> bool:
        return place in self.layout.typed or place in self.layout.empty or self.after_blank
