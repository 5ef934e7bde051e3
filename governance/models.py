"""Classifications and tags, decisions about them, policies, grants, catalog state and audit log."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from datasets.models import Column, Dataset, Version
from governance.append_only import AppendOnly, AppendOnlyQuerySet
from governance.policies import IndexTreatment, Rule
from governance.querysets import TagDecisionQuerySet

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class Classification(models.Model):
    """A family of tags, such as PII."""

    name = models.CharField(max_length=128, unique=True)
    description = models.TextField(blank=True)
    # A column may have at most one of its tags.
    exclusive = models.BooleanField("mutually exclusive", default=False)
    tags: RelatedManager[Tag]

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A tag, known by its fully qualified name, such as PII.Sensitive."""

    classification = models.ForeignKey(Classification, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=128)
    fqn = models.CharField("fully qualified name", max_length=260, unique=True, editable=False)
    description = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["fqn"]
        constraints: ClassVar = [
            models.UniqueConstraint("classification", "name", name="one_tag_for_each_name"),
        ]

    def __str__(self) -> str:
        return self.fqn

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fqn = f"{self.classification.name}.{self.name}"
        super().save(*args, **kwargs)


class TagDecision(AppendOnly):
    """One decision about one tag of one column. Append-only: the tags in force are derived from all
    decisions.
    """

    class Source(models.TextChoices):
        CLASSIFIER = "classifier", "classifier"
        PERSON = "person", "person"
        CATALOG = "catalog", "catalog"

    class State(models.TextChoices):
        SUGGESTED = "suggested", "suggested"
        CONFIRMED = "confirmed", "confirmed"
        REJECTED = "rejected", "rejected"
        # A classifier withdraws its own earlier suggestion.
        WITHDRAWN = "withdrawn", "withdrawn"

    column = models.ForeignKey(Column, on_delete=models.CASCADE, related_name="decisions")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="decisions")
    source = models.CharField(max_length=10, choices=Source.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    # None if no person decided.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # The version that the classifier examined; None for people.
    version = models.ForeignKey(Version, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(blank=True)
    # JSON of governance.classifier.Finding, with masked examples.
    evidence = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    objects = TagDecisionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["column", "tag", "-id"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(source="person") | Q(actor__isnull=False), name="people_sign_their_decisions"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag} {self.state}"


class Policy(models.Model):
    """What a tag requires. Stewards edit it."""

    tag = models.OneToOneField(Tag, on_delete=models.CASCADE, related_name="policy")
    masked = models.BooleanField(
        default=True, help_text="Values are shown only to people with the right to see personal data."
    )
    index = models.CharField(
        max_length=10,
        choices=[(treatment.value, treatment.value) for treatment in IndexTreatment],
        default=IndexTreatment.MASK.value,
        help_text="Whether values reach the semantic index: as they are, masked, or not at all.",
    )
    retain_days = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: kept without an end.")
    note = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "policies"
        ordering: ClassVar = ["tag__fqn"]

    def __str__(self) -> str:
        return f"Policy for {self.tag}"

    def as_rule(self) -> Rule:
        return Rule(
            tag=self.tag.fqn,
            index=IndexTreatment(self.index),
            masked=self.masked,
            retain_days=self.retain_days,
            note=self.note,
        )


class Grant(models.Model):
    """One person's right to one dataset. Nothing else gives access to personal values."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    view_pii = models.BooleanField("may see personal values", default=False)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["dataset", "user"]
        constraints: ClassVar = [models.UniqueConstraint("dataset", "user", name="one_grant_for_each_user")]
        permissions: ClassVar = [
            ("curate", "Curates: sees every dataset's metadata and decides on tags"),
            ("upload", "Uploads files"),
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.dataset}"


class CatalogRecord(models.Model):
    """One table in the local catalog."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    fqn = models.CharField("fully qualified name", max_length=512, unique=True)
    # Raised by each change of the document.
    version = models.PositiveIntegerField(default=1)
    # Display name, description, owner, and columns with types, descriptions, tags and figures. The only
    # values are minimum and maximum of numbers that concern nobody.
    document = models.JSONField(default=dict)
    retired_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["fqn"]

    def __str__(self) -> str:
        return self.fqn


class CatalogDebt(models.Model):
    """A column whose changed tags the catalog does not have yet."""

    column = models.OneToOneField(Column, on_delete=models.CASCADE, related_name="catalog_debt")
    # Raised by each decision, so that a change during the catalog's update is sent again.
    since = models.DateTimeField()
    # Whether a person changed them. Otherwise a rescan did, which the catalog sees as a tool's edit.
    by_person = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["since", "pk"]

    def __str__(self) -> str:
        return f"{self.column} since {self.since:%Y-%m-%d %H:%M}"


class CatalogMirror(models.Model):
    """What is known of a dataset's table in a catalog that people also edit, and how current that is."""

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="catalog_mirror")
    # The catalog's version and description of the table at the last agreement.
    version = models.CharField(max_length=20)
    description = models.TextField(blank=True)
    # Since when our description differs; None if it does not, or nobody has noticed.
    differs_since = models.DateTimeField(null=True)
    # The time of the last request, and of the last answer.
    looked_at = models.DateTimeField()
    agreed_at = models.DateTimeField()
    # Whether the catalog failed to answer the last request.
    is_away = models.BooleanField(default=False)
    # Since when the table is known to be deleted there. A person decides what to do about it.
    gone_since = models.DateTimeField(null=True)
    # The owner's name there; "" if there is none.
    owner = models.CharField(max_length=256, blank=True)
    # Other information there: {"domains", "terms" (of glossaries), "certification"}.
    about = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["looked_at", "pk"]

    def __str__(self) -> str:
        return f"{self.dataset} as of {self.agreed_at:%Y-%m-%d %H:%M}"


class CatalogAgreement(models.Model):
    """A column's tags at the last agreement. A difference from these in the catalog is an edit made there."""

    column = models.OneToOneField(Column, on_delete=models.CASCADE, related_name="catalog_agreement")
    # The column's name there.
    name = models.CharField(max_length=128)
    # Tag -> "confirmed" or "suggested".
    tags = models.JSONField(default=dict)
    description = models.TextField(blank=True)
    # As in CatalogMirror.
    differs_since = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.column}: {', '.join(self.tags) or 'no tags'}"


