"""Columns of many kinds, made by generators: what a header and values like these are taken for.

Personal data is invented. Each maker takes the dice; headers are as people write them in tables.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.governance import tables

Make = Callable[[random.Random], str]


def of(*values: str) -> Make:
    return lambda dice: dice.choice(values)


def shaped(form: str) -> Make:
    """# a digit, @ a capital, ? a small letter, % a hexadecimal digit; all else as it is."""
    letters = {
        "#": "0123456789",
        "@": "ABCDEFGHJKLMNPRSTUVWXYZ",
        "?": "abcdefghijklmnop",
        "%": "0123456789abcdef",
    }
    return lambda dice: "".join(dice.choice(letters[sign]) if sign in letters else sign for sign in form)


def between(low: int, high: int, form: str = "{}") -> Make:
    return lambda dice: form.format(dice.randint(low, high))


def decimal(low: float, high: float, places: int = 2) -> Make:
    return lambda dice: f"{dice.uniform(low, high):.{places}f}"


def day(form: str, first: int = 1940, last: int = 2005) -> Make:
    return lambda dice: form.format(y=dice.randint(first, last), m=dice.randint(1, 12), d=dice.randint(1, 28))


ISO, GERMAN, AMERICAN = "{y}-{m:02d}-{d:02d}", "{d:02d}.{m:02d}.{y}", "{m}/{d}/{y}"
FIRST_NAMES = {
    "de": of("Jürgen", "Anke", "Wolfgang", "Heike", "Matthias", "Ute", "Sabine", "Dieter", "Karin", "Uwe"),
    "fr": of("Amélie", "Benoît", "Chloé", "Didier", "Élodie", "François", "Gaëlle", "Hervé", "Inès", "Yves"),
    "es": of(
        "Álvaro", "Begoña", "Carmen", "Íñigo", "Javier", "Lucía", "María José", "Nuria", "Rocío", "Pablo"
    ),
    "it": of("Alessandro", "Bianca", "Chiara", "Davide", "Elisa", "Fabrizio", "Giulia", "Luca", "Matteo"),
    "pl": of("Agnieszka", "Bartosz", "Grzegorz", "Katarzyna", "Łukasz", "Małgorzata", "Piotr", "Zofia"),
    "sv": of("Åsa", "Björn", "Elsa", "Gustav", "Ingrid", "Lars", "Maja", "Nils", "Sven", "Ulrika"),
}
SURNAMES = {
    "de": of("Schröder", "Vogel", "Krüger", "Zimmermann", "Lehmann", "Köhler", "Brandt", "Haas", "Pfeiffer"),
    "fr": of("Lefèvre", "Moreau", "Girard", "Bonnet", "Fontaine", "Chevalier", "Gauthier", "Perrin", "Morel"),
    "es": of("Fernández", "Domínguez", "Ibáñez", "Vázquez", "Molina", "Suárez", "Herrero", "Peña", "Cano"),
    "it": of("Esposito", "Bianchi", "Colombo", "Ricci", "Greco", "Conti", "De Luca", "Mancini", "Barbieri"),
    "pl": of("Kowalska", "Wiśniewski", "Zając", "Nowicka", "Dąbrowski", "Lewandowski", "Szymańska", "Mazur"),
    "sv": of("Lindqvist", "Söderberg", "Åkesson", "Nyström", "Öberg", "Holmgren", "Sjögren", "Ekström"),
}


def name(language: str, form: str = "{first} {last}") -> Make:
    return lambda dice: form.format(first=FIRST_NAMES[language](dice), last=SURNAMES[language](dice))


# (header, maker, kinds of which any is right). NONE first: it must not be taken for personal data.
Case = tuple[str, Make, tuple[str, ...]]

