"""The form of the preview page: what can be corrected, and what a person has corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from datasets.ingestion.receiving.uploads import OnConflict, Wish
from datasets.previews.corrections import Corrections
from datasets.previews.preview import Preview, PreviewedColumn
from datasets.tables.values.column_types import CALLED
from datasets.web.previews.shapes import ENCODINGS, corrections_from
from governance.models import Tag
from governance.tag_schema import AWAITS_OWNER

DELIMITERS = {
    ",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "blank", ":": "colon",
    "^": "caret", "~": "tilde", "#": "hash", "@": "at sign",
}  # fmt: skip
DECIMALS = {".": "point: 1.5", ",": "comma: 1,5"}
DATE_ORDERS = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}
HEADERS = {"0": "none", "1": "one line", "2": "two lines", "3": "three lines"}
ENCODING_NAMES = {
    "utf-8": "Unicode (UTF-8)", "utf-8-sig": "Unicode (UTF-8, marked)", "utf-16": "Unicode (UTF-16)",
    "cp1252": "Western (Windows)", "latin-1": "Western (ISO 8859-1)", "iso8859-15": "Western (ISO 8859-15)",
    "iso8859-2": "Central European (ISO)", "cp1250": "Central European (Windows)",
    "cp1251": "Cyrillic (Windows)", "koi8-r": "Cyrillic (KOI8)", "cp1253": "Greek (Windows)",
    "cp1254": "Turkish (Windows)", "cp437": "DOS (437)", "cp850": "DOS (850)", "mac-roman": "Western (Mac)",
    "cp932": "Japanese (Windows)", "shift_jis": "Japanese (Shift JIS)", "euc-jp": "Japanese (EUC)",
    "gb18030": "Chinese (GB 18030)", "big5": "Chinese (Big5)", "euc-kr": "Korean (EUC)",
}  # fmt: skip
# Form fields for the fields of a dialect.
_TEXTS = ("delimiter", "encoding", "decimal", "date_order", "sheet")
_NUMBERS = ("header_rows", "skip_lines")


@dataclass(frozen=True, slots=True)
class Field:
    """One property of how the file is read. `choices`: pairs of value and label; empty for a number. `found`:
    what was detected. `value`: what a person said instead; "" if nothing.
    """

    name: str
    label: str
    choices: Sequence[tuple[str, str]]
    found: str
    value: str


def reading_fields(seen: Preview | None, said: Corrections) -> list[Field]:
    """The fields for this kind of file. `seen`: None if it could not be read with the corrections."""
    found = seen.look.dialect if seen else said.dialect
    sheets = seen.look.sheets if seen else ()
    wish = said.dialect
    above, named = _shown(found.skip_lines), _shown(found.header_rows)
    fields = []
    if found.format in {None, "csv"}:
        fields += [
            _choice("delimiter", "Separator", DELIMITERS, found.delimiter, wish.delimiter),
            _choice("encoding", "Encoding", _encodings(), found.encoding, wish.encoding),
        ]
    if len(sheets) > 1 or wish.sheet:
        names = {name: name for name in sheets or (wish.sheet or "",)}
        fields.append(_choice("sheet", "Sheet", names, found.sheet, wish.sheet))
    if found.format in {None, "csv", "xlsx"}:
        fields += [
            Field("skip_lines", "Lines above the header", (), above, _shown(wish.skip_lines)),
            _choice("header_rows", "Names of columns stand in", HEADERS, named, _shown(wish.header_rows)),
        ]
    if found.format != "parquet":
        fields += [
            _choice("decimal", "Decimal sign", DECIMALS, found.decimal, wish.decimal),
            _choice("date_order", "Dates in figures", DATE_ORDERS, found.date_order, wish.date_order),
        ]
    return fields


def _encodings() -> dict[str, str]:
    return {name: ENCODING_NAMES.get(name, name.upper()) for name in ENCODINGS}


def _choice(name: str, label: str, labels: Mapping[str, str], found: str | None, value: str | None) -> Field:
    told = labels.get(found, found) if found else ""
    choices = list(labels.items())
    if value and value not in labels:
        choices.append((value, value))
    # Forms do not return a tab as a value.
    return Field(name, label, [(_posted(v), text) for v, text in choices], told, _posted(value or ""))


def _posted(value: str) -> str:
    return "tab" if value == "\t" else value


def _shown(number: int | None) -> str:
    return "" if number is None else str(number)


@dataclass(frozen=True, slots=True)
class ColumnField:
    """A column with its changeable properties. `type`: what a person said; "" if nothing."""

    shown: PreviewedColumn
    name: str
    type: str
    types: Sequence[tuple[str, str]]
    addable: Sequence[str]


def column_fields(seen: Preview) -> list[ColumnField]:
    known = [tag.fqn for tag in Tag.objects.select_related("classification")]
    addable = sorted(set(known) - {AWAITS_OWNER})
    types = [(kind.value, called) for kind, called in CALLED.items()]
    typed = seen.look.dialect.format != "parquet"
    return [
        ColumnField(
            shown=each,
            name=each.column.name,
            type=seen.corrections.dialect.type_of(each.column.own_name) or "",
            types=types if typed else [],
            addable=[fqn for fqn in addable if fqn not in {tag.fqn for tag in each.tags}],
        )
        for each in seen.columns
    ]


# --- What comes back --------------------------------------------------------------------------------------


def corrections_of(form: QueryDict, before: Corrections) -> Corrections:
    """The corrections in a form, on top of earlier ones. Raises ValidationError."""
    told = before.as_json()
    dialect: dict[str, Any] = dict(told.get("dialect", {}))
    for name in (*_TEXTS, *_NUMBERS):
        if name in form:
            dialect.pop(name, None)
            if value := form.get(name, "").strip():
                dialect[name] = "\t" if value == "tab" else value
    names, types = dict(dialect.get("names", {})), dict(dialect.get("types", {}))
    descriptions = dict(told.get("descriptions", {}))
    tags = {header: dict(own) for header, own in told.get("tags", {}).items()}
    for place, header in enumerate(form.getlist("header")):
        _take(names, header, form.get(f"name-{place}", "").strip(), unless=header)
        _take(types, header, form.get(f"type-{place}", ""), unless="")
        description = form.get(f"description-{place}")
        if description is not None and description.strip() != form.get(f"described-{place}", ""):
            descriptions[header] = description.strip()
        tags[header] = _tags_of(form, place, tags.get(header, {}))
    dialect |= {"names": names, "types": types}
    return corrections_from({"dialect": dialect, "descriptions": descriptions, "tags": tags})


def _take(said: dict[str, str], header: str, value: str, unless: str) -> None:
    said.pop(header, None)
    if value and value != unless:
        said[header] = value


def _tags_of(form: QueryDict, place: int, before: Mapping[str, bool]) -> dict[str, bool]:
    """A tag that was shown as set and is not ticked is removed. One that was removed and is ticked is set
    again.
    """
    ticked, had = set(form.getlist(f"tag-{place}")), form.getlist(f"had-{place}")
    said = dict(before)
    for fqn in had:
        if fqn not in ticked:
            if said.get(fqn) is True:
                del said[fqn]  # it was set on this page
            else:
                said[fqn] = False
        elif said.get(fqn) is False:
            del said[fqn]
    if added := form.get(f"add-{place}", ""):
        said[added] = True
    return said


def wish_of(form: QueryDict, before: Wish) -> Wish:
    """What to do with the file. `becomes`: the answer to a name conflict and a dataset's id, joined by a
    colon.
    """
    becomes, _, dataset = form.get("becomes", "").partition(":")
    if not becomes:
        return before
    if becomes not in {"new_version", "append", "new_dataset"}:
        raise ValidationError({"becomes": "Choose what to do with the file."})
    answer: OnConflict = becomes  # type: ignore[assignment]
    try:
        return replace(before, on_conflict=answer, dataset=UUID(dataset) if dataset else None)
    except ValueError:
        raise ValidationError({"becomes": "There is no such dataset."}) from None
