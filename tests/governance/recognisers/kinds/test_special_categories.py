"""Health, union, orientation and pay: personal beside people, and nobody's elsewhere."""

from __future__ import annotations

import pytest

from governance.policies import tags_for
from governance.tag_schema import DEFAULT_CLASSIFICATION_TAGS
from tests.governance import tables
from tests.governance.columns import shaped
from tests.governance.tables import entity, findings, many

ILLNESSES = ["Asthma", "Type 2 diabetes", "Hypertension", "Bronchitis", "Depression"] * 8
CODES = ["E11.9", "J45.909", "F32.1", "I10", "K50.90"] * 8
BLOOD = ["O+", "A-", "AB+", "B neg", "0 Rh+"] * 8
DOSES = ["metformin 500 mg", "ramipril 5 mg", "insulin 10 IU", "ibuprofen 400mg"] * 10
AMOUNTS = many(lambda dice: str(dice.randint(2_000, 9_000)), 40)

SPECIAL = [
    ("icd10", CODES, "HEALTH"),
    ("Hauptdiagnose", ILLNESSES, "HEALTH"),
    ("motif", ILLNESSES, "HEALTH"),
    ("hiv_status", ["positive", "negative"] * 20, "HEALTH"),
    ("blood_type", BLOOD, "HEALTH"),
    ("gruppo sanguigno", ["A", "B", "0", "AB"] * 10, "HEALTH"),
    ("medicación", DOSES, "HEALTH"),
    ("disability_status", ["none declared", "hearing", "mobility"] * 13, "HEALTH"),
    ("Schwerbehinderung", ["ja", "nein"] * 20, "HEALTH"),
    ("column_4", CODES, "HEALTH"),
    ("remark", DOSES, "HEALTH"),
    ("union_member", ["yes", "no"] * 20, "TRADE_UNION"),
    ("Gewerkschaft", ["ver.di", "IG Metall", "GEW"] * 13, "TRADE_UNION"),
    ("sexual_orientation", ["Straight", "Gay", "Bisexual"] * 13, "SEXUAL_ORIENTATION"),
    ("net_pay", AMOUNTS, "SALARY"),
    ("Bruttogehalt", [f"{value[0]}.{value[1:]},00 €" for value in AMOUNTS], "SALARY"),
    ("salario_base", AMOUNTS, "SALARY"),
]


@pytest.mark.parametrize(("header", "values", "kind"), SPECIAL)
def test_kinds_are_found_beside_people_and_nowhere_else(header: str, values: list[str], kind: str) -> None:
    count = len(values)
    people = {"full_name": many(tables.full_name, count), "birth_date": many(tables.date, count)}
    assert findings({**people, header: values})[header].entity == kind
    assert findings({"article": many(shaped("@@-####"), count), header: values})[header].entity == "NONE"


def test_the_number_of_a_patients_record_speaks_of_a_patient_by_itself() -> None:
    assert findings({"mrn": many(shaped("#######")), "ward": ["A", "B"] * 30})["mrn"].entity == "HEALTH"


def test_a_number_of_employees_stands_for_people_too() -> None:
    table = {"employee_no": [f"E{place:04}" for place in range(40)], "net_pay": AMOUNTS}
    assert findings(table)["net_pay"].entity == "SALARY"


@pytest.mark.parametrize("kind", ["HEALTH", "TRADE_UNION", "SEXUAL_ORIENTATION"])
def test_the_law_protects_these_most(kind: str) -> None:
    assert {"PII.Sensitive", "PersonalData.SpecialCategory"} <= set(
        tags_for(kind, DEFAULT_CLASSIFICATION_TAGS)
    )


def test_pay_is_no_special_category() -> None:
    assert tags_for("SALARY", DEFAULT_CLASSIFICATION_TAGS) == (
        "PII.Sensitive",
        "PersonalData.Personal",
        "DataKind.Pay",
    )


