"""Words that values hold: titles, street words, genders, groups of people, and words no person is called.

Folded: lower case, no accents.
"""

from governance.recognisers.header_words import word_set

HONORIFICS = word_set(
    """
    mr mrs ms miss dr prof sir madam rev hon capt col lt sgt master mx herr frau dipl ing mme mlle m
    monsieur madame sr sra srta don dona dott ssa sig signora dhr mevr mw hr fr mag
    """
)
NAME_SUFFIXES = word_set(
    """
    jr sr ii iii iv phd md esq msc bsc mba dds dvm cpa rn
    """
)
NAME_PARTICLES = word_set(
    """
    de da di del della der den van von zu zur dos das la le el al bin ibn ben st mac mc du ten ter y e o
    """
)
# Words of organisations, products and places; one of them in a value means that it names no person.
NOT_PEOPLE = word_set(
    """
    inc incorporated llc llp ltd limited corp corporation co company gmbh ag kg ohg ug sa sas sarl srl spa
    bv nv ab oy as aps plc pty pte lda ltda group holding holdings partners services service systems
    solutions industries enterprises international global bank trust insurance foundation association
    society institute university college school academy hospital clinic center centre hotel restaurant
    cafe bar grill kitchen pizza bakery market store shop stores foods food products studio studios
    records media press club team airport municipal regional field airfield county city town station park
    lake river mountain island beach bridge street road avenue church museum library theater theatre
    department ministry office agency bureau council committee commission district engineering consulting
    technologies technology software data science manager engineer analyst director assistant officer
    specialist representative administrator developer consultant coordinator technician supervisor nurse
    teacher accountant designer scientist chef express logistics shipping transport motors auto energy
    electric power oil gas mining steel chemical pharma pharmaceuticals labs laboratory the and und et y &
    of with for from mix pack set kit box bottle sauce coffee tea beer wine chocolate cheese cream soup
    salad chicken beef rice bread milk sugar oil fruit edition version model series pro plus max mini
    ultra premium deluxe classic original unknown other none yes no true false male female north south
    east west northern southern eastern western new old red blue green yellow black-and-white active
    inactive pending closed open standard basic gold silver
    """
)
STREET_WORDS = word_set(
    """
    street st str road rd avenue ave av avda avenida boulevard blvd bd drive dr lane ln way court ct place
    pl square sq terrace ter parkway pkwy highway hwy circle cir trail trl crescent cres close grove
    gardens junction crossing point pass alley plaza loop row walk mews hill park apt suite unit floor
    block sector rue allee chemin impasse quai route cours passage strasse gasse weg platz ring damm ufer
    chaussee berg calle c/ carrera camino paseo ronda travesia glorieta carretera via viale piazza corso
    vicolo largo strada rua avenida travessa praca alameda estrada straat laan plein gracht kade dreef
    steeg gatan vagen vej gade gata vei ulica ul ulice utca
    """
)
STREET_ENDS = tuple(
    word_set(
        """
        strasse str. str gasse weg platz allee damm ufer straat laan gracht plein kade gatan vagen vej gade
        gata veien katu tie utca ring stig backen
        """
    )
)
GENDER_WORDS = word_set(
    """
    male female m f man woman men women boy girl male/female non-binary nonbinary nb x other diverse
    divers d w mannlich weiblich mann frau homme femme masculin feminin h hombre mujer masculino femenino
    v varon hembra maschio femmina uomo donna feminino homem mulher vrouw man mannelijk vrouwelijk kvinna
    kvinne kvinde mand transgender trans genderqueer genderfluid agender bigender polygender transmale
    transfemale u unknown prefer-not-to-say undisclosed unspecified male. female. masc fem mies nainen
    mezczyzna kobieta k genderless
    """
)
# Words that name a gender on their own, so that no header is needed.
GENDER_PROOF = (
    word_set("male man mann herr homme monsieur hombre maschio masculino homem uomo masculin mannelijk"),
    word_set("female woman frau femme madame vrouw kvinna weiblich mujer femmina femenino mulher donna"),
)
GENDER_PROOF_WORDS = frozenset().union(*GENDER_PROOF)
# Names of months and weekdays, among them April, May, June, August, Summer.
CALENDAR_WORDS = word_set(
    """
    january february march april may june july august september october november december jan feb mar apr
    jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues
    wed thu thur thurs fri sat sun spring summer autumn fall winter januar februar marz mai juni juli
    oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag janvier fevrier mars avril
    juin juillet aout septembre octobre novembre decembre lundi mardi mercredi jeudi vendredi samedi
    dimanche enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre lunes
    martes miercoles jueves viernes sabado domingo gennaio febbraio aprile maggio giugno luglio settembre
    ottobre dicembre lunedi martedi mercoledi giovedi venerdi domenica janeiro fevereiro marco maio junho
    julho setembro outubro dezembro
    """
)
GROUPS_OF_PEOPLE = word_set(
    """
    white black asian hispanic latino latina caucasian african african-american native pacific islander
    mixed biracial multiracial indian inuit eskimo arab roma other two more races asian-pac-islander
    amer-indian-eskimo american alaska alaskan hawaiian non-hispanic/latino non-hispanic middle eastern
    ethnic group any background christian catholic protestant orthodox muslim islam islamic jewish judaism
    hindu hinduism buddhist buddhism sikh sikhism atheist agnostic evangelical lutheran methodist baptist
    mormon none no religion christianity roman church evangelisch katholisch romisch-katholisch ohne
    muslimisch judisch catholique musulman juif democrat democratic republican independent libertarian
    green conservative labour liberal socialist communist spd cdu csu fdp grune linke afd dem rep ind
    unaffiliated party d r i heterosexual homosexual bisexual gay lesbian straight
    """
)
# Headers of tables about animals and plants.
ANIMAL_WORDS = word_set("species breed genus animal animals pet petname wildlife strain cultivar herd litter")
