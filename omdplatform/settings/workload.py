"""Uploads, their jobs, and the queue that distributes these."""

from __future__ import annotations

from typing import Any

from omdplatform.base.environment import number, text
from omdplatform.settings.folders import DATA_DIR

# The largest file accepted, in bytes.
UPLOAD_MAX_BYTES = number("UPLOAD_MAX_BYTES", default=2 * 1024**3)
# The largest body of one request, in bytes. Larger files come in parts by the tus protocol.
REQUEST_MAX_BYTES = number("REQUEST_MAX_BYTES", default=32 * 1024**2)
# The most that one person may have announced and not completely sent: files, and bytes together.
UNFINISHED_UPLOADS = number("UNFINISHED_UPLOADS", default=20)
UNFINISHED_BYTES = number("UNFINISHED_BYTES", default=8 * 1024**3)
# Size of the parts that the upload page sends, in bytes.
UPLOAD_PART_BYTES = number("UPLOAD_PART_BYTES", default=8 * 1024**2)
# Quarantined files that no open job or upload claims are removed after this many seconds.
QUARANTINE_SECONDS = number("QUARANTINE_SECONDS", default=3600)
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024**2
DATA_UPLOAD_MAX_MEMORY_SIZE = REQUEST_MAX_BYTES
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "tmp"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)

# A worker holds a job for this many seconds, and renews its lease as it goes. After that another may take it.
JOB_LEASE_SECONDS = number("JOB_LEASE_SECONDS", default=120)
# A worker without progress for this many seconds hangs: its job's lease is left to run out. Longer than the
# longest call to a service may take.
JOB_QUIET_SECONDS = number("JOB_QUIET_SECONDS", default=600)
# A job that was started this many times without ending is marked as failed.
JOB_MAX_ATTEMPTS = number("JOB_MAX_ATTEMPTS", default=3)
# Seconds that a job waits, with growing pauses, for an unavailable or full service; 0: it fails at once.
PARTS_WAIT_SECONDS = number("PARTS_WAIT_SECONDS", default=24 * 3600)
# Indexing yields to other jobs after this many seconds.
INDEX_SLICE_SECONDS = number("INDEX_SLICE_SECONDS", default=25)

# A server that receives jobs and their steps as OpenLineage run events (POST /api/v1/lineage); absent: none.
# Its bearer token, if any, and the namespace of our jobs and tables there.
OPENLINEAGE_URL = text("OPENLINEAGE_URL")
OPENLINEAGE_API_KEY = text("OPENLINEAGE_API_KEY")
OPENLINEAGE_NAMESPACE = text("OPENLINEAGE_NAMESPACE") or "omdplatform"

# Worker processes that `manage.py serve` runs.
WORKERS = number("WORKERS", default=1)

Q_CLUSTER: dict[str, Any] = {
    "name": "omdplatform",
    "orm": "default",
    # For sites that run their own qcluster instead of our workers: no prefetching, because a task's retry
    # time starts when a worker fetches it.
    "workers": WORKERS,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.5,
    # Reading and governing a large file is one task; only indexing is sliced.
    "timeout": number("TASK_TIMEOUT", default=3600),
    "retry": number("TASK_TIMEOUT", default=3600) + 60,
    # Our own lease and attempt count decide: the broker does not deliver a failed task again.
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": 100,
    "catch_up": False,
    "label": "Task queue",
}
