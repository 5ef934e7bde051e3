"""What a server holds before anyone has used it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class BuiltInClassification:
    name: str
    description: str
    exclusive: bool
    tags: dict[str, str] = field(default_factory=dict)
    """Name to description."""


@dataclass(frozen=True)
class BuiltInUser:
    name: str
    email: str
    admin: bool = False
    bot: bool = False


CLASSIFICATIONS = (
    BuiltInClassification(
        "PII",
        "Personally identifiable information.",
        exclusive=True,
        tags={
            "None": "Not personally identifiable.",
            "NonSensitive": "Can be had from public sources.",
            "Sensitive": "Harms a person when it is lost or disclosed.",
        },
    ),
    BuiltInClassification(
        "PersonalData",
        "Personal data as the GDPR defines it.",
        exclusive=True,
        tags={
            "Personal": "Identifies a person directly or indirectly.",
            "SpecialCategory": "A special category of personal data.",
        },
    ),
    BuiltInClassification(
        "Tier",
        "How important the data are.",
        exclusive=True,
        tags={f"Tier{number}": f"Importance {number} of 5." for number in range(1, 6)},
    ),
)

USERS = (
    BuiltInUser("admin", "admin@openmetadata.org", admin=True),
    BuiltInUser("ingestion-bot", "ingestion-bot@openmetadata.org", bot=True),
)
