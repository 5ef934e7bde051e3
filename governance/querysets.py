"""Which decisions count now. Only this module decides this."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q

from governance.append_only import AppendOnlyQuerySet

if TYPE_CHECKING:
    from datasets.models import Version
    from governance.models import TagDecision  # noqa: F401 - named in a string below

CLASSIFIER = Q(source="classifier")
# Sources that are people, here or in the catalog.
HUMAN = ~CLASSIFIER


class TagDecisionQuerySet(AppendOnlyQuerySet["TagDecision"]):
    def last_words(self, version: Version | None = None) -> TagDecisionQuerySet:
        """The decision that counts for each tag of each column, rejections included.

        People decide about a column in all its versions. A classifier speaks about one version: the current
        one of the column's dataset unless another is given. The latest decision on a tag counts, but a
        person's always beats a classifier's.
        """
        same = self.model._default_manager.filter(column=OuterRef("column"), tag=OuterRef("tag"))
        later = same.filter(pk__gt=OuterRef("pk"))
        looked_at = Q(version=version) if version else Q(version=F("column__dataset__current_version"))
        of_a_human = HUMAN & ~Exists(later.filter(HUMAN))
        of_a_classifier = (
            CLASSIFIER
            & looked_at
            & ~Exists(same.filter(HUMAN))
            & ~Exists(later.filter(CLASSIFIER, version=OuterRef("version")))
        )
        return self.filter(of_a_human | of_a_classifier)

    def in_force(self, version: Version | None = None) -> TagDecisionQuerySet:
        """The tags in force: confirmed ones, and suggestions that nobody rejected and that no confirmed tag
        of the same exclusive classification replaces.
        """
        everyone = self.model._default_manager
        human = everyone.filter(HUMAN, column=OuterRef("column"), tag=OuterRef("tag"), pk__gt=OuterRef("pk"))
        settled = everyone.filter(
            HUMAN,
            ~Exists(human),
            state="confirmed",
            column=OuterRef("column"),
            tag__classification=OuterRef("tag__classification"),
            tag__classification__exclusive=True,
        )
        words = self.last_words(version).filter(state__in=["suggested", "confirmed"])
        return words.filter(HUMAN | ~Exists(settled))
