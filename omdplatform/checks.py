"""Checks settings that do not fit together, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from governance.keys import KeyFileError, load_private, load_public
from omdplatform.base import private_files


@register(Tags.security)
def origins_are_explicit(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A "*" would let any page open sockets or call the API."""
    return [
        Error(f"{name} holds a *.", hint="Name each host or origin.", id="omdplatform.E001")
        for name in ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "CORS_ALLOWED_ORIGINS")
        if any("*" in item for item in getattr(settings, name))
    ]


@register()
def storage_is_whole(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.S3_ENDPOINT_URL and not (settings.S3_ACCESS_KEY and settings.S3_SECRET_KEY):
        return [
            Error(
                "S3_ENDPOINT_URL is set without keys.",
                hint="Set S3_ACCESS_KEY and S3_SECRET_KEY.",
                id="omdplatform.E002",
            )
        ]
    return []


@register()
def addresses_are_addresses(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    names = (
        "S3_ENDPOINT_URL",
        "CHROMA_URL",
        "EMBEDDING_URL",
        "LLM_BASE_URL",
        "OPENMETADATA_HOST",
        "OPENLINEAGE_URL",
    )
    return [
        Error(f"{name} is no address.", hint="Write it as http://host:port.", id="omdplatform.E003")
        for name in names
        if (value := getattr(settings, name))
        and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname)
    ]


@register()
def parts_fit_requests(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.UPLOAD_PART_BYTES > settings.REQUEST_MAX_BYTES:
        return [
            Error(
                "UPLOAD_PART_BYTES is larger than REQUEST_MAX_BYTES: no part would be taken.",
                id="omdplatform.E004",
            )
        ]
    return []


@register()
def language_model_is_whole(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.LLM_BASE_URL:
        if not (settings.LLM_MODEL or settings.LLM_API_KEY):
            return []
        return [
            Warning(
                "LLM_MODEL or LLM_API_KEY is set without LLM_BASE_URL: no language model is asked.",
                hint="Set LLM_BASE_URL, such as http://localhost:11434/v1, or unset both.",
                id="omdplatform.W003",
            )
        ]
    problems = []
    if not settings.LLM_MODEL:
        problems.append(("LLM_BASE_URL is set without LLM_MODEL.", "Name one of the server's models."))
    if not settings.LLM_TIMEOUT:
        problems.append(("LLM_TIMEOUT is 0: no answer would be waited for.", "Set it to 1 second or more."))
    if "@" in urlsplit(settings.LLM_BASE_URL).netloc:
        problems.append(("LLM_BASE_URL holds a user or a password.", "Set LLM_API_KEY instead."))
    return [Error(message, hint=hint, id="omdplatform.E006") for message, hint in problems]


@register()
def processes_meet(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """SQLite in one folder and Redis for many machines do not fit together."""
    if settings.REDIS_URL and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return [
            Warning(
                "REDIS_URL is set, but the database is SQLite.",
                hint="Set DATABASE_URL, so that more than one machine can share it.",
                id="omdplatform.W001",
            )
        ]
    return []


@register(Tags.security)
def nothing_is_public(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.RAW_PUBLIC:
        return [
            Warning(
                f"RAW_PUBLIC is set: anybody may read what lies under public/ in the bucket "
                f"{settings.RAW_BUCKET}, past grants and the audit log.",
                hint="Unset it, unless that is what you want.",
                id="omdplatform.W002",
            )
        ]
    return []


@register(Tags.security)
def data_is_private(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Another user of the machine can read neither the data folder nor a private key."""
    keys = (settings.KEYS_DIR / pair / "private_key.der" for pair in ("api", "catalog"))
    open_ones = [*private_files.open_to_others(settings.DATA_DIR), *filter(private_files.is_open, keys)]
    return [
        Warning(
            f"Other users of this machine may reach {path}.",
            hint="Close it with manage.py setup, which every start does too, or with chmod -R go= .",
            id="omdplatform.W004",
        )
        for path in open_ones[:3]
    ]


@register()
def keys_are_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return [Error(problem, id="omdplatform.E005") for problem in _bad_keys()]


def _bad_keys() -> Iterator[str]:
    """Existing keys that cannot be used. Setup creates missing ones."""
    for pair in ("api", "catalog"):
        for load, name in ((load_private, "private_key.der"), (load_public, "public_key.der")):
            if (settings.KEYS_DIR / pair / name).exists():
                try:
                    load(pair)
                except KeyFileError as error:
                    yield str(error)
