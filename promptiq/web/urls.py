"""Addresses of the pages for questions."""

from django.urls import path

from promptiq.web import views

app_name = "promptiq"

urlpatterns = [
    path("ask/", views.ask_page, name="ask"),
    path("ask/examples", views.examples, name="examples"),
    path("ask/stream", views.ask_stream, name="stream"),
]
