"""What is kept of a recorded answer, so that recordings stay small: what a client reads, without
bookkeeping."""

from __future__ import annotations

import json
from typing import Any

# Links, what every server adds in its own way, and what nobody but its own pages reads.
_DROPPED = frozenset(
    [
        "href",
        "changeDescription",
        "incrementalChangeDescription",
        "changeSummary",
        "entityStatus",
        "votes",
        "processedLineage",
        "followers",
        "dataProducts",
        "personaPreferences",
        "recognizers",
        "autoClassificationEnabled",
        "autoClassificationPriority",
        "autoClassificationConfig",
        "reviewers",
        "inheritedPersonas",
        "domains",
        "service",
        "database",
        "databaseSchema",
        "style",
        "allowImpersonation",
        "usageSummary",
        "dataTypeDisplay",
        "disabled",
        "deprecated",
        "provider",
        "serviceType",
        "supportsMetadataExtraction",
        "teams",
        "inheritedRoles",
        "isBot",
        "isAdmin",
        "default",
        "aggregations",
        "highlight",
        "sort",
        "_score",
        "_shards",
        "took",
        "timed_out",
        "_index",
    ]
)
_EMPTY = frozenset({"children", "owners", "tags", "patterns"})
_LABEL = ("tagFQN", "source", "labelType", "state", "reason", "metadata")


def reduced(value: Any) -> Any:
    """The answer with labels, references and texts cut to what is compared. Idempotent."""
    if isinstance(value, dict):
        return _reduced_dict(value)
    if isinstance(value, list):
        return [reduced(each) for each in value]
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return reduced(json.loads(value))
        except ValueError:
            return value  # A message that begins with a bracket.
    return value


def _reduced_dict(value: dict[str, Any]) -> dict[str, Any]:
    if "_source" in value:
        return {"_source": {name: value["_source"][name] for name in ("name", "fullyQualifiedName")}}
    if "tagFQN" in value:
        return {name: reduced(value[name]) for name in _LABEL if name in value}
    if {"id", "type"} <= value.keys() and "version" not in value:
        return {name: value[name] for name in ("id", "type", "name") if name in value}
    return {
        name: reduced(held)
        for name, held in value.items()
        if name not in _DROPPED and not (name in _EMPTY and held == [])
    }
