"""Every score of a report as a function of how often each question counts, for many resamples at once.

With a weight of 1 for every question these are the scores of :mod:`qa.evaluation.scoring`; with whole weights, those of a
file in which each question stood that often. Tests hold the two against each other.

All functions here take weights of shape (resamples, questions), float64, and give one number for each resample, NaN where
the score is not defined. The names are those of the JSON, with dots between an object and its keys.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qa.evaluation.calibration import BINS
from qa.evaluation.columns import Columns, columns_of
from qa.evaluation.report import Mode, QuestionResult
from qa.evaluation.resampling import Weights
from qa.evaluation.retrieval import question_scores

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Estimator = Callable[[Weights], Floats]
"""From weights of shape (resamples, questions) to scores of shape (resamples,)."""


def estimators(results: Sequence[QuestionResult], mode: Mode) -> dict[str, Estimator]:
    """The scores of a run of this mode by name; which of them apply to it is told by its report.

    Args:
        results: one for each question, at least one.
        mode: of the run.
    """
    columns = columns_of(results)
    if mode == "retrieval":
        return _retrieval(columns)
    exact, f1, answerable, refused = columns["exact_match"], columns["f1"], columns["answerable"], ~columns["given"]
    everything = np.ones(len(columns), dtype=np.bool_)
    return {
        "exact_match": mean(exact, everything, 100.0),
        "f1": mean(f1, everything, 100.0),
        "answerable.exact_match": mean(exact, answerable, 100.0),
        "answerable.f1": mean(f1, answerable, 100.0),
        "unanswerable.accuracy": mean(exact, ~answerable),
        "no_answer.precision": mean(~answerable, refused),
        "no_answer.recall": mean(refused, ~answerable),
        **_of_confidence(columns, answerable),
        **_citation(columns, answerable, refused),
        **_claims(columns),
    }


def _claims(columns: Columns) -> dict[str, Estimator]:
    """Scores of claims, each over the questions that it applies to."""
    made: dict[str, Estimator] = {}
    for name in sorted(columns.claims):
        shares = np.array(columns.claims[name])
        made[f"claims.{name}"] = mean(shares, ~np.isnan(shares))
    return made


def mean(values: NDArray[np.float64] | Flags, among: Flags, scale: float = 1.0) -> Estimator:
    """Mean of ``values`` over the questions ``among``, both of shape (questions,), times ``scale``."""

    def estimate(weights: Weights) -> Floats:
        # Made anew for each batch of resamples: many scores are taken of the same arrays.
        return _divide(weights @ (scale * np.where(among, values, 0.0)), weights @ among.astype(np.float64))

    return estimate


def auroc(confidences: Floats, answerable: Flags, known: Flags) -> Estimator:
    """As :func:`qa.evaluation.calibration.auroc`, over the questions whose confidence is ``known``; shapes (questions,)."""
    order, starts = _groups(confidences, known)
    positive = answerable[order]

    def estimate(weights: Weights) -> Floats:
        sorted_weights = weights[:, order]
        wins = _sums(np.where(positive, sorted_weights, 0.0), starts)
        losses = _sums(np.where(positive, 0.0, sorted_weights), starts)
        # Of equal confidences, half of the pairs count; groups come with the highest confidence first.
        below = losses.sum(axis=1, keepdims=True) - np.cumsum(losses, axis=1) + losses / 2
        return _divide((wins * below).sum(axis=1), wins.sum(axis=1) * losses.sum(axis=1))

    return estimate


def calibration_error(confidences: Floats, right: Flags, known: Flags) -> Estimator:
    """As :func:`qa.evaluation.calibration.expected_calibration_error` with the usual bins; shapes (questions,)."""
    chosen = np.flatnonzero(known)
    places = np.minimum((confidences[chosen] * BINS).astype(np.int64), BINS - 1)
    order = chosen[np.argsort(places, kind="stable")]
    gaps = right[order] - confidences[order]
    ends = np.cumsum(np.bincount(places, minlength=BINS))

    def estimate(weights: Weights) -> Floats:
        # |accuracy - confidence| times the questions of a bin is the absolute sum of their differences.
        sums = np.zeros(len(weights))
        for start, end in pairwise([0, *ends.tolist()]):
            sums += np.abs(weights[:, order[start:end]] @ gaps[start:end])
        return _divide(sums, weights[:, order].sum(axis=1))

    return estimate


def risk_area(confidences: Floats, right: Flags, known: Flags) -> Estimator:
    """As :func:`qa.evaluation.calibration.area_under_risk_coverage`; shapes (questions,).

    Within a group of n equal confidences, of which the share s is wrong, after A questions with V mistakes, the risks are
    (V + j s) / (A + j) for j = 1..n. Their sum is n s + (V - s A) (H(A + n) - H(A)) with the harmonic numbers H.
    """
    order, starts = _groups(confidences, known)
    wrong = ~right[order]

    def estimate(weights: Weights) -> Floats:
        sorted_weights = weights[:, order]
        sizes = _sums(sorted_weights, starts)
        mistakes = _sums(np.where(wrong, sorted_weights, 0.0), starts)
        total = sizes.sum(axis=1)
        harmonic = np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, int(total.max(initial=0.0)) + 1))])
        after, mistakes_after = np.cumsum(sizes, axis=1), np.cumsum(mistakes, axis=1)
        before, mistakes_before = after - sizes, mistakes_after - mistakes
        share = np.divide(mistakes, sizes, out=np.zeros_like(sizes), where=sizes > 0)
        steps = harmonic[after.astype(np.int64)] - harmonic[before.astype(np.int64)]
        return _divide((mistakes + (mistakes_before - share * before) * steps).sum(axis=1), total)

    return estimate


def _of_confidence(columns: Columns, answerable: Flags) -> dict[str, Estimator]:
    confidences = columns["confidence"]
    known = ~np.isnan(confidences)
    confidences = np.where(known, confidences, 0.0)
    judged, right = known & columns["has_best"], columns["right"]
    return {
        "no_answer.auroc": auroc(confidences, answerable, known),
        "calibration.ece": calibration_error(confidences, right, judged),
        "risk_coverage.aurc": risk_area(confidences, right, judged),
    }


def _citation(columns: Columns, answerable: Flags, refused: Flags) -> dict[str, Estimator]:
    located = answerable & (columns["located"] == 1)
    return {
        "citation.verbatim": mean(columns["verbatim"], ~refused),
        "citation.iou": mean(columns["iou"], located),
        "citation.sentence_recall": mean(columns["sentence_recall"], located),
    }


def _retrieval(columns: Columns) -> dict[str, Estimator]:
    ranks, positions = np.unique(columns["rank"], return_inverse=True)
    rows = question_scores([None if rank < 0 else int(rank) for rank in ranks])
    everything = np.ones(len(columns), dtype=np.bool_)
    made: dict[str, Estimator] = {}
    for name in rows[0]:
        shares = np.array([row[name] for row in rows])[positions]
        if name in columns.ranking:
            own = np.array(columns.ranking[name])
            shares = np.where(np.isnan(own), shares, own)
        made[f"retrieval.{name}"] = mean(shares, everything)
    return made


def _groups(confidences: Floats, known: Flags) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The known questions with the highest confidence first, and where in that order each distinct confidence begins."""
    places = np.flatnonzero(known)
    order = places[np.argsort(-confidences[places], kind="stable")]
    if len(order) == 0:
        return order, order
    return order, np.flatnonzero(np.concatenate([[True], np.diff(confidences[order]) != 0]))


def _sums(weights: Weights, starts: NDArray[np.int64]) -> Floats:
    """Sums of the columns between ``starts``: from shape (resamples, questions) to (resamples, groups)."""
    if len(starts) == 0:
        return np.zeros((len(weights), 0))
    return np.asarray(np.add.reduceat(weights, starts, axis=1))


def _divide(above: Floats, below: Floats) -> Floats:
    """``above / below``, NaN where ``below`` is 0."""
    quotients: Floats = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return quotients
