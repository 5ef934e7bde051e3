"""Done once: create the first administrator and queue a sample dataset."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.contrib.auth.models import User

from datasets.ingestion.receiving.uploads import Wish, receive
from datasets.models import Dataset

SAMPLE = Path(__file__).with_name("sample") / "customers.csv"
ABOUT_SAMPLE = "Invented customers of an invented shop: a dataset to look around in."


def first_admin() -> tuple[str, str] | None:
    """Create the first administrator. Returns (name, password), which is shown only once. None if one
    exists.
    """
    if User.objects.filter(is_superuser=True).exists():
        return None
    name = "admin" if not User.objects.filter(username="admin").exists() else f"admin-{secrets.token_hex(2)}"
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser(name, password=password)
    return name, password


def queue_sample() -> bool:
    """Queue the bundled sample for the first administrator, if nothing was ever uploaded."""
    owner = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    if owner is None or Dataset.objects.exists():
        return False
    with SAMPLE.open("rb") as content:
        receive(owner, SAMPLE.name, content, Wish(description=ABOUT_SAMPLE))
    return True
