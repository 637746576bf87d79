"""Figures that count more than was asked for: those killed or wounded, where the number of those killed is asked for."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from index import Document, sentences_around
from qa.claims.places import REACH, Found
from qa.claims.values import value_of
from qa.claims.words import content_words, kind_of, stem

AnyFound = TypeVar("AnyFound", bound=Found)

_BEFALLEN = r"([^\W\d_]+(?:ed|ead|urt|ick|issing))"
_EITHER = re.compile(rf"\b{_BEFALLEN} (?:or|and/or) {_BEFALLEN}\b")
"""Two things that may have befallen somebody, told of as one: "killed or wounded", "missing or dead"."""


def counts_more(words: Sequence[str], sentence: str) -> bool:
    """Whether ``sentence`` throws together what was asked for and what was not.

    Args:
        words: the stems of the question's words.
        sentence: what a figure stands in.
    """
    return any(sum(stem(word) in words for word in match.groups()) == 1 for match in _EITHER.finditer(sentence.lower()))


def wider_behind(question: str, found: Sequence[AnyFound], documents: Mapping[str, Document]) -> list[AnyFound]:
    """``found`` with figures that count more than was asked for behind the first one that does not.

    Args:
        question: what was asked.
        found: spans, best first.
        documents: those that the spans stand in, by id.

    Returns:
        The same spans; in the same order, unless the question is for a number and the best span is such a figure.
    """
    words = content_words(question)

    def wide(one: Found) -> bool:
        text = documents[one.document_id].text
        sentence = sentences_around(text, one.start, one.end)
        return counts_more(words, text[sentence.start : sentence.end])

    if not found or kind_of(question) != "number" or not wide(found[0]):
        return list(found)
    for place, one in enumerate(found):
        if one.score < found[0].score - REACH:
            break
        if value_of(documents[one.document_id].text, one.start, one.end).sort == "number" and not wide(one):
            return [one, *found[:place], *found[place + 1 :]]
    return list(found)
