"""Every setting of the platform, with its meaning and its default.

A part that is not configured runs embedded: a fresh clone needs no server set up by hand. A part that is
configured and out of reach is an error that names the part, never a silent fallback.
"""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url

from governance.tag_schema import DEFAULT_CLASSIFICATION_TAGS
from omdplatform.base.environment import flag, items, number, text

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where things lie -------------------------------------------------------------------------------------

# The folder that holds everything the embedded default writes: database, files, keys, vectors.
DATA_DIR = Path(text("OMD_DATA_DIR") or BASE_DIR / "var").resolve()
# What a process of ours makes is for its owner only: files, database, logs, and those of its children.
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

# --- Web --------------------------------------------------------------------------------------------------

# Where the web process listens.
HOST = text("HOST") or "127.0.0.1"
PORT = number("PORT", default=8000)
# Django's own debug pages, which show code and settings to whoever asks.
DEBUG = flag("DEBUG", default=False)
_LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = items("ALLOWED_HOSTS", default=_LOOPBACK)
# Any other host name makes this a deployment: HTTPS only, and static files that were collected.
DEPLOYED = not DEBUG and not set(ALLOWED_HOSTS) <= set(_LOOPBACK)
# Origins whose pages may send forms and open WebSockets, as scheme://host[:port], never "*".
CSRF_TRUSTED_ORIGINS = items("CSRF_TRUSTED_ORIGINS")
# Origins whose scripts may call the API with a bearer token, never "*".
CORS_ALLOWED_ORIGINS = items("CORS_ALLOWED_ORIGINS", default=[] if DEPLOYED else ["http://localhost:3000"])
CORS_URLS_REGEX = r"^/api/.*$"
CORS_EXPOSE_HEADERS = [
    "Link", "Location", "Preference-Applied", "Retry-After", "Tus-Extension", "Tus-Max-Size",
    "Tus-Resumable", "Tus-Version", "Upload-Expires", "Upload-Length", "Upload-Offset", "WWW-Authenticate",
    "X-Job",
]  # fmt: skip
CORS_ALLOW_HEADERS = (
    "accept", "authorization", "content-disposition", "content-type", "idempotency-key", "prefer",
    "x-requested-with", "tus-resumable", "upload-length", "upload-metadata", "upload-offset",
)  # fmt: skip
# The header by which a proxy in front says that the outer connection is HTTPS, such as "X-Forwarded-Proto".
if proxy_header := text("SECURE_PROXY_HEADER"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_" + proxy_header.upper().replace("-", "_"), "https")


def _secret_key() -> str:
    """SECRET_KEY, or one made once and kept with the data (readable by its owner only)."""
    if given := text("SECRET_KEY"):
        return given
    path = DATA_DIR / "secret_key"
    if not path.exists():
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:  # another process of ours was quicker
            return path.read_text()
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text()


SECRET_KEY = _secret_key()

if DEPLOYED:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # the balancer's probe speaks plain HTTP
    SECURE_HSTS_SECONDS = number("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 60 * 60 * 12
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "corsheaders",
    "django_filters",
    "django_q",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "storages",
    "omdplatform",
    "datasets",
    "governance",
    "promptiq",
]

MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",
    "omdplatform.base.web.middleware.RequestId",
    "omdplatform.base.web.middleware.BodyLimit",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "omdplatform.base.web.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "omdplatform.base.web.middleware.ToldErrors",
]

CSRF_FAILURE_VIEW = "omdplatform.base.web.problems.csrf_failure"
ROOT_URLCONF = "omdplatform.urls"
ASGI_APPLICATION = "omdplatform.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

STATIC_URL = "static/"
# Where collectstatic puts what a deployment serves; an image has them beside the code.
STATIC_ROOT = Path(text("STATIC_ROOT") or DATA_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "datasets:list"
LOGOUT_REDIRECT_URL = "login"
# Counts attempts first; then names and passwords.
AUTHENTICATION_BACKENDS = [
    "omdplatform.accounts.throttling.Throttle",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Database, cache, channel layer -----------------------------------------------------------------------

# DATABASE_URL: postgres://user:password@host/name. Absent: SQLite in the data folder.
if database_url := text("DATABASE_URL"):
    DATABASES: dict[str, Any] = {
        # Checked before use: a restarted server has closed its connections.
        "default": dj_database_url.parse(database_url, conn_max_age=60, conn_health_checks=True)
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "db.sqlite3",
            # Without IMMEDIATE and WAL, writers that read first fail under load instead of waiting.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
            # A file, so that threads and processes of the tests see the same database.
            "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
        }
    }

# REDIS_URL: redis://host:6379/0. Absent: the database cache; each web process polls for its sockets.
REDIS_URL = text("REDIS_URL")
if REDIS_URL:
    CACHES: dict[str, Any] = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    }
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            # Listening blocks for 5 s in Redis, which is also the default timeout of its client.
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 30}]},
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache_entries",
            # A full cache drops entries at random, throttles and tickets among them; 300 is soon full.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# --- Storage ----------------------------------------------------------------------------------------------

