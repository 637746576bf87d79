"""Words and phrases by which a sentence says who says something: closed lists, and patterns made of them."""

import re

_SAID_LIST = """said says say told tells announced announces claimed claims wrote writes reported reports
stated states declared declares denied denies confirmed confirms added adds argued argues insisted insists
believes believed thinks thought estimates estimated warned warns admitted admits acknowledged alleges alleged
maintained maintains noted notes explained explains guessed guesses stressed stresses conceded replied
suggested suggests testified contended asserted reiterated predicted predicts recalled revealed remarked
repeated complained objected countered responded disclosed concluded concludes assured assures vowed vows
pledged pledges conjectured protested tweeted posted recalls remember remembers remembered swear swears swore
answers answered replies promises urges urged murmured testifies complains repeats contends asserts jokes
joked shouts shouted boasts boasted hints hinted objects reveals remarks"""
_GAVE_LIST = """put puts gave gives blamed blames accused accuses expects expected rejected rejects counted
counts registered recorded measured found finds valued values dated spoke speaks promised demanded demands
proposed named names reckons reckoned dismissed dismisses disputed disputes rated listed agreed showed shows
forecast forecasts contradicted mentioned mentions hopes feared fears doubts doubted considers considered
calculates calculated calculate assumes assumed reckon arrives arrived wants wanted charges charged cites
cited offers offered projected recommends recommended agree agrees know knows attributes attributed ascribes
ascribed suspects suspected concedes denounced describes described assesses assessed opposes opposed sees
think believe expect say deny insist dates ruled rules supports supported backs backed favours favoured places
placed traces traced locates located timed prints accepts orders ordered priced prices proposes reports
intends advises advised prefers plans"""
SAID, GAVE = _SAID_LIST.split(), _GAVE_LIST.split()
# These take somebody as their object, who must not be taken for the speaker.
_ADDRESSED = frozenset(("told", "tells", "warned", "warns"))
# "Asked for two years", but not "had called him".
_WITH_PREPOSITION = (
    r"(?:(?:call|ask|plead|argue)(?:s|ed) for|(?:is|are|was|were) asking for|asked that|point(?:s|ed) to)"
)
# "Raised the number of dead to 31", but not "raised the flag".
_WITH_FIGURE = (
    r"(?:(?:raise|revise|update)[sd]|(?:lower|correct)(?:s|ed))(?= (?:the|its|his|her|their) (?:[\w'’-]+ ){0,3}"
    r"(?:number|toll|figure|total|count|estimate|forecast|sum)\b)"
)
_CERTAIN = (
    r"(?<!\b[Ii]t )(?:is|are|was|were|remains?) (?:sure|certain|convinced|adamant|confident)"
    r"(?= (?:that|the|his|her|its|their|he|she|it|they|there)\b| [A-Z])"
)
# "Got 410", "made it 55", "came up with 190,000".
_NUMBER_LIST = """one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty
sixty seventy eighty ninety half"""
NUMBER = (
    r"(?:about |some |only |just |roughly |almost |nearly )?"
    rf"(?:[\d$£€]|(?:a hundred|a dozen|{'|'.join(_NUMBER_LIST.split())})\b)"
)
"""A figure, in digits or in words, perhaps with "about" before it."""
_WITH_NUMBER = (
    r"(?:got(?: to)?|gets|lists?|show|(?:made|makes) it|(?:came|comes|come) (?:up with|to)"
    r"|call(?:s|ed)|logged|metered|settled on|runs to)"
    rf"(?= {NUMBER})"
)
_WITH_QUOTATION = r"(?:call(?:s|ed)(?= (?:[\w'’-]+ ){1,4}[\"“])|(?:is|was|were) quoted (?:[^,;.\n]{0,60} )?as saying)"
_POINTED = r"(?:point(?:s|ed) out|call(?:s|ed) (?:it|this|that|them|him|her)(?! off\b))"
_VERB = rf"(?:{'|'.join([_CERTAIN, _POINTED, *SAID, *GAVE, _WITH_PREPOSITION, _WITH_FIGURE, _WITH_NUMBER, _WITH_QUOTATION])})"
_AUXILIARY = (
    r"(?:(?:has|have|had|also|later|again|then|now|only|himself|herself|itself|too|first|already|still|however|never|instead"
    r"|repeatedly|likewise|similarly|earlier|since|would|could|might|did|does|yesterday|today)\s+|(?:on|in) [A-Z]\w+ ?"
    r"|,\s*(?:too|however|meanwhile),\s*)"
)
REPORTING = re.compile(rf"\b{_AUXILIARY}{{0,3}}(?P<verb>{_VERB})\b")
_SINGLE_LIST = """sure certain convinced adamant confident point points pointed call calls called ask asks
asked asking plead pleads pleaded argue argues argued raised revised updated lowers lowered corrects corrected
got gets list lists show made makes came comes come logged metered settled runs quoted"""
REPORTING_WORDS = frozenset((*SAID, *GAVE, *_SINGLE_LIST.split()))
"""At least one of these stands in whatever :data:`REPORTING` or :data:`INVERTED` finds, which take longer to look for."""
_NO_TITLE_LIST = """in on at to that of by from as so it he she they for with after before about during last this where when
what who how why which because my your you we now then only most convinced and or but the"""
# What may stand before a name: "mayor", "club official".
_TITLE = rf"(?:(?!(?:{'|'.join(_NO_TITLE_LIST.split())})\b)[a-z][\w-]+ ){{1,3}}"
INVERTED = re.compile(
    rf"[,\"”’'!?]\s*(?P<verb>{'|'.join(verb for verb in SAID if verb not in _ADDRESSED)}|agree[sd]|say|believe)\s+"
    r"(?=[A-Z]|the |a |an |its |his |her |their |one of |police\b|officials\b|witnesses\b|residents\b|organisers\b"
    rf"|{_TITLE}[A-Z])"
)
SOURCE = re.compile(
    r"\b(?:according to|in the (?:words|view|opinion|estimate|eyes) of"
    r"|by the (?:account|estimate|reckoning|count|tally) of|on the word of"
    r"|citing|quoting|(?:denied|confirmed|contradicted|disputed|attributed|ascribed|estimated|put down) by)\s+",
    re.IGNORECASE,
)
_DOCUMENT_LIST = """tally tallies lists? reports? records? logs? ledgers? books
tables sheets minutes bulletin circular notice leaflets? plaque manifest memos? gazette prospectus decree
receipt diary notebook register statement letter e-?mails? files? study studies surveys? poll polls video
recordings? footage photographs? images indictment verdict annex memoirs certificate protocol database website
maps? analysis estimates? documents? papers form"""
DOCUMENT = rf"(?:{'|'.join(_DOCUMENT_LIST.split())})"
"""What is written or recorded, and speaks for itself or for whom it is of."""
_OWN = r"(?:figures?|counts?|sum|total|data|numbers?|advice|answer|findings?|guess|conclusion|demand|calculations?)"
OWN_VIEW = rf"(?:own\s+)?(?:{DOCUMENT}|{_OWN}|reckoning|account|view|opinion|telling|version|words)\b"
"""What a source has of its own, after its name in the genitive."""
_SOURCE_WORD_LIST = """according words view opinion estimate eyes account reckoning count tally word citing
quoting denied confirmed contradicted disputed attributed ascribed estimated put"""
SOURCE_WORDS = frozenset(_SOURCE_WORD_LIST.split())
"""At least one of these stands, in lower case, in whatever :data:`SOURCE` finds."""
POSSESSED_SOURCE = re.compile(
    rf"\b(?:on|by|in|from)\s+(?P<naming>(?:the\s+)?(?:[\w-]+\s+){{0,3}}?[\w-]+['’]s?)\s+{OWN_VIEW}", re.IGNORECASE
)
"""A source that has figures or a view: "by Pinkham's reckoning", "on the lender's own figures"."""
_HAS_LIST = """has have had stands?@at runs?@to reads? lists? names? gives? gave shows? bears? records?
puts? places? says? carry carries suggests? suggested speaks?@of spoke@of contains? confirms? mentions?
makes?@it comes?@to came@to adds?@up@to counts? dates?"""
# "Its report is due on 1 June", "the survey begins in May": nothing of what it says.
_OF_ITSELF = (
    r"(?:is|was)(?!\s(?:(?:now|still|not|only|also|just|never|yet|being|to be)\s)?(?:due|expected|published|released|issued"
    r"|written|signed|delayed|drawn up|handed|sent|made|done|finished|under way|out|over|ready|available|secret)\b)"
    r"|(?:begins?|ends?)(?!\s(?:on|in|at|next|this)\b)"
)
_BY = r"(?:\s(?:by|from|of|under|at|in)\s(?:(?!(?:and|or|but|there)\b)[\w'’-]+ ?){1,5}?)"
DOCUMENT_WORD = re.compile(rf"\b(?:{DOCUMENT}|{_OWN})\b")
DOCUMENTED = re.compile(
    r"(?P<naming>(?:(?:[Tt]he|[Aa]n?|[Ii]ts|[Hh]is|[Hh]er|[Tt]heir|[Yy]our)\s+|(?<![\w'’-])(?=[A-Z]))"
    # "First to notice was the diver": no notice.
    rf"(?:[\w&'’-]+\s+){{0,4}}?(?<!\b[Tt]o\s)(?:{DOCUMENT}{_BY}?|(?:(?<=['’]s\s)|(?<=s['’]\s)|(?<=\b[Ii]ts\s)|(?<=\b[Hh][ie][sr]\s)){_OWN}))"
    r"(?:\s(?:also|too|likewise|itself)|,[^,;:.]{3,60},)?\s"
    rf"(?P<verb>{'|'.join(_HAS_LIST.split()).replace('@', ' ')}|{_OF_ITSELF})\b"
)
"""A document and what it does with what it says: "Velmar's tally stands at", "the bus company's list has"."""
COLON = re.compile(
    r"(?:\d{1,2}[.:]\d{2}\s+)?(?P<naming>(?:(?:The|A|An|Her|His|Its|Their) )?(?:[\w'’&.-]+ ){0,6}?[\w'’&.-]+)"
    r"(?:,? (?:on|by|at|in|to|from|via) [^:;.,]{2,40}| (?:again|later|now|today)|, [^:;,]{3,40},?)?:\s+(?=[\w\"“‘'$€£])"
)
"""Who speaks and what they say, with nothing but a colon between: "Police: 9,000"."""
_NAMED = r"(?P<naming>(?:(?:the|her|his|its|their)\s)?(?:[\w'’-]+\s){0,3}?[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+)*)"
TAKEN_FOR = re.compile(
    rf"(?:For|To)\s+{_NAMED}(?:,[^,;:]{{3,60}},)?,?\s+(?:it|this|that|the \w+)\s(?:is|was|remains|seems|looks)\b"
)
"""Whose view it is: "To her colleague Sten Rautio it was greed"."""
SPOKEN_OF = re.compile(
    rf"(?<!\bknown )(?<!\bcalled )(?<!\bdescribed )\b(?:as|or so|if you believe|if you ask)\s+{_NAMED}"
    r"(?:\s(?:has|had|tells|told|puts|put|writes|wrote|says|said|sees|saw|remembers|announced)(?:\s(?:it|us|me))?)?"
    r"(?=[,.;:]|\s*$)"
)
"""An aside that names who: "as his biographer Lior Mandel has it", "if you believe Orhaz"."""
_SPEAKING_LIST = """police organisers organizers officials witnesses residents critics doctors campaigners
ministry hospital company council union commission court agency army government office fire brigade operator
observers prosecutors prosecution defence club museum bank guild board party opposition"""
SPEAKING = re.compile(rf"\b(?:{'|'.join(_SPEAKING_LIST.split())})\b", re.IGNORECASE)
"""Who speaks without a name."""
FINITE = re.compile(
    rf"(?<![\w’'-])(?:is|are|was|were|be|been|has|have|had|will|would|could|can|should|did|does|do|must|may|might|{_VERB[3:-1]}"
    r"|came|went|took|made|began|left|stood|fell|rose|got|lost|won|broke|met|held|kept|brought|sent|set|ran|amounts?|takes?)\b"
    r"(?! by\b)"
    r"|n't\b"
)
BEGINS_FINITE = re.compile(rf"(?:,\s+(?:too|also|however|meanwhile),)?\s+(?:that\b|{FINITE.pattern})")
NAME_BESIDE = re.compile(r",\s+(?P<name>(?:[A-Z][\w'’-]+ ?){1,4})(?=[.,;]|\s*$)")
# "The order, he said, had gone out": what is said goes on after the speaker.
PARENTHESIS = re.compile(
    r",\s+(?:because|is|are|was|were|has|have|had|will|would|could|can|should|did|does|must|may|might|came|went|took)\b"
)
# What a verb like "put" or "counted" has for an object.
OBJECT = re.compile(
    r"\s+(?:(?:of|at|on|for|with|it|them|that|only|just|about|some|around|over|under|more|fewer|at least)\s+)*[\d$£€]"
    r"|\s+(?:of|at|with|it|them|only|just|about|some|the|a|an|his|her|its|their)\s"
)
# "While X insisted, Y said by telephone that": what is said comes behind.
SAID_THAT = re.compile(r"(?:\s(?:by|in|on|to)\s[^,.;:]{1,40})?\s+that\b")
# "The ministry said, also claiming that": the same speaker goes on.
PARTICIPLE = re.compile(
    r",\s+(?:also |further |and )?(?:adding|saying|claiming|stating|noting|warning|arguing|insisting|alleging)\b"
)
DENIED = re.compile(
    r"[\"“]?(?:No|Not|Never|Nothing|It (?:is|was) (?:not|no)|(?:The |It |There )[^,;:]{0,60}\b(?:not|hardly|never|no)\b)"
)
INSTEAD = re.compile(r"(?:,\s+[^,;:]{3,60}){0,2}\s*[;:]")
"""What follows a denial and who makes it, before that which they say instead."""
NOBODY = re.compile(r"(?:nobody|no one|none|nothing|everybody|everyone)\b", re.IGNORECASE)
PRONOUN = re.compile(r"(?:he|she|they|it|who|which|that|we|i)", re.IGNORECASE)
"""Namings that stand for another one."""
BREAK = re.compile(
    r"[;:()–—]|\s-\s|[\"“”]|(?:,\s+|\s)(?:but|while|whereas|though|although|because)\s|(?:,\s+|\s)(?:after|before)\s(?![^,]*,\s*$)|,\s+and\s+(?=[A-Z])|\bthat\s"
    # "Moll, who was called as a witness, said": a part of who speaks.
    r"|(?<!\wed )(?<!\bknown )(?<!\bserves )(?<!\bworks )\bas\s"
)
SECOND_VERB = re.compile(r"\b(?:and|but)\s*$")
LEAD = re.compile(
    r"(?:(?:or so|and|but|yet|so|or|while|whereas|although|though|however|meanwhile|later|still|then|also|nor|instead|in turn"
    r"|for (?:his|her|its|their) part)\b,?\s+)+",
    re.IGNORECASE,
)
TITLED = re.compile(rf"{_TITLE}(?:[A-Z][\w'’-]+ ?){{1,4}}")
POSSESSED = re.compile(r"(?:its|his|her|their)\b")
# "Ewan Lisle, who wrote the book, says": what stands before the verb is who speaks.
AFTER_RELATIVE = re.compile(r",\s+(?:who|whom|which|whose|where)\b[^,;:]*$")
ADVERBIAL = re.compile(
    r"(?:on|in|at|by|from|during|after|before|since|for|with|last|this|late|early|under|earlier|yesterday|today|through|to|"
    r"over|within|without|if|when|as|among|asked|speaking|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b",
    re.IGNORECASE,
)
RELATIVE = re.compile(
    r"(?:who|whom|which|whose|that|himself|herself|as|himself|once|now|then|aged|formerly|a|an|the|its|his|her)\b",
    re.IGNORECASE,
)
ASIDE = re.compile(r",\s+(?:who|which|whose|where|published|released|issued)\b")
DETERMINED = re.compile(r"(?:the|a|an|its|his|her|their|one|another)\b", re.IGNORECASE)
OBJECT_LEAD = re.compile(r"(?:which|whom|that|what)\s+(?=[A-Z]|the |its |his |her )")
REGULAR_PAST = re.compile(r"\s[a-z]{2,}ed\s")
_WITH_OBJECT = r"(?<!,)\s(?!called|named|dubbed)[a-z]{2,}ed\s(?:the|an?|its|his|her|their|him|them|it|\d[\d,.]*)\b"
PAST_WITH_OBJECT = re.compile(_WITH_OBJECT)
MALFORMED = re.compile(
    r"(?:what|whatever|how|why|where|when|if|whether)\b"
    # "The army refused to", "the tax in 1990 and", "the sum he".
    r"|.*\s(?:to|and|or|but|not|the|of|he|she|they|it|we|you)$"
    # "The government imposed the tax", but not "a group called the Rovers".
    rf"|(?:(?!\b(?:who|that|which)\b).)*?{_WITH_OBJECT}",
    re.IGNORECASE | re.DOTALL,
)
"""What is taken for a naming where a sentence goes otherwise, and is none."""
BARE = re.compile(r"(?:the|a|an|its|his|her|their|our|no|some|many|this|these|that|those|and|but)", re.IGNORECASE)
_NEW_PRONOUN_LIST = "he she they it there we you this these those nobody everybody"
_NEW_SUBJECT_LIST = "the a an no some all its his her their about"
_WITHIN_NAMING_LIST = "of at in from for by on to and or with"
NEW_PRONOUN = frozenset(_NEW_PRONOUN_LIST.split())
NEW_SUBJECT = NEW_PRONOUN | frozenset(_NEW_SUBJECT_LIST.split())
WITHIN_NAMING = frozenset(_WITHIN_NAMING_LIST.split())
