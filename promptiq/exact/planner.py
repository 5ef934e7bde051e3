"""From a question to a plan: every family of questions proposes one, and what explains most is taken."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from promptiq.exact.asking import Asked, expects_several, read_asked
from promptiq.exact.conditions import rivals
from promptiq.exact.families import RULES
from promptiq.exact.guards import unanswered
from promptiq.exact.linking import Embed, ValueChoice
from promptiq.exact.plans import THRESHOLD, Ambiguous, Compare, Filter, Operation, Plan, Schema
from promptiq.exact.question import VALUE, Question
from promptiq.exact.wording import in_words

# How fast what a plan leaves unexplained takes its confidence away.
DOUBT = 0.2
# What it costs that no word names the column that is shown.
GUESSED = 0.6
# Two plans whose confidence differs by less fit equally well.
SAME = 0.02


def plan(question: str, schema: Schema, embed: Embed | None = None) -> Plan | Ambiguous | None:
    """The question as a computation over the table; None where none explains enough of it.

    `embed` helps with nouns that no header spells; without it they are matched by spelling and synonyms only.
    """
    reading = _read(question, schema, embed)
    asked = read_asked(reading)
    best = _best(reading, asked)
    if best is None or best.confidence < THRESHOLD:
        return None
    return _other_meaning(reading, asked, best) or best


def propose(question: str, schema: Schema, embed: Embed | None = None) -> Plan | None:
    """The best plan whatever its confidence."""
    reading = _read(question, schema, embed)
    return _best(reading, read_asked(reading))


def _read(question: str, schema: Schema, embed: Embed | None) -> Question:
    # "Nigeria has the most gold, but who has the most overall?": the statement is no condition.
    asked_part = re.sub(r"^.*\bbut (?=(who|which|what|how)\b)", "", question, flags=re.IGNORECASE)
    return Question.read(asked_part, schema, embed)


def _best(reading: Question, asked: Asked) -> Plan | None:
    before = frozenset(reading.used)
    best: Plan | None = None
    for rule in RULES:
        reading.used = set(before)
        made = rule.family(reading, asked)
        if made is None or _repeats(made):
            continue
        reading.use(*rule.explains)
        made = replace(
            without_summaries(made, reading),
            several=expects_several(reading),
            confidence=_confidence(reading, asked, made, rule.sure),
        )
        if best is None or made.confidence > best.confidence + 1e-9:
            best = made
    reading.used = set(before)
    return best


def _other_meaning(reading: Question, asked: Asked, best: Plan) -> Ambiguous | None:
    """The plans that take a value for that of another column, where that fits as well."""
    for item, choices in _ambiguous_values(reading, asked).items():
        plans = [best]
        for choice in choices:
            reading.settled = {item: choice.column}
            other = _best(reading, asked)
            if other and other.confidence > best.confidence - SAME and other not in plans:
                plans.append(other)
        reading.settled = {}
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
