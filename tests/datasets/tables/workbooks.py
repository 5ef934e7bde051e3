"""Excel workbooks, written by hand: nothing of ours needs a library that writes them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
# Cell styles by number: general, date, date and time.
_STYLES = (
    f'<styleSheet {_MAIN}><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/>'
    "</cellXfs></styleSheet>"
)
_BEGIN = datetime(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Formula:
    """What a cell computes, and what it came to."""

    text: str
    value: float


def workbook(sheets: dict[str, Sequence[Sequence[Any]]]) -> bytes:
    """Sheets by name; cells are texts, numbers, flags, dates, moments, formulas or None."""
    content = io.BytesIO()
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, sheets, strict=True)
    )
    targets = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    styles = f'<Relationship Id="rIdS" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    whole = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("_rels/.rels", f"<Relationships {_PACKAGE}>{whole}</Relationships>")
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f"<Relationships {_PACKAGE}>{targets}{styles}</Relationships>"
        )
        archive.writestr("xl/styles.xml", _STYLES)
        for number, rows in zip(numbers, sheets.values(), strict=True):
            lines = "".join(_row(at, row) for at, row in enumerate(rows, start=1))
            archive.writestr(
                f"xl/worksheets/sheet{number}.xml",
                f"<worksheet {_MAIN}><sheetData>{lines}</sheetData></worksheet>",
            )
    return content.getvalue()


def _row(at: int, cells: Sequence[Any]) -> str:
    inside = (_cell(f"{chr(65 + place)}{at}", cell) for place, cell in enumerate(cells) if cell is not None)
    return f'<row r="{at}">{"".join(inside)}</row>'


def _cell(place: str, cell: Any) -> str:
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, datetime):
        return f'<c r="{place}" s="2"><v>{(cell - _BEGIN).total_seconds() / 86_400!r}</v></c>'
    if isinstance(cell, date):
        return f'<c r="{place}" s="1"><v>{(cell - _BEGIN.date()).days}</v></c>'
    if isinstance(cell, Formula):
        return f'<c r="{place}"><f>{escape(cell.text)}</f><v>{cell.value!r}</v></c>'
    return f'<c r="{place}"><v>{cell!r}</v></c>'
