"""Closed lists of English words, tokens with offsets, and the base form of a verb."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"(?:[A-Z]\.){2,}|\w+(?:[.,](?=\d)\d+|['’\-]\w+)*['’]?(?!\w)|[^\w\s]")
_VOWELS = "aeiou"


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


BE = _set("is are was were am")
AUXILIARIES = BE | _set(
    "did do does has have had will would can could should shall may might must isn't aren't wasn't weren't didn't don't "
    "doesn't hasn't haven't hadn't won't wouldn't can't couldn't"
)
QUESTION_WORDS = _set("who whom whose what which when where why how")
CONNECTIVES = _set("and but so or also then ok okay well now plus")
PREPOSITIONS = _set(
    "of in on at to from by with for about against between among during after before since until till over under into "
    "through near within without across along around behind beyond toward towards upon per than as like despite via "
    "because amid following according outside inside off out up down"
)
DETERMINERS = _set(
    "the a an this that these those his her its their my your our some any no every each all both another"
)
CONJUNCTIONS = _set("and or but that if whether while who whom which whose when where why how because than not")
HE, SHE = _set("he him his himself"), _set("she her hers herself")
THEY, IT = _set("they them their theirs themselves"), _set("it its itself")
PRONOUNS = HE | SHE | THEY | IT
POSSESSIVES = _set("his her its their")
DEMONSTRATIVES = _set("this that these those")
FIRST_AND_SECOND = _set("i you we me us my your our mine yours ours myself yourself ourselves")
ADVERBS = _set(
    "not never ever also still already just only first last finally originally once again later now today recently "
    "currently often usually always mainly mostly actually exactly officially eventually else even most more less much "
    "very too so"
)
VAGUE = _set("someone somebody anyone anybody something anything nobody nothing everyone everybody everything one ones")
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
    | _set("there here be been being many few several other same such thus however yes no please tell name")
)
ADJECTIVES_OF_QUANTITY = _set("many much long far old often big large tall high deep soon fast wide few quickly heavy")

MALE_TITLES = _set("mr sir king prince lord duke emperor tsar sultan father brother baron sheikh pope count bishop")
FEMALE_TITLES = _set("mrs ms miss queen princess lady duchess empress madam dame mother sister baroness countess")
MALE_NOUNS = _set(
    "man boy husband son spokesman father brother king prince uncle nephew grandfather chairman emperor actor"
)
FEMALE_NOUNS = _set(
    "woman girl wife daughter spokeswoman mother sister queen princess aunt niece grandmother chairwoman empress actress"
)
PERSON_NOUNS = (
    MALE_NOUNS
    | FEMALE_NOUNS
    | _set(
        "president minister chancellor premier leader mayor governor senator general colonel captain commander chief chair "
        "director doctor professor judge lawyer officer official spokesperson ambassador diplomat author writer poet "
        "artist painter singer composer scientist inventor player coach manager owner founder chairperson secretary person "
        "candidate victim suspect witness teacher student engineer architect historian philosopher economist journalist "
        "dr prof archbishop saint st coordinator deputy representative expert analyst"
    )
)
PERSON_TITLES = MALE_TITLES | FEMALE_TITLES | PERSON_NOUNS
PLACE_NOUNS = _set(
    "city town village island lake river sea ocean mountain mount valley region province state county country capital "
    "street road avenue boulevard square park bay harbour harbor port airport bridge desert continent district hospital "
    "school university museum palace castle station building border"
)
GROUP_NOUNS = _set(
    "government army police party ministry parliament congress senate court council company club team union commission "
    "committee group organization organisation agency bank church family crew band board university forces troops rebels "
    "people police authorities league association federation staff public majority"
)
EVENT_NOUNS = _set(
    "war battle attack explosion meeting talks clash crash accident election vote strike protest earthquake flood fire "
    "treaty truce ceasefire agreement conference summit trial revolution siege invasion festival match game fighting"
)
MONTHS = _set(
    "january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday"
)
TIME_NOUNS = MONTHS | _set(
    "year month week day century decade today yesterday tomorrow morning evening night spring summer"
)
MALE_NAMES = _set(
    "vladimir john james william robert michael david richard joseph thomas charles george edward henry peter paul mark "
    "luke matthew andrew stephen steven daniel anthony donald kenneth brian kevin jason jeffrey ryan jacob gary eric "
    "jonathan larry justin scott frank raymond gregory samuel benjamin patrick jack dennis alexander ivan dmitry sergei "
    "boris mikhail nikolai igor oleg viktor hans karl friedrich wilhelm otto heinrich johann franz louis pierre jean "
    "jacques francois antoine napoleon carlos juan jose luis miguel pedro pablo diego giovanni marco antonio giuseppe "
    "mohammed muhammad ahmed ali hassan hussein omar ibrahim abdul mustafa martin simon adam arthur albert alfred ernest "
    "isaac walter harold fred leo max tom bill bob jim joe steve mike dan sam ben tim warren philip nelson"
)
FEMALE_NAMES = _set(
    "mary patricia jennifer linda elizabeth barbara susan jessica sarah karen nancy lisa margaret betty sandra ashley "
    "kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca laura sharon cynthia kathleen amy "
    "angela anna ana anne ann brenda emma nicole helen samantha katherine catherine christine maria marie julia olga "
    "natalia irina elena tatiana svetlana sofia sophia eva ella nina clara rosa lucia isabella victoria alice jane joan "
    "ruth diana charlotte caroline florence fatima aisha leila zoe marta greta angelina hillary theresa kate"
)

IRREGULAR = {
    form: base
    for base, forms in (
        line.split(":")
        for line in (
            "be:is are was were been,become:became,begin:began begun,bend:bent,bind:bound,bite:bit bitten,blow:blew blown,"
            "break:broke broken,bring:brought,build:built,burn:burnt,buy:bought,catch:caught,choose:chose chosen,come:came,"
            "deal:dealt,dig:dug,do:did done,draw:drew drawn,drink:drank drunk,drive:drove driven,eat:ate eaten,"
            "fall:fell fallen,feed:fed,feel:felt,fight:fought,find:found,flee:fled,fly:flew flown,forbid:forbade forbidden,"
            "forget:forgot forgotten,freeze:froze frozen,get:got gotten,give:gave given,go:went gone,grow:grew grown,"
            "hang:hung,have:had has,hear:heard,hide:hid hidden,hold:held,keep:kept,know:knew known,lay:laid,lead:led,"
            "learn:learnt,leave:left,lend:lent,lie:lain,lose:lost,make:made,mean:meant,meet:met,pay:paid,ride:rode ridden,"
            "ring:rang rung,rise:rose risen,run:ran,say:said,see:saw seen,seek:sought,sell:sold,send:sent,shake:shook "
            "shaken,shoot:shot,show:shown,shrink:shrank,sing:sang sung,sink:sank sunk,sit:sat,sleep:slept,speak:spoke "
            "spoken,spend:spent,stand:stood,steal:stole stolen,strike:struck,swear:swore sworn,swim:swam swum,take:took "
            "taken,teach:taught,tear:tore torn,tell:told,think:thought,throw:threw thrown,understand:understood,wake:woke,"
            "wear:wore worn,win:won,withdraw:withdrew withdrawn,write:wrote written,undergo:underwent undergone,"
            "overthrow:overthrew overthrown,undertake:undertook undertaken,oversee:oversaw overseen,rebuild:rebuilt"
        ).split(",")
    )
    for form in forms.split()
}
UNCHANGED_PAST = _set("set put hit cut let shut cost hurt read split spread bet quit beat cast burst shed")
_PLAIN_ED = ("ow", "aw", "ew", "oy", "ay", "ey", "er", "en", "on", "it", "et", "el", "ct", "ck", "lk", "rk", "nk")
_WITH_E = (
    "at",
    "iz",
    "yz",
    "uc",
    "rc",
    "nc",
    "ag",
    "eg",
    "dg",
    "ng",
    "rg",
    "v",
    "is",
    "us",
    "os",
    "ns",
    "rs",
    "ps",
    "as",
    "iv",
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a mark of a text, with its offsets in characters."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        """The word in lower case."""
        return self.text.lower()

    @property
    def is_word(self) -> bool:
        """Whether it is a word or a number, not a mark."""
        return self.text[0].isalnum()

    @property
    def is_name(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()


def tokens(text: str) -> list[Token]:
    """The words and marks of ``text``; the ``'s`` of a possessive is a token of its own."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        word, start = match.group(), match.start()
        stem = re.sub(r"['’](?:s|S)?$", "", word)
        found.append(Token(stem or word, start, start + len(stem or word)))
        if stem and stem != word:
            found.append(Token(word[len(stem) :], start + len(stem), match.end()))
    return found


