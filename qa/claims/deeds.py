"""Verbs that mostly tell what somebody does ("found", "ruled", "recorded"), and what makes their subject one who says so."""

import re

from index import Span
from qa.claims import patterns

_FORMS = {
    "add": "added adds",
    "answer": "answered answers",
    "arrive": "arrived arrives",
    "back": "backed backs",
    "boast": "boast boasts boasted",
    "charge": "charged charges",
    "conclude": "concluded concludes",
    "date": "dated dates",
    "disclose": "disclosed",
    "dismiss": "dismissed dismisses",
    "find": "found finds",
    "know": "know knows",
    "place": "placed places",
    "post": "posted",
    "print": "prints",
    "recall": "recalled recalls",
    "record": "recorded",
    "repeat": "repeated repeats",
    "rule": "ruled rules",
    "show": "showed shows show",
    "speak": "spoke speaks",
    "support": "supported supports",
    "trace": "traced traces",
    "write": "wrote writes",
}
_DEED = {form: deed for deed, forms in _FORMS.items() for form in forms.split()}
_OF_SPEECH = frozenset(
    (
        "add",
        "answer",
        "boast",
        "conclude",
        "disclose",
        "find",
        "know",
        "post",
        "print",
        "recall",
        "repeat",
        "show",
        "write",
    )
)
"""These may close what is said: "Nine had died, he wrote."."""
_OF_DOCUMENTS = frozenset(_FORMS) - {"arrive", "boast", "recall", "charge", "dismiss", "rule", "answer"}
"""What a document does with what it says."""

