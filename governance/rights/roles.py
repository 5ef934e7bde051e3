"""The roles and their permissions. They are created once; a site's changes stay."""

from __future__ import annotations

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

# What each role may do, as (app label, permission codenames). Viewers need no permission: grants suffice.
ROLES: dict[str, tuple[str, ...]] = {
    "viewers": (),
    "contributors": ("governance.upload",),
    "stewards": (
        "governance.upload",
        "governance.curate",
        "datasets.view_dataset",
        "datasets.change_dataset",
        "datasets.view_column",
        "datasets.change_column",
        "datasets.view_job",
        "governance.view_tag",
        "governance.add_tag",
        "governance.change_tag",
        "governance.view_classification",
        "governance.add_classification",
        "governance.change_classification",
        "governance.view_policy",
        "governance.add_policy",
        "governance.change_policy",
        "governance.delete_policy",
        "governance.view_tagdecision",
        "governance.view_auditevent",
        "governance.view_grant",
    ),
}


def seed_roles(using: str = "default") -> None:
    for label in ("datasets", "governance"):
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    for name, wanted in ROLES.items():
        group, is_new = Group.objects.using(using).get_or_create(name=name)
        if is_new:
            group.permissions.set(_permissions(wanted, using))


def _permissions(wanted: tuple[str, ...], using: str) -> list[Permission]:
    names = {tuple(name.split(".")) for name in wanted}
    candidates = Permission.objects.using(using).select_related("content_type")
    found = [
        permission
        for permission in candidates.filter(codename__in=[codename for _, codename in names])
        if (permission.content_type.app_label, permission.codename) in names
    ]
    if len(found) != len(names):
        raise LookupError("A role names a permission that does not exist.")
    return found