def test_figures_of_districts_are_nobodys_religion() -> None:
    religions = ["Christian", "Muslim", "None", "Hindu"] * 10
    district = {"district": many(shaped("@???????"), 40), "median_age": AMOUNTS, "religion": religions}
    assert findings(district)["religion"].entity == "NONE"
    person = {"full_name": many(tables.full_name, 40), "median_age": AMOUNTS, "religion": religions}
    assert findings(person)["religion"].entity == "NRP"


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("diagnosis_date", ["2024-01-05", "2023-03-09"]),
        ("allergy_count", ["1", "2", "0"]),
        ("salary_currency", ["EUR", "USD"]),
        ("seat", ["A12", "B07", "C33"]),
        ("grade", ["A+", "B-", "C+"]),
        ("condition", ["new", "used", "refurbished"]),
        ("gross", ["yes", "no"]),
    ],
)
def test_what_only_sounds_like_them_is_none(header: str, values: list[str]) -> None:
    rows = values * 15
    types = {header: "DATE"} if header.endswith("date") else {}
    table = {"full_name": many(tables.full_name, len(rows)), header: rows}
    assert findings(table, types=types)[header].entity == "NONE"


LOGINS = ["aweber", "nchen", "fcosta", "msilva", "jmeyer"] * 8


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("created_by", LOGINS),
        ("Modified By", ["paul.popov", "john.hall", "clara.chen"] * 13),
        ("assignee", ["p_popov", "j_hall2", "c_chen"] * 13),
        ("reporter", ["CORP\\khan", "CORP\\costa", "CORP\\lind"] * 13),
        ("erstellt_von", LOGINS),
    ],
)
def test_account_names_under_headers_of_who_did_it(header: str, values: list[str]) -> None:
    assert entity(header, values) == "USERNAME"


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Handle", ["oak-side-table", "linen-throw", "brass-lamp", "wool-rug", "mug"] * 8),
        ("member", [f"M{place}" for place in range(40)]),
        ("AgentCode", [f"AG{place:05}" for place in range(40)]),
        ("created_by", ["system", "import", "cron"] * 13),
        ("owner", ["finance", "marketing", "legal"] * 13),
    ],
)
def test_slugs_codes_and_programs_are_no_accounts(header: str, values: list[str]) -> None:
    assert entity(header, values) == "NONE"


LICENCES = [
    ("cdl_number", "@#######"),  # California
    ("DL No", "@###-###-##-###-#"),  # Florida
    ("drivers_license", "WDL%%%%%%%##"),  # Washington
    ("driving licence number", "@@@@@6######@@9@@"),  # United Kingdom, shape only
    ("Führerschein-Nr.", "B###RRE#I##"),
    ("permis_de_conduire", "##@@#####"),
    ("patente di guida", "U1@####@#@"),
    ("nr prawa jazdy", "#####/##/####"),
]


@pytest.mark.parametrize(("header", "shape"), LICENCES)
def test_driving_licences_under_their_headers(header: str, shape: str) -> None:
    assert entity(header, many(shaped(shape))) == "DRIVER_LICENSE"


def test_a_licence_number_is_a_drivers_beside_drivers_only() -> None:
    licences = many(shaped("@#######"))
    assert findings({"driver": many(tables.full_name), "license_no": licences})["license_no"].entity == (
        "DRIVER_LICENSE"
    )
    assert (
        findings({"software": many(shaped("?????")), "license_no": licences})["license_no"].entity == "NONE"
    )


@pytest.mark.parametrize(
    ("header", "shape"),
    [
        ("Kennzeichen", "B-@@ ####"),
        ("kenteken", "##-@@-#"),
        ("plate_no", "@@@-####"),
        ("immatriculation", "@@-###-@@"),
    ],
)
def test_licence_plates_under_their_headers(header: str, shape: str) -> None:
    table = {"owner_name": many(tables.full_name), header: many(shaped(shape))}
    found = findings(table)[header]
    assert (found.entity, found.personal) == ("LICENSE_PLATE", True)


@pytest.mark.parametrize("number", ["030 5550133", "(mob. 0171-5550100)", "020 7946 5543", "tel: 555-0134"])
def test_a_name_with_a_local_number_is_a_name(number: str) -> None:
    values = [f"{name} {number}" for name in many(tables.full_name, 40)]
    assert entity("emergency_contact", values) == "PERSON"


STORMS = ["Katrina", "Andrew", "Maria", "Irma", "Harvey", "Wilma", "Laura", "Michael"] * 5


@pytest.mark.parametrize("header", ["storm_name", "cultivar", "sire", "title", "name"])
def test_storms_bulls_and_cultivars_have_names_too(header: str) -> None:
    assert findings({header: STORMS, "year": ["2005", "1992"] * 20})[header].entity == "NONE"


