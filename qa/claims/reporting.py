"""Attributions in a sentence: closed lists of verbs and phrases of reporting, and the naming before or after them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index import Span
from qa.claims import patterns
from qa.claims.deeds import tells
from qa.claims.genders import is_person
from qa.claims.namings import headline_source, naming_end, subject, with_name
from qa.claims.referents import SAYING_GROUP


@dataclass(frozen=True, slots=True)
class Attribution:
    """Someone said something.

    Attributes:
        speaker: the words that name who, perhaps a pronoun.
        end: where the reporting ends: speaker and verb.
        start: where it begins.
        before, after: whether the words before and after it in the sentence are what is said.
        verb: where the verb or the phrase of reporting begins.
    """

    speaker: Span
    start: int
    end: int
    before: bool
    after: bool
    verb: int


_WORD = re.compile(r"[A-Za-z]+")
_PREPOSITION = re.compile(r"\s(?:of|at|in|on|for|from|to|with|as|by)\s")
_ONLY_SAYING = frozenset(("said", "says", "say", "added", "adds", "wrote", "writes", "replied", "replies"))
"""Verbs that have no object that could be taken for a naming."""
_ASIDE_PARTICIPLE = re.compile(r",\s+[a-z]+ed\s")


def attributions(text: str, sentence: Span) -> Iterator[Attribution]:
    """The attributions in one sentence of ``text``, in no order."""
    sentence_text = text[sentence.start : sentence.end]
    # The patterns below take their time, so each is only looked for where its words are.
    words = _WORD.findall(sentence_text)
    if not patterns.SOURCE_WORDS.isdisjoint(word.lower() for word in words):
        yield from _sources(text, sentence)
    if "'" in sentence_text or "’" in sentence_text:
        for match in patterns.POSSESSED_SOURCE.finditer(text, sentence.start, sentence.end):
            naming = Span(match.start("naming"), match.end("naming"))
            yield Attribution(naming, match.start(), match.end(), before=True, after=True, verb=match.start())
    yield from _without_verb(text, sentence)
    if patterns.REPORTING_WORDS.isdisjoint(words):
        return
    taken = -1
    for match in patterns.INVERTED.finditer(text, sentence.start, sentence.end):
        if patterns.AFTER_RELATIVE.search(text[sentence.start : match.start()]) is not None:
            continue
        stop = naming_end(text, match.end(), sentence.end)
        if _has_object(text[sentence.start : match.start() + 1], match["verb"], text[match.end() : stop]):
            continue
        # In "Aster, said the hackers had come", who speaks stands before the verb.
        if stop > match.end() and not patterns.BEGINS_FINITE.match(text, stop, sentence.end):
            stop = with_name(text, stop, sentence.end)
            taken = match.start("verb")
            # "Nothing of the kind, said the steward: the tank was full".
            # "Not so, said the steward; the tank was full.", "It was not the tank, said Moll, who owns it: the roof fell."
            denied = patterns.DENIED.match(text, sentence.start, match.start()) is not None
            goes_on = text.startswith(":", stop) or (
                denied and patterns.INSTEAD.match(text, stop, sentence.end) is not None
            )
            yield Attribution(
                Span(match.end(), stop), match.start("verb"), stop, before=True, after=goes_on, verb=match.start("verb")
            )
    for match in patterns.REPORTING.finditer(text, sentence.start, sentence.end):
        if match.start("verb") == taken:
            continue
        speaker = subject(text, sentence.start, match.start())
        if speaker is None:
            speaker = headline_source(text, sentence, match)
        if speaker is None:
            continue
        told = tells(text, sentence, match, speaker)
        # "The minister spoke for an hour. She said": nothing of what was said stands there, but whoever goes on.
        if not told and match["verb"] not in {"spoke", "speaks"}:
            continue
        head = text[sentence.start : speaker.start]
        tail = text[match.end() : sentence.end]
        # "Aster said nine had come, the town spoke of six": these verbs have what is said behind them.
        behind = patterns.SAID_THAT.match(tail) or (match["verb"] in patterns.GAVE and patterns.OBJECT.match(tail))
        # "By 1.4 degrees, the weather service says.": nothing else is left to be said.
        closes = bool(head.strip()) and not tail.strip(" .") and head.rstrip()[-1] == ","
        before = (closes or _is_clause(head)) and not behind
        yield Attribution(
            speaker,
            speaker.start,
            match.end(),
            before=told and before,
            after=told and (not before or _goes_on(tail)),
            verb=match.start("verb"),
        )


def _has_object(head: str, verb: str, naming: str) -> bool:
    """Whether a verb after a comma has an object and not its subject behind it: "A study, out in May, estimated the loss".

    Args:
        head: the words of the sentence before the verb, with the comma or quotation mark.
        verb: the verb.
        naming: what looks like a naming behind it.
    """
    # Before the verb stand a naming and an aside, and nothing that may be what is said.
    said = patterns.FINITE.search(head) or patterns.REGULAR_PAST.search(_ASIDE_PARTICIPLE.sub("", head))
    if verb in _ONLY_SAYING or not head.endswith(",") or "," not in head[:-1] or said is not None:
        return False
    noun = _PREPOSITION.split(naming, maxsplit=1)[0]
    return (
        patterns.SPEAKING.search(noun) is None
        and SAYING_GROUP.search(noun) is None
        and not is_person(noun)
        and re.search(r"\b[A-Z]", noun) is None
    )


def _sources(text: str, sentence: Span) -> Iterator[Attribution]:
    """Those of a phrase: "according to the vet", "by the count of the vet"."""
    for match in patterns.SOURCE.finditer(text, sentence.start, sentence.end):
        stop = naming_end(text, match.end(), sentence.end)
        # "Put down by Mrs Finch to a cracked valve".
        if match.group().rstrip().lower().endswith(" by") and (to := text.find(" to ", match.end(), stop)) > 0:
            stop = to
        if stop > match.end() and not patterns.BARE.fullmatch(text, match.end(), stop):
            stop = with_name(text, stop, sentence.end)
            yield Attribution(Span(match.end(), stop), match.start(), stop, before=True, after=True, verb=match.start())


def _without_verb(text: str, sentence: Span) -> Iterator[Attribution]:
    """Attributions that need no verb of saying: a colon, an aside, or what a document has."""
    words = text[sentence.start : sentence.end]
    colon = patterns.COLON.match(text, sentence.start, sentence.end) if ":" in words else None
    if colon is not None and _may_speak(text, colon["naming"]):
        naming = Span(colon.start("naming"), colon.end("naming"))
        yield Attribution(naming, naming.start, colon.end(), before=False, after=True, verb=naming.end)
    taken = patterns.TAKEN_FOR.match(text, sentence.start, sentence.end)
    if taken is not None:
        naming = Span(taken.start("naming"), taken.end("naming"))
        yield Attribution(naming, naming.start, taken.end(), before=False, after=True, verb=naming.end)
    for match in patterns.SPOKEN_OF.finditer(text, sentence.start, sentence.end):
        naming = Span(match.start("naming"), match.end("naming"))
        yield Attribution(naming, match.start(), match.end(), before=True, after=False, verb=match.start())
    documents = patterns.DOCUMENTED.finditer(text, sentence.start, sentence.end)
    for match in documents if patterns.DOCUMENT_WORD.search(words) is not None else ():
        if patterns.FINITE.search(match["naming"]) is not None:
            continue
        naming = Span(match.start("naming"), match.end("naming"))
        yield Attribution(naming, naming.start, match.end(), before=False, after=True, verb=match.start("verb"))


def _may_speak(text: str, naming: str) -> bool:
    """Whether a naming in front of a colon is of somebody: a full name, the last word of one, or a body that speaks."""
    words = naming.split()
    if patterns.FINITE.search(naming) is not None:
        return False
    if any(word[0].isupper() for word in words[1:]) or patterns.SPEAKING.search(naming) is not None:
        return True
    return len(words) == 1 and re.search(rf"\b[A-Z][\w'’-]+ {re.escape(naming)}\b", text) is not None


def _is_clause(head: str) -> bool:
    """Whether the words before a speaker are what is said: they close with a comma or a quotation mark and say something."""
    head = head.rstrip()
    if not head or head[-1] not in ",\"”’'!?":
        return False
    if head[-1] in '"”' and len(head) > 2:
        return True
    clause = re.split(r"[;]", head)[-1]
    if len(clause.split()) < 2:
        return False
    return (
        patterns.FINITE.search(clause) is not None
        or patterns.REGULAR_PAST.search(clause) is not None
        or patterns.ADVERBIAL.match(clause.lstrip()) is None
    )


def _goes_on(tail: str) -> bool:
    """Whether the words after "X said" are said too: quoted, or introduced by "that", or a clause after a comma."""
    tail = tail.strip()
    return (
        re.match(r"(?:,?\s*(?:that|adding|and that)\b|[,:]?\s*[\"“]|:\s)", tail) is not None
        or patterns.PARENTHESIS.match(tail) is not None
        or patterns.PARTICIPLE.search(tail) is not None
    )
