"""What a reader who may not see a column can compute with it: figures over five rows and more."""

from pathlib import Path

import pytest

from governance.policies import Access, IndexTreatment, Rule, effective
from promptiq.exact import THRESHOLD, NotPermitted, Plan, Result, Schema, describe, plan, run
from promptiq.exact.operation_table import OPERATIONS
from promptiq.exact.plans import Compare, Filter, Group, Minus, Operation, Order, Step

ROWS = 12
TOLD_WITH_NOISE = (Operation.SUM, Operation.AVERAGE)
RULES = [Rule("PII.Sensitive", IndexTreatment.MASK, masked=True, retain_days=None, note="")]
ACCESS = effective({"Name": ["PII.Sensitive"], "Town": [], "Salary": ["PII.Sensitive"], "Age": []}, RULES)


@pytest.fixture
def staff(tmp_path: Path) -> Path:
    from tests.promptiq.exact.tables import written

    lines = [f"Person {n},{'Ashford' if n < 6 else 'Bramley' if n < 11 else 'Colne'},{1000 + n},{20 + n}"
             for n in range(ROWS)]  # fmt: skip
    return written(tmp_path, "staff", "Name,Town,Salary,Age\n" + "\n".join(lines) + "\n")


def outcome(staff: Path, made: Plan, access: Access = ACCESS) -> Result | NotPermitted:
    return run(made, describe(staff, ACCESS), staff, access)


def masked_schema(staff: Path) -> Schema:
    return describe(staff, ACCESS)


def test_a_schema_holds_no_value_of_a_masked_column(staff: Path) -> None:
    schema = masked_schema(staff)
    assert schema.get("Name").values == ()
    assert schema.get("Name").distinct == 0
    assert "Person" not in repr(schema)
    assert "1003" not in repr(schema)


@pytest.mark.parametrize("operation", [Operation.SUM, Operation.AVERAGE])
def test_figures_are_never_computed_without_noise(staff: Path, operation: Operation) -> None:
    refused = outcome(staff, Plan(operation, ("Salary",)))
    assert isinstance(refused, NotPermitted)
    assert refused.column == "Salary"
    assert "noise" in refused.reason


@pytest.mark.parametrize(
    "made",
    [
        Plan(Operation.LOOKUP, ("Salary",)),
        Plan(Operation.COUNT, (), (Filter("Salary", Compare.MORE, mean=True),)),
        Plan(Operation.GROUP, group=Group("Town", second="Name", order="most", within=True)),
        Plan(Operation.GROUP, group=Group("Town", "sum", "Salary", second="Age", order="most", within=True)),
        Plan(Operation.GROUP, group=Group("Town", "sum", "Salary", having=Compare.MORE, threshold="5")),
        Plan(Operation.COUNT, ("Name",)),
        Plan(Operation.COUNT, (), (Filter("Name", Compare.HAS, ("person 1",)),)),
        Plan(Operation.COUNT, (), (Filter("Salary", Compare.MORE, ("1005",)),)),
        Plan(
            Operation.COUNT, (), (Filter("Age", Compare.MORE, other=(Filter("Name", Compare.IS, ("x",)),)),)
        ),
        Plan(Operation.LOOKUP, ("Town",), order=Order(("Salary",), descending=True)),
        Plan(Operation.LOOKUP, ("Town",), step=Step("Salary", 1)),
        Plan(Operation.GROUP, ("Name",), group=Group("Name", order="most")),
        Plan(Operation.GROUP, ("Town",), group=Group("Town", "average", "Salary", order="most")),
        Plan(Operation.GROUP, ("Town",), group=Group("Town", "sum", "Salary", figures=True)),
        Plan(Operation.GROUP, ("Town",), group=Group("Town", "count", "Name", figures=True)),
        Plan(Operation.GROUP, ("Name",), group=Group("Name", figures=True)),
        Plan(Operation.SHARE, ("Salary",), (Filter("Town", Compare.IS, ("Ashford",)),)),
        Plan(Operation.SHARE, (), (Filter("Salary", Compare.MORE, ("1005",)),)),
        Plan(Operation.SHARE, (), (), base=(Filter("Name", Compare.HAS, ("person 1",)),)),
        Plan(
            Operation.DIFFERENCE,
            operands=(Plan(Operation.SUM, ("Salary",)), Plan(Operation.SUM, ("Salary",), ())),
        ),
        *(Plan(each, ("Age", "Salary")) for each in OPERATIONS if each not in TOLD_WITH_NOISE),
        *(Plan(each, ("Salary",)) for each in OPERATIONS if each not in TOLD_WITH_NOISE),
        *(
            Plan(Operation.GROUP, group=Group("Town", each.value, "Salary", figures=True))  # type: ignore[arg-type]
            for each, entry in OPERATIONS.items()
            if entry.grouped
        ),
        Plan(Operation.MISSING, ("Name",)),
        Plan(Operation.GAPS, ("Town", "Name")),
        Plan(Operation.GROUP, group=Group("Salary", part="1000", figures=True)),
        Plan(Operation.COUNT, (), (Filter("Age", Compare.MORE, to="Salary"),)),
        *(Plan(each, (Minus("Age", "Salary"),)) for each in (Operation.SUM, Operation.AVERAGE)),
        *(
            Plan(each, operands=(Plan(Operation.COUNT), Plan(Operation.SUM, ("Salary",))))
            for each in (Operation.RATIO, Operation.PERCENT, Operation.GROWTH, Operation.SEVERAL)
        ),
        *(
            Plan(Operation.COUNT, (), (Filter("Name", each, ("p",)),))
            for each in (Compare.STARTS, Compare.ENDS)
        ),
        Plan(Operation.COUNT, (), (Filter("Age", Compare.LESS, to="Salary"),)),
        Plan(
            Operation.COUNT,
            (),
            (Filter("Age", Compare.MORE, ("5",), either=(Filter("Name", Compare.EMPTY),)),),
        ),
        Plan(Operation.LOOKUP, ("Town",), order=Order(("Age",), within="Name")),
        Plan(Operation.LOOKUP, ("Town",), order=Order((Minus("Salary", "Age"),))),
        Plan(Operation.GROUP, ("Town",), group=Group("Town", second="Name", figures=True)),
        Plan(Operation.GROUP, ("Town",), group=Group("Town", "sum", "Age", over="Salary", figures=True)),
        Plan(
            Operation.GROUP,
            ("Town",),
            group=Group("Town", "rate", figures=True),
            base=(Filter("Salary", Compare.MORE, ("1005",)),),
        ),
    ],
)
def test_nothing_else_is(staff: Path, made: Plan) -> None:
    refused = outcome(staff, made)
    assert isinstance(refused, NotPermitted)
    assert refused.column in {"Name", "Salary"}


