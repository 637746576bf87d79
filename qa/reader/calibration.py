"""From scores to a probability: how likely the best span is right.

A logistic model over a few named scores of a span, fitted on questions that the reader was not trained on and stored beside
its weights (Platt 1999).
"""

import math
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict


class Calibration(BaseModel):
    """``p = 1 / (1 + exp(-(bias + sum of weight * feature)))``.

    Features: ``span``, the score of a span against "no answer"; ``relevance``, the passage's relevance logit; ``retrieval``,
    the passage's fused retrieval score minus that of the best passage, so 0 for the best and for a text that was given and
    not retrieved; ``collection``, the natural logarithm of how many passages the texts were chosen from, so 0 for a single
    text: among many passages some look right that are not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float
    weights: dict[str, float]

    def logit(self, features: Mapping[str, float]) -> float:
        """The sum before the logistic function; a feature that is not given counts as 0."""
        return self.bias + sum(weight * features.get(name, 0.0) for name, weight in self.weights.items())


UNCALIBRATED = Calibration(bias=0.0, weights={"span": 1.0})
"""For checkpoints that come without a calibration: the odds that the model itself gives the span over "no answer"."""


def probability(logit: float) -> float:
    """The logistic function, in 0..1, without overflow."""
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    odds = math.exp(logit)
    return odds / (1.0 + odds)
