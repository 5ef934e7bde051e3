"""Example questions for a dataset, made from its open columns. Each can be computed.

Columns that are masked for anybody are not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from datasets.models import Dataset, Version
from datasets.storage import StorageMismatch, local_parquet
from governance.policies import Access, effective
from governance.rights.access import policies, tags_by_version
from promptiq.exact import Plan, Schema, TooSlow, describe, explained
from promptiq.exact.numbers import is_blank
from promptiq.exact.plans import Reading, Role, SchemaColumn
from promptiq.keeping.verified import examples_among, key_of

# Examples of one dataset, and in total if none is chosen.
MOST, OF_EACH = 6, 2
# How many datasets give examples if none is chosen, newest first.
DATASETS = 3
# The most rows of a version read for examples while a page is made, and when the page asks for them itself. A
# million take a second or two, once for each web process. Larger versions have no examples.
READ_AT_ONCE, READ_LATER = 200_000, 2_000_000
# The most distinct values of a grouping column, and the most characters of a value: longer ones make clumsy
# questions.
GROUPS = range(2, 200)
LONGEST_VALUE = 40
# The most questions of one kind that are tried. Planning one takes some milliseconds.
TRIED = 4


@dataclass(frozen=True, slots=True)
class Example:
    question: str
    dataset: Dataset
    is_verified: bool = False


def examples_of(dataset: Dataset, rows: int = READ_AT_ONCE) -> list[Example]:
    """Verified questions first, then some made from the current version. None of the latter if it has too
    many rows or cannot be read.
    """
    return _with_verified([dataset], _examples([dataset], rows, MOST), MOST)


def examples_of_newest(datasets: Sequence[Dataset]) -> list[Example]:
    """A few from the first datasets that are quick to read. `datasets`: newest first."""
    small = [each for each in datasets[: 3 * DATASETS] if _has_rows(each, READ_AT_ONCE)]
    return _with_verified(small[:DATASETS], _examples(small[:DATASETS], READ_AT_ONCE, OF_EACH), OF_EACH)


def _with_verified(datasets: Sequence[Dataset], made: Sequence[Example], most: int) -> list[Example]:
    """At most `most` of each dataset, in their order, verified ones first."""
    verified = examples_among(datasets)
    found: list[Example] = []
    for dataset in datasets:
        first = [Example(each.question, dataset, True) for each in verified if each.dataset_id == dataset.pk]
        known = {key_of(each.question) for each in first}
        others = [each for each in made if each.dataset == dataset and key_of(each.question) not in known]
        found += [*first, *others][:most]
    return found


def _examples(datasets: Sequence[Dataset], rows: int, most: int) -> list[Example]:
    """Three queries, and one for each dataset that is read for the first time."""
    rules = [policy.as_rule() for policy in policies()]
    found = []
    for version, tags in tags_by_version(_current_versions(datasets, rows)):
        try:
            questions = _questions(_Key(version, effective(tags, rules)))
        except (FileNotFoundError, StorageMismatch, TooSlow):
            continue
        found += [Example(question, version.dataset) for question in questions[:most]]
    return found


def _current_versions(datasets: Sequence[Dataset], rows: int) -> list[Version]:
    versions = []
    for dataset in datasets:
        if (version := dataset.current_version) and _has_rows(dataset, rows):
            version.dataset = dataset
            versions.append(version)
    return versions


def _has_rows(dataset: Dataset, most: int) -> bool:
    version = dataset.current_version
    return version is not None and 0 < (version.rows or 0) <= most


@dataclass(frozen=True, slots=True)
class _Key:
    """Cache key: a version as everybody may see it."""

    version: Version
    access: Access


@lru_cache(maxsize=256)
def _questions(key: _Key) -> tuple[str, ...]:
    """At most MOST, of different kinds first. Raises TooSlow, FileNotFoundError, TypedCopyDamaged."""
    schema = describe(local_parquet(key.version), key.access)
    kinds = [_planned(kind, schema) for kind in _kinds(schema, _frequent_values(key.version))]
    found: list[str] = []
    while kinds and len(found) < MOST:
        # One of each kind, then another one of each that has more.
        turns = [(kind, next(kind, None)) for kind in kinds[: MOST - len(found)]]
        found += [question for _, question in turns if question and question not in found]
        kinds = [kind for kind, question in turns if question] + kinds[len(turns) :]
    return tuple(found)


def _planned(questions: Iterator[str], schema: Schema) -> Iterator[str]:
    """Those among the first few for which a plan is found."""
    for question in islice(questions, TRIED):
        if isinstance(explained(question, schema).plan, Plan):
            yield question


def _frequent_values(version: Version) -> dict[str, list[str]]:
    """The most frequent values of each column, from its profile, most frequent first."""
    profiles = version.columns.values_list("name", "profile__top")
    return {name: [value for value, _ in top or ()] for name, top in profiles}


def _kinds(schema: Schema, frequent: dict[str, list[str]]) -> list[Iterator[str]]:
    """Candidate questions by kind, in the order in which they are offered."""
    open_ = [column for column in schema.columns if not column.masked and column.distinct > 1]
    measures = [column for column in open_ if column.role is Role.MEASURE]
    groups = [column for column in open_ if _names_groups(column, schema)]
    many = [column for column in groups if column.distinct > 3]
    names = [column for column in open_ if _names_rows(column, schema)]
    dates = [column for column in open_ if column.reading is Reading.DATE]
    years = [_middle_year(column) for column in open_ if column.role is Role.MOMENT]
    return [
        (f"What is the average {_said(of)} by {_said(by)}?" for of in measures for by in groups),
        (
            f"How many rows have the {_said(by)} {value}?"
            for by in groups
            for value in filter(_reads_well, frequent.get(by.name, []))
        ),
        (f"Which {_said(name)} has the highest {_said(of)}?" for name in names for of in measures),
        (f"What is the total {_said(of)} by year?" for of in measures if len(dates) == 1),
        (f"What are the top 3 {_said(name)} by {_said(of)}?" for name in many for of in measures),
        (f"How many rows are from {year}?" for year in years if year),
        (f"How many rows are there by {_said(by)}?" for by in groups),
        (f"What is the average {_said(of)}?" for of in measures),
        iter(("How many rows are there?",)),
    ]


def _said(column: SchemaColumn) -> str:
    """A column's name in people's words."""
    return " ".join(column.name.replace("_", " ").split())


def _names_groups(column: SchemaColumn, schema: Schema) -> bool:
    return column.role is Role.ENTITY and column.distinct in GROUPS and column.distinct * 2 <= schema.rows


def _names_rows(column: SchemaColumn, schema: Schema) -> bool:
    return column.role is Role.ENTITY and column.distinct * 10 >= schema.rows * 9


def _reads_well(value: str) -> bool:
    return not is_blank(value) and len(value) <= LONGEST_VALUE and value.isprintable()


def _middle_year(column: SchemaColumn) -> str:
    """The middle year of a column of years or dates. "" if dates do not begin with the year."""
    years = sorted(value[:4] for value in column.values if re.match(r"[12]\d{3}\b", value))
    return years[len(years) // 2] if years else ""
