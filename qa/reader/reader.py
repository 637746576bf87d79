"""The reader: a question and some texts in, the spans that answer it out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.batching import batch_rows
from index.errors import ModelError
from qa.reader.backends import Backend, Batch
from qa.reader.beside import Scored, joined, rival, score_at
from qa.reader.calibration import Calibration, probability
from qa.reader.decoding import SpanScore, best_spans
from qa.reader.windows import Window, Windower


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """Characters ``[start, end)`` of ``texts[passage]``.

    ``score`` is the calibrated logit that spans of one question are ranked by; ``confidence`` the probability in 0..1 that
    the span is right.
    """

    passage: int
    start: int
    end: int
    score: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader found.

    Attributes:
        spans: candidates, best first; empty only when the texts hold nothing that could be read.
        confidence: that of the best candidate, 0 when there is none.
        abstained: whether that is below the reader's threshold, so that the texts are taken not to hold an answer.
    """

    spans: tuple[ReadSpan, ...]
    confidence: float
    abstained: bool


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """How a reader decodes and decides.

    Attributes:
        name, version, fingerprint: what it is; the fingerprint identifies the weights.
        max_answer_tokens: longest answer in tokens.
        calibration: turns scores into a probability.
        threshold: confidence in 0..1 below which it abstains.
        whole_words: whether answers begin and end at word boundaries.
    """

    name: str
    version: str
    fingerprint: str
    max_answer_tokens: int
    calibration: Calibration
    threshold: float
    whole_words: bool = True


