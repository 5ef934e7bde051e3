"""A preview of a file for its uploader alone: rows, types, and what governance will do.

Nothing goes to the catalog, the archive or the index. The classifier's findings are not kept, and the file is
deleted an hour after it was last touched.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from datasets.ingestion.receiving.partial_uploads import path_of
from datasets.ingestion.receiving.uploads import UploadRefused, Wish, table_name_of
from datasets.models import Column, Dataset, PartialUpload, Version
from datasets.previews.changes import Changes, changes_between
from datasets.previews.corrections import Corrections
from datasets.previews.looking import Look, look_in_child
from datasets.tables.table import TableColumn
from datasets.tables.values.column_types import CALLED
from governance.extending.extensions import tags_by_kind
from governance.models import Classification, TagDecision
from governance.policies import ColumnAccess, effective, tags_for
from governance.rights.access import may_change, policies
from omdplatform.base.errors import Unavailable

# Simultaneous previews in one process, each in a child process, and how long one waits for its turn
# (seconds).
AT_ONCE, LONGEST_WAIT = 2, 45.0
_turns = threading.BoundedSemaphore(AT_ONCE)


class Busy(Unavailable):
    """Too many files are being previewed. Nothing is lost."""

    code = "busy"

    def sentence(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class PreviewedTag:
    """`state`: "suggested", or "confirmed" if a person decided so, here or before. `evidence`: JSON of
    Finding if a classifier suggested it, else {}.
    """

    fqn: str
    state: str
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PreviewedColumn:
    """A column as it will be. `taken_off`: tags that the uploader has removed. `filled`: of the rows that
    were looked at.
    """

    column: TableColumn
    description: str
    tags: tuple[PreviewedTag, ...]
    taken_off: tuple[str, ...]
    access: ColumnAccess
    filled: int
    distinct: int

    @property
    def called(self) -> str:
        return called(self.column)

    @property
    def evidence(self) -> dict[str, Any]:
        return next((tag.evidence for tag in self.tags if tag.evidence), {})

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.column.name,
            "name_in_file": self.column.own_name,
            "type": self.column.type.value,
            "unit": self.column.unit,
            "position": self.column.position,
            "description": self.description,
            "filled": self.filled,
            "distinct": self.distinct,
            "missing_words": self.column.missing_words,
            "tags": [{"tag": t.fqn, "state": t.state, "evidence": t.evidence} for t in self.tags],
            "masked_for_others": self.access.masked,
            "masked_because": list(self.access.because) if self.access.masked else [],
            "index": self.access.index.value,
        }


def called(column: TableColumn) -> str:
    """The type in people's words."""
    if column.unit == "%":
        return "percent"
    if column.unit:
        return f"money ({column.unit.replace('|', ', ')})"
    return CALLED[column.type]


@dataclass(frozen=True, slots=True)
class Preview:
    """`dataset`: the one that the file would be a version of; None if it would create one. `same_bytes`: the
    uploader's versions with the same bytes, newest first. `alike`: the uploader's other datasets with the
    same columns.
    """

    upload: PartialUpload
    corrections: Corrections
    look: Look
    columns: tuple[PreviewedColumn, ...]
    dataset: Dataset | None
    changes: Changes | None
    same_bytes: tuple[Version, ...]
    alike: tuple[Dataset, ...]
    # Whether corrections of the version before were used.
    remembered: bool

    @property
    def expires(self) -> datetime:
        return expires(self.upload)

    @property
    def notes(self) -> list[str]:
        told = list(self.look.notes)
        if not self.look.whole:
            told.append(
                f"Only the first {self.look.rows:,} rows were looked at: types and notes tell of them."
            )
        if self.look.left_out:
            told.append("Some classifiers of this site run only after the upload: more may be masked.")
        return told

    @property
    def masked(self) -> list[str]:
        return [each.column.name for each in self.columns if each.access.masked]

    @property
    def left_out(self) -> list[str]:
        """Names of columns that are left out of the search index."""
        return [each.column.name for each in self.columns if each.access.index.value != "index"]

    def as_json(self) -> dict[str, Any]:
        """The shape of datasets.web.previews.api.PreviewSerializer."""
        dialect = self.look.dialect.as_json()
        return {
            "upload": str(self.upload.pk),
            "expires": self.expires.isoformat(),
            "filename": self.upload.filename,
            "size_bytes": self.upload.length,
            "found": {name: dialect[name] for name in FOUND} | {"sheets": list(self.look.sheets)},
            "rows_seen": self.look.rows,
            "whole": self.look.whole,
            "columns": [column.as_json() for column in self.columns],
            "values": self.look.values,
            "written": self.look.written,
            "notes": self.notes,
            "dataset": _dataset_json(self.dataset) if self.dataset else None,
            "changes": self.changes.as_json() if self.changes else None,
            "same_bytes": [
                {**_dataset_json(v.dataset), "version": v.number, "page": v.get_absolute_url()}
                for v in self.same_bytes
            ],
            "alike": [_dataset_json(dataset) for dataset in self.alike],
            "corrections": self.corrections.as_json(),
            "remembered": self.remembered,
        }


