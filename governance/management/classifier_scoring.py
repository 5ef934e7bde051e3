"""Measures a classifier on labelled tables: predictions, precision, recall, sensitivity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from governance.classifier import Finding
from governance.policies import tags_for

ANY_KIND = "any personal kind"


@dataclass(frozen=True, slots=True)
class Label:
    """One row of labels.csv. `entities`, `sensitivities`: all correct answers, the strictest first.

    An entity may also be the last part of a tag's name that must be found (SpecialCategory), or ANY_KIND.
    """

    file: str
    column: str
    entities: tuple[str, ...]
    sensitivities: tuple[str, ...]
    doubtful: bool

    @property
    def personal(self) -> bool:
        return self.entities[0] != "NONE"


@dataclass(frozen=True, slots=True)
class Prediction:
    """`sensitivity`: Sensitive, NonSensitive or None. `recogniser`: empty for entity NONE. `tags`: the last
    parts of the finding's tags, such as SpecialCategory.
    """

    file: str
    column: str
    entity: str
    sensitivity: str
    confidence: float
    recogniser: str = ""
    tags: frozenset[str] = frozenset()

    def answers(self) -> set[str]:
        """All entities of a prediction that labels may use, in lower case."""
        said = {self.entity.casefold(), *map(str.casefold, self.tags)}
        return said | {ANY_KIND} if self.entity != "NONE" else said


@dataclass(frozen=True, slots=True)
class Judgement:
    label: Label
    prediction: Prediction

    @property
    def entity_right(self) -> bool:
        return not self.prediction.answers().isdisjoint(map(str.casefold, self.label.entities))

    @property
    def sensitivity_right(self) -> bool:
        return self.prediction.sensitivity in self.label.sensitivities


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of columns. A wrong kind of personal data is both a false alarm and a miss."""

    columns: int
    right_alarms: int
    false_alarms: int
    missed: int
    sensitivity_right: int
    entity_right: int

    @property
    def precision(self) -> float:
        return _ratio(self.right_alarms, self.right_alarms + self.false_alarms)

    @property
    def recall(self) -> float:
        return _ratio(self.right_alarms, self.right_alarms + self.missed)

    @property
    def f1(self) -> float:
        return _ratio(2 * self.precision * self.recall, self.precision + self.recall)

    @property
    def sensitivity_accuracy(self) -> float:
        return _ratio(self.sensitivity_right, self.columns)

    @property
    def entity_accuracy(self) -> float:
        return _ratio(self.entity_right, self.columns)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def predict(file: str, findings: Sequence[Finding], mapping: dict[str, tuple[str, ...]]) -> list[Prediction]:
    """Findings as labels express them. For free text, the most certain kind that it mentions."""
    return [_prediction(file, finding, mapping) for finding in findings]


def _prediction(file: str, finding: Finding, mapping: dict[str, tuple[str, ...]]) -> Prediction:
    tags = tags_for(finding.entity, mapping, finding.personal)
    return Prediction(
        file,
        finding.column,
        finding.evidence.mentions[0] if finding.evidence.mentions else finding.entity,
        _sensitivity(tags),
        finding.confidence,
        finding.evidence.recogniser or "",
        frozenset(tag.partition(".")[2] for tag in tags if not tag.startswith("PII.")),
    )


def _sensitivity(tags: Iterable[str]) -> str:
    held = {tag.partition(".")[2] for tag in tags if tag.startswith("PII.")}
    return next((level for level in ("Sensitive", "NonSensitive") if level in held), "None")


def judge(labels: Iterable[Label], predictions: Iterable[Prediction]) -> list[Judgement]:
    """Labels whose column was not predicted count as NONE."""
    by_column = {(p.file, p.column): p for p in predictions}
    return [Judgement(label, by_column.get((label.file, label.column)) or _unseen(label)) for label in labels]


def _unseen(label: Label) -> Prediction:
    return Prediction(label.file, label.column, "NONE", "None", 0.0)


def score(judgements: Sequence[Judgement]) -> Score:
    """An alarm is right if its kind is among the accepted. A column is missed if the strictest answer is a
    kind of personal data and the prediction, even NONE, is not among the accepted.
    """
    alarms = [j for j in judgements if j.prediction.entity != "NONE"]
    return Score(
        columns=len(judgements),
        right_alarms=sum(j.entity_right for j in alarms),
        false_alarms=sum(not j.entity_right for j in alarms),
        missed=sum(j.label.personal and not j.entity_right for j in judgements),
        sensitivity_right=sum(j.sensitivity_right for j in judgements),
        entity_right=sum(j.entity_right for j in judgements),
    )


def share_by_recogniser(judgements: Iterable[Judgement]) -> dict[str, tuple[int, int]]:
    """Recogniser -> right alarms, wrong alarms; "(none)" for columns left untagged."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for judgement in judgements:
        name = judgement.prediction.recogniser or "(none)"
        (right if judgement.entity_right else wrong)[name] += 1
    return {name: (right[name], wrong[name]) for name in sorted({*right, *wrong})}