def test_a_column_that_nothing_is_known_of_is_hidden(staff: Path) -> None:
    refused = outcome(staff, Plan(Operation.LOOKUP, ("Age",)), Access(()))
    assert refused == NotPermitted("Age", refused.reason if isinstance(refused, NotPermitted) else "")


@pytest.mark.parametrize(
    "question",
    [
        "what is the salary of Person 3?",
        "does her name start with P?",
        "who has the highest salary?",
        "what is the lowest salary in Bramley?",
        "how many different names are there?",
        "average salary by town",
        "total salary per name",
        "number of rows by salary",
        "which town has the highest average salary?",
        "median salary",
        "median salary in Ashford",
        "what share of salary comes from Ashford?",
        "what percentage of rows have a salary over 1005?",
        "list all salaries",
    ],
)
def test_questions_for_masked_values_give_none(staff: Path, question: str) -> None:
    schema = masked_schema(staff)
    made = plan(question, schema)
    said = run(made, schema, staff, ACCESS) if isinstance(made, Plan) else None
    assert said is None or isinstance(said, NotPermitted) or said.confidence < THRESHOLD


def test_empty_cells_of_a_masked_column_do_not_make_few_rows_look_many(tmp_path: Path) -> None:
    from tests.promptiq.exact.tables import written

    lines = [f"Person {n},Ashford,{1000 if n == 3 else ''},30" for n in range(ROWS)]
    staff = written(tmp_path, "sparse", "Name,Town,Salary,Age\n" + "\n".join(lines) + "\n")
    assert isinstance(outcome(staff, Plan(Operation.AVERAGE, ("Salary",))), NotPermitted)


def test_a_masked_column_of_yes_and_no_is_a_condition_still(tmp_path: Path) -> None:
    """Rather than passed over, which would give the number of all rows as that of some."""
    from tests.promptiq.exact.tables import SUBSCRIBERS, written

    parquet = written(tmp_path, "subscribers", SUBSCRIBERS)
    names = SUBSCRIBERS.splitlines()[0].split(",")
    access = effective({name: ["PII.Sensitive"] if name == "insured" else [] for name in names}, RULES)
    schema = describe(parquet, access)
    for question in ("how many members are insured?", "what percentage of members are insured?"):
        made = plan(question, schema)
        assert isinstance(made, Plan)
        refused = run(made, schema, parquet, access)
        assert isinstance(refused, NotPermitted)
        assert refused.column == "insured"


