"""manage.py profile on real files: no database, no server."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command


@pytest.fixture
def staff(tmp_path: Path) -> Path:
    path = tmp_path / "staff.csv"
    rows = [f"anna{number}@example.org,{20 + number % 3},Leeds" for number in range(60)]
    path.write_text("\n".join(["email,desk,town", *rows]))
    return path


def profiled(*arguments: str) -> str:
    out = StringIO()
    call_command("profile", *arguments, stdout=out)
    return out.getvalue()


def test_every_column_in_figures_personal_values_left_out(staff: Path) -> None:
    told = json.loads(profiled(str(staff), "--json"))
    columns = {column["name"]: column for column in told["columns"]}
    assert (told["rows"], told["dialect"]["delimiter"]) == (60, ",")
    assert (columns["desk"]["min"], columns["desk"]["max"], columns["desk"]["distinct"]) == ("20", "22", 3)
    assert columns["email"]["masked"] is True
    assert columns["email"]["distinct"] == 60
    assert "anna" not in json.dumps(told)


def test_all_values_where_that_is_asked_for(staff: Path) -> None:
    told = json.loads(profiled(str(staff), "--json", "--view-pii"))
    assert told["columns"][0]["min"] == "anna0@example.org"


def test_in_lines(staff: Path) -> None:
    told = profiled(str(staff))
    assert "staff.csv: 60 rows, 3 columns" in told
    assert "email: STRING, 0 empty, 60 distinct, values masked" in told
    assert "desk: INT, 0 empty, 3 distinct, 20 to 22" in told


def test_what_is_wrong_with_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_bytes(b"")
    with pytest.raises(CommandError, match=r"^none\.csv: "):
        profiled(str(tmp_path / "none.csv"))
    with pytest.raises(CommandError, match="is not a file"):
        profiled(str(tmp_path / "absent.csv"))


def test_what_a_site_has_masked_by_rules_of_its_own_is_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    (tmp_path / "profiled_site.py").write_text(
        """
from governance.policies import IndexTreatment, Rule
from governance.recognisers.column import Candidate
from governance.tag_schema import ClassificationSchema, TagSchema

CLASSIFICATIONS = (ClassificationSchema("Site", "Our own.", False, (TagSchema("Badge", "Badges."),)),)
CLASSIFICATION_TAGS = {"BADGE": ("Site.Badge",)}
RULES = (Rule("Site.Badge", IndexTreatment.LEAVE_OUT, masked=True, retain_days=None, note=""),)


class Badges:
    name = "badges"

    def recognise(self, column, table):
        matched = column.share(lambda value: value.startswith("ACME-"))
        if matched > 0.8:
            yield Candidate("BADGE", confidence=0.95, matched=matched, reasons=("all start alike",))
"""
    )
    monkeypatch.syspath_prepend(tmp_path)
    settings.CLASSIFIERS, settings.TAG_SCHEMAS = ["profiled_site.Badges"], ["profiled_site"]
    path = tmp_path / "badges.csv"
    path.write_text("badge\n" + "".join(f"ACME-{number:04d}\n" for number in range(60)))
    told = profiled(str(path), "--json")
    assert json.loads(told)["columns"][0]["masked"] is True
    assert "ACME-" not in told
