"""From many overlapping spans to the places that may hold an answer of the kind that is asked for."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from index import Document, Span, sentences_around
from qa.claims.dates import date_around
from qa.claims.denials import denial_before
from qa.claims.speakers import Speakers
from qa.claims.values import Value, time_of, value_of
from qa.claims.words import Kind

REACH = 6.5
"""How far below the best score (a calibrated logit) a span is still looked at; right ones further down are very rare."""

_PART = 6000
"""Characters of a document that are searched for speakers together."""

_CAPITAL_BEFORE = re.compile(r"[A-Z][\w'’-]*\s$")
_CAPITAL_AFTER = re.compile(r"\s[A-Z]")
_PART_OF_NAMING = re.compile(r"\b(?:of|at|in|from|for|near)\s(?:the\s)?$")
_APPOSITION = re.compile(r",?\s+")
_SHARE = re.compile(r"\s(?:out\s)?of\s(?:the\s|its\s|his\s|her\s|their\s)?")
_NOBODY = r"(?!(?:he|she|it|they|we|you|i|him|her|them|who|that|which|this|there|here|not|no|nobody)\b)"
# "A thief", "the harbour police": somebody without a name.
_COMMON = re.compile(
    rf"{_NOBODY}(?:(?:the|an?|some|its|his|her|their|two|three)\s)?(?:[a-z][\w’'-]*\s){{0,2}}[a-z][\w’'-]*",
    re.IGNORECASE,
)
_SOMEWHERE = re.compile(
    rf"(?:(?:in|on|at|near|by|under|behind|inside|outside|beside|off|from|along)\s)?{_COMMON.pattern}", re.IGNORECASE
)
_WORDS = re.compile(r"\w{2,}|\d")


class Found(Protocol):
    """A span that the reader put forward, in document offsets."""

    @property
    def document_id(self) -> str:
        """The document it stands in."""
        ...

    @property
    def start(self) -> int:
        """Its first character."""
        ...

    @property
    def end(self) -> int:
        """The character after its last one."""
        ...

    @property
    def score(self) -> float:
        """Its calibrated logit."""
        ...

    @property
    def confidence(self) -> float:
        """The probability in 0..1 that it is right."""
        ...


@dataclass(frozen=True)
class Place:
    """A span with what the text around it tells.

    ``start``, ``end`` and what is derived from them are offsets into ``document.text``. ``speakers`` is shared by places of
    one part of a document, so that it is searched once. ``timed`` is whether it is asked when something happened,
    ``order`` how many better places stand in its document, ``unnamed`` whether who speaks there is taken to be unknown.
    """

    document: Document
    start: int
    end: int
    score: float
    confidence: float
    speakers: Speakers | None = field(default=None, repr=False, compare=False)
    timed: bool = False
    order: int = 0
    unnamed: bool = False

    @cached_property
    def text(self) -> str:
        """The words."""
        return self.document.text[self.start : self.end]

    @cached_property
    def sentence(self) -> Span:
        """The sentence or sentences it stands in."""
        return sentences_around(self.document.text, self.start, self.end)

    @cached_property
    def sentence_text(self) -> str:
        """The words of the sentence."""
        return self.document.text[self.sentence.start : self.sentence.end]

    @cached_property
    def value(self) -> Value:
        """What it amounts to; of a date the whole phrase, so that the 2022 of two seasons is not the same."""
        measure = time_of if self.timed else value_of
        value = measure(self.document.text, self.start, self.end)
        if value.sort != "date":
            return value
        text, sentence = self.document.text, self.sentence
        return measure(text, *date_around(text, self.start, self.end, sentence.start, sentence.end))

    @cached_property
    def speaker(self) -> Span | None:
        """Who says so; ``None`` if the article itself does, or nobody knows."""
        return None if self.unnamed else self._around.speaker(self.start, self.end)

    @property
    def verb(self) -> str:
        """The word by which its speaker says so ("promised"), empty if there is none."""
        return self._around.verb(self.start, self.end)

    @cached_property
    def _around(self) -> Speakers:
        if self.speakers is not None and self.speakers.covers(self.start, self.end):
            return self.speakers
        return Speakers(self.document.text, self.start, self.end)

    @property
    def speaker_text(self) -> str:
        """The words that name who says so, empty if nobody is named."""
        return "" if self.speaker is None else self.document.text[self.speaker.start : self.speaker.end]

    def overlaps(self, other: "Place") -> bool:
        """Whether the two share characters."""
        return self.document.id == other.document.id and self.start < other.end and other.start < self.end


def places_of(reached: Sequence[Place], kind: Kind) -> list[Place]:
    """The places among ``reached``, best first, that do not overlap: the best one, then others of the kind asked for.

    Args:
        reached: as :func:`within_reach` gives them.
        kind: what the question asks for.
    """
    kept: list[Place] = []
    for place in (replace(one, timed=True) for one in reached) if kind == "date" else reached:
        if any(place.overlaps(other) for other in kept):
            continue
        if kept and (not _fits(place, kind) or _is_beside(place, kept)):
            continue
        kept.append(_narrowed(place) if kind in {"whether", "open"} else place)
    before: Counter[str] = Counter()
    for at, place in enumerate(kept):
        kept[at] = replace(place, order=before[place.document.id])
        before[place.document.id] += 1
    return kept


def within_reach(found: Sequence[Found], documents: Mapping[str, Document]) -> list[Place]:
    """A place for every span of ``found``, best first, that is not too far behind the first one.

    Args:
        found: spans, best first.
        documents: those that the spans stand in, by id.
    """
    reached: list[Place] = []
    searched: dict[tuple[str, int], Speakers] = {}
    for one in found:
        if one.score < found[0].score - REACH:
            break
        document = documents[one.document_id]
        part = (document.id, one.start // _PART)
        if part not in searched:
            searched[part] = Speakers(document.text, part[1] * _PART, min((part[1] + 1) * _PART, len(document.text)))
        reached.append(Place(document, one.start, one.end, one.score, one.confidence, searched[part]))
    return reached


def _narrowed(place: Place) -> Place:
    """``place`` without the naming of its speaker, if it begins with that: "rejected the accusation" remains."""
    speakers = place.speakers
    if speakers is None or not speakers.covers(place.start, place.end):
        return place
    # What is said behind "denied that" is not said.
    denied = denial_before(place.document.text, place.sentence.start, place.start) is not None
    start = None if denied else speakers.said_from(place.start, place.end)
    return place if start is None else replace(place, start=start)


def _fits(place: Place, kind: Kind) -> bool:
    """Whether a place looks like what is asked for."""
    if _WORDS.search(place.text) is None:
        return False
    if kind == "number":
        return place.value.sort in {"number", "date"}
    if kind == "date":
        return place.value.sort == "date" or place.value.unit == "time"
    text = place.document.text
    if kind in {"name", "place"}:
        whole = not _CAPITAL_BEFORE.search(text, max(0, place.start - 30), place.start) and not _CAPITAL_AFTER.match(
            text, place.end
        )
        part = kind == "name" and _PART_OF_NAMING.search(text, max(0, place.start - 12), place.start) is not None
        named = (
            place.value.sort == "name" or (_COMMON if kind == "name" else _SOMEWHERE).fullmatch(place.text) is not None
        )
        return named and whole and not part
    return len(place.text.split()) > 1 or len(place.text) > 3


def _is_beside(place: Place, kept: Sequence[Place]) -> bool:
    """Whether a place only describes one that is kept, as in "the mayor, Anna Stone"."""
    text = place.document.text
    for other in kept:
        if other.document.id != place.document.id or other.value.sort != place.value.sort:
            continue
        first, second = sorted((place, other), key=lambda one: one.start)
        gap = text[first.end : second.start]
        described = first.text[:1].islower() or first.text.split()[0].lower() in {"the", "a", "an", "its", "his", "her"}
        if _APPOSITION.fullmatch(gap) and (described or "," not in gap):
            return True
        # "two of the twelve samples" is one figure.
        if _SHARE.fullmatch(gap):
            return True
    return False
