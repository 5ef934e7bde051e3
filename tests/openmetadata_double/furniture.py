"""What newer servers add to their answers beside what they were told; nothing that the double goes by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.openmetadata_double.answers import Answer, Json
from tests.openmetadata_double.store import compact

_TAG = {"disabled": False, "recognizers": [], "autoClassificationEnabled": False}
# By collection, on every entity.
_ALWAYS: Mapping[str, Json] = {
    "tables": {"processedLineage": False},
    "classifications": {"provider": "user", "disabled": False},
    "tags": {"provider": "user", "autoClassificationPriority": 50, **_TAG},
    "glossaries": {"provider": "user"},
    "glossaryTerms": {"provider": "user", "entityStatus": "Approved"},
    "users": {"isBot": False, "isAdmin": False, "allowImpersonation": False, "personaPreferences": []},
}
# Where it was made.
_WHEN_MADE: Mapping[str, Json] = {
    "databases": {"domains": []},
    "databaseSchemas": {"domains": []},
    "tables": {"domains": []},
    "containers": {"domains": []},
    "tags": {"domains": [], "reviewers": []},
    "glossaryTerms": {"domains": [], "reviewers": []},
    "users": {"domains": [], "inheritedPersonas": []},
    "dataQuality": {"domains": []},
}
# Where it was changed in part, deleted or restored.
_WHEN_CHANGED: Json = {
    "domains": [],
    "dataProducts": [],
    "followers": [],
    "votes": {"upVotes": 0, "downVotes": 0, "upVoters": [], "downVoters": []},
}
_WITHOUT_STATUS = ("users", "lineage")
# Answers to their PUT that do not say who owns them.
_OWNERLESS = ("classifications", "services", "databases", "glossaries", "domains")


def furnished(answer: Answer, method: str, parts: list[str]) -> Answer:
    """The answer to a request of this method and place below /v1, as newer servers give it."""
    collection = parts[0] if parts else ""
    told = _within(answer.body, collection)
    if isinstance(told, dict):
        told = _whole(told, method, parts, collection, is_new=answer.status == 201)
    return replace(answer, body=told)


def _whole(told: Json, method: str, parts: list[str], collection: str, *, is_new: bool) -> Json:
    if "versions" in told:
        entities = [compact({**_WHEN_CHANGED, **json.loads(each)}) for each in told["versions"]]
        return {**told, "versions": entities}
    if not _is_entity(told):
        return told
    if parts[-1] == "latest":
        del told["service"]
        for above in ("database", "databaseSchema"):
            del told[above]["href"]
    is_put = method == "PUT" and len(parts) <= 2 and parts[-1] != "restore"
    if is_put or collection == "dataQuality":
        told = {**_WHEN_MADE.get(collection, {}), **told}
        if collection == "domains":
            del told["deleted"]
        is_owned = told.get("owners") or (collection == "containers" and told.get("parent"))
        if collection in _OWNERLESS or (collection == "containers" and not is_owned):
            told.pop("owners", None)
        if collection == "classifications" and not is_new:
            told = {"owners": [], "reviewers": [], **told}
    elif method in ("PATCH", "DELETE") or parts[-1] == "restore":
        told = {**_WHEN_CHANGED, **told}
    return told


def _within(value: Any, collection: str) -> Any:
    """The value with all entities, columns, labels and references in it furnished."""
    if isinstance(value, list):
        return [_within(each, collection) for each in value]
    if isinstance(value, str) and value.startswith('{"'):
        return compact(_within(json.loads(value), collection))
    if not isinstance(value, dict):
        return value
    told = {name: _within(held, collection) for name, held in value.items()}
    if _is_entity(told):
        status = {} if collection in _WITHOUT_STATUS else {"entityStatus": "Unprocessed"}
        return {**status, **_ALWAYS.get(collection, {}), **told}
    if "dataType" in told:
        return {"children": [], "tags": [], **told}
    if "sourcePythonClass" in told:
        return {"supportsMetadataExtraction": True, **told}
    if "recognizerName" in told:
        return {"patterns": [], **told}
    if "type" in told and "fullyQualifiedName" in told:
        return {"displayName": told["name"], **told}
    return told


def _is_entity(told: Json) -> bool:
    return {"id", "version", "updatedAt", "updatedBy"} <= told.keys()
