"""The whole classifier: values, header and neighbours together."""

import json
import logging
from collections.abc import Iterable

import pandas as pd
import pytest
from stdnum.it import codicefiscale

from governance.classifier import classify
from governance.recognisers import BUILT_IN
from governance.recognisers.column import Candidate, ColumnView, TableView
from governance.recognisers.header_reading import Header
from tests.governance import tables
from tests.governance.tables import Profile, entity, findings, many

VALID = {
    "EMAIL": tables.email,
    "CREDIT_CARD": tables.card,
    "IBAN": tables.iban,
    "US_SSN": tables.ssn,
    "NATIONAL_ID": tables.dni,
    "IP_ADDRESS": tables.ip,
    "PHONE": tables.phone,
    "ADDRESS": tables.street,
    "PERSON": tables.full_name,
}


STRICT = {"EMAIL", "CREDIT_CARD", "IBAN", "US_SSN", "NATIONAL_ID", "IP_ADDRESS"}


@pytest.mark.parametrize(("kind", "make"), VALID.items())
def test_values_decide_under_a_header_that_says_nothing(kind, make):
    assert entity("column_7", many(make)) == kind


@pytest.mark.parametrize("kind", sorted(STRICT))
@pytest.mark.parametrize("header", ["order_status", "product_code", "first_name", "city"])
def test_strict_forms_win_over_a_misleading_header(kind, header):
    """Social security numbers have no check digit: among people only they win over a number of things."""
    table = {header: many(VALID[kind]), **({"email": many(tables.email)} if kind == "US_SSN" else {})}
    people = {"full_name": many(tables.full_name)} if kind == "US_SSN" else {}
    assert findings({**table, **people})[header].entity == kind


@pytest.mark.parametrize("header", ["part_no", "item_code", "gl_account", "docket_no", "oem_ref"])
@pytest.mark.parametrize("kind", ["US_SSN", "PHONE"])
def test_part_and_docket_numbers_are_nobodys(kind, header):
    table = {header: many(tables.ssn if kind == "US_SSN" else local_number), "price": many(tables.price)}
    assert findings(table)[header].entity == "NONE"


def local_number(dice):
    return f"{dice.randint(201, 989)}-{dice.randint(201, 989)}-{tables.digits(dice, 4)}"


PROMISES = ["email", "credit_card_number", "iban", "ssn", "ip_address", "phone", "first_name"]


@pytest.mark.parametrize("header", PROMISES)
def test_a_promising_header_over_other_values_finds_nothing(header):
    assert entity(header, many(lambda dice: f"{dice.choice('ABC')}{dice.randint(10, 99)}")) == "NONE"
    assert entity(header, ["yes", "no"] * 20) == "NONE"


def card_with_a_wrong_check_digit(dice):
    number = tables.card(dice)
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def iban_with_swapped_digits(dice):
    number = tables.iban(dice)
    return number if number[6] == number[7] else number[:6] + number[7] + number[6] + number[8:]


@pytest.mark.parametrize(
    "make",
    [
        card_with_a_wrong_check_digit,
        lambda dice: tables.digits(dice, 16),
        lambda dice: f"9{tables.digits(dice, 2)}-{tables.digits(dice, 2)}-0000",
        lambda dice: f"{tables.digits(dice, 8)}{dice.choice('ABC')}",
        lambda dice: f"{dice.randint(1, 9)}.{dice.randint(0, 20)}.{dice.randint(0, 9)}.{dice.randint(0, 9)}",
        lambda dice: f"a{tables.digits(dice, 3)}@localhost",
        lambda dice: f"2024-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}",
        lambda dice: f"2024-03-{dice.randint(1, 28):02d} 10:{dice.randint(10, 59)}:00",
        lambda dice: str(dice.randint(1_000_000_000, 4_000_000_000)),
        lambda dice: "-".join(tables.digits(dice, length) for length in (8, 4, 4, 4, 12)),
        lambda dice: f"978-3-16-{tables.digits(dice, 6)}-{dice.randint(0, 9)}",
        lambda dice: f"1005-00-{tables.digits(dice, 3)}-{tables.digits(dice, 4)}",
        lambda dice: f"v{dice.randint(1, 9)}.{dice.randint(0, 20)}",
    ],
    ids=[
        "card with a wrong check digit",
        "sixteen random digits",
        "social security with a serial of zeros",
        "eight digits and a letter",
        "version numbers",
        "addresses without a domain",
        "dates",
        "timestamps",
        "ten-digit ids",
        "uuids",
        "isbns",
        "stock numbers",
        "versions",
    ],
)
def test_what_only_looks_like_personal_data_is_none(make):
    assert entity("value", many(make)) == "NONE"


