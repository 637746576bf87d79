"""The names in a sentence: runs of capitalised words, and addresses; and whether a text has them.

A run of capitalised words stands in a text if the text has the same words side by side, in any case, or has them in this
order within one run of its own: "President Putin" stands in "President Vladimir Putin", "Vladimir Sarkisian" does not stand
in a text that has Vladimir Putin and Serzh Sarkisian. In a sentence, "Armenia's President" is two names. Words of scripts
without capitals are all taken for names. A name that is written without its capitals is not recognised.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

# Words that begin a sentence without being a name; where they begin a run of capitalised words, the name begins after them.
_STARTER_LIST = """
a about above according across additionally after afterwards against all also although am amid among an and another
any anybody anyone anything are around as at based because been before behind being below between both but by can
could despite did do does during each earlier either even every everybody everyone everything few finally following
for from further furthermore given had has have having he hence her here his how however i if in indeed initially
instead into is it its just last later less like many may meanwhile might more moreover most much must my near neither
never nevertheless next no nobody none nor not nothing now of off on only or other others otherwise our out over
overall per previously rather regarding several shall she should since so some somebody someone something still such
than that the their them then there therefore these they this those though through throughout thus to together too
toward towards under unlike until up upon via was we were what when where whereas whether which while who whom whose
why will with within without would yes yet you your
"""
_STARTERS = frozenset(_STARTER_LIST.split())
_POSSESSIVE = re.compile(r"(?<=\w)['’]s(?!\w)")
_TRIMMED = "()[]{}<>\"'“”„«»‘’.,;:!?…*_`"


def unknown_names(sentence: str, texts: Iterable[str]) -> list[str]:
    """The names of ``sentence`` that stand in none of ``texts``."""
    known = list(texts)
    missing = [run for run in name_runs(sentence) if not any(_has_run(text, run) for text in known)]
    lowered = [text.casefold() for text in known]
    return [
        *(" ".join(run) for run in missing),
        *(address for address in _addresses(sentence) if not any(address.casefold() in text for text in lowered)),
    ]


def name_runs(text: str) -> list[tuple[str, ...]]:
    """Runs of capitalised words, as they are compared, without the words that only begin a sentence."""
    runs: list[tuple[str, ...]] = []
    for phrase in _phrases(_POSSESSIVE.sub(" | ", text)):
        for run in _capitalised(phrase):
            start = 0
            while start < len(run) and run[start] in _STARTERS:
                start += 1
            if start < len(run):
                runs.append(run[start:])
    return runs


def _has_run(text: str, run: Sequence[str]) -> bool:
    for phrase in _phrases(text):
        words = [word for word, _ in phrase]
        if any(words[at : at + len(run)] == list(run) for at in range(len(words) - len(run) + 1)):
            return True
        if any(_in_order(run, candidate) for candidate in _capitalised(phrase)):
            return True
    return False


def _in_order(wanted: Sequence[str], words: Sequence[str]) -> bool:
    rest = iter(words)
    return all(word in rest for word in wanted)


def _capitalised(phrase: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, ...]]:
    run: list[str] = []
    for word, is_capitalised in (*phrase, ("", False)):
        if is_capitalised:
            run.append(word)
        elif run:
            yield tuple(run)
            run = []


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


@lru_cache(maxsize=64)
def _phrases(text: str) -> tuple[list[tuple[str, bool]], ...]:
    """Words between signs, each as it is compared and whether it is capitalised."""
    phrases: list[list[tuple[str, bool]]] = []
    phrase: list[tuple[str, bool]] = []
    for match in _word_pattern().finditer(text):
        if match["word"] is not None:
            phrase.append((_compared(match["word"]), _is_capitalised(match["word"])))
        elif match["end"] is not None:
            phrases.append(phrase)
            phrase = []
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