_AMID = r"(?:to|in|on|by|from|for|at|with|last|yesterday|today|again|later)\b[^,.;:\"“”]{0,60}?"
# A quotation that begins with a capital is often the title of a book or a song, unless a comma or a colon is before it.
_CLAIM = re.compile(rf"(?:\s+{_AMID})?(?:\s+that\b|\s*[,:]\s*[\"“‘]|\s+[\"“‘](?=[a-z\d])|:\s)")
_CLOSES = re.compile(r"(?:\s+(?:to|in|on|for)\s[^,.;:\"“”]{1,40})?\s*(?:[,.;:!?)\"”]|$)")
_ROUGHLY = (
    r"(?:(?:at|it|them|that|up|down|about|some|around|over|under|as|only|just|nearly|almost|roughly|hardly|barely"
    r"|at least|at most|more than|fewer than|less than|no more than)\s+)*"
)
_FIGURE = rf"\s+{_ROUGHLY}{patterns.NUMBER}"
_RESULT = r"(?:figure|number|sum|total|count|toll|result|estimate|conclusion|share|amount)"
# "At nine" and "at 9.15" is when a train arrives; "at 55" is what somebody has counted.
_SMALL = (
    r"(?:(?:[01]?\d|2[0-4])(?:[.:]\d\d)?(?!\d)|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half"
    r"|a quarter)"
)
_HOUR = rf"{_ROUGHLY}{_SMALL}(?!\S*\d)(?:\s*$|[,.;\s](?!\d|(?:million|billion|thousand|hundred|per cent)\b))"
_CRIME = r"(?:\w+ing|murder|manslaughter|fraud|theft|treason|corruption|bribery|espionage|arson|rape|assault|perjury)"
_PLACED = (
    rf"(?:it|them|the (?:[\w-]+ ){{0,2}}(?:{_RESULT}|cost|date|start|epicent(?:re|er)|origin|beginning|blame|damage))"
)
_STATE = (
    r"(?:cracked|missing|dry|intact|malnourished|empty|locked|unlocked|broken|damaged|faulty|guilty|unsafe|safe"
    r"|in good health)"
)
_PAGES = r"(?:ledger|list|diary|book|report|log|notebook|register)"
_STATEMENT = (
    r"(?:claim|charge|accusation|report|idea|allegation|talk|rumou?r|figure|suggestion|warning|criticism|fear|concern)"
)
_THING = r"(?:it|them|this|the|its|his|her|their)\b[^,.;:]{0,50}?"
_OWN = {
    "arrive": (
        rf"\s+at (?!{_HOUR})(?:[\w-]+ (?:[\w-]+ )?of )?{_ROUGHLY}(?:{patterns.NUMBER}|double\b|half\b)",
        rf"\s+at (?:an?|the|its|their|another) (?:[\w-]+ ){{0,2}}{_RESULT}\b",
    ),
    "boast": (r"\s+(?:of|about)\b",),
    "charge": (rf"\s[^.;:]{{2,60}}?\swith\s{_CRIME}\b",),
    # A report "dated Wednesday" has a date of its own, and says what follows.
    "date": (r"\s+(?=\d|[A-Z])", rf"\s+{_THING}\s(?:to|at|from)\b"),
    "dismiss": (r"\s+(?:it|this|that)\b", rf"\s+(?:(?:the|all|such|any|as) )?(?:[\w-]+ )?{_STATEMENT}s?\b"),
    "find": (
        _FIGURE,
        r"\s+(?:nothing|none|no|neither|the same|traces|fragments|evidence|signs)\b",
        rf"\s[^,.;:]{{1,50}}\s{_STATE}\b",
        r"\s+(?:he|she|they|it|there)\s+(?:is|are|was|were|had|has|have|could)\b",
    ),
    "know": (rf"\s+of{_FIGURE}",),
    "place": (rf"\s+{_PLACED}\b",),
    "post": (_FIGURE,),
    "recall": (r"\s+(?:him|her|them|it|how|seeing|hearing|being|having)\b",),
    "record": (_FIGURE,),
    "rule": (r"\s+(?:out|against|in favou?r of)\b", r"\s+(?:it|this|the \w+) (?:an?|to be|un\w+|il\w+)\b"),
    "show": (_FIGURE, r"\s+(?:us|me|reporters|journalists)\b"),
    "speak": (r"(?:\s+[\w-]+){0,4}?\s+(?:of|about|against)\b",),
    "trace": (rf"\s+{_THING}\sto\b",),
    "write": (
        r"\s+(?:of|down)\b",
        r"\s+\d{1,2}[.:]\d\d\b",
        rf"\s+[^,.;:]{{1,40}}\s(?:in|on) (?:the|his|her|its|their) {_PAGES}\b",
    ),
}
"""What follows a verb where its subject tells something."""
_OFFERED = (
    r"(?:rooms?|beds?|courses?|classes|lessons|dishes|flights|tours|seats|places|menus|kinds|types|sorts|varieties|languages"
    r"|programmes)\b"
)
_GIVEN = (
    r"(?:books?|paintings?|pictures|concerts?|lectures?|talks?|speech(?:es)?|lessons?|interviews?|performances?|grant|gifts?|loan"
    r"|prize|award|medal|house|job|lift|kiss|kidney)\b"
)
_SIZED = (
    r"(?:vessel|ship|boat|ferry|bridge|tower|wall|building|house|car|lorry|room|hall|crater|swarm|fish|shark|whale|snake|tree"
    r"|island|lake|stone|statue|painting|plane)"
)
_WHOSE = r"(?:his|her|its|their)"
# Forms of a verb, who stands before it, and what follows it where its subject only does something.
_DOES: tuple[tuple[str, str, str], ...] = (
    (
        "put",
        "",
        r"\s+(?:in|out|on|up|off|away|together|aside|back)\s(?!\d|about\b|an? (?:figure|number|sum|statement|appeal)\b)",
    ),
    ("put", "", rf"\s+(?:an end|{_WHOSE} \w+) to\b"),
    ("named", "", r"\s+by\b|\s[^,.;:]{2,40}?\safter\s"),
    ("named names", "", rf"\s+{_WHOSE}\s(?:[a-z]+\s)?[a-z]+\s[A-Z]"),
    ("named", r"(?:[Aa]n?|[Oo]ne|[Aa]nother) [a-z -]+", r"\s+[A-Z]"),
    ("gave gives", "", rf"\s+(?:[\w-]+\s){{0,3}}?(?:an?|{patterns.NUMBER}[\d,.]*)\s(?:[a-z-]+\s)?{_GIVEN}"),
    ("offers offered", "", rf"{_FIGURE}[\d,.]*\s(?:[a-z-]+\s)?{_OFFERED}"),
    (
        "orders ordered sees accepts",
        "",
        rf"{_FIGURE}[\d,.]*\s(?:[a-z-]+\s){{1,2}}(?:an?|per|every|each)\s(?:day|week|month|year|night)\b",
    ),
    ("orders ordered", "", rf"{_FIGURE}[\d,.]*\s[a-z-]+(?:\s(?:for|from|in|on|at)\b|[,.;]|\s*$)"),
    ("measured", rf".*\b{_SIZED}", _FIGURE),
    ("counted counts", "", r"\s+to\b"),
    ("hopes", "", r"\s+to\b"),
    (
        "remember remembers remembered",
        "",
        r"\s+(?:[a-z]+\s(?:for|after)\s(?:\w+\s)?(?:days|weeks|months|years)|to [a-z]+)\b",
    ),
    ("believe believes believed", "", r"\s+in\b"),
    ("shouted shouts", "", r"\s+at\b[^,:\"“]*$"),
    ("argued argues", "", r"\s+with\b[^,:\"“]*$"),
    ("described describes", "", rf"{_FIGURE}[\d,.]*\s(?:[a-z-]+\s)?(?:species|genera|varieties|plants|animals)\b"),
)
_DOES_BY_FORM: dict[str, list[tuple[re.Pattern[str], re.Pattern[str]]]] = {}
for _forms, _naming, _tail in _DOES:
    for _form in _forms.split():
        _DOES_BY_FORM.setdefault(_form, []).append(
            (re.compile(_naming if _naming else ".*", re.DOTALL), re.compile(_tail))
        )
