"""Addresses of the API, version 1."""

from django.contrib.auth.decorators import login_required
from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from datasets.web.exports import api as exports
from datasets.web.previews import api as previews
from datasets.web.rest import api as datasets
from datasets.web.rest import grants_api as grants
from datasets.web.rest import rows_api, tus
from datasets.web.rest.protection_api import ProtectionView, RenewalView
from datasets.web.versions import api as versions
from governance.web import api as governance
from omdplatform import token_api as api
from omdplatform.openapi import DocsView
from promptiq.web.api import (
    AnswerFileView,
    AskView,
    KeptAnswerView,
    VerifiedList,
    VerifiedView,
    VerifyView,
)

app_name = "api"

urlpatterns = [
    path("datasets/upload", datasets.UploadView.as_view(), name="upload"),
    path("datasets/preview", previews.PreviewView.as_view(), name="preview"),
    path("datasets/", datasets.DatasetList.as_view(), name="datasets"),
    path("datasets/<uuid:dataset_id>", datasets.DatasetView.as_view(), name="dataset"),
    path("datasets/<uuid:dataset_id>/columns", datasets.ColumnsView.as_view(), name="columns"),
    path("datasets/<uuid:dataset_id>/profile", datasets.ProfileView.as_view(), name="profile"),
    path("datasets/<uuid:dataset_id>/rows", rows_api.RowsView.as_view(), name="rows"),
    path("datasets/<uuid:dataset_id>/rows.csv", exports.RowsFileView.as_view(), name="rows-csv"),
    path("datasets/<uuid:dataset_id>/file", exports.RawFileView.as_view(), name="raw-file"),
    path("datasets/<uuid:dataset_id>/versions", datasets.VersionList.as_view(), name="versions"),
    path("datasets/<uuid:dataset_id>/versions/<int:number>", versions.VersionView.as_view(), name="version"),
    path(
        "datasets/<uuid:dataset_id>/versions/<int:number>/restore",
        versions.RestoreView.as_view(),
        name="version-restore",
    ),
    path("datasets/<uuid:dataset_id>/compare", versions.CompareView.as_view(), name="compare"),
    path("datasets/<uuid:dataset_id>/protection", ProtectionView.as_view(), name="protection"),
    path("datasets/<uuid:dataset_id>/protection/renew", RenewalView.as_view(), name="protection-renew"),
    path("datasets/<uuid:dataset_id>/grants", grants.GrantsView.as_view(), name="grants"),
    path("datasets/<uuid:dataset_id>/grants/<str:username>", grants.GrantView.as_view(), name="grant"),
    path("jobs/", datasets.JobList.as_view(), name="jobs"),
    path("jobs/<uuid:job_id>", datasets.JobView.as_view(), name="job"),
    path("jobs/<uuid:job_id>/events", datasets.JobEventsView.as_view(), name="job-events"),
    path("jobs/<uuid:job_id>/cancel", datasets.JobCancelView.as_view(), name="job-cancel"),
    path("jobs/<uuid:job_id>/pause", datasets.JobPauseView.as_view(), name="job-pause"),
    path("jobs/<uuid:job_id>/resume", datasets.JobResumeView.as_view(), name="job-resume"),
    path("jobs/<uuid:job_id>/retry", datasets.JobRetryView.as_view(), name="job-retry"),
    path("uploads/", tus.TusUploads.as_view(), name="part-uploads"),
    path("uploads/<uuid:upload_id>/keep", previews.KeepView.as_view(), name="upload-keep"),
    path("uploads/<uuid:upload_id>", tus.TusUpload.as_view(), name="part-upload"),
    path("ask", AskView.as_view(), name="ask"),
    path("ask/<uuid:question_id>", KeptAnswerView.as_view(), name="ask-again"),
    path("ask/<uuid:question_id>/answer.csv", AnswerFileView.as_view(), name="answer-csv"),
    path("ask/<uuid:question_id>/verify", VerifyView.as_view(), name="verify"),
    path("ask/verified", VerifiedList.as_view(), name="verified"),
    path("ask/verified/<int:verified_id>", VerifiedView.as_view(), name="verified-one"),
    path("review/", governance.ReviewView.as_view(), name="review"),
    path("review/decisions", governance.ReviewDecisionsView.as_view(), name="review-decisions"),
    path("tokens", api.TokenView.as_view(), name="tokens"),
    path("tickets", datasets.TicketView.as_view(), name="tickets"),
    path("system/config/jwks", api.JwksView.as_view(), name="jwks"),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", login_required(DocsView.as_view(url_name="api:schema")), name="docs"),
]