CARD = "4111 1111 1111 1111"
PARCELS = f"""code,weight,contact,sent
P-1,4,ask anna@post.example,7
P-2,5,none,4111111111111111
{CARD},6,none,9
P-4,7,none,8
"""


@pytest.fixture
def parcels(tmp_path: Path) -> Path:
    from tests.promptiq.exact.tables import written

    return written(tmp_path, "parcels", PARCELS)


PARCEL_ACCESS = effective({"code": [], "weight": [], "contact": [], "sent": []}, RULES)


def parcel(parcels: Path, made: Plan, view_pii: bool = False) -> Result | NotPermitted:
    return run(made, describe(parcels, PARCEL_ACCESS, view_pii), parcels, PARCEL_ACCESS, view_pii)


def test_no_question_is_matched_with_a_cell_that_mentions_a_person(parcels: Path) -> None:
    schema = describe(parcels, PARCEL_ACCESS)
    assert schema.get("code").values == ("P-1", "P-2", "P-4")
    assert schema.get("contact").values == ("none",)
    assert CARD not in repr(schema)
    assert "4111111111111111" not in repr(schema)
    assert CARD in describe(parcels, PARCEL_ACCESS, view_pii=True).get("code").values


@pytest.mark.parametrize(
    ("made", "shown", "whole"),
    [
        (Plan(Operation.LOOKUP, ("code",)), ("P-1", "P-2", "••••", "P-4"), CARD),
        (Plan(Operation.MIN, ("code",)), ("••••",), CARD),
        (
            Plan(Operation.GROUP, ("contact",), group=Group("contact", figures=True)),
            ("none: 3", "ask ••••: 1"),
            "ask anna@post.example: 1",
        ),
        (Plan(Operation.MAX, ("sent",)), ("••••",), "4111111111111111"),
        (
            Plan(Operation.SUM, ("sent",), (Filter("code", Compare.IS, ("P-2",)),)),
            ("••••",),
            "4111111111111111",
        ),
        (Plan(Operation.COUNT, ("code",)), ("4",), "4"),
        (
            Plan(
                Operation.SEVERAL, operands=(Plan(Operation.MAX, ("sent",)), Plan(Operation.MAX, ("sent",)))
            ),
            ("••••", "••••"),
            "4111111111111111",
        ),
    ],
)
def test_what_is_personal_in_an_answer_is_masked_in_place(
    parcels: Path, made: Plan, shown: tuple[str, ...], whole: str
) -> None:
    for view_pii, expected in ((False, shown), (True, None)):
        result = parcel(parcels, made, view_pii)
        assert isinstance(result, Result)
        assert result.values == expected if expected else whole in result.values


@pytest.mark.parametrize(
    "condition",
    [
        Filter("code", Compare.IS, (CARD,)),
        Filter("code", Compare.IS, ("5555 5555 5555 4444",)),
        Filter("contact", Compare.HAS, ("anna@post",)),
        Filter("code", Compare.HAS, ("1111",)),
        Filter("sent", Compare.EQUAL, ("4111111111111111",)),
        Filter("sent", Compare.MORE, ("4111111111111110",)),
        Filter("weight", Compare.SAME_AS, other=(Filter("code", Compare.IS, (CARD,)),)),
    ],
)
def test_conditions_that_try_personal_data_are_refused(parcels: Path, condition: Filter) -> None:
    """Whether a cell holds it or none."""
    counted = Plan(Operation.COUNT, (), (condition,))
    for made in (counted, Plan(Operation.DIFFERENCE, operands=(counted, Plan(Operation.COUNT)))):
        refused = parcel(parcels, made)
        assert isinstance(refused, NotPermitted)
        assert "1111" not in refused.reason
        assert isinstance(parcel(parcels, made, view_pii=True), Result)


def test_how_many_cells_are_masked_alike_is_not_told(tmp_path: Path) -> None:
    from tests.promptiq.exact.tables import written

    parquet = written(tmp_path, "contacts", "code,contact\n1,anna@post.example\n2,ben@post.example\n3,none\n")
    access = effective({"code": [], "contact": []}, RULES)
    result = run(Plan(Operation.LOOKUP, ("contact",)), describe(parquet, access), parquet, access)
    assert isinstance(result, Result)
    assert result.values == ("••••", "none")


def test_other_conditions_are_not(parcels: Path) -> None:
    for condition in (
        Filter("code", Compare.IS, ("P-2",)), Filter("contact", Compare.HAS, ("none",)),
        Filter("sent", Compare.MORE, ("7",)),
    ):  # fmt: skip
        assert isinstance(parcel(parcels, Plan(Operation.COUNT, (), (condition,))), Result)
