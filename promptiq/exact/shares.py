"""The family of shares: "what percentage of customers take the newsletter", "share of spent from Leeds"."""

from __future__ import annotations

from promptiq.exact.asking import Asked
from promptiq.exact.conditions import read_conditions
from promptiq.exact.linking import headers
from promptiq.exact.plans import Filter, Operation, Plan, Role
from promptiq.exact.question import COLUMN, Question, is_measure

_SHARE = (
    r"\b(percentage|percent|share|proportion|fraction)\b"
    r"(?: of(?: (?:the|all|our|total|overall))*)?(?: (\S+))?"
)
# Where what is said of the whole ends and what is said of its part begins.
_TURN = frozenset(
    (
        "that",
        "who",
        "which",
        "whose",
        "are",
        "is",
        "was",
        "were",
        "have",
        "has",
        "had",
        "take",
        "takes",
        "took",
        "do",
        "does",
        "did",
        "with",
        "come",
        "comes",
        "came",
        "go",
        "goes",
        "went",
        "spent",
        "paid",
        "bought",
        "ordered",
    )
)


def share(question: Question, asked: Asked) -> Plan | None:
    matched = question.found(_SHARE)
    if not matched or asked.form == "yes" or holds_shares(question):
        return None
    question.use(matched[1], asked.noun if asked.noun == matched[1] else "")
    columns, whole = _whole(question, matched[2] or "")
    question.use(whole)
    start = question.items.index(matched[1]) + 1
    turn = next((p for p in range(start, len(question.items)) if question.items[p] in _TURN), None)
    before = set(question.used)
    base: tuple[Filter, ...] = ()
    if turn is not None:
        base = read_conditions(question, "", {whole, *question.items[turn:]}).filters
        question.used = before
    filters = read_conditions(question, "", {whole}).filters
    if not filters or set(base) == set(filters) or not set(base) <= set(filters):
        return None
    if _says_more(question, start, {whole, asked.noun}) or (turn is None and len(filters) > 1):
        return None
    return Plan(Operation.SHARE, columns, filters, base=base)


def holds_shares(question: Question) -> bool:
    """Whether a column already holds shares, so that the question looks one up."""
    names = {word.stem for each in question.schema.columns for form in headers(each.name) for word in form}
    return bool(names & {"percent", "shar"}) or any(each.percent for each in question.schema.columns)


def _whole(question: Question, said: str) -> tuple[tuple[str, ...], str]:
    """What the share is of: the rows, or the sum of a column; and the mention that says so."""
    if not said.startswith(COLUMN):
        return (), ""
    column = question.column(said)
    if column is None or column.flags:
        return (), ""
    if is_measure(column):
        return (column.name,), said
    return (), said if column.role is Role.ENTITY else ""


def _says_more(question: Question, start: int, known: set[str]) -> bool:
    """Whether words after the name of the whole are left: the part may be another than was understood."""
    left = {item for item, weight in question.unexplained() if weight >= 0.4} - known
    return bool(left & set(question.items[start + 3 :]))
