"""Kinds of personal data that are recognised inside single cells."""

from __future__ import annotations

# A card number in groups. Digits without groups may be another number if the header says so;
# 4111-1111-1111-1111 cannot.
CARD_IN_GROUPS = "CREDIT_CARD_IN_GROUPS"
# The kinds to look for, by the classifier's names.
KINDS = frozenset(
    ("EMAIL", "PHONE", "CREDIT_CARD", CARD_IN_GROUPS, "IBAN", "US_SSN", "NATIONAL_ID", "IP_ADDRESS")
)  # fmt: skip
