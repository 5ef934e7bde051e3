"""A small shop's orders as the pipeline leaves them: customers are masked, amounts are pounds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from hashlib import sha256
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from datasets.models import Column, Dataset, Version, VersionColumn
from datasets.tables.table import METADATA_KEY
from governance.models import Grant, Tag, TagDecision
from tests.making import profile_of

TYPES = {
    "order": "STRING",
    "customer": "STRING",
    "region": "STRING",
    "day": "DATE",
    "total": "FLOAT",
    "discount": "FLOAT",
}
UNITS = {"total": "GBP", "discount": "%"}
REGIONS = ("North", "South", "West")
Row = tuple[object, ...]


def orders(number: int = 30, first: int = 1) -> list[Row]:
    """Every third is North; totals are 10.50, 21.00, …; every fifth has no discount."""
    return [
        (
            f"SO-{n}", f"Cora Example{n}", REGIONS[n % 3], f"{2024 + n % 2}-0{n % 9 + 1}-11",
            Decimal("10.5") * n, None if n % 5 == 0 else 10.0,
        )
        for n in range(first, first + number)
    ]  # fmt: skip


def shop(owner: User, rows: Sequence[Row] | None = None) -> Dataset:
    """The dataset `orders` with its first version. Its owner may see the customers."""
    dataset = Dataset.objects.create(owner=owner, name="orders", table_name="orders", schema_name="owner")
    Grant.objects.create(dataset=dataset, user=owner, view_pii=True, granted_by=owner)
    for name in TYPES:
        Column.objects.create(dataset=dataset, key=name, name=name)
    add_version(dataset, rows or orders())
    mask(dataset, "customer")
    return dataset


def mask(dataset: Dataset, column: str) -> None:
    TagDecision.objects.create(
        column=dataset.columns.get(key=column), tag=Tag.objects.get(fqn="PII.Sensitive"),
        version=dataset.current_version, source="classifier", state="suggested", evidence={"matched": 1.0},
    )  # fmt: skip


def share(dataset: Dataset, user: User) -> User:
    Grant.objects.create(dataset=dataset, user=user, view_pii=False, granted_by=dataset.owner)
    return user


def add_version(dataset: Dataset, rows: Sequence[Row]) -> Version:
    """Another content of the dataset, which becomes its current one."""
    number = dataset.versions.count() + 1
    held = BytesIO()
    pq.write_table(_table(rows), held)
    version = Version.objects.create(
        dataset=dataset, number=number, created_by=dataset.owner, filename="orders.csv", size_bytes=40,
        sha256="0" * 64, state="ready", rows=len(rows), catalog_version="0.1", raw_key=f"orders/raw{number}",
        parquet_key=f"orders/{dataset.pk}-{number}", parquet_sha256=sha256(held.getvalue()).hexdigest(),
    )  # fmt: skip
    storages["parquet"].save(version.parquet_key, ContentFile(held.getvalue()))
    for position, (name, kind) in enumerate(TYPES.items()):
        VersionColumn.objects.create(
            version=version, column=dataset.columns.get(key=name), position=position, name=name, type=kind,
            profile=profile_of(name),
        )  # fmt: skip
    dataset.current_version = version
    dataset.save()
    return version


def _table(rows: Sequence[Row]) -> pa.Table:
    kinds = (pa.string(), pa.string(), pa.string(), pa.string(), pa.float64(), pa.float64())
    cells = {
        name: pa.array([None if row[place] is None else row[place] for row in rows], type=None)
        for place, name in enumerate(TYPES)
    }
    columns = {name: values.cast(kind) for (name, values), kind in zip(cells.items(), kinds, strict=True)}
    columns["day"] = columns["day"].cast(pa.date32())
    table = pa.table({"_row": list(range(1, len(rows) + 1)), **columns})
    described = [
        {"position": place, "name": name, "type": kind, "unit": UNITS.get(name, ""),
         "missing_words": 0, "written": False}
        for place, (name, kind) in enumerate(TYPES.items())
    ]  # fmt: skip
    return table.replace_schema_metadata({METADATA_KEY: json.dumps({"columns": described, "set_apart": []})})
