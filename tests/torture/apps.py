"""Puts the failpoints in, in every process of a platform that is tortured."""

from __future__ import annotations

import os
from pathlib import Path

from django.apps import AppConfig


class TortureConfig(AppConfig):
    name = "tests.torture"

    def ready(self) -> None:
        from tests.torture.failpoints import install

        if folder := os.environ.get("FAILPOINTS"):
            install(Path(folder))
