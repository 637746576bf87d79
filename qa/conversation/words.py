"""Words of a text with their offsets, and the base form of a verb."""

import re
from dataclasses import dataclass

from qa.conversation.lexicon import AUXILIARIES, IRREGULAR, NOT_PAST, UNCHANGED_PAST

_TOKEN = re.compile(r"(?:[A-Z]\.){2,}|\w+(?:[.,](?=\d)\d+|['’\-]\w+)*['’]?(?!\w)|[^\w\s]")
_VOWELS = "aeiou"


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


def is_auxiliary(token: Token) -> bool:
    """Whether ``token`` is an auxiliary; "May", but at the beginning of a text, is the month."""
    return token.lower in AUXILIARIES and not (token.text == "May" and token.start > 0)


def is_past(word: str) -> bool:
    """Whether ``word`` looks like a past form or a participle."""
    lower = word.lower()
    return (
        lower in IRREGULAR
        or lower in UNCHANGED_PAST
        or (lower.endswith("ed") and len(lower) > 3 and lower not in NOT_PAST)
    )


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


def past_form(verb: str) -> str:
    """The past form of a verb in its base form: "call" to "called", "sink" to "sank"; by spelling as well."""
    lower = verb.lower()
    if lower in UNCHANGED_PAST:
        return lower
    irregular = next((form for form, base in IRREGULAR.items() if base == lower), None)
    if irregular is not None:
        return irregular
    if lower.endswith("e"):
        return f"{lower}d"
    if lower.endswith("y") and lower[-2:-1] not in _VOWELS:
        return f"{lower[:-1]}ied"
    doubled = f"{lower}{lower[-1:]}ed"
    return doubled if base_form(f"{lower}ed") != lower and base_form(doubled) == lower else f"{lower}ed"


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
    if stem[-1] in "cuz" or (stem.endswith(("th", "s")) and stem.endswith("s")):
        return stem + "e"
    return stem


def plain(text: str) -> str:
    """``text`` in lower case without what stands around its words, for comparing."""
    return " ".join(token.lower for token in tokens(text) if token.is_word)
