"""Charts of answers. Positions are percent of the width, so a chart fits any page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from promptiq.exact.plans import Point, Series
from promptiq.exact.series import moment_of
from promptiq.formatting import places_of, written

# The most bars of a chart. More become a table.
BARS = 20
# A line chart: height in pixels, and the edges of its plot (percent of the width, pixels from the top).
HEIGHT = 220
LEFT, RIGHT = 13.0, 98.0
TOP, BOTTOM = 12.0, 188.0
# Minimum width of an x-axis label on a phone, and of the first and last label (percent of the width).
ROOM, ROOM_AT_ENDS = 21.0, 30.0
TICKS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """`start`, `width`: percent of the whole width, as text for SVG. `is_best`: the answer names it."""

    label: str
    figure: str
    start: str
    width: str
    is_best: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """`x` in percent, `y` in pixels."""

    label: str
    figure: str
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A label at an axis. `anchor`: which end of the text is at the position."""

    text: str
    place: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Line:
    dots: tuple[Dot, ...]
    below: tuple[Mark, ...]
    beside: tuple[Mark, ...]

    @property
    def pieces(self) -> list[tuple[Dot, Dot]]:
        """Line segments from each dot to the next."""
        return list(zip(self.dots, self.dots[1:], strict=False))


def bars(series: Series, best: str = "") -> list[Bar]:
    """One bar for each point: to the right of zero, or to the left if negative. `best`: the label of the one
    that the answer names.
    """
    values = [float(point.figure) for point in series.points]
    low = min(0.0, *values)
    span = max(0.0, *values) - low or 1.0
    return [
        Bar(
            point.label,
            figure,
            _percent(100 * (min(value, 0.0) - low) / span),
            _percent(100 * abs(value) / span),
            point.label == best,
        )
        for point, value, figure in zip(series.points, values, _figures(series), strict=True)
    ]


def _figures(series: Series) -> list[str]:
    """All with their unit, and with the same decimal places."""
    places = places_of(point.figure for point in series.points)
    return [written(point.figure, series.unit, places) for point in series.points]


def line(series: Series) -> Line:
    """x by time; y from zero, unless the figures are close together far from zero."""
    values = [float(point.figure) for point in series.points]
    ticks = _ticks(min(values), max(values))
    span = ticks[-1] - ticks[0]

    def height(value: float) -> str:
        return f"{BOTTOM - (BOTTOM - TOP) * (value - ticks[0]) / span:.1f}"

    places = [_percent(place) for place in _places(series.points)]
    dots = tuple(
        Dot(point.label, figure, place, height(value))
        for point, place, value, figure in zip(series.points, places, values, _figures(series), strict=True)
    )
    beside = tuple(Mark(_tick(tick, series.unit), height(tick), "start") for tick in ticks)
    return Line(dots, _below(dots), beside)


def _tick(figure: float, unit: str) -> str:
    """A label at the axis. Round amounts have no decimals."""
    text = written(f"{figure:.10g}", unit)
    return text.removesuffix(".00") if figure == int(figure) else text


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _places(points: Sequence[Point]) -> list[float]:
    """Percent of the width."""
    moments = [moment_of(point.label) for point in points]
    known = [moment for moment in moments if moment is not None]
    if len(known) < len(points) or len(set(known)) < 2:
        known = [float(place) for place in range(len(points))]
    first, span = known[0], (known[-1] - known[0]) or 1.0
    return [LEFT + (RIGHT - LEFT) * (moment - first) / span for moment in known]


def _below(dots: Sequence[Dot]) -> tuple[Mark, ...]:
    """Labels of the x-axis: the first, the last, and those between that do not overlap."""
    marks = [Mark(dots[0].label, dots[0].x, "start")]
    for dot in dots[1:-1]:
        before, here = float(marks[-1].place[:-1]), float(dot.x[:-1])
        if here - before >= (ROOM if len(marks) > 1 else ROOM_AT_ENDS) and RIGHT - here >= ROOM_AT_ENDS:
            marks.append(Mark(dot.label, dot.x))
    return (*marks, Mark(dots[-1].label, dots[-1].x, "end"))


def _ticks(low: float, high: float) -> list[float]:
    """Round figures in equal steps that include both ends."""
    if low >= 0 and low < 0.6 * high:
        low = 0.0
    high = max(high, 0.0) if low < 0 else high
    span = (high - low) or abs(high) or 1.0
    size = 10.0 ** math.floor(math.log10(span / TICKS))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor * TICKS >= span)
    start = math.floor(low / step)
    end = max(math.ceil(high / step), start + 1)
    return [step * place for place in range(start, end + 1)]
