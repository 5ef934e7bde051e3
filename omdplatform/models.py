"""A user's identity for programs, and sign-ins of people and programs."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class ApiIdentity(models.Model):
    """The `sub` of a user's API tokens: a UUID, because JWT libraries reject integers, which would also
    reveal the number of users.

    Replacing it ends every token of the user.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_identity"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)

    class Meta:
        verbose_name_plural = "API identities"
        ordering: ClassVar = ["user"]

    def __str__(self) -> str:
        return str(self.uuid)

    @classmethod
    def of(cls, user: AbstractBaseUser) -> ApiIdentity:
        """The user's identity, created on first use."""
        identity, _ = cls.objects.get_or_create(user_id=user.pk)
        return identity

    @classmethod
    def rotate(cls, user: AbstractBaseUser) -> None:
        """End every token of the user."""
        cls.objects.filter(user_id=user.pk).update(uuid=uuid.uuid4())


class SignIn(models.Model):
    """A browser with a session: the account page lists and ends it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField(auto_now_add=True)
    address = models.CharField(max_length=64, blank=True)
    # The browser's own description.
    agent = models.CharField(max_length=200, blank=True)
    # Set by the code that lists them: whether it is the session of this request.
    is_current = False

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return str(self.pk)


class PersonalToken(models.Model):
    """A token that somebody created for their program; see omdplatform.accounts.tokens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="personal_tokens"
    )
    name = models.CharField(max_length=100)
    # SHA-256 of the token.
    digest = models.CharField(max_length=64, unique=True)
    # Keys of omdplatform.accounts.tokens.SCOPES.
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.name
