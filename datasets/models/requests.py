"""Uploads in parts, and requests that may be sent twice."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from datasets.models.jobs import Job


class PartialUpload(models.Model):
    """A file that arrives in parts, in order. It may be held until its sender has previewed it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(max_length=255)
    # What the sender wants done when it is complete: JSON of datasets.ingestion.receiving.uploads.Wish.
    wish = models.JSONField(default=dict)
    length = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    # SHA-256 of the whole file, once it was previewed; "" before.
    sha256 = models.CharField(max_length=64, blank=True)
    # The sender's corrections so far: JSON of datasets.previews.corrections.Corrections.
    corrections = models.JSONField(default=dict)
    # Why it was refused once it was complete, as a sentence. Its bytes are deleted then. "" if it was not.
    refusal = models.CharField(max_length=500, blank=True)
    # Set by the last part, or when a held file is kept.
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_held(self) -> bool:
        """Whether it waits, once complete, for its sender's decision."""
        return bool(self.wish.get("hold"))

    @property
    def is_whole(self) -> bool:
        return self.offset == self.length


class IdempotentRequest(models.Model):
    """The job that a POST with an Idempotency-Key opened: the same key returns the same job."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    # SHA-256 of the request with its file: the same key with another body is refused.
    body_sha256 = models.CharField(max_length=64)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("user", "key", name="one_request_for_each_key")]

    def __str__(self) -> str:
        return str(self.pk)
