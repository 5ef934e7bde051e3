"""A double of the OpenMetadata server: it speaks the real protocol over HTTP and keeps everything in memory.

Two profiles: `1.1`, strict as recorded against a real server (`recordings.jsonl`), and `2.0`, which takes and
gives what the models of the SDK know (`owners` and `domains` as lists). Where neither says how the server
behaves, the double takes the stricter way.
"""

from tests.openmetadata_double.built_in import BuiltInClassification, BuiltInUser
from tests.openmetadata_double.double import Double, running
from tests.openmetadata_double.serving import Request

__all__ = ["BuiltInClassification", "BuiltInUser", "Double", "Request", "running"]
