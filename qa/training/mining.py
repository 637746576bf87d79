"""Passages that a reader takes for an answer and that hold none: what it gets wrong among many texts, to learn from.

Passages that only share words with a question (:mod:`qa.training.negatives`) soon teach a reader nothing more. Those that
it answers from itself do (Xiong et al. 2021, "Approximate Nearest Neighbor Negative Contrastive Learning", has a retriever
find its own too). They are found as the product finds passages.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa.evaluation.squad import normalise
from qa.training.negatives import holds
from qa.training.records import Prepared, Question, normalised

if TYPE_CHECKING:
    from index import Passage, PassageIndex
    from qa.reader import Reader

_NAMED = re.compile(r"\s\W*(?:[A-Z]|\d)")
"""A name or a number after the first word: without one, many texts may answer a question."""


@dataclass(frozen=True, slots=True)
class Mined:
    """A question, a passage that looks as if it answered it, and the calibrated logit of the reader's answer there."""

    question: str
    passage: str
    found: str
    score: float


def questions_to_mine(prepared: Prepared, sources: Sequence[str], limit: int, seed: int) -> list[Question]:
    """At most ``limit`` questions of ``sources`` that have an answer and name something, in the order of chance."""
    fitting = [
        question
        for question in prepared.questions
        if question.answers and question.source in sources and _NAMED.search(question.question)
    ]
    random.Random(seed).shuffle(fitting)  # noqa: S311
    return fitting[:limit]


def mine(
    prepared: Prepared,
    questions: Sequence[Question],
    index: PassageIndex,
    reader: Reader,
    forbidden: set[str],
    *,
    least: float,
    most: int = 2,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Mined]:
    """The passages of ``index`` that ``reader`` answers ``questions`` from and that hold none of their answers.

    Args:
        prepared: what the questions are of.
        index: many texts.
        forbidden: normalised texts (:func:`qa.training.records.normalised`) that no passage may be from.
        least: calibrated logit of an answer from which on it is taken.
        most: passages a question at the most.
        progress: called with the number of questions done.
    """
    for done, question in enumerate(questions):
        passages = index.search(question.question, top=10)
        texts = [passage.text for passage in passages]
        answers = [text.casefold() for text in prepared.answer_texts(question)]
        own = normalised(prepared.contexts[question.context])
        reading = reader.read(
            question.question,
            texts,
            top=120,
            retrieval=[passage.score for passage in passages],
            collection=index.passage_count(None),
        )
        marked = set().union(*map(_words, answers))
        taken: set[int] = set()
        for span in reading.spans:
            if span.score < least or len(taken) == most:
                break
            text = texts[span.passage]
            said = text[span.start : span.end]
            # A passage whose best answer shares a word with the marked one may well be right.
            if span.passage in taken or marked & _words(said):
                continue
            if _answers_not(passages[span.passage], answers, own, forbidden):
                taken.add(span.passage)
                yield Mined(question.question, text, said, span.score)
        if progress is not None:
            progress(done + 1)


def _words(text: str) -> set[str]:
    """The words of ``text`` as answers are compared by, without accents."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return set(normalise(plain).split())


def _answers_not(passage: Passage, answers: Sequence[str], own: str, forbidden: set[str]) -> bool:
    text = passage.text.casefold()
    if any(holds(text, answer) for answer in answers):
        return False
    plain = normalised(passage.text)
    # Another cut of the text that the question was asked of may answer it in other words.
    return plain not in own and own not in plain and not any(plain in other for other in forbidden)


def as_squad(found: Sequence[Mined]) -> dict[str, Any]:
    """``found`` as the content of a SQuAD 2.0 file, whose questions have no answer in their passages."""
    paragraphs = [
        {
            "context": one.passage,
            "qas": [{"id": str(number), "question": one.question, "is_impossible": True, "answers": []}],
        }
        for number, one in enumerate(found)
    ]
    return {"version": "mined", "data": [{"title": "", "paragraphs": paragraphs}]}