# What people are told about how a file was read.
FOUND = (
    "format", "encoding", "delimiter", "quote_char", "escape_char", "comment", "skip_lines", "header_rows",
    "skip_after", "sheet", "decimal", "date_order",
)  # fmt: skip


def _dataset_json(dataset: Dataset) -> dict[str, Any]:
    return {"dataset": str(dataset.pk), "dataset_name": dataset.name}


def expires(upload: PartialUpload) -> datetime:
    return upload.touched_at + timedelta(seconds=settings.QUARANTINE_SECONDS)


def preview_of(upload: PartialUpload, wish: Wish, corrections: Corrections | None = None) -> Preview:
    """Preview a held file. `corrections`: None for those of the version before, if there is one. They are
    kept with the upload.

    The caller makes sure that only the upload's owner sees it. Raises UploadRefused, UnreadableFile, Busy.
    """
    path = path_of(upload)
    if not upload.is_whole or upload.job_id is not None or not path.exists():
        raise UploadRefused("upload-gone", "The file is not kept any more. Send it again.", 404)
    dataset = dataset_of(upload.owner, upload.filename, wish)
    before = dataset.current_version if dataset else None
    remembered = corrections is None and before is not None and bool(before.corrections)
    said = Corrections() if corrections is None else corrections
    if remembered and before is not None:
        said = Corrections.from_json(before.corrections).lasting()
    with _turn():
        look = look_in_child(
            path,
            said.dialect,
            dataset.table_name if dataset else table_name_of(upload.filename),
            recognisers=settings.CLASSIFIERS,
            sample_rows=settings.CLASSIFY_SAMPLE_ROWS,
            with_hash=not upload.sha256,
        )
    upload.sha256 = upload.sha256 or look.sha256
    upload.corrections = said.as_json()
    upload.save(update_fields=["sha256", "corrections", "touched_at"])
    changes = changes_between(before, look.columns) if before else None
    columns = _columns(look, said, changes)
    return Preview(
        upload=upload,
        corrections=said,
        look=look,
        columns=columns,
        dataset=dataset,
        changes=changes,
        same_bytes=_same_bytes(upload),
        alike=_alike(upload.owner, look, dataset),
        remembered=remembered and bool(said),
    )


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=LONGEST_WAIT):
        raise Busy("Too many files are being looked at. Try again in half a minute.")
    try:
        yield
    finally:
        _turns.release()


def dataset_of(user: User, filename: str, wish: Wish) -> Dataset | None:
    """The dataset that a file would be a version of; None if it would create one."""
    if wish.dataset:
        dataset = Dataset.objects.visible_to(user).filter(pk=wish.dataset).first()
        return dataset if dataset and may_change(user, dataset) else None
    if wish.on_conflict == "new_dataset":
        return None
    mine = Dataset.objects.filter(owner=user, retired_at=None).exclude(current_version=None)
    return mine.filter(table_name__iexact=table_name_of(filename)).select_related("current_version").first()


