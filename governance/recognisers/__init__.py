"""The recognisers that the platform brings, each of which knows one kind of data."""

from governance.recognisers.by_header import BY_HEADER, EmptyColumnRecogniser
from governance.recognisers.column import Recogniser
from governance.recognisers.contact import (
    EmailRecogniser,
    IpAddressRecogniser,
    PhoneRecogniser,
    UrlRecogniser,
)
from governance.recognisers.credentials import PasswordRecogniser, UsernameRecogniser
from governance.recognisers.free_text import FreeTextRecogniser
from governance.recognisers.identifiers import (
    CreditCardRecogniser,
    IbanRecogniser,
    SsnRecogniser,
    VinRecogniser,
)
from governance.recognisers.national_ids import NationalIdRecogniser
from governance.recognisers.people import PersonRecogniser
from governance.recognisers.places import AddressRecogniser, LocationRecogniser
from governance.recognisers.special_categories import SPECIAL_CATEGORIES
from governance.recognisers.traits import (
    AgeRecogniser,
    DateOfBirthRecogniser,
    GenderRecogniser,
    OriginRecogniser,
)

# Where two are equally sure the earlier one speaks: what has a checksum or a strict form comes first.
BUILT_IN: tuple[Recogniser, ...] = (
    EmailRecogniser(),
    CreditCardRecogniser(),
    IbanRecogniser(),
    SsnRecogniser(),
    NationalIdRecogniser(),
    IpAddressRecogniser(),
    VinRecogniser(),
    PasswordRecogniser(),
    *BY_HEADER,
    DateOfBirthRecogniser(),
    GenderRecogniser(),
    OriginRecogniser(),
    AgeRecogniser(),
    PhoneRecogniser(),
    AddressRecogniser(),
    PersonRecogniser(),
    UsernameRecogniser(),
    LocationRecogniser(),
    UrlRecogniser(),
    *SPECIAL_CATEGORIES,
    FreeTextRecogniser(),
    EmptyColumnRecogniser(),
)
