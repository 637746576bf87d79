"""From the results of single questions to the scores of a report.

**When is an answer right?** For calibration and for the risk-coverage curve, the best answer is right if its F1 is at
least 0.5. Exact match would be too strict a test: a confidence is shown to people, and to them "Vladimir Putin" is as
right as "Russian President Vladimir Putin", though only one may stand in the file. A best answer to an unanswerable
question is never right, whether it was shown or not: that it was held back is what the scores of refusal measure.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

import numpy as np

from qa.evaluation import calibration
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
from qa.evaluation.squad import exact_match, f1

RIGHT_F1 = 0.5
"""F1 from which an answer counts as right."""


def is_right(best: str, golds: Sequence[str]) -> bool:
    """Whether the best answer to a question is right; see the module's description."""
    return bool(golds) and f1(best, golds) >= RIGHT_F1


def answer_report(
    name: str,
    mode: Literal["reading", "answering", "conversation", "scored"],
    results: Sequence[QuestionResult],
    seconds: float | None,
    located: Sequence[bool],
    threshold: float | None,
    models: dict[str, dict[str, str]],
) -> Report:
    """The report of a run that gave answers.

    Args:
        name: of the question file.
        mode: of the run.
        results: one for each question, at least one.
        seconds: how long the run took; ``None`` for predictions that were made elsewhere.
        located: for each result, whether it is known where its gold spans stand.
        threshold: confidence below which answers were held back; ``None`` if all were given, or in mode "scored".
        models: what was measured.
    """
    calibrated = calibration_scores(results)
    kept = [result.model_copy(update={"located": known}) for result, known in zip(results, located, strict=True)]
    return Report(
        dataset=name,
        mode=mode,
        questions=len(results),
        exact_match=100.0 * mean([result.exact_match for result in results]),
        f1=100.0 * mean([result.f1 for result in results]),
        answerable=answerable_scores(results),
        unanswerable=unanswerable_scores(results),
        no_answer=no_answer_scores(results, threshold, refuses=threshold is not None or mode == "scored"),
        calibration=None if calibrated is None else calibrated[0],
        citation=citation_scores(results, located),
        latency_ms=latency(results),
        questions_per_second=None if seconds is None else rate(results, seconds),
        models=models,
        seconds=seconds,
        diagnostics=None if calibrated is None else calibrated[1],
        results=tuple(kept),
    )


def mean(values: Sequence[float | None]) -> float:
    """Mean of scores in 0..1; what was not scored counts as 0."""
    return sum(value for value in values if value is not None) / len(values)


def answerable_scores(results: Sequence[QuestionResult]) -> AnswerableScores | None:
    """Exact match and F1 over the questions that have an answer; ``None`` if there are none."""
    chosen = [result for result in results if result.golds]
    if not chosen:
        return None
    return AnswerableScores(
        questions=len(chosen),
        exact_match=100.0 * mean([result.exact_match for result in chosen]),
        f1=100.0 * mean([result.f1 for result in chosen]),
    )


def unanswerable_scores(results: Sequence[QuestionResult]) -> UnanswerableScores | None:
    """Accuracy over the questions that have no answer; ``None`` if there are none."""
    chosen = [result for result in results if not result.golds]
    if not chosen:
        return None
    return UnanswerableScores(questions=len(chosen), accuracy=mean([result.exact_match for result in chosen]))


def no_answer_scores(
    results: Sequence[QuestionResult], threshold: float | None, *, refuses: bool
) -> NoAnswerScores | None:
    """Scores of refusal; ``None`` unless some questions have no answer.

    Args:
        results: results with a confidence.
        threshold: confidence below which the system refuses; ``None`` if there is no such threshold.
        refuses: whether it may refuse at all; not if it was told to answer everything.
    """
    if all(result.golds for result in results):
        return None
    positives = [result.confidence for result in results if result.golds and result.confidence is not None]
    negatives = [result.confidence for result in results if not result.golds and result.confidence is not None]
    area = calibration.auroc(positives, negatives)
    if not refuses:
        return NoAnswerScores(auroc=area)
    refused = [not result.prediction for result in results]
    answerable = [bool(result.golds) for result in results]
    return NoAnswerScores(
        auroc=area,
        threshold=threshold,
        precision=calibration.refusal_precision(refused, answerable),
        recall=calibration.refusal_recall(refused, answerable),
    )


def calibration_scores(results: Sequence[QuestionResult]) -> tuple[CalibrationScores, Diagnostics] | None:
    """Calibration over the questions whose best answer and its confidence are known; ``None`` if there are none."""
    known = [(result, result.confidence, result.best) for result in results]
    chosen = [(result, sure, best) for result, sure, best in known if sure is not None and best is not None]
    if not chosen:
        return None
    confidences = [sure for _, sure, _ in chosen]
    right = [result.right is True for result, _, _ in chosen]
    exact = [bool(result.golds) and exact_match(best, result.golds) == 1.0 for result, _, best in chosen]
    bins = calibration.reliability_bins(confidences, right)
    diagnostics = Diagnostics(
        reliability=tuple(ReliabilityBin(**asdict(part)) for part in bins),
        exact_ece=calibration.expected_calibration_error(calibration.reliability_bins(confidences, exact)),
        risk_coverage=tuple(RiskPoint(**asdict(point)) for point in calibration.risk_coverage(confidences, right)),
        aurc=calibration.area_under_risk_coverage(confidences, right),
    )
    return CalibrationScores(ece=calibration.expected_calibration_error(bins)), diagnostics


def citation_scores(results: Sequence[QuestionResult], located: Sequence[bool]) -> CitationScores | None:
    """Scores of citations; ``None`` if no answer was given and no gold span is known.

    Args:
        results: one for each question.
        located: for each result, whether it is known where its gold spans stand.
    """
    given = [result.citation is not None and result.citation.verbatim for result in results if result.prediction]
    chosen = [
        result.citation for result, is_located in zip(results, located, strict=True) if result.golds and is_located
    ]
    if not given and not chosen:
        return None
    return CitationScores(
        verbatim=sum(given) / len(given) if given else None,
        iou=mean([span.iou if span else 0.0 for span in chosen]) if chosen else None,
        sentence_recall=mean([span.sentence_recall if span else 0.0 for span in chosen]) if chosen else None,
    )


def latency(results: Sequence[QuestionResult]) -> Latency | None:
    """Median and 95th percentile of the time for one question; ``None`` if no question was timed."""
    times = [1000.0 * result.seconds for result in results if result.seconds is not None]
    if not times:
        return None
    p50, p95 = np.percentile(times, [50, 95])
    return Latency(p50=float(p50), p95=float(p95))


def rate(results: Sequence[QuestionResult], seconds: float) -> float:
    """Questions per second."""
    # A coarse clock may see no time pass at all in a tiny run.
    return len(results) / max(seconds, 1e-9)
