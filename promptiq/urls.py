"""Addresses of the pages for questions."""

from django.urls import path

from promptiq import views

app_name = "promptiq"

urlpatterns = [path("ask/", views.ask_page, name="ask")]
