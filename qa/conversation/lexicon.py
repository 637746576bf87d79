"""Closed lists of English words, in lower case."""

from qa import people

word_set = people.word_set

BE = word_set("is are was were am")
AUXILIARIES = BE | word_set(
    "did do does has have had will would can could should shall may might must isn't aren't wasn't weren't didn't don't "
    "doesn't hasn't haven't hadn't won't wouldn't can't couldn't"
)
QUESTION_WORDS = word_set("who whom whose what which when where why how")
CONNECTIVES = word_set("and but so or also then ok okay well now plus")
PREPOSITIONS = word_set(
    "of in on at to from by with for about against between among during after before since until till over under into "
    "through near within without across along around behind beyond toward towards upon per than as like despite via "
    "because amid following according outside inside off out up down"
)
DETERMINERS = word_set(
    "the a an this that these those his her its their my your our some any no every each all both another"
)
CONJUNCTIONS = word_set("and or but that if whether while who whom which whose when where why how because than not")
HE, SHE = word_set("he him his himself"), word_set("she her hers herself")
THEY, IT = word_set("they them their theirs themselves"), word_set("it its itself")
PRONOUNS = HE | SHE | THEY | IT
POSSESSIVES = word_set("his her its their")
DEMONSTRATIVES = word_set("this that these those")
FIRST_AND_SECOND = word_set("i you we me us my your our mine yours ours myself yourself ourselves")
ADVERBS = word_set(
    "not never ever also still already just only first last finally originally once again later now today recently "
    "currently often usually always mainly mostly actually exactly officially eventually else even most more less much "
    "very too so"
)
VAGUE = word_set(
    "someone somebody anyone anybody something anything nobody nothing everyone everybody everything one ones"
)
FUNCTION = (
    AUXILIARIES
    | QUESTION_WORDS
    | CONNECTIVES
    | PREPOSITIONS
    | DETERMINERS
    | CONJUNCTIONS
    | PRONOUNS
    | ADVERBS
    | VAGUE
    | FIRST_AND_SECOND
    | word_set("there here be been being many few several other same such thus however yes no please")
)
ADJECTIVES_OF_QUANTITY = word_set(
    "many much long far old often big large tall high deep soon fast wide few quickly heavy"
)

MALE_TITLES, FEMALE_TITLES = people.MALE_TITLES, people.FEMALE_TITLES
MALE_NOUNS, FEMALE_NOUNS = people.MALE_NOUNS, people.FEMALE_NOUNS
MALE_NAMES, FEMALE_NAMES = people.MALE_NAMES, people.FEMALE_NAMES
HIS_BEFORE_NAMES, HERS_BEFORE_NAMES = MALE_TITLES | MALE_NAMES, FEMALE_TITLES | FEMALE_NAMES
PERSON_NOUNS, PERSON_TITLES = people.PERSON_NOUNS, people.PERSON_TITLES
PLACE_NOUNS = word_set(
    "city town village island lake river sea ocean mountain mount valley region province state county country capital "
    "street road avenue boulevard square park bay harbour harbor port airport bridge desert continent district hospital "
    "school university museum palace castle station building border"
)
GROUP_NOUNS = word_set(
    "government army police party ministry parliament congress senate court council company club team union commission "
    "committee group organization organisation agency authority bank church family crew band board university forces troops "
    "rebels people police authorities league association federation staff public majority"
)
EVENT_NOUNS = word_set(
    "war battle attack explosion meeting talks clash crash accident election vote strike protest earthquake flood fire "
    "treaty truce ceasefire agreement conference summit trial revolution siege invasion festival match game fighting"
)
MONTHS = word_set(
    "january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday"
)
TIME_NOUNS = MONTHS | word_set(
    "time date hour minute year month week day century decade today yesterday tomorrow morning evening night spring summer "
    "autumn winter season weekend"
)

_IRREGULAR = """
be:is are was were been, become:became, begin:began begun, bend:bent, bind:bound, bite:bit bitten, blow:blew blown,
break:broke broken, bring:brought, build:built, burn:burnt, buy:bought, catch:caught, choose:chose chosen,
come:came, deal:dealt, dig:dug, do:did done, draw:drew drawn, drink:drank drunk, drive:drove driven, eat:ate eaten,
fall:fell fallen, feed:fed, feel:felt, fight:fought, find:found, flee:fled, fly:flew flown, forbid:forbade
forbidden, forget:forgot forgotten, freeze:froze frozen, get:got gotten, give:gave given, go:went gone, grow:grew
grown, hang:hung, have:had has, hear:heard, hide:hid hidden, hold:held, keep:kept, know:knew known, lay:laid,
lead:led, learn:learnt, leave:left, lend:lent, lie:lain, lose:lost, make:made, mean:meant, meet:met, pay:paid,
ride:rode ridden, ring:rang rung, rise:rose risen, run:ran, say:said, see:saw seen, seek:sought, sell:sold,
send:sent, shake:shook shaken, shoot:shot, show:shown, shrink:shrank, sing:sang sung, sink:sank sunk, sit:sat,
sleep:slept, speak:spoke spoken, spend:spent, stand:stood, steal:stole stolen, strike:struck, swear:swore sworn,
swim:swam swum, take:took taken, teach:taught, tear:tore torn, tell:told, think:thought, throw:threw thrown,
understand:understood, wake:woke, wear:wore worn, win:won, withdraw:withdrew withdrawn, write:wrote written,
undergo:underwent undergone, overthrow:overthrew overthrown, undertake:undertook undertaken, oversee:oversaw
overseen, rebuild:rebuilt
"""
IRREGULAR = {
    form: base.strip() for base, forms in (line.split(":") for line in _IRREGULAR.split(",")) for form in forms.split()
}
PAST_ONLY = (
    frozenset(
        first
        for _, forms in (line.split(":") for line in _IRREGULAR.split(","))
        for first, *others in [forms.split()]
        if others
    )
    - AUXILIARIES
    - word_set("saw rose")
)
"""Past forms that are no participles, and hardly ever nouns."""
NOT_PAST = word_set("need feed seed weed deed heed reed speed breed indeed hundred naked sacred wicked")
UNCHANGED_PAST = word_set("set put hit cut let shut cost hurt read split spread bet quit beat cast burst shed")

VERBS = word_set(
    "take takes give gives make makes have go goes come comes say says begin begins happen become becomes get gets"
)
"""Plain forms that are hardly ever nouns, so that a noun phrase ends before them."""
