"""Who says so: the words of an article that name the speaker or the source of what stands at a place.

There is no parser. A sentence is searched for closed lists of verbs and phrases of reporting, and the words before or after
these are taken as the speaker. Three patterns: "X said Y", "Y, X said" (and "Y, said X"), "according to X, Y". Words in
quotation marks keep their speaker over several sentences and paragraphs, and "she said" is resolved to who spoke last.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from index import Span, sentence_spans
from qa.claims.quotations import Quotation, quotations

_SAID = """said says say told tells announced announces claimed claims wrote writes reported reports stated states declared
declares denied denies confirmed confirms added adds argued argues insisted insists believes believed thinks thought
estimates estimated warned warns admitted admits acknowledged alleges alleged maintained maintains noted notes explained
explains conceded replied suggested suggests testified contended asserted reiterated predicted predicts recalled revealed
remarked repeated complained objected countered responded disclosed""".split()
_GAVE = """put puts gave gives blamed blames accused accuses expects expected rejected rejects counted counts registered
recorded measured found finds valued values dated spoke speaks promised demanded demands proposed named names reckons
reckoned dismissed dismisses disputed disputes rated listed agreed showed shows forecast forecasts
contradicted mentioned hopes feared fears doubts doubted""".split()
# These take somebody as their object, who must not be taken for the speaker.
_ADDRESSED = frozenset(("told", "tells", "warned", "warns"))
_VERB = rf"(?:{'|'.join(_SAID + _GAVE)})"
_AUXILIARY = (
    r"(?:(?:has|have|had|also|later|again|then|now|only|himself|herself|itself|too|first|already|still|however|never|instead"
    r"|repeatedly|earlier|since|would|could|might|did|does|yesterday|today)\s+|(?:on|in) [A-Z]\w+ ?|,\s*(?:too|however|meanwhile),\s*)"
)
_REPORTING = re.compile(rf"\b{_AUXILIARY}{{0,3}}(?P<verb>{_VERB})\b")
_INVERTED = re.compile(
    rf"[,\"”’'!?]\s*(?P<verb>{'|'.join(verb for verb in _SAID if verb not in _ADDRESSED)})\s+"
    r"(?=[A-Z]|the |a |an |its |his |her |their )"
)
_SOURCE = re.compile(
    r"\b(?:according to|in the (?:words|view|opinion|estimate|eyes) of|by the (?:account|estimate|reckoning) of"
    r"|citing|quoting)\s+",
    re.IGNORECASE,
)
_FINITE = re.compile(
    rf"\b(?:is|are|was|were|be|been|has|have|had|will|would|could|can|should|did|does|do|must|may|might|{_VERB[3:-1]}"
    r"|came|went|took|made|began|left|stood|fell|rose|got|lost|won|broke|met|held|kept|brought|sent|set|ran|amounts?|takes?)\b"
    r"|n't\b"
)
_BEGINS_FINITE = re.compile(rf"\s+(?:that\b|{_FINITE.pattern})")
_NAME_BESIDE = re.compile(r",\s+(?P<name>(?:[A-Z][\w'’-]+ ?){1,4})(?=[.,;]|\s*$)")
_NOBODY = re.compile(r"(?:nobody|no one|none|nothing|everybody|everyone)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"(?:he|she|they|it|who|which|that|we|i)", re.IGNORECASE)
_BREAK = re.compile(r"[;:()–—]|\s-\s|[\"“”]|(?:,\s+|\s)(?:but|while|whereas|though|although|because|after|before)\s|,\s+and\s+(?=[A-Z])|\bthat\s|\bas\s")
_LEAD = re.compile(
    r"(?:(?:and|but|yet|so|or|however|meanwhile|later|still|then|also|nor|instead|for (?:his|her|its|their) part|in turn)\b,?\s+)+",
    re.IGNORECASE,
)
_ADVERBIAL = re.compile(
    r"(?:on|in|at|by|from|during|after|before|since|for|with|last|this|late|early|under|earlier|yesterday|today|through|to|"
    r"over|within|without|if|when|as|among|asked|speaking)\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"(?:who|which|whose|that|himself|herself|as|himself|once|now|then|aged|formerly|a|an|the|its|his|her)\b", re.IGNORECASE)
_DETERMINED = re.compile(r"(?:the|a|an|its|his|her|their|one|another)\b", re.IGNORECASE)
_LONGEST = 160
"""Longest naming of a speaker in characters."""
_REACH = 4000
"""How many characters before a place are looked at for who spoke last."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Someone said something.

    Attributes:
        speaker: the words that name who, perhaps a pronoun.
        end: where the reporting ends: speaker and verb.
        start: where it begins.
        before, after: whether the words before and after it in the sentence are what is said.
    """

    speaker: Span
    start: int
    end: int
    before: bool
    after: bool


class Speakers:
    """The attributions around one part of a document, found once and asked for many places."""

    def __init__(self, text: str, start: int, end: int) -> None:
        """Look at the paragraphs of ``text`` around the characters ``[start, end)``."""
        low = text.rfind("\n", 0, max(0, start - _REACH)) + 1
        high = text.find("\n", min(len(text), end + _REACH // 2))
        self.text = text
        self._low = low
        self._high = len(text) if high < 0 else high

    def covers(self, start: int, end: int) -> bool:
        """Whether the characters ``[start, end)`` stand in the paragraphs looked at."""
        return self._low <= start and end <= self._high

    @cached_property
    def sentences(self) -> list[Span]:
        """The sentences looked at, in document offsets."""
        part = self.text[self._low : self._high]
        return [Span(self._low + one.start, self._low + one.end) for one in sentence_spans(part)]

    @cached_property
    def _quotations(self) -> list[Quotation]:
        return quotations(self.text, self._low, self._high)

    @cached_property
    def _attributions(self) -> list[tuple[Span, list[Attribution]]]:
        return [(sentence, list(self._in_sentence(sentence))) for sentence in self.sentences]

    def speaker(self, start: int, end: int) -> Span | None:
        """Who says the characters ``[start, end)``: a span that does not overlap them; ``None`` if the article itself does."""
        found = self._attributed(start, end)
        if found is None:
            return None
        named = self._resolved(found)
        if named is None or (named.start < end and start < named.end):
            return None
        return named

    def _attributed(self, start: int, end: int) -> Attribution | None:
        quotation = next((one for one in self._quotations if one.start <= start and end <= one.end), None)
        direct = self._in_own_sentence(start, end, quotation)
        if direct is not None or quotation is None:
            return direct
        return self._of_quotation(quotation)

    def _in_own_sentence(self, start: int, end: int, quotation: Quotation | None) -> Attribution | None:
        best: tuple[int, Attribution] | None = None
        for sentence, found in self._attributions:
            if sentence.end <= start or sentence.start >= end:
                continue
            for one in found:
                if one.start < end and start < one.speaker.end and start < one.end:
                    # The place is (part of) the naming itself.
                    if one.speaker.start < end and start < one.speaker.end:
                        continue
                said_before = end <= one.start and one.before
                said_after = start >= one.end - 1 and one.after
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
        for sentence, found in self._attributions:
            if sentence.start < quotation.end + 1 and quotation.start - 1 < sentence.end:
                for one in found:
                    after = one.start >= quotation.end and one.before
                    ahead = one.end <= quotation.start and one.after
                    if after or ahead:
                        return one
        return None

    def _last_before(self, offset: int) -> Attribution | None:
        found = [
            one
            for _, attributions in self._attributions
            for one in attributions
            if one.end <= offset and not self._quoted(one.start)
        ]
        return found[-1] if found else None

    def _resolved(self, attribution: Attribution) -> Span | None:
        """The naming behind a pronoun: the last one before it that the pronoun can stand for."""
        words = self.text[attribution.speaker.start : attribution.speaker.end]
        if not _PRONOUN.fullmatch(words):
            return attribution.speaker
        pronoun = words.lower()
        speakers = [
            one.speaker
            for _, attributions in self._attributions
            for one in attributions
            if one.end <= attribution.start
            and not self._quoted(one.start)
            and not _PRONOUN.fullmatch(self.text[one.speaker.start : one.speaker.end])
        ]
        persons = self._persons(attribution.start) if pronoun in {"he", "she", "who"} else []
        for span in sorted([*speakers, *persons], key=lambda span: (span.start, -span.end), reverse=True):
            if _fits(pronoun, self.text[span.start : span.end]):
                return span
        return None

    def _quoted(self, offset: int) -> bool:
        return any(one.start <= offset < one.end for one in self._quotations)

    def _persons(self, offset: int) -> list[Span]:
        """Persons that sentences before ``offset`` begin with: full names, and last names of full names."""
        families = {match.group().split()[-1] for match in _FULL_NAME.finditer(self.text, self._low, self._high)}
        found = []
        for sentence in self.sentences:
            if sentence.start >= offset:
                break
            match = _LEADING_NAME.match(self.text, sentence.start, min(sentence.end, offset))
            if match is not None and (" " in match.group() or match.group() in families):
                found.append(Span(match.start(), match.end()))
        return found

    def _in_sentence(self, sentence: Span) -> Iterator[Attribution]:
        text = self.text
        for match in _SOURCE.finditer(text, sentence.start, sentence.end):
            stop = _naming_end(text, match.end(), sentence.end)
            if stop > match.end():
                yield Attribution(Span(match.end(), stop), match.start(), stop, before=True, after=True)
        taken = -1
        for match in _INVERTED.finditer(text, sentence.start, sentence.end):
            stop = _naming_end(text, match.end(), sentence.end)
            # In "Aster, said the hackers had come", who speaks stands before the verb.
            if stop > match.end() and not _BEGINS_FINITE.match(text, stop, sentence.end):
                stop = _with_name(text, stop, sentence.end)
                taken = match.start("verb")
                yield Attribution(Span(match.end(), stop), match.start("verb"), stop, before=True, after=False)
        for match in _REPORTING.finditer(text, sentence.start, sentence.end):
            if match.start("verb") == taken:
                continue
            speaker = _subject(text, sentence.start, match.start())
            if speaker is None:
                speaker = _headline_source(text, sentence, match)
            if speaker is None:
                continue
            head = text[sentence.start : speaker.start]
            tail = text[match.end() : sentence.end]
            before = _is_clause(head)
            yield Attribution(speaker, speaker.start, match.end(), before=before, after=not before or _goes_on(tail))


_FULL_NAME = re.compile(r"\b[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+")
_LEADING_NAME = re.compile(r"[A-Z][\w’-]+(?: [A-Z][\w’-]+)*")
_PERSONAL = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|man|woman|\w*spokes(?:man|woman)|minister|president|chief|director|mayor|secretary|lawyer|driver)\b",
    re.IGNORECASE,
)


def _fits(pronoun: str, naming: str) -> bool:
    """Whether ``naming`` may be what a pronoun stands for; what is not known may be."""
    person = _PERSONAL.search(naming) is not None or _FULL_NAME.search(naming) is not None
    definite = re.match(r"the [a-z]", naming, re.IGNORECASE) is not None and _FULL_NAME.search(naming) is None
    if pronoun in {"he", "she", "i", "who"}:
        return person or not definite
    return True


def _naming_end(text: str, start: int, end: int) -> int:
    """Where a naming that begins at ``start`` ends: before the next comma, semicolon, quotation mark or verb."""
    stop = start
    for match in re.finditer(r"[,;:.!?\"“”()]|\s", text[start:end]):
        at = start + match.start()
        if not match.group().isspace():
            # "Dr. Kast" and "U.S." go on, a comma or the end of the sentence does not.
            if match.group() == "." and at + 1 < end and text[at + 1].isspace() and at - text.rfind(" ", 0, at) <= 4:
                continue
            if match.group() == "." and at + 1 < end and not text[at + 1].isspace():
                continue
            stop = at
            break
        word = re.match(r"\s+([\w'’-]+)", text[at:end])
        if word is not None and (_FINITE.fullmatch(word[1]) or word[1] in {"who", "which", "that", "and", "but", "on", "in"}) and (
            word[1] not in {"in", "and", "on"} or not re.match(r"\s+\w+\s+(?:the\s+)?[A-Z]", text[at:end])
            or re.match(r"\s+on\s", text[at:end])
        ):
            stop = at
            break
    else:
        stop = end
    stop = min(stop, start + _LONGEST)
    while stop > start and text[stop - 1] in " \t\n.,;:'’\"":
        stop -= 1
    return stop


def _headline_source(text: str, sentence: Span, verb: re.Match[str]) -> Span | None:
    """The bare noun before a verb that closes a headline, as in "Nine dead, inquiry says"."""
    if text[verb.end() : sentence.end].strip(" .") or verb["verb"] not in _SAID:
        return None
    bare = re.search(r",\s+(?P<noun>(?:[\w-]+ ){0,2}[\w-]+)\s*$", text[sentence.start : verb.start()])
    return None if bare is None else Span(sentence.start + bare.start("noun"), sentence.start + bare.end("noun"))


def _with_name(text: str, stop: int, end: int) -> int:
    """``stop``, or the end of the name that follows it after a comma, as in "its head, Ruth Callan"."""
    beside = _NAME_BESIDE.match(text, stop, end)
    return stop if beside is None else beside.start("name") + len(beside["name"].rstrip())


def _subject(text: str, start: int, end: int) -> Span | None:
    """The naming right before a verb at ``end``, in a sentence that begins at ``start``."""
    region = text[start:end]
    cut = 0
    for match in _BREAK.finditer(region):
        # "said that X" begins anew; "the bank that lends to them" does not.
        if not match.group().startswith("that") or _FINITE.search(region, cut, match.start()):
            cut = match.end()
    low = start + cut
    segments = _segments(text, low, end)
    if not segments:
        return None
    closed = text[low:end].rstrip().endswith(",")
    last = segments[-1]
    if closed and len(segments) > 1:
        # ", Tom Wray," or ", who left early," belongs to what stands before it.
        first = last
        for number in range(len(segments) - 2, -1, -1):
            words = text[segments[number].start : segments[number].end]
            if _FINITE.search(words) or _ADVERBIAL.match(words):
                break
            first = segments[number]
            ahead = text[segments[number - 1].start : segments[number - 1].end] if number else ""
            if not _DETERMINED.match(ahead) and not _RELATIVE.match(words):
                break
        span = Span(first.start, last.end)
    else:
        words = text[last.start : last.end]
        relative = re.fullmatch(r"(?:who|which|that)", words.strip(), re.IGNORECASE)
        if relative is not None and len(segments) > 1:
            span = _after_verb(text, segments[-2])
        else:
            span = Span(last.start, last.start) if _FINITE.search(words) else last
    span = _trimmed(text, span.start, span.end)
    words = text[span.start : span.end]
    if not words or span.end - span.start > _LONGEST or not any(character.isalpha() for character in words):
        return None
    if _ADVERBIAL.match(words) or _NOBODY.match(words) or (words[0].islower() and not _is_noun_phrase(words)):
        return None
    return span


def _after_verb(text: str, segment: Span) -> Span:
    """The end of a segment that names somebody, as in "said Dekker, who expects"; empty when it ends otherwise."""
    last = None
    for match in _FINITE.finditer(text, segment.start, segment.end):
        last = match
    if last is None:
        return segment
    rest = _trimmed(text, last.end(), segment.end)
    return rest if text[rest.start : rest.end][:1].isupper() else Span(segment.start, segment.start)


def _is_noun_phrase(words: str) -> bool:
    return re.match(
        r"(?:the|a|an|its|his|her|their|our|my|some|many|several|most|one|both|two|three|police|officials|witnesses|residents"
        r"|experts|critics|doctors|he|she|they|it|we|i|who|another|locals|[a-z]+s)\b",
        words,
    ) is not None


def _segments(text: str, start: int, end: int) -> list[Span]:
    """The parts of ``[start, end)`` between commas, without those that are empty, and without leading conjunctions."""
    found = []
    at = start
    for comma in (*re.finditer(r",(?=\s|$)", text[start:end]), None):
        stop = end if comma is None else start + comma.start()
        span = _trimmed(text, at, stop)
        if span.end > span.start:
            found.append(span)
        at = stop + 1
    return found


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and not (text[start].isalnum()):
        start += 1
    lead = _LEAD.match(text, start, end)
    if lead is not None:
        start = lead.end()
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in ")"):
        end -= 1
    return Span(start, max(start, end))


def _is_clause(head: str) -> bool:
    """Whether the words before a speaker are what is said: they close with a comma or a quotation mark and say something."""
    head = head.rstrip()
    if not head or head[-1] not in ",\"”’'!?":
        return False
    if head[-1] in "\"”" and len(head) > 2:
        return True
    clause = re.split(r"[;]", head)[-1]
    if len(clause.split()) < 2:
        return False
    return _FINITE.search(clause) is not None or _ADVERBIAL.match(clause.lstrip()) is None


def _goes_on(tail: str) -> bool:
    """Whether the words after "X said" are said too: quoted, or introduced by "that", or a clause after a comma."""
    tail = tail.strip()
    return re.match(r"(?:,?\s*(?:that|adding|and that)\b|[,:]?\s*[\"“])", tail) is not None
