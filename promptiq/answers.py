"""The shape of an answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from promptiq.exact.plans import Series

Outcome = Literal["answered", "masked", "not_permitted", "not_found", "not_indexed", "abstained"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A row that an answer cites. `cells`: by column name, masked for this reader. `score`: 0–1, where 1
    means first by meaning and by words; None for computed answers.
    """

    dataset: str
    dataset_name: str
    version: int
    row: int
    score: float | None
    cells: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Governance:
    """What governed one dataset of an answer when the question was asked.

    `tags`: by column, each {"tag", "state", "source"}. `lineage`: from the file to the index, in order.
    `masked`: by column kept from this reader, the tags that decided. `catalog`: its name there, version, and
    link to its page, "" where it has none.
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
    """One possible meaning of a question. The same question with this `dataset` and `meaning` is answered.

    `meaning`: a plan in words; "" where the dataset alone settles it. `label`: for people.
    """

    label: str
    dataset: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What every answer carries; docs/api.md describes each key of its JSON.

    `values`: of a computed answer, as text, in order. `sql`: what was run for it; "" for a lookup. `series`:
    its figures with their labels, where they belong side by side. `rows`: numbers of the rows behind it, at
    most 1,000, ascending, all of the version that is cited; `selected`: how many there are. `choices`:
    possible meanings, where the answer asks which one. `wording`: the answer in the words of a language
    model; "" where none was asked, or its wording was dropped. `id`: of the kept question, "" where it is not
    kept. `before`: the plan that this one goes on from, in words. `headline`: the one figure or
    name that was asked for; "" where there are several. `columns`: those that the plan uses, first
    the one that names the rows. `is_list`: the values are cells of the rows behind it.
    `verified`: who has verified the plan and when, and what another version said; "" where nobody has.
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
