"""The reader: a question and some texts in, the spans that answer it out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.errors import ModelError
from qa.reader.backends import Backend
from qa.reader.beside import Scored, joined, rival, score_at
from qa.reader.calibration import Calibration, probability
from qa.reader.decoding import SpanScore, best_spans
from qa.reader.early import EarlyExit, Origin
from qa.reader.names import names_within
from qa.reader.network import Network
from qa.reader.windows import Windower


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
        overlapping: how many of its candidates may overlap; see :func:`qa.reader.decoding.best_spans`.
        early_exit: which passages are not read to the end, for a backend in stages; all are for ``None``.
    """

    name: str
    version: str
    fingerprint: str
    max_answer_tokens: int
    calibration: Calibration
    threshold: float
    whole_words: bool = True
    overlapping: int | None = 8
    early_exit: EarlyExit | None = None


class Reader:
    """Extractive reading with one network."""

    def __init__(self, backend: Backend, windower: Windower, settings: ReaderSettings, pad_id: int = 0) -> None:
        """Put the parts together; ``pad_id`` is the padding token of the windower's tokenizer."""
        self.settings = settings
        self._network = Network(backend, pad_id)
        self._windower = windower

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
        documents: Sequence[str] | None = None,
    ) -> Reading:
        """Find the spans of ``texts`` that answer ``question``.

        Args:
            question: at most a third of a window long.
            texts: passages of any length, none of them empty.
            top: how many candidates at the most.
            retrieval: for each text the score it was retrieved with, if it was.
            collection: how many passages the texts were chosen from, at least 1; ``None`` when these are all there are.
            documents: for each text what names the document it is of; given, other documents on the event of the best text
                are read too.

        Raises:
            QuestionError: the question is too long.
        """
        size = len(texts) if collection is None else collection
        spans = sorted(
            (
                self._calibrated(span, retrieval, size)
                for span in self.candidates(question, texts, top, retrieval, documents)
            ),
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
        found = self._network.run(windows)
        leads: list[float] = []
        parts = zip(windows, found.starts, found.ends, both, (1, -1), strict=True)
        for window, start, end, (_, first, second), sign in parts:
            scores = [score_at(window, start, end, span) for span in (first, second)]
            if scores[0] is None or scores[1] is None:
                return None
            leads.append(sign * (scores[0] - scores[1]))
        return sum(leads) / len(leads)

    def candidates(
        self,
        question: str,
        texts: Sequence[str],
        top: int,
        retrieval: Sequence[float] | None = None,
        documents: Sequence[str] | None = None,
    ) -> list[SpanScore]:
        """The ``top`` best spans before calibration; see :func:`qa.reader.decoding.best_spans`.

        None come from texts that look hopeless after the first layers, see :class:`qa.reader.early.EarlyExit`.

        Raises:
            QuestionError: the question is too long.
        """
        windows = self._windower.windows(question, texts)
        rule = self.settings.early_exit
        if rule is not None and self._network.staged and len(texts) > rule.least:
            origins = None
            if documents is not None:
                origins = [Origin(name, names_within(text)) for name, text in zip(documents, texts, strict=True)]
            windows, found = self._network.promising(windows, len(texts), retrieval, rule, origins)
        else:
            found = self._network.run(windows)
        return best_spans(
            windows,
            found.starts,
            found.ends,
            top=top,
            max_answer_tokens=self.settings.max_answer_tokens,
            whole_words=self.settings.whole_words,
            relevance=found.relevance,
            overlapping=self.settings.overlapping,
        )

    def early(self, question: str, texts: Sequence[str]) -> list[float] | None:
        """For each text the logit that it holds an answer, as far as the first layers can tell: that of its best window.

        Returns:
            ``None`` when the backend has no stages.

        Raises:
            QuestionError: the question is too long.
        """
        return (
            self._network.early(self._windower.windows(question, texts), len(texts)) if self._network.staged else None
        )

    def relevance(self, question: str, texts: Sequence[str]) -> list[float]:
        """For each text the logit that it holds an answer to ``question``: that of its best window.

        Raises:
            QuestionError: the question is too long.
            ModelError: this reader has no such output.
        """
        windows = self._windower.windows(question, texts)
        found = self._network.run(windows).relevance
        if found is None:
            raise ModelError(f"{self.settings.name} does not rate passages. Leave --reader out to use one that does.")
        best = [-math.inf] * len(texts)
        for window, score in zip(windows, found, strict=True):
            best[window.passage] = max(best[window.passage], score)
        return best


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
