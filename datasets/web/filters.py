"""Filters for lists of datasets and jobs, in the API and on pages."""

from __future__ import annotations

from django.db.models import Case, CharField, Exists, F, OuterRef, Value, When
from django_filters import rest_framework as filters

from datasets.models import Column, Dataset, DatasetQuerySet, Job
from governance.rights.access import held_tags

DATASET_STATES = [
    ("ready", "has a version that can be used"),
    ("pending", "its first version is being ingested"),
    ("failed", "no upload has ended well yet"),
]


def with_state(datasets: DatasetQuerySet) -> DatasetQuerySet:
    """Datasets with `state`, one of DATASET_STATES, computed by the database."""
    open_jobs = Job.objects.filter(dataset=OuterRef("pk")).open()
    return datasets.annotate(
        state=Case(
            When(current_version__isnull=False, then=Value("ready")),
            When(Exists(open_jobs), then=Value("pending")),
            default=Value("failed"),
            output_field=CharField(),
        )
    )


def tagged(datasets: DatasetQuerySet, fqn: str) -> DatasetQuerySet:
    """Datasets whose current version has a column with the tag in force."""
    columns = Column.objects.filter(
        dataset__in=datasets.values("pk"),
        decisions__tag__fqn=fqn,
        appearances__version=F("dataset__current_version"),
    ).distinct()
    held = held_tags(columns)
    holding = {column.dataset_id for column in columns if any(tag.fqn == fqn for tag in held[column.pk])}
    return datasets.filter(pk__in=holding)


class DatasetFilter(filters.FilterSet):  # type: ignore[misc]
    owner = filters.CharFilter(field_name="owner__username", help_text="The exact username.")
    name = filters.CharFilter(lookup_expr="icontains", help_text="Part of the name. Case is ignored.")
    state = filters.ChoiceFilter(choices=DATASET_STATES)
    tag = filters.CharFilter(
        method="filter_tag", help_text="A tag in force on one of its columns, such as PII.Sensitive."
    )

    class Meta:
        model = Dataset
        fields = ()

    def filter_tag(self, queryset: DatasetQuerySet, name: str, value: str) -> DatasetQuerySet:
        return tagged(queryset, value)


class JobFilter(filters.FilterSet):  # type: ignore[misc]
    state = filters.ChoiceFilter(choices=Job.State.choices)
    kind = filters.ChoiceFilter(choices=Job.Kind.choices)
    dataset = filters.UUIDFilter(field_name="dataset_id")

    class Meta:
        model = Job
        fields = ()
