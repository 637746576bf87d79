"""The plots of the report's page, as numbers for the SVG in its template.

Drawn by the template rather than by a plotting library. There are three plots whose axes are known beforehand (shares from 0
to 1, and one count), so what a library is good at, finding scales and ticks for any data, is not needed; matplotlib would add
some 50 MB with eight packages, and its pictures know neither the page's dark colours nor its texts for screen readers.

All positions are in units of the ``viewBox``, ``y`` downwards, rounded to tenths.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from qa.evaluation import calibration
from qa.evaluation.columns import columns_of
from qa.evaluation.report import QuestionResult, ReliabilityBin, Report, RiskPoint

_HISTOGRAM_BINS = 20
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 320, 10, 190
_TOPS = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
# The first answers of the curve are few, so its very left jumps between 0 and 1; it does not decide the scale.
_SCALE_FROM = 0.05


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, the class of its colour, and what it says when pointed at."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line through ``points``, written as SVG wants them, and the class of its colour."""

    kind: str
    points: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of its own, and what it says when pointed at."""

    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot: its frame, what is in it, and what it says in words."""

    title: str
    x_label: str
    y_label: str
    summary: str
    note: str
    y_ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    dots: tuple[Dot, ...] = ()
    width: int = 340
    height: int = 228
    left: int = _LEFT
    right: int = _RIGHT
    top: int = _TOP
    bottom: int = _BOTTOM
    x_ticks: tuple[Tick, ...] = field(default_factory=lambda: tuple(Tick(_x(n / 5), f"{n * 20} %") for n in range(6)))


def plots(report: Report) -> tuple[Plot, ...]:
    """The risk-coverage curve, the reliability diagram and the confidences; none for a run without confidences."""
    if report.diagnostics is None:
        return ()
    known = report.diagnostics
    return (
        _risk_coverage(report, known.risk_coverage),
        _reliability(report, known.reliability),
        _confidences(report.results),
    )


def _risk_coverage(report: Report, points: Sequence[RiskPoint]) -> Plot:
    highest = max((point.risk for point in points if point.coverage >= _SCALE_FROM), default=1.0)
    top = next(top for top in _TOPS if highest <= top)
    drawn = [(_x(point.coverage), _y(min(point.risk, top), top)) for point in points]
    cut = any(point.risk > top for point in points)
    threshold = None if report.no_answer is None else report.no_answer.threshold
    dots: tuple[Dot, ...] = ()
    summary = f"Answering all, {_percent(points[-1].risk)} of the answers are wrong."
    if threshold is not None and (given := [point for point in points if point.confidence >= threshold]):
        at = given[-1]
        share = f"{_percent(at.coverage)} are answered, {_percent(at.risk)} of these wrongly"
        summary = f"At the threshold of {threshold:.2f}, {share}. {summary}"
        dots = (Dot(_x(at.coverage), _y(min(at.risk, top), top), f"threshold {threshold:.2f}"),)
    return Plot(
        title="Risk and coverage",
        x_label="answered",
        y_label="of these wrong",
        summary=summary,
        note="The surest answers first; lower is better."
        + (" What lies higher is drawn on the upper edge." if cut else ""),
        y_ticks=tuple(Tick(_y(top * n / 4, top), f"{100 * top * n / 4:.3g} %") for n in range(5)),
        lines=(Line("curve", " ".join(f"{x},{y}" for x, y in drawn)),),
        dots=dots,
    )


def _reliability(report: Report, bins: Sequence[ReliabilityBin]) -> Plot:
    bars = tuple(
        Bar(
            "share",
            round(_x(part.low) + 1, 1),
            _y(part.accuracy, 1),
            round(_x(part.high) - _x(part.low) - 2, 1),
            round(_y(0, 1) - _y(part.accuracy, 1), 1),
            f"confidence {part.low:.0%} to {part.high:.0%}: {part.questions} questions, "
            f"mean confidence {_percent(part.confidence)}, right {_percent(part.accuracy)}",
        )
        for part in bins
        if part.questions
    )
    error = "" if report.calibration is None else f"Expected calibration error {report.calibration.ece:.3f}."
    return Plot(
        title="Reliability",
        x_label="confidence",
        y_label="right",
        summary=error,
        note="Bars on the dashed line: as often right as the confidence says.",
        y_ticks=tuple(Tick(_y(n / 4, 1), f"{n * 25} %") for n in range(5)),
        bars=bars,
        lines=(Line("ideal", f"{_x(0)},{_y(0, 1)} {_x(1)},{_y(1, 1)}"),),
    )


def _confidences(results: Sequence[QuestionResult]) -> Plot:
    columns = columns_of(results)
    known = columns["has_best"] & ~np.isnan(columns["confidence"])
    outcomes = columns["right"][known]
    bins = calibration.reliability_bins(columns["confidence"][known], outcomes, _HISTOGRAM_BINS)
    most = max(part.questions for part in bins)
    bars: list[Bar] = []
    for part in bins:
        right = round(part.accuracy * part.questions)
        title = f"confidence {part.low:.0%} to {part.high:.0%}: {right} right, {part.questions - right} wrong"
        x, width = round(_x(part.low) + 0.5, 1), round(_x(part.high) - _x(part.low) - 1, 1)
        for kind, low, high in (("right-bar", 0, right), ("wrong-bar", right, part.questions)):
            if high > low:
                height = round(_y(low, most) - _y(high, most), 1)
                bars.append(Bar(kind, x, _y(high, most), width, height, title))
    wrong = int((~outcomes).sum())
    return Plot(
        title="Confidences",
        x_label="confidence",
        y_label="questions",
        summary=f"{len(outcomes) - wrong} best answers right (below), {wrong} wrong (on top).",
        note="Best answers to questions without an answer count as wrong, given or not.",
        y_ticks=tuple(Tick(_y(n, most), f"{n:,}") for n in sorted({0, most // 2, most})),
        bars=tuple(bars),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _x(share: float) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * share, 1)


def _y(value: float, top: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * value / top, 1)
