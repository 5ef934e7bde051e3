"""JSON Patch, refused in the server's words."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import jsonpatch
from jsonpointer import JsonPointer, JsonPointerException

from tests.openmetadata_double.answers import Crashed, Json, Refused
from tests.openmetadata_double.store import compact


def patched(document: Json, operations: Any) -> Json:
    """A copy with the operations done; Crashed where one names a place that is not there."""
    if not isinstance(operations, list):
        raise Refused(400, "Unable to process JSON")
    result = deepcopy(document)
    for operation in operations:
        try:
            result = jsonpatch.apply_patch(result, [operation])
        except jsonpatch.JsonPatchTestFailed:
            raise Crashed(f"The JSON operation TEST fails for path '{operation['path']}'") from None
        except jsonpatch.InvalidJsonPatch:
            raise Refused(400, "Unable to process JSON") from None
        except (jsonpatch.JsonPatchConflict, JsonPointerException):
            raise Crashed(_missing(result, operation)) from None
    return result


def _missing(document: Json, operation: Json) -> str:
    """What the server says of the first part of the path that leads nowhere."""
    there: Any = document
    for part in JsonPointer(operation["path"]).parts:
        if isinstance(there, list):
            if not part.isdigit() or int(part) >= len(there):
                return f"'{compact(there)}' contains no element for index {part} and for '{part}'."
            there = there[int(part)]
        elif isinstance(there, dict) and part in there:
            there = there[part]
        else:
            return f"'{compact(there)}' contains no value for name '{part}'"
    return f"'{compact(there)}' cannot be used here"
