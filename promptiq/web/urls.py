"""Addresses of the pages for questions."""

from django.urls import path

from promptiq.web import views

app_name = "promptiq"

urlpatterns = [
    path("ask/", views.ask_page, name="ask"),
    path("ask/<uuid:question_id>/", views.kept_page, name="kept"),
    path("ask/<uuid:question_id>/answer.csv", views.kept_file, name="file"),
    path("ask/<uuid:question_id>/verify", views.verify_answer, name="verify"),
    path("ask/verified/", views.verified_page, name="verified"),
    path("ask/verified/<int:verified_id>/withdraw", views.withdraw_verified, name="withdraw"),
    path("ask/examples", views.examples, name="examples"),
    path("ask/stream", views.ask_stream, name="stream"),
]