class Reader:
    """Extractive reading with one network."""

    def __init__(self, backend: Backend, windower: Windower, settings: ReaderSettings, pad_id: int = 0) -> None:
        """Put the parts together; ``pad_id`` is the padding token of the windower's tokenizer."""
        self.settings = settings
        self._backend = backend
        self._windower = windower
        self._pad_id = pad_id

    @property
    def threshold(self) -> float:
        """Confidence in 0..1 below which the reader abstains."""
        return self.settings.threshold

    def describe(self) -> dict[str, str]:
        """Name, version and fingerprint of the weights."""
        return {
            "name": self.settings.name,
            "version": self.settings.version,
            "sha256": self.settings.fingerprint,
        }

    def read(
        self,
        question: str,
        texts: Sequence[str],
        *,
        top: int = 5,
        retrieval: Sequence[float] | None = None,
        collection: int | None = None,
    ) -> Reading:
        """Find the spans of ``texts`` that answer ``question``.

        Args:
            question: at most a third of a window long.
            texts: passages of any length, none of them empty.
            top: how many candidates at the most.
            retrieval: for each text the score it was retrieved with, if it was.
            collection: how many passages the texts were chosen from, at least 1; ``None`` when these are all there are.

        Raises:
            QuestionError: the question is too long.
        """
        size = len(texts) if collection is None else collection
        spans = sorted(
            (self._calibrated(span, retrieval, size) for span in self.candidates(question, texts, top)),
            key=lambda span: (-span.score, span.passage, span.start, span.end),
        )
        spans = self._held_against_its_rival(question, texts, spans)
        confidence = spans[0].confidence if spans else 0.0
        return Reading(tuple(spans), confidence, confidence < self.threshold or not spans)

    def _calibrated(self, span: SpanScore, retrieval: Sequence[float] | None, collection: int) -> ReadSpan:
        score = self.settings.calibration.logit(span_features(span, retrieval, collection))
        return ReadSpan(span.passage, span.start, span.end, score, probability(score))

    def _held_against_its_rival(self, question: str, texts: Sequence[str], spans: list[ReadSpan]) -> list[ReadSpan]:
        """``spans``, in which the best one gives way to a close rival that is the better one when both are read at once.

        What the two lead by in one window counts as much as what they lead by apart: the weight of ``span`` in the
        calibration, which is about what fits best on development questions too (RUNS.md).
        """
        place = rival(spans, texts) if spans else None
        if place is None:
            return spans
        best, other = spans[0], spans[place]
        lead = self.lead(question, texts, best, other)
        if lead is None or best.score - other.score + self.settings.calibration.weights.get("span", 0.0) * lead >= 0:
            return spans
        # Just ahead of the best one, whose own score says nothing less than before.
        score = math.nextafter(best.score, math.inf)
        return [replace(other, score=score, confidence=probability(score)), *spans[:place], *spans[place + 1 :]]

    def lead(self, question: str, texts: Sequence[str], one: Scored, other: Scored) -> float | None:
        """By how much (a logit) ``one`` is before ``other`` when their texts are read at once, each in front of the other.

        Returns:
            The mean of both orders; ``None`` when both texts do not fit a window.

        Raises:
            QuestionError: the question is too long.
        """
        both = [joined(one, other, texts), joined(other, one, texts)]
        windows = self._windower.windows(question, [text for text, _, _ in both])
        if len(windows) != len(both):
            return None
        starts, ends, _ = self.logits(windows)
        leads: list[float] = []
        for window, start, end, (_, first, second), sign in zip(windows, starts, ends, both, (1, -1), strict=True):
            scores = [score_at(window, start, end, span) for span in (first, second)]
            if scores[0] is None or scores[1] is None:
                return None
            leads.append(sign * (scores[0] - scores[1]))
        return sum(leads) / len(leads)

    def candidates(self, question: str, texts: Sequence[str], top: int) -> list[SpanScore]:
        """The ``top`` best spans before calibration; see :func:`qa.reader.decoding.best_spans`.

        Raises:
            QuestionError: the question is too long.
        """
        windows = self._windower.windows(question, texts)
        starts, ends, relevance = self.logits(windows)
        return best_spans(
            windows,
            starts,
            ends,
            top=top,
            max_answer_tokens=self.settings.max_answer_tokens,
            whole_words=self.settings.whole_words,
            relevance=relevance,
        )

    def relevance(self, question: str, texts: Sequence[str]) -> list[float]:
        """For each text the logit that it holds an answer to ``question``: that of its best window.

        Raises:
            QuestionError: the question is too long.
            ModelError: this reader has no such output.
        """
        windows = self._windower.windows(question, texts)
        _, _, found = self.logits(windows)
        if found is None:
            raise ModelError(f"{self.settings.name} does not rate passages. Leave --reader out to use one that does.")
        best = [-math.inf] * len(texts)
        for window, score in zip(windows, found, strict=True):
            best[window.passage] = max(best[window.passage], score)
        return best

    def logits(
        self, windows: Sequence[Window]
    ) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]], list[float] | None]:
        """Run the network over all windows.

        Returns:
            For each window its start and its end logits, float32 of shape (tokens of the window,), and its relevance logit
            (``None`` instead of a list when the model has no such output).
        """
        starts: list[NDArray[np.float32]] = [np.empty(0, dtype=np.float32)] * len(windows)
        ends = list(starts)
        relevance: dict[int, float] = {}
        batches = batch_rows([len(window.ids) for window in windows], self._backend.batch_tokens)
        found = self._backend.run([self._batch([windows[row] for row in rows]) for rows in batches]) if batches else []
        for rows, logits in zip(batches, found, strict=True):
            for place, row in enumerate(rows):
                length = len(windows[row].ids)
                starts[row] = logits.start[place, :length]
                ends[row] = logits.end[place, :length]
                if logits.relevance is not None:
                    relevance[row] = float(logits.relevance[place])
        return starts, ends, [relevance[row] for row in range(len(windows))] if relevance else None

    def _batch(self, windows: Sequence[Window]) -> Batch:
        shape = (len(windows), max(len(window.ids) for window in windows))
        ids = np.full(shape, self._pad_id, dtype=np.int64)
        types = np.zeros(shape, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, window in enumerate(windows):
            length = len(window.ids)
            ids[row, :length] = window.ids
            types[row, :length] = window.type_ids
            mask[row, :length] = 1
        return Batch(ids, mask, types)


def span_features(span: SpanScore, retrieval: Sequence[float] | None, collection: int) -> dict[str, float]:
    """The features of a span by name, as :class:`qa.reader.calibration.Calibration` describes them.

    Args:
        span: a decoded span.
        retrieval: the fused score of each text it may stand in, if they were retrieved.
        collection: how many passages these texts were chosen from, at least 1.
    """
    features = {"span": span.score, "collection": math.log(collection)}
    if span.relevance is not None:
        features["relevance"] = span.relevance
    if retrieval is not None:
        features["retrieval"] = retrieval[span.passage] - max(retrieval)
    return features
