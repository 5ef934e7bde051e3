"""Matches countries with their other names: "Germany" finds cells with DE, GER or Deutschland."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from babel import Locale
from babel.core import get_global

from governance.recognisers.vocabulary import STATE_CODES
from promptiq.exact.words import key

# Languages of country names in tables, beside English.
_LANGUAGES = ("de", "fr", "es", "it", "pt", "nl")
# Other common names than CLDR's, by ISO 3166 code.
_ALSO = {
    "US": "usa|us|america|united states of america|the states",
    "GB": "uk|great britain|britain|gbr",
    "AE": "uae|emirates",
    "KR": "korea|republic of korea",
    "KP": "dpr korea",
    "RU": "russian federation",
    "NL": "holland|the netherlands",
    "CZ": "czech republic",
    "CI": "ivory coast",
    "TR": "turkey",
    "MM": "burma|myanmar",
    "VN": "viet nam",
    "CN": "people's republic of china|prc",
    "HK": "hong kong",
    "BA": "bosnia and herzegovina|bosnia",
    "CD": "democratic republic of the congo|dr congo",
    "CG": "republic of the congo",
    "TT": "trinidad and tobago|trinidad",
    "MK": "macedonia",
    "SZ": "swaziland",
    "TL": "east timor",
    "CV": "cape verde",
    "IR": "islamic republic of iran",
    "TW": "chinese taipei",
}
# Codes of the Olympic committees that differ from ISO 3166. Without BRN, which is Brunei in one and Bahrain
# in the other.
_OLYMPIC = (
    "ALG DZ|ANG AO|ARU AW|BAH BS|BAN BD|BAR BB|BER BM|BHU BT|BIZ BZ|BOT BW|BUL BG|BUR BF|CAM KH|"
    "CAY KY|CGO CG|CHI CL|CRC CR|CRO HR|DEN DK|ESA SV|FIJ FJ|GAM GM|GBS GW|GEQ GQ|GER DE|GRE GR|"
    "GRN GD|GUA GT|GUI GN|HAI HT|HON HN|INA ID|IRI IR|ISV VI|IVB VG|KSA SA|KUW KW|LAT LV|LBA LY|"
    "LES LS|LIB LB|MAD MG|MAS MY|MAW MW|MGL MN|MRI MU|MTN MR|MYA MM|NCA NI|NED NL|NEP NP|NGR NG|"
    "NIG NE|OMA OM|PAR PY|PHI PH|PLE PS|POR PT|PUR PR|RSA ZA|SAM WS|SEY SC|SIN SG|SKN KN|SLO SI|"
    "SOL SB|SRI LK|SUD SD|SUI CH|TAN TZ|TGA TO|TOG TG|TPE TW|TRI TT|UAE AE|URU UY|VAN VU|VIE VN|"
    "VIN VC|ZAM ZM|ZIM ZW"
)
# Peoples and adjectives -> the country, if they do not begin like its name.
DEMONYMS = {
    "american": "united states", "british": "great britain", "english": "england", "french": "france",
    "german": "germany", "spanish": "spain", "spaniard": "spain", "dutch": "netherlands",
    "swiss": "switzerland", "swedish": "sweden", "danish": "denmark", "finnish": "finland",
    "polish": "poland", "turkish": "turkey", "irish": "ireland", "scottish": "scotland",
    "welsh": "wales", "chinese": "china", "japanese": "japan", "portuguese": "portugal",
    "greek": "greece", "norwegian": "norway", "belgian": "belgium", "canadian": "canada",
    "italian": "italy", "russian": "russia", "australian": "australia", "austrian": "austria",
    "brazilian": "brazil", "mexican": "mexico", "argentine": "argentina", "argentinian": "argentina",
    "chilean": "chile", "peruvian": "peru", "colombian": "colombia", "cuban": "cuba",
    "jamaican": "jamaica", "kenyan": "kenya", "ethiopian": "ethiopia", "nigerian": "nigeria",
    "egyptian": "egypt", "moroccan": "morocco", "algerian": "algeria", "tunisian": "tunisia",
    "israeli": "israel", "iraqi": "iraq", "iranian": "iran", "indian": "india", "pakistani": "pakistan",
    "korean": "korea", "thai": "thailand", "vietnamese": "vietnam", "filipino": "philippines",
    "indonesian": "indonesia", "malaysian": "malaysia", "ukrainian": "ukraine",
    "czech": "czech republic", "slovak": "slovakia", "hungarian": "hungary", "romanian": "romania",
    "bulgarian": "bulgaria", "serbian": "serbia", "croatian": "croatia", "slovenian": "slovenia",
    "soviet": "soviet union", "icelandic": "iceland", "ghanaian": "ghana", "ivorian": "ivory coast",
    "venezuelan": "venezuela",
}  # fmt: skip
# The share of a column's distinct cells that must name a country. In other columns, cells only look like
# country codes.
MOSTLY = 0.6
_HEADERS = frozenset(key(word) for word in ("country", "nation", "nationality", "origin", "noc"))


def country_of(words: str) -> str | None:
    """The ISO 3166 code of a country or people named in English. `words`: stems, as `key` gives."""
    return _by_name("en").get(words) or _by_people().get(words)


def countries_in(header: str, cells: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    """For a column of countries, its cells by code, each with the part that names the country; {} for other
    columns.

    `cells`: each with its possible names, as written.
    """
    found: dict[str, dict[str, str]] = {}
    parts: dict[str, set[str]] = {}
    for cell, called in cells.items():
        named = {written: code for written in called if (code := _code_of(written))}
        # "Dover, DE, USA" is not in Germany.
        if not named.keys() <= STATE_CODES:
            named = {written: code for written, code in named.items() if written not in STATE_CODES}
        for written, code in named.items():
            found.setdefault(code, {}).setdefault(cell, written)
            parts.setdefault(cell, set()).add(written)
    if len(parts) <= MOSTLY * len(cells):
        return {}
    # CA, DE and IN are Canada, Germany and India, but also California, Delaware and Indiana.
    all_states = set().union(*parts.values()) <= STATE_CODES
    return {} if all_states and not _HEADERS & set(key(header).split()) else found


def _code_of(written: str) -> str | None:
    # Codes are in capitals: "it" and "no" are words.
    if len(written) <= 3 and written.isupper():
        return _by_code().get(written)
    return _by_name("en", *_LANGUAGES).get(key(written))


@cache
def _by_name(*languages: str) -> dict[str, str]:
    names = {key(name): code for code, names in _ALSO.items() for name in names.split("|")}
    for language in languages:
        for code, name in _territories(language):
            names.setdefault(key(name), code)
    return names


def _territories(language: str) -> Iterator[tuple[str, str]]:
    for code, name in Locale(language).territories.items():
        if len(code) == 2 and code.isalpha():
            yield code, str(name)


@cache
def _by_people() -> dict[str, str]:
    known = _by_name("en")
    return {key(people): known[key(name)] for people, name in DEMONYMS.items() if key(name) in known}


@cache
def _by_code() -> dict[str, str]:
    three = {
        code: short[0]
        for code, short in get_global("territory_aliases").items()
        if len(code) == 3 and code.isalpha() and len(short) == 1
    }
    olympic = dict(pair.split() for pair in _OLYMPIC.split("|"))
    return {code: code for code, _ in _territories("en")} | {"UK": "GB"} | three | olympic