# S3_ENDPOINT_URL: MinIO or any S3 server. Absent: files in the data folder.
S3_ENDPOINT_URL = text("S3_ENDPOINT_URL")
S3_ACCESS_KEY = text("S3_ACCESS_KEY")
S3_SECRET_KEY = text("S3_SECRET_KEY")
S3_REGION = text("S3_REGION") or "us-east-1"
# Raw files as they were uploaded; typed Parquet copies; files not yet governed.
RAW_BUCKET = text("RAW_BUCKET") or "raw-data"
# Open the prefix public/ of the raw bucket to everybody: for raw files of datasets that a steward has marked
# public and in which no personal data is tagged. Without S3_ENDPOINT_URL it opens nothing.
RAW_PUBLIC = flag("RAW_PUBLIC", default=False)
PARQUET_BUCKET = text("PARQUET_BUCKET") or "typed-data"
QUARANTINE_BUCKET = text("QUARANTINE_BUCKET") or "quarantine"


def _storage(bucket: str) -> dict[str, Any]:
    if not S3_ENDPOINT_URL:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": DATA_DIR / "files" / bucket,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    return {
        "BACKEND": "datasets.s3.BucketStorage",
        "OPTIONS": {
            "endpoint_url": S3_ENDPOINT_URL,
            "access_key": S3_ACCESS_KEY,
            "secret_key": S3_SECRET_KEY,
            "region_name": S3_REGION,
            "bucket_name": bucket,
            "file_overwrite": False,
            "max_memory_size": 8 * 1024 * 1024,
        },
    }


STORAGES = {
    "default": _storage(RAW_BUCKET),
    "raw": _storage(RAW_BUCKET),
    "parquet": _storage(PARQUET_BUCKET),
    "quarantine": _storage(QUARANTINE_BUCKET),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    if DEPLOYED
    else {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Without collectstatic, files are served from the code.
WHITENOISE_USE_FINDERS = not DEPLOYED
# Local copies of Parquet files for DuckDB, keyed by SHA-256 (bytes kept at most).
PARQUET_CACHE_DIR = DATA_DIR / "cache" / "parquet"
PARQUET_CACHE_BYTES = number("PARQUET_CACHE_BYTES", default=10 * 1024**3)

# --- Uploads ----------------------------------------------------------------------------------------------

# The largest file taken, in bytes.
UPLOAD_MAX_BYTES = number("UPLOAD_MAX_BYTES", default=2 * 1024**3)
# The largest body of one request, in bytes: larger files come in parts by the tus protocol.
REQUEST_MAX_BYTES = number("REQUEST_MAX_BYTES", default=32 * 1024**2)
# What one person may have announced and not sent in whole: files, and bytes together.
UNFINISHED_UPLOADS = number("UNFINISHED_UPLOADS", default=20)
UNFINISHED_BYTES = number("UNFINISHED_BYTES", default=8 * 1024**3)
# Size of the parts that the upload page sends, in bytes.
UPLOAD_PART_BYTES = number("UPLOAD_PART_BYTES", default=8 * 1024**2)
# Quarantined files that no open job or upload claims are swept after this many seconds.
QUARANTINE_SECONDS = number("QUARANTINE_SECONDS", default=3600)
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024**2
DATA_UPLOAD_MAX_MEMORY_SIZE = REQUEST_MAX_BYTES
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "tmp"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)

# What processes of this data folder have measured, for /metrics; read when prometheus_client is imported.
METRICS_DIR = DATA_DIR / "metrics"
METRICS_DIR.mkdir(exist_ok=True, mode=0o700)
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(METRICS_DIR))
# Bytes of the disk that stay free: uploads are refused (507) and jobs wait where less would be left.
DISK_RESERVE_BYTES = number("DISK_RESERVE_BYTES", default=100 * 1024**2)

# --- Jobs -------------------------------------------------------------------------------------------------

# A worker holds a job for this many seconds and renews its hold as it goes; after that another may take it.
JOB_LEASE_SECONDS = number("JOB_LEASE_SECONDS", default=120)
# A worker that gets on with nothing for this many seconds hangs: its job's lease is let run out. Longer than
# the longest call to another part may take.
JOB_QUIET_SECONDS = number("JOB_QUIET_SECONDS", default=600)
# A job that was begun this many times without an end is set aside as failed.
JOB_MAX_ATTEMPTS = number("JOB_MAX_ATTEMPTS", default=3)
# Seconds that a job waits, with growing pauses, for a part of the platform that is away or full; 0: it fails.
PARTS_WAIT_SECONDS = number("PARTS_WAIT_SECONDS", default=24 * 3600)
# Indexing yields to other jobs after this many seconds.
INDEX_SLICE_SECONDS = number("INDEX_SLICE_SECONDS", default=25)

