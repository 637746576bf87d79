"""Turn a question that a passage answers into one that it does not, by changing one thing it asks about.

People who were asked to write misleading questions swapped names and numbers, used opposites and negated (Rajpurkar et al.
2018, "Know What You Don't Know", table 3). Such questions are few here; these are made from the others, so that the reader
learns to compare every part of the question with the passage and not only what kind of answer is wanted. A small share
comes out answerable after all (a swapped name may have its own answer in the passage), which is why no relevance is taught
with them. All randomness comes from the ``random.Random`` given.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

# Without the 's of "Norway's", which stays where it is when the name gives way to another.
_WORD = r"[A-Z](?:[\w&-]|['’](?!s\b))*\w"
NAME = re.compile(rf"\b{_WORD}(?: (?:(?:of|the|de|von|van|and|for) )?{_WORD})*")
YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
NUMBER = re.compile(r"\b\d[\d,]*(?:\.\d+)?\b")
AUXILIARY = re.compile(r"\b(is|are|was|were|did|does|do|has|have|had|could|would|should)\b", re.IGNORECASE)
NEGATED = re.compile(r"\b(?:not|never|no|none|without|except)\b|n't\b", re.IGNORECASE)

_PAIRS = """first last|first second|second third|earliest latest|early late|earlier later|before after|begin end|began ended
start end|started stopped|opened closed|founded dissolved|created destroyed|built demolished|born buried|north south
northern southern|east west|eastern western|left right|upper lower|top bottom|above below|inside outside|internal external
largest smallest|larger smaller|large small|biggest smallest|big small|highest lowest|higher lower|high low|longest shortest
long short|oldest newest|oldest youngest|older younger|old new|old young|most least|more less|more fewer|maximum minimum
many few|major minor|main secondary|best worst|better worse|good bad|fastest slowest|fast slow|heavy light|increase decrease
increased decreased|rise fall|rose fell|gain lose|gained lost|win lose|won lost|victory defeat|success failure|succeed fail
accept reject|accepted rejected|allow forbid|allowed forbade|permitted banned|support oppose|supported opposed|agree disagree
include exclude|included excluded|join leave|joined left|arrive leave|arrived departed|enter exit|attack defend
attacked defended|invaded defended|buy sell|bought sold|import export|send receive|sent received|give take|gave took
teach learn|cause prevent|caused prevented|help hinder|helped hindered|strong weak|positive negative|public private
urban rural|rich poor|male female|men women|man woman|boys girls|father mother|brother sister|son daughter|husband wife
king queen|common rare|popular unpopular|legal illegal|natural artificial|ancient modern|winter summer|always never
predecessor successor|preceded succeeded|offense defense|attackers defenders|killed wounded|dead injured|teacher student
president prime minister|mayor governor|likely unlikely|able unable|known unknown|hot cold|warm cool|wet dry|full empty
widest narrowest|deepest shallowest|minimum maximum|majority minority|parent subsidiary|host guest|home away"""
OPPOSITES: dict[str, list[str]] = {}
for _pair in _PAIRS.replace("\n", "|").split("|"):
    _one, _other = _pair.split(" ", 1)
    OPPOSITES.setdefault(_one, []).append(_other)
    if " " not in _other:
        OPPOSITES.setdefault(_other, []).append(_one)


def misleading(question: str, text: str, answers: Sequence[str], other: str, rng: random.Random) -> str | None:
    """``question`` with a name, a number or a word changed so that ``text`` most likely does not answer it.

    New names come from ``text`` itself or from ``other``, another passage on a like subject; none is one of
    ``answers``. None when nothing in the question can be changed.
    """
    ways: list[tuple[float, Callable[[], str | None]]] = [
        (4.0, lambda: _swap_name(question, text, answers, other, rng)),
        (3.0, lambda: _swap_number(question, text, answers, other, rng)),
        (3.0, lambda: _opposite(question, rng)),
    ]
    while ways:
        chosen = rng.choices(range(len(ways)), [weight for weight, _ in ways])[0]
        changed = ways.pop(chosen)[1]()
        if changed is not None and changed.casefold() != question.casefold():
            return changed
    # Nearly any question can be negated, and none should be refused only for a "not".
    return _negate(question) if rng.random() < 0.2 else None


def _swap_name(question: str, text: str, answers: Sequence[str], other: str, rng: random.Random) -> str | None:
    # The first word is a capital for being first.
    asked = [match for match in NAME.finditer(question) if match.start() > 0]
    anchored = [match for match in asked if match.group().casefold() in text.casefold()]
    if not anchored:
        return None
    match = rng.choice(anchored)
    source = text if rng.random() < 0.35 else other
    taken = f"{question} {' '.join(answers)}".casefold()
    # A name at the beginning of a sentence may be an ordinary word: it counts when it also stands elsewhere.
    inner = {found.group() for found in re.finditer(rf"(?<=[\w,;] ){NAME.pattern}", source)}
    names = sorted(name for name in inner if name.casefold() not in taken and not _shares(name, match.group()))
    alike = [name for name in names if abs(len(name.split()) - len(match.group().split())) <= 1]
    return _replaced(question, match, rng.choice(alike)) if alike else None


def _swap_number(question: str, text: str, answers: Sequence[str], other: str, rng: random.Random) -> str | None:
    years = list(YEAR.finditer(question))
    found = years or list(NUMBER.finditer(question))
    if not found:
        return None
    match = rng.choice(found)
    pattern = YEAR if years else NUMBER
    pool = {n.group() for n in pattern.finditer(f"{text} {other}")} - {n.group() for n in NUMBER.finditer(question)}
    pool -= {number for answer in answers for number in NUMBER.findall(answer)}
    if years:
        pool.add(str(int(match.group()) + rng.choice((-1, 1)) * rng.randint(1, 30)))
    return _replaced(question, match, rng.choice(sorted(pool))) if pool else None


def _opposite(question: str, rng: random.Random) -> str | None:
    found = [match for match in re.finditer(r"\b[a-z]+\b", question) if match.group() in OPPOSITES]
    if not found:
        return None
    match = rng.choice(found)
    return _replaced(question, match, rng.choice(OPPOSITES[match.group()]))


def _negate(question: str) -> str | None:
    match = AUXILIARY.search(question)
    if match is None or NEGATED.search(question):
        return None
    return _replaced(question, match, f"{match.group()}n't")


def _replaced(question: str, match: re.Match[str], new: str) -> str:
    return question[: match.start()] + new + question[match.end() :]


def _shares(one: str, other: str) -> bool:
    """Whether two names have a word in common, as "Putin" and "Vladimir Putin"."""
    return bool({word.casefold() for word in one.split()} & {word.casefold() for word in other.split()})