PERSONAL: tuple[Case, ...] = (
    ("Vorname", FIRST_NAMES["de"], ("PERSON",)),
    ("NACHNAME", SURNAMES["de"], ("PERSON",)),
    ("Ansprechpartner", name("de"), ("PERSON",)),
    ("Kontoinhaberin", name("de", "{last}, {first}"), ("PERSON",)),
    ("prénom", FIRST_NAMES["fr"], ("PERSON",)),
    ("nom_famille", SURNAMES["fr"], ("PERSON",)),
    ("Nom du client", name("fr", "{last} {first}"), ("PERSON",)),
    ("nombre de pila", FIRST_NAMES["es"], ("PERSON",)),
    ("primer_apellido", SURNAMES["es"], ("PERSON",)),
    ("titular", name("es"), ("PERSON",)),
    ("Nome e cognome", name("it"), ("PERSON",)),
    ("Imię", FIRST_NAMES["pl"], ("PERSON",)),
    ("Nazwisko", SURNAMES["pl"], ("PERSON",)),
    ("Förnamn", FIRST_NAMES["sv"], ("PERSON",)),
    ("Efternamn", SURNAMES["sv"], ("PERSON",)),
    ("assigned_to", name("de"), ("PERSON",)),
    ("account_manager", name("it"), ("PERSON",)),
    ("emergencyContactName", name("sv"), ("PERSON",)),
    ("reviewer", name("es", "{last}, {first}"), ("PERSON",)),
    ("column_3", name("pl"), ("PERSON",)),
    ("E-Mail-Adresse", tables.email, ("EMAIL",)),
    ("contacto", tables.email, ("EMAIL",)),
    ("Absender", lambda dice: f"{tables.full_name(dice)} <{tables.email(dice)}>", ("EMAIL",)),
    ("user_id", tables.email, ("EMAIL", "USERNAME")),
    ("product_code", tables.email, ("EMAIL",)),
    ("Telefon", shaped("+49 30 #######"), ("PHONE",)),
    ("Mobilnr.", shaped("0171 #######"), ("PHONE",)),
    ("Téléphone", shaped("06 12 ## ## ##"), ("PHONE",)),
    ("teléfono móvil", shaped("6## ### ###"), ("PHONE",)),
    ("Cellulare", shaped("+39 347 #######"), ("PHONE",)),
    ("contact_no", shaped("+44 20 7### ####"), ("PHONE",)),
    ("x4", shaped("+1 415 555 ####"), ("PHONE",)),
    ("Fax", shaped("(0)30/#######"), ("PHONE",)),
    ("Geburtsdatum", day(GERMAN), ("DATE_OF_BIRTH",)),
    ("date de naissance", day("{d:02d}/{m:02d}/{y}"), ("DATE_OF_BIRTH",)),
    ("fecha_nac", day(ISO), ("DATE_OF_BIRTH",)),
    ("dataDiNascita", day(ISO), ("DATE_OF_BIRTH",)),
    ("YearOfBirth", between(1930, 2005), ("DATE_OF_BIRTH",)),
    ("patient_dob", day(AMERICAN), ("DATE_OF_BIRTH",)),
    ("Data urodzenia", day(GERMAN), ("DATE_OF_BIRTH",)),
    ("Alter", between(18, 90), ("AGE",)),
    ("edad", between(18, 90), ("AGE",)),
    ("AgeInYears", between(18, 90), ("AGE",)),
    ("âge", between(18, 90), ("AGE",)),
    ("Anrede", of("Herr", "Frau"), ("GENDER", "NONE")),
    ("sexo", of("H", "M"), ("GENDER",)),
    ("Sesso", of("M", "F"), ("GENDER",)),
    ("genre", of("homme", "femme"), ("GENDER",)),
    ("Płeć", of("kobieta", "mężczyzna"), ("GENDER",)),
    ("gender_identity", of("Woman", "Man", "Non-binary", "Prefer not to say"), ("GENDER",)),
    ("Staatsangehörigkeit", of("deutsch", "polnisch", "französisch", "türkisch", "italienisch"), ("NRP",)),
    ("nationality", of("French", "German", "Dutch", "Brazilian", "Japanese", "Irish"), ("NRP",)),
    ("Konfession", of("evangelisch", "katholisch", "keine", "muslimisch"), ("NRP",)),
    ("ethnic_group", of("White British", "Asian", "Black Caribbean", "Mixed", "Other"), ("NRP",)),
    ("Straße", tables.german_street, ("ADDRESS",)),
    ("rue", lambda dice: f"{dice.randint(1, 99)} rue {SURNAMES['fr'](dice)}", ("ADDRESS",)),
    ("Dirección", lambda dice: f"Calle {SURNAMES['es'](dice)}, {dice.randint(1, 99)}", ("ADDRESS",)),
    ("indirizzo", lambda dice: f"Via {SURNAMES['it'](dice)} {dice.randint(1, 99)}", ("ADDRESS",)),
    ("ADDR_LINE_1", tables.street, ("ADDRESS",)),
    ("destination", tables.street, ("ADDRESS", "LOCATION")),
    ("PLZ", shaped("1####"), ("LOCATION",)),
    ("Postcode", shaped("@@# #@@"), ("LOCATION",)),
    ("Code postal", shaped("750##"), ("LOCATION",)),
    ("Wohnort", of("Köln", "Dresden", "Mainz", "Ulm", "Kiel", "Bonn", "Aachen"), ("LOCATION",)),
    ("ville", of("Lyon", "Nantes", "Lille", "Rennes", "Toulouse", "Dijon"), ("LOCATION",)),
    ("provincia", of("Sevilla", "Cádiz", "Málaga", "Granada", "Almería"), ("LOCATION",)),
    ("Land", of("Deutschland", "Österreich", "Schweiz", "Frankreich", "Polen"), ("LOCATION",)),
    ("country_code", of("DE", "FR", "ES", "IT", "NL", "PL"), ("LOCATION",)),
    ("geo_lat", decimal(47, 54, 5), ("LOCATION",)),
    ("Geburtsort", of("Köln", "Dresden", "Mainz", "Ulm", "Kiel", "Bonn"), ("LOCATION",)),
    ("card", tables.card, ("CREDIT_CARD",)),
    ("Kreditkartennummer", tables.card, ("CREDIT_CARD",)),
    (
        "order_no",
        lambda dice: "-".join([(c := tables.card(dice))[:4], c[4:8], c[8:12], c[12:]]),
        ("CREDIT_CARD",),
    ),
    ("Bankverbindung", tables.iban, ("IBAN",)),
    ("ref", tables.iban, ("IBAN",)),
    ("compte bancaire", tables.iban, ("IBAN",)),
    ("ssn_last_seen", tables.ssn, ("US_SSN",)),
    ("Social Security Number", lambda dice: tables.ssn(dice).replace("-", ""), ("US_SSN",)),
    ("DNI", tables.dni, ("NATIONAL_ID",)),
    ("documento", tables.dni, ("NATIONAL_ID",)),
    ("BSN", tables.bsn, ("NATIONAL_ID",)),
    ("Reisepassnummer", shaped("C01X####@"), ("NATIONAL_ID",)),
    ("PassportNo", shaped("@#######"), ("NATIONAL_ID",)),
    ("ip", tables.ip, ("IP_ADDRESS",)),
    ("last_login_from", tables.ip, ("IP_ADDRESS",)),
    ("host", shaped("2001:db8::%%%%:%%%%"), ("IP_ADDRESS",)),
    ("Benutzername", shaped("????.####"), ("USERNAME",)),
    ("twitter_handle", lambda dice: "@" + shaped("?????_##")(dice), ("USERNAME",)),
    ("login", shaped("?????##"), ("USERNAME",)),
    ("Passwort", shaped("?@#?!@#?%"), ("PASSWORD",)),
    ("pwd_hash", shaped("$2b$12$" + "%" * 53), ("PASSWORD",)),
    ("CVC", shaped("###"), ("CVV",)),
    ("card_pin", shaped("####"), ("PIN",)),
    ("Führerscheinnummer", shaped("B###@@###@#"), ("DRIVER_LICENSE",)),
    ("driver_license_no", shaped("@#######"), ("DRIVER_LICENSE",)),
    ("homepage", shaped("https://www.?????.example/~????"), ("URL",)),
    ("LinkedIn", shaped("https://www.linkedin.com/in/?????-????"), ("URL",)),
    ("imei", lambda dice: tables.with_luhn("35" + tables.digits(dice, 12)), ("DEVICE_ID",)),
    ("idfa", shaped("%%%%%%%%-%%%%-4%%%-a%%%-%%%%%%%%%%%%"), ("DEVICE_ID",)),
    ("Kfz-Kz.", shaped("HH-@@ ###"), ("LICENSE_PLATE",)),
    ("jockey", tables.full_name, ("PERSON",)),
    ("caller number", shaped("+4417009#####"), ("PHONE",)),
    ("last seen geo", lambda dice: f"{dice.uniform(40, 52):.5f},{dice.uniform(-3, 12):.5f}", ("LOCATION",)),
)

