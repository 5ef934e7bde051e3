"""Writes a plan as one SQL statement of DuckDB over the view `data`.

Column names and values enter as quoted identifiers and literals (see `named` and `quoted`), never as SQL. The
statement shown is the one that runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from promptiq.exact.database import named, quoted
from promptiq.exact.dates import FORMATS, HALF_DAY, TIME_CELL
from promptiq.exact.numbers import NUMBER_CELL
from promptiq.exact.operation_table import OPERATIONS
from promptiq.exact.plans import (
    FILE_ORDER,
    Compare,
    Filter,
    Group,
    Minus,
    Operation,
    Order,
    Plan,
    Reading,
    Schema,
    Step,
)

# The most values of one answer, and row numbers behind it.
MAX_VALUES = 1_000
MAX_ROWS = 1_000
_SIGNS = {
    Compare.EQUAL: "=", Compare.UNEQUAL: "<>", Compare.MORE: ">", Compare.AT_LEAST: ">=", Compare.LESS: "<",
    Compare.AT_MOST: "<=", Compare.SAME_AS: "IN",
}  # fmt: skip
_JOINED = {
    Operation.DIFFERENCE: "abs({0} - {1})", Operation.ADDITION: "{0} + {1}", Operation.GREATER: "{0} > {1}",
    Operation.RATIO: "{0} / nullif(CAST({1} AS DOUBLE), 0)",
    Operation.PERCENT: "100.0 * {0} / nullif(CAST({1} AS DOUBLE), 0)",
    Operation.GROWTH: "100.0 * ({1} - {0}) / nullif(CAST({0} AS DOUBLE), 0)",
}  # fmt: skip
# Parts of a moment. Two moments in the same part have the same text, such as "2024-Q1".
_PARTS = {
    "year": "year({0})", "quarter": "strftime({0}, '%Y') || '-Q' || quarter({0})",
    "month": "strftime({0}, '%Y-%m')", "week": "strftime({0}, '%G-W%V')", "weekday": "dayname({0})",
    "day": "strftime({0}, '%Y-%m-%d')", "hour": "hour({0})",
}  # fmt: skip
# Distinct cells of a column whose spellings are merged. With more, they are names or texts.
FOLDED = 100_000


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the SQL of plans over one schema."""

    schema: Schema

    def answer(self, plan: Plan) -> str:
        """Rows of one column: the answer's values, in order, MAX_VALUES and one more at most. For groups with
        figures: rows of two.
        """
        if plan.operation in _JOINED:
            first, second = (f"({self.answer(operand)})" for operand in plan.operands)
            return f"SELECT {_JOINED[plan.operation].format(first, second)} AS answer"
        if plan.operation is Operation.SEVERAL:
            return "SELECT " + ", ".join(f"({self.answer(operand)})" for operand in plan.operands)
        if plan.group:
            return self._groups(plan, plan.group)
        selected = self.selected(plan)
        if plan.operation is Operation.LOOKUP:
            return self._cells(plan, selected)
        if plan.operation is Operation.RUN:
            return self._longest_run(plan, selected)
        if plan.operation is Operation.SHARE:
            return self._share(plan, selected)
        if plan.operation is Operation.GAPS:
            return self._gaps(plan, selected)
        return f"SELECT {self._aggregate(plan)} AS answer FROM ({selected})"

    def selected(self, plan: Plan) -> str:
        """All columns of the rows that the plan selects."""
        rows = f"SELECT * FROM data{self._where(plan.filters)}"
        if plan.order:
            rows = self._ordered(rows, plan.order)
        return self._stepped(rows, plan.step) if plan.step else rows

    def value(self, name: str) -> str:
        """What is computed with: a number, a date, seconds, or the cell."""
        if name == FILE_ORDER:
            return FILE_ORDER
        if isinstance(name, Minus):
            return self._minus(name)
        column = self.schema.get(name)
        if column.native:
            return f"epoch({named(name)})" if column.reading is Reading.TIME else named(name)
        cell = f"translate({named(name)}, '−–—‐‑', '-----')"
        if column.reading is Reading.NUMBER:
            digits = f"regexp_extract({cell}, {quoted(NUMBER_CELL)}, 2)"
            bare = f"replace(replace({digits}, ',', ''), ' ', '')"
            exact = f"TRY_CAST({bare} AS DECIMAL(38, {column.scale}))"
            if column.spaced:
                return exact
            # Most cells need no regular expression: a number, then a blank or nothing.
            quick = f"split_part(replace({named(name)}, ',', ''), ' ', 1)"
            return f"coalesce(TRY_CAST({quick} AS DECIMAL(38, {column.scale})), {exact})"
        if column.reading is Reading.DATE:
            bare = rf"trim(regexp_replace({named(name)}, '\s*[\[(].*$', ''))"
            return f"CAST(try_strptime({bare}, [{', '.join(map(quoted, FORMATS))}]) AS DATE)"
        if column.reading is Reading.TIME:
            return self._seconds(cell)
        return f"CAST({named(name)} AS VARCHAR)"

    def _minus(self, name: Minus) -> str:
        first, second = (self.value(each) for each in (name.first, name.second))
        if self.schema.get(name.first).reading is not Reading.DATE:
            return f"({first} - {second})"
        return f"date_diff('day', CAST({second} AS DATE), CAST({first} AS DATE))"

    def _seconds(self, cell: str) -> str:
        parts = [f"regexp_extract(trim({cell}), {quoted(TIME_CELL)}, {group})" for group in (1, 2, 3)]
        hours, minutes, seconds = (f"TRY_CAST({part} AS DOUBLE)" for part in parts)
        plain = f"(coalesce({hours}, 0) * 3600 + {minutes} * 60 + {seconds})"
        half = f"regexp_extract(lower({cell}), {quoted(HALF_DAY)}, 1)"
        # A time of day with two parts has hours and minutes.
        of_day = f"({plain} * CASE WHEN {hours} IS NULL THEN 60 ELSE 1 END)"
        afternoon = f"CASE WHEN {half} = 'p' THEN 43200 ELSE 0 END"
        return f"CASE WHEN {half} = '' THEN {plain} ELSE {of_day} % 43200 + {afternoon} END"

    def _where(self, filters: tuple[Filter, ...]) -> str:
        conditions = [self._condition(condition) for condition in filters]
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _condition(self, condition: Filter) -> str:
        positive = self._positive(condition)
        if condition.either:
            positive = " OR ".join([positive, *(self._condition(each) for each in condition.either)])
            positive = f"({positive})"
        # A row with an empty cell does not match the condition, so it matches the opposite.
        return f"NOT coalesce({positive}, false)" if condition.negated else positive

    def _positive(self, condition: Filter) -> str:
        text = f"CAST({named(condition.column)} AS VARCHAR)"
        if condition.compare is Compare.EMPTY:
            if not self.schema.get(condition.column).native and not self.schema.get(condition.column).masked:
                # "n/a" and "-" in a column of numbers or dates are not values, either.
                return f"({self.value(condition.column)} IS NULL)"
            return f"({text} IS NULL OR trim({text}) = '')"
        if condition.compare is Compare.IS:
            return f"{text} IN ({', '.join(map(quoted, condition.values))})"
        if condition.compare is Compare.HAS:
            return f"contains(lower(strip_accents({text})), {quoted(condition.values[0])})"
        if condition.compare in (Compare.STARTS, Compare.ENDS):
            how = "starts_with" if condition.compare is Compare.STARTS else "suffix"
            return f"{how}(lower(strip_accents(trim({text}))), {quoted(condition.values[0])})"
        sign = _SIGNS[condition.compare]
        value = self._part(condition)
        if condition.to:
            return f"{value} {sign} {self.value(condition.to)}"
        if condition.mean:
            return f"{value} {sign} (SELECT avg({value}) FROM data)"
        if condition.other:
            where = self._where(condition.other)
            if condition.compare is Compare.SAME_AS:
                return f"{value} IN (SELECT {value} FROM data{where})"
            bound = "min" if condition.compare in (Compare.LESS, Compare.AT_MOST) else "max"
            return f"{value} {sign} (SELECT {bound}({value}) FROM data{where})"
        return f"{value} {sign} {self._operand(condition)}"

    def _part(self, condition: Filter) -> str:
        value = self.value(condition.column)
        if condition.part == "weekday":
            return f"dayname({value})"
        return value if condition.part in ("", "seconds") else f"{condition.part}({value})"

    def _operand(self, condition: Filter) -> str:
        """A number's own digits; anything else as a date literal."""
        text = condition.values[0]
        if condition.part == "weekday":
            return quoted(text)
        if text.lstrip("-").replace(".", "", 1).isdigit():
            return text
        return f"DATE {quoted(text)}"

    def _sum(self, columns: tuple[str, ...]) -> str:
        if len(columns) == 1:
            return self.value(columns[0])
        return "(" + " + ".join(f"coalesce({self.value(name)}, 0)" for name in columns) + ")"

    def _ordered(self, rows: str, order: Order) -> str:
        value = self._sum(order.columns)
        way = "DESC" if order.descending else "ASC"
        if order.within:
            place = f"rank() OVER (PARTITION BY {named(order.within)} ORDER BY {value} {way})"
            known = f"{value} IS NOT NULL AND {named(order.within)} IS NOT NULL"
            return f"SELECT * FROM ({rows}) WHERE {known} QUALIFY {place} <= {order.limit}"
        if order.columns == (FILE_ORDER,) or not order.ties:
            limit = f"LIMIT {order.limit} OFFSET {order.skip}"
            return f"SELECT * FROM ({rows}) WHERE {value} IS NOT NULL ORDER BY {value} {way}, _row {limit}"
        # The value of a cell is computed once for each row: for texts that is the most expensive part.
        placed = f"SELECT _row, {value} AS place FROM ({rows})"
        if order.skip:
            wanted = f"= (SELECT DISTINCT place FROM placed ORDER BY place {way} LIMIT 1 OFFSET {order.skip})"
        elif order.limit == 1:
            wanted = f"= (SELECT {'max' if order.descending else 'min'}(place) FROM placed)"
        else:
            worst, sign = ("min", ">=") if order.descending else ("max", "<=")
            top = f"SELECT place FROM placed ORDER BY place {way} LIMIT {order.limit}"
            wanted = f"{sign} (SELECT {worst}(place) FROM ({top}))"
        best = f"SELECT _row FROM placed WHERE place {wanted}"
        known = f"SELECT * FROM ({placed}) WHERE place IS NOT NULL"
        return f"SELECT * FROM data WHERE _row IN (WITH placed AS MATERIALIZED ({known}) {best})"

    def _stepped(self, rows: str, step: Step) -> str:
        edge = "max" if step.by > 0 else "min"
        if step.column == FILE_ORDER:
            return f"SELECT * FROM data WHERE _row = (SELECT {edge}(_row) FROM ({rows})) + {step.by}"
        value = self.value(step.column)
        places = (
            f"SELECT _row, row_number() OVER (ORDER BY {value}, _row) AS place FROM data "
            f"WHERE {value} IS NOT NULL"
        )
        start = f"SELECT {edge}(place) FROM places WHERE _row IN (SELECT _row FROM ({rows}))"
        wanted = f"SELECT _row FROM places WHERE place = ({start}) + {step.by}"
        return f"SELECT * FROM data WHERE _row IN (WITH places AS ({places}) {wanted})"

    def _aggregate(self, plan: Plan) -> str:
        if plan.operation is Operation.COUNT:
            return f"count(DISTINCT {self._group_key(plan.columns[0], '')})" if plan.columns else "count(*)"
        if plan.operation is Operation.HOLDS:
            return "count(*) > 0"
        entry = OPERATIONS[plan.operation]
        if plan.operation is Operation.MISSING:
            return entry.sql.format(empty=self._positive(Filter(plan.columns[0], Compare.EMPTY)))
        if plan.operation is Operation.DUPLICATES:
            return entry.sql.format(all=", ".join(map(named, plan.columns)))
        pair = plan.operation is Operation.CORRELATION
        values = map(self.value, plan.columns) if pair else [self._sum(plan.columns)]
        return entry.sql.format(*values, rows=self.selected(plan), at=plan.at or entry.at)

    def _gaps(self, plan: Plan, selected: str) -> str:
        empty = (self._positive(Filter(name, Compare.EMPTY)) for name in plan.columns)
        counts = ", ".join(f"count(*) FILTER (WHERE {each})" for each in empty)
        names = ", ".join(map(quoted, plan.columns))
        each = f"SELECT unnest([{names}]) AS answer, unnest([{counts}]) AS figure FROM ({selected})"
        return f"SELECT answer, figure FROM ({each}) WHERE figure > 0"

    def _share(self, plan: Plan, selected: str) -> str:
        figure = f"sum({self._sum(plan.columns)})" if plan.columns else "count(*)"
        whole = f"SELECT {figure} FROM data{self._where(plan.base)}"
        return (
            f"SELECT round(100.0 * (SELECT {figure} FROM ({selected})) / nullif(({whole}), 0), 4) AS answer"
        )

    def _longest_run(self, plan: Plan, selected: str) -> str:
        """Consecutive rows have the same difference between their own position and that among the selected
        rows.
        """
        value = self.value(plan.columns[0]) if plan.columns else FILE_ORDER
        runs = f"SELECT {value} - row_number() OVER (ORDER BY {value}) AS run FROM ({selected})"
        sizes = f"SELECT count(*) AS size FROM ({runs}) GROUP BY run"
        return f"SELECT coalesce(max(size), 0) AS answer FROM ({sizes})"

    def _cells(self, plan: Plan, selected: str) -> str:
        between = "': '" if len(plan.columns) < 3 else "', '"
        parts = [self._as_text(name) for name in plan.columns]
        text = parts[0]
        # If there is one row only, its cells are also listed one by one, after the whole.
        alone, known = "", f"{text} IS NOT NULL"
        if len(parts) > 1:
            # A row is left out only if all its cells are empty.
            known = " OR ".join(f"{part} IS NOT NULL" for part in parts)
            text = f" || {between} || ".join(f"coalesce({part}, '')" for part in parts)
            alone = "".join(f", any_value({part})" for part in parts)
        order = plan.order
        if order and order.columns != (FILE_ORDER,) and not plan.step and not order.within:
            value = self._sum(order.columns)
            place = f"max({value}) DESC" if order.descending else f"min({value})"
        else:
            last = order and order.descending and not plan.step and not order.within
            place = "max(_row) DESC" if last else "min(_row)"
        return (
            f"SELECT min({text}) AS answer{alone} FROM ({selected}) WHERE {known} "
            f"GROUP BY trim(lower({text})) ORDER BY {place}, min(_row) LIMIT {MAX_VALUES + 1}"
        )

    def _as_text(self, name: str) -> str:
        """A cell as it is written; a whole number without a decimal place."""
        written = f"CAST({named(name)} AS VARCHAR)"
        whole = self.schema.get(name).reading is Reading.NUMBER
        return rf"regexp_replace({written}, '\.0$', '')" if whole else written

    def _groups(self, plan: Plan, group: Group) -> str:
        measure = self._measure(group, plan.base)
        selected = self.selected(plan)
        having = ""
        if group.having:
            having = f" HAVING {measure} {_SIGNS[group.having]} {group.threshold}"
        key = self._group_key(group.column, group.part)
        answer, known = self._group_shown(group.column, group.part), f"{key} IS NOT NULL"
        if group.second:
            other = self._group_key(group.second, group.second_part)
            shown = self._group_shown(group.second, group.second_part)
            answer = f"CAST({answer} AS VARCHAR) || ', ' || CAST({shown} AS VARCHAR)"
            key, known = f"{key}, {other}", f"{known} AND {other} IS NOT NULL"
        outer = self._group_key(group.column, group.part)
        grouped = (
            f"SELECT {answer} AS answer, {outer} AS outer_key, {measure} AS size, min(_row) AS first "
            f"FROM ({selected}) WHERE {known} GROUP BY {key}{having}"
        )
        if group.counted:
            return f"SELECT count(*) AS answer FROM ({grouped})"
        if group.then:
            return f"SELECT avg(size) AS answer FROM ({grouped})"
        if group.figures:
            return (
                f"SELECT answer, round(size, 4) AS figure FROM ({grouped}) WHERE size IS NOT NULL "
                f"ORDER BY size DESC, first LIMIT {MAX_VALUES + 1}"
            )
        if not group.order:
            return f"SELECT answer FROM ({grouped}) ORDER BY first LIMIT {MAX_VALUES + 1}"
        way, past = "DESC" if group.order == "most" else "ASC", group.skip
        if group.within:
            return (
                f"SELECT answer, round(size, 4) AS figure FROM ({grouped}) WHERE size IS NOT NULL "
                f"QUALIFY rank() OVER (PARTITION BY outer_key ORDER BY size {way}) "
                f"BETWEEN {past + 1} AND {past + group.limit} "
                f"ORDER BY outer_key, size {way}, first LIMIT {MAX_VALUES + 1}"
            )
        return (
            f"SELECT answer, round(size, 4) AS figure FROM ({grouped}) WHERE size IS NOT NULL "
            f"QUALIFY rank() OVER (ORDER BY size {way}) BETWEEN {past + 1} AND {past + group.limit} "
            f"ORDER BY size {way}, first LIMIT {MAX_VALUES + 1}"
        )

    def _group_key(self, column: str, part: str) -> str:
        """What is equal in a group. Spellings that differ only in case and blanks are equal."""
        if _is_width(part):
            return f"floor({self.value(column)} / {part}) * {part}"
        if part:
            return _PARTS[part].format(self.value(column))
        return named(column) if self._is_plain(column) else _folded(column)

    def _is_plain(self, column: str) -> bool:
        known = self.schema.get(column)
        return known.reading is not Reading.TEXT or known.distinct > FOLDED

    def _group_shown(self, column: str, part: str) -> str:
        """The name of a group: its most common spelling."""
        key = self._group_key(column, part)
        if _is_width(part):
            return self._bin_shown(column, key, part)
        return key if part or self._is_plain(column) else f"trim(mode({named(column)}))"

    def _bin_shown(self, column: str, low: str, width: str) -> str:
        """ "20-29" of whole numbers, "20 to under 30" of others."""
        values = self.schema.get(column).values
        low = low if "." in width else f"CAST({low} AS BIGINT)"
        if values and "." not in width and not any("." in value for value in values):
            return f"{low} || '-' || ({low} + {width} - 1)"
        return f"({low}) || ' to under ' || ({low} + {width})"

    def _measure(self, group: Group, part: tuple[Filter, ...]) -> str:
        if group.measure == "count":
            return f"count(DISTINCT {self._group_key(group.of, '')})" if group.of else "count(*)"
        if group.over:
            return f"sum({self.value(group.of)}) / nullif(CAST(sum({self.value(group.over)}) AS DOUBLE), 0)"
        if group.measure == "share":
            figure = f"sum({self.value(group.of)})" if group.of else "count(*)"
            return f"100.0 * {figure} / nullif(sum({figure}) OVER (), 0)"
        if group.measure == "rate":
            whole = f"sum({self.value(group.of)})" if group.of else "count(*)"
            fits = " AND ".join(map(self._condition, part))
            return f"100.0 * ({whole} FILTER (WHERE {fits})) / nullif(({whole}), 0)"
        return OPERATIONS[Operation(group.measure)].sql.format(self.value(group.of))


def _is_width(part: str) -> bool:
    return part.replace(".", "", 1).isdigit()


def _folded(column: str) -> str:
    """A cell in lower case without outer blanks; null if nothing is left."""
    return f"nullif(lower(trim(CAST({named(column)} AS VARCHAR))), '')"
