"""What speaks for a plan and against it, as numbers: how its parts fit the words of the question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from promptiq.exact.adjectives import COMPARATIVES, GRADED, SUPERLATIVES, Adjective
from promptiq.exact.asking import Asked
from promptiq.exact.kinds import kind_of
from promptiq.exact.linking import headers
from promptiq.exact.plans import FILE_ORDER, Compare, Filter, Operation, Order, Plan, Role
from promptiq.exact.question import COLUMN, DATE, NUMBER, ORDINAL, VALUE, Question
from promptiq.exact.vocabulary import word_set
from promptiq.exact.words import stem

Features = dict[str, float]

# Words that say by what, and which way, rows are put in order.
_ORDERING = (
    SUPERLATIVES.keys()
    | COMPARATIVES.keys()
    | word_set(
        """
    first last final listed list table chart ranked rank next previous before after above below following
    place finish finished came recent prior preceding then start started win won who
    """
    )
)
# Words that stand in all questions alike.
_PLAIN = frozenset(("the", "a", "an", "of", "s"))
# How surely a mention means a cell: the whole of it, one of its parts, or only some of its words.
WHOLE, PART = 0.95, 0.8
# Items between two that belong together, at most.
_NEAR = 6
_KINDS_OF = {VALUE: "value", COLUMN: "column", NUMBER: "number", ORDINAL: "ordinal", DATE: "date"}


def features(question: Question, asked: Asked, plan: Plan, rules: Mapping[Plan, float]) -> Features:
    """By name. `rules`: what the families of questions propose, with their confidence, the surest first."""
    found: Features = {}
    form = shape(plan)
    found[f"op:{form}"] = 1.0
    found[f"op:{form}|form:{asked.form}"] = 1.0
    words = dict.fromkeys(item for item in question.items if not item.startswith("@") and item not in _PLAIN)
    for word in words:
        found[f"op:{form}|w:{word}"] = 1.0
    found[f"op:{form}|b:{' '.join(question.items[:2])}"] = 1.0
    for part in _parts(plan):
        _add(found, _of_columns(question, asked, part, form))
        if part.order:
            _add(found, _of_order(question, asked, part.order, words))
        if part.step:
            way = (
                "file" if part.step.column == FILE_ORDER else question.schema.get(part.step.column).role.value
            )
            _add(found, ((f"step:{way}", 1.0),))
            _add(found, ((f"step:{way}|w:{word}", 1.0) for word in words if word in _ORDERING))
    _add(found, _of_filters(question, plan))
    _add(found, _of_what_is_left(question, plan))
    _add(found, _of_rules(plan, rules))
    return found


def _add(found: Features, more: Iterator[tuple[str, float]] | tuple[tuple[str, float], ...]) -> None:
    for name, value in more:
        found[name] = found.get(name, 0.0) + value


def _parts(plan: Plan) -> tuple[Plan, ...]:
    return plan.operands or (plan,)


def shape(plan: Plan) -> str:
    """What is done, without to which columns: "lookup max", "count more than another", "difference sum"."""
    name = plan.operation.value
    if plan.operands:
        return f"{name} {plan.operands[0].operation.value}"
    if plan.group:
        group = plan.group
        if group.having:
            return f"group {'counted' if group.counted else 'having'}"
        return f"group {group.order or 'all'} {group.measure}"
    if plan.operation is Operation.COUNT and plan.columns:
        name = "count distinct"
    if plan.operation is Operation.SUM and len(plan.columns) > 1:
        name = "sum of several"
    if plan.order:
        way = "last" if plan.order.descending else "first"
        name += f" file {way}" if plan.order.columns == (FILE_ORDER,) else " extreme"
        if len(plan.filters) and len(plan.filters[0].values) > 1 and plan.filters[0].column in plan.columns:
            name += " of two"
        if plan.order.skip:
            name += " skip"
    if plan.step:
        name += " next" if plan.step.by > 0 else " previous"
    for condition in plan.filters:
        if condition.other:
            name += " same" if condition.compare is Compare.SAME_AS else " against"
    return name if plan.filters or plan.order else f"{name} of all"


# --- what is shown or computed


def _of_columns(question: Question, asked: Asked, plan: Plan, form: str) -> Iterator[tuple[str, float]]:
    cell = "cell" if plan.operation is Operation.LOOKUP else "group" if plan.group else "figure"
    ordered = plan.order.columns if plan.order else ()
    for name in plan.columns:
        column = question.schema.get(name)
        role = column.role.value
        link = best_link(question, name)
        yield f"{cell}:link", link
        yield f"{cell}:{'named' if link else 'unnamed'}", 1.0
        yield f"{cell}:{role}|{asked.form}", 1.0
        if name == (asked.column.name if asked.column else ""):
            yield f"{cell}:asked", 1.0
            yield f"{cell}:asked {'sure' if asked.sure else 'guessed'}|{asked.form}", 1.0
        if asked.item and any(c.name == name for c in question.columns(asked.item)):
            yield f"{cell}:item", 1.0
        elif asked.item:
            yield f"{cell}:not the item", 1.0
        if column == question.subject():
            yield f"{cell}:subject", 1.0
        if column == question.schema.columns[0]:
            yield f"{cell}:first column", 1.0
        if name in ordered:
            yield f"{cell}:ordered by|{asked.form}", 1.0
        kind = kind_of(column)
        yield f"{cell}:kind {kind}|{asked.form}", 1.0
        if asked.noun:
            yield f"{cell}:kind {kind}|noun {stem(asked.noun)}", 1.0
        if not column.masked and question.schema.rows:
            yield f"{cell}:distinct", column.distinct / question.schema.rows
        if any(f.column == name and f.compare is Compare.IS and not f.negated for f in plan.filters):
            yield f"{cell}:told", 1.0


def best_link(question: Question, name: str) -> float:
    """How well any mention of a column names this one; 0 where none does."""
    scores = [
        choice.score
        for item in question.of_kind(COLUMN)
        for choice in question.mention(item).columns
        if choice.name == name
    ]
    return max(scores, default=0.0)


def nearness(question: Question, name: str, places: Sequence[int]) -> float:
    """How near a mention of the column stands to one of these places: 1 beside it, 0 nowhere near."""
    found = [
        abs(question.index(item) - place)
        for item in question.of_kind(COLUMN)
        if any(column.name == name for column in question.columns(item))
        for place in places
    ]
    return max(0.0, 1 - (min(found, default=_NEAR) - 1) / _NEAR)


# --- in which order


def _of_order(
    question: Question, asked: Asked, order: Order, words: Mapping[str, None]
) -> Iterator[tuple[str, float]]:
    name = order.columns[0]
    way = "down" if order.descending else "up"
    column = None if name == FILE_ORDER else question.schema.get(name)
    role = column.role.value if column else "file"
    yield f"order:{role} {way}", 1.0
    for word in words:
        if word in _ORDERING:
            yield f"order:{role} {way}|w:{word}", 1.0
    yield f"order:limit {'more' if order.limit > 1 else 'one'}", 1.0
    if column is None:
        return
    yield "order:link", best_link(question, name)
    triggers = [
        place for place, item in enumerate(question.items) if item in _ORDERING or item.startswith(ORDINAL)
    ]
    yield "order:near", nearness(question, name, triggers)
    stems = {token.stem for form in headers(name) for token in form}
    for adjective in _adjectives(question):
        hinted = stems & set(adjective.hints)
        against = stems & set(adjective.down_hints)
        if hinted or against:
            yield "order:hinted", 1.0
        if adjective.moment and column.role is Role.MOMENT:
            yield "order:of time", 1.0
        up = adjective.up if not (against and not hinted) else not adjective.up
        yield f"order:{column.role.value} {'agrees' if up == order.descending else 'disagrees'}", 1.0
    if (
        sum(each.role is Role.MEASURE for each in question.schema.columns) == 1
        and column.role is Role.MEASURE
    ):
        yield "order:only measure", 1.0
    if column == question.total():
        yield "order:total", 1.0


def _adjectives(question: Question) -> list[Adjective]:
    found = []
    for place, item in enumerate(question.items):
        after = question.items[place + 1] if place + 1 < len(question.items) else ""
        if item in {"most", "least"} and after in GRADED:
            continue
        if item in SUPERLATIVES:
            found.append(SUPERLATIVES[item])
        elif item in COMPARATIVES:
            found.append(COMPARATIVES[item])
        elif item in GRADED and place and question.items[place - 1] in {"most", "least"}:
            found.append(GRADED[item])
    return found[:2]


# --- which rows


def _of_filters(question: Question, plan: Plan) -> Iterator[tuple[str, float]]:
    conditions = list(_all_filters(plan))
    yield f"filters:{min(len(conditions), 4)}", 1.0
    told: set[str] = set()
    for condition in conditions:
        if condition.other:
            yield f"against:{condition.compare.name}", 1.0
            yield "against:link", best_link(question, condition.column)
            continue
        column = question.schema.get(condition.column)
        if condition.compare in (Compare.IS, Compare.HAS):
            score = _value_score(question, condition)
            if score:  # else no mention says so, but a verb: "matches they won"
                yield "is:score", score
                yield f"is:{'whole' if score > WHOLE else 'part' if score > PART else 'word'}", 1.0
            yield f"is:{kind_of(column)}", 1.0
            if condition.column in told and not condition.negated and not plan.operands:
                yield "is:told twice", 1.0
            told.add(condition.column)
        else:
            yield f"number:{column.role.value}", 1.0
            named = "named" if best_link(question, condition.column) else "unnamed"
            yield f"number:{column.role.value} {named}", 1.0
            yield f"number:{condition.compare.name}", 1.0
            places = [
                place for place, item in enumerate(question.items) if item[:2] in (NUMBER, ORDINAL, DATE)
            ]
            yield "number:near", nearness(question, condition.column, places)
        if condition.negated:
            yield "negated", 1.0


def _all_filters(plan: Plan) -> Iterator[Filter]:
    for part in _parts(plan):
        for condition in part.filters:
            yield condition
            yield from condition.other


def _value_score(question: Question, condition: Filter) -> float:
    """How surely a mention means these cells."""
    best = 0.0
    for item in question.of_kind(VALUE):
        for choice in question.mention(item).values:
            if choice.column == condition.column and set(choice.values) & set(condition.values):
                best = max(best, choice.score)
    return best


# --- what the plan passes over


def _of_what_is_left(question: Question, plan: Plan) -> Iterator[tuple[str, float]]:
    used = explained(question, plan)
    for place, item in enumerate(question.items):
        if item in used:
            continue
        kind = _KINDS_OF.get(item[:2])
        if kind == "value":
            yield "left:value", question.mention(item).score
        elif kind == "column":
            yield "left:column", question.mention(item).score
        elif kind:
            yield f"left:{kind}", 1.0
        elif item in SUPERLATIVES and not (place and question.items[place - 1] == "at"):
            yield "left:superlative", float(not (plan.order or plan.group))


def explained(question: Question, plan: Plan) -> set[str]:
    """The mentions that the plan stands for."""
    conditions = list(_all_filters(plan))
    columns = {name for part in _parts(plan) for name in part.columns}
    columns |= {condition.column for condition in conditions}
    orders = [part.order for part in _parts(plan) if part.order]
    columns |= {name for order in orders for name in order.columns}
    if plan.group:
        columns |= {plan.group.column, plan.group.of}
    counts = {str(order.limit) for order in orders} | {str(order.skip + 1) for order in orders}
    if plan.group and plan.group.having:
        counts.add(plan.group.threshold)
    said = {value for condition in conditions for value in condition.values}
    used = set()
    for item in question.items:
        if not item.startswith("@"):
            continue
        mention = question.mention(item)
        if item.startswith(COLUMN):
            fits = any(column.name in columns for column in question.columns(item))
        elif item.startswith(VALUE):
            fits = any(
                condition.column == choice.column and set(condition.values) & set(choice.values)
                for condition in conditions
                for choice in mention.values
            )
        elif item.startswith(DATE):
            fits = any(condition.part for condition in conditions)
        else:
            text = mention.number.text if mention.number else ""
            fits = text in counts or text in said or any(_holds(text, condition) for condition in conditions)
        if fits:
            used.add(item)
    return used


def _holds(text: str, condition: Filter) -> bool:
    return condition.compare is Compare.IS and any(text in value for value in condition.values)


# --- what the rules say


def _of_rules(plan: Plan, rules: Mapping[Plan, float]) -> Iterator[tuple[str, float]]:
    for place, (other, confidence) in enumerate(rules.items()):
        if other == plan:
            yield ("rule:best" if place == 0 else "rule:other"), 1.0
            yield ("rule:best sure" if place == 0 else "rule:other sure"), confidence
        if place == 0:
            alike = shape(other) == shape(plan)
            yield ("rule:alike" if alike else "rule:unlike"), confidence
            if other.filters == plan.filters:
                yield "rule:same rows", confidence
            if other.columns == plan.columns:
                yield "rule:same columns", confidence
