"""Settings for programs: tokens, the API, and its description."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from omdplatform.base.environment import number, text

API_TOKEN_ISSUER = text("API_TOKEN_ISSUER") or "omdplatform"
API_TOKEN_AUDIENCE = text("API_TOKEN_AUDIENCE") or "omdplatform-api"
API_TOKEN_LIFETIME = timedelta(seconds=number("API_TOKEN_SECONDS", default=12 * 3600))
# A socket ticket opens one connection within this many seconds.
SOCKET_TICKET_SECONDS = number("SOCKET_TICKET_SECONDS", default=60)

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
        # Attempts to sign in, by page, admin and API together: from one address, and for one account.
        "sign_in_address": text("THROTTLE_TOKEN") or "20/min",
        "sign_in_account": text("THROTTLE_ACCOUNT") or "30/hour",
        "part": text("THROTTLE_PART") or "1200/min",
        "export": text("THROTTLE_EXPORT") or "60/min",
    },
    # Proxies in front whose X-Forwarded-For is trusted. 0: callers are distinguished by their own address.
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
        "HeldTagStateEnum": ["suggested", "confirmed"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "omdplatform.openapi.add_problems",
        "omdplatform.openapi.add_part_upload_head",
    ],
}
