"""System checks of a site's own classifiers and tag schemas."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from governance.extending.extensions import BadExtension, load_recogniser, load_schema


@register()
def check_extensions(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for setting, load in (("CLASSIFIERS", load_recogniser), ("TAG_SCHEMAS", load_schema)):
        for name in getattr(settings, setting):
            try:
                load(name)
            except BadExtension as error:
                problems.append(
                    Error(f"{setting}: {error}", hint="Correct or remove the name.", id="governance.E001")
                )
    return problems
