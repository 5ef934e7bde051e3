"""Charts of answers. Positions are percent of the width, so a chart fits any page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from promptiq.exact.plans import Point, Series
from promptiq.exact.series import moment_of

# How many bars a chart shows; more become a table.
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
    """`start`, `width`: percent of the whole width, as text for SVG."""

    label: str
    figure: str
    start: str
    width: str


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


def bars(series: Series) -> list[Bar]:
    """One bar for each point: to the right of zero, or to the left where negative."""
    values = [float(point.figure) for point in series.points]
    low = min(0.0, *values)
    span = max(0.0, *values) - low or 1.0
    return [
        Bar(
            point.label,
            spoken(point.figure) + series.unit,
            _percent(100 * (min(value, 0.0) - low) / span),
            _percent(100 * abs(value) / span),
        )
        for point, value in zip(series.points, values, strict=True)
    ]


def line(series: Series) -> Line:
    """x by time; y from zero, unless the figures lie close together far from zero."""
    values = [float(point.figure) for point in series.points]
    ticks = _ticks(min(values), max(values))
    span = ticks[-1] - ticks[0]

    def height(value: float) -> str:
        return f"{BOTTOM - (BOTTOM - TOP) * (value - ticks[0]) / span:.1f}"

    places = [_percent(place) for place in _places(series.points)]
    dots = tuple(
        Dot(point.label, spoken(point.figure) + series.unit, place, height(value))
        for point, place, value in zip(series.points, places, values, strict=True)
    )
    beside = tuple(Mark(spoken(f"{tick:.10g}") + series.unit, height(tick), "start") for tick in ticks)
    return Line(dots, _below(dots), beside)


def in_words(series: Series) -> str:
    """The chart in one or two sentences: first, last, greatest and smallest figure."""
    points = series.points
    least, most = (choose(points, key=lambda point: float(point.figure)) for choose in (min, max))
    told = f"Highest: {_named(most, series.unit)}. Lowest: {_named(least, series.unit)}."
    if series.kind == "line":
        return f"From {_named(points[0], series.unit)} to {_named(points[-1], series.unit)}. {told}"
    return told


def spoken(figure: str) -> str:
    """A figure with thousands separators from 10,000 on: a smaller one may be a year."""
    whole, point, rest = figure.partition(".")
    if not whole.lstrip("-").isdigit() or len(whole.lstrip("-")) < 5:
        return figure
    return f"{int(whole):,}{point}{rest}"


def _named(point: Point, unit: str) -> str:
    return f"{point.label} ({spoken(point.figure)}{unit})"


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
