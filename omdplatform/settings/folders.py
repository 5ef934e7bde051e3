"""Folders on this machine, and how much of its disk stays free."""

from __future__ import annotations

import os
from pathlib import Path

from omdplatform.base.environment import number, text

BASE_DIR = Path(__file__).resolve().parents[2]

# The folder for everything that the embedded default writes: database, files, keys, vectors.
DATA_DIR = Path(text("OMD_DATA_DIR") or BASE_DIR / "var").resolve()
# Files, database and logs that our processes create are private to their owner.
os.umask(0o077)
_unwritable = (
    f"The data folder {DATA_DIR} cannot be written. Make it writable, or name another: OMD_DATA_DIR."
)
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise SystemExit(f"{_unwritable} ({error.strerror})") from None
if not os.access(DATA_DIR, os.W_OK):
    raise SystemExit(_unwritable)
# RSA pairs in DER: `api/` signs our own tokens, `catalog/` is mounted into OpenMetadata.
KEYS_DIR = Path(text("OMD_KEYS_DIR") or DATA_DIR / "keys")

# Measurements of all processes of this data folder, for /metrics. Read when prometheus_client is imported.
METRICS_DIR = DATA_DIR / "metrics"
METRICS_DIR.mkdir(exist_ok=True, mode=0o700)
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(METRICS_DIR))
# Bytes of the disk that stay free. Below that, uploads are refused (507) and jobs wait.
DISK_RESERVE_BYTES = number("DISK_RESERVE_BYTES", default=100 * 1024**2)