def test_ibans_need_their_checksum():
    swapped = many(iban_with_swapped_digits)
    finding = findings({"reference": swapped})["reference"]
    assert finding.entity == "NONE" or finding.evidence.matched < 0.5


THINGS = {
    "product_name": "Aniseed Syrup,Chef Anton's Mix,Queso Cabrales,Mozzarella di Giovanni,Chai Tea,Tofu",
    "company": "Alfreds Futterkiste,Ernst Handel,Hanari Carnes,Blondel GmbH,Martin Ltd,Weber & Sons",
    "name": "Livingston Municipal,Meadow Lake Airport,Wilson Field,Jackson County,Stone Regional",
    "status": "active,pending,closed,returned,shipped,open,new",
    "color": "Red,Blue,Violet,Amber,Rose,Olive,Ginger",
    "title": "Sales Manager,Owner,Accountant,Vice President,Order Administrator,Data Scientist,Engineer",
    "team": "Lakers,Bulls,Celtics,Spurs,Rockets,Jazz,Kings",
    "file_name": "report.pdf,data.csv,image.png,notes.txt,photo.jpg,a.doc,b.xls",
    "payment_method": "credit_card,coupon,bank_transfer,gift_card,cash,paypal,iban",
    "month": "January,February,March,April,May,June,July",
}


@pytest.mark.parametrize(("header", "values"), THINGS.items())
def test_names_of_things_are_not_people(header, values):
    assert entity(header, values.split(",")) == "NONE"


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Vorname", "PERSON"),
        ("nom de famille", "PERSON"),
        ("Apellidos", "PERSON"),
        ("cognome", "PERSON"),
        ("Achternaam", "PERSON"),
        ("sobrenome", "PERSON"),
        ("Geburtsdatum", "DATE_OF_BIRTH"),
        ("date_de_naissance", "DATE_OF_BIRTH"),
        ("fechaNacimiento", "DATE_OF_BIRTH"),
        ("Data di nascita", "DATE_OF_BIRTH"),
        ("data_nascimento", "DATE_OF_BIRTH"),
        ("Geboortedatum", "DATE_OF_BIRTH"),
        ("DOB", "DATE_OF_BIRTH"),
    ],
)
def test_headers_in_european_languages(header, kind):
    values = many(tables.date) if kind == "DATE_OF_BIRTH" else [*tables.LAST]
    assert entity(header, values) == kind


@pytest.mark.parametrize(
    "header", ["order_date", "created_at", "hireDate", "Ablaufdatum", "date", "card_expiry"]
)
def test_dates_of_events_are_not_births(header):
    assert entity(header, many(tables.date), "DATE") == "NONE"


@pytest.mark.parametrize(
    "header", ["email_verified", "phone_type", "is_email", "gender_id", "address_count", "num_names"]
)
def test_what_is_said_about_the_data_is_not_the_data(header):
    assert entity(header, ["1", "2", "3", "0"] * 10, "INT") == "NONE"


@pytest.mark.parametrize(
    "values", [["male", "female", "diverse"], ["Mann", "Frau"], ["homme", "femme"], ["Hombre", "Mujer"]]
)
def test_genders_need_no_header(values):
    assert entity("category", values * 10) == "GENDER"


def test_single_letters_are_genders_only_under_that_header():
    assert entity("Geschlecht", ["m", "w"] * 10) == "GENDER"
    assert entity("size", ["m", "l"] * 10) == "NONE"
    assert entity("flag", ["t", "f"] * 10) == "NONE"


