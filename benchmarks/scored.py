"""From the answers of a system to its line in the results: predictions in a file, scored as ``qa score`` does."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.sections import Place, Section, Task
from benchmarks.timing import Measured, ratio
from benchmarks.workers import Answer
from qa.evaluation.certainty import complete
from qa.evaluation.predictions import load_predictions, score_predictions
from qa.evaluation.report import Report
from qa.evaluation.scoring import is_right
from qa.reader.calibration import Calibration
from qa.training.calibrate import FEATURES, Asked
from qa.training.threshold import steady_threshold

HEADER = (
    "System",
    "EM",
    "F1",
    "refusal precision",
    "recall",
    "AUROC",
    "verbatim",
    "IoU",
    "sentence recall",
    "questions/s",
    "Footnote / it",
)


@dataclass(frozen=True)
class Line:
    """A system in a section: what it is called, its scores, and the time it took; ``None`` if that was not taken."""

    label: str
    report: Report
    measured: Measured | None


def threshold_of(
    sections: Sequence[Section], answers: Sequence[Sequence[Answer]], tasks: Sequence[Sequence[Task]]
) -> float:
    """The confidence below which refusing pays, chosen as Footnote's own is (:func:`qa.training.calibrate.steady_threshold`).

    Args:
        sections: those that it may be chosen on.
        answers: of one system, with confidences, for each section.
        tasks: what it was asked, for each section.
    """
    asked: list[Asked] = []
    for section, given, put in zip(sections, answers, tasks, strict=True):
        golds = {question.id: question.golds for question in section.dataset.questions}
        for answer, task in zip(given, put, strict=True):
            row = np.zeros((1, len(FEATURES)))
            row[0, FEATURES.index("span")] = _logit(answer["confidence"])
            right = bool(golds[task.id]) and is_right(answer["answer"], golds[task.id])
            asked.append(Asked(row, np.array([right]), bool(golds[task.id]), f"{section.title} {task.context}"))
    return steady_threshold(Calibration(bias=0.0, weights={"span": 1.0}), asked)


def _logit(share: float) -> float:
    inside = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))


def score(
    section: Section,
    tasks: Sequence[Task],
    answers: Sequence[Answer],
    file: Path,
    *,
    threshold: float | None = None,
    places: Sequence[Place] | None = None,
) -> Report:
    """The report of one system.

    Args:
        section: what was asked.
        tasks: of the section.
        answers: one for each task.
        file: takes the predictions, in the form with citations.
        threshold: confidence below which an answer is held back; ``None`` leaves that to the system's own settings.
        places: what the passages of an answer are, where not those of its task.
    """
    lines: list[str] = []
    for task, answer in zip(tasks, answers, strict=True):
        held_back = answer["refused"] if threshold is None else answer["confidence"] < threshold
        row: dict[str, object] = {"id": task.id, "answer": None, "seconds": answer["seconds"]}
        if answer["confidence"] is not None:
            row["confidence"] = answer["confidence"]
        if answer["answer"] and not held_back:
            row["answer"] = answer["answer"]
            if answer["start"] is not None:
                place = (task.passages if places is None else places)[answer["passage"]]
                start, end = place.start + answer["start"], place.start + answer["end"]
                row["citation"] = {"start": start, "end": end, "context": place.context}
        lines.append(json.dumps(row))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return complete(score_predictions(section.dataset, load_predictions(file)))


def cells(line: Line, reference: Measured | None) -> list[str]:
    """The cells of :data:`HEADER`; ``reference`` is what Footnote took."""
    report = line.report
    intervals = {} if report.intervals is None else report.intervals
    low, high = intervals.get("f1", (math.nan, math.nan))
    refusal, cited = report.no_answer, report.citation
    rate = faster = ""
    if line.measured is not None:
        rate = f"{line.measured.rate():.2f}"
        if reference is not None and line.measured is not reference:
            found = ratio(reference, line.measured)
            faster = f"{found.median:.2f} ({found.low:.2f}–{found.high:.2f})"
    return [
        line.label,
        _percent(report.exact_match),
        f"{_percent(report.f1)} ({low:.1f}–{high:.1f})",
        *(_share(refusal and getattr(refusal, name)) for name in ("precision", "recall", "auroc")),
        *(_share(cited and getattr(cited, name)) for name in ("verbatim", "iou", "sentence_recall")),
        rate,
        faster,
    ]


def markdown(lines: Sequence[Line]) -> str:
    """A Markdown table; the first line is Footnote's."""
    reference = lines[0].measured
    marks = ["---", *["---:"] * (len(HEADER) - 1)]
    rows = [list(HEADER), marks, *(cells(line, reference) for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
