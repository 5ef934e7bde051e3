"""Who a person is to programs."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class ApiIdentity(models.Model):
    """The `sub` of a user's API tokens: a UUID, since integer ids fail there and would tell how many we are.

    Rotating it ends every token that was ever given out for the user.
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
        """The user's identity, made on first use."""
        identity, _ = cls.objects.get_or_create(user_id=user.pk)
        return identity

    @classmethod
    def rotate(cls, user: AbstractBaseUser) -> None:
        """End every token of the user."""
        cls.objects.filter(user_id=user.pk).update(uuid=uuid.uuid4())
