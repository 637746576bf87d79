"""Who says so: the words of an article that name the speaker or the source of what stands at a place.

There is no parser. A sentence is searched for closed lists of verbs and phrases of reporting, and the words before or after
these are taken as the speaker. Three patterns: "X said Y", "Y, X said" (and "Y, said X"), "according to X, Y". Words in
quotation marks keep their speaker over several sentences and paragraphs, and "she said" is resolved to who spoke last.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from index import Span, sentence_spans
from qa.claims.namings import leading_naming
from qa.claims.patterns import PRONOUN
from qa.claims.quotations import Quotation, quotations
from qa.claims.referents import family_names, fits, leading_group, leading_person
from qa.claims.reporting import Attribution, attributions

_REACH = 4000
"""How many characters before a place are looked at for who spoke last, and at the most as many more for whole paragraphs."""
_SENTENCE_END = re.compile(r"[.!?][\"'”’»)]*\s+")
_SPACE = re.compile(r"\s+")
# From within a quotation, the next mark is at the end of a word.
_WITHIN_QUOTATION = re.compile(r"[^\"“”„«»]*(?<=\S)[\"“”„«»](?!\w)")

# Ends that are taken for abbreviations: "have fallen ill. Nordane", "on 18 May. A former".
_MISSED_END = re.compile(
    r"(?<=[a-z]{3}\.)(?<!\b[A-Z][a-z]{2}\.)(?<!\b[A-Z][a-z]{3}\.)(?<!\betc\.)\s+(?=[A-Z])|(?<=\b\d May\.)\s+(?=[A-Z])"
)
# "LOMAS, 15 February 2022 - ", "YEREVAN (Agency) — ".
_DATELINE = re.compile(r"[A-Z][A-Z.'’/ -]+(?:,[^\n:;.]{1,40}|\s\([^)\n]{1,40}\))*\s*[-–—]\s+")


class Speakers:
    """The attributions around one part of a document, found once and asked for many places."""

    def __init__(self, text: str, start: int, end: int) -> None:
        """Look at the paragraphs of ``text`` around the characters ``[start, end)``, of very long ones at a part."""
        self.text = text
        self._low = _paragraph_start(text, max(0, start - _REACH))
        self._high = _paragraph_end(text, min(len(text), end + _REACH // 2))
        self._told: dict[int, list[Attribution]] = {}

    def covers(self, start: int, end: int) -> bool:
        """Whether the characters ``[start, end)`` stand in what is looked at."""
        return self._low <= start and end <= self._high

    @cached_property
    def sentences(self) -> list[Span]:
        """The sentences looked at, in document offsets."""
        part = self.text[self._low : self._high]
        found = []
        for one in sentence_spans(part):
            start = one.start
            for end in _MISSED_END.finditer(part, one.start, one.end):
                found.append(Span(self._low + start, self._low + end.start()))
                start = end.end()
            found.append(Span(self._low + start, self._low + one.end))
        return found

    @cached_property
    def _quotations(self) -> list[Quotation]:
        return quotations(self.text, self._low, self._high)

    def _told_in(self, sentence: Span) -> list[Attribution]:
        """The attributions of a sentence, looked for when they are first asked for: most sentences hold no place."""
        if sentence.start not in self._told:
            self._told[sentence.start] = list(attributions(self.text, sentence))
        return self._told[sentence.start]

    def _told_before(self, offset: int) -> Iterator[Attribution]:
        """The attributions outside quotations that end at or before ``offset``, the last first."""
        for sentence in reversed(self.sentences):
            if sentence.start <= offset:
                for one in reversed(self._told_in(sentence)):
                    if one.end <= offset and not self._quoted(one.start):
                        yield one

    def speaker(self, start: int, end: int) -> Span | None:
        """Who says the characters ``[start, end)``: a span that does not overlap them; ``None`` if the article itself does."""
        found = self._attributed(start, end)
        if found is None:
            return None
        named = self._resolved(found)
        if named is None or (named.start < end and start < named.end):
            return None
        return named

    def verb(self, start: int, end: int) -> str:
        """The word by which the characters ``[start, end)`` are said ("promised"); empty if nobody says them."""
        found = self._attributed(start, end)
        word = None if found is None else re.match(r"\w+", self.text[found.verb : found.verb + 40])
        return "" if word is None else word.group()

    def said_from(self, start: int, end: int) -> int | None:
        """Where the verb stands, if the characters ``[start, end)`` begin with a naming and go on after the verb; not where
        another verb of saying is before it, as in "denied that inspectors had warned her"."""
        for sentence in self.sentences:
            if sentence.start <= start < sentence.end:
                found = self._told_in(sentence)
                for one in found:
                    named = (
                        start <= one.verb < one.end < end and one.speaker.start < one.verb and start < one.speaker.end
                    )
                    if named and not any(start <= other.verb < one.speaker.start for other in found):
                        return one.verb
        return None

    def _attributed(self, start: int, end: int) -> Attribution | None:
        quotation = next((one for one in self._quotations if one.start <= start and end <= one.end), None)
        direct = self._in_own_sentence(start, end, quotation)
        if direct is not None or quotation is None:
            return direct
        return self._of_quotation(quotation)

    def _in_own_sentence(self, start: int, end: int, quotation: Quotation | None) -> Attribution | None:
        best: tuple[int, Attribution] | None = None
        for sentence in self.sentences:
            if sentence.end <= start or sentence.start >= end:
                continue
            for one in self._told_in(sentence):
                # The place is (part of) the naming itself.
                if one.speaker.start < end and start < one.speaker.end:
                    continue
                said_before = end <= one.start and one.before
                said_after = start >= one.verb and one.speaker.end <= start and one.after
                within = one.start <= start and end <= one.end and not said_before and one.after
                if not (said_before or said_after or within):
                    continue
                inside = quotation is not None and quotation.start <= one.start < quotation.end
                distance = one.start - end if said_before else start - one.end
                # In a quotation, the one outside it speaks; in reported speech the nearest one does.
                distance = max(0, distance) + (10_000 if inside and quotation is not None else 0)
                if best is None or distance < best[0]:
                    best = (distance, one)
        return None if best is None else best[1]

    def _of_quotation(self, quotation: Quotation) -> Attribution | None:
        """Who says a quotation whose own sentence does not tell: its other parts, else who spoke just before it."""
        if (found := self._beside(quotation) or self._introduced(quotation)) is not None:
            return found
        place = next(number for number, one in enumerate(self._quotations) if one == quotation)
        for number in range(place, -1, -1):
            one = self._quotations[number]
            if one.paragraph != quotation.paragraph and not self._quotations[number + 1].continues:
                break
            if (found := self._beside(one)) is not None:
                return found
        for one in self._quotations[place + 1 :]:
            if one.paragraph != quotation.paragraph and not one.continues:
                break
            if (found := self._beside(one)) is not None:
                return found
        return self._last_before(quotation.start)

    def _beside(self, quotation: Quotation) -> Attribution | None:
        """The attribution in a sentence that the quotation begins or ends in, and outside of it."""
        for sentence in self.sentences:
            if sentence.start < quotation.end + 1 and quotation.start - 1 < sentence.end:
                for one in self._told_in(sentence):
                    after = one.start >= quotation.end and one.before
                    ahead = one.end <= quotation.start and one.after
                    if after or ahead:
                        return one
        return None

    def _introduced(self, quotation: Quotation) -> Attribution | None:
        """Who a quotation after a colon is of: what its sentence begins with ('The mayor, Ana Lund, was brief: "No."')."""
        ahead = self.text[max(0, quotation.start - 3) : quotation.start].rstrip(' "“„«\n')
        sentence = next((one for one in self.sentences if one.start < quotation.start <= one.end), None)
        if sentence is None or not ahead.endswith(":"):
            return None
        naming = leading_naming(self.text, Span(self._beginning(sentence), quotation.start))
        if naming is None:
            return None
        return Attribution(naming, naming.start, quotation.start - 1, before=False, after=True, verb=naming.end)

    def _last_before(self, offset: int) -> Attribution | None:
        return next(self._told_before(offset), None)

    def _resolved(self, attribution: Attribution) -> Span | None:
        """The naming behind a pronoun: the last one before it that the pronoun can stand for."""
        words = self.text[attribution.speaker.start : attribution.speaker.end]
        if not PRONOUN.fullmatch(words):
            return attribution.speaker
        pronoun = words.lower()
        speakers = [
            one.speaker
            for one in self._told_before(attribution.start)
            if not PRONOUN.fullmatch(self.text[one.speaker.start : one.speaker.end])
        ]
        others = self._persons(attribution.start) if pronoun in {"he", "she", "who"} else []
        if pronoun in {"it", "they"}:
            others = self._groups(attribution.start)
        for span in sorted([*speakers, *others], key=lambda span: (span.start, -span.end), reverse=True):
            if fits(pronoun, self.text[span.start : span.end]):
                return span
        return None

    def _quoted(self, offset: int) -> bool:
        return any(one.start <= offset < one.end for one in self._quotations)

    def _near(self, offset: int, later: int) -> bool:
        """Whether no more than one paragraph ends between two offsets."""
        return self.text.count("\n", offset, later) < 2

    def _groups(self, offset: int) -> list[Span]:
        """What the sentences just before ``offset`` begin with, if it may say something: "The agency", "NordRail"."""
        found = []
        for sentence in self.sentences:
            if sentence.start >= offset or not self._near(sentence.start, offset):
                continue
            naming = leading_group(self.text, self._beginning(sentence), min(sentence.end, offset))
            if naming is not None:
                found.append(naming)
        return found

    def _beginning(self, sentence: Span) -> int:
        """Where the words of a sentence begin, after a dateline if there is one."""
        dateline = _DATELINE.match(self.text, sentence.start, sentence.end)
        return sentence.start if dateline is None else dateline.end()

    def _persons(self, offset: int) -> list[Span]:
        """Persons that sentences before ``offset`` begin with: full names, and last names of full names."""
        families = family_names(self.text, self._low, self._high)
        found = []
        for sentence in self.sentences:
            if sentence.start >= offset:
                break
            naming = leading_person(self.text, self._beginning(sentence), min(sentence.end, offset), families)
            if naming is not None:
                found.append(naming)
        return found


def _paragraph_start(text: str, offset: int) -> int:
    """Where the paragraph of ``offset`` begins; where that is too far before it, a sentence, not within a quotation."""
    floor = max(0, offset - _REACH)
    line_end = text.rfind("\n", max(0, floor - 1), offset)
    if line_end >= 0 or floor == 0:
        return line_end + 1
    cuts = _cuts(text, floor, offset)
    # Straight marks open and close in turn: cut within a quotation, all after it would be taken the wrong way round.
    return next((cut for cut in cuts if not _WITHIN_QUOTATION.match(text, cut, cut + _REACH)), cuts[0])


def _paragraph_end(text: str, offset: int) -> int:
    """Where the paragraph of ``offset`` ends; where that is too far behind it, the end of a sentence."""
    ceiling = min(len(text), offset + _REACH)
    line_end = text.find("\n", offset, ceiling + 1)
    if line_end >= 0:
        return line_end
    return ceiling if ceiling == len(text) else _cuts(text, offset, ceiling)[-1]


def _cuts(text: str, low: int, high: int) -> list[int]:
    """Where ``text`` may be cut between ``low`` and ``high``: behind sentences; if there is no end of one, behind words."""
    for end in (_SENTENCE_END, _SPACE):
        if cuts := [found.end() for found in end.finditer(text, low, high)]:
            return cuts
    return [high]
