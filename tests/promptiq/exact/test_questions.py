"""Families of questions, each over tables of other topics: from the words to the answer."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from governance.policies import Access
from promptiq.exact import Ambiguous, Plan, Result, Schema, plan, run
from tests.promptiq.exact.tables import TABLES, open_schema, written

QUESTIONS = [
    # counting
    ("lighthouses", "How many lighthouses are in Scotland?", "2"),
    ("lighthouses", "how many lighthouses show a white light?", "4"),
    ("lighthouses", "how many lighthouses were built after 1850?", "4"),
    ("lighthouses", "how many lighthouses are at least 30 m in height?", "3"),
    ("libraries", "how many branches are in Bramley?", "2"),
    ("libraries", "how many towns are on the list?", "4"),
    ("libraries", "how many branches have no members?", "1"),
    ("chess", "how many players had more than four wins?", "3"),
    ("chess", "what is the number of players with exactly 2 draws?", "3"),
    ("matches", "how many times did they play the Larks?", "2"),
    ("matches", "how many games did they win?", "4"),
    ("matches", "how many matches were lost at home?", "1"),
    ("plays", "how many plays did Mary Quill direct?", "3"),
    ("receipts", "how many products are supplied by Oatfields?", "3"),
    ("matches", "how many matches took place in March 2016?", "3"),
    ("plays", "how many plays had between 20 and 50 performances?", "3"),
    # looking up a cell
    ("lighthouses", "how many visitors did The Needle have?", "21075"),
    ("lighthouses", "what is the height of Saltwick?", "31 m"),
    ("libraries", "in which town is the Harbour branch?", "Dunmore"),
    ("libraries", "what percentage of loans does Hilltop have?", "20.0%"),
    ("chess", "how many points did Eva Novak score?", "4.5"),
    ("chess", "which club does Gus Hart play for?", "Kings"),
    ("plays", "who directed Paper Kings?", "Ines Vidal"),
    ("plays", "in what year was Small Mercies performed?", "2004"),
    ("receipts", "what is the price of the plum tart?", "£4.50"),
    # superlatives and places
    ("lighthouses", "which lighthouse is the tallest?", "The Needle"),
    ("lighthouses", "what is the oldest lighthouse?", "The Needle"),
    ("lighthouses", "which Welsh lighthouse had the most visitors?", "Stony Head"),
    ("libraries", "which branch has the most books?", "Central"),
    ("libraries", "which branch has the second most loans?", "Hilltop"),
    ("libraries", "what is the smallest number of members of any branch?", "0"),
    ("chess", "who had the fewest losses among the players of Northgate?", "Dmitri Orlov (UKR)"),
    ("matches", "who was the opponent at the highest attendance?", "Wrens"),
    ("matches", "what was the lowest attendance?", "760"),
    ("plays", "which play had the longest running time?", "The Long Field"),
    ("plays", "which director has the most plays?", "Mary Quill"),
    ("receipts", "which product is the most expensive?", "Plum tart"),
    ("chess", "who came in second place?", "Bo Lindqvist (SWE)"),
    # sums and averages
    ("lighthouses", "what is the total number of visitors in England?", "16300"),
    ("libraries", "how many books do Riverside and Meadow have combined?", "33500"),
    ("libraries", "what is the total number of members of all branches?", "20800"),
    ("chess", "what is the average number of wins?", "3.625"),
    ("chess", "how many wins and draws did Cara Doyle have in total?", "7"),
    ("receipts", "how many biscuits were sold?", "805"),
    # differences and comparisons
    ("lighthouses", "what is the difference in height between Stony Head and Old Tom?", "18"),
    ("libraries", "how many more loans does Central have than Hilltop?", "48000"),
    ("chess", "what is the difference between the highest and lowest number of points?", "6.5"),
    ("libraries", "did Meadow or Harbour have more members?", "Meadow"),
    ("lighthouses", "which is older, Gull Point or Saltwick?", "Gull Point"),
    ("chess", "did Femi Ade win more games than Eva Novak?", "no"),
    ("lighthouses", "which lighthouses had more visitors than Stony Head?", "The Needle"),
    ("chess", "how many players have fewer losses than Cara Doyle?", "3"),
    ("lighthouses", "which lighthouse has the same number of visitors as Saltwick?", "Gull Point"),
    ("chess", "how many other players had the same number of draws as Ana Ruiz?", "2"),
    ("harvests", "how many places picked the same amount of pears as Wick?", "1"),
    ("harvests", "what is the total number of times apples were above 6?", "3"),
    ("harvests", "what is the total number of plums picked?", "22"),
    ("harvests", "how many tons did Oakford pick in total?", "21"),
    ("harvests", "which village had 12 apples but no pears?", "Oakford"),
    # before, after, first, last
    ("matches", "who did they play after the Wrens?", "Swifts"),
    ("plays", "which play came before Small Mercies?", "Paper Kings"),
    ("chess", "who is listed directly below Eva Novak?", "Femi Ade (NGR)"),
    ("plays", "what was the first play at the Garden?", "Small Mercies"),
    ("plays", "what was the last play directed by Jon Abel?", "The Long Field"),
    ("matches", "when was the first home match?", "5 March 2016"),
    ("chess", "who is listed after rank number 5?", "Femi Ade (NGR)"),
    # conditions of several kinds
    ("matches", "how many games did not have the Larks or the Swifts as opponent?", "3"),
    ("matches", "how many games' attendance was under 1000?", "3"),
    ("plays", "total plays at the Garden or the Court?", "4"),
    ("libraries", "which town has the most branches?", "Ashford|Bramley"),
    ("lighthouses", "which lighthouse in Craig Isle was built in 1877?", "Bell Rock East"),
    ("lighthouses", "what is the only lighthouse with a green light?", "Old Tom"),
    ("lighthouses", "besides Gull Point, which lighthouse is in England?", "Saltwick"),
    ("libraries", "which branches opened before 1970?", "Central|Hilltop"),
    ("libraries", "which branch in Ashford has fewer than 5000 members?", "Riverside"),
    ("chess", "which player had no draws?", "Gus Hart (USA)"),
    ("receipts", "which products cost less than £1?", "Seed roll|Oat biscuit|Ginger snap"),
    ("receipts", "which product has no supplier?", "Lemon slice"),
    ("plays", "how many consecutive years did Winter Harvest run?", "1"),
    ("matches", "did they play the Wrens at home?", "yes"),
    # groups with their figures, the greatest first
    ("subscribers", "average spent by town", "Bramley: 1366.75|Ashford: 1275.25|Colne: 1183.58"),
    ("subscribers", "number of members per town", "Bramley: 3|Colne: 3|Ashford: 2"),
    ("subscribers", "how many members does each town have?", "Bramley: 3|Colne: 3|Ashford: 2"),
    ("subscribers", "total spent per plan", "gold: 7550.5|family: 2220.75|basic: 430.25"),
    ("subscribers", "visits for each plan", "gold: 34|family: 14|basic: 8"),
    ("subscribers", "median visits by plan", "gold: 12|family: 7|basic: 3"),
    ("subscribers", "highest spent per town", "Bramley: 3100|Ashford: 2400.5|Colne: 2050"),
    ("subscribers", "average visits of insured members by town", "Bramley: 14|Ashford: 12|Colne: 6"),
    ("subscribers", "percentage of members by plan", "gold: 37.5%|basic: 37.5%|family: 25%"),
    ("subscribers", "how many members joined per year", "2021: 3|2019: 2|2020: 1|2022: 1|2023: 1"),
    ("subscribers", "average spent per member", "1275.1875"),
    ("receipts", "average price by category", "Cake: 3.63|Bread: 2.03|Biscuit: 0.6"),
    ("receipts", "total sold per category", "Biscuit: 805|Bread: 550|Cake: 185"),
    # which group, by its figure
    ("subscribers", "which plan has the highest average visits?", "gold"),
    ("subscribers", "which town has the lowest total spent?", "Ashford"),
    ("subscribers", "top 2 plans by spent", "gold|family"),
    # columns of yes and no
    ("subscribers", "how many members are insured?", "4"),
    ("subscribers", "how many members are not insured?", "4"),
    ("subscribers", "how many uninsured members are in Colne?", "2"),
    ("subscribers", "which insured members are in Bramley?", "M03|M05"),
    # shares and medians
    ("subscribers", "what percentage of members are insured?", "50%"),
    ("subscribers", "what share of members in Colne is insured?", "33.33%"),
    ("subscribers", "percentage of members that are in Ashford", "25%"),
    ("subscribers", "what share of total spent comes from Ashford?", "25%"),
    ("subscribers", "median spent", "1110.375"),
    ("subscribers", "what is the median number of visits in Bramley?", "8"),
    # verbs in other forms than the column's name, and "how much"
    ("subscribers", "how much did members in Ashford spend in total?", "2550.5"),
    ("receipts", "how many rye loafs did they sell?", "140"),
    # numbers and years beside the column they speak of
    ("subscribers", "which members in Colne spent over 2000?", "M06"),
    ("subscribers", "how many members spent more than 2020?", "3"),
    ("subscribers", "how many members joined after 2020?", "5"),
    ("subscribers", "how many members had their last visit in 2023?", "2"),
    ("subscribers", "members who joined after 2020 and spent over 1000", "Gia Wells"),
    ("subscribers", "how many members had their last visit before 1 June 2023?", "1"),
    # the whole table
    ("subscribers", "How many rows are there?", "8"),
    ("subscribers", "how many records", "8"),
    ("subscribers", "How many members are there?", "8"),
    ("subscribers", "list all plans", "gold|basic|family"),
    ("subscribers", "sum of spent where plan is basic", "430.25"),
    ("subscribers", "most recent member", "M07"),
]


@cache
def table(name: str, folder: Path) -> tuple[Schema, Path]:
    parquet = written(folder, name, TABLES[name])
    return open_schema(parquet), parquet


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def answer(name: str, question: str, shelf: Path) -> tuple[str, ...] | Plan | Ambiguous | None:
    schema, parquet = table(name, shelf)
    made = plan(question, schema)
    if not isinstance(made, Plan):
        return made
    result = run(made, schema, parquet, Access(()), view_pii=True)
    assert isinstance(result, Result)
    return result.values


@pytest.mark.parametrize(("name", "question", "expected"), QUESTIONS)
def test_the_answer_is_computed(name: str, question: str, expected: str, shelf: Path) -> None:
    assert answer(name, question, shelf) == tuple(expected.split("|"))


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("lighthouses", "who painted the doors of the keeper's cottage?"),
        ("libraries", "which branch manager was born in Lisbon?"),
        ("chess", "what is the weather like today?"),
        ("receipts", "why did flour become dearer?"),
        ("matches", "who scored the winning goal against Exeter in extra time?"),
        ("plays", "hello"),
        # a figure over all rows, or a cell, would answer something else
        ("subscribers", "total spent by region"),
        ("subscribers", "what is the correlation between visits and spent?"),
        ("subscribers", "ratio of visits to spent"),
        ("subscribers", "trend of spent"),
        ("subscribers", "spent compared with visits"),
        ("subscribers", "median town"),
        ("subscribers", "average town"),
        ("subscribers", "what percentage of members in Colne complained?"),
        ("subscribers", "number of complaints per town"),
        ("subscribers", "how much do members in Colne weigh on each visit?"),
        ("subscribers", "how much do members in Colne owe?"),
        ("subscribers", "how many overdue members are there?"),
        ("subscribers", "how many members were there in 2023?"),
    ],
)
def test_what_the_table_does_not_say_is_not_answered(name: str, question: str, shelf: Path) -> None:
    assert answer(name, question, shelf) is None
