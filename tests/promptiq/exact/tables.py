"""Small invented tables, and the way from their text to a schema and a Parquet file."""

from __future__ import annotations

from pathlib import Path

from datasets.reading import read
from governance.policies import Access
from promptiq.exact import Schema, describe

LIGHTHOUSES = """\
Name,Location,Country,Built,Height,Visitors,Light
Stony Head,Port Ash,Wales,1832,"36 m","12,400",white
Gull Point,Merrow Bay,England,1858,"22 m","8,150",red
The Needle,Craig Isle,Scotland,1790,"48 m","21,075",white
Old Tom,Port Ash,Wales,1858,"18 m",640,green
Saltwick,Hethe,England,1901,"31 m","8,150",white
Bell Rock East,Craig Isle,Scotland,1877,"27 m",0,white
"""

LIBRARIES = """\
Branch,Town,Books,Members,Loans,Opened,Share of loans
Central,Ashford,52000,9100,88000,1911,44.0%
Riverside,Ashford,18000,3200,21000,1974,10.5%
Hilltop,Bramley,24000,4100,40000,1968,20.0%
Station,Colne,9000,0,11000,2003,5.5%
Meadow,Bramley,15500,2500,25000,1989,12.5%
Harbour,Dunmore,12000,1900,15000,1999,7.5%
Total,,130500,20800,200000,,100.0%
"""

CHESS = """\
Rank,Player,Club,Wins,Draws,Losses,Pts
1,Ana Ruiz (ESP),Rook & Pawn,6,2,1,7
2,Bo Lindqvist (SWE),Kings,5,3,1,6.5
3,Cara Doyle (IRL),Rook & Pawn,5,2,2,6
3,Dmitri Orlov (UKR),Northgate,4,4,1,6
5,Eva Novak (CZE),Kings,4,1,4,4.5
6,Femi Ade (NGR),Northgate,3,2,4,4
7,Gus Hart (USA),Kings,2,0,7,2
8,Hana Sato (JPN),Free players,0,1,8,0.5
"""

MATCHES = """\
Date,Opponent,Venue,Result,Attendance
5 March 2016,Larks,Home,W 3–1,"1,204"
12 March 2016,Swifts,Away,L 0–2,980
19 March 2016,Martins,Home,W 2–0,"1,310"
2 April 2016,Larks,Away,D 1–1,870
9 April 2016,Wrens,Home,W 4–2,"1,502"
16 April 2016,Swifts,Home,L 1–3,"1,117"
7 May 2016,Martins,Away,W 1–0,760
"""

PLAYS = """\
Year,Play,Director,Theatre,Performances,Running time
1998,The Glass Orchard,Mary Quill,Lyric,42,2:15:00
1999,Winter Harvest,Jon Abel,Court,18,1:50:30
2001,A Door in the Sea,Mary Quill,Lyric,65,2:40:00
2001,Paper Kings,Ines Vidal,Court,30,1:35:10
2004,Small Mercies,Mary Quill,Garden,12,2:05:45
2008,The Long Field,Jon Abel,Lyric,51,3:01:20
2010,Ash and Amber,Ines Vidal,Garden,27,1:58:00
"""

RECEIPTS = """\
Product,Category,Price,Sold,Supplier
Rye loaf,Bread,£3.20,140,"Mill Lane, Oatfields"
Seed roll,Bread,£0.85,410,Oatfields
Plum tart,Cake,£4.50,65,Orchard Co
Lemon slice,Cake,£2.75,120,
Oat biscuit,Biscuit,£0.60,530,Oatfields
Ginger snap,Biscuit,£0.60,275,"Orchard Co, Mill Lane"
"""

HARVESTS = """\
Village,Apples,Pears,Plums,Total
Upper Ham,12,4,0,16
Nether Ham,7,7,3,17
Oakford,12,0,9,21
Tilling,5,4,8,17
Wick,0,7,2,9
"""

# Plain typed columns, as an export of a business has them: a date, whole numbers, decimals, true and false.
SUBSCRIBERS = """\
member_id,name,town,joined,last_visit,plan,visits,spent,insured,remark
M01,Ada Pike,Ashford,2019-03-02,2024-05-01,gold,12,2400.50,true,
M02,Ben Rook,Ashford,2021-07-19,2023-11-30,basic,3,150.00,false,late payer
M03,Cleo Marsh,Bramley,2020-01-08,2025-02-14,gold,20,3100.00,true,
M04,Dov Hale,Bramley,2021-11-23,,basic,1,80.25,false,moved away
M05,Elin Frost,Bramley,2022-05-05,2024-08-09,family,8,920.00,true,
M06,Finn Oake,Colne,2019-09-30,2022-12-12,gold,2,2050.00,false,
M07,Gia Wells,Colne,2023-02-17,2025-01-20,family,6,1300.75,true,
M08,Hal Stone,Colne,2021-04-04,2023-06-06,basic,4,200.00,false,
"""

TABLES = {
    "subscribers": SUBSCRIBERS,
    "harvests": HARVESTS,
    "lighthouses": LIGHTHOUSES,
    "libraries": LIBRARIES,
    "chess": CHESS,
    "matches": MATCHES,
    "plays": PLAYS,
    "receipts": RECEIPTS,
}


def written(folder: Path, name: str, text: str) -> Path:
    """The Parquet copy of a table, as an upload makes it."""
    source = folder / f"{name}.csv"
    source.write_text(text, encoding="utf-8")
    parquet = folder / f"{name}.parquet"
    read(source, parquet)
    return parquet


def open_schema(parquet: Path) -> Schema:
    """The table for a reader who may see every value."""
    return describe(parquet, Access(()), view_pii=True)
