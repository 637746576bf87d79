"""The reader: a question and some texts in, the spans that answer it out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError
from qa.reader.backends import Backend, Logits
from qa.reader.calibration import Calibration, probability
from qa.reader.decoding import SpanScore, best_spans
from qa.reader.windows import Window, Windower

# Windows of like length run together, at most this many tokens (padding included) at a time.
_BATCH_TOKENS = 4096


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
        self, question: str, texts: Sequence[str], *, top: int = 5, retrieval: Sequence[float] | None = None
    ) -> Reading:
        """Find the spans of ``texts`` that answer ``question``.

        Args:
            question: at most a third of a window long.
            texts: passages of any length, none of them empty.
            top: how many candidates at the most.
            retrieval: for each text the score it was retrieved with, if it was.

        Raises:
            QuestionError: the question is too long.
        """
        spans = sorted(
            (self._calibrated(span, retrieval, len(texts)) for span in self.candidates(question, texts, top)),
            key=lambda span: (-span.score, span.passage, span.start, span.end),
        )
        confidence = spans[0].confidence if spans else 0.0
        return Reading(tuple(spans), confidence, confidence < self.threshold or not spans)

    def _calibrated(self, span: SpanScore, retrieval: Sequence[float] | None, texts: int) -> ReadSpan:
        score = self.settings.calibration.logit(span_features(span, retrieval, texts))
        return ReadSpan(span.passage, span.start, span.end, score, probability(score))

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
        """Run the network over all windows, like lengths together.

        Returns:
            For each window its start and its end logits, float32 of shape (tokens of the window,), and its relevance logit
            (``None`` instead of a list when the model has no such output).
        """
        starts: list[NDArray[np.float32]] = [np.empty(0, dtype=np.float32)] * len(windows)
        ends = list(starts)
        relevance: dict[int, float] = {}
        for rows in self._batches([len(window.ids) for window in windows]):
            batch = self._run([windows[row] for row in rows])
            for place, row in enumerate(rows):
                length = len(windows[row].ids)
                starts[row] = batch.start[place, :length]
                ends[row] = batch.end[place, :length]
                if batch.relevance is not None:
                    relevance[row] = float(batch.relevance[place])
        return starts, ends, [relevance[row] for row in range(len(windows))] if relevance else None

    @staticmethod
    def _batches(lengths: Sequence[int]) -> list[list[int]]:
        """Window numbers in batches of like length, shortest first."""
        batches: list[list[int]] = []
        for row in sorted(range(len(lengths)), key=lambda row: (lengths[row], row)):
            if batches and (len(batches[-1]) + 1) * lengths[row] <= _BATCH_TOKENS:
                batches[-1].append(row)
            else:
                batches.append([row])
        return batches

    def _run(self, windows: Sequence[Window]) -> Logits:
        shape = (len(windows), max(len(window.ids) for window in windows))
        ids = np.full(shape, self._pad_id, dtype=np.int64)
        types = np.zeros(shape, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, window in enumerate(windows):
            length = len(window.ids)
            ids[row, :length] = window.ids
            types[row, :length] = window.type_ids
            mask[row, :length] = 1
        return self._backend.run(ids, mask, types)


def span_features(span: SpanScore, retrieval: Sequence[float] | None, texts: int) -> dict[str, float]:
    """The features of a span by name, as :class:`qa.reader.calibration.Calibration` describes them.

    Args:
        span: a decoded span.
        retrieval: the fused score of each text it may stand in, if they were retrieved.
        texts: how many texts it was chosen from, at least 1.
    """
    features = {"span": span.score, "passages": math.log(texts)}
    if span.relevance is not None:
        features["relevance"] = span.relevance
    if retrieval is not None:
        features["retrieval"] = retrieval[span.passage] - max(retrieval)
    return features
