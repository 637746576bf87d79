"""The reader: a question and some texts in, the spans that answer it out."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from index.errors import ModelError
from qa.reader.backends import Backend
from qa.reader.calibration import Calibration, probability
from qa.reader.comparing import Comparer
from qa.reader.decoding import SpanScore, best_spans
from qa.reader.early import EarlyExit, Origin
from qa.reader.heard import SPANS, Found, Heard
from qa.reader.names import names_within
from qa.reader.network import Network, WindowLogits
from qa.reader.opinions import Surroundings, best_retrieved, joined, overtaken, words
from qa.reader.reading import Reading, ReadSpan
from qa.reader.windows import Window, Windower


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
        comparing: what identifies the weights that places are compared with; empty for a reader that has none.
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
    comparing: str = ""


class Reader:
    """Extractive reading with one network."""

    def __init__(
        self,
        backend: Backend,
        windower: Windower,
        settings: ReaderSettings,
        pad_id: int = 0,
        load_comparer: Callable[[], Comparer] | None = None,
    ) -> None:
        """Put the parts together.

        Args:
            backend: its network.
            windower: makes windows.
            settings: how it decodes and decides.
            pad_id: the padding token of the windower's tokenizer.
            load_comparer: gives what compares places, when that is first needed; ``None`` for a reader that has none.
        """
        self.settings = settings
        self._load_comparer = load_comparer
        self._network = Network(backend, pad_id)
        self._windower = windower

    @property
    def threshold(self) -> float:
        """Confidence in 0..1 below which the reader abstains."""
        return self.settings.threshold

    @cached_property
    def comparer(self) -> Comparer | None:
        """What compares two places by their words, loaded when first asked for; ``None`` if this reader has none.

        Raises:
            ModelError: its files are damaged.
        """
        return None if self._load_comparer is None else self._load_comparer()

    def describe(self) -> dict[str, str]:
        """Name, version and fingerprint of the weights."""
        return {
            "name": self.settings.name,
            "version": self.settings.version,
            "sha256": self.settings.fingerprint,
        }

    def facts(self) -> dict[str, object]:
        """All that decides what it finds, as JSON values: what it is, its settings, and its windows.

        Results of readers of which any of this differs must not be mixed; weights that are the same are not enough.
        """
        return {
            "reader": self.describe(),
            "threshold": self.threshold,
            "reader_settings": str(self.settings),
            "windows": self._windower.fingerprint,
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
        surroundings: Surroundings | None = None,
        several: bool = False,
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
            surroundings: gives what surrounds an answer; without, that is not read where the reader is not sure.
            several: whether the question asks for several answers. Then another one speaks against none, so nothing is read on.

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
        if not several:
            spans = self._read_on(question, texts, spans, retrieval, size, surroundings)
        confidence = spans[0].confidence if spans else 0.0
        return Reading(tuple(spans), confidence, confidence < self.threshold or not spans)

    def _calibrated(self, span: SpanScore, retrieval: Sequence[float] | None, collection: int) -> ReadSpan:
        score = self.settings.calibration.logit(span_features(span, retrieval, collection))
        return ReadSpan(span.passage, span.start, span.end, score, probability(score))

    def _read_on(
        self,
        question: str,
        texts: Sequence[str],
        spans: list[ReadSpan],
        retrieval: Sequence[float] | None,
        collection: int,
        surroundings: Surroundings | None,
    ) -> list[ReadSpan]:
        """``spans`` in the light of what is read once more, where the best one is neither surely right nor surely wrong."""
        rule = self.settings.calibration.together
        if rule is None or not spans or abs(spans[0].score) > rule.within:
            return spans
        found = self.together(question, texts, retrieval, spans[0].passage)
        if found is None:
            return spans
        spans = overtaken(spans, texts, found, self.settings.calibration.overtaking)
        best, answer = spans[0], words(spans[0], texts)
        heard = Heard(rule, {"together": found.score, "collection": math.log(collection)}, found)
        after = self.settings.calibration.around
        if after is not None and surroundings is not None and abs(heard.logit(answer, best.score)) <= after.within:
            around = surroundings(best.passage, best.start)
            wider = None if around is None else self.found_in(question, *around)
            if wider is not None:
                heard = Heard(after, {**heard.features, "around": wider.score}, found, wider)
        sure = heard.confidences(answer, [span.score for span in spans])
        return [replace(span, confidence=confidence) for span, confidence in zip(spans, sure, strict=True)]

    def together(
        self, question: str, texts: Sequence[str], retrieval: Sequence[float] | None, answering: int
    ) -> Found | None:
        """What is found in the best retrieved of ``texts``, read at once.

        Args:
            question: at most a third of a window long.
            texts: passages of any length.
            retrieval: for each text the score it was retrieved with, if it was.
            answering: which of them the best span by itself stands in.

        Returns:
            ``None`` when there is but one text, which was read with all there is already, or nothing to read in them.

        Raises:
            QuestionError: the question is too long.
        """
        if len(texts) < 2:
            return None
        places = self.read_at_once(question, texts, retrieval, answering)
        return self.found_in(question, joined([texts[place] for place in places]))

    def read_at_once(
        self, question: str, texts: Sequence[str], retrieval: Sequence[float] | None, answering: int
    ) -> list[int]:
        """The texts that are read at once, by number, in the order in which they are read.

        They are the best retrieved (:func:`qa.reader.opinions.best_retrieved`). Where they do not fit one window, the end of
        the last is cut off, so the one that the best span stands in is not the last.

        Args:
            question, texts, retrieval, answering: as for :meth:`together`.

        Raises:
            QuestionError: the question is too long.
        """
        places = best_retrieved(retrieval, len(texts), answering)
        if places[-1] != answering or len(places) < 2:
            return places
        fits = len(self._windower.windows(question, [joined([texts[place] for place in places])])) < 2
        return places if fits else [*places[:-2], answering, places[-2]]

    def found_in(self, question: str, text: str, place: int = 0) -> Found | None:
        """What is found in ``text``, of which as much is read as fits a window; ``None`` when there is nothing to read.

        Args:
            question: at most a third of a window long.
            text: of any length.
            place: offset of the character that the window must hold, with as much as there is on both sides.

        Raises:
            QuestionError: the question is too long.
        """
        windows = self._windower.windows(question, [text])
        if len(windows) > 1:
            # What the text begins with has nothing before it, so a window that begins there lacks nothing on that side.
            before = [math.inf, *(place - int(window.starts[0]) for window in windows[1:])]
            room = [min(ahead, int(window.ends[-1]) - place) for ahead, window in zip(before, windows, strict=True)]
            windows = [windows[room.index(max(room))]]
        best = self._decoded(windows, self._network.run(windows), SPANS)
        return Found(tuple((text[span.start : span.end], span.score) for span in best)) if best else None

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
        return self._decoded(windows, found, top)

    def _decoded(self, windows: Sequence[Window], found: WindowLogits, top: int) -> list[SpanScore]:
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
