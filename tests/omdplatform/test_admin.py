"""What the admin site offers: nothing in it leads to code, files or addresses of one's choice."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.test import Client

# Whoever adds a model to the admin decides here that its forms are harmless.
OFFERED = {
    "auth.group", "auth.user", "datasets.column", "datasets.dataset", "datasets.job", "governance.auditevent",
    "governance.classification", "governance.grant", "governance.policy", "governance.publicmark",
    "governance.tag", "governance.tagdecision",
}  # fmt: skip
_LEADS_ELSEWHERE = (models.FileField, models.FilePathField, models.URLField, models.BinaryField)


def test_only_what_was_decided_on_is_offered() -> None:
    assert {model._meta.label_lower for model in admin.site._registry} == OFFERED


def test_no_form_takes_a_file_or_an_address() -> None:
    for model in admin.site._registry:
        assert not [field for field in model._meta.fields if isinstance(field, _LEADS_ELSEWHERE)], model


@pytest.mark.parametrize("model", ["schedule", "ormq", "success", "failure"])
def test_the_queue_has_no_page(admin: User, model: str) -> None:
    client = Client()
    client.force_login(admin)
    for page in ("", "add/", "1/change/"):
        assert client.get(f"/admin/django_q/{model}/{page}").status_code == 404
    answer = client.post(f"/admin/django_q/{model}/add/", {"func": "os.mkdir", "args": "'x'"})
    assert answer.status_code == 404
