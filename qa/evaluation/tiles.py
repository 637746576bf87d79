"""The scores of a report in words, for its page: what each is called, its unit, and what it means."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from qa.evaluation.report import Report

# Key in the JSON with dots, name, unit, meaning. What is not listed here is shown under its key.
_TILES: Sequence[tuple[str, Sequence[tuple[str, str, str, str]]]] = (
    (
        "All questions",
        (
            ("exact_match", "Exact match", "%", "Share of questions answered in exactly the expected words"),
            ("f1", "F1", "%", "Words shared with the expected answer"),
            ("not_in_index", "Not in the index", "", "Questions left out: their contexts are not in the index"),
            ("without_prediction", "No prediction", "", "Questions that the predictions lack; scored as unanswered"),
        ),
    ),
    (
        "Questions with an answer",
        (
            ("answerable.questions", "Questions", "", "Questions that the text answers"),
            ("answerable.exact_match", "Exact match", "%", "Of these, answered in exactly the expected words"),
            ("answerable.f1", "F1", "%", "Of these, words shared with the expected answer"),
        ),
    ),
    (
        "Questions without an answer",
        (
            ("unanswerable.questions", "Questions", "", "Questions that the text does not answer"),
            ("unanswerable.accuracy", "Left unanswered", "share", "Share of these that were left unanswered"),
        ),
    ),
    (
        "Refusing",
        (
            (
                "no_answer.auroc",
                "AUROC",
                "share",
                "How well the confidence tells questions with an answer from those without",
            ),
            ("no_answer.threshold", "Threshold", "share", "Confidence below which no answer is given"),
            ("no_answer.precision", "Precision", "share", "Share of refused questions that indeed have no answer"),
            ("no_answer.recall", "Recall", "share", "Share of questions without an answer that were refused"),
        ),
    ),
    (
        "Confidence",
        (
            ("calibration.ece", "Calibration error", "share", "Mean distance of confidence and accuracy; 0 is best"),
            ("risk_coverage.aurc", "AURC", "share", "Mean risk over all coverages; 0 is best"),
        ),
    ),
    (
        "Retrieval",
        (
            ("retrieval.recall@1", "Recall@1", "share", "Share of questions with a hit as the first passage"),
            ("retrieval.recall@5", "Recall@5", "share", "Share of questions with a hit among the first 5 passages"),
            ("retrieval.recall@20", "Recall@20", "share", "Share of questions with a hit among the first 20 passages"),
            ("retrieval.mrr@10", "MRR@10", "share", "Mean of 1 / rank of the first hit"),
            ("retrieval.ndcg@10", "nDCG@10", "share", "Discounted gain of the first hit"),
        ),
    ),
    (
        "Citations",
        (
            ("citation.verbatim", "Verbatim", "share", "Share of answers that are exactly the cited characters"),
            ("citation.iou", "Overlap (IoU)", "share", "Characters shared with the expected span over those in either"),
            ("citation.sentence_recall", "Sentence recall", "share", "Share of the expected sentences that are cited"),
        ),
    ),
    (
        "Speed",
        (
            ("latency_ms.p50", "Median", "ms", "Time for one question"),
            ("latency_ms.p95", "95th percentile", "ms", "Time for one question"),
            ("questions_per_second", "Questions a second", "rate", "Asked one after the other"),
        ),
    ),
)
# Told elsewhere on the page.
_ELSEWHERE = frozenset(
    {
        "questions",
        "seconds",
        "seed",
        "peak_memory_mb",
        "models",
        "breakdown",
        "stages",
        "bootstrap",
        "versions",
        "intervals",
    }
)


@dataclass(frozen=True, slots=True)
class Score:
    """A score in words; ``interval`` is empty if there is none."""

    name: str
    value: str
    interval: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Tile:
    """Scores that belong together."""

    name: str
    scores: tuple[Score, ...]


def tiles(report: Report) -> tuple[Tile, ...]:
    """The scores that the report has, with their intervals; a number that has no words here stands under its key."""
    scores: dict[str, Any] = report.model_dump(by_alias=True, exclude_none=True)
    intervals = scores.get("intervals", {})
    left = dict(_numbers({key: value for key, value in scores.items() if key not in _ELSEWHERE}))
    made: list[Tile] = []
    for name, rows in _TILES:
        shown = tuple(
            Score(label, _format(left.pop(key), unit), _interval(intervals.get(key), unit), meaning)
            for key, label, unit, meaning in rows
            if key in left
        )
        if shown:
            made.append(Tile(name, shown))
    if left:
        rest = (Score(key, f"{value:g}", _interval(intervals.get(key), "share"), "") for key, value in left.items())
        made.append(Tile("Other", tuple(rest)))
    return tuple(made)


def _numbers(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _numbers(value, f"{prefix}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield prefix + name, value


def _format(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value:.1f} %"
    if unit == "share":
        return f"{value:.3f}"
    if unit == "ms":
        return f"{value:,.1f} ms"
    return f"{value:,.1f}" if unit == "rate" else f"{value:,.0f}"


def _interval(ends: tuple[float, float] | None, unit: str) -> str:
    if ends is None:
        return ""
    low, high = (_format(end, unit).removesuffix(" %").removesuffix(" ms") for end in ends)
    return f"{low} to {high}"
