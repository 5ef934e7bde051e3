"""Rows that tests begin with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from datasets.models import Column, Dataset, Version, VersionColumn
from governance.models import Grant, Tag, TagDecision
from omdplatform.models import ApiIdentity


def token_of(user: User) -> str:
    """An API token of the user, as signing in gives one out."""
    from governance.keys import sign_api_token

    return sign_api_token(str(ApiIdentity.of(user).uuid))


def ready_dataset(owner: User, name: str, sign: str = "") -> Dataset:
    """Rows as the pipeline leaves them, without the files. `sign`: part of each masked value."""
    dataset = Dataset.objects.create(owner=owner, name=name, table_name=name, schema_name=f"owner-{owner.pk}")
    Grant.objects.create(dataset=dataset, user=owner, view_pii=True, granted_by=owner)
    version = Version.objects.create(
        dataset=dataset, number=1, created_by=owner, filename=f"{name}.csv", size_bytes=40, sha256="0" * 64,
        state="ready", rows=2, catalog_version="0.1", raw_key=f"{name}/raw", parquet_key=f"{name}/parquet",
    )  # fmt: skip
    for position, column in enumerate(["email", "city"]):
        identity = Column.objects.create(dataset=dataset, key=column, name=column)
        VersionColumn.objects.create(
            version=version, column=identity, position=position, name=column, type="STRING",
            profile=profile_of(column, sign if column == "email" else ""),
        )  # fmt: skip
    TagDecision.objects.create(
        column=dataset.columns.get(key="email"), tag=Tag.objects.get(fqn="PII.Sensitive"), version=version,
        source="classifier", state="suggested", evidence={"matched": 1.0},
    )  # fmt: skip
    dataset.current_version = version
    dataset.save()
    return dataset


def store_typed_copy(dataset: Dataset, sign: str = "") -> None:
    """The file that `ready_dataset` leaves out: two rows of its columns, under the version's key."""
    version = dataset.current_version
    assert version is not None
    names = version.columns.order_by("position").values_list("name", flat=True)
    cells = {name: [f"{row}-{name}{sign if name == 'email' else ''}" for row in "ab"] for name in names}
    table = pa.table({"_row": [1, 2], **cells})
    held = BytesIO()
    pq.write_table(table, held)
    storages["parquet"].save(version.parquet_key, ContentFile(held.getvalue()))
    version.parquet_sha256 = sha256(held.getvalue()).hexdigest()
    version.save()


def profile_of(column: str, sign: str = "") -> dict[str, object]:
    """The JSON of datasets.tables.profiling.ColumnProfile for two invented values."""
    low, high = f"a-{column}{sign}", f"b-{column}{sign}"
    return {
        "name": column, "type": "STRING", "rows": 2, "nulls": 0, "distinct": 2, "distinct_exact": True,
        "min": low, "max": high, "mean": None, "stddev": None, "min_length": 4,
        "max_length": 9, "mean_length": 6.5, "top": [[low, 1], [high, 1]], "histogram": [],
    }  # fmt: skip


def csv_of(header: str, rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file; values hold no commas and no quotes."""
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]).encode()
