"""Addresses of sockets."""

from django.urls import path, re_path

from datasets.web.consumers import JobConsumer, NowhereConsumer

websocket_urlpatterns = [
    path("ws/jobs/<uuid:job_id>/", JobConsumer.as_asgi()),
    re_path(r"", NowhereConsumer.as_asgi()),
]
