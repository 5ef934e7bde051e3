"""Addresses of the pages about datasets and jobs."""

from django.urls import path

from datasets.web import views
from datasets.web.dry_run_views import dry_run
from datasets.web.owner_views import open_column, settle_owner
from datasets.web.previews.tray import tray
from datasets.web.previews.views import preview_page
from datasets.web.row_views import rows_page
from datasets.web.versions.views import compare_page, delete_version, restore

app_name = "datasets"

urlpatterns = [
    path("datasets/", views.dataset_list, name="list"),
    path("datasets/upload", views.upload, name="upload"),
    path("datasets/tray", tray, name="tray"),
    path("datasets/uploads/<uuid:upload_id>/", preview_page, name="preview"),
    path("datasets/<uuid:dataset_id>/", views.detail, name="detail"),
    path("datasets/<uuid:dataset_id>/versions/<int:number>/", views.detail, name="version"),
    path("datasets/<uuid:dataset_id>/versions/<int:number>/rows/", rows_page, name="rows"),
    path("datasets/<uuid:dataset_id>/compare/", compare_page, name="compare"),
    path("datasets/<uuid:dataset_id>/versions/<int:number>/restore", restore, name="restore"),
    path("datasets/<uuid:dataset_id>/versions/<int:number>/delete", delete_version, name="delete-version"),
    path("datasets/<uuid:dataset_id>/share", views.share, name="share"),
    path("datasets/<uuid:dataset_id>/unshare", views.unshare, name="unshare"),
    path("datasets/<uuid:dataset_id>/subject", views.choose_subject, name="subject"),
    path("datasets/<uuid:dataset_id>/figures/renew", views.renew_figures, name="renew-figures"),
    path("datasets/<uuid:dataset_id>/keep", views.keep, name="keep"),
    path("datasets/<uuid:dataset_id>/owner", settle_owner, name="owner"),
    path("datasets/<uuid:dataset_id>/delete", views.delete, name="delete"),
    path("datasets/<uuid:dataset_id>/columns/<int:column_id>/open", open_column, name="open-column"),
    path("review/dry-run/", dry_run, name="dry-run"),
    path("jobs/<uuid:job_id>/", views.job, name="job"),
    path("jobs/<uuid:job_id>/retry", views.job_retry, name="job-retry"),
    path("jobs/<uuid:job_id>/cancel", views.job_change, {"change": "cancel"}, name="job-cancel"),
    path("jobs/<uuid:job_id>/pause", views.job_change, {"change": "pause"}, name="job-pause"),
    path("jobs/<uuid:job_id>/resume", views.job_change, {"change": "resume"}, name="job-resume"),
]
