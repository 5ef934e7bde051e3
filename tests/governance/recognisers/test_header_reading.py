"""How a header is read."""

import pytest

from governance.recognisers.header_reading import read_header


@pytest.mark.parametrize(
    "name", ["first_name", "firstName", "FIRST NAME", "First-Name", "firstname", "user_first_name_1"]
)
def test_one_header_in_many_spellings(name):
    assert read_header(name).clarity("PERSON") >= 0.8


@pytest.mark.parametrize(
    "name", ["Straße", "Année de naissance", "Rodné číslo", "Führerscheinnummer", "Contraseña"]
)
def test_accents_do_not_matter(name):
    assert read_header(name).said


@pytest.mark.parametrize(
    "name", ["page", "message", "shipping", "assessment", "mission", "recipe", "unnamed", "cityscape"]
)
def test_words_inside_other_words_say_nothing(name):
    assert not any(said.clarity >= 0.8 for said in read_header(name).said)


@pytest.mark.parametrize(
    ("name", "aside"), [("email_verified", "verified"), ("is_email", "is"), ("phone_type", "type")]
)
def test_what_turns_a_header_aside(name, aside):
    header = read_header(name)
    assert header.said == ()
    assert header.aside == aside


def test_the_longest_term_speaks():
    header = read_header("email_address")
    assert header.clarity("EMAIL") >= 0.8
    assert header.clarity("ADDRESS") == 0


def test_whom_a_header_is_about():
    assert read_header("customer_name").about == {"person"}
    assert read_header("company_phone").about == {"organisation"}
    assert read_header("column_4").about == frozenset()


def test_plurals():
    assert read_header("Emails").clarity("EMAIL") >= 0.8
    assert read_header("religions").clarity("NRP") >= 0.8
