"""The initial tags, the kinds of data that lead to them, and their initial policies.

Plain data: settings import it, so it must not import Django. A site changes the mapping in its settings
(`CLASSIFICATION_TAGS`) and the rules in the admin site. This module is the starting point.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from governance.policies import NO_PERSON, PERSONAL_CLASSIFICATIONS, IndexTreatment, Rule


@dataclass(frozen=True, slots=True)
class TagSchema:
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class ClassificationSchema:
    """A group of tags. `mutually_exclusive`: a column carries at most one of them."""

    name: str
    description: str
    mutually_exclusive: bool
    tags: tuple[TagSchema, ...]


# Names and meanings as OpenMetadata ships them, so that both catalogs use the same tags.
PII = ClassificationSchema(
    "PII",
    "Personally identifiable information: what can identify a person, alone or together with other data.",
    True,
    (
        TagSchema("None", "Not personally identifiable."),
        TagSchema(
            "NonSensitive",
            "Identifies a person together with other data and is easily found in public sources, "
            "such as postal code, gender or date of birth.",
        ),
        TagSchema(
            "Sensitive",
            "Could harm the person if lost or disclosed, such as names with contacts, "
            "card and identity numbers, or passwords.",
        ),
    ),
)
PERSONAL_DATA = ClassificationSchema(
    "PersonalData",
    "Personal data as the GDPR defines it.",
    True,
    (
        TagSchema("Personal", "Can be used to identify a person, directly or indirectly."),
        TagSchema(
            "SpecialCategory",
            "A special category of personal data (GDPR, article 9): health, ethnic origin, religion, "
            "political opinion, membership of a trade union, sexual orientation.",
        ),
    ),
)
DATA_KIND = ClassificationSchema(
    "DataKind",
    "What kind of data a column holds, whether or not it speaks of a person.",
    False,
    (
        TagSchema("Email", "E-mail addresses."),
        TagSchema("Phone", "Telephone and fax numbers."),
        TagSchema("PersonName", "Names of people, whole or in part."),
        TagSchema("CreditCard", "Payment card numbers."),
        TagSchema("SocialSecurityNumber", "Social security numbers of the United States."),
        TagSchema("BankAccount", "IBANs and other bank account numbers."),
        TagSchema("IpAddress", "Internet protocol addresses, version 4 or 6."),
        TagSchema("DateOfBirth", "Dates or years of birth."),
        TagSchema("Address", "Street and postal addresses."),
        TagSchema("Location", "Places: city, region, country, postal code, coordinates."),
        TagSchema("NationalId", "National identity, tax, health-insurance and passport numbers of people."),
        TagSchema("Gender", "Gender or sex."),
        TagSchema("Age", "Age of people in years."),
        TagSchema("Origin", "Nationality, ethnic origin, religion or political opinion."),
        TagSchema("Username", "Account and login names."),
        TagSchema("Password", "Passwords, their hashes, and other secrets of an account."),
        TagSchema("CardSecurity", "Card verification values and PINs."),
        TagSchema("DriverLicense", "Driving licence numbers."),
        TagSchema("VehicleId", "Vehicle identification numbers and licence plates."),
        TagSchema(
            "DeviceId", "Identifiers of devices that people carry: handsets, network cards, advertising."
        ),
        TagSchema("Health", "Health: diagnoses, medication, disability, blood group, patient records."),
        TagSchema("TradeUnion", "Membership of a trade union."),
        TagSchema("SexualOrientation", "Sexual orientation."),
        TagSchema("Pay", "Pay and income of people."),
        TagSchema("Url", "Web addresses."),
        TagSchema("FreeText", "Free text that mentions personal data."),
    ),
)

# Set on a column by the platform when somebody other than its owner removed what masked it.
AWAITS_OWNER = "Access.AwaitsOwner"
ACCESS = ClassificationSchema(
    "Access",
    "What is decided about a column's values, apart from what they are.",
    False,
    (TagSchema("AwaitsOwner", "Stays masked until the dataset's owner agrees that it is opened."),),
)

CLASSIFICATIONS: tuple[ClassificationSchema, ...] = (PII, PERSONAL_DATA, DATA_KIND, ACCESS)


_SENSITIVE = ("PII.Sensitive", "PersonalData.Personal")
_NON_SENSITIVE = ("PII.NonSensitive", "PersonalData.Personal")
_SPECIAL = ("PII.Sensitive", "PersonalData.SpecialCategory")

# Which of the two PII tags an entity gets follows OpenMetadata's published map: dates of birth, gender and
# origin, places, phone numbers and web addresses are NonSensitive, all other personal data is Sensitive. Pay
# is no special category of the law.
DEFAULT_CLASSIFICATION_TAGS: dict[str, tuple[str, ...]] = {
    "EMAIL": (*_SENSITIVE, "DataKind.Email"),
    "PHONE": (*_NON_SENSITIVE, "DataKind.Phone"),
    "PERSON": (*_SENSITIVE, "DataKind.PersonName"),
    "CREDIT_CARD": (*_SENSITIVE, "DataKind.CreditCard"),
    "US_SSN": (*_SENSITIVE, "DataKind.SocialSecurityNumber"),
    "IBAN": (*_SENSITIVE, "DataKind.BankAccount"),
    "IP_ADDRESS": (*_SENSITIVE, "DataKind.IpAddress"),
    "DATE_OF_BIRTH": (*_NON_SENSITIVE, "DataKind.DateOfBirth"),
    "ADDRESS": (*_NON_SENSITIVE, "DataKind.Address"),
    "LOCATION": (*_NON_SENSITIVE, "DataKind.Location"),
    "NATIONAL_ID": (*_SENSITIVE, "DataKind.NationalId"),
    "GENDER": (*_NON_SENSITIVE, "DataKind.Gender"),
    "AGE": (*_NON_SENSITIVE, "DataKind.Age"),
    "NRP": ("PII.NonSensitive", "PersonalData.SpecialCategory", "DataKind.Origin"),
    "USERNAME": (*_SENSITIVE, "DataKind.Username"),
    "PASSWORD": (*_SENSITIVE, "DataKind.Password"),
    "CVV": (*_SENSITIVE, "DataKind.CardSecurity"),
    "PIN": (*_SENSITIVE, "DataKind.CardSecurity"),
    "DRIVER_LICENSE": (*_SENSITIVE, "DataKind.DriverLicense"),
    "VIN": (*_SENSITIVE, "DataKind.VehicleId"),
    "LICENSE_PLATE": (*_SENSITIVE, "DataKind.VehicleId"),
    "DEVICE_ID": (*_SENSITIVE, "DataKind.DeviceId"),
    "HEALTH": (*_SPECIAL, "DataKind.Health"),
    "TRADE_UNION": (*_SPECIAL, "DataKind.TradeUnion"),
    "SEXUAL_ORIENTATION": (*_SPECIAL, "DataKind.SexualOrientation"),
    "SALARY": (*_SENSITIVE, "DataKind.Pay"),
    "URL": (*_NON_SENSITIVE, "DataKind.Url"),
    "FREE_TEXT": (*_SENSITIVE, "DataKind.FreeText"),
}

# Everyone with access to the dataset searches the same index, so values hidden from some are not in it.
DEFAULT_RULES: tuple[Rule, ...] = (
    Rule(
        tag=AWAITS_OWNER,
        index=IndexTreatment.MASK,
        masked=True,
        retain_days=None,
        note="A second person opens what was masked. Nobody changes this policy.",
    ),
    Rule(
        tag="PII.Sensitive",
        index=IndexTreatment.MASK,
        masked=True,
        retain_days=None,
        note="Values are shown only to those who may see personal data, and are masked in the index.",
    ),
    Rule(
        tag="PII.NonSensitive",
        index=IndexTreatment.MASK,
        masked=True,
        retain_days=None,
        note="Values are shown only to those who may see personal data, and are masked in the index.",
    ),
    Rule(
        tag="PersonalData.SpecialCategory",
        index=IndexTreatment.MASK,
        masked=True,
        retain_days=None,
        note="Health, origin, belief and the like (GDPR, article 9): shown to few, and masked in the index.",
    ),
    Rule(
        tag="DataKind.Password",
        index=IndexTreatment.LEAVE_OUT,
        masked=True,
        retain_days=None,
        note="Secrets are of no use to a search and never reach the index.",
    ),
    Rule(
        tag="DataKind.CardSecurity",
        index=IndexTreatment.LEAVE_OUT,
        masked=True,
        retain_days=None,
        note="Secrets are of no use to a search and never reach the index.",
    ),
)


def strictest(
    columns: Sequence[tuple[Collection[str], Collection[str]]],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the columns' tags say about the whole file: (tags, those confirmed by a person).

    `columns`: the same for each column. Of PII and PersonalData only the strictest tag counts, because they
    exclude each other. A tag that we do not know is stricter than ours.
    """
    families = {
        family.name: [f"{family.name}.{tag.name}" for tag in family.tags] for family in CLASSIFICATIONS
    }
    held = {tag for tags, _ in columns for tag in tags} - {NO_PERSON}
    most = []
    for family in sorted(PERSONAL_CLASSIFICATIONS):
        ranks = families.get(family, [])
        own = sorted(tag for tag in held if tag.partition(".")[0] == family)
        if own:
            most.append(max(own, key=lambda tag: ranks.index(tag) if tag in ranks else len(ranks)))
    return tuple(most), tuple(tag for tag in most if any(tag in confirmed for _, confirmed in columns))
