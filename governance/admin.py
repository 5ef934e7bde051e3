"""Admin pages for tags and policies, for grants, and for the audit log, which nobody edits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from datasets.models import Column, Version
from governance.audit import record
from governance.curation.openings import masked_until_agreed
from governance.curation.staleness import mark_stale
from governance.models import AuditEvent, Classification, Grant, Policy, PublicMark, Tag, TagDecision
from governance.rights.access import may_view_pii
from governance.tag_schema import AWAITS_OWNER

admin.site.site_header = "OMD: curation"
admin.site.site_title = "OMD"
admin.site.index_title = "What governs the data"


class Recorded:
    """Writes each change to the audit log, by name."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)  # type: ignore[misc]
            verb = "changed" if change else "made"
            record(request.user, f"{obj._meta.verbose_name} {verb}", name=str(obj))  # type: ignore[arg-type]


class KeySelect(AutocompleteSelect):
    """Shows what is not a key at all as nothing chosen; Django's own widget looks it up and fails."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if self.is_key(one)], attr)

    def is_key(self, value: str) -> bool:
        try:
            self.field.target_field.to_python(value)
        except ValidationError:
            return False
        return True


class KeySelects:
    """Forms that were filled with anything at all are shown again with their errors."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = KeySelect(db_field, self.admin_site)  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class TagInline(admin.TabularInline):
    model = Tag
    fields = ("name", "description")
    extra = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Existing tags are changed on their own pages."""
        return False


@admin.register(Classification)
class ClassificationAdmin(Recorded, admin.ModelAdmin):
    """Names cannot be changed: every tag is known by its full name."""

    list_display = ("name", "exclusive", "description")
    search_fields = ("name", "tags__name")
    inlines = (TagInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name",) if obj else ()


@admin.register(Tag)
class TagAdmin(Recorded, admin.ModelAdmin):
    list_display = ("fqn", "description", "policy")
    list_filter = ("classification",)
    list_select_related = ("classification", "policy")
    search_fields = ("fqn", "description")
    fields = ("classification", "name", "description")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("classification", "name") if obj else ()


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin):
    """A change takes effect at once: an index that no longer fits is closed in the same transaction."""

    list_display = ("tag", "masked", "index", "retain_days", "note")
    list_filter = ("masked", "index")
    list_select_related = ("tag",)
    search_fields = ("tag__fqn", "note")

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        with transaction.atomic():
            with masked_until_agreed(_governed_by(obj), request.user):  # type: ignore[arg-type]
                super().save_model(request, obj, form, change)
            mark_stale()
            record(
                request.user,  # type: ignore[arg-type]
                "policy changed",
                tag=obj.tag.fqn,
                masked=obj.masked,
                index=obj.index,
                retain_days=obj.retain_days,
            )

    def delete_model(self, request: HttpRequest, obj: Policy) -> None:
        with transaction.atomic():
            with masked_until_agreed(_governed_by(obj), request.user):  # type: ignore[arg-type]
                super().delete_model(request, obj)
            mark_stale()
            record(request.user, "policy deleted", tag=obj.tag.fqn)  # type: ignore[arg-type]

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for policy in queryset.select_related("tag").exclude(tag__fqn=AWAITS_OWNER):
            self.delete_model(request, policy)

    def has_change_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        return not _is_fixed(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        return not _is_fixed(obj) and super().has_delete_permission(request, obj)


def _is_fixed(policy: Policy | None) -> bool:
    return policy is not None and policy.tag.fqn == AWAITS_OWNER


def _governed_by(policy: Policy) -> list[Column]:
    """Columns that the policy may affect, including all tags of a classification."""
    spoken_of = Column.objects.filter(decisions__tag=policy.tag_id, dataset__retired_at=None)
    return list(spoken_of.select_related("dataset").distinct())


class GrantForm(forms.ModelForm):
    """Nobody, admins included, can give a right to personal values that they do not have."""

    request: HttpRequest

    class Meta:
        model = Grant
        fields = ("dataset", "user", "view_pii")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        dataset = cleaned.get("dataset") or (self.instance.dataset if self.instance.pk else None)
        gives = cleaned.get("view_pii") and not (self.instance.pk and self.initial.get("view_pii"))
        if gives and dataset and not may_view_pii(self.request.user, dataset):
            raise forms.ValidationError(
                "You may not see personal values here, so you cannot let others see them."
            )
        return cleaned


@admin.register(PublicMark)
class PublicMarkAdmin(KeySelects, admin.ModelAdmin):
    """A marked dataset is public only with RAW_PUBLIC, and only while it has no tag of personal data."""

    list_display = ("dataset", "marked_by", "at")
    list_select_related = ("dataset", "marked_by")
    fields = ("dataset",)
    autocomplete_fields = ("dataset",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("governance.curate")

    has_add_permission = has_delete_permission = has_view_permission

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: PublicMark, form: Any, change: bool) -> None:
        obj.marked_by = request.user  # type: ignore[assignment]
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            record(request.user, "marked public", obj.dataset_id)  # type: ignore[arg-type]
            mark_stale([obj.dataset_id])

    def delete_model(self, request: HttpRequest, obj: PublicMark) -> None:
        with transaction.atomic():
            super().delete_model(request, obj)
            record(request.user, "public no more", obj.dataset_id)  # type: ignore[arg-type]
            mark_stale([obj.dataset_id])

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for mark in queryset:
            self.delete_model(request, mark)


@admin.register(Grant)
class GrantAdmin(KeySelects, admin.ModelAdmin):
    form = GrantForm
    list_display = ("dataset", "user", "view_pii", "granted_by", "at")
    list_filter = ("view_pii",)
    list_select_related = ("dataset", "user", "granted_by")
    search_fields = ("dataset__name", "user__username")
    fields = ("dataset", "user", "view_pii")
    autocomplete_fields = ("dataset", "user")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        form.request = request  # type: ignore[attr-defined]
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Dataset and person cannot be changed: that would be another grant."""
        return ("dataset", "user") if obj else ()

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        obj.granted_by = request.user  # type: ignore[assignment]
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            record(
                request.user,  # type: ignore[arg-type]
                "shared",
                obj.dataset_id,
                user=obj.user.get_username(),
                view_pii=obj.view_pii,
            )


class _Written(admin.ModelAdmin):
    """Append-only rows: no page adds, changes or deletes them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(TagDecision)
class TagDecisionAdmin(_Written):
    list_display = ("at", "column", "tag", "state", "source", "actor", "reason")
    list_filter = ("state", "source", "tag")
    list_select_related = ("column", "tag", "actor")
    search_fields = ("column__name", "column__dataset__name", "tag__fqn", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TagDecision]:
        """Findings of a version are shown only once its governance is complete."""
        governed = Q(version=None) | Q(version__state=Version.State.READY)
        return super().get_queryset(request).filter(governed, column__in=Column.objects.shown())


@admin.register(AuditEvent)
class AuditEventAdmin(_Written):
    list_display = ("at", "actor", "action", "dataset_id", "detail")
    list_filter = ("action",)
    list_select_related = ("actor",)
    search_fields = ("actor__username", "action", "dataset_id")
