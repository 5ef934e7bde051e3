"""The figures over rows, one entry each: SQL, wording and unit. A new figure is an entry here, a member of
`Operation`, and its words in the lexicon. Over a masked column, none is told unless promptiq.exact.permission
names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from promptiq.exact.plans import Operation


@dataclass(frozen=True, slots=True)
class Entry:
    """`sql`: an aggregate. In it, {0} and {1} are the values of the columns, {all} all of them, {empty}
    whether a cell is empty, {rows} the selected rows as a statement, {at} what the plan says. `words`: with
    {0}, the columns' names, and {at}. `at`: where the plan says nothing. `unit`: the column's, rows, or none.
    `rounded`: it may have more decimal places than people read. `grouped`: each group may have one.
    """

    sql: str
    words: str
    unit: Literal["column", "rows", ""] = "column"
    rounded: bool = False
    grouped: bool = False
    at: str = ""


# D'Agostino and Pearson's test, of 20 cells at least: `a` and `b` are how far skewness (D'Agostino 1970) and
# kurtosis (Anscombe and Glynn 1983) are from a normal distribution's, in standard deviations. The sum of
# their squares has two degrees of freedom, so that its probability is an exponential.
_PROBABILITY = """any_value((
WITH moments AS (SELECT CAST(count({0}) AS DOUBLE) AS n, skewness({0}) AS s, kurtosis_pop({0}) AS k
 FROM ({rows})),
skew AS (SELECT n, k, s * (n - 2) / sqrt(n * (n - 1)) * sqrt((n + 1) * (n + 3) / (6 * (n - 2))) AS y,
 sqrt(6 * (n * n + 27 * n - 70) * (n + 1) * (n + 3) / ((n - 2) * (n + 5) * (n + 7) * (n + 9)) - 2) - 1 AS w
 FROM moments WHERE n >= 20),
flat AS (SELECT asinh(y / sqrt(2 / (w - 1))) / sqrt(ln(w) / 2) AS a,
 (k + 6 / (n + 1)) / sqrt(24 * n * (n - 2) * (n - 3) / ((n + 1) * (n + 1) * (n + 3) * (n + 5))) AS x,
 6 * (n * n - 5 * n + 2) / ((n + 7) * (n + 9)) * sqrt(6 * (n + 3) * (n + 5) / (n * (n - 2) * (n - 3))) AS r
 FROM skew),
shape AS (SELECT a, x, 6 + 8 / r * (2 / r + sqrt(1 + 4 / (r * r))) AS f FROM flat),
root AS (SELECT a, f, 1 + x * sqrt(2 / (f - 4)) AS d FROM shape),
score AS (SELECT a, (1 - 2 / (9 * f) - sign(d) * cbrt((1 - 2 / f) / abs(d))) / sqrt(2 / (9 * f)) AS b
 FROM root)
SELECT exp(-(a * a + b * b) / 2) FROM score))"""
_QUARTILE = "(SELECT quantile_cont({{0}}, {}) FROM ({{rows}}))"
_LOW, _HIGH = _QUARTILE.format(0.25), _QUARTILE.format(0.75)

OPERATIONS: Mapping[Operation, Entry] = MappingProxyType(
    {
        Operation.SUM: Entry("sum({0})", "sum of {0}", grouped=True),
        Operation.AVERAGE: Entry("avg({0})", "average of {0}", rounded=True, grouped=True),
        Operation.MIN: Entry("min({0})", "smallest {0}", grouped=True),
        Operation.MAX: Entry("max({0})", "greatest {0}", grouped=True),
        # The median of two decimals may have one more decimal place.
        Operation.MEDIAN: Entry("median(CAST({0} AS DOUBLE))", "median of {0}", rounded=True, grouped=True),
        Operation.QUANTILE: Entry(
            "quantile_cont(CAST({0} AS DOUBLE), {at} / 100)", "{at}th percentile of {0}"
        ),
        Operation.SPAN: Entry("max({0}) - min({0})", "greatest minus smallest {0}"),
        Operation.DEVIATION: Entry(
            "stddev_samp({0})", "standard deviation of {0}", rounded=True, grouped=True
        ),
        Operation.VARIANCE: Entry("var_samp({0})", "variance of {0}", "", rounded=True, grouped=True),
        Operation.SKEWNESS: Entry("skewness({0})", "skewness of {0}", "", rounded=True, grouped=True),
        Operation.KURTOSIS: Entry("kurtosis({0})", "excess kurtosis of {0}", "", rounded=True, grouped=True),
        Operation.CORRELATION: Entry(
            "corr(CAST({0} AS DOUBLE), CAST({1} AS DOUBLE))", "correlation of {0}", "", rounded=True
        ),
        Operation.MISSING: Entry("count(*) FILTER (WHERE {empty})", "count of rows without {0}", "rows"),
        Operation.DUPLICATES: Entry(
            "count(*) - count(DISTINCT ({all}))", "count of rows that repeat {0}", "rows"
        ),
        Operation.OUTLIERS: Entry(
            f"count(*) FILTER (WHERE {{0}} < {_LOW} - {{at}} * ({_HIGH} - {_LOW}) "
            f"OR {{0}} > {_HIGH} + {{at}} * ({_HIGH} - {_LOW}))",
            "count of rows whose {0} is more than {at} times the range between the quartiles outside of them",
            "rows",
            at="1.5",
        ),
        Operation.FAR: Entry(
            "count(*) FILTER (WHERE abs({0} - (SELECT avg({0}) FROM ({rows}))) > "
            "{at} * (SELECT stddev_samp({0}) FROM ({rows})))",
            "count of rows whose {0} is more than {at} standard deviations from the mean",
            "rows",
            at="3",
        ),
        Operation.NORMALITY: Entry(
            _PROBABILITY,
            "p-value of {0} under D'Agostino and Pearson's test of normality",
            "",
            rounded=True,
        ),
        Operation.NORMAL: Entry(
            f"{_PROBABILITY} >= 0.05",
            "whether {0} may be normally distributed, by D'Agostino and Pearson's test at 5%",
            "",
        ),
    }
)
