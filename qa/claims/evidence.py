"""How well a place answers the same question as the best one: a few measured signals and a logistic model of them."""

import re
from dataclasses import dataclass

from qa.claims.places import Place
from qa.claims.values import comparable
from qa.claims.words import Kind, content_words, coverage
from qa.reader.calibration import probability

NAMES = (
    "behind",
    "score",
    "covered_less",
    "covered_near",
    "covered_document",
    "same_unit",
    "other_unit",
    "other_speaker",
    "same_speaker",
    "one_speaker",
    "other_document",
    "alike",
    "other_time",
    "open",
)
"""The signals; see :func:`signals`."""

_TIME = re.compile(
    r"\b(?:1\d{3}|20\d\d|last (?:year|month|week|time)|(?:yester|a )day earlier|years? (?:ago|earlier|before)|next year)\b"
)
_NAME_WORD = re.compile(r"\b[A-Z][\w’-]+")
_UNNAMED_LIST = "the a an its his her their of and for in at on by mr mrs ms dr"
_UNNAMED = frozenset(_UNNAMED_LIST.split())


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is compared again and again: the stems of its words, and what it asks for."""

    text: str
    kind: Kind
    words: tuple[str, ...]


def signals(asked: Asked, best: Place, other: Place) -> dict[str, float]:
    """What is measured of ``other`` beside ``best``.

    ``behind`` is by how much its score is lower, ``score`` its own; the ``covered`` ones tell what share of the question's
    words stands in its sentence (``_less``: compared with the sentence of the best), in that and the one before, and in its
    document; the rest are 0 or 1, but ``alike``, the share of words that the two sentences have in common.
    """
    words = list(asked.words)
    here = coverage(words, other.sentence_text)
    text = other.document.text
    near = text[max(0, text.rfind("\n", 0, other.sentence.start)) : other.sentence.end][-700:]
    mine, yours = set(content_words(best.sentence_text)), set(content_words(other.sentence_text))
    same_document = best.document.id == other.document.id
    speakers = relation_of_speakers(best, other)
    times = set(_TIME.findall(other.sentence_text))
    return {
        "behind": best.score - other.score,
        "score": other.score,
        "covered_less": coverage(words, best.sentence_text) - here,
        "covered_near": coverage(words, near),
        "covered_document": 1.0 if same_document else coverage(words, text[:20_000]),
        "same_unit": float(best.value.unit != "" and best.value.unit == other.value.unit),
        "other_unit": float("" not in (best.value.unit, other.value.unit) and best.value.unit != other.value.unit),
        "other_speaker": float(speakers == "other"),
        "same_speaker": float(speakers == "same"),
        "one_speaker": float(speakers == "one"),
        "other_document": float(not same_document),
        "alike": len(mine & yours) / max(1, min(len(mine), len(yours))),
        "other_time": float(bool(times - set(_TIME.findall(asked.text)) - set(_TIME.findall(best.sentence_text)))),
        "open": float(asked.kind in {"open", "whether"}),
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
        return shorter[-1] in longer and (len(shorter) == 1 or shorter[-2] in longer or len(longer) == 1)
    left = {word for word in re.findall(r"\w+", one.lower()) if word not in _UNNAMED}
    right = {word for word in re.findall(r"\w+", other.lower()) if word not in _UNNAMED}
    return bool(left) and bool(right) and (left <= right or right <= left)


def _names(naming: str) -> list[str]:
    """The capitalised words of a naming in lower case, without one that only begins it ("The ministry")."""
    return [word.lower() for word in _NAME_WORD.findall(naming) if word.lower() not in _UNNAMED]


def may_answer(best: Place, other: Place) -> bool:
    """Whether ``other`` is of a sort that can answer the question that ``best`` answers."""
    return comparable(best.value, other.value)


BIAS = -5.883
WEIGHTS: dict[str, float] = {
    "behind": -1.100,
    "score": 0.059,
    "covered_less": 0.524,
    "covered_near": 1.586,
    "covered_document": 3.434,
    "same_unit": 0.325,
    "other_unit": -1.280,
    "other_speaker": 3.702,
    "same_speaker": 0.867,
    "one_speaker": 1.407,
    "other_document": -1.113,
    "alike": 2.143,
    "other_time": 0.051,
    "open": -0.526,
}
"""By logistic regression with a normal prior (L2), on pairs of the best place and another place of one question.

Fitted on the made-up questions in ``tests/qa/claims/made`` (weight 1 each) and, with a weight of 0.2, on 510 questions of
the reader's training files. A place beside the one right answer of such a question is a negative; in 191 of them a
sentence was put in by which somebody else gives another answer, and that place is a positive. With one article left out
after the other the area under the ROC curve is 0.95 on the made-up questions.
"""


def answers_too(asked: Asked, best: Place, other: Place) -> float:
    """Probability in 0..1 that ``other`` answers the question that ``best`` answers."""
    measured = signals(asked, best, other)
    return probability(BIAS + sum(weight * measured[name] for name, weight in WEIGHTS.items()))