def _same_bytes(upload: PartialUpload) -> tuple[Version, ...]:
    same = Version.objects.filter(
        sha256=upload.sha256, dataset__owner=upload.owner, dataset__retired_at=None, state=Version.State.READY
    )
    return tuple(same.select_related("dataset").order_by("-created_at")[:5])


def _alike(user: User, look: Look, dataset: Dataset | None) -> tuple[Dataset, ...]:
    """The user's other datasets with the same columns: the file may belong to one of them."""
    names = {Column.key_of(column.name) for column in look.columns}
    mine = Dataset.objects.filter(owner=user, retired_at=None, current_version__columns__position=0)
    if dataset:
        mine = mine.exclude(pk=dataset.pk)
    first = mine.filter(current_version__columns__name__iexact=look.columns[0].name).distinct()[:50]
    found = []
    for each in first.prefetch_related("current_version__columns"):
        assert each.current_version is not None  # noqa: S101 - it has a first column
        if {Column.key_of(item.name) for item in each.current_version.columns.all()} == names:
            found.append(each)
    return tuple(found[:5])


def _columns(look: Look, said: Corrections, changes: Changes | None) -> tuple[PreviewedColumn, ...]:
    known = changes.identities if changes else {}
    words = _words_of_people(known.values())
    mapping = tags_by_kind()
    exclusive = set(Classification.objects.filter(exclusive=True).values_list("name", flat=True))
    tags: list[tuple[PreviewedTag, ...]] = []
    for column, finding in zip(look.columns, look.findings, strict=True):
        identity = known.get(column.position)
        suggested = tags_for(finding["entity"], mapping, personal=finding["personal"])
        decided = dict(words.get(identity.pk, {}) if identity else {})
        decided |= said.tags.get(column.own_name, {})
        tags.append(_tags(suggested, decided, finding, exclusive))
    rules = [policy.as_rule() for policy in policies()]
    names = {column.name: [tag.fqn for tag in own] for column, own in zip(look.columns, tags, strict=True)}
    access = effective(names, rules)
    return tuple(
        PreviewedColumn(
            column=column,
            description=_description(column, said, known.get(column.position)),
            tags=own,
            taken_off=tuple(f for f, put_on in said.tags.get(column.own_name, {}).items() if not put_on),
            access=column_access,
            filled=profile["rows"] - profile["nulls"],
            distinct=profile["distinct"],
        )
        for column, own, column_access, profile in zip(
            look.columns, tags, access.columns, look.profiles, strict=True
        )
    )


def _description(column: TableColumn, said: Corrections, identity: Column | None) -> str:
    return said.descriptions.get(column.own_name, identity.description if identity else "")


def _words_of_people(columns: Iterable[Column]) -> dict[int, dict[str, bool]]:
    """People's decisions about columns, by column and tag: True for a tag that is set."""
    said: dict[int, dict[str, bool]] = {}
    words = TagDecision.objects.last_words().filter(column__in=list(columns)).exclude(source="classifier")
    for decision in words.select_related("tag"):
        said.setdefault(decision.column_id, {})[decision.tag.fqn] = decision.state == "confirmed"
    return said


def _tags(
    suggested: Sequence[str], decided: Mapping[str, bool], finding: dict[str, Any], exclusive: set[str]
) -> tuple[PreviewedTag, ...]:
    """As in governance.querysets: a person's decision counts. In a classification that allows only one tag,
    confirmed tags replace suggested ones.
    """
    on = {fqn for fqn, put_on in decided.items() if put_on}
    settled = {fqn.partition(".")[0] for fqn in on} & exclusive
    kept = [f for f in suggested if f not in decided and f.partition(".")[0] not in settled]
    tags = [PreviewedTag(f, "suggested", finding) for f in kept]
    tags += [PreviewedTag(f, "confirmed", finding if f in suggested else {}) for f in on]
    return tuple(sorted(tags, key=lambda tag: tag.fqn))
