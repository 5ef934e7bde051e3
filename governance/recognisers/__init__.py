"""The platform's recognisers, one for each kind of data."""

from governance.recognisers.column import Recogniser
from governance.recognisers.kinds.by_header import BY_HEADER, EmptyColumnRecogniser
from governance.recognisers.kinds.contact import (
    EmailRecogniser,
    IpAddressRecogniser,
    PhoneRecogniser,
    UrlRecogniser,
)
from governance.recognisers.kinds.credentials import PasswordRecogniser, UsernameRecogniser
from governance.recognisers.kinds.free_text import FreeTextRecogniser
from governance.recognisers.kinds.identifiers import (
    CreditCardRecogniser,
    IbanRecogniser,
    SsnRecogniser,
    VinRecogniser,
)
from governance.recognisers.kinds.national_ids import NationalIdRecogniser
from governance.recognisers.kinds.people import PersonRecogniser
from governance.recognisers.kinds.places import AddressRecogniser, LocationRecogniser
from governance.recognisers.kinds.special_categories import SPECIAL_CATEGORIES
from governance.recognisers.kinds.traits import (
    AgeRecogniser,
    DateOfBirthRecogniser,
    GenderRecogniser,
    OriginRecogniser,
)

# Of two equally certain ones the earlier wins, so those with a checksum or a strict form come first.
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
