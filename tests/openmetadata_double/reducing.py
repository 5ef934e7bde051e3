"""What is kept of a recorded answer, so that recordings stay small: what a client reads, without
bookkeeping."""

from __future__ import annotations

import json
from functools import reduce
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


# What servers write down of changes in words of their own: no part of a shape.
_WRITTEN_DOWN = frozenset({"changeDescription", "incrementalChangeDescription", "appliedAt", "appliedBy"})


def shape_of(value: Any) -> Any:
    """The whole answer without its values: what each place is called, and of which type it is.

    A list becomes one that holds the shape of all its items together.
    """
    if isinstance(value, dict):
        return {name: shape_of(held) for name, held in value.items() if name not in _WRITTEN_DOWN}
    if isinstance(value, list):
        return [reduce(_together, map(shape_of, value))] if value else []
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return shape_of(json.loads(value))
        except ValueError:
            pass  # A message that begins with a bracket.
    return "number" if type(value) in (int, float) else type(value).__name__


def _together(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            **one,
            **other,
            **{name: _together(one[name], other[name]) for name in one.keys() & other.keys()},
        }
    if isinstance(one, list) and isinstance(other, list) and one and other:
        return [_together(one[0], other[0])]
    return one or other


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
