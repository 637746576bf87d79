"""What is measured of a place beside the best one: the signals that tell whether it answers the same question, and how."""

import math
import re
from dataclasses import dataclass

from qa.claims.places import Place
from qa.claims.referents import SAYING_GROUP
from qa.claims.words import Kind, content_words, coverage
from qa.reader.names import names_shared, names_within

KINDS: tuple[Kind, ...] = ("number", "date", "name", "place", "open", "whether")
_APART = 9.0
"""What counts as the sentences between two places of different documents, and as the most between others."""
_BESIDE = 120
"""Characters before a place that are searched for words of agreement and contrast; after it there are fewer."""
_TIME = re.compile(
    r"\b(?:1\d{3}|20\d\d|last (?:year|month|week|time)|(?:yester|a )day earlier|years? (?:ago|earlier|before)|next year)\b"
)
_CONTRAST = re.compile(
    r"\b(?:but|however|while|whereas|although|though|on the other hand|in contrast|instead|contradict\w*|disagree\w*|disput\w*"
    r"|den(?:y|ies|ied)|reject\w*|only|no more than|barely|at least|at most|(?:the|its) (?:number|figure|toll|share|sum)"
    r"|put (?:it|the|that|its|their)|spoke of|speaks of|reckons? with|arrives? at|it was|it is|closer to|rather than"
    r"|far (?:more|fewer|less|higher|lower)|another|different|maintain\w*|insist\w*|claim(?:s|ed))\b",
    re.IGNORECASE,
)
_AGREEING = re.compile(
    r"\b(?:too|also|likewise|as well|both|same|confirm\w*|agree[sd]?|similarly|equally|so (?:did|does|say|says)"
    r"|in line with|indeed|that (?:month|day|year)|concede[sd]?|grant(?:s|ed)?|accept(?:s|ed)?|even)\b",
    re.IGNORECASE,
)
_DENYING = re.compile(
    r"\b(?:not|no|never|nobody|none|neither|nor|cannot|den(?:y|ies|ied)|reject\w*|dismiss\w*|disput\w*|contradict\w*"
    r"|rul(?:es|ed) (?:\w+ )?out|disagree\w*|refus\w*|false|untrue|wrong)\b|n['’]t\b",
    re.IGNORECASE,
)
_NAME_WORD = re.compile(r"\b[A-Z][\w’-]+")
_BEGINNING = 6000
"""Characters of a document that are searched for its names."""
_FEW_NAMES = 3
_USUALLY_SHARED = 0.45
_UNNAMED_LIST = "the a an its his her their of and for in at on by mr mrs ms dr"
_UNNAMED = frozenset(_UNNAMED_LIST.split())


