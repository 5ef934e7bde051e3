"""Kinds told by how values are built, whatever the header says."""

import pytest

from tests.governance import tables
from tests.governance.tables import entity, findings, many

LOGINS = ["jmiller", "asmith2", "b.garcia", "kwilson_dev", "martin99", "lthompso", "nguyend", "sjones"]


@pytest.mark.parametrize("header", ["acct_own", "acct", "booked_by", "column_4"])
def test_account_names_are_made_from_names_of_people(header):
    assert entity(header, LOGINS * 4) == "USERNAME"


@pytest.mark.parametrize(
    "words", [["active", "closed", "draft", "open"], ["wood", "metal", "glass", "stone"], ["de", "fr", "us"]]
)
def test_words_are_no_account_names(words):
    assert entity("column_4", words * 10) == "NONE"


@pytest.mark.parametrize(
    "values", [["Fr. Dombrowski", "Hr. Yilmaz", "Dr. Okonkwo"], ["Mr Zhou", "Ms Abiodun", "Mrs Ek"]]
)
def test_a_title_tells_of_a_person(values):
    assert entity("column_4", values * 8) == "PERSON"


@pytest.mark.parametrize("codes", [["SA1 5NL", "NR3 1BF", "DD1 4JN"], ["K1A 0B1", "M5V 3L9", "V6B 4Y8"]])
def test_postal_codes_with_letters_are_told_by_their_form(codes):
    assert entity("column_4", codes * 5) == "LOCATION"


@pytest.mark.parametrize(("header", "kind"), [("St_Cd", "LOCATION"), ("Bank Acct", "IBAN")])
def test_a_header_that_shortens_its_words(header, kind):
    values = {"LOCATION": ["TN", "ID", "WA", "OR"], "IBAN": ["60592166", "80884832", "23648924", "71944467"]}
    table = {header: values[kind] * 5, "full_name": many(tables.full_name, 20)}
    assert findings(table)[header].entity == kind


def test_versions_of_programs_are_no_telephone_numbers():
    agents = [
        f"Mozilla/5.0 (X11; Linux x86_64) Chrome/{n}.0.0.0 Safari/537.36 and so on" for n in range(110, 130)
    ]
    assert entity("ua", agents) == "NONE"
