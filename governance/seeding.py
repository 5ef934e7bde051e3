"""What governance starts with: known tags, their policies, the roles. Nothing that is there is changed."""

from __future__ import annotations

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

from governance.extensions import schemas, starting_rules
from governance.models import Classification, Policy, Tag
from governance.policies import Rule
from governance.tag_schema import ClassificationSchema

# What each role may do, as (app label, permission codenames). Viewers need no permission: grants are enough.
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


def seed(using: str = "default") -> None:
    """Make what is missing; a policy only along with its tag, so that one that was deleted stays away."""
    seed_tags(using)
    _seed_roles(using)


def seed_tags(using: str = "default") -> None:
    """The platform's classifications and those that the site has added to settings.TAG_SCHEMAS."""
    rules = starting_rules()
    for schema in schemas():
        _seed_classification(schema, rules, using)


def _seed_classification(schema: ClassificationSchema, rules: dict[str, Rule], using: str) -> None:
    classification, _ = Classification.objects.using(using).get_or_create(
        name=schema.name,
        defaults={"description": schema.description, "exclusive": schema.mutually_exclusive},
    )
    for tag_schema in schema.tags:
        tag, is_new = Tag.objects.using(using).get_or_create(
            classification=classification,
            name=tag_schema.name,
            defaults={"description": tag_schema.description},
        )
        if is_new and (rule := rules.get(tag.fqn)):
            Policy.objects.using(using).create(
                tag=tag,
                masked=rule.masked,
                index=rule.index.value,
                retain_days=rule.retain_days,
                note=rule.note,
            )


def _seed_roles(using: str) -> None:
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
