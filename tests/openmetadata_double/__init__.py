"""A double of the OpenMetadata server: it speaks the real protocol over HTTP and keeps everything in memory.

Three profiles: `1.1` and `1.12`, strict as recorded against real servers (`recordings.jsonl`,
`recordings-1.12.jsonl`), and `2.0`, which takes and gives what the models of the SDK know. `1.12` puts a
user's edits together, keeps the state of a tag that is there, and ignores a column's part of a PATCH with
If-Match; `2.0` does the same but for the last. Where nothing says how the server behaves, the double takes
the stricter way.
"""

from tests.openmetadata_double.built_in import BuiltInClassification, BuiltInUser
from tests.openmetadata_double.double import Double, running
from tests.openmetadata_double.serving import Request

__all__ = ["BuiltInClassification", "BuiltInUser", "Double", "Request", "running"]
