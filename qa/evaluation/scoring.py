"""From the results of single questions to the scores of a report.

**When is an answer right?** For calibration and for the risk-coverage curve, the best answer is right if its F1 is at
least 0.5. Exact match would be too strict a test: a confidence is shown to people, and to them "Vladimir Putin" is as
right as "Russian President Vladimir Putin", though only one may stand in the file. A best answer to an unanswerable
question is never right, whether it was shown or not: that it was held back is what the scores of refusal measure.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qa.evaluation import calibration
from qa.evaluation.columns import Columns, columns_of
from qa.evaluation.report import (
    AnswerableScores,
    CalibrationScores,
    CitationScores,
    Diagnostics,
    Latency,
    NoAnswerScores,
    QuestionResult,
    ReliabilityBin,
    Report,
    RiskPoint,
    UnanswerableScores,
)
from qa.evaluation.squad import f1

RIGHT_F1 = 0.5
"""F1 from which an answer counts as right."""

CURVE_POINTS = 1000
"""Most points of a risk-coverage curve: more than a plot can show."""


def is_right(best: str, golds: Sequence[str]) -> bool:
    """Whether the best answer to a question is right; see the module's description."""
    return bool(golds) and f1(best, golds) >= RIGHT_F1


def answer_report(
    name: str,
    mode: Literal["reading", "answering", "conversation", "scored"],
    results: Sequence[QuestionResult],
    seconds: float | None,
    threshold: float | None,
    models: dict[str, dict[str, str]],
) -> Report:
    """The report of a run that gave answers.

    Args:
        name: of the question file.
        mode: of the run.
        results: one for each question, at least one.
        seconds: how long the run took; ``None`` for predictions that were made elsewhere.
        threshold: confidence below which answers were held back; ``None`` if all were given, or in mode "scored".
        models: what was measured.
    """
    columns = columns_of(results)
    calibrated = calibration_scores(columns, threshold)
    return Report(
        dataset=name,
        mode=mode,
        questions=len(results),
        exact_match=100.0 * mean(columns["exact_match"]),
        f1=100.0 * mean(columns["f1"]),
        answerable=answerable_scores(columns),
        unanswerable=unanswerable_scores(columns),
        no_answer=no_answer_scores(columns, threshold, refuses=threshold is not None or mode == "scored"),
        calibration=None if calibrated is None else calibrated[0],
        citation=citation_scores(columns),
        latency_ms=latency(columns),
        questions_per_second=None if seconds is None else rate(len(results), seconds),
        models=models,
        seconds=seconds,
        diagnostics=None if calibrated is None else calibrated[1],
        results=results,
    )


def mean(values: NDArray[np.float64]) -> float:
    """Mean of scores of shape (questions,), at least one; added up exactly, so their order does not matter."""
    return math.fsum(values) / len(values)


def answerable_scores(columns: Columns) -> AnswerableScores | None:
    """Exact match and F1 over the questions that have an answer; ``None`` if there are none."""
    chosen = columns["answerable"]
    if not chosen.any():
        return None
    return AnswerableScores(
        questions=int(chosen.sum()),
        exact_match=100.0 * mean(columns["exact_match"][chosen]),
        f1=100.0 * mean(columns["f1"][chosen]),
    )


def unanswerable_scores(columns: Columns) -> UnanswerableScores | None:
    """Accuracy over the questions that have no answer; ``None`` if there are none."""
    chosen = ~columns["answerable"]
    if not chosen.any():
        return None
    return UnanswerableScores(questions=int(chosen.sum()), accuracy=mean(columns["exact_match"][chosen]))


def no_answer_scores(columns: Columns, threshold: float | None, *, refuses: bool) -> NoAnswerScores | None:
    """Scores of refusal; ``None`` unless some questions have no answer.

    Args:
        columns: of results with a confidence.
        threshold: confidence below which the system refuses; ``None`` if there is no such threshold.
        refuses: whether it may refuse at all; not if it was told to answer everything.
    """
    answerable, confidence = columns["answerable"], columns["confidence"]
    if answerable.all():
        return None
    known = ~np.isnan(confidence)
    area = calibration.auroc(confidence[answerable & known], confidence[~answerable & known])
    if not refuses:
        return NoAnswerScores(auroc=area)
    refused = ~columns["given"]
    return NoAnswerScores(
        auroc=area,
        threshold=threshold,
        precision=calibration.refusal_precision(refused, answerable),
        recall=calibration.refusal_recall(refused, answerable),
    )


def calibration_scores(columns: Columns, threshold: float | None) -> tuple[CalibrationScores, Diagnostics] | None:
    """Calibration over the questions whose best answer and its confidence are known; ``None`` if there are none.

    Args:
        columns: of the results.
        threshold: a confidence at which the risk-coverage curve is to have a point, however long the run.
    """
    chosen = columns["has_best"] & ~np.isnan(columns["confidence"])
    if not chosen.any():
        return None
    confidences, right = columns["confidence"][chosen], columns["right"][chosen]
    exact = calibration.reliability_bins(confidences, columns["exactly_right"][chosen])
    bins = calibration.reliability_bins(confidences, right)
    curve = calibration.risk_coverage(confidences, right, most=CURVE_POINTS, always=threshold)
    diagnostics = Diagnostics(
        reliability=tuple(ReliabilityBin(**asdict(part)) for part in bins),
        exact_ece=calibration.expected_calibration_error(exact),
        risk_coverage=tuple(RiskPoint(**asdict(point)) for point in curve),
        aurc=calibration.area_under_risk_coverage(confidences, right),
    )
    return CalibrationScores(ece=calibration.expected_calibration_error(bins)), diagnostics


def citation_scores(columns: Columns) -> CitationScores | None:
    """Scores of citations; ``None`` if no answer was given and no gold span is known."""
    verbatim = columns["verbatim"][columns["given"]]
    chosen = columns["answerable"] & (columns["located"] == 1)
    if not len(verbatim) and not chosen.any():
        return None
    return CitationScores(
        verbatim=float(verbatim.mean()) if len(verbatim) else None,
        iou=mean(columns["iou"][chosen]) if chosen.any() else None,
        sentence_recall=mean(columns["sentence_recall"][chosen]) if chosen.any() else None,
    )


def latency(columns: Columns) -> Latency | None:
    """Median and 95th percentile of the time for one question; ``None`` if no question was timed."""
    seconds = columns["seconds"]
    times = 1000.0 * seconds[~np.isnan(seconds)]
    if not len(times):
        return None
    p50, p95 = np.percentile(times, [50, 95])
    return Latency(p50=float(p50), p95=float(p95))


def rate(questions: int, seconds: float) -> float:
    """Questions per second."""
    # A coarse clock may see no time pass at all in a tiny run.
    return questions / max(seconds, 1e-9)
