"""Notations of times of day and of durations, and which of the two a column has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

Texts = Any
Meaning = Literal["", "TIME", "DURATION"]

TIME, DURATION = pa.time64("us"), pa.duration("us")
SECOND = 1_000_000
# Seconds of each group; m2: minutes without hours before them.
_SIZES = {"d": 86_400, "h": 3_600, "m": 60, "m2": 60, "s": 1}

_SIGN, _FRACTION = r"(?P<sign>[-+−]?)", r"(?:[.,](?P<f>\d{1,6}))?"
_OF_DAY, _ANY, _SIXTY = r"(?P<h>[01]?\d|2[0-3])", r"(?P<h>\d{1,4})", r"[0-5]\d"


@dataclass(frozen=True, slots=True)
class ClockFormat:
    """One notation. `pattern`: of RE2, with the groups sign, d, h, m, s, f (a fraction of seconds) and half
    (of the day), as far as it has them. `means`: what it is always; "" for either. `plain`: the value gives
    the text back.
    """

    name: str
    pattern: str
    means: Meaning = ""
    plain: bool = False

    def micros(self, texts: Texts) -> pa.Array:
        """Microseconds; null if the text does not have this notation."""
        found = pc.extract_regex(texts, f"^(?:{self.pattern})$")
        parts = {field.name: pc.struct_field(found, field.name) for field in found.type}
        total = pa.array([0] * len(texts), pa.int64())
        for name, size in _SIZES.items():
            if name in parts:
                number = _whole(parts[name])
                if name == "h" and "half" in parts:
                    number = _of_day(number, parts["half"])
                total = pc.add(total, pc.multiply(number, size * SECOND))
        if "f" in parts:
            total = pc.add(total, _whole(pc.utf8_rpad(parts["f"], 6, "0")))
        if "sign" in parts:
            total = pc.if_else(pc.is_in(parts["sign"], pa.array(["-", "−"])), pc.negate(total), total)
        return pc.if_else(pc.is_valid(found), total, pa.scalar(None, pa.int64()))

    def fits(self, texts: Texts) -> list[bool]:
        """For each text, whether it has this notation."""
        matched: list[bool] = pc.match_substring_regex(texts, f"^(?:{self.pattern})$").to_pylist()
        return matched


def _whole(digits: Texts) -> pa.Array:
    return pc.cast(pc.if_else(pc.equal(digits, ""), "0", digits), pa.int64())


def _of_day(hours: pa.Array, half: Texts) -> pa.Array:
    """12 AM is 0, 12 PM is 12."""
    within = pc.if_else(pc.equal(hours, 12), 0, hours)
    return pc.if_else(pc.match_substring_regex(half, "^[pP]"), pc.add(within, 12), within)


def _part(group: str, words: str, digits: str = r"\d{1,5}") -> str:
    return rf"(?:(?P<{group}>{digits}) ?(?i:{words})\.?[ ,]*)?"


FORMATS = (
    ClockFormat("day", rf"(?P<h>[01]\d|2[0-3]):(?P<m>{_SIXTY}):(?P<s>{_SIXTY})", plain=True),
    ClockFormat("day3", rf"{_OF_DAY}:(?P<m>{_SIXTY}):(?P<s>{_SIXTY}){_FRACTION}"),
    ClockFormat("day2", rf"{_OF_DAY}:(?P<m>{_SIXTY})"),
    ClockFormat(
        "half",
        rf"(?P<h>0?[1-9]|1[0-2])(?::(?P<m>{_SIXTY})(?::(?P<s>{_SIXTY}){_FRACTION})?)? ?"
        r"(?P<half>[aApP])\.? ?[mM]\.?",
        "TIME",
    ),
    ClockFormat("hms", rf"{_SIGN}{_ANY}:(?P<m>{_SIXTY}):(?P<s>{_SIXTY}){_FRACTION}"),
    ClockFormat("hm", rf"{_SIGN}{_ANY}:(?P<m>{_SIXTY})"),
    # Hours may lack: 59:30 above 1:02:15.
    ClockFormat(
        "ms",
        rf"{_SIGN}(?:{_ANY}:(?P<m>{_SIXTY})|(?P<m2>\d{{1,4}})):(?P<s>{_SIXTY}){_FRACTION}",
    ),
    ClockFormat(
        "days",
        rf"(?:(?P<d>\d{{1,5}}) days?,? )?{_ANY}:(?P<m>{_SIXTY}):(?P<s>{_SIXTY}){_FRACTION}",
        "DURATION",
    ),
    ClockFormat(
        "iso",
        r"(?P<sign>[-+]?)P(?:(?P<d>\d{1,5})D)?(?:T(?:(?P<h>\d{1,5})H)?(?:(?P<m>\d{1,6})M)?"
        r"(?:(?P<s>\d{1,8})(?:[.,](?P<f>\d{1,6}))?S)?)?",
        "DURATION",
    ),
    ClockFormat(
        "units",
        _part("d", "d|days?|tage?") + _part("h", "h|hrs?|hours?|std|stunden?")
        + _part("m", "m|mins?|minutes?|minuten?")
        + r"(?:(?P<s>\d{1,6})(?:[.,](?P<f>\d{1,6}))? ?(?i:s|secs?|seconds?|sek|sekunden?)\.?)?",
        "DURATION",
    ),
)  # fmt: skip


# Words of headers, in lower case, that tell the two apart.
_LASTING_WORDS = """
duration dauer durée duree duración duracion durata duur czas trwania length elapsed runtime running laufzeit
spieldauer fahrzeit fahrtdauer arbeitszeit lap split gap lead interval pace worked overtime uptime downtime
spent taken total track song
"""
_CLOCK_WORDS = """
time uhrzeit zeit heure hora ora tijd godzina clock start started starts starting beginn begin begins began
end ended ends ende von bis from until departure departs arrival arrives abfahrt ankunft départ arrivée salida
llegada open opens opening opened close closes closing closed sunrise sunset checkin checkout scheduled
timestamp öffnet schließt öffnung schluss
"""
_LASTING, _OF_THE_CLOCK = frozenset(_LASTING_WORDS.split()), frozenset(_CLOCK_WORDS.split())
# Words for times of day that races have, too.
_EITHER_TIME = frozenset(("time", "zeit", "tijd", "hora", "ora"))
# Words that tell what the two parts of "1:30" are.
_HOURS = frozenset(
    ("hours", "hour", "hrs", "hr", "h", "hh", "hhmm", "stunden", "std", "heures", "horas", "ore")
)
_MINUTES = frozenset(("minutes", "minute", "mins", "min", "mm", "mmss", "minuten", "pace", "song", "track"))
_WORD = re.compile(r"[A-ZÀ-Þ]?[^\W\d_A-ZÀ-Þ]+|[^\W\d_a-zß-ÿ]+")


# A cell with hours missing for certain: a fraction behind two parts, or too much for an hour of the day.
_NO_HOURS = r"^\D?(?:\d+:\d\d[.,]|(?:2[4-9]|[3-9]\d|\d{3,4}):\d\d$)"
_TWO_UNITS = r"\d ?[A-Za-z]+[., ]*\d"


@dataclass(frozen=True, slots=True)
class Clock:
    """How a column is read."""

    format: ClockFormat
    means: Meaning

    @property
    def arrow(self) -> pa.DataType:
        return TIME if self.means == "TIME" else DURATION

    def convert(self, texts: Texts) -> pa.Array:
        return self.format.micros(texts).cast(self.arrow)


def decided(formats: Iterable[ClockFormat], distinct: Texts, header: str, wish: str = "") -> Clock | None:
    """The notation of a column, and whether it has times of day or durations; None: nothing tells.

    `formats`: those that all cells have. `distinct`: the cells. `wish`: the type that a person gave it.
    """
    held = {each.name: each for each in formats}
    words = frozenset(word.lower() for word in _WORD.findall(header))
    if "half" in held:
        return Clock(held["half"], "TIME")
    if "hms" in held:
        return _with_seconds(held, distinct, words, wish)
    if "hm" in held:
        return _in_two_parts(held, distinct, words, wish)
    if "ms" in held:
        told = _lasts(words, wish) or _any(distinct, _NO_HOURS)
        return Clock(held["ms"], "DURATION") if told else None
    for name, sign in (("days", "day"), ("iso", "T"), ("units", _TWO_UNITS)):
        if name in held and (wish == "DURATION" or _any(distinct, sign)):
            return Clock(held[name], "DURATION")
    return None


def _with_seconds(
    held: Mapping[str, ClockFormat], distinct: Texts, words: frozenset[str], wish: str
) -> Clock:
    """Both have the same value. A time of day has two digits of hours, unless a header says so."""
    quick = held.get("day")
    of_day = "day3" in held and not _lasts(words, wish)
    if of_day and wish != "TIME" and not words & _OF_THE_CLOCK:
        of_day = not _any(distinct, r"^\d:") and _any(distinct, "^(?:0[1-9]|[12])")
    if of_day:
        return Clock(quick or held["day3"], "TIME")
    return Clock(quick or held["hms"], "DURATION")


def _in_two_parts(
    held: Mapping[str, ClockFormat], distinct: Texts, words: frozenset[str], wish: str
) -> Clock | None:
    """Hours and minutes, or minutes and seconds, of which only a header or a person can tell."""
    hours, minutes = words & _HOURS, words & _MINUTES
    told = words & _OF_THE_CLOCK and not minutes
    if words & _OF_THE_CLOCK <= _EITHER_TIME:
        told = told and not _any(distinct, r"^\d:")
    if "day2" in held and not _lasts(words, wish) and (told or wish == "TIME"):
        return Clock(held["day2"], "TIME")
    if minutes and not hours and "ms" in held:
        return Clock(held["ms"], "DURATION")
    return Clock(held["hm"], "DURATION") if (hours and not minutes) or wish == "DURATION" else None


def _lasts(words: frozenset[str], wish: str) -> bool:
    return wish == "DURATION" or (bool(words & _LASTING) and wish != "TIME")


def _any(distinct: Texts, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(distinct, pattern)).as_py())


def formats_of(texts: Sequence[str]) -> list[list[ClockFormat]]:
    """For each text, the notations that fit it."""
    short = pa.array([text if len(text) <= 40 else "" for text in texts], pa.string())
    digits = pc.match_substring_regex(short, r"\d").to_pylist()
    fitting = [each.fits(short) for each in FORMATS]
    return [
        [each for each, fits in zip(FORMATS, fitting, strict=True) if digit and fits[place]]
        for place, digit in enumerate(digits)
    ]


def clock_text(value: time | timedelta) -> str:
    """As DuckDB writes it: 08:15:00, 35:20:00.5, -00:00:05."""
    if isinstance(value, time):
        micros = ((value.hour * 60 + value.minute) * 60 + value.second) * SECOND + value.microsecond
    else:
        micros = value // timedelta(microseconds=1)
    seconds, fraction = divmod(abs(micros), SECOND)
    minutes, seconds = divmod(seconds, 60)
    text = f"{'-' if micros < 0 else ''}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return f"{text}.{fraction:06}".rstrip("0") if fraction else text


def as_texts(array: pa.Array) -> pa.Array:
    """An array of any type as strings."""
    if pa.types.is_string(array.type):
        return array
    if not is_clock(array.type):
        return pc.cast(array, pa.string())
    return pa.array(
        [None if value is None else clock_text(value) for value in array.to_pylist()], pa.string()
    )


def is_clock(type: pa.DataType) -> bool:
    return bool(pa.types.is_time(type) or pa.types.is_duration(type))
