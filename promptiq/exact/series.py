"""Figures that can be compared: what a chart of an answer shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from promptiq.exact.dates import cell_date
from promptiq.exact.plans import Operation, Plan, Point, Series

AsText = Callable[[Any], str | None]
# A year, a year and a month, or a day: "1998", "1998–99", "2024-03", "2024-03-17".
_MOMENT = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?(?!\d)")


def series_of(plan: Plan, rows: Sequence[tuple[Any, ...]], as_text: AsText) -> Series | None:
    """The answer's figures with their labels. None if there is one figure, or none. `rows`: from the plan's
    SQL. Groups in time come in that order, others as they are.
    """
    if plan.operation is Operation.SHARE:
        figures = [text for (value,) in rows if (text := as_text(value)) is not None]
        return Series("share", "%", (Point("", figures[0]),)) if figures else None
    if not (
        plan.group
        and (plan.group.figures or plan.group.limit > 1)
        and not (plan.group.counted or plan.group.then)
    ):
        return None
    texts = [(as_text(label), as_text(figure)) for label, figure in rows]
    points = [Point(label, figure) for label, figure in texts if label is not None and figure is not None]
    unit = "%" if plan.group.measure == "share" else ""
    moments = [moment_of(point.label) for point in points]
    if len(points) > 1 and None not in moments and plan.group.measure != "share":
        points.sort(key=lambda point: moment_of(point.label) or 0.0)
        return Series("line", unit, tuple(points))
    return Series("bars", unit, tuple(points)) if points else None


def moment_of(label: str) -> float | None:
    """The position of a label in time, in years. None if it is not a year, month or day."""
    if not (found := _MOMENT.match(label)):
        day = cell_date(label) if re.search(r"\d{4}", label) else None
        return _in_years(day) if day else None
    try:
        return _in_years(date(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)))
    except ValueError:
        return None


def _in_years(day: date) -> float:
    return day.year + (day.timetuple().tm_yday - 1) / 366
