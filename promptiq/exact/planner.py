"""From a question to a plan: of those that it may mean, the likeliest."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

from promptiq.exact.adjectives import SUPERLATIVES
from promptiq.exact.asking import AUXILIARIES, Asked, expects_several, read_asked
from promptiq.exact.candidates import candidates
from promptiq.exact.cell_names import ValueChoice
from promptiq.exact.conditions import choose, rivals
from promptiq.exact.families import RULES
from promptiq.exact.features import explained
from promptiq.exact.guards import UNANSWERED, unanswered
from promptiq.exact.linking import names_whole
from promptiq.exact.meaning import Embed
from promptiq.exact.plans import Ambiguous, Compare, Filter, Likelihood, Operation, Plan, Role, Schema
from promptiq.exact.question import COLUMN, VALUE, Question
from promptiq.exact.ranking import SURE, credit, fitted, ranked, weigh
from promptiq.exact.vocabulary import SOFT, STOP
from promptiq.exact.wording import in_words
from promptiq.exact.words import fold, tokens

# How fast what a plan leaves unexplained takes its confidence away.
DOUBT = 0.2
# The same of words that ask for another computation than the plan is.
UNASKED = 0.4
# What it costs that no word names the column that is shown.
GUESSED = 0.6
# A plan that is less likely is not worth running.
WORTH_RUNNING = 0.05
# Plans beside the likeliest that are tried.
MAX_OTHERS = 7


def plan(question: str, schema: Schema, embed: Embed | None = None) -> Plan | Ambiguous | None:
    """The question as a computation over the table; None where none is likely enough to be worth running.

    `embed` helps with words that no header and no cell spells; without it they are matched by spelling and
    synonyms only.
    """
    reading = _read(question, schema, embed)
    asked = read_asked(reading)
    rules = proposals(reading, asked)
    if verdict := _verdict(reading, asked, rules):
        return _of_which_date(reading, verdict) or verdict
    found = _likely(question, reading, asked, rules)
    if not found or found[0].confidence < WORTH_RUNNING:
        return None
    best = found[0]
    if other := _other_meaning(reading, asked, best):
        return other
    return replace(best, others=tuple(found[1:]))


def _verdict(reading: Question, asked: Asked, rules: dict[Plan, float]) -> Plan | None:
    """What a family is sure of, where weights do not tell better.

    Answers of yes and no: any two plans have the same result by chance half the time. Figures of all groups,
    the best month or year, and differences of two places in an order: there are none among the plans that the
    weights are fitted to.
    """
    made, sure = next(iter(rules.items()), (None, 0.0))
    if made is None or sure <= SURE:
        return None
    is_verdict = made.operation is Operation.GREATER or (
        made.operation is Operation.HOLDS and "or" not in reading.items
    )
    of_places = made.operation is Operation.DIFFERENCE and all(side.order for side in made.operands)
    of_groups = made.group is not None and (made.group.figures or bool(made.group.part))
    if not (is_verdict or of_places or of_groups):
        return None
    confidence = sure * _kept(reading, asked, made)
    return replace(made, confidence=confidence, read_as=tuple(_read_as(reading, made)))


def _of_which_date(reading: Question, made: Plan) -> Ambiguous | None:
    """Groups of months or years where the table has several columns of dates, and none is named."""
    dates = reading.dates()
    if not made.group or not made.group.part or len(dates) < 2:
        return None
    plans = tuple(
        replace(made, columns=(each.name,), group=replace(made.group, column=each.name)) for each in dates
    )
    return Ambiguous(plans, tuple(in_words(each) for each in plans))


def _likely(question: str, reading: Question, asked: Asked, rules: dict[Plan, float]) -> list[Plan]:
    """Those plans that are tried, with how likely they are, the likeliest first."""
    plans = all_plans(reading, asked, rules)
    several, left, said = expects_several(reading), words_left(reading), fold(question)
    found = []
    weights = fitted()
    for made, share, speaking in ranked(reading, asked, plans, rules, weights)[: 1 + MAX_OTHERS]:
        kept, trust = _kept(reading, asked, made), weigh(speaking, weights.results)
        likelihood = Likelihood(share, asked.form, said, left, rules.get(made, 0.0), kept, trust)
        sure = credit(made, likelihood, share, None, weights) * kept
        read_as = tuple(_read_as(reading, made))
        found.append(
            replace(
                made,
                several=several,
                confidence=sure,
                likelihood=likelihood,
                read_as=read_as,
                also=_also(asked, made),
            )
        )
    return found


def _also(asked: Asked, made: Plan) -> Plan | None:
    """ "How many customers" of a table of orders: rows are counted, and so are the customers."""
    column = asked.column if asked.form == "count" and asked.item else None
    if column is None or column.masked or column.role is not Role.ENTITY:
        return None
    is_plain = made == Plan(Operation.COUNT, (), made.filters)
    named = any(condition.column == column.name for condition in made.filters)
    return Plan(Operation.COUNT, (column.name,), made.filters) if is_plain and not named else None


def _read_as(reading: Question, made: Plan) -> Iterator[str]:
    if not any(mention.by_meaning for mention in reading.mentions):
        return
    used = explained(reading, made)
    for item in reading.items:
        if item in used and (mention := reading.mention(item)).by_meaning:
            yield mention.values[0].values[0] if mention.values else mention.columns[0].name


def all_plans(reading: Question, asked: Asked, rules: dict[Plan, float]) -> list[Plan]:
    """What the families propose, and everything else that the mentions may mean."""
    free = (without_summaries(made, reading) for made in candidates(reading, asked))
    return list(dict.fromkeys((*rules, *free)))


def words_left(reading: Question) -> float:
    """How many words of weight no mention stands for."""
    return float(
        sum(
            not item.startswith("@") and item not in STOP and item not in SUPERLATIVES and not _is_soft(item)
            for item in reading.items
        )
    )


def _is_soft(item: str) -> bool:
    words = tokens(item)
    return not words or words[0].stem in SOFT


def _kept(reading: Question, asked: Asked, made: Plan) -> float:
    """Less than 1 where the question has words that ask for a computation which the plan does not do."""
    before = set(reading.used)
    reading.used = explained(reading, made) | reading.explained_by.get(made, set())
    left = unanswered(reading, made) + UNANSWERED * _passes_over_masked(reading, asked, made)
    told = {f.column for f in made.filters if f.compare is Compare.IS and not f.negated}
    if made.operation is Operation.LOOKUP and not (made.order or made.step) and made.columns[0] in told:
        new = made.without or "or" in reading.items or reading.is_spelled()
        left += 0.0 if new else UNANSWERED  # it would repeat what was said
    left += UNANSWERED * _shows_an_object(reading, asked, made)
    # No column says where, or when: a cell of another one would be no answer.
    if asked.form in ("where", "when") and not asked.sure and made.operation is Operation.LOOKUP:
        left += UNANSWERED
    reading.used = before
    return math.exp(-UNASKED * left)


def _shows_an_object(reading: Question, asked: Asked, made: Plan) -> bool:
    """ "who placed the first order" is not answered by the order."""
    name = reading.subject().name
    if asked.form != "who" or asked.column is None or asked.column.name == name:
        return False
    after = reading.items[asked.place + 1 :]
    named = any(item.startswith(COLUMN) and reading.column(item) == reading.subject() for item in after)
    verb = "".join(reading.items[asked.place : asked.place + 1])
    is_shown = made.operation is Operation.LOOKUP and made.columns[0] == name
    is_shown = is_shown and all(condition.column != name for condition in made.filters)
    return is_shown and named and verb not in AUXILIARIES


def _passes_over_masked(reading: Question, asked: Asked, made: Plan) -> bool:
    """Whether the question names a masked column that the plan leaves out: it would answer something else.

    Where rows are counted or added up, what they are called is no such name: "customers" of customer_name.
    """
    for item in reading.of_kind(COLUMN):
        column = reading.column(item)
        if column is None or not column.masked or item in reading.used:
            continue
        figure = made.operation is not Operation.LOOKUP and column.role is Role.ENTITY
        wanted = item == asked.item and asked.form != "count"
        if wanted or not figure or names_whole(reading.mention(item), column.name):
            return True
    return False


def _read(question: str, schema: Schema, embed: Embed | None) -> Question:
    # "Nigeria has the most gold, but who has the most overall?": the statement is no condition.
    asked_part = re.sub(r"^.*\bbut (?=(who|which|what|how)\b)", "", question, flags=re.IGNORECASE)
    return Question.read(asked_part, schema, embed)


def proposals(reading: Question, asked: Asked) -> dict[Plan, float]:
    """What the families of questions propose, with their confidence, the surest first."""
    before = frozenset(reading.used)
    found: dict[Plan, float] = {}
    for rule in RULES:
        reading.used = set(before)
        made = rule.family(reading, asked)
        if made is None or (_repeats(made) and not reading.is_spelled()):
            continue
        reading.use(*rule.explains)
        made = without_summaries(made, reading)
        confidence = _confidence(reading, asked, made, rule.sure)
        if confidence > found.get(made, 0.0):
            found[made] = confidence
            reading.explained_by[made] = set(reading.used)
    reading.used = set(before)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _other_meaning(reading: Question, asked: Asked, best: Plan) -> Ambiguous | None:
    """The plan with a value taken for that of another column, where that fits as well."""
    for item, choices in _ambiguous_values(reading, asked).items():
        meant = choose(reading, item, asked.column.name if asked.column else "")
        plans = [best]
        for choice in choices:
            taken = tuple(
                replace(f, column=choice.column, values=choice.values)
                if (f.column, f.values) == (meant.column, meant.values)
                else f
                for f in best.filters
            )
            if taken != best.filters:
                plans.append(replace(best, filters=taken))
        if len(plans) > 1:
            return Ambiguous(tuple(plans), tuple(in_words(each) for each in plans))
    return None


def _repeats(made: Plan) -> bool:
    """Whether the answer would be what the question itself has said: the name of the row it named."""
    told = {
        f.column for f in made.filters if f.compare is Compare.IS and not f.negated and len(f.values) == 1
    }
    alone = made.order is None and made.step is None and made.group is None
    return made.operation is Operation.LOOKUP and alone and not made.without and made.columns[0] in told


def without_summaries(made: Plan, question: Question) -> Plan:
    """The plan without the table's rows of sums, unless it speaks of one."""
    column, cells = question.summaries()
    if not cells or any(f.column == column and not f.negated for f in made.filters):
        return made
    if made.operands:
        return replace(made, operands=tuple(without_summaries(each, question) for each in made.operands))
    apart = Filter(column, Compare.IS, cells, negated=True)
    base = (*made.base, apart) if made.operation is Operation.SHARE else ()
    return replace(made, filters=(*made.filters, apart), base=base)


def _confidence(question: Question, asked: Asked, made: Plan, sure: float) -> float:
    question.use(asked.item)
    left = sum(weight for _, weight in question.unexplained()) + question.doubt()
    left += unanswered(question, made)
    if not asked.sure and asked.column and asked.column.name in made.columns:
        left += GUESSED
    if not asked.sure and made.operation is Operation.COUNT:
        left += GUESSED / 2
    return sure * math.exp(-DOUBT * left)


def _ambiguous_values(question: Question, asked: Asked) -> dict[str, list[ValueChoice]]:
    """Mentions of values that mean as much in other columns, with what they mean there."""
    name = asked.column.name if asked.column else ""
    found = {item: rivals(question, item, name) for item in question.of_kind(VALUE)}
    return {item: others for item, others in found.items() if others}