# Where jobs and their steps are told as OpenLineage run events: a server with POST /api/v1/lineage. Absent:
# nowhere. The bearer token that it wants, if any, and the namespace of our jobs and tables there.
OPENLINEAGE_URL = text("OPENLINEAGE_URL")
OPENLINEAGE_API_KEY = text("OPENLINEAGE_API_KEY")
OPENLINEAGE_NAMESPACE = text("OPENLINEAGE_NAMESPACE") or "omdplatform"

# Worker processes that `manage.py serve` runs.
WORKERS = number("WORKERS", default=1)

Q_CLUSTER: dict[str, Any] = {
    "name": "omdplatform",
    "orm": "default",
    # For those who run its own qcluster instead of our workers: no prefetching, for the retry clock of a task
    # starts when a worker fetches it.
    "workers": WORKERS,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.5,
    # Reading and governing a large file is one task; only indexing is sliced.
    "timeout": number("TASK_TIMEOUT", default=3600),
    "retry": number("TASK_TIMEOUT", default=3600) + 60,
    # Our own lease and attempt count decide; a task that failed is not delivered again by the broker.
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": 100,
    "catch_up": False,
    "label": "Task queue",
}

# --- Governance -------------------------------------------------------------------------------------------

# Which kind of data gets which tags. A site that uses another tag changes one line, for instance
# CLASSIFICATION_TAGS["PERSON"] = ("PII.PersonalData",).
CLASSIFICATION_TAGS: dict[str, tuple[str, ...]] = dict(DEFAULT_CLASSIFICATION_TAGS)
# Dotted paths of classes of your own, asked before the platform's; see governance/extending/extensions.py.
CLASSIFIERS = items("CLASSIFIERS")
# Modules of your own with CLASSIFICATIONS and, if wished, RULES and CLASSIFICATION_TAGS; see there.
TAG_SCHEMAS = items("TAG_SCHEMAS")
# Rows of the sample that classification looks at.
CLASSIFY_SAMPLE_ROWS = number("CLASSIFY_SAMPLE_ROWS", default=2000)

# OPENMETADATA_HOST: http://openmetadata-server:8585/api. Absent: the local catalog in our own tables.
OPENMETADATA_HOST = text("OPENMETADATA_HOST")
# A bot's token. Absent: fetched from the server by means of the key pair in KEYS_DIR/catalog that both share.
OPENMETADATA_TOKEN = text("OPENMETADATA_TOKEN")
# In whose name the bot's token is fetched, and whose token that is.
OPENMETADATA_ADMIN = text("OPENMETADATA_ADMIN") or "admin"
OPENMETADATA_BOT = text("OPENMETADATA_BOT") or "ingestion-bot"
# Where people find our pages, such as https://data.example.org: the catalog links to them, else not.
PUBLIC_URL = text("PUBLIC_URL")
# Where people find its pages. Absent: OPENMETADATA_HOST without /api.
OPENMETADATA_PUBLIC_URL = text("OPENMETADATA_PUBLIC_URL")
# Names of our services there, and of the database that holds a schema for each owner.
OPENMETADATA_SERVICE = text("OPENMETADATA_SERVICE") or "omdplatform"
OPENMETADATA_DATABASE = text("OPENMETADATA_DATABASE") or "lake"
OPENMETADATA_STORAGE_SERVICE = text("OPENMETADATA_STORAGE_SERVICE") or "omdplatform_lake"
# Owners that it does not know are made there with addresses of this domain, unless their names are addresses.
OPENMETADATA_USER_DOMAIN = text("OPENMETADATA_USER_DOMAIN") or "example.org"
# Seconds to wait for an answer: while a table is registered, and while a page or an answer is made.
OPENMETADATA_TIMEOUT = number("OPENMETADATA_TIMEOUT", default=30)
OPENMETADATA_FETCH_TIMEOUT = number("OPENMETADATA_FETCH_TIMEOUT", default=3)
# Rows of each table, the first ones, that it is given as a sample; masked for everybody. 0: none.
OPENMETADATA_SAMPLE_ROWS = number("OPENMETADATA_SAMPLE_ROWS", default=0)
# Seconds that a job waits, with growing pauses, for a catalog that is away before it gives up; 0: at once.
CATALOG_WAIT_SECONDS = number("CATALOG_WAIT_SECONDS", default=3600)
# Refuse a server whose major or minor version differs from our client's; 0: accept it.
OPENMETADATA_VERSION_CHECK = flag("OPENMETADATA_VERSION_CHECK", default=True)

