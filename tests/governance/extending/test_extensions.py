"""Classifiers and tag schemas that a site brings, defined outside the project."""

import json
import logging
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.core.management import call_command

from governance.catalog.configured import get_catalog
from governance.classifier import Finding, classify
from governance.curation.decisions import suggest
from governance.extending.extensions import BadExtension, recognisers, schemas, tags_by_kind
from governance.models import Classification, Policy
from governance.policies import IndexTreatment
from governance.rights.access import access_of, held_tags
from governance.seeding import seed_tags
from governance.sync.registration import catalog_table
from tests.governance.tables import Profile
from tests.making import ready_dataset

CLASSIFIERS = """
    from governance.recognisers.column import Candidate

    class Badge:
        name = "badge"

        def recognise(self, column, table):
            matched = column.share(lambda value: value.startswith("ACME-"))
            if matched > 0.8:
                yield Candidate("BADGE", 0.95, matched, len(column.values), reasons=("All start alike.",))

    class Raising:
        name = "raising"

        def recognise(self, column, table):
            raise ValueError(f"cannot read {column.values[0]}")

    class Leaving:
        name = "leaving"

        def recognise(self, column, table):
            raise SystemExit(column.values[0])

    class Midway:
        name = "midway"

        def recognise(self, column, table):
            yield Candidate("BADGE", 0.99)
            raise RuntimeError(column.values[0])

    class Wrong:
        name = "wrong"

        def recognise(self, column, table):
            return ["BADGE"]

    class Nothing:
        name = "nothing"

        def recognise(self, column, table):
            return None

    class Unsure:
        name = "unsure"

        def recognise(self, column, table):
            return [Candidate("BADGE", float("nan"))]

    class Telling:
        name = "telling"

        def recognise(self, column, table):
            first = column.values[0]
            return [Candidate("BADGE", 7.0, reasons=(f"{first} is one.", "It is."), examples=(first,))]

    class NoName:
        def recognise(self, column, table):
            return []

    class Unmakeable:
        def __init__(self):
            raise OSError
"""
SCHEMA = """
    from governance.policies import IndexTreatment, Rule
    from governance.tag_schema import ClassificationSchema, TagSchema

    CLASSIFICATIONS = (
        ClassificationSchema("Acme", "Our own.", True, (TagSchema("Badge", "Badges of staff."),)),
    )
    CLASSIFICATION_TAGS = {"BADGE": ("Acme.Badge", "PII.Sensitive")}
    RULES = (Rule("Acme.Badge", IndexTreatment.LEAVE_OUT, True, 90, "By contract."),)
"""
BADGES = ["ACME-00417", "ACME-00982", "ACME-11300"]
Use = Callable[..., None]