_OPPOSING = re.compile(
    r"\b(?:but|however|while|whereas|although|though|contrast|instead|contradict\w*|disagree\w*|disput\w*|den(?:y|ies|ied)|reject\w*"
    r"|only|no more than|barely|at least|at most|insist\w*|claim(?:s|ed)?|rather|not)\b|n['’]t\b|;",
    re.IGNORECASE,
)
_SENTENCE_ENDS = re.compile(r"[.!?]\s")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is compared again and again: the stems of its words, and what it asks for."""

    text: str
    kind: Kind
    words: tuple[str, ...]


def signals(asked: Asked, best: Place, other: Place) -> dict[str, float]:
    """What is measured of ``other`` beside ``best``, by name.

    *Scores*: ``behind`` is by how much its score is lower, ``score`` its own, ``best_score`` that of the best, ``order``
    how many better places its document has. *Words of the question*: ``covered`` is the share that stands in its sentence,
    ``covered_less`` how much less that is than in the sentence of the best, ``covered_near`` the share in its sentence and
    those before, ``covered_document`` in its document. ``names_shared`` is the share of names that the two documents have
    in common, which tells whether they are about one event. *Nearness*: ``sentences`` and ``characters`` (a logarithm)
    between them, ``later`` whether it comes after. *Words beside it*: how many of agreement and of contrast stand before
    and after it and the best (``agree_...``, ``oppose_...``). *Values*: ``ratio`` is the logarithm of how many times larger
    one number is, ``alike`` and ``alike_words`` the share of words that the two sentences and the two places have in
    common. ``kind_...`` is what the question asks for; the rest are 0 or 1, or numbers of words.
    """
    words = list(asked.words)
    here = coverage(words, other.sentence_text)
    text = other.document.text
    near = text[max(0, text.rfind("\n", 0, other.sentence.start)) : other.sentence.end][-700:]
    same_document = best.document.id == other.document.id
    speakers = relation_of_speakers(best, other)
    times = set(_TIME.findall(other.sentence_text))
    named = best.speaker is not None and other.speaker is not None
    return {
        "behind": best.score - other.score,
        "score": other.score,
        "best_score": best.score,
        "covered": here,
        "covered_less": coverage(words, best.sentence_text) - here,
        "covered_near": coverage(words, near),
        "covered_document": 1.0 if same_document else coverage(words, text[:20_000]),
        "order": min(_APART, float(other.order)),
        "names_shared": 1.0 if same_document else about_one_event(best, other),
        "other_speaker": float(speakers == "other"),
        "same_speaker": float(speakers == "same"),
        "one_speaker": float(speakers == "one"),
        "speaker": float(other.speaker is not None),
        "best_speaker": float(best.speaker is not None),
        "speakers": float(same_speaker(best.speaker_text, other.speaker_text)) if named else -1.0,
        "other_document": float(not same_document),
        "alike": _shared(best.sentence_text, other.sentence_text),
        "alike_words": _shared(best.text, other.text),
        "other_time": float(bool(times - set(_TIME.findall(asked.text)) - set(_TIME.findall(best.sentence_text)))),
        **_nearness(best, other, same_document=same_document),
        **_of_values(asked, best, other),
        **_words_beside("best", best),
        **_words_beside("other", other),
        "contrast": float(_CONTRAST.search(other.sentence_text) is not None),
        "agreeing": float(_AGREEING.search(other.sentence_text) is not None),
        "denies": float(asked.kind in {"open", "whether"} and _DENYING.search(other.sentence_text) is not None),
        **{f"kind_{kind}": float(asked.kind == kind) for kind in KINDS},
    }


def _shared(one: str, other: str) -> float:
    """The share of the stems of the shorter text, in 0..1, that the other has too."""
    mine, yours = set(content_words(one)), set(content_words(other))
    return len(mine & yours) / max(1, min(len(mine), len(yours)))


def about_one_event(best: Place, other: Place) -> float:
    """The share of the names of the document with fewer of them, in 0..1, that the other has too; of documents that hardly name
    anything, what those on one event usually share."""
    mine, yours = (names_within(place.document.text[:_BEGINNING]) for place in (best, other))
    return _USUALLY_SHARED if min(len(mine), len(yours)) < _FEW_NAMES else names_shared(mine, yours)


def _of_values(asked: Asked, best: Place, other: Place) -> dict[str, float]:
    mine, yours = best.value, other.value
    ratio = 0.0
    if mine.sort == yours.sort == "number":
        first, second = float(mine.key), float(yours.key)
        ratio = abs(math.log(first / second)) if first > 0 and second > 0 else 5.0
    return {
        "same_unit": float(mine.unit != "" and mine.unit == yours.unit),
        "other_unit": float("" not in (mine.unit, yours.unit) and mine.unit != yours.unit),
        "bare": float(yours.sort == "number" and yours.unit == ""),
        "asked_unit": float(yours.unit != "" and yours.unit in asked.words),
        "same_sort": float(mine.sort == yours.sort),
        "number": float(mine.sort == "number"),
        "text": float(mine.sort == "text"),
        "ratio": ratio,
        "words": float(len(other.text.split())),
        "words_differ": float(abs(len(other.text.split()) - len(best.text.split()))),
        "sentence_words": float(len(other.sentence_text.split())),
    }


def _words_beside(name: str, place: Place) -> dict[str, float]:
    text = place.document.text
    ahead = text[max(place.sentence.start, place.start - _BESIDE) : place.start]
    behind = text[place.end : min(place.sentence.end, place.end + 2 * _BESIDE // 3)]
    return {
        f"agree_before_{name}": float(len(_AGREEING.findall(ahead))),
        f"agree_after_{name}": float(len(_AGREEING.findall(behind))),
        f"oppose_before_{name}": float(len(_OPPOSING.findall(ahead))),
        f"oppose_after_{name}": float(len(_OPPOSING.findall(behind))),
    }


def _nearness(best: Place, other: Place, *, same_document: bool) -> dict[str, float]:
    """How near two places and their sentences stand."""
    if not same_document:
        apart = {"sentences": _APART, "characters": _APART, "later": 0.0}
        return apart | {"same_sentence": 0.0, "next_sentence": 0.0, "same_paragraph": 0.0}
    text = best.document.text
    ahead, behind = sorted((best, other), key=lambda place: place.start)
    within = text[ahead.end : behind.start]
    first, second = sorted((best.sentence, other.sentence), key=lambda span: span.start)
    between = text[first.end : second.start]
    return {
        "sentences": min(_APART, float(len(_SENTENCE_ENDS.findall(within)))),
        "characters": math.log1p(len(within)),
        "later": float(other.start > best.start),
        "same_sentence": float(first.start == second.start),
        "next_sentence": float(first.start != second.start and not between.strip()),
        "same_paragraph": float("\n" not in between),
    }


def relation_of_speakers(one: Place, other: Place) -> str:
    """``same`` or ``other`` when both places name who says so, ``one`` when only one does, else ``none``."""
    if one.speaker is None and other.speaker is None:
        return "none"
    if one.speaker is None or other.speaker is None:
        return "one"
    return "same" if same_speaker(one.speaker_text, other.speaker_text) else "other"


def same_speaker(one: str, other: str) -> bool:
    """Whether two namings are of one speaker, as far as their words tell.

    They are when they share the last word of a name and no first name differs, or, without names, when they have all
    words of the shorter one in common.
    """
    mine, yours = _names(one), _names(other)
    if mine and yours:
        shorter, longer = sorted((mine, yours), key=len)
        if SAYING_GROUP.fullmatch(shorter[-1]) is not None:
            # The Azeri Defense Ministry is not the Armenian one.
            return set(shorter) <= set(longer)
        return shorter[-1] in longer and (len(shorter) == 1 or shorter[-2] in longer or len(longer) == 1)
    left = {word for word in re.findall(r"\w+", one.lower()) if word not in _UNNAMED}
    right = {word for word in re.findall(r"\w+", other.lower()) if word not in _UNNAMED}
    return bool(left) and bool(right) and (left <= right or right <= left)


def _names(naming: str) -> list[str]:
    """The capitalised words of a naming in lower case, without one that only begins it ("The ministry")."""
    return [word.lower() for word in _NAME_WORD.findall(naming) if word.lower() not in _UNNAMED]


def opposes(sentence: str) -> bool:
    """Whether a sentence has words of contrast."""
    return _CONTRAST.search(sentence) is not None
