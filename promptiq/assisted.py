"""Answers with the help of a language model, if one is configured.

Our own plan comes first. If none fits, the model may propose one, which is checked and run like our own. It
may also word an answer. It sees only what somebody without `view_pii` may see.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace

from django.contrib.auth.models import AnonymousUser, User

from datasets.storage import local_parquet
from governance.policies import mask
from promptiq.answers import Answer, Citation
from promptiq.computing import (
    Computable,
    answer_exactly,
    asks_for_computation,
    plans_for,
    schemas_for,
)
from promptiq.exact import Ambiguous, Plan, Result, TooSlow, in_words, run
from promptiq.exact.permission import columns_of, hidden_columns
from promptiq.exact.plans import Uncomputable
from promptiq.language_model.cell_search import finder
from promptiq.language_model.conversation import Conversation
from promptiq.language_model.phrasing import Findings, phrase
from promptiq.language_model.proposal_request import propose
from promptiq.language_model.proposal_translation import planned
from promptiq.language_model.proposals import NoProposal
from promptiq.progress import tell
from promptiq.sources import Source

log = logging.getLogger(__name__)

# No plan is requested for a text that is neither a question nor a request for a computation, nor for a
# question about similar rows: both are searched by meaning.
_ALIKE = re.compile(r"\b(about|like|similar|alike|resembl\w+|related|concerning)\b", re.IGNORECASE)
_QUESTION = re.compile(
    r"^(which|what|who|whose|whom|when|where|why|how|is|are|was|were|do|does|did|has|have|can|could|name|list|"
    r"show|give|tell|find|compare|rank|sort|group|calculate|compute)\b",
    re.IGNORECASE,
)


def computed(
    question: str,
    sources: Sequence[Source],
    user: User | AnonymousUser,
    conversation: Conversation | None,
    meaning: str = "",
) -> Answer | None:
    """The answer computed by our own plan, or by one that the model proposes. None if neither fits.
    `sources`: datasets that the user may see, at least one.
    """
    own = plans_for(question, sources)
    answer = answer_exactly(question, own, user, meaning)
    if conversation is None:
        return answer
    first = own[0] if len(own) == 1 else None
    if answer is None:
        return _proposed(question, sources, user, conversation) if _may_be_computed(question) else None
    if first and isinstance(first.plan, Ambiguous) and answer.outcome == "abstained":
        return _chosen(question, first, first.plan, user, conversation) or answer
    return _worded(question, answer, first, conversation)


def worded_rows(
    question: str, answer: Answer, sources: Sequence[Source], conversation: Conversation | None
) -> Answer:
    """The nearest rows, with the model's sentence about them if it gives one. `sources`: those of the
    answer.
    """
    if conversation is None or answer.outcome not in ("answered", "masked"):
        return answer
    by_dataset = {str(source.dataset.pk): source for source in sources}
    rows = tuple(_open_cells(citation, by_dataset[citation.dataset]) for citation in answer.citations)
    if not any(rows):
        return answer
    return replace(answer, wording=phrase(Findings(question, rows=rows), conversation))


def _may_be_computed(question: str) -> bool:
    if asks_for_computation(question):
        return True
    return not _ALIKE.search(question) and bool(question.endswith("?") or _QUESTION.search(question))


# --- proposed plans


def _proposed(
    question: str, sources: Sequence[Source], user: User | AnonymousUser, conversation: Conversation
) -> Answer | None:
    one = _computable(question, sources, conversation)
    answer = _answer_to(question, one, user, conversation) if one else None
    return _worded(question, answer, one, conversation) if answer else None


def _chosen(
    question: str, own: Computable, several: Ambiguous, user: User | AnonymousUser, conversation: Conversation
) -> Answer | None:
    """The answer for the meaning that the model chose, if it is one of ours. The answer names the others."""
    one = _computable(question, [own.source], conversation)
    if one is None or one.plan not in several.plans:
        return None
    answer = _answer_to(question, one, user, conversation)
    if answer is None or not answer.values:
        return None
    others = [in_words(plan) for plan in several.plans if plan != one.plan]
    also = f"The question can also mean: {'; or '.join(others)}."
    return _worded(question, replace(answer, warnings=(*answer.warnings, also)), one, conversation)


def _computable(question: str, sources: Sequence[Source], conversation: Conversation) -> Computable | None:
    """The model's proposal as a plan over the dataset that it chose. None if that is impossible."""
    tables = list(schemas_for(question, sources))
    if tables:
        tell("Asking the language model…")
    proposal = propose(question, [schema for _, schema in tables], conversation) if tables else None
    if proposal is None:
        return None
    source, schema = tables[proposal.table - 1]
    try:
        made = planned(proposal, schema, finder(schema, local_parquet(source.version)))
    except NoProposal as reason:
        log.info("The language model's plan does not fit the table: %s.", reason)
        return None
    except TooSlow:
        return None
    return Computable(source, schema, made)


def _answer_to(
    question: str, one: Computable, user: User | AnonymousUser, conversation: Conversation
) -> Answer | None:
    """The proposed plan's answer, or the refusal. Both say that a model proposed the plan."""
    answer = answer_exactly(question, [one], user)
    if answer is None or answer.outcome == "abstained":
        return None
    done = "checked" if answer.outcome == "not_permitted" else "checked and computed"
    text = f"The plan was proposed by the language model {conversation.name} and {done} here."
    return replace(answer, warnings=(text, *answer.warnings))


# --- wording


def _worded(question: str, answer: Answer, one: Computable | None, conversation: Conversation) -> Answer:
    """The answer with a sentence, unless its plan uses a column that is masked without `view_pii`."""
    if one is None or answer.outcome != "answered" or not isinstance(one.plan, Plan):
        return answer
    if hidden_columns(one.source.access, iter(columns_of(one.plan)), view_pii=False):
        return answer
    values = _open_values(one.plan, one) if one.source.view_pii else answer.values
    if not values:
        return answer
    findings = Findings(question, answer.plan, answer.coverage, values)
    return replace(answer, wording=phrase(findings, conversation))


def _open_values(made: Plan, one: Computable) -> tuple[str, ...]:
    """The values that the same plan gives somebody without `view_pii`; () if it is not permitted."""
    source = one.source
    try:
        result = run(made, one.schema, local_parquet(source.version), source.access, view_pii=False)
    except (TooSlow, Uncomputable):
        return ()
    return result.values if isinstance(result, Result) else ()


def _open_cells(citation: Citation, source: Source) -> dict[str, str]:
    """Non-empty cells of the columns that are open without `view_pii`, whoever asks."""
    hidden = hidden_columns(source.access, iter(citation.cells), view_pii=False)
    return {
        name: str(value)
        for name, value in mask(citation.cells, source.access, view_pii=False).items()
        if name not in hidden and value is not None
    }