class CatalogMemory(models.Model):
    """What a catalog's server is known to have: see governance.openmetadata.memory."""

    host = models.CharField(max_length=255)
    name = models.CharField(max_length=600)
    value = models.JSONField()
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["host", "name"]
        constraints: ClassVar = [models.UniqueConstraint("host", "name", name="one_memory_for_each_name")]

    def __str__(self) -> str:
        return f"{self.name} at {self.host}"


class PublicMark(models.Model):
    """A steward's permission for everybody to read a dataset's raw files; see
    datasets.ingestion.upkeep.public_files.
    """

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="public_mark")
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["dataset"]

    def __str__(self) -> str:
        return f"{self.dataset} is public"


class FileDebt(models.Model):
    """A version whose raw file, or whose columns' tags, the catalog does not have yet."""

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="file_debt")
    # Raised by each change, so that a change during the catalog's update is sent again.
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"Raw file of {self.version}"


class AuditEvent(AppendOnly):
    """Who did what to which thing, and when. Append-only. Never contains a value of the data."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="audit_events"
    )
    # In the past tense: "uploaded", "asked", "tag confirmed", "policy changed", "downloaded".
    action = models.CharField(max_length=60)
    # Kept when the dataset is deleted.
    dataset_id = models.UUIDField(null=True, db_index=True)
    detail = models.JSONField(default=dict)

    objects = AppendOnlyQuerySet["AuditEvent"].as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"
