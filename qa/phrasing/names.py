"""The names in a sentence: runs of capitalised words, and addresses; and whether a text has them.

The first word of a sentence is no name if it is one that usually begins sentences, or a number. A run of capitalised words
stands in a text if the text has the same words side by side, in any case, or has them in this order within one run of its
own: "President Putin" stands in "President Vladimir Putin", "Vladimir Sarkisian" does not stand in a text that has Vladimir
Putin and Serzh Sarkisian. What would be a common word without its capitals, like "May" or "WHO", must have them there too. In
a sentence, "Armenia's President" is two names. Words of scripts without capitals are all taken for names. A name that is
written without its capitals is not recognised.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from qa.phrasing.numerals import is_number_word

# Words that begin a sentence without being a name; where they do, the name begins after them. "May", "Will" and "Can" are
# names too often, and sentences that begin with these as verbs are questions.
_STARTER_LIST = """
a about above accordingly according across additionally after afterwards against all allegedly almost already also
although always am amid among an and another any anybody anyone anything apparently approximately are around as at
based because been before behind being below besides between both but by consequently could currently despite did do
does during each earlier either especially even eventually every everybody everyone everything exactly few finally
firstly following for formerly from further furthermore generally given had has have having he hence her here his how
however i if in including indeed initially instead into is it its just largely last later less like mainly many
meanwhile might more moreover most mostly much must my near nearly neither never nevertheless next no nobody none
nonetheless nor not notably nothing now of off officially often on once only or originally other others otherwise our
out over overall overnight partly per perhaps possibly presumably previously primarily probably rather recently
regarding reportedly roughly secondly several shall she should shortly similarly simultaneously since so some somebody
someone something sometimes soon specifically still subsequently such supposedly than that the their them then there
therefore these they this those though through throughout thus to today together tomorrow tonight too toward towards
ultimately under unlike until up upon usually via was we were what when where whereas whether which while who whom
whose why with within without would yes yesterday yet you your
"""
_STARTERS = frozenset(_STARTER_LIST.split())
# Words that a text may have as such, so that only capitals tell the name: the month of May, the WHO, the US.
_COMMON = _STARTERS | {"can", "may", "me", "us", "will"}
_POSSESSIVE = re.compile(r"(?<=\w)['’]s(?!\w)")
_BEFORE_A_SENTENCE = ".!?…。！？:;|"  # "|" stands for a quotation
_TRIMMED = "()[]{}<>\"'“”„«»‘’.,;:!?…*_`"


def unknown_names(sentence: str, texts: Iterable[str]) -> list[str]:
    """The names of ``sentence`` that stand in none of ``texts``."""
    known = list(texts)
    missing = [run for run in _names(sentence) if not any(_has_run(text, run) for text in known)]
    lowered = [text.casefold() for text in known]
    return [
        *(" ".join(word.compared for word in run) for run in missing),
        *(address for address in _addresses(sentence) if not any(address.casefold() in text for text in lowered)),
    ]


def _names(text: str) -> list[list["_Word"]]:
    """Runs of capitalised words, without the word that only begins a sentence."""
    names: list[list[_Word]] = []
    # A comma parts what belongs to a name from what it owns, and begins no sentence.
    for phrase in _phrases(_POSSESSIVE.sub(" , ", text)):
        for run in _capitalised(phrase):
            begins = phrase[0].begins and run[0] is phrase[0]
            if begins and is_number_word(run[0].compared):
                while run and is_number_word(run[0].compared):
                    run = run[1:]
            elif begins and run[0].compared in _STARTERS and not run[0].is_capitals:
                run = run[1:]
            if run:
                names.append(run)
    return names


def _has_run(text: str, run: Sequence["_Word"]) -> bool:
    wanted = [word.compared for word in run]
    only_common = all(word in _COMMON for word in wanted)
    for phrase in _phrases(text):
        for at in range(len(phrase) - len(run) + 1):
            there = phrase[at : at + len(run)]
            if [word.compared for word in there] == wanted and (not only_common or _as_capital(run, there)):
                return True
        if not only_common and any(_in_order(wanted, candidate) for candidate in _capitalised(phrase)):
            return True
    return False


def _as_capital(wanted: Sequence["_Word"], there: Sequence["_Word"]) -> bool:
    return all(
        word.is_capitals if one.is_capitals else word.is_capitalised for one, word in zip(wanted, there, strict=True)
    )


def _in_order(wanted: Sequence[str], words: Sequence["_Word"]) -> bool:
    rest = iter([word.compared for word in words])
    return all(word in rest for word in wanted)


def _capitalised(phrase: Sequence["_Word"]) -> Iterator[list["_Word"]]:
    run: list[_Word] = []
    for word in phrase:
        if word.is_capitalised:
            run.append(word)
        elif run:
            yield run
            run = []
    if run:
        yield run


@cache
def _word_pattern() -> Any:
    import regex  # knows the letters of every script, but takes a moment to load

    # Initials, or a word with apostrophes inside; any other sign parts phrases.
    return regex.compile(
        r"(?P<word>\p{L}\p{M}*(?:\.\p{L}\p{M}*)+\.?(?![\p{L}\p{M}\p{N}])"
        r"|\p{L}[\p{L}\p{M}\p{N}]*(?:['’]\p{L}[\p{L}\p{M}]*)*)"
        r"|(?P<gap>[\s\-‐‑'’]+)|(?P<end>.)",
        regex.DOTALL,
    )


class _Word(NamedTuple):
    """A word, as it is compared.

    Attributes:
        compared: without case and stops.
        is_capitalised: whether it has a capital.
        is_capitals: whether it has nothing else, and at least two.
        begins: whether it begins a sentence, or what a colon or a quotation parts from one.
    """

    compared: str
    is_capitalised: bool
    is_capitals: bool
    begins: bool


@lru_cache(maxsize=64)
def _phrases(text: str) -> tuple[list[_Word], ...]:
    """Words between signs."""
    phrases: list[list[_Word]] = []
    phrase: list[_Word] = []
    begins = True
    for match in _word_pattern().finditer(text):
        word = match["word"]
        if word is not None:
            compared = _compared(word)
            is_capitals = word.isupper() and len(compared) > 1
            phrase.append(_Word(compared, _is_capitalised(word), is_capitals, begins))
            begins = False
        elif match["end"] is not None:
            phrases.append(phrase)
            phrase = []
            begins = begins or match["end"] in _BEFORE_A_SENTENCE
    return (*phrases, phrase)


def _compared(word: str) -> str:
    """Without case, possessive ending and the stops of initials: "U.S." is "US", "Putin's" is "Putin"."""
    bare = unicodedata.normalize("NFC", word).casefold().replace(".", "").replace("’", "'")
    return bare.removesuffix("'s")


def _is_capitalised(word: str) -> bool:
    return any(character.isupper() or unicodedata.category(character) in ("Lt", "Lo") for character in word)


def _addresses(sentence: str) -> Iterator[str]:
    """Web and mail addresses."""
    for token in sentence.split():
        bare = token.strip(_TRIMMED)
        host = bare.split("/")[0].split(".")
        is_host = len(host) > 1 and all(host) and len(host[-1]) > 1 and host[-1].isalpha() and len(host[0]) > 1
        if "://" in bare or "@" in bare or bare.startswith("www.") or is_host:
            yield bare
