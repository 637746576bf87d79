"""The checks that every sentence of an LLM has to pass. They look at words, not at meaning.

1. It cites at least one source, and none that does not exist.
2. What it puts in quotation marks stands verbatim in the sources it cites (:mod:`qa.phrasing.verbatim`).
3. Its numbers occur in these sources or in the question (:mod:`qa.phrasing.numbers`).
4. So do its names (:mod:`qa.phrasing.names`).

Words that stand verbatim in a cited source from one citation mark to the next pass 2 to 4 at once. What fails is struck
with the first reason in this order.
"""

import html
import re
from collections.abc import Iterator, Sequence

from qa.phrasing.models import PhrasedSentence, Reason, Verbatim
from qa.phrasing.names import unknown_names
from qa.phrasing.numbers import unknown_numbers
from qa.phrasing.sentences import Written, written_sentences
from qa.phrasing.sources import Source
from qa.phrasing.verbatim import DOUBLE_MARKS, MARK, find

# Two single marks side by side are a double one, ``so'', where a quotation can begin or is to end; elsewhere they may end
# two quotations at once.
_DOUBLE = re.compile(f"[{DOUBLE_MARKS}]|``|(?P<opening>(?<![^\\s([])(?:''|‘‘|’’|,,)(?=\\w))|(?P<closing>''|‘‘|’’|´´)")
# Single marks that open a quotation, each with those that close it; languages differ: ‘so’, ‚so‘, ‹so›, ›so‹.
_PAIRS = (("'", "'’"), ("‘‛", "’'"), ("‚", "‘’'"), ("‹", "›"), ("›", "‹"), ("`", "`´'’"))
# A single mark only counts as one when it opens before a word and closes after one; elsewhere it is an apostrophe.
_SINGLE = re.compile(
    "|".join(
        rf"(?<!\w)[{opening}](?=\S)([^{closing}]*(?:\w['’]\w[^{closing}]*)*)(?<=\S)[{closing}](?!\w)"
        for opening, closing in _PAIRS
    )
)
# Only those that are written out in full: "R&D" and "?a=1&copy=2" have none.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});")
_PART = "|"  # stands for what was cut out, and keeps its neighbours apart


def check(text: str, sources: Sequence[Source], question: str) -> list[PhrasedSentence]:
    """Every sentence of ``text``, passed or struck.

    Args:
        text: what the LLM wrote.
        sources: what its citation marks stand for.
        question: what was asked; its numbers and names may be repeated.
    """
    text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
    return [_judge(sentence, _cited(sentence, sources), question) for sentence in _joined(text, sources)]


def _joined(text: str, sources: Sequence[Source]) -> Iterator[Written]:
    """Sentences; those that are one in the source ("He met Gov. Lee.") are not taken for two."""
    waiting: list[Written] = []
    for sentence in written_sentences(text):
        if waiting and waiting[-1].line != sentence.line:
            yield from waiting
            waiting = []
        if not sentence.numbers:
            waiting.append(sentence)
            continue
        for count in range(len(waiting), 0, -1):
            whole = sentence
            for earlier in reversed(waiting[-count:]):
                whole = whole.after(earlier)
            if find(whole.segments[0], _cited(sentence, sources)) is not None:
                waiting, sentence = waiting[:-count], whole
                break
        yield from waiting
        waiting = []
        yield sentence
    yield from waiting


def _cited(sentence: Written, sources: Sequence[Source]) -> list[Source]:
    by_number = {source.number: source for source in sources}
    return [by_number[number] for number in sentence.numbers if number in by_number]


def _judge(sentence: Written, cited: Sequence[Source], question: str) -> PhrasedSentence:
    known = {source.number for source in cited}
    # A source may have marks like [7] of its own, and what repeats them does not cite with them.
    missing = [
        number
        for number in sentence.numbers
        if number not in known and not any(f"[{number}]" in piece.text for one in cited for piece in one.pieces)
    ]
    verbatim: list[Verbatim] = []
    reason: Reason | None = None
    if not cited or missing:
        reason = "no citation"
    else:
        rest = list(_unsupported(sentence, cited, verbatim))
        if None in rest:
            reason = "quote not in source"
        else:
            words = [words for words in rest if words is not None]
            reason = _check_words(words, [piece.text for one in cited for piece in one.pieces], question)
    text = sentence.text + "".join(f" [{number}]" for number in missing)
    return PhrasedSentence(
        text=text,
        citations=[source.number for source in cited],
        struck=reason is not None,
        reason=reason,
        verbatim=[] if reason is not None else verbatim,
    )


def _unsupported(sentence: Written, cited: Sequence[Source], verbatim: list[Verbatim]) -> Iterator[str | None]:
    """What is left of each segment without the words that stand in a source, which are added to ``verbatim``.

    ``None`` stands for a quotation that no source has.
    """
    is_open = False  # whether a quotation began in an earlier segment
    for segment in sentence.segments:
        parts = _at_double_marks(segment, is_open)
        is_open = parts[-1][1]
        if not _has_words(segment):
            continue
        found = find(segment, cited)
        if found is not None:
            verbatim.append(found)
            continue
        outside: list[str] = []
        for part, is_quoted in parts:
            if is_quoted:
                yield from _quotation(part, cited, verbatim)
            else:
                for match in _SINGLE.finditer(part):
                    yield from _quotation(match[match.lastindex or 0], cited, verbatim)
                outside.append(_SINGLE.sub(_PART, part))
        yield _PART.join(outside)


def _at_double_marks(segment: str, is_open: bool) -> list[tuple[str, bool]]:
    """``segment`` cut at its double quotation marks, each part with whether it stands between two."""
    parts: list[tuple[str, bool]] = []
    start = 0
    for mark in _DOUBLE.finditer(segment):
        if mark["closing"] is None or is_open:
            parts.append((segment[start : mark.start()], is_open))
            start, is_open = mark.end(), not is_open
    return [*parts, (segment[start:], is_open)]


def _quotation(words: str, cited: Sequence[Source], verbatim: list[Verbatim]) -> Iterator[None]:
    """Gives ``None`` if ``words`` stand in no source; a comma or full stop at their end may belong to the sentence."""
    if not _has_words(words):
        return
    found = find(words, cited) or find(words.rstrip().removesuffix(",").removesuffix("."), cited)
    if found is None:
        yield None
    else:
        verbatim.append(found)


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _check_words(rest: Sequence[str], texts: Sequence[str], question: str) -> Reason | None:
    known = [*(MARK.sub("", text) for text in texts), question]
    if any(unknown_numbers(words, known) for words in rest):
        return "number not in source"
    return "name not in source" if any(unknown_names(words, known) for words in rest) else None
