"""How far a confidence can be trusted, and how well it tells questions with an answer from those without.

Everywhere here a confidence is the probability in 0..1 that the system gives its best answer, whether or not it shows
it, and ``right`` says whether that best answer was right. No function depends on the order of the questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = Sequence[float] | NDArray[np.float64]
Flags = Sequence[bool] | NDArray[np.bool_]

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


def reliability_bins(confidences: Numbers, right: Flags, bins: int = BINS) -> tuple[Bin, ...]:
    """The reliability diagram: questions in ``bins`` equal-width bins by confidence.

    Raises:
        ValueError: the sequences differ in length, a confidence lies outside 0..1, or ``bins`` is less than 1.
    """
    if bins < 1:
        raise ValueError(f"there must be at least one bin, not {bins}")
    said, outcomes = _arrays(confidences, right)
    # A comparison with NaN is never true.
    if not ((said >= 0.0) & (said <= 1.0)).all():
        raise ValueError("a confidence lies outside 0..1")
    places = np.minimum((said * bins).astype(np.int64), bins - 1)
    counts = np.bincount(places, minlength=bins).tolist()
    sums = np.bincount(places, weights=said, minlength=bins).tolist()
    hits = np.bincount(places, weights=outcomes, minlength=bins).tolist()
    return tuple(
        Bin(
            low=number / bins,
            high=(number + 1) / bins,
            questions=count,
            # The mean of many shares of 1.0 may come out a rounding error above it.
            confidence=min(1.0, sums[number] / count) if count else 0.0,
            accuracy=hits[number] / count if count else 0.0,
        )
        for number, count in enumerate(counts)
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


def auroc(positives: Numbers, negatives: Numbers) -> float | None:
    """Probability that a random positive scores higher than a random negative, a tie counting one half; in 0..1.

    This is the area under the ROC curve (Hanley and McNeil 1982), by the rank statistic of Mann and Whitney.

    Args:
        positives: confidences on questions that have an answer.
        negatives: confidences on questions that have none.

    Returns:
        ``None`` if either is empty, for then it is not defined.
    """
    if not len(positives) or not len(negatives):
        return None
    ordered = np.sort(np.asarray(negatives, dtype=np.float64))
    scores = np.asarray(positives, dtype=np.float64)
    # Negatives below each positive, and those below or equal: their mean counts every tie as one half.
    below = np.searchsorted(ordered, scores, side="left")
    not_above = np.searchsorted(ordered, scores, side="right")
    return float((below + not_above).sum() / (2 * len(scores) * len(ordered)))


def refusal_precision(refused: Flags, answerable: Flags) -> float | None:
    """Share of the refused questions that indeed have no answer, in 0..1; ``None`` if none was refused."""
    was_refused, has_answer = np.asarray(refused, dtype=np.bool_), np.asarray(answerable, dtype=np.bool_)
    return float((~has_answer[was_refused]).mean()) if was_refused.any() else None


def refusal_recall(refused: Flags, answerable: Flags) -> float | None:
    """Share of the questions without an answer that were refused, in 0..1; ``None`` if all have an answer."""
    was_refused, has_answer = np.asarray(refused, dtype=np.bool_), np.asarray(answerable, dtype=np.bool_)
    return float(was_refused[~has_answer].mean()) if not has_answer.all() else None


def risk_coverage(
    confidences: Numbers, right: Flags, *, most: int | None = None, always: float | None = None
) -> tuple[CoveragePoint, ...]:
    """The trade between answering more and being wrong more: one point for each distinct confidence, highest first.

    Coverage is the share of questions answered when all of that confidence or more are, risk the share of those answers
    that are wrong (El-Yaniv and Wiener 2010, "On the foundations of noise-free selective classification").

    Args:
        confidences: in 0..1, one for each question.
        right: whether its best answer was right.
        most: how many points are wanted at the most, spread evenly over them, the first and the last included; all for
            ``None``.
        always: the point of answering with this confidence or more is among them, if anything is answered then.
    """
    distinct, sizes, wrong = _by_confidence(confidences, right)
    answered, mistakes = np.cumsum(sizes), np.cumsum(wrong)
    kept = np.arange(len(distinct))
    if most is not None and len(distinct) > most:
        kept = np.unique(np.linspace(0, len(distinct) - 1, most).round().astype(np.int64))
        at_least = 0 if always is None else int((distinct >= always).sum())
        if at_least:
            kept = np.union1d(kept, [at_least - 1])
    shares = zip(distinct[kept], answered[kept] / len(confidences), mistakes[kept] / answered[kept], strict=True)
    return tuple(CoveragePoint(float(sure), float(coverage), float(risk)) for sure, coverage, risk in shares)


def area_under_risk_coverage(confidences: Numbers, right: Flags) -> float:
    """Mean risk over all coverages 1/n, 2/n, ..., 1, in 0..1; 0 is best.

    Source: Geifman et al. 2019, section 2 (https://arxiv.org/abs/1805.08206). Questions of equal confidence come in no
    particular order, so the mean over all their orders is taken: the wrong ones are spread evenly among them.

    Raises:
        ValueError: there are no questions.
    """
    if not len(confidences):
        raise ValueError("no question to measure risk on")
    _, sizes, wrong = _by_confidence(confidences, right)
    # After k of the n questions of a group whose share s is wrong, k s mistakes are added to those before it.
    steps = np.repeat(wrong / sizes, sizes)
    return float((np.cumsum(steps) / np.arange(1, len(steps) + 1)).mean())


def _arrays(confidences: Numbers, right: Flags) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    said, outcomes = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=np.bool_)
    if len(said) != len(outcomes):
        raise ValueError(f"{len(said)} confidences cannot be held against {len(outcomes)} outcomes")
    return said, outcomes


def _by_confidence(
    confidences: Numbers, right: Flags
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """The distinct confidences, highest first, how many questions have each, and how many of these are wrong."""
    said, outcomes = _arrays(confidences, right)
    order = np.argsort(-said, kind="stable")
    falling = said[order]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(falling) != 0]))[: len(falling)]
    if not len(starts):
        return falling, starts, starts
    sizes = np.diff(np.append(starts, len(falling)))
    return falling[starts], sizes, np.add.reduceat((~outcomes[order]).astype(np.int64), starts)
