"""Addresses of pages and API, and handlers of errors."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.templatetags.static import static
from django.urls import include, path, re_path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from omdplatform.accounts import views as accounts
from omdplatform.health import health
from omdplatform.metrics import metrics
from omdplatform.operations import operations, reconcile_now
from omdplatform.token_api import no_such_endpoint

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="datasets:list"), name="home"),
    path("", include("datasets.web.urls")),
    path("", include("promptiq.web.urls")),
    path("", include("governance.web.urls")),
    path("api/v1/", include("omdplatform.api_urls")),
    # Anything else below it is answered with a problem document, in development, too.
    re_path(r"^api/(?P<rest>.*)$", no_such_endpoint),
    path("accounts/login/", accounts.SignInView.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("account/", accounts.account, name="account"),
    path("account/password", accounts.change_password, name="change-password"),
    path("account/sessions/<uuid:session_id>/end", accounts.sign_out_session, name="end-session"),
    path("account/tokens", accounts.add_token, name="add-token"),
    path("account/tokens/<uuid:token_id>/revoke", accounts.revoke_token, name="revoke-token"),
    # Only one page changes passwords: the one that counts attempts.
    path("admin/password_change/", RedirectView.as_view(pattern_name="account")),
    path("admin/", admin.site.urls),
    path("healthz", health, name="health"),
    # Browsers request this on pages that name no icon, such as the admin site.
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("img/logo.svg"))),
    path("metrics", metrics, name="metrics"),
    path("operations/", operations, name="operations"),
    path("operations/reconcile", reconcile_now, name="reconcile"),
]

handler400 = "omdplatform.base.web.problems.bad_request"
handler403 = "omdplatform.base.web.problems.permission_denied"
handler404 = "omdplatform.base.web.problems.page_not_found"
handler500 = "omdplatform.base.web.problems.server_error"
