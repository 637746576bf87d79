"""What the reader hears where it reads on, and how likely that makes an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa.evaluation.squad import about_the_same
from qa.reader.calibration import Opinion, probability

SPANS = 60
"""Spans that are looked through for an answer."""
_LOWEST = -8.0


@dataclass(frozen=True, slots=True)
class Found:
    """What is found in a text that is read on.

    Attributes:
        spans: words and score (against "no answer", as in :class:`qa.reader.decoding.SpanScore`) of the best spans, best
            first, at least one.
    """

    spans: tuple[tuple[str, float], ...]

    @property
    def score(self) -> float:
        """That of the best span."""
        return self.spans[0][1]

    def behind(self, answer: str) -> float:
        """By how much the best span with about the words of ``answer`` scores lower than the best one, in -8..0: 0 when it is
        that, and -8 when there is none."""
        for words, score in self.spans:
            if about_the_same(answer, words):
                return max(_LOWEST, score - self.score)
        return _LOWEST


@dataclass(frozen=True, slots=True)
class Heard:
    """What was found by reading on, after which an answer is as likely as it is there.

    Attributes:
        rule: how likely that makes an answer.
        features: what it goes by beside the answer's words and score: what the best spans score there.
        together: in the best passages at once.
        around: in what surrounds the best span; ``None`` where that was not read.
    """

    rule: Opinion
    features: Mapping[str, float]
    together: Found
    around: Found | None = None

    def logit(self, answer: str, score: float) -> float:
        """That of the probability that an answer with the words ``answer``, which scores ``score`` by itself, is right."""
        return self.rule.logit({"score": score, **self._told(answer)})

    def confidences(self, answer: str, scores: Sequence[float]) -> list[float]:
        """That probability, in 0..1, for each of ``scores``."""
        told = self._told(answer)
        return [probability(self.rule.logit({"score": score, **told})) for score in scores]

    def _told(self, answer: str) -> dict[str, float]:
        told = {"behind": self.together.behind(answer), **self.features}
        return told if self.around is None else {**told, "behind_around": self.around.behind(answer)}
