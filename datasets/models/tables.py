"""Datasets, their versions and columns."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from datasets.tables.values.column_types import ColumnType

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from datasets.models.jobs import Job

TYPE_CHOICES = [(kind.value, kind.value) for kind in ColumnType]


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def visible_to(self, user: User | AnonymousUser | None) -> DatasetQuerySet:
        """Datasets that the user owns or was granted. Stewards and admins see all, anonymous users none."""
        if user is None or not user.is_active or user.pk is None:
            return self.none()
        listed = self.filter(retired_at=None)
        if getattr(user, "is_superuser", False) or user.has_perm("governance.curate"):
            return listed
        return listed.filter(Q(owner_id=user.pk) | Q(pk__in=self._granted_to(user)))

    def _granted_to(self, user: User) -> Any:
        """Ids of datasets shared with the user. Uses the reverse relation, because this room does not import
        grants.
        """
        return Dataset.objects.filter(grants__user_id=user.pk).values("pk")

    def for_list(self) -> DatasetQuerySet:
        """The rows of the list page, newest first, with owner and current version, in one query."""
        return self.select_related("owner", "current_version").order_by("-updated_at", "pk")


class Dataset(models.Model):
    """One table under one name. It stays the same while versions of its content come and go."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="datasets")
    # The name for people: the file's name without its ending, unless changed.
    name = models.CharField(max_length=200)
    # The name in the catalog: chosen at creation, never changed, unique for its owner.
    table_name = models.CharField(max_length=128, editable=False)
    # The owner's schema in the catalog. Each owner has one, so that names do not collide.
    schema_name = models.CharField(max_length=128, editable=False)
    description = models.TextField(blank=True)
    # None until the first version is complete.
    current_version = models.ForeignKey(
        "Version", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    # The column that tells whom or what the rows are about, if a person has chosen one. None: each row stands
    # for itself.
    subject = models.ForeignKey(
        "Column", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name="about"
    )
    # Whether a person has chosen it. Otherwise the classifier's choice for the version counts.
    subject_chosen = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # When the dataset was deleted. From then on it is hidden from everyone.
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = DatasetQuerySet.as_manager()
    versions: RelatedManager[Version]
    columns: RelatedManager[Column]
    jobs: RelatedManager[Job]

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("owner", Lower("table_name"), name="one_table_name_for_each_owner"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("datasets:detail", args=[self.pk])

    def shown_versions(self) -> models.QuerySet[Version]:
        """Versions whose governance is complete. Nobody sees columns, values or notes of other versions."""
        return self.versions.filter(state=Version.State.READY)

    def listed_versions(self) -> models.QuerySet[Version]:
        """Every version but deleted ones, newest first."""
        return self.versions.exclude(state=Version.State.RETIRED).order_by("-number")


class Version(models.Model):
    """The content of a dataset from one file. Rows and columns never change once the version is ready."""

    class State(models.TextChoices):
        PENDING = "pending", "being ingested"
        READY = "ready", "ready"
        FAILED = "failed", "failed"
        RETIRED = "retired", "deleted"

    class Index(models.TextChoices):
        NONE = "none", "not indexed"
        BUILDING = "building", "being indexed"
        READY = "ready", "indexed"
        STALE = "stale", "to be rebuilt"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    # 1, 2, 3 … within the dataset, in order of upload.
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True, blank=True)

    # The file as it was uploaded.
    filename = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    # How it was read: JSON of datasets.tables.table.Dialect, and notes for people.
    dialect = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    # A person's corrections: JSON of datasets.previews.corrections.Corrections. The lasting ones are used to
    # read the next version, too.
    corrections = models.JSONField(default=dict)
    # The version whose rows come before those of the file. None: the file has all rows.
    base = models.ForeignKey(
        "Version", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="additions"
    )
    # The version that was gone back to: this version uses its raw file. None for an upload.
    again = models.ForeignKey(
        "Version", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="returns"
    )
    # The classifier's choice of the column that tells whom the rows are about. "": each row stands for
    # itself.
    subject = models.CharField(max_length=512, blank=True)
    # None until the file was read.
    rows = models.PositiveBigIntegerField(null=True)

    # Keys in the stores; "" until a file is stored. Quarantine comes first and is emptied when the job ends.
    quarantine_key = models.CharField(max_length=255, blank=True)
    raw_key = models.CharField(max_length=512, blank=True)
    parquet_key = models.CharField(max_length=512, blank=True)
    parquet_sha256 = models.CharField(max_length=64, blank=True)

    # Governance.
    classifier_version = models.CharField(max_length=40, blank=True)
    catalog_id = models.CharField(max_length=64, blank=True)
    catalog_fqn = models.CharField(max_length=512, blank=True)
    catalog_version = models.CharField(max_length=20, blank=True)

    # Search index.
    index_state = models.CharField(max_length=10, choices=Index.choices, default=Index.NONE)
    collection = models.CharField(max_length=128, blank=True)
    policy_fingerprint = models.CharField(max_length=64, blank=True)
    # The embedding that built the index: its name, and the settings to load it; "" if unknown.
    embedding_name = models.CharField(max_length=255, blank=True)
    embedding_model = models.CharField(max_length=512, blank=True)
    embedding_url = models.CharField(max_length=512, blank=True)
    # Rows that the index covers, and the vectors that stand for them (one for each distinct text).
    indexed_rows = models.PositiveBigIntegerField(default=0)
    vectors = models.PositiveBigIntegerField(default=0)
    # Checksums of the vectors: see promptiq.index.sums. Empty for indexes built before these were kept.
    vector_sums = models.JSONField(default=list, blank=True)

    # What was done, in one JSON object: see datasets.ingestion.steps.finishing_step.receipt.
    receipt = models.JSONField(default=dict)

    columns: RelatedManager[VersionColumn]
    jobs: RelatedManager[Job]

    class Meta:
        ordering: ClassVar = ["dataset", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint("dataset", "number", name="one_version_for_each_number"),
            # Governed before it is stored or indexed: the database enforces it, too.
            models.CheckConstraint(
                condition=~Q(catalog_version="") | Q(raw_key="", parquet_key=""),
                name="stored_only_when_catalogued",
            ),
            models.CheckConstraint(
                condition=~Q(catalog_version="") | Q(collection="", vectors=0),
                name="indexed_only_when_catalogued",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(raw_key="") & ~Q(parquet_key="") & Q(rows__isnull=False)),
                name="ready_only_when_stored",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("datasets:version", args=[self.dataset_id, self.number])

    @property
    def is_current(self) -> bool:
        return self.dataset.current_version_id == self.pk


class ColumnQuerySet(models.QuerySet["Column"]):
    def shown(self) -> ColumnQuerySet:
        """Columns of versions whose governance is complete. Names of other columns may reveal what is in a
        file.
        """
        ready = VersionColumn.objects.filter(version__state=Version.State.READY)
        return self.filter(pk__in=ready.values("column"))


class Column(models.Model):
    """A column's identity across versions. People's decisions belong to it, not to one version's column."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="columns")
    # The name in lower case without surrounding blanks. Equal keys make columns of two versions the same.
    key = models.CharField(max_length=512, editable=False)
    # The name as written in the newest version.
    name = models.CharField(max_length=512)
    description = models.TextField(blank=True)

    objects = ColumnQuerySet.as_manager()
    appearances: RelatedManager[VersionColumn]

    class Meta:
        ordering: ClassVar = ["dataset", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint("dataset", "key", name="one_column_for_each_key"),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def key_of(name: str) -> str:
        return " ".join(name.casefold().split())


class VersionColumn(models.Model):
    """A column as one version has it."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="columns")
    column = models.ForeignKey(Column, on_delete=models.CASCADE, related_name="appearances")
    # 0-based, in the file's order.
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=512)
    type = models.CharField(max_length=10, choices=TYPE_CHOICES)
    # JSON of datasets.tables.nesting.Nested if the text stands for a list, a map or a structure.
    nested = models.JSONField(null=True)
    # JSON of datasets.tables.profiling.ColumnProfile. It contains values, so it is shown only through
    # governance.rights.access.
    profile = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["version", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint("version", "position", name="one_column_for_each_position"),
            models.UniqueConstraint("version", "column", name="one_appearance_for_each_column"),
        ]

    def __str__(self) -> str:
        return self.name