NOBODY: tuple[Case, ...] = (
    # Codes, versions, timestamps, row numbers, hashes
    ("sku", shaped("@@-####-@#"), ("NONE",)),
    ("Artikelnummer", shaped("########"), ("NONE",)),
    ("ean", shaped("400#########"), ("NONE",)),
    ("isbn", shaped("978-3-##-######-#"), ("NONE",)),
    ("iban_checksum_ok", of("true", "false"), ("NONE",)),
    ("tracking_number", shaped("1Z999AA1##########"), ("NONE",)),
    ("invoice_number", shaped("INV-2024-#####"), ("NONE",)),
    ("Rechnungsnummer", shaped("RE2024#####"), ("NONE",)),
    ("order_ref", shaped("%%%%%%%%"), ("NONE",)),
    ("commit", shaped("%" * 40), ("NONE",)),
    ("md5", shaped("%" * 32), ("NONE",)),
    ("uuid", shaped("%%%%%%%%-%%%%-4%%%-a%%%-%%%%%%%%%%%%"), ("NONE",)),
    ("mac", shaped("%%:%%:%%:%%:%%:%%"), ("NONE", "DEVICE_ID")),
    ("version", of("10.0.19041.1", "10.0.22000.3", "6.1.7601.0", "10.0.18363.5"), ("NONE",)),
    ("app_version", between(1, 9, "{0}.{0}.2"), ("NONE",)),
    ("ip_version", of("4", "6"), ("NONE",)),
    ("created_at", day(ISO + "T10:15:30Z", 2020, 2024), ("NONE",)),
    ("Buchungsdatum", day(GERMAN, 2020, 2024), ("NONE",)),
    ("fecha_alta", day(ISO, 2020, 2024), ("NONE",)),
    ("hire_date", day(ISO, 1990, 2024), ("NONE",)),
    ("release_date", day(AMERICAN, 1950, 2024), ("NONE",)),
    ("epoch", between(1_600_000_000, 1_700_000_000), ("NONE",)),
    ("epoch_ms", between(1_600_000_000_000, 1_700_000_000_000), ("NONE",)),
    ("year", between(1950, 2024), ("NONE",)),
    ("fiscal_year", of("2021/22", "2022/23", "2023/24"), ("NONE",)),
    ("duration", shaped("0#:##:##"), ("NONE",)),
    ("row_id", between(1, 99_999), ("NONE",)),
    ("customer_id", between(10_000, 99_999), ("NONE",)),
    ("employee_no", shaped("E#####"), ("NONE",)),
    ("user_id", shaped("%%%%%%%%%%%%%%%%"), ("NONE",)),
    ("account_id", between(1_000_000_000, 9_999_999_999), ("NONE",)),
    ("part", shaped("###-##-####A"), ("NONE",)),
    ("postal_zone_count", between(1, 40), ("NONE",)),
    # Amounts, measures, flags, categories
    ("price", decimal(1, 999), ("NONE",)),
    ("Umsatz", decimal(1_000, 99_999), ("NONE",)),
    ("weight_kg", decimal(40, 120, 1), ("NONE",)),
    ("temperature", decimal(-20, 40, 1), ("NONE",)),
    ("latency_ms", between(1, 900), ("NONE",)),
    ("quantity", between(1, 50), ("NONE",)),
    ("average_age", decimal(20, 60), ("NONE",)),
    ("account_age_days", between(1, 4000), ("NONE",)),
    ("age_group", of("18-24", "25-34", "35-44", "45-54", "55+"), ("NONE", "AGE")),
    ("page", between(1, 90), ("NONE",)),
    ("is_active", of("true", "false"), ("NONE",)),
    ("phone_verified", of("Y", "N"), ("NONE",)),
    ("has_email", of("yes", "no"), ("NONE",)),
    ("email_count", between(0, 9), ("NONE",)),
    ("email_opt_in", of("1", "0"), ("NONE",)),
    ("gender_score", decimal(0, 1), ("NONE",)),
    ("address_type", of("billing", "shipping", "home"), ("NONE",)),
    ("name_length", between(3, 20), ("NONE",)),
    ("password_expires", day(ISO, 2024, 2025), ("NONE",)),
    ("card_type", of("Visa", "Mastercard", "Amex"), ("NONE",)),
    ("card_expiry", shaped("0#/2#"), ("NONE",)),
    ("credit_card_limit", between(1000, 9000), ("NONE",)),
    ("payment", of("credit card", "cash", "IBAN transfer"), ("NONE",)),
    ("currency", of("EUR", "USD", "GBP", "CHF"), ("NONE",)),
    ("Sprache", of("Deutsch", "Englisch", "Französisch"), ("NONE", "NRP")),
    ("language", of("en", "de", "fr", "es", "it"), ("NONE",)),
    ("timezone", of("Europe/Berlin", "America/New_York", "Asia/Tokyo"), ("NONE",)),
    ("weekday", of("Monday", "Tuesday", "Friday", "Sunday"), ("NONE",)),
    ("Monat", of("April", "Mai", "Juni", "August", "Januar"), ("NONE",)),
    ("season", of("Summer", "Autumn", "Winter", "Spring"), ("NONE",)),
    ("size", of("S", "M", "L", "XL"), ("NONE",)),
    ("grade", of("A", "B", "C", "D", "F"), ("NONE",)),
    ("flag", of("M", "F"), ("NONE", "GENDER")),
    ("status", of("new", "paid", "open", "closed"), ("NONE",)),
    ("priority", of("high", "medium", "low"), ("NONE",)),
    ("job_title", of("Engineer", "Sales Manager", "Data Scientist", "Head of Marketing"), ("NONE",)),
    ("department", of("Sales", "Research", "Finance", "Human Resources"), ("NONE",)),
    ("Abteilung", of("Einkauf", "Vertrieb", "Forschung", "Personal"), ("NONE",)),
    ("mime", of("text/html", "image/png", "application/json"), ("NONE",)),
    ("path", shaped("/var/log/????/????.log"), ("NONE",)),
    ("file", shaped("????_##.csv"), ("NONE",)),
    ("user_agent", of("Mozilla/5.0 (X11; Linux)", "curl/8.1.2", "Safari/605.1.15 (KHTML)"), ("NONE",)),
    ("color", of("#ff00aa", "#00ff12", "#123abc"), ("NONE",)),
    ("country_count", between(1, 60), ("NONE",)),
    ("city_population", between(10_000, 900_000), ("NONE",)),
    ("state", of("running", "stopped", "failed", "queued"), ("NONE",)),
    ("region", of("EMEA", "APAC", "NORAM", "LATAM"), ("NONE", "LOCATION")),
    ("location_id", between(1, 500), ("NONE",)),
    ("source", of("web", "shop", "partner", "phone"), ("NONE",)),
    ("channel", of("email", "sms", "phone", "post"), ("NONE",)),
    ("race", of("100m", "Marathon", "Relay"), ("NONE",)),
    ("party_size", between(1, 12), ("NONE",)),
    ("sex_ratio", decimal(0.8, 1.2), ("NONE",)),
    ("pin_code_attempts", between(0, 3), ("NONE",)),
    ("token_type", of("bearer", "mac"), ("NONE",)),
    ("hash_algorithm", of("sha256", "md5", "bcrypt"), ("NONE",)),
    # Names that are not people's
    ("company", of("Müller GmbH", "Schneider & Söhne KG", "Peter Hahn AG", "Johnson Ltd"), ("NONE",)),
    ("Lieferant", of("Weber Logistik GmbH", "Hans Meyer OHG", "Nordlicht AG", "Kraft Energie"), ("NONE",)),
    (
        "brand",
        of("Adidas", "Hugo Boss", "Mercedes", "Paul Smith", "Jack Wolfskin", "Ralph Lauren"),
        ("NONE",),
    ),
    ("product", of("Oak table", "Desk lamp", "Garden chair", "Ada armchair"), ("NONE",)),
    ("Produktname", of("Regal Emil", "Sofa Luise", "Tisch Oskar", "Lampe Ida"), ("NONE",)),
    ("model", of("Clio", "Octavia", "Giulia", "Mégane", "Corsa"), ("NONE",)),
    ("project_name", of("Apollo", "Phoenix", "Mercury", "Titan"), ("NONE",)),
    ("server", of("web-01", "db-02", "cache-03"), ("NONE",)),
    ("hostname", shaped("srv-##.intern.example"), ("NONE", "IP_ADDRESS", "URL")),
    ("team_name", of("Red Lions", "Blue Sharks", "Berlin Bears", "Golden Eagles"), ("NONE",)),
    ("school", of("Lincoln High School", "Anne Frank Gymnasium", "St. Mary College"), ("NONE",)),
    ("hospital_name", of("St. Josef Krankenhaus", "Mercy General Hospital"), ("NONE",)),
    ("species", of("Quercus robur", "Felis catus", "Canis lupus"), ("NONE",)),
    ("recipe", of("Chicken Alfredo", "Caesar Salad", "Peach Melba"), ("NONE",)),
    ("song", of("Billie Jean", "Michelle", "Roxanne", "Layla live"), ("NONE",)),
    ("file_name", shaped("????.pdf"), ("NONE",)),
    ("column_name", of("first_name", "email", "phone"), ("NONE",)),
    ("table_name", of("users", "orders", "people"), ("NONE",)),
    ("domain_name", shaped("?????.example"), ("NONE", "URL")),
    ("event_name", of("page_view", "click", "purchase"), ("NONE",)),
    ("category_name", of("Kitchen", "Garden", "Toys"), ("NONE",)),
    ("metric_name", of("cpu_load", "mem_used"), ("NONE",)),
    # Nearly valid
    ("number", lambda dice: str(int(tables.card(dice)) + 1), ("NONE",)),
    ("iban", shaped("DE##@@@@"), ("NONE",)),
    ("code", shaped("000-##-####"), ("NONE",)),
    ("mail", shaped("????@"), ("NONE",)),
    ("ip", shaped("999.9##.3##.4##"), ("NONE",)),
    ("phone", shaped("@@@-###"), ("NONE",)),
    ("vin", shaped("#####"), ("NONE",)),
    ("birthday", of("yes", "no"), ("NONE",)),
    ("age", of("new", "used", "refurbished"), ("NONE",)),
    (
        "comment",
        of("Arrived late but in one piece.", "The colour is off a bit.", "Would buy it again."),
        ("NONE",),
    ),
    ("beschreibung", of("Der Tisch ist aus Eiche gebaut.", "Nur zum Abholen in der Filiale."), ("NONE",)),
)