_OWN_PATTERNS = {deed: re.compile("|".join(ways)) for deed, ways in _OWN.items()}
_PAPER = re.compile(
    rf"{patterns.DOCUMENT_WORD.pattern}|\b(?:contract|permit|roster|post-mortem|autopsy|audit|deed|sample|annex)\b"
)
_INQUIRING = re.compile(
    r"\b(?:stud(?:y|ies)|surveys?|audit\w*|inquir(?:y|ies)|investigat\w+|post-mortem|autopsy|laborator(?:y|ies)|commissions?"
    r"|panel|council|coroner|court|jury|judges?|committee|institute|census|headcount|experts?|\w+ists?|vets?|doctors?|engineers?"
    r"|assessors?|examiners?|research\w*|historians?|analys[ie]s|inspectors?|inspection|test|tests)\b|^it$",
    re.IGNORECASE,
)
"""Whose findings are what they say."""
_AS_OTHERS = re.compile(r"\b(?:too|likewise|similarly)\b")
_GAVE_NOTHING = re.compile(r"\s+(?:way|birth|rise|chase|up|in|out)\b")
"""What follows "gave" where nothing is told: "the slope gave way"."""
_SUBORDINATE = re.compile(
    r"(?:when|if|as|after|before|while|since|although|though|because|once|until)\b", re.IGNORECASE
)


def tells(text: str, sentence: Span, verb: re.Match[str], speaker: Span) -> bool:
    """Whether the subject of a verb of reporting says something, as with "ruled that" and "arrived at 55".

    Args:
        text: of the document.
        sentence: that the verb stands in.
        verb: a match of :data:`qa.claims.patterns.REPORTING`.
        speaker: the naming before it.

    Returns:
        ``False`` for one who only does something: "Henry VIII ruled England", "two hikers found the body".
    """
    tail = text[verb.end() : sentence.end]
    if verb["verb"] in {"gave", "gives"} and _GAVE_NOTHING.match(tail) is not None:
        return False
    naming = text[speaker.start : speaker.end]
    does = _DOES_BY_FORM.get(verb["verb"], ())
    if any(who.fullmatch(naming) is not None and what.match(tail) is not None for who, what in does):
        return _PAPER.search(naming) is not None or _AS_OTHERS.search(verb.group()) is not None
    deed = _DEED.get(verb["verb"])
    if deed is None:
        return True
    # "The cook, too, recalled rice": somebody else has said so before.
    if _AS_OTHERS.search(verb.group()) is not None:
        return True
    if _CLAIM.match(tail) is not None:
        return True
    own = _OWN_PATTERNS.get(deed)
    if own is not None and own.match(tail) is not None:
        return True
    if deed in _OF_DOCUMENTS and _PAPER.search(naming) is not None:
        return True
    if deed == "find" and _INQUIRING.search(naming) is not None:
        return True
    return (
        deed in _OF_SPEECH and _CLOSES.match(tail) is not None and _is_said(text[sentence.start : speaker.start], tail)
    )


def _is_said(head: str, tail: str) -> bool:
    """Whether the words before a speaker may be what is said: "Nine had died, he wrote", not "When all was over, he wrote"."""
    head = head.strip()
    if not head:
        return False
    if re.search(r"\b[Aa]s$", head) is not None:
        return True
    if head[-1] not in ",\"”’'!?" or (_SUBORDINATE.match(head) is not None and head.count(",") < 2):
        return False
    if patterns.ADVERBIAL.match(head) is not None:
        return patterns.FINITE.search(head) is not None or patterns.REGULAR_PAST.search(head) is not None
    # "Rain, he added, had nothing to do with it."
    return len(head.split()) > 1 or head[-1] != "," or tail.startswith(",")
