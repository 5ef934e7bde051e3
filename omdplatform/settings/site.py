"""The web process: who may reach it, its parts, and what a deployment adds."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from omdplatform.base.environment import flag, items, number, text
from omdplatform.settings.folders import BASE_DIR, DATA_DIR

# Where the web process listens.
HOST = text("HOST") or "127.0.0.1"
PORT = number("PORT", default=8000)
# Django's own debug pages, which show code and settings to every visitor.
DEBUG = flag("DEBUG", default=False)
_LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = items("ALLOWED_HOSTS", default=_LOOPBACK)
# Any other host name makes this a deployment: HTTPS only, and collected static files.
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
# The header in which a proxy says that the outer connection is HTTPS, such as "X-Forwarded-Proto".
if proxy_header := text("SECURE_PROXY_HEADER"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_" + proxy_header.upper().replace("-", "_"), "https")


def _secret_key() -> str:
    """SECRET_KEY, or one created once and kept with the data (readable by its owner only)."""
    if given := text("SECRET_KEY"):
        return given
    path = DATA_DIR / "secret_key"
    if not path.exists():
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:  # another of our processes was faster
            return path.read_text()
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text()


SECRET_KEY = _secret_key()

if DEPLOYED:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # the load balancer's probe uses plain HTTP
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
# Where collectstatic puts files for a deployment. An image has them beside the code.
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
# Counts attempts first, then checks names and passwords.
AUTHENTICATION_BACKENDS = [
    "omdplatform.accounts.throttling.Throttle",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
