"""Creates the initial tags, policies and roles. Existing ones are not changed."""

from __future__ import annotations

from governance.extending.extensions import schemas, starting_rules
from governance.models import Classification, Policy, Tag
from governance.policies import Rule
from governance.rights.roles import seed_roles
from governance.tag_schema import ClassificationSchema


def seed(using: str = "default") -> None:
    """Create what is missing. A policy is created only with its tag, so a deleted policy stays deleted."""
    seed_tags(using)
    seed_roles(using)


def seed_tags(using: str = "default") -> None:
    """The platform's classifications and the site's in settings.TAG_SCHEMAS."""
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
