"""What is kept about questions: protected figures, and the questions themselves for a while."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models

from datasets.models import Dataset, Version

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class ProtectedFigure(models.Model):
    """A figure over a masked column, kept so that the same rows always get the same noise."""

    class Kind(models.TextChoices):
        BOUNDS = "bounds", "range of the column"
        SUM = "sum", "sum"
        AVERAGE = "average", "average"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="protected_figures")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="protected_figures")
    column = models.TextField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # A keyed hash of the numbers of the selected rows; "" for the range of a column.
    selection = models.CharField(max_length=64, blank=True)
    # SUM, AVERAGE: the figure and its margin. BOUNDS: the upper and the lower bound. None: too few subjects.
    value = models.FloatField(null=True)
    margin = models.FloatField(null=True)
    # What it used of the budget; 0 after the budget was renewed.
    cost = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "column", "kind", "selection"], name="one_protected_figure_for_a_selection"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.column} in {self.version}"


class KeptQuestion(models.Model):
    """A question that was asked, so that it can be continued, opened again and shared by its id.

    No answer is kept: it is computed again for each reader, under their own rights.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="kept_questions"
    )
    # The dataset that was asked or gave the answer. None: all that the asker may see, and only they may open
    # it.
    dataset = models.ForeignKey(Dataset, null=True, on_delete=models.CASCADE, related_name="kept_questions")
    # Its words, and those of the questions that it continues; encrypted: see promptiq.keeping.kept.
    said = models.TextField()
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"Question {self.pk}"


class VerifiedQuestion(models.Model):
    """A question that a steward has verified: shown as an example, and asked again of each new version."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="verified_questions")
    question = models.TextField()
    # The question without case and outer punctuation: equal keys are the same question.
    key = models.TextField(editable=False)
    # The chosen meaning; "" if there is only one.
    meaning = models.TextField(blank=True)
    # The verified plan in words, and the columns that it uses: none was masked.
    plan = models.TextField()
    columns = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    results: RelatedManager[VerifiedResult]

    class Meta:
        ordering: ClassVar = ["dataset", "at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("dataset", "key", name="one_verified_question_for_each_wording"),
        ]

    def __str__(self) -> str:
        return f"Verified question {self.pk}"


class VerifiedResult(models.Model):
    """A version's answer to a verified question, over columns that are open to everybody."""

    verified = models.ForeignKey(VerifiedQuestion, on_delete=models.CASCADE, related_name="results")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    # The answer's sentence; "" if the verified plan could not be computed any more.
    answer = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["verified", "version__number"]
        constraints: ClassVar = [
            models.UniqueConstraint("verified", "version", name="one_verified_result_for_each_version"),
        ]

    def __str__(self) -> str:
        return f"{self.verified} of {self.version}"
