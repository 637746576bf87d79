"""From scores to a probability: how likely the best span is right.

Logistic models over a few named scores of a span, fitted on questions that the reader was not trained on and stored beside
its weights (Platt 1999).
"""

import math
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field


class Opinion(BaseModel):
    """What reading on says of the best span, where the logit so far is at most ``within`` from 0:
    ``p = 1 / (1 + exp(-(bias + sum of weight * feature)))``, in place of the probability so far.

    Features: ``score``, the logit that the span has by itself; ``collection``, as in :class:`Calibration`; ``together``, the
    score against "no answer" of the best span of the best passages read at once (:mod:`qa.reader.opinions`), and ``behind``,
    by how much about the same answer scores lower there, in -8..0; ``around`` and ``behind_around``, the same for what
    surrounds the answer in its document.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    within: float = Field(ge=0)
    bias: float
    weights: dict[str, float]

    def logit(self, features: Mapping[str, float]) -> float:
        """The sum before the logistic function; a feature that is not given counts as 0."""
        return _sum(self.bias, self.weights, features)


class Calibration(BaseModel):
    """``p = 1 / (1 + exp(-(bias + sum of weight * feature)))``.

    Features: ``span``, the score of a span against "no answer"; ``relevance``, the passage's relevance logit; ``retrieval``,
    the passage's fused retrieval score minus that of the best passage, so 0 for the best and for a text that was given and
    not retrieved; ``collection``, the natural logarithm of how many passages the texts were chosen from, so 0 for a single
    text: among many passages some look right that are not.

    ``together`` is what the best passages say when they are read at once, and ``around``, asked for after that, what surrounds
    the answer; where one is ``None`` it is not asked for. Of close spans that one comes first whose score with ``overtaking``
    times ``behind`` added is highest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float
    weights: dict[str, float]
    overtaking: float = Field(default=0.0, ge=0)
    together: Opinion | None = None
    around: Opinion | None = None

    def logit(self, features: Mapping[str, float]) -> float:
        """The sum before the logistic function; a feature that is not given counts as 0."""
        return _sum(self.bias, self.weights, features)


UNCALIBRATED = Calibration(bias=0.0, weights={"span": 1.0})
"""For checkpoints that come without a calibration: the odds that the model itself gives the span over "no answer"."""


def probability(logit: float) -> float:
    """The logistic function, in 0..1, without overflow."""
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    odds = math.exp(logit)
    return odds / (1.0 + odds)


def _sum(bias: float, weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    return bias + sum(weight * features.get(name, 0.0) for name, weight in weights.items())