def test_single_names_are_peoples_beside_people() -> None:
    table = {"name": STORMS, "birth_date": many(tables.date, 40)}
    assert findings(table)["name"].entity == "PERSON"


def test_a_pets_name_and_birthday_are_nobodys_and_its_owner_is_somebody() -> None:
    table = {
        "name": STORMS,
        "breed": ["Labrador", "Beagle"] * 20,
        "birth_date": many(tables.date, 40),
        "owner": many(tables.full_name, 40),
    }
    kinds = {name: finding.entity for name, finding in findings(table).items()}
    assert (kinds["name"], kinds["birth_date"], kinds["owner"]) == ("NONE", "NONE", "PERSON")


@pytest.mark.parametrize(
    ("kind", "make"),
    [("EMAIL", tables.email), ("IBAN", tables.iban), ("CREDIT_CARD", tables.card), ("US_SSN", tables.ssn)],
)
def test_a_mixed_column_has_the_kind_of_its_most_sensitive_tenth(kind, make) -> None:
    values = [make if place % 8 == 0 else tables.phone for place in range(80)]
    assert entity("contact", many(lambda dice: values.pop()(dice), 80)) == kind


@pytest.mark.parametrize(
    ("header", "shape"),
    [
        ("USt-IdNr.", "DE#########"),
        ("P. IVA", "###########"),
        ("terminal", "T#######"),
        ("KvK-nummer", "########"),
    ],
)
def test_numbers_of_firms_and_machines_are_nobodys(header: str, shape: str) -> None:
    table = {"company": many(shaped("?????? GmbH")), header: many(shaped(shape))}
    assert findings(table)[header].entity == "NONE"


@pytest.mark.parametrize(
    ("header", "make", "kind"),
    [
        ("N.º DNI", tables.dni, "NATIONAL_ID"),
        ("Kod pocztowy", shaped("##-###"), "LOCATION"),
        ("Gr. sang.", lambda dice: dice.choice(["O+", "A-", "AB+"]), "HEALTH"),
        ("BD", tables.date, "DATE_OF_BIRTH"),
        ("permit_ref", shaped("@####@@#@##"), "DRIVER_LICENSE"),
        ("ppt", shaped("##@@#####"), "NATIONAL_ID"),
    ],
)
def test_abbreviated_headers(header: str, make, kind: str) -> None:
    assert findings({"driver": many(tables.full_name), header: many(make)})[header].entity == kind


def test_gross_and_net_are_pay_in_a_payroll_only() -> None:
    amounts = [f"{value}.50" for value in AMOUNTS]
    names = many(tables.full_name, 40)
    assert findings({"worker": names, "Gross this period": amounts})["Gross this period"].entity == "SALARY"
    assert findings({"customer": names, "gross": amounts})["gross"].entity == "NONE"


def test_a_keeper_of_animals_is_a_person_and_their_illnesses_are_nobodys() -> None:
    table = {
        "animal": ["Bella", "Max", "Luna", "Charlie"] * 10,
        "breed": ["Labrador", "Tabby", "Lop", "Cocker Spaniel"] * 10,
        "keeper": many(tables.full_name, 40),
        "dx": ["otitis", "dermatitis", "arthritis", "gingivitis"] * 10,
    }
    found = {column: finding.entity for column, finding in findings(table).items()}
    assert found == {"animal": "NONE", "breed": "NONE", "keeper": "PERSON", "dx": "NONE"}


def test_a_hint_at_a_licence_is_none_beside_the_licence_itself() -> None:
    table = {"driver_lic": many(shaped("@#######")), "permit_code": many(shaped("@@-###-@"))}
    assert findings(table)["permit_code"].entity == "NONE"


def test_a_network_card_is_somebodys_beside_its_user_only() -> None:
    addresses = many(shaped("%%:%%:%%:%%:%%:%%"))
    assert findings({"asset": many(shaped("LT-#####")), "mac": addresses})["mac"].entity == "NONE"
    assert findings({"assigned_user": many(tables.full_name), "mac": addresses})["mac"].entity == "DEVICE_ID"


def test_titles_before_names_may_be_small() -> None:
    assert entity("lekarz", [f"dr {name}" for name in many(tables.full_name, 40)]) == "PERSON"


def test_more_digits_than_a_telephone_has_are_none() -> None:
    assert entity("reference", many(shaped("0034##############"))) == "NONE"
