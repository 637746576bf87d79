"""What looks like an enumeration or one more part of it, and is none: ranges, ingredients, deeds, half names."""

import re
from collections.abc import Sequence

from index import Span

_BETWEEN = re.compile(r"\b[Bb]etween\s[^,;]*$")
_BETWEEN_REACH = 8
"""Characters of "between" before what it stands before."""
_MADE_OF = re.compile(
    r"(?:an?|the)\s(?:[\w-]+\s){0,2}?(?:soup|mixture|mix|blend|stew|sauce|salad|dish|drink|dough|paste|alloy"
    r"|cocktail|broth|filling|layer|combination|compound)\sof\s",
    re.IGNORECASE,
)
_DETERMINED = re.compile(r"(?:the|an?|his|her|its|their|our|some|two|three|\d+)\s", re.IGNORECASE)
_CAPITAL = re.compile(r"\b[A-Z]")
# "Met Dr" does not end there.
_CUT_SHORT = re.compile(r"\b(?:[A-Z]|St|Dr|Mr|Mrs|Ms|Prof|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Sen|Gov|No|approx|ca?)\s*$")
_PAST_LIST = """brought sold bought took gave went came met sent won kept held wrote began became drew drove ate fell flew
grew knew led paid rode rose said sang sank sat slept spoke spent stood stole struck swam taught thought threw
told wore made saw ran"""
# "And later met him", "and seized 3 tonnes", but not "and smoked fish".
_DEED = re.compile(
    rf"(?:(?:later|then|also|soon|once|now|again|finally|[a-z]+ly)\s)?(?:(?:{'|'.join(_PAST_LIST.split())})\b"
    r"|(?:[a-z]{2,}ed|left|lost|found|built|caught|shot|put|set|read|got|had)\s(?:(?:the|an?|its|his|her|their|him|them|it|her|in"
    r"|on|at|to|for|with|from|by|of|up|out|off|back|down|over|into|about|against|under|that)\b|[\d$£€A-Z]))"
)


def is_range(text: str, parts: Sequence[Span]) -> bool:
    """Whether two parts are the bounds of one: "between $1.5 billion and $1.6 billion"."""
    if len(parts) != 2:
        return False
    # "Between Tarn and Kell" is one answer; of "Tarn and Kell", asked for with "between", there are two.
    figures = re.search(r"\d", text[parts[1].start : parts[1].end]) is not None
    low = max(0, parts[0].start - _BETWEEN_REACH) if figures else parts[0].start
    return _BETWEEN.search(text[low : parts[0].end]) is not None


def is_made_of(text: str, parts: Sequence[Span]) -> bool:
    """Whether the parts are what one thing is made of: "a soup of mussels, saffron and orange peel"."""
    words = [text[part.start : part.end] for part in parts]
    return (
        len(words) > 1
        and _MADE_OF.match(words[0]) is not None
        and not any(_DETERMINED.match(other) or _CAPITAL.search(other) for other in words[1:])
    )


def is_other_deed(text: str, first: Span, part: Span) -> bool:
    """Whether a part tells what somebody did and the first one does not: "eleven mules, and brought back moss"."""
    return tells_deed(text[part.start : part.end]) and not tells_deed(text[first.start : first.end])


def tells_deed(words: str) -> bool:
    """Whether ``words`` begin with what somebody did: "later met a banker", but not "smoked fish"."""
    return _DEED.match(words) is not None


def is_cut_short(words: str) -> bool:
    """Whether ``words``, behind which a full stop is, end within a name: "met Dr"."""
    return _CUT_SHORT.search(words) is not None
