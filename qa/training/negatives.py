"""Passages that look right for a question and do not hold its answer, found with BM25 over all the training texts.

BM25 as in Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework", with k1 = 0.9 and b = 0.4.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from qa.training.records import Prepared

WORD = re.compile(r"\w+")
K1 = 0.9
B = 0.4
# A word in more texts than this share says next to nothing and costs the most to score.
COMMON = 0.1


def words(text: str) -> list[str]:
    """The case-folded words of ``text``."""
    return WORD.findall(text.casefold())


class Ranker:
    """BM25 scores of fixed texts, kept as one array of (text, weight) a word."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Count the words of ``texts``; a text is known by its place in them."""
        counts = [Counter(words(text)) for text in texts]
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float32)
        mean = float(lengths.mean()) if len(texts) else 1.0
        holders: dict[str, list[int]] = {}
        for number, count in enumerate(counts):
            for word in count:
                holders.setdefault(word, []).append(number)
        self._size = len(texts)
        self._postings: dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]] = {}
        for word, numbers in holders.items():
            if len(numbers) > max(10, COMMON * self._size):
                continue
            where = np.array(numbers, dtype=np.int64)
            times = np.array([counts[number][word] for number in numbers], dtype=np.float32)
            idf = math.log(1 + (self._size - len(numbers) + 0.5) / (len(numbers) + 0.5))
            norm = K1 * (1 - B + B * lengths[where] / mean)
            self._postings[word] = (where, (idf * times * (K1 + 1) / (times + norm)).astype(np.float32))

    def best(self, query: str, count: int) -> list[int]:
        """The numbers of the ``count`` best texts for ``query``, best first; only texts that share a word with it."""
        scores = np.zeros(self._size, dtype=np.float32)
        for word in set(words(query)):
            if word in self._postings:
                where, weight = self._postings[word]
                scores[where] += weight
        count = min(count, self._size)
        if count == 0:
            return []
        top = np.argpartition(-scores, count - 1)[:count]
        order = top[np.lexsort((top, -scores[top]))]
        return [int(number) for number in order if scores[number] > 0]


def find_negatives(
    prepared: Prepared,
    keep: int = 3,
    depth: int = 20,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Fill ``negatives`` of every answerable question: the best-ranked other texts without any of its answers.

    An answer of one or two characters is looked for as a word, any other as a string, both case-folded.
    ``progress`` is called with the number of questions done.
    """
    ranker = Ranker(prepared.contexts)
    folded = [context.casefold() for context in prepared.contexts]
    for number, question in enumerate(prepared.questions):
        if question.answers:
            answers = {text.casefold() for text in prepared.answer_texts(question)}
            found = (
                other
                for other in ranker.best(question.question, depth)
                if other != question.context and not any(holds(folded[other], a) for a in answers)
            )
            question.negatives = [other for other, _ in zip(found, range(keep), strict=False)]
        if progress is not None and number % 500 == 0:
            progress(number)


def holds(text: str, answer: str) -> bool:
    """Whether case-folded ``text`` holds the case-folded ``answer``; very short answers count as words only."""
    if len(answer) > 2:
        return answer in text
    return answer in text and re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text) is not None
