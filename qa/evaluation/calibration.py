"""How far a confidence can be trusted, and how well it tells questions with an answer from those without.

Everywhere here a confidence is the probability in 0..1 that the system gives its best answer, whether or not it shows
it, and ``right`` says whether that best answer was right. No function depends on the order of the questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10
"""Number of equal-width bins of the calibration error."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions with a confidence in ``[low, high)``; the last bin of a diagram includes its upper end.

    ``confidence`` is their mean confidence and ``accuracy`` the share that was right; both 0.0 for an empty bin.
    """

    low: float
    high: float
    questions: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """Answering only with a confidence of ``confidence`` or more: the share answered and the share of those wrong."""

    confidence: float
    coverage: float
    risk: float


def reliability_bins(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> tuple[Bin, ...]:
    """The reliability diagram: questions in ``bins`` equal-width bins by confidence.

    Raises:
        ValueError: the sequences differ in length, a confidence lies outside 0..1, or ``bins`` is less than 1.
    """
    if bins < 1:
        raise ValueError(f"there must be at least one bin, not {bins}")
    if not all(0.0 <= confidence <= 1.0 for confidence in confidences):
        raise ValueError("a confidence lies outside 0..1")
    members: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for confidence, is_right in zip(confidences, right, strict=True):
        members[min(int(confidence * bins), bins - 1)].append((confidence, is_right))
    return tuple(
        Bin(
            low=number / bins,
            high=(number + 1) / bins,
            questions=len(pairs),
            confidence=sum(confidence for confidence, _ in pairs) / len(pairs) if pairs else 0.0,
            accuracy=sum(is_right for _, is_right in pairs) / len(pairs) if pairs else 0.0,
        )
        for number, pairs in enumerate(members)
    )


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Mean over all questions of ``|accuracy - mean confidence|`` of the bin that they fall in; in 0..1, 0 is best.

    Source: Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning"; with equal-width
    bins as in Guo et al. 2017 (https://arxiv.org/abs/1706.04599).

    Raises:
        ValueError: the bins hold no question.
    """
    total = sum(part.questions for part in bins)
    if total == 0:
        raise ValueError("no question to measure calibration on")
    return sum(part.questions * abs(part.accuracy - part.confidence) for part in bins) / total


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """Probability that a random positive scores higher than a random negative, a tie counting one half; in 0..1.

    This is the area under the ROC curve (Hanley and McNeil 1982), by the rank statistic of Mann and Whitney.

    Args:
        positives: confidences on questions that have an answer.
        negatives: confidences on questions that have none.

    Returns:
        ``None`` if either is empty, for then it is not defined.
    """
    if not positives or not negatives:
        return None
    ordered = np.sort(np.asarray(negatives, dtype=np.float64))
    scores = np.asarray(positives, dtype=np.float64)
    # Negatives below each positive, and those below or equal: their mean counts every tie as one half.
    below = np.searchsorted(ordered, scores, side="left")
    not_above = np.searchsorted(ordered, scores, side="right")
    return float((below + not_above).sum() / (2 * len(scores) * len(ordered)))


def refusal_precision(refused: Sequence[bool], answerable: Sequence[bool]) -> float | None:
    """Share of the refused questions that indeed have no answer, in 0..1; ``None`` if none was refused."""
    outcomes = [not has_answer for was_refused, has_answer in zip(refused, answerable, strict=True) if was_refused]
    return sum(outcomes) / len(outcomes) if outcomes else None


def refusal_recall(refused: Sequence[bool], answerable: Sequence[bool]) -> float | None:
    """Share of the questions without an answer that were refused, in 0..1; ``None`` if all have an answer."""
    outcomes = [was_refused for was_refused, has_answer in zip(refused, answerable, strict=True) if not has_answer]
    return sum(outcomes) / len(outcomes) if outcomes else None


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> tuple[CoveragePoint, ...]:
    """The trade between answering more and being wrong more: one point for each distinct confidence, highest first.

    Coverage is the share of questions answered when all of that confidence or more are, risk the share of those answers
    that are wrong (El-Yaniv and Wiener 2010, "On the foundations of noise-free selective classification").
    """
    points: list[CoveragePoint] = []
    answered = wrong = 0
    for confidence, outcomes in _by_confidence(confidences, right):
        answered += len(outcomes)
        wrong += outcomes.count(False)
        points.append(CoveragePoint(confidence, answered / len(confidences), wrong / answered))
    return tuple(points)


def area_under_risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Mean risk over all coverages 1/n, 2/n, ..., 1, in 0..1; 0 is best.

    Source: Geifman et al. 2019, section 2 (https://arxiv.org/abs/1805.08206). Questions of equal confidence come in no
    particular order, so the mean over all their orders is taken: the wrong ones are spread evenly among them.

    Raises:
        ValueError: there are no questions.
    """
    if not confidences:
        raise ValueError("no question to measure risk on")
    answered, wrong, area = 0, 0.0, 0.0
    for _, outcomes in _by_confidence(confidences, right):
        share = outcomes.count(False) / len(outcomes)
        for _ in outcomes:
            answered += 1
            wrong += share
            area += wrong / answered
    return area / answered


def _by_confidence(confidences: Sequence[float], right: Sequence[bool]) -> list[tuple[float, list[bool]]]:
    """The outcomes of each distinct confidence, highest first."""
    groups: dict[float, list[bool]] = {}
    for confidence, is_right in zip(confidences, right, strict=True):
        groups.setdefault(confidence, []).append(is_right)
    return sorted(groups.items(), reverse=True)
