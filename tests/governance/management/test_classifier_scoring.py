"""How the figures of the classifier are counted."""

from governance.management.classifier_scoring import Label, Prediction, judge, score, share_by_recogniser


def label(column, *entities, sensitivities=("Sensitive",), doubtful=False):
    return Label("t.csv", column, entities, sensitivities, doubtful)


def said(column, entity, sensitivity="Sensitive", recogniser="r"):
    return Prediction("t.csv", column, entity, sensitivity, 0.9, recogniser)


def test_counts():
    labels = [
        label("right", "EMAIL"),
        label("accepted", "AGE", "NONE", sensitivities=("NonSensitive", "None")),
        label("other kind", "PHONE"),
        label("missed", "PERSON"),
        label("false alarm", "NONE", sensitivities=("None",)),
        label("rightly none", "NONE", sensitivities=("None",)),
    ]
    predictions = [
        said("right", "EMAIL"),
        said("accepted", "NONE", "None", ""),
        said("other kind", "EMAIL"),
        said("false alarm", "PERSON"),
        said("rightly none", "NONE", "None", ""),
    ]
    judgements = judge(labels, predictions)
    result = score(judgements)
    assert (result.columns, result.right_alarms, result.false_alarms, result.missed) == (6, 1, 2, 2)
    assert result.precision == 1 / 3
    assert result.recall == 1 / 3
    assert result.sensitivity_right == 4
    assert share_by_recogniser(judgements) == {"(none)": (2, 1), "r": (1, 2)}


def test_nothing_said_and_nothing_asked():
    result = score([])
    assert (result.precision, result.recall, result.f1) == (0.0, 0.0, 0.0)