def test_the_sex_of_animals_is_no_personal_data():
    found = findings({"species": ["Adelie", "Gentoo"] * 5, "sex": ["male", "female"] * 5})
    assert found["sex"].entity == "NONE"


def test_national_numbers_of_mere_digits_need_a_header_or_many_values():
    assert entity("BSN", many(tables.bsn)) == "NATIONAL_ID"
    assert entity("item", many(tables.bsn, count=5)) == "NONE"


def test_national_numbers_of_letters_and_digits_need_no_header():
    """A county that python-stdnum has no name for is no reason to give up on a column (cn.ric)."""
    stems = [f"RSSMRA{year}T10A{place}" for year in range(60, 70) for place in (562, 944)]
    assert entity("code", [stem + codicefiscale.calc_check_digit(stem) for stem in stems]) == "NATIONAL_ID"
    assert entity("code", [f"99999919900101{number:03}X" for number in range(20)]) == "NONE"


def test_secrets():
    assert entity("password", ["hunter2x", "Tr0ub4dor", "s3cret!!", "letmein99"]) == "PASSWORD"
    assert entity("x", [f"$2b$12${'abcdefghijklmnopqrstuv'}{n:031d}" for n in range(9)]) == "PASSWORD"
    assert entity("cvv", ["123", "456", "789"], "INT") == "CVV"
    assert entity("card_pin", ["1234", "4567", "7891"], "INT") == "PIN"
    assert entity("password_changed", ["2024-01-01", "2024-02-02"]) == "NONE"


def test_vins_by_checksum():
    assert entity("vehicle", ["1HGCM82633A004352", "1M8GDM9AXKP042788", "5YJSA1E14HF000337"]) == "VIN"
    assert entity("serial", ["1HGCM82603A004352", "1M8GDM9A1KP042788", "5YJSA1E11HF000337"]) == "NONE"


def test_a_place_beside_people_is_personal_and_beside_things_is_not():
    cities = ["Berlin", "Paris", "Madrid", "Rome", "London", "Vienna", "Lisbon", "Prague"]
    people = findings({"first_name": tables.FIRST[:8], "city": cities})
    stations = findings({"station": ["A1", "B2", "C3", "D4", "E5", "F6", "G7", "H8"], "city": cities})
    assert (people["city"].entity, people["city"].personal) == ("LOCATION", True)
    assert (stations["city"].entity, stations["city"].personal) == ("LOCATION", False)


def test_a_shops_telephone_keeps_its_kind_and_is_not_personal():
    found = findings(
        {"store_name": ["Corner Shop", "Big Market", "Tool Depot"] * 4, "phone": many(tables.phone, 12)}
    )
    assert (found["phone"].entity, found["phone"].personal) == ("PHONE", False)


def test_a_companys_address_among_people_is_not_personal():
    found = findings(
        {
            "full_name": many(tables.full_name),
            "company_address": many(tables.street),
            "home_address": many(tables.street, seed=2),
        }
    )
    assert found["company_address"].personal is False
    assert found["home_address"].personal is True


def test_neighbours_settle_a_bare_name():
    names = ["Tamsin", "Odalys", "Brisa", "Calix", "Jorunn", "Anna", "Peter", "Laura", "Zebulon", "Xanthe"]
    alone = findings({"name": names, "price": ["1.5"] * 10}, types={"price": "FLOAT"})
    beside = findings({"name": names, "birthday": many(tables.date, 10)}, types={"birthday": "DATE"})
    assert beside["name"].confidence >= alone["name"].confidence or alone["name"].entity == "NONE"
    assert beside["name"].entity == "PERSON"


def test_several_people_in_one_cell():
    cast = many(lambda dice: ", ".join(tables.full_name(dice) for _ in range(3)))
    assert entity("cast", cast) == "PERSON"
    assert entity("author", [pair.replace(", ", " & ", 1) for pair in cast]) == "PERSON"


@pytest.mark.parametrize("template", ["{last}, {first}", "{first} {last}", "Dr. {first} {last}", "{upper}"])
def test_names_in_many_orders(template):
    names = many(
        lambda dice: template.format(
            first=dice.choice(tables.FIRST),
            last=dice.choice(tables.LAST),
            upper=tables.full_name(dice).upper(),
        )
    )
    assert entity("name", names) == "PERSON"


