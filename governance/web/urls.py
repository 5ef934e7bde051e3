"""Addresses of the pages for stewards."""

from django.urls import path

from governance.web import views

app_name = "governance"

urlpatterns = [
    path("review/", views.review, name="review"),
]