# --- Tokens -----------------------------------------------------------------------------------------------

API_TOKEN_ISSUER = text("API_TOKEN_ISSUER") or "omdplatform"
API_TOKEN_AUDIENCE = text("API_TOKEN_AUDIENCE") or "omdplatform-api"
API_TOKEN_LIFETIME = timedelta(seconds=number("API_TOKEN_SECONDS", default=12 * 3600))
# A socket ticket opens one connection within this many seconds.
SOCKET_TICKET_SECONDS = number("SOCKET_TICKET_SECONDS", default=60)

# --- Vectors ----------------------------------------------------------------------------------------------

# CHROMA_URL: http://chroma:8000. Absent: `chroma run` on loopback, one for each data folder.
CHROMA_URL = text("CHROMA_URL")
# A name or path for sentence-transformers, or a dotted path to a class of yours. Absent: the packaged model.
EMBEDDING_MODEL = text("EMBEDDING_MODEL")
# Any server with the OpenAI-compatible embeddings call. Absent: in process.
EMBEDDING_URL = text("EMBEDDING_URL")
# Rows of one version that are indexed at most; answers say what they cover.
INDEX_MAX_ROWS = number("INDEX_MAX_ROWS", default=100_000)
# How many sums and averages over its masked columns a dataset tells those who may not see them, in all and to
# everybody together; the first of a column costs four. Each has noise.
PROTECTED_FIGURES = number("PROTECTED_FIGURES", default=40)
# Nothing is fetched from a model hub while we run.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")

# --- Language model ---------------------------------------------------------------------------------------

# Any server with the OpenAI-compatible call POST {LLM_BASE_URL}/chat/completions, such as
# http://localhost:11434/v1. Absent: answers are computed and looked up without one.
LLM_BASE_URL = text("LLM_BASE_URL")
# Which of its models is asked, and the bearer token it wants, if any.
LLM_MODEL = text("LLM_MODEL")
LLM_API_KEY = text("LLM_API_KEY")
# Seconds that one question waits for it at most, all its calls together.
LLM_TIMEOUT = number("LLM_TIMEOUT", default=8)

# --- API --------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "omdplatform.authentication.BearerAuthentication",
        "omdplatform.authentication.HeaderCheckedSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["omdplatform.base.web.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "omdplatform.base.web.pagination.Pages",
    "PAGE_SIZE": 50,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.ScopedRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "upload": text("THROTTLE_UPLOAD") or "120/min",
        "ask": text("THROTTLE_ASK") or "600/min",
        "token": text("THROTTLE_TOKEN") or "20/min",
        # Attempts to sign in, by page, admin and API together: from one address, and to one account.
        "sign_in_address": text("THROTTLE_TOKEN") or "20/min",
        "sign_in_account": text("THROTTLE_ACCOUNT") or "30/hour",
        "part": text("THROTTLE_PART") or "1200/min",
        "export": text("THROTTLE_EXPORT") or "60/min",
    },
    # Proxies in front whose X-Forwarded-For is believed; 0: callers are told apart by their own address.
    "NUM_PROXIES": number("NUM_PROXIES", default=0),
    "EXCEPTION_HANDLER": "omdplatform.base.web.problems.problem_response",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "OMD platform API",
    "DESCRIPTION": "Governed uploads, datasets, jobs and questions. Errors are problem documents (RFC 9457).",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_AUTHENTICATION": None,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "DatasetState": "datasets.web.filters.DATASET_STATES",
        "JobKind": "datasets.models.Job.Kind",
        "JobState": "datasets.models.Job.State",
        "VersionState": "datasets.models.Version.State",
        "IndexState": "datasets.models.Version.Index",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "omdplatform.openapi.add_problems",
        "omdplatform.openapi.add_part_upload_head",
    ],
}

# --- Logging ----------------------------------------------------------------------------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "omdplatform.base.logs.ValueFreeFormatter",
            "format": "{asctime} {levelname} {name} {context}{message}",
            "style": "{",
        },
        "json": {"()": "omdplatform.base.logs.JsonFormatter"},
    },
    # LOG_FORMAT: "json" for one object a line; absent: lines for people.
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": text("LOG_FORMAT") or "line"}},
    "root": {"handlers": ["console"], "level": text("LOG_LEVEL") or "INFO"},
    "loggers": {
        # Libraries whose lines are too many, or quote request bodies.
        "httpx": {"level": "WARNING"},
        "metadata": {"level": "ERROR"},
        "sentence_transformers": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "django-q": {"level": "WARNING"},
        # Django's own handler would write tracebacks, texts included, beside ours.
        "django": {"handlers": [], "propagate": True},
    },
}
