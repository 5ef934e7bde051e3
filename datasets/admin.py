"""Admin pages of datasets, columns and jobs. No page shows profiles, because profiles hold values."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from datasets.ingestion import pipeline, queue
from datasets.ingestion.queue import queue_rebuilds
from datasets.ingestion.receiving import uploads
from datasets.ingestion.receiving.uploads import UploadRefused
from datasets.models import Column, Dataset, Job, JobEvent, Version
from governance.curation.decisions import Decision, decide, decide_all
from governance.models import Tag, TagDecision
from governance.rights.access import held_tags
from governance.tag_schema import AWAITS_OWNER
from omdplatform.base.web.signed_in import user_of


class ReadOnly:
    """Rows that only the platform writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class VersionInline(ReadOnly, admin.TabularInline):
    model = Version
    fields = readonly_fields = (
        "number", "state", "filename", "rows_read", "index_state", "catalog_fqn", "created_by", "created_at",
    )  # fmt: skip
    ordering = ("-number",)
    extra = 0

    @admin.display(description="Rows")
    def rows_read(self, version: Version) -> str:
        """Nothing of a version is shown before its governance is complete."""
        return f"{version.rows:,}" if version.state == Version.State.READY else "–"


class ColumnInline(admin.TabularInline):
    model = Column
    fields = ("name", "description")
    readonly_fields = ("name",)
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Column]:
        return Column.objects.filter(pk__in=Column.objects.shown().values("pk"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Dataset)
class DatasetAdmin(admin.ModelAdmin):
    list_display = ("name", "owner", "rows", "state", "updated_at")
    list_filter = ("owner", "current_version__index_state")
    list_select_related = ("owner", "current_version")
    search_fields = ("name", "description", "owner__username")
    fields = ("name", "description", "owner", "table_name", "schema_name")
    readonly_fields = ("owner", "table_name", "schema_name")
    inlines = (ColumnInline, VersionInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dataset]:
        return super().get_queryset(request).filter(retired_at=None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Datasets come from uploads only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deleting the row alone would leave file, index and catalog entry behind. The dataset's page deletes
        all of them.
        """
        return False

    @admin.display(description="Rows")
    def rows(self, dataset: Dataset) -> str:
        version = dataset.current_version
        return f"{version.rows:,}" if version and version.rows is not None else "–"

    @admin.display(description="Index")
    def state(self, dataset: Dataset) -> str:
        return dataset.current_version.get_index_state_display() if dataset.current_version else "not ready"


class DecisionForm(forms.ModelForm):
    """A column with a decision on one of its tags."""

    tag = forms.ModelChoiceField(
        Tag.objects.exclude(fqn=AWAITS_OWNER), required=False, help_text="Decide on this tag."
    )
    decision = forms.ChoiceField(
        choices=[("", "–"), ("confirmed", "confirm or add"), ("rejected", "reject")], required=False
    )
    reason = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    class Meta:
        model = Column
        fields = ("description",)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if bool(cleaned.get("tag")) != bool(cleaned.get("decision")):
            raise forms.ValidationError("A decision needs both a tag and what you decide.")
        return cleaned


class DecisionInline(ReadOnly, admin.TabularInline):
    model = TagDecision
    fields = readonly_fields = ("tag", "state", "source", "actor", "reason", "at")
    ordering = ("-pk",)
    extra = 0
    verbose_name_plural = "history of decisions"


@admin.register(Column)
class ColumnAdmin(admin.ModelAdmin):
    form = DecisionForm
    list_display = ("name", "dataset", "tags_in_force")
    list_filter = ("decisions__tag", "decisions__state", "dataset__owner")
    list_select_related = ("dataset",)
    search_fields = ("name", "dataset__name", "decisions__tag__fqn")
    fields = ("dataset_link", "name", "description", "tags_in_force", "why", "tag", "decision", "reason")
    readonly_fields = ("dataset_link", "name", "tags_in_force", "why")
    inlines = (DecisionInline,)
    actions = ("confirm_suggestions", "reject_suggestions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Column]:
        shown = Column.objects.shown().values("pk")
        return super().get_queryset(request).filter(dataset__retired_at=None, pk__in=shown)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Load the tags of all rows of the page at once."""
        changelist = super().get_changelist_instance(request)
        columns = list(changelist.result_list)
        held = held_tags(columns)
        for column in columns:
            column.held = held[column.pk]
        changelist.result_list = columns
        return changelist

    @admin.display(description="Dataset")
    def dataset_link(self, column: Column) -> SafeString:
        return format_html('<a href="{}">{}</a>', column.dataset.get_absolute_url(), column.dataset.name)

    @admin.display(description="Tags in force")
    def tags_in_force(self, column: Column) -> str:
        held = column.held if hasattr(column, "held") else held_tags([column])[column.pk]
        return ", ".join(f"{tag.fqn} ({tag.state})" for tag in held) or "none"

    @admin.display(description="What the classifier says")
    def why(self, column: Column) -> SafeString:
        """Reasons and masked examples; never a value."""
        for tag in held_tags([column])[column.pk]:
            if evidence := tag.evidence.get("evidence"):
                said = [*evidence["reasons"], *(f"Against it: {reason}" for reason in evidence["against"])]
                return format_html(
                    "<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((line,) for line in said))
                )
        return SafeString("nothing")

    def save_model(self, request: HttpRequest, obj: Column, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        chosen = form.cleaned_data
        if chosen.get("tag"):
            decide(obj, chosen["tag"], chosen["decision"], user_of(request), chosen["reason"])
            queue_rebuilds()

    @admin.action(description="Confirm what is suggested")
    def confirm_suggestions(self, request: HttpRequest, columns: QuerySet[Column]) -> None:
        self._decide_suggested(request, columns, "confirmed")

    @admin.action(description="Reject what is suggested")
    def reject_suggestions(self, request: HttpRequest, columns: QuerySet[Column]) -> None:
        self._decide_suggested(request, columns, "rejected")

    def _decide_suggested(self, request: HttpRequest, columns: QuerySet[Column], state: str) -> None:
        chosen = list(columns)
        held = held_tags(chosen)
        tags = {tag.fqn: tag for tag in Tag.objects.select_related("classification")}
        suggested = [
            Decision(column, tags[tag.fqn], state, "Decided together with others.")
            for column in chosen
            for tag in held[column.pk]
            if tag.state == "suggested"
        ]
        decide_all(suggested, user_of(request))
        queue_rebuilds()
        messages.success(request, f"{len(suggested)} suggested tags {state}.")


class EventInline(ReadOnly, admin.TabularInline):
    model = JobEvent
    fields = readonly_fields = ("number", "at", "step", "state", "message", "rows_done", "rows_total")
    extra = 0


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("version", "kind", "state", "step", "created_by", "created_at", "finished_at", "crashes")
    list_filter = ("state", "kind", "step")
    list_select_related = ("version__dataset", "created_by")
    search_fields = ("dataset__name", "error")
    exclude = ("cursor",)
    inlines = (EventInline,)
    actions = ("retry", "cancel", "pause", "resume")

    @admin.action(description="Try again", permissions=["view"])
    def retry(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        for job in jobs:
            try:
                uploads.retry(job, user_of(request))
            except UploadRefused as refusal:
                messages.warning(request, f"{job.version}: {refusal}")

    @admin.action(description="Cancel", permissions=["view"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        if not request.user.has_perm("governance.curate"):
            messages.error(request, "Only stewards cancel the jobs of others.")
            return
        ended = sum(pipeline.cancel(job, user_of(request)) for job in jobs)
        messages.success(request, f"{ended} jobs cancelled.")

    @admin.action(description="Pause", permissions=["view"])
    def pause(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        if not request.user.has_perm("governance.curate"):
            messages.error(request, "Only stewards pause the jobs of others.")
            return
        paused = sum(queue.pause(job, user_of(request)) for job in jobs)
        messages.success(request, f"{paused} jobs paused.")

    @admin.action(description="Resume", permissions=["view"])
    def resume(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        if not request.user.has_perm("governance.curate"):
            messages.error(request, "Only stewards resume the jobs of others.")
            return
        resumed = sum(queue.resume(job, user_of(request)) for job in jobs)
        messages.success(request, f"{resumed} jobs resumed.")
