"""Where the naming of a speaker begins and ends in a sentence, before or after a verb of reporting."""

import re

from index import Span
from qa.claims import patterns

_LONGEST = 160
"""Longest naming of a speaker in characters."""


def leading_naming(text: str, sentence: Span) -> Span | None:
    """The naming that a sentence begins with, up to its verb; ``None`` if it begins with something else."""
    finite = patterns.FINITE.search(text, sentence.start, sentence.end) or patterns.REGULAR_PAST.search(
        text, sentence.start, sentence.end
    )
    return None if finite is None else subject(text, sentence.start, finite.start())


def naming_end(text: str, start: int, end: int) -> int:
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
        if word is not None and word[1].lower() in patterns.NEW_SUBJECT and text[at - 1].isalnum():
            before = text[start:at].rsplit(None, 1)[-1]
            # "According to NordRail the bridge was sound", but "the head of the office".
            if before[0].isupper() or (
                before.lower() not in patterns.WITHIN_NAMING and word[1].lower() in patterns.NEW_PRONOUN
            ):
                stop = at
                break
        if (
            word is not None
            and (patterns.FINITE.fullmatch(word[1]) or word[1] in {"who", "which", "that", "and", "but", "on", "in"})
            and (
                word[1] not in {"in", "and", "on"}
                or not re.match(r"\s+\w+\s+(?:the\s+)?[A-Z]", text[at:end])
                or re.match(r"\s+on\s", text[at:end])
            )
        ):
            stop = at
            break
    else:
        stop = end
    stop = min(stop, start + _LONGEST)
    while stop > start and text[stop - 1] in " \t\n.,;:'’\"":
        stop -= 1
    return stop


def headline_source(text: str, sentence: Span, verb: re.Match[str]) -> Span | None:
    """The bare noun before a verb that closes a headline, as in "Nine dead, inquiry says"."""
    if text[verb.end() : sentence.end].strip(" .") or verb["verb"] not in patterns.SAID:
        return None
    bare = re.search(r",\s+(?P<noun>(?:[\w-]+ ){0,2}[\w-]+)\s*$", text[sentence.start : verb.start()])
    return None if bare is None else Span(sentence.start + bare.start("noun"), sentence.start + bare.end("noun"))


def with_name(text: str, stop: int, end: int) -> int:
    """``stop``, or the end of the name that follows it after a comma, as in "its head, Ruth Callan"."""
    beside = patterns.NAME_BESIDE.match(text, stop, end)
    return stop if beside is None else beside.start("name") + len(beside["name"].rstrip())


def subject(text: str, start: int, end: int) -> Span | None:
    """The naming right before a verb at ``end``, in a sentence that begins at ``start``."""
    region = text[start:end]
    cut = 0
    for match in patterns.BREAK.finditer(region):
        # "said that X" begins anew; "the bank that lends to them" does not.
        if (
            not match.group().startswith("that")
            or patterns.FINITE.search(region, cut, match.start())
            or patterns.PAST_WITH_OBJECT.search(region, cut, match.start())
        ):
            cut = match.end()
    low = start + cut
    segments = _segments(text, low, end)
    if not segments:
        return None
    closed = text[low:end].rstrip().endswith(",")
    # "Holt, in a letter to staff, gave": how it was said does not matter.
    while closed and len(segments) > 1 and patterns.ADVERBIAL.match(text, segments[-1].start, segments[-1].end):
        segments.pop()
    last = segments[-1]
    if closed and len(segments) > 1:
        # ", Tom Wray," or ", who left early," belongs to what stands before it.
        first = last
        for number in range(len(segments) - 2, -1, -1):
            words = text[segments[number].start : segments[number].end]
            if patterns.FINITE.search(words) or patterns.ADVERBIAL.match(words) or not words[0].isalpha():
                break
            first = segments[number]
            # "It paid nine million, its director, Yves Moll, said": nobody else is named before "its director".
            if patterns.POSSESSED.match(words) and text[last.start].isupper():
                break
            ahead = text[segments[number - 1].start : segments[number - 1].end] if number else ""
            if not patterns.DETERMINED.match(ahead) and not patterns.RELATIVE.match(words):
                break
        span = Span(first.start, last.end)
    else:
        words = text[last.start : last.end]
        relative = re.fullmatch(r"(?:who|which|that)", words.strip(), re.IGNORECASE)
        if relative is not None and len(segments) > 1:
            span = _after_verb(text, segments[-2])
        else:
            finite = patterns.FINITE.search(words)
            # "Joan Beecher went over the sheets and came up with": the subject stands before the first verb.
            if patterns.SECOND_VERB.search(text[last.start : end]) is not None:
                verb = finite or patterns.REGULAR_PAST.search(words)
                if verb is not None:
                    return subject(text, start, last.start + verb.start())
            span = last if finite is None else Span(last.start, last.start)
    span = _trimmed(text, span.start, span.end)
    # "Greta Pohl, who had tried to buy them": her name is enough.
    if (aside := patterns.ASIDE.search(text, span.start, span.end)) is not None:
        span = _trimmed(text, span.start, aside.start())
    # "a canoe, which Calder says is old": what is spoken of stands before who speaks.
    if (lead := patterns.OBJECT_LEAD.match(text, span.start, span.end)) is not None:
        span = Span(lead.end(), span.end)
    words = text[span.start : span.end]
    if not words or span.end - span.start > _LONGEST or not any(character.isalpha() for character in words):
        return None
    if patterns.BARE.fullmatch(words) or patterns.MALFORMED.match(words):
        return None
    if (
        patterns.ADVERBIAL.match(words)
        or patterns.NOBODY.match(words)
        or (words[0].islower() and not _is_noun_phrase(words))
    ):
        return None
    return span


def _after_verb(text: str, segment: Span) -> Span:
    """The end of a segment that names somebody, as in "said Dekker, who expects"; empty when it ends otherwise."""
    last = None
    for match in patterns.FINITE.finditer(text, segment.start, segment.end):
        last = match
    if last is None:
        return segment
    rest = _trimmed(text, last.end(), segment.end)
    return rest if text[rest.start : rest.end][:1].isupper() else Span(segment.start, segment.start)


def _is_noun_phrase(words: str) -> bool:
    return (
        re.match(
            r"(?:the|a|an|its|his|her|their|our|my|some|many|several|most|one|both|two|three|police|officials|witnesses|residents"
            r"|experts|critics|doctors|he|she|they|it|we|i|who|another|locals|[a-z]+s)\b",
            words,
        )
        is not None
    ) or patterns.TITLED.fullmatch(words) is not None


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
    # "18:40 GridCo says": the time of an entry is nobody's name.
    clock = re.match(r"\d{2}\s+(?=[A-Z])", text[start:end])
    if clock is not None and start > 1 and re.match(r"\d[.:]$", text[start - 2 : start]):
        start += clock.end()
    lead = patterns.LEAD.match(text, start, end)
    if lead is not None:
        start = lead.end()
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in ")"):
        end -= 1
    return Span(start, max(start, end))
