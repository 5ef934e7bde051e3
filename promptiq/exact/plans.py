"""Input and output of planning: frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal

# Used as a column name: the order of the rows in the file.
FILE_ORDER = "_row"


# Below this confidence (a probability), a result is not an answer. Results at 0.5 (counts of zero, and more
# values than requested) were right in four of thirteen answers over business exports.
THRESHOLD = 0.6


class Reading(StrEnum):
    """How the cells of a column are computed with."""

    TEXT = "text"
    NUMBER = "number"  # also texts that begin with a number: "1,234 km", "12 (3)", "1st", "1998–99"
    DATE = "date"  # also texts such as "5 March 1998"
    TIME = "time"  # a duration or a time of day: "1:45:58.5", in seconds


class Role(StrEnum):
    """The purpose of a column: it decides what may be added up, and what names a row."""

    ENTITY = "entity"
    MEASURE = "measure"
    RANK = "rank"
    MOMENT = "moment"  # a year, a season, a date


@dataclass(frozen=True, slots=True)
class SchemaColumn:
    """`values`: distinct cells as text in order of first appearance; () for a masked column.

    `complete`: whether `values` has all of them. `distinct`: their number, at least. `native`: the type in
    the Parquet file is the reading's own and needs no parsing. `scale`: decimal places of numbers in text.
    `percent`: most cells have a percent sign. `spaced`: some cells group thousands by blanks. `flags`: of a
    boolean column, the cells for yes and those for no. `redacted`: kinds of personal data inside cells that
    are masked for the reader; cells with one are not in `values`. `kinds`: values of a column with few short
    ones, which may be embedded. `hours`: of times, whether their first part is hours ("1:45:58", "7:45
    p.m."), not minutes. `of_day`: they are times of day, which are never added up. `numbering`: it
    counts the rows from 1. `identifier`: its cells identify rows or things, and are never computed with.
    `unit`: of its numbers, as datasets.tables.table.TableColumn has it.
    """

    name: str
    reading: Reading
    role: Role
    masked: bool = False
    values: tuple[str, ...] = ()
    complete: bool = True
    distinct: int = 0
    native: bool = True
    scale: int = 0
    percent: bool = False
    spaced: bool = False
    flags: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    redacted: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
    hours: bool = False
    of_day: bool = False
    numbering: bool = False
    identifier: bool = False
    unit: str = ""

    def __hash__(self) -> int:
        # Few fields only: caches by schema compute the hash for every word of a question.
        return hash((self.name, self.distinct, len(self.values)))


# Share of distinct cells in a column from which on they tell rows apart, in spite of a few repeated ones.
NEARLY_ALL = 0.98


@dataclass(frozen=True)
class Schema:
    """A table for the planner, as one reader may see it. `rows`: how many it has. `title`: the dataset's
    name; its last word may stand for the rows.
    """

    columns: tuple[SchemaColumn, ...]
    rows: int
    title: str = ""

    def __hash__(self) -> int:
        return hash((self.title, self.rows, len(self.columns)))

    def get(self, name: str) -> SchemaColumn:
        """Raises KeyError."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, SchemaColumn]:
        return {column.name: column for column in self.columns}

    def tells_rows_apart(self, name: str) -> bool:
        """Whether nearly every row has another cell in a column."""
        return self.get(name).distinct >= NEARLY_ALL * self.rows


class Compare(StrEnum):
    IS = "is one of"  # the cell as text is one of `values`
    HAS = "mentions"  # the cell's text holds `values[0]` as whole words, in any case
    EQUAL = "="
    UNEQUAL = "≠"
    MORE = ">"
    AT_LEAST = "≥"
    LESS = "<"
    AT_MOST = "≤"
    EMPTY = "is empty"
    # The operand is the cell of the rows selected by `other`.
    SAME_AS = "same as"
    STARTS = "starts with"  # the cell's text, in any case, with `values[0]`
    ENDS = "ends with"


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on one column.

    `values`: texts for IS and HAS, numbers as text elsewhere. `part`: of a date, what is compared; of a time,
    its seconds. `other`: the rows whose cell of this column is the operand; then `values` is (). `negated`:
    selects rows that do not match. `to`: the column to compare with; then `values` is (). `either`: a row
    that matches one of these is selected, too. `mean`: the operand is the column's average over all rows;
    then `values` is ().
    """

    column: str
    compare: Compare
    values: tuple[str, ...] = ()
    part: Literal["", "year", "quarter", "month", "week", "weekday", "day", "hour", "seconds"] = ""
    other: tuple[Filter, ...] = ()
    negated: bool = False
    to: str = ""
    either: tuple[Filter, ...] = ()
    mean: bool = False


class Minus(str):
    """Used as a column: one column minus another, in each row; for dates, in days."""

    first: str
    second: str

    def __new__(cls, first: str, second: str) -> Minus:
        made = super().__new__(cls, f"{first} − {second}")
        made.first, made.second = first, second
        return made


def sources(name: str) -> tuple[str, ...]:
    """The columns that a name in a plan is computed from."""
    return (name.first, name.second) if isinstance(name, Minus) else (name,)


@dataclass(frozen=True, slots=True)
class Order:
    """Rows by the sum of `columns` (FILE_ORDER: as in the file). `limit`: how many; with `ties`, also those
    equal to the last. `skip`: how many distinct places are skipped first ("the second highest"). `within`:
    places are counted in each group of equal cells of this column.
    """

    columns: tuple[str, ...]
    descending: bool = False
    limit: int = 1
    skip: int = 0
    ties: bool = True
    within: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """The row `by` places (negative: before) from the selected rows, in ascending order of `column`."""

    column: str
    by: int


class Operation(StrEnum):
    LOOKUP = "lookup"  # cells of the selected rows, distinct, in the order of the file
    COUNT = "count"  # rows, or distinct filled cells where a column is given
    SUM = "sum"
    AVERAGE = "average"
    MIN = "min"
    MAX = "max"
    DIFFERENCE = "difference"  # of the two operands, without sign
    ADDITION = "addition"  # of the operands
    HOLDS = "holds"  # whether any row is selected: yes or no
    GREATER = "greater"  # whether the first operand is greater than the second: yes or no
    GROUP = "group"  # one value a group: see `Group`
    SHARE = "share"  # percent of the rows of `base` that are selected; of the column's sum where one is given
    MEDIAN = "median"
    QUANTILE = "quantile"  # at `Plan.at` percent
    RUN = "run"  # the longest run of selected rows that follow each other
    SPAN = "span"  # max minus min of a column over the selected rows
    DEVIATION = "deviation"  # of a sample
    VARIANCE = "variance"
    CORRELATION = "correlation"  # Pearson's, of two columns
    MISSING = "missing"  # rows whose cell is empty
    GAPS = "gaps"  # each of the columns that has empty cells, with their number
    DUPLICATES = "duplicates"  # rows that repeat an earlier one in all of the columns
    OUTLIERS = "outliers"  # rows further outside the quartiles than `Plan.at` times the range between them
    FAR = "far"  # rows further from the mean than `Plan.at` standard deviations
    SKEWNESS = "skewness"
    KURTOSIS = "kurtosis"  # Fisher's: 0 for a normal distribution
    NORMALITY = "normality"  # the probability of such cells if they came from a normal distribution
    NORMAL = "normal"  # whether that probability is 5 % or more: yes or no
    RATIO = "ratio"  # the first operand divided by the second
    PERCENT = "percent"  # the same, times 100
    GROWTH = "growth"  # what the second operand is more than the first, in percent of the first
    SEVERAL = "several"  # all operands, in order


Measure = Literal[
    "count", "sum", "average", "median", "min", "max", "share", "rate", "deviation", "variance", "skewness",
    "kurtosis",
]  # fmt: skip
# Of a date: "year", "quarter", "month", "week", "weekday", "day", "hour"; of a number, the width of its bins.
Part = str


@dataclass(frozen=True, slots=True)
class Group:
    """Groups of equal cells of `column`, with a `measure`: rows counted, or a figure of the column `of`.

    `of` of a count: its distinct cells are counted. "share": percent of the rows, or of the sum of `of`, over
    all groups. `part`: what is equal in a group. `order`: "most", "least", or "" for all groups.
    `having`: a condition on the measure. `figures`: each group is given with its figure, the greatest first,
    as "Ashford: 70.5", with two decimal places. Rows with an empty cell are in no group. `second`: cells of
    this column are equal, too. `over`: the measure is divided by the sum of this column. `then`: the mean of
    all groups' measures. `within`: the places of `order` are counted in each cell of `column`, among the
    cells of `second`.
    """

    column: str
    measure: Measure = "count"
    of: str = ""
    order: Literal["", "most", "least"] = ""
    limit: int = 1
    having: Compare | None = None
    threshold: str = ""
    counted: bool = False  # how many groups, rather than which
    figures: bool = False
    part: Part = ""
    second: str = ""
    second_part: Part = ""
    over: str = ""
    skip: int = 0
    then: Literal["", "average"] = ""
    within: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer is compared with: the question, with words of the table replaced, its text in lower
    case, and the plan without its columns.
    """

    words: tuple[str, ...]
    text: str
    kind: str
    operation: str


@dataclass(frozen=True, slots=True)
class Likely:
    """How likely a plan is what a question means, until its answer is known: see promptiq.exact.ranking.

    `odds`: their logarithm. `is_guess`: the grammar does not explain the plan.
    """

    odds: float
    said: Said
    is_guess: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """One question, computed. `columns`: shown (LOOKUP) or aggregated (several: their sum in each row).
    `says`: the words for true and false of HOLDS, GREATER ("more", "less") and NORMAL.

    `confidence`: 0–1, how much of the question the plan explains. `without`: text that is left out of shown
    cells, because the question named it ("Canada" of "Canada, Calgary"). `several`: the question expects more
    values than one. `base`: of a SHARE, the conditions of the rows that are the whole. Filters come first,
    then `order`, then `step`. `at`: of a QUANTILE, the percent of cells below it; of outliers, how far they
    are. `read_as`: what words of the question were taken for that are not in the table so, each as a
    sentence. `likely`: None if its plan is certain, such as a chosen meaning.
    """

    operation: Operation
    columns: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    order: Order | None = None
    step: Step | None = None
    group: Group | None = None
    operands: tuple[Plan, ...] = ()
    base: tuple[Filter, ...] = ()
    without: str = ""
    at: str = ""
    says: tuple[str, str] = ("yes", "no")
    several: bool = field(default=False, compare=False)
    confidence: float = field(default=1.0, compare=False)
    read_as: tuple[str, ...] = field(default=(), compare=False)
    likely: Likely | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several plans fit equally well. `meanings`: each in words, in the order of `plans`."""

    plans: tuple[Plan, ...]
    meanings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """A question with `words` that are not understood, in its own spelling. `without`: what would be computed
    without them; None if that is of no use.
    """

    words: tuple[str, ...]
    without: Plan | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A figure, as text without its unit, and its label; "" for the only one."""

    label: str
    figure: str


@dataclass(frozen=True, slots=True)
class Series:
    """Figures that can be compared. `kind`: groups ("bars"), times in order ("line"), or a percentage
    ("share"). `unit`: "%" or "".
    """

    kind: Literal["bars", "line", "share"]
    unit: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """`values`: the answer, as text, in order; () if no row matches. `rows`: `_row` numbers behind it,
    ascending, 1,000 at most. `selected`: how many there are. `looked_at`: rows computed over. `total`: of the
    table. `confidence`: the plan's, reduced if the result makes it unlikely; below THRESHOLD it is not given
    as an answer. `made`: the plan that was run. `series`: the values as figures with labels; None if they are
    not figures. `notes`: sentences that belong to the answer.
    """

    made: Plan
    values: tuple[str, ...]
    rows: tuple[int, ...]
    selected: int
    looked_at: int
    total: int
    plan: str
    sql: str
    confidence: float = 1.0
    series: Series | None = None
    notes: tuple[str, ...] = ()

    @property
    def coverage(self) -> str:
        return f"computed over {self.looked_at:,} of {self.total:,} rows"


@dataclass(frozen=True, slots=True)
class NotPermitted:
    """The plan would show or reveal cells of `column`. `reason`: a sentence for people, without values."""

    column: str
    reason: str


class TooSlow(Exception):
    """The plan did not end before its deadline and was stopped."""


class Uncomputable(Exception):
    """The plan needs what its columns do not have, such as a sum of dates. Quotes no value."""
