"""Finds where a table begins in a sheet or a text, and which records name its columns.

Rows have numbers or dates in the columns where most cells are; what stands above has not. A table of texts
alone begins with the first record of its width.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from datasets.tables.table import Dialect
from datasets.tables.texts.dialects import width_of
from datasets.tables.texts.header_shapes import is_row_of_values
from datasets.tables.values import cell_forms

Record = list[str]
COMMENTS = ("#", "//", "%")
# Records that together may name the columns, or stand between names and rows.
MOST_HEADERS = 5
# Share of cells that makes a column one of numbers or dates; and share of rows that makes it a filled one.
MOSTLY, USUALLY = 0.8, 0.9
_RULER = re.compile(r"[-=+_*|: ]*(--|==|__|\*\*)[-=+_*|: ]*")
_YEAR = re.compile(r"(1[89]|2[01])\d\d")


@dataclass(frozen=True, slots=True)
class Layout:
    """`typed`: "number" or "moment" by position. `filled`: positions of columns that are almost always
    filled; `empty`: that are mostly empty. `typical`: filled cells of a usual row.
    """

    width: int
    names: list[str]
    skip_lines: int
    header_rows: int
    skip_after: int
    comment: str = ""
    typed: Mapping[int, str] = field(default_factory=dict)
    filled: frozenset[int] = frozenset()
    empty: frozenset[int] = frozenset()
    typical: int = 1
    notes: tuple[str, ...] = field(default=())


def layout_of(records: Sequence[Record], wish: Dialect) -> Layout:
    """`records`: the first of the file, blank ones included. What the request says about header and rows is
    followed.
    """
    comment = wish.comment if wish.comment is not None else comment_of(records)
    usable = [place for place, record in enumerate(records) if is_usable(record, comment)]
    if not usable:
        usable = [place for place, record in enumerate(records) if any(map(str.strip, record))]
        comment = ""
    rows = [records[place] for place in usable]
    width = width_of(rows)
    typed = typed_columns(rows, width)
    first = _first_row(rows, typed, width)
    begin = usable[first] if first < len(usable) else len(records)
    if above := _names_in_comment(records, begin, comment, width):
        skip, names = above
        header_rows, skip_after = 1, 0
    else:
        run = _header_run(rows[:first], width, typed)
        names_at, names, below = _names(rows, run, first)
        skip, header_rows, skip_after = _records(records, usable, names_at, first, below)
    if wish.skip_lines is not None or wish.header_rows is not None:
        skip = wish.skip_lines if wish.skip_lines is not None else skip
        header_rows = wish.header_rows if wish.header_rows is not None else max(header_rows, 1)
        names = joined(records[skip : skip + header_rows])
        skip_after = wish.skip_after or 0
    body = [r for r in records[skip + header_rows + skip_after :] if is_usable(r, comment)]
    return _laid_out(body, names, skip, header_rows, skip_after, comment)


def _laid_out(
    body: Sequence[Record], names: list[str], skip: int, header_rows: int, skip_after: int, comment: str
) -> Layout:
    width = width_of(body) if body else len(names)
    names, width = fitted(names, body, width)
    body = [row for row in body if not any(map(cell_forms.TOTAL.fullmatch, row[:3]))] or body
    typed = typed_columns(body, width)
    counts = [sum(bool(c.strip()) for c in r) for r in body if len(r) > 1 or width == 1]
    share = [sum(len(r) > c and bool(r[c].strip()) for r in body) / max(1, len(body)) for c in range(width)]
    return Layout(
        width=width,
        names=names,
        skip_lines=skip,
        header_rows=header_rows,
        skip_after=skip_after,
        comment=comment,
        typed=typed,
        filled=frozenset(c for c in range(width) if share[c] >= USUALLY),
        empty=frozenset(c for c in range(width) if share[c] < 0.5),
        typical=int(median(counts)) if counts else 1,
    )


def comment_of(records: Sequence[Record]) -> str:
    """The mark of comments, if some records begin with it and most do not."""
    filled = [record for record in records if any(map(str.strip, record))]
    for mark in COMMENTS:
        count = sum(_begins(record, mark) for record in filled)
        if 0 < count <= len(filled) / 2 or (
            count and any(len(r) > 1 for r in filled if not _begins(r, mark))
        ):
            plain = [r for r in filled if not _begins(r, mark)]
            if len(plain) >= 2 and count <= len(filled) / 2:
                return mark
    return ""


def _begins(record: Record, mark: str) -> bool:
    first = record[0].lstrip() if record else ""
    return first.startswith(mark) and len(first) > len(mark)


def is_usable(record: Record, comment: str = "") -> bool:
    """Whether it may be a row or a header: not blank, and no ruler, comment or sep= line."""
    if not any(cell.strip() for cell in record):
        return False
    if comment and _begins(record, comment):
        return False
    return not is_ruler(record) and not record[0].lstrip("\ufeff").lower().startswith("sep=")


def is_ruler(record: Record) -> bool:
    """Drawn lines: ----+----."""
    return bool(_RULER.fullmatch("|".join(record))) if record and not record[0][:1].isalnum() else False


def typed_columns(rows: Sequence[Record], width: int) -> dict[int, str]:
    """Which columns have numbers ("number") or dates and times ("moment") in most cells of the later rows."""
    counts = [sum(bool(cell.strip()) for cell in row) for row in rows]
    enough = max(1, median(counts) / 2) if counts else 1
    kept = [row for row, count in zip(rows, counts, strict=True) if count >= enough]
    kept = kept[len(kept) // 2 :] if len(kept) > 2 else kept[1:] or kept
    found = {}
    for place in range(width):
        below = [row[place] for row in kept if len(row) > place and not cell_forms.is_missing(row[place])]
        kinds = Counter(cell_forms.kind(cell) for cell in below)
        kind, count = kinds.most_common(1)[0] if kinds else ("text", 0)
        if kind != "text" and count >= MOSTLY * len(below):
            found[place] = kind
    return found


def fits(row: Record, typed: Mapping[int, str]) -> bool:
    """Whether most cells of a record are numbers or dates where those of rows are. Empty cells do not count
    against it.
    """
    there = [place for place in typed if place < len(row) and not cell_forms.is_missing(row[place])]
    return not there or sum(cell_forms.kind(row[place]) == typed[place] for place in there) * 2 > len(there)


def _first_row(rows: Sequence[Record], typed: Mapping[int, str], width: int) -> int:
    """The position of the first row among usable records. 0 if there is no header."""
    if rows and len(rows[0]) >= width and fits(rows[0], typed) and is_row_of_values(rows[0], rows[1:]):
        return 0
    if not typed:
        return min(_first_whole(rows, width) + 1, len(rows))
    counts = [sum(bool(cell.strip()) for cell in row) for row in rows]
    enough = median(counts) / 2
    # A single record whose numbers count heads the table; where several do, they are rows.
    counting = [_counts(row, typed) for row in rows]
    heads = counting if sum(counting) == 1 else [False] * len(rows)
    heads[:-1] = [
        head or _is_over_groups(*pair, typed) for head, pair in zip(heads, pairwise(rows), strict=False)
    ]
    judged = [
        count >= enough and _length(row) <= width and fits(row, typed) and not is_head
        for row, count, is_head in zip(rows, counts, heads, strict=True)
    ]
    # A title has nothing where rows have numbers, and names below it.
    titles = [
        not any(place in typed and cell.strip() for place, cell in enumerate(row)) and not fits_below
        for row, fits_below in zip(rows, [*judged[1:], True], strict=True)
    ]
    judged = [fit and not title for fit, title in zip(judged, titles, strict=True)]
    for place, fit in enumerate(judged):
        # A line with a single text among the rows shows nothing.
        later = [
            ok
            for ok, count in zip(judged[place + 1 :], counts[place + 1 :], strict=True)
            if count > 1 or width < 3
        ][:5]
        if fit and sum(later) * 2 >= len(later) and (place or len(rows) > 1):
            # With one column, nothing distinguishes a title from a value: all below the first record are
            # rows.
            return min(place, 1) if width == 1 else place
    return min(1, len(rows))


def _first_whole(rows: Sequence[Record], width: int) -> int:
    """In a table of texts: the first record of full width that is not a title."""
    for place, row in enumerate(rows[:20]):
        filled = sum(bool(cell.strip()) for cell in row)
        below = next((sum(bool(c.strip()) for c in r) for r in rows[place + 1 :] if len(r) == width), 0)
        if len(row) >= width and not (width > 2 and filled == 1 and below > 1):
            return place
    return 0


def _is_over_groups(upper: Record, lower: Record, typed: Mapping[int, str]) -> bool:
    """Whether its numbers stand over groups of columns, as 2023 over Girls and Boys: it leaves out columns of
    numbers that have words in the record below.
    """
    there = [place for place in typed if place < len(lower) and lower[place].strip()]
    above = [upper[place].strip() if place < len(upper) else "" for place in there]
    words = all(cell_forms.kind(lower[place]) == "text" for place in there)
    return words and len(there) > 1 and "" in above and all(each.isdecimal() for each in above if each)


def _counts(row: Record, typed: Mapping[int, str]) -> bool:
    """Whether its numbers are names that count up: 2019, 2020, 2021 or 1, 2, 3."""
    numbers = [
        int(text) for place in sorted(typed) if place < len(row) and (text := row[place].strip()).isdecimal()
    ]
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    return len(numbers) >= 3 and len(steps) == 1 and steps <= {1, 5, 10, -1}


def _header_run(above: Sequence[Record], width: int, typed: Mapping[int, str]) -> list[int]:
    """Positions of the records just above the rows that may name columns, top down."""
    run: list[int] = []
    for place in range(len(above) - 1, -1, -1):
        filled = [cell.strip() for cell in above[place] if cell.strip()]
        if run and (len(run) == MOST_HEADERS or (len(filled) < 2 and width > 1)):
            break
        if run and len(above[place]) < width - 1:
            break
        if run and _is_row_like(above[place], typed) and not _tells_apart(above[place], above[run[0]]):
            break
        run.insert(0, place)
    return run


def _tells_apart(upper: Record, lower: Record) -> bool:
    """Whether names repeat in a record and those above them, over groups, tell which is which."""
    names = [(above.strip(), name.strip()) for above, name in zip(upper, lower, strict=False)]
    below = [name for _, name in names if name]
    groups = [above for above, name in names if above and name]
    return len(set(below)) < len(below) and len(set(groups)) == len(groups) < len(below)


def _is_row_like(record: Record, typed: Mapping[int, str]) -> bool:
    """Whether it holds numbers or dates other than years: data of another table, or about the file."""
    if _counts(record, typed):
        return False
    return any(
        cell_forms.is_data(cell.strip()) and not _YEAR.fullmatch(cell.strip())
        for cell in record
        if cell.strip()
    )


def _names(rows: Sequence[Record], run: list[int], first: int) -> tuple[list[int], list[str], int]:
    """The positions of the records that name the columns, the names, and the number of records after them."""
    if not run:
        return [], [], 0
    whole = [place for place in run if _is_whole(rows[place], rows[run[0] : first])]
    if whole:
        return [whole[0]], list(rows[whole[0]]), first - whole[0] - 1
    return run, joined([rows[place] for place in run]), first - run[-1] - 1


def _is_whole(record: Record, others: Sequence[Record]) -> bool:
    """Whether it gives every column a distinct name, as far as any of these records does, and stands over no
    group of columns.
    """
    if any(_spans(record, other, place) for other in others for place in range(1, len(other))):
        return False
    wanted = max(len([c for c in other if c.strip()]) for other in others)
    found = [cell.strip().casefold() for cell in record if cell.strip()]
    return len(found) >= wanted and len(set(found)) == len(found)


def joined(headers: Sequence[Record]) -> list[str]:
    """The names of several records, one above the other. A name over several columns applies to each."""
    if len(headers) == 1:
        return list(headers[0])
    width = max(map(len, headers), default=0)
    padded = [[*map(str.strip, header), *[""] * (width - len(header))] for header in headers]
    for upper, lower in pairwise(padded):
        for place in range(1, width):
            if _spans(upper, lower, place):
                upper[place] = upper[place - 1]
    return [" ".join(dict.fromkeys(filter(None, parts))) for parts in zip(*padded, strict=True)]


def _spans(upper: Record, lower: Record, place: int) -> bool:
    """Whether the name to the left of a place goes on above it, over a name in the record below."""
    here, left = (upper[at].strip() if at < len(upper) else "" for at in (place, place - 1))
    return bool(not here and left and lower[place].strip() and lower[place - 1].strip())


def _records(
    records: Sequence[Record], usable: list[int], names_at: list[int], first: int, below: int
) -> tuple[int, int, int]:
    """skip_lines, header_rows and skip_after, counted in records."""
    if not names_at:
        return (usable[first] if first < len(usable) else 0), 0, 0
    top, bottom = usable[names_at[0]], usable[names_at[-1]]
    begin = usable[first] if first < len(usable) else bottom + 1
    return top, bottom - top + 1, (begin - bottom - 1) if below else 0


def _names_in_comment(
    records: Sequence[Record], first: int, comment: str, width: int
) -> tuple[int, list[str]] | None:
    """Position and names of the comment just above the rows, if it has a name for each column."""
    filled = [place for place in range(first) if any(cell.strip() for cell in records[place])]
    if not comment or not filled or not _begins(records[filled[-1]], comment):
        return None
    names = [cell.strip().removeprefix(comment).strip() for cell in records[filled[-1]]]
    if names[0].endswith(":"):  # #Fields: date time
        names = names[1:]
    while names and not names[-1]:
        names.pop()
    fit = len(names) in {width, width - 1, width - 2} and len(names) > 1 and all(names)
    return (filled[-1], names) if fit else None


def fitted(names: list[str], body: Sequence[Record], width: int) -> tuple[list[str], int]:
    """Names and width that fit each other. Empty columns without a name at the end are dropped."""
    names = [name.strip().lstrip("\ufeff") for name in names]
    while names and not names[-1]:
        names.pop()
    reach = max((_length(row) for row in body if len(row) <= width), default=width)
    if not names:
        return [""] * max(reach, 1), max(reach, 1)
    if (
        len(names) == width - 1
        and reach == width
        and _usually_filled(body, 0, width)
        and _is_row_names(body, width)
    ):
        return ["", *names], width
    width = max(len(names), min(reach, width))
    return names + [""] * (width - len(names)), width


def _length(row: Record) -> int:
    """The number of cells up to the last filled one."""
    return max((place + 1 for place, cell in enumerate(row) if cell.strip()), default=0)


def _usually_filled(body: Sequence[Record], place: int, width: int) -> bool:
    there = [row for row in body if len(row) == width]
    return sum(bool(row[place].strip()) for row in there) >= USUALLY * len(there)


def _is_row_names(body: Sequence[Record], width: int) -> bool:
    """Whether most rows are filled to the end: then their first cell has no name, not their last."""
    there = [row for row in body if len(row) == width]
    return sum(bool(row[-1].strip()) for row in there) * 2 > len(there)
