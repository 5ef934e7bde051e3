"""Extensions of a site: its own classifiers, and schemas of classifications and tags.

Settings name both by their dotted path, in any module that can be imported:

    # acme/badges.py                      CLASSIFIERS=acme.badges.BadgeRecogniser
    class BadgeRecogniser:
        name = "badge"

        def recognise(self, column, table):
            matched = column.share(lambda value: value.startswith("ACME-"))
            if matched > 0.8:
                yield Candidate("BADGE", confidence=0.95, matched=matched, reasons=("all start alike",))

    # acme/tags.py                        TAG_SCHEMAS=acme.tags
    CLASSIFICATIONS = (ClassificationSchema("Acme", "Our own.", False, (TagSchema("Badge", "Badges."),)),)
    CLASSIFICATION_TAGS = {"BADGE": ("Acme.Badge", "PII.Sensitive")}
    RULES = (Rule("Acme.Badge", IndexTreatment.LEAVE_OUT, masked=True, retain_days=90, note="By contract."),)

A system check reports what cannot be loaded. At run time a classifier that cannot be loaded is logged, and
the others go on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType

from django.conf import settings
from django.utils.module_loading import import_string

from governance.policies import Rule
from governance.recognisers import BUILT_IN
from governance.recognisers.column import Recogniser
from governance.tag_schema import CLASSIFICATIONS, DEFAULT_RULES, ClassificationSchema

logger = logging.getLogger(__name__)


class BadExtension(Exception):
    """A setting names something that is not a classifier or schema. The text says which and why."""


def recognisers() -> tuple[Recogniser, ...]:
    """The site's own (settings.CLASSIFIERS, in that order), then the platform's.

    Of two equally certain ones the earlier wins, so a site's own come first.
    """
    return (*_own_recognisers(tuple(settings.CLASSIFIERS)), *BUILT_IN)


@cache
def _own_recognisers(paths: tuple[str, ...]) -> tuple[Recogniser, ...]:
    loaded = []
    for path in paths:
        try:
            loaded.append(load_recogniser(path))
        except BadExtension as error:
            logger.error("classifier left out: %s", error)
    return tuple(loaded)


def load_recogniser(path: str) -> Recogniser:
    """An instance of the class at the dotted path. Raises BadExtension."""
    try:
        found = import_string(path)()
    except Exception as error:  # a site's module may raise anything
        raise BadExtension(f"{path} cannot be loaded ({type(error).__name__}).") from error
    if not callable(getattr(found, "recognise", None)) or not isinstance(getattr(found, "name", None), str):
        raise BadExtension(f"{path} needs a text `name` and a method `recognise(column, table)`.")
    recogniser: Recogniser = found
    return recogniser


def tags_by_kind() -> dict[str, tuple[str, ...]]:
    """Tags for each kind of data: from the site's schemas, otherwise from settings."""
    own = {
        kind: tuple(tags)
        for module in _schema_modules()
        for kind, tags in getattr(module, "CLASSIFICATION_TAGS", {}).items()
    }
    return {**settings.CLASSIFICATION_TAGS, **own}


def schemas() -> tuple[ClassificationSchema, ...]:
    """The platform's classifications and those of settings.TAG_SCHEMAS."""
    own = (schema for module in _schema_modules() for schema in module.CLASSIFICATIONS)
    return (*CLASSIFICATIONS, *own)


def starting_rules() -> dict[str, Rule]:
    """The initial policy of each tag. Stewards change policies afterwards."""
    own = (rule for module in _schema_modules() for rule in getattr(module, "RULES", ()))
    return {rule.tag: rule for rule in (*DEFAULT_RULES, *own)}


def _schema_modules() -> Iterator[ModuleType]:
    for name in settings.TAG_SCHEMAS:
        yield load_schema(name)


def load_schema(name: str) -> ModuleType:
    """The module, which has at least CLASSIFICATIONS. Raises BadExtension.

    Unlike a classifier, a missing schema is never skipped: columns would lack tags that mask.
    """
    try:
        module = import_module(name)
    except Exception as error:
        raise BadExtension(f"{name} cannot be imported ({type(error).__name__}).") from error
    made = getattr(module, "CLASSIFICATIONS", None)
    if not made or not all(isinstance(schema, ClassificationSchema) for schema in made):
        raise BadExtension(f"{name} needs CLASSIFICATIONS, a tuple of ClassificationSchema.")
    return module
