"""Append-only rows: decisions and audit events are never changed."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model, covariant=True)


class WrittenOnce(TypeError):
    """Somebody tried to change or remove an append-only row."""


class AppendOnlyQuerySet(models.QuerySet[Row]):
    """Rows are removed only together with their owner: erasing a dataset removes its decisions."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise WrittenOnce(f"{self.model._meta.verbose_name_plural} are not changed.")

    def delete(self) -> NoReturn:
        raise WrittenOnce(f"{self.model._meta.verbose_name_plural} are not removed.")


class AppendOnly(models.Model):
    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise WrittenOnce(f"A {self._meta.verbose_name} is not changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise WrittenOnce(f"A {self._meta.verbose_name} is not removed.")