def is_past(word: str) -> bool:
    """Whether ``word`` looks like a past form or a participle."""
    lower = word.lower()
    return lower in IRREGULAR or lower in UNCHANGED_PAST or (lower.endswith("ed") and len(lower) > 4)


def base_form(word: str) -> str:
    """The base form of a verb: "called" to "call", "went" to "go"; by spelling, so now and then not quite right."""
    lower = word.lower()
    if lower in IRREGULAR:
        return IRREGULAR[lower]
    if lower in UNCHANGED_PAST or len(lower) < 4:
        return lower
    if lower.endswith("ied"):
        return lower[:-3] + "y" if len(lower) > 4 else lower[:-1]
    if lower.endswith("ed"):
        return _without_ed(lower[:-2])
    if lower.endswith("ies"):
        return lower[:-3] + "y"
    if lower.endswith(("sses", "shes", "ches", "xes", "zes", "oes")):
        return lower[:-2]
    return lower[:-1] if lower.endswith("s") and not lower.endswith(("ss", "us", "is")) else lower


def _without_ed(stem: str) -> str:
    if stem.endswith("e") or stem == "creat":
        return stem + "e"
    if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in "lsz":
        return stem[:-1]
    if stem.endswith(("ss", "ll", "zz")) and not stem.endswith(("roll", "cell", "pell")):
        return stem
    if stem.endswith(("roll", "cell", "pell")) and len(stem) > 5:
        return stem[:-1]
    if stem.endswith(_WITH_E):
        return stem if stem.endswith(("eat", "oat", "ring")) else stem + "e"
    if stem[-1] in "lr" and stem[-2] not in _VOWELS + "lrwy":
        return stem + "e"
    if stem.endswith(_PLAIN_ED):
        return stem
    if stem.endswith(("ar", "ir", "ur", "or")) and not stem.endswith(("air", "our", "ear", "oar", "oor")):
        return stem + "e"
    consonant, vowel = stem[-1] not in _VOWELS + "wxy", len(stem) > 1 and stem[-2] in _VOWELS + "y"
    before = len(stem) < 3 or stem[-3] not in _VOWELS
    syllables = len(re.findall(r"[aeiouy]+", stem))
    # A single short vowel before a single consonant would have been doubled ("stopped"), so an e is missing ("named").
    if (
        consonant
        and vowel
        and before
        and (syllables == 1 or stem.endswith(("ut", "as", "id", "ud", "ak", "am", "ad", "ok", "od", "ot", "ib", "in")))
    ):
        return stem + "e"
    if stem[-1] in "cuz" or stem.endswith(("th", "s")) and stem.endswith("s"):
        return stem + "e"
    return stem


def plain(text: str) -> str:
    """``text`` in lower case without what stands around its words, for comparing."""
    return " ".join(token.lower for token in tokens(text) if token.is_word)
