"""English that many questions share: words without weight, words of one meaning, peoples, outcomes."""

from __future__ import annotations

from promptiq.exact.words import stem


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _ordered(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in text.split())


def _stems(text: str) -> frozenset[str]:
    return frozenset(_ordered(text))


# Words that say nothing about rows by themselves; operators among them are read before.
STOP = word_set(
    """a an the this that these those of in on at to for from by with as is are was were be been being
        do does did has have had having and or but nor not no than then there here it its they them their
        he his him she her hers i me my we our you your who whom whose which what when where why how many
        much if so such both each every any all some most more least less fewer only also just ever can
        could would will shall should may might must please tell me give show list name find out up per
        between among during through throughout into over under above below about after before until
        since while within without against along across off other others another else except besides
        aside same next previous upon via onto one ones first last including included include whether
        either neither too very exactly actually still yet let know want us total combined altogether
        overall"""
)

# Verbs and nouns around what a question means: left over, they do not make a plan doubtful.
SOFT = _stems(
    """win won earn score receive get got gain obtain take took make made play compete complete achieve
    finish come go be become occur happen exist appear list listed show record give hold place placed rank
    ranked number amount count total sum value time times table chart data information row entry item
    statistic report present according include contain combine altogether together overall entire whole
    different distinct unique various several thing type kind name call title participate part serve
    belong locate found feature represent end begin start run use see say know consist difference compare
    comparison greater great high low large small big long short old young early late recent top bottom
    best worst good bad equal average mean maximum minimum max min range positive negative consecutive
    straight column figure level case result current currently period single actual least fewest most
    amongst following consider immediately right directly chronologically alphabetical ever once history
    world international national official document note indicate state provide register mention
    accumulate collect score reach average percentage percent same exceed surpass top tie tied occasion
    instance many length""",
)

# Words for the same thing. A question's word finds a header that is another of its group.
_GROUPS = (
    "country nation nationality noc",
    "player name person athlete driver rider competitor participant contestant man woman member artist "
    "individual winner actor cyclist swimmer golfer skier candidate politician character guy official",
    "team club squad side",
    "city town location place venue site",
    "location place venue stadium arena site where ground",
    "year season date",
    "date day when time",
    "film movie title",
    "song track single title",
    "album title release",
    "book novel title",
    "show series program title",
    "title name",
    "game match title",
    "score result points",
    "point pts",
    "attendance spectator crowd attendee audience",
    "population people inhabitant resident",
    "opponent opposition opposing rival against",
    "price cost fee value",
    "position place placed rank finish pos ranking standing result",
    "game match fixture",
    "race event round",
    "tournament competition event championship",
    "duration length time",
    "party affiliation",
    "school college university institution",
    "race grand prix",
    "win victory won",
    "los defeat loss lost",
    "draw tie tied drawn",
    "release publish issue debut",
    "note remark comment description",
    "vote ballot",
    "percent share %",
    "language tongue",
    "company manufacturer maker brand producer",
    "district constituency county region province",
    "role character part",
    "award honor prize",
    "bronze third",
    "gold first",
    "silver second",
    "born birth birthdate",
    "height tall elevation",
    "seat capacity",
    "employee staff worker",
    "state province",
    "goal score",
    "origin nationality country",
    "airline carrier",
    "station channel network",
    "salary wage pay earn income",
    "quantity sell",
    "customer client buyer",
    "sale revenue turnover",
    "amount revenue turnover",
    "sale sell",
    "buy purchase",
    "pay payment",
)
SYNONYMS: tuple[frozenset[str], ...] = tuple(_stems(group) for group in _GROUPS)


def are_synonyms(one: str, other: str) -> bool:
    return any(one in group and other in group for group in SYNONYMS)


# What a question word stands for, as stems of headers, the likeliest first.
WHO = _ordered(
    "name player person driver rider athlete winner artist candidate customer client employee member owner "
    "author team nation country club school"
)
WHERE = _ordered("location venue place city site stadium country town county state")
# What turns a word into its opposite.
NEGATIONS = ("un", "in", "non", "dis")
# Verbs of somebody who has amounts of money: not the rows are counted then.
PAYING = _stems("spend pay earn sell")
# Words of headers of ranks and numbers of rows.
RANKS = word_set("rank ranking pos position place no # number id seed nr")
# Headers of what adds up over a month, unlike a price.
ADDED_UP = _stems("amount spent spend total revenue sales turnover quantity sold")
MONEY = _stems("revenue turnover amount price cost")
# What "how much" asks for, where no column is named.
AMOUNTS = _ordered("amount spent spend total revenue sales turnover cost value price")
WHEN = _ordered("date year season day time month period founded opened")

# Peoples and what belongs to a country -> the country, where the one does not begin like the other.
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

# How a cell says the outcome of a game, by the stem of a question's verb.
OUTCOMES = {
    "win": ("w", "win", "won", "victory"),
    "los": ("l", "loss", "lost", "lose", "defeat"),
    "draw": ("d", "draw", "drawn", "t", "tie"),
    "tie": ("t", "tie", "tied", "d", "draw"),
}
