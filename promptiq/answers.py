"""The shape of an answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from promptiq.exact.plans import Series

Outcome = Literal["answered", "masked", "not_permitted", "not_found", "not_indexed", "abstained"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A row that an answer cites. `cells`: by column name, masked for this reader. `score`: 0–1, where 1 is
    first by meaning and by words; None for computed answers.
    """

    dataset: str
    dataset_name: str
    version: int
    row: int
    score: float | None
    cells: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Governance:
    """What governed one dataset of an answer at the time of the question.

    `tags`: by column, each {"tag", "state", "source"}. `lineage`: from the file to the index, in order.
    `masked`: by column hidden from this reader, the tags that decided. `catalog`: its name there, version,
    and link to its page, "" if it has none.
    """

    dataset: str
    name: str
    owner: str
    tags: dict[str, list[dict[str, str]]]
    lineage: list[str]
    masked: dict[str, list[str]]
    catalog: dict[str, str]
    as_of: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible meaning of a question. Ask the same question with this `dataset` and `meaning` to choose
    it.

    `meaning`: a plan in words; "" if the dataset alone decides. `label`: for people.
    """

    label: str
    dataset: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. docs/api.md describes each key of its JSON.

    `values`: of a computed answer, as text, in order. `sql`: what was run for it; "" for a lookup. `series`:
    figures with their labels, if they can be compared. `rows`: numbers of the rows behind it, ascending, all
    of the cited version, 1,000 at most; `selected`: how many there are. `choices`: possible meanings, if the
    answer asks which one. `wording`: the answer in a language model's words; "" without a model, or if its
    wording was rejected. `id`: of the kept question, "" if it is not kept. `before`: the plan that this one
    continues, in words. `headline`: the requested figure or name; "" if there are several. `columns`: those
    that the plan uses, first the one that names the rows. `is_list`: the values are cells of the rows behind
    it. `verified`: who has verified the plan and when, and what another version answered; "" if nobody has.
    """

    outcome: Outcome
    answer: str
    kind: Literal["exact", "lookup"] = "lookup"
    plan: str = ""
    coverage: str = ""
    citations: tuple[Citation, ...] = ()
    governance: tuple[Governance, ...] = ()
    warnings: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    sql: str = ""
    wording: str = ""
    series: Series | None = None
    rows: tuple[int, ...] = ()
    selected: int = 0
    choices: tuple[Choice, ...] = ()
    id: str = ""
    before: str = ""
    headline: str = ""
    columns: tuple[str, ...] = ()
    is_list: bool = False
    verified: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def count_of(number: int, noun: str) -> str:
    """ "1 row", "1,204 rows"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