@pytest.mark.parametrize("make", [tables.street, tables.german_street])
def test_streets_without_a_header(make):
    assert entity("column_2", many(make)) == "ADDRESS"


def test_free_text_that_mentions_personal_data():
    dice_texts = [
        "Please call back Mrs Schneider about the broken pump.",
        "Customer wrote from laura.becker@example.com and asks for an invoice.",
        "Delivered without trouble to the loading dock.",
        "Card 4111 1111 1111 1111 was declined twice, asked for another.",
    ]
    finding = findings({"notes": dice_texts})["notes"]
    assert finding.entity == "FREE_TEXT"
    assert finding.personal
    assert set(finding.evidence.mentions) >= {"EMAIL", "CREDIT_CARD"}


def test_free_text_about_things_is_none():
    texts = [
        "The pump was replaced and tested for two hours.",
        "Delivered without trouble to the loading dock.",
        "Colour differs slightly from the sample that was ordered.",
    ]
    assert entity("notes", texts) == "NONE"


def test_evidence_and_json_hold_no_value():
    columns = {kind: many(make) for kind, make in VALID.items()}
    for finding in findings(columns).values():
        told = json.dumps(finding.as_json(), ensure_ascii=False)
        for value in columns[finding.column]:
            assert value not in told
            for part in value.replace("@", " ").replace(".", " ").replace("-", " ").split():
                if len(part) > 3 and part not in ("Street", "Lane"):
                    assert f'"{part}"' not in told
        for example in finding.evidence.examples:
            assert not any(character.isdigit() for character in example)


def test_empty_columns_are_judged_by_clear_headers_only():
    assert entity("email", [None, None]) == "EMAIL"
    assert entity("name", [None, None]) == "NONE"
    finding = findings({"email": [None, ""]})["email"]
    assert finding.confidence < 0.6
    assert finding.evidence.against == ("there are no values to check",)


def test_one_finding_for_each_column_in_order():
    columns = {"b": ["1"], "a": ["x"], "email": ["a@example.com"]}
    assert list(findings(columns)) == ["b", "a", "email"]
    assert classify(pd.DataFrame(), []) == []


class Shouting:
    name = "shouting"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        if column.share(str.isupper) == 1:
            yield Candidate("USERNAME", 0.9, matched=1.0, reasons=("all values shout",))


class Failing:
    name = "failing"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        raise ValueError(f"cannot read {column.values[0]}")


def test_one_of_your_own_beside_one_that_fails(caplog):
    sample = pd.DataFrame({"x": ["SECRET", "VALUE"]}, dtype=object)
    profiles = [Profile("x", "STRING", 2, 0, 2)]
    with caplog.at_level(logging.ERROR):
        found = classify(sample, profiles, recognisers=[Failing(), Shouting(), *BUILT_IN])
    assert (found[0].entity, found[0].evidence.recogniser) == ("USERNAME", "shouting")
    assert "failing" in caplog.text
    assert "SECRET" not in caplog.text


def test_the_evidence_names_type_and_cardinality():
    values = ["anna@example.com", "ben@example.com"] * 5
    evidence = findings({"mail": values})["mail"].evidence
    assert (evidence.type, evidence.distinct, evidence.distinct_share) == ("STRING", 2, 0.2)
    nothing = findings({"amount": ["1", "2", "3", "4"]}, types={"amount": "INT"})["amount"].evidence
    assert (nothing.type, nothing.distinct, nothing.distinct_share) == ("INT", 4, 1.0)


def test_each_column_is_compared_with_all_others_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise 10,000 columns would take an hour."""
    asked = 0
    has = Header.has

    def counting(header: Header, *words: str) -> bool:
        nonlocal asked
        asked += 1
        return has(header, *words)

    monkeypatch.setattr(Header, "has", counting)
    columns = 200
    findings({f"weight {place}": [f"{value}" for value in range(60, 90)] for place in range(columns)})
    assert asked < columns * 100
