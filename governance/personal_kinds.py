"""Kinds of personal data that are found inside single cells."""

from __future__ import annotations

# A payment card's number in groups. Bare digits may be another number where the header says so,
# 4111-1111-1111-1111 never is.
CARD_IN_GROUPS = "CREDIT_CARD_IN_GROUPS"
# What is looked for, by the kinds of the classifier.
KINDS = frozenset(
    ("EMAIL", "PHONE", "CREDIT_CARD", CARD_IN_GROUPS, "IBAN", "US_SSN", "NATIONAL_ID", "IP_ADDRESS")
)  # fmt: skip
