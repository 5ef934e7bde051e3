"""Follow-up questions: other conditions, another group or another figure for the previous plan."""

from __future__ import annotations

from dataclasses import replace

from promptiq.exact.grammar.amounts import Figure, group_of
from promptiq.exact.grammar.draft import Draft, is_number
from promptiq.exact.grammar.nouns import counts_rows, label
from promptiq.exact.grammar.placing import Top
from promptiq.exact.plans import Compare, Filter, Group, Operation, Plan


def followed(before: Plan, draft: Draft, top: Top | None, figures: list[Figure]) -> Plan | None:
    """The previous plan with its parts replaced by the draft's. None if nothing changes."""
    made = before
    if draft.filters:
        made = _with(made, tuple(dict.fromkeys(draft.filters)))
    if draft.keys:
        made = _grouped(made, draft.keys[0]) or made
    if any(figure.operation is Operation.COUNT and not figure.columns for figure in figures):
        made = _counted(made)
    elif figures:
        made = _figured(made, figures[0])
    elif draft.said("op"):
        return None
    if top is not None:
        made = _topped(made, top, draft)
    if made == before and draft.said("list") and any(counts_rows(draft, item) for item in draft.items):
        made = _listed(before, draft)
    return made if made != before else None


def _with(made: Plan, filters: tuple[Filter, ...]) -> Plan:
    """The plan with these conditions, and with its own on other columns."""
    if made.operands:
        return replace(made, operands=tuple(_with(each, filters) for each in made.operands))
    columns = {each.column for each in filters}
    changed = replace(made, filters=(*(f for f in made.filters if f.column not in columns), *filters))
    if made.operation is Operation.SHARE:
        # A repeated part replaces the part of the same whole; otherwise it is the same part of fewer rows.
        part = {each.column for each in made.filters if each not in made.base}
        if not columns & part:
            changed = replace(changed, base=(*(f for f in made.base if f.column not in columns), *filters))
    return changed


def _listed(before: Plan, draft: Draft) -> Plan:
    """ "show the rows": the names of the rows behind the answer."""
    name = label(draft.schema, draft.lexicon)
    if not name or before.operands:
        return before
    draft.use("list", *draft.said("list"))
    return replace(before, operation=Operation.LOOKUP, columns=(name,), group=None, base=(), several=True)


def _grouped(made: Plan, key: tuple[str, str]) -> Plan | None:
    column, part = key
    if made.group:
        group = replace(made.group, column=column, part=part)
        return replace(made, group=group)
    found = group_of(Figure(made.operation, made.columns), column, part=part, figures=True)
    return replace(made, operation=Operation.GROUP, columns=(), group=found, several=True) if found else None


def _counted(made: Plan) -> Plan:
    """ "how many of those": counts the rows."""
    return replace(
        made, operation=Operation.COUNT, columns=(), group=None, order=None, operands=made.operands[:1]
    )


def _figured(made: Plan, figure: Figure) -> Plan:
    if made.group:
        group = group_of(figure, made.group.column, part=made.group.part, figures=made.group.figures,
                         order=made.group.order, limit=made.group.limit)  # fmt: skip
        return replace(made, group=group) if group else made
    return replace(made, operation=figure.operation, columns=figure.columns, operands=(), order=None, base=())


def _topped(made: Plan, top: Top, draft: Draft) -> Plan:
    """ "who came second?", "and the largest one?"."""
    if made.group and made.group.order:
        return replace(made, group=replace(made.group, skip=top.skip, limit=top.limit))
    if made.order:
        return replace(made, order=replace(made.order, skip=top.skip, limit=top.limit))
    if made.columns and all(is_number(draft.schema.get(str(name))) for name in made.columns):
        return replace(made, operation=Operation.MAX if top.most else Operation.MIN)
    return made


def placed(before: Plan, place: int) -> Plan | None:
    """The one at a given place of the previous ranking: "the second"."""
    if before.group and before.group.order:
        return replace(before, group=replace(before.group, skip=place, limit=1))
    if before.order:
        return replace(before, order=replace(before.order, skip=place, limit=1))
    return None


__all__ = ["Compare", "Group", "followed", "placed"]