@pytest.fixture
def use(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Names classes of the site's module in the settings, and its schema."""
    (tmp_path / "site_classifiers.py").write_text(dedent(CLASSIFIERS))
    (tmp_path / "site_tags.py").write_text(dedent(SCHEMA))
    monkeypatch.syspath_prepend(str(tmp_path))

    def name(*classes: str) -> None:
        settings.CLASSIFIERS = [f"site_classifiers.{each}" for each in classes]
        settings.TAG_SCHEMAS = ["site_tags"]

    return name


def found(values: list[str] = BADGES, header: str = "x") -> Finding:
    sample = pd.DataFrame({header: values}, dtype=object)
    profiles = [Profile(header, "STRING", len(values), 0, len(values))]
    return classify(sample, profiles, recognisers=recognisers())[0]


def test_ones_own_speaks_beside_the_platforms(use: Use) -> None:
    use("Badge")
    assert (found().entity, found().evidence.recogniser) == ("BADGE", "badge")
    assert found(["anna@example.com", "ben@example.com"]).entity == "EMAIL"


@pytest.mark.parametrize("bad", ["Raising", "Leaving", "Midway", "Wrong", "Nothing", "Unsure", "Missing"])
def test_the_failure_of_one_never_stops_the_others(
    use: Use, bad: str, caplog: pytest.LogCaptureFixture
) -> None:
    use(bad, "Badge")
    with caplog.at_level(logging.ERROR):
        finding = found()
    assert (finding.entity, finding.confidence, finding.evidence.recogniser) == ("BADGE", 0.95, "badge")
    assert bad.lower() in caplog.text.lower()
    assert not any(value in caplog.text for value in BADGES)


def test_values_do_not_get_into_the_evidence(use: Use) -> None:
    use("Telling")
    finding = found()
    assert finding.confidence == 1.0
    assert finding.evidence.reasons == ("It is.",)
    assert not any(value in json.dumps(finding.as_json()) for value in BADGES)


def test_what_cannot_be_used_is_told_at_start(use: Use, settings: LazySettings) -> None:
    use("Badge")
    assert [message for message in run_checks() if message.id == "governance.E001"] == []
    use("NoName", "Unmakeable", "Missing", "Badge")
    settings.TAG_SCHEMAS = ["site_classifiers", "no.such.module"]
    told = [str(message.msg) for message in run_checks() if message.id == "governance.E001"]
    named = ["NoName", "Unmakeable", "Missing", "site_classifiers needs", "no.such.module"]
    assert len(told) == len(named)
    assert all(name in text for name, text in zip(named, told, strict=True))


def test_a_schema_that_is_missing_is_never_passed_over(settings: LazySettings) -> None:
    settings.TAG_SCHEMAS = ["no.such.module"]
    with pytest.raises(BadExtension, match=r"no\.such\.module"):
        schemas()
    with pytest.raises(BadExtension):
        tags_by_kind()


def test_the_sites_mapping_goes_before_the_default(use: Use, settings: LazySettings) -> None:
    use()
    assert tags_by_kind()["BADGE"] == ("Acme.Badge", "PII.Sensitive")
    assert tags_by_kind()["EMAIL"] == settings.CLASSIFICATION_TAGS["EMAIL"]


@pytest.mark.django_db
def test_tags_are_made_with_description_and_policy_and_reach_the_catalog(use: Use, owner: User) -> None:
    use("Badge")
    version = ready_dataset(owner, "staff").current_version
    assert version is not None
    badge = found(header="city")
    suggest(version, [badge], tags_by_kind())
    acme = Classification.objects.get(name="Acme")
    assert (acme.description, acme.exclusive) == ("Our own.", True)
    assert acme.tags.get().description == "Badges of staff."
    policy = Policy.objects.get(tag__fqn="Acme.Badge")
    assert (policy.index, policy.masked, policy.retain_days) == ("leave_out", True, 90)
    assert access_of(version).get("city").index is IndexTreatment.LEAVE_OUT
    city = version.dataset.columns.get(key="city")
    assert [tag.fqn for tag in held_tags([city])[city.pk]] == ["Acme.Badge", "PII.Sensitive"]
    entry = get_catalog().register(catalog_table(version))
    assert entry.tags["city"] == ("Acme.Badge", "PII.Sensitive")


@pytest.mark.django_db
def test_what_a_steward_changed_is_not_seeded_again(use: Use) -> None:
    use()
    seed_tags()
    Policy.objects.filter(tag__fqn="Acme.Badge").delete()
    Classification.objects.filter(name="Acme").update(description="Changed")
    seed_tags()
    assert not Policy.objects.filter(tag__fqn="Acme.Badge").exists()
    assert Classification.objects.get(name="Acme").description == "Changed"


def test_the_commands_use_them_too(use: Use, tmp_path: Path) -> None:
    use("Badge")
    file = tmp_path / "staff.csv"
    file.write_text("badge\n" + "\n".join(BADGES))
    out = StringIO()
    call_command("classify", str(file), "--json", stdout=out)
    column = json.loads(out.getvalue())["columns"][0]
    assert (column["entity"], column["tags"]) == ("BADGE", ["Acme.Badge", "PII.Sensitive"])
