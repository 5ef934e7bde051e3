"""What tags rule: masking, index treatment, and when the index must be rebuilt."""

import pytest

from governance.policies import IndexTreatment, Rule, effective, mask, mask_value, tags_for
from governance.tag_schema import CLASSIFICATIONS, DEFAULT_CLASSIFICATION_TAGS, DEFAULT_RULES, strictest


def rule(tag, index=IndexTreatment.INDEX, masked=False, retain_days=None):
    return Rule(tag, index, masked, retain_days, "")


def test_no_tag_rules_nothing():
    column = effective({"price": []}, DEFAULT_RULES).get("price")
    assert (column.masked, column.index, column.because) == (False, IndexTreatment.INDEX, ())


@pytest.mark.parametrize("tag", ["PII.Sensitive", "PII.NonSensitive", "PersonalData.SpecialCategory"])
def test_pii_is_masked_for_readers_and_in_the_index(tag):
    column = effective({"email": [tag]}, DEFAULT_RULES).get("email")
    assert (column.masked, column.index, column.because) == (True, IndexTreatment.MASK, (tag,))


def test_secrets_never_reach_the_index():
    tags = tags_for("PASSWORD", DEFAULT_CLASSIFICATION_TAGS)
    assert effective({"p": tags}, DEFAULT_RULES).get("p").index is IndexTreatment.LEAVE_OUT


def test_the_strictest_rule_wins_whatever_the_order():
    loose, strict = rule("A.One"), rule("A.Two", IndexTreatment.LEAVE_OUT, True, 30)
    middle = rule("A.Three", IndexTreatment.MASK, False, 10)
    for tags in (["A.One", "A.Two", "A.Three"], ["A.Three", "A.Two", "A.One"]):
        for rules in ([loose, strict, middle], [middle, strict, loose]):
            column = effective({"c": tags}, rules).get("c")
            assert (column.masked, column.index, column.retain_days) == (True, IndexTreatment.LEAVE_OUT, 10)
            assert column.because == ("A.One", "A.Three", "A.Two")


def test_what_is_masked_is_never_indexed_as_it_is():
    access = effective({"c": ["A.One"]}, [rule("A.One", IndexTreatment.INDEX, masked=True)])
    assert access.get("c").index is IndexTreatment.MASK


def test_a_rule_for_a_whole_classification():
    access = effective({"a": ["PII.Other"], "b": ["PIIX.Other"]}, [rule("PII.*", masked=True)])
    assert access.masked_columns() == ("a",)


def test_the_shortest_retention_holds():
    rules = [rule("A.One", retain_days=90), rule("A.Two", retain_days=7)]
    assert effective({"a": ["A.One"], "b": ["A.Two"]}, rules).retain_days() == 7
    assert effective({"a": []}, rules).retain_days() is None


BASE = {"name": ["PII.Sensitive"], "price": []}


@pytest.mark.parametrize(
    ("tags", "rules"),
    [
        ({"name": [], "price": []}, DEFAULT_RULES),
        ({"name": ["PII.Sensitive"], "price": ["PII.NonSensitive"]}, DEFAULT_RULES),
        ({"name": ["PII.Sensitive", "DataKind.Password"], "price": []}, DEFAULT_RULES),
        ({"nom": ["PII.Sensitive"], "price": []}, DEFAULT_RULES),
        ({"name": ["PII.Sensitive"]}, DEFAULT_RULES),
        ({"price": [], "name": ["PII.Sensitive"]}, DEFAULT_RULES),
        (BASE, [rule("PII.Sensitive", IndexTreatment.LEAVE_OUT)]),
    ],
    ids=["tag gone", "tag more", "stricter tag", "renamed", "column gone", "reordered", "stricter rule"],
)
def test_the_fingerprint_changes_with_what_shapes_the_index(tags, rules):
    assert effective(tags, rules).fingerprint() != effective(BASE, DEFAULT_RULES).fingerprint()


@pytest.mark.parametrize(
    ("tags", "rules"),
    [
        (BASE, DEFAULT_RULES),
        ({"name": ["PII.NonSensitive"], "price": []}, DEFAULT_RULES),
        ({"name": ["PII.Sensitive"], "price": ["DataKind.Location"]}, DEFAULT_RULES),
        (BASE, [rule("PII.Sensitive", IndexTreatment.MASK, masked=False, retain_days=5)]),
    ],
    ids=["the same", "another tag as strict", "a tag without a rule", "who sees it, how long"],
)
def test_the_fingerprint_stays_with_all_else(tags, rules):
    fingerprint = effective(tags, rules).fingerprint()
    assert fingerprint == effective(BASE, DEFAULT_RULES).fingerprint()
    assert len(fingerprint) == 16


def test_masks_leak_nothing():
    assert len({mask_value(value) for value in ("a", "a much longer value", 1, 2.5, True, None, "")}) == 1


def test_rows_are_masked_column_by_column():
    access = effective(BASE, DEFAULT_RULES)
    row = {"name": "Anna Berg", "price": 3}
    assert mask(row, access, view_pii=False) == {"name": "••••", "price": 3}
    assert mask(row, access, view_pii=True) == row


def test_what_nothing_was_decided_about_is_closed():
    access = effective(BASE, DEFAULT_RULES)
    assert mask({"new": "x"}, access, view_pii=False) == {"new": "••••"}
    with pytest.raises(KeyError):
        access.get("new")


def test_tags_of_a_kind():
    assert tags_for("EMAIL", DEFAULT_CLASSIFICATION_TAGS) == (
        "PII.Sensitive",
        "PersonalData.Personal",
        "DataKind.Email",
    )
    assert tags_for("PHONE", DEFAULT_CLASSIFICATION_TAGS, personal=False) == ("DataKind.Phone",)
    assert tags_for("NONE", DEFAULT_CLASSIFICATION_TAGS) == ()


def test_one_line_changes_what_a_kind_is_tagged():
    mapping = {**DEFAULT_CLASSIFICATION_TAGS, "PERSON": ("PII.PersonalData",)}
    assert tags_for("PERSON", mapping) == ("PII.PersonalData",)


def test_every_tag_of_the_mapping_and_the_rules_exists():
    known = {f"{group.name}.{tag.name}" for group in CLASSIFICATIONS for tag in group.tags}
    used = {tag for tags in DEFAULT_CLASSIFICATION_TAGS.values() for tag in tags}
    assert used | {rule.tag for rule in DEFAULT_RULES} <= known


def test_exclusive_groups_give_one_tag_at_most():
    exclusive = {group.name for group in CLASSIFICATIONS if group.mutually_exclusive}
    for tags in DEFAULT_CLASSIFICATION_TAGS.values():
        groups = [tag.partition(".")[0] for tag in tags]
        assert all(groups.count(group) <= 1 for group in exclusive)


def test_a_file_is_as_sensitive_as_its_most_sensitive_column() -> None:
    columns = [
        (("PII.NonSensitive", "PersonalData.Personal", "DataKind.Location"), ("PII.NonSensitive",)),
        (("PII.Sensitive", "PersonalData.SpecialCategory"), ()),
        (("PII.None",), ("PII.None",)),
    ]
    assert strictest(columns) == (("PII.Sensitive", "PersonalData.SpecialCategory"), ())
    assert strictest(columns[:1]) == (("PII.NonSensitive", "PersonalData.Personal"), ("PII.NonSensitive",))
    assert strictest(columns[2:]) == ((), ())
    assert strictest([(("PII.Address",), ()), (("PII.Sensitive",), ())]) == (("PII.Address",), ())
