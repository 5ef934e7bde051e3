"""Addresses: pages, API, and what answers when something goes wrong."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from omdplatform.api import no_such_endpoint
from omdplatform.health import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="datasets:list"), name="home"),
    path("", include("datasets.urls")),
    path("", include("promptiq.urls")),
    path("", include("governance.urls")),
    path("api/v1/", include("omdplatform.api_urls")),
    # Whatever else is asked for there is answered with a problem document, in development too.
    re_path(r"^api/(?P<rest>.*)$", no_such_endpoint),
    path("accounts/login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("healthz", health, name="health"),
]

handler400 = "omdplatform.problems.bad_request"
handler403 = "omdplatform.problems.permission_denied"
handler404 = "omdplatform.problems.page_not_found"
handler500 = "omdplatform.problems.server_error"
