"""Calibration, refusal and selective answering, by hand and against brute force."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluation.calibration import (
    Bin,
    CoveragePoint,
    area_under_risk_coverage,
    auroc,
    expected_calibration_error,
    refusal_precision,
    refusal_recall,
    reliability_bins,
    risk_coverage,
)

# Few distinct values, so that ties are common.
CONFIDENCES = st.integers(0, 12).map(lambda number: number / 12) | st.floats(0, 1)
OUTCOMES = st.lists(st.tuples(CONFIDENCES, st.booleans()), min_size=1, max_size=30)


def test_reliability_bins_by_hand() -> None:
    # Two bins: [0, 0.5) and [0.5, 1]; 0.5 belongs to the second, and so does 1.
    bins = reliability_bins([0.125, 0.375, 0.5, 0.75, 1.0], [True, False, False, True, True], bins=2)
    assert bins[0] == Bin(0.0, 0.5, 2, 0.25, 0.5)
    assert bins[1] == Bin(0.5, 1.0, 3, 0.75, pytest.approx(2 / 3))
    # 2/5 * |0.5 - 0.25| + 3/5 * |2/3 - 0.75| = 0.1 + 0.05
    assert expected_calibration_error(bins) == pytest.approx(0.15)


def test_ten_bins_unless_told_otherwise() -> None:
    bins = reliability_bins([0.95], [True])
    assert len(bins) == 10
    assert [part.questions for part in bins] == [0] * 9 + [1]
    assert expected_calibration_error(bins) == pytest.approx(0.05)


@pytest.mark.parametrize("confidence", [-0.01, 1.01, float("nan")])
def test_confidences_outside_their_range_are_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match=r"outside 0\.\.1"):
        reliability_bins([confidence], [True])


def test_calibration_needs_bins_and_questions() -> None:
    with pytest.raises(ValueError, match="at least one bin"):
        reliability_bins([0.5], [True], bins=0)
    with pytest.raises(ValueError, match="no question"):
        expected_calibration_error(reliability_bins([], []))
    with pytest.raises(ValueError, match="held against 0"):
        reliability_bins([0.5], [])


@given(OUTCOMES, st.integers(1, 20))
def test_calibration_error_is_bounded(outcomes: list[tuple[float, bool]], count: int) -> None:
    confidences, right = [sure for sure, _ in outcomes], [is_right for _, is_right in outcomes]
    bins = reliability_bins(confidences, right, count)
    error = expected_calibration_error(bins)
    # Merging all bins can only let errors cancel, so the overall gap is the least that it can be.
    gap = abs(sum(confidences) - sum(right)) / len(outcomes)
    assert gap - 1e-9 <= error <= 1 + 1e-9
    assert sum(part.questions for part in bins) == len(outcomes)


@given(OUTCOMES, st.randoms(use_true_random=False))
def test_scores_do_not_depend_on_the_order(outcomes: list[tuple[float, bool]], random: object) -> None:
    shuffled = list(outcomes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = list(zip(*outcomes, strict=True)), list(zip(*shuffled, strict=True))
    assert area_under_risk_coverage(*one) == pytest.approx(area_under_risk_coverage(*other))
    assert risk_coverage(*one) == risk_coverage(*other)
    assert auroc(*one) == pytest.approx(auroc(*other))


def test_auroc_by_hand() -> None:
    # Pairs (positive, negative): .9>.5, .9>.1, .5=.5 (half), .5>.1, .2<.5, .2>.1: 4.5 of 6
    assert auroc([0.9, 0.5, 0.2], [0.5, 0.1]) == 0.75
    assert auroc([0.9], [0.1]) == 1.0
    assert auroc([0.1], [0.9]) == 0.0
    assert auroc([0.3, 0.3], [0.3]) == 0.5
    assert auroc([], [0.3]) is auroc([0.3], []) is None


@given(st.lists(CONFIDENCES, min_size=1, max_size=15), st.lists(CONFIDENCES, min_size=1, max_size=15))
def test_auroc_counts_pairs(positives: list[float], negatives: list[float]) -> None:
    halves = sum((high > low) + (high >= low) for high in positives for low in negatives)
    area = auroc(positives, negatives)
    assert area == pytest.approx(halves / (2 * len(positives) * len(negatives)))
    mirrored = auroc(negatives, positives)
    assert area is not None
    assert mirrored == pytest.approx(1 - area)


def test_refusal_by_hand() -> None:
    #              right refusal, wrong refusal, missed refusal, answered
    refused = [True, True, True, False, False]
    answerable = [False, False, True, False, True]
    assert refusal_precision(refused, answerable) == pytest.approx(2 / 3)  # two of three refusals
    assert refusal_recall(refused, answerable) == pytest.approx(2 / 3)  # two of three unanswerable questions
    assert refusal_precision([False], [False]) is None
    assert refusal_recall([True], [True]) is None


def test_risk_coverage_by_hand() -> None:
    confidences, right = [0.9, 0.8, 0.8, 0.1], [True, True, False, False]
    assert risk_coverage(confidences, right) == (
        CoveragePoint(0.9, 0.25, 0.0),
        CoveragePoint(0.8, 0.75, pytest.approx(1 / 3)),
        CoveragePoint(0.1, 1.0, 0.5),
    )
    # Risks at 1/4, 2/4, 3/4, 4/4: 0; half a mistake of two; one of three; two of four. (0 + 1/4 + 1/3 + 1/2) / 4
    assert area_under_risk_coverage(confidences, right) == pytest.approx(float(Fraction(13, 12) / 4))
    with pytest.raises(ValueError, match="no question"):
        area_under_risk_coverage([], [])


@given(st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.7]), st.booleans()), min_size=1, max_size=6))
def test_area_is_the_mean_over_all_orders_of_equal_confidences(outcomes: list[tuple[float, bool]]) -> None:
    areas = []
    for order in itertools.permutations(outcomes):
        if all(before[0] >= after[0] for before, after in itertools.pairwise(order)):
            risks = [sum(not is_right for _, is_right in order[:k]) / k for k in range(1, len(order) + 1)]
            areas.append(sum(risks) / len(risks))
    expected = sum(areas) / len(areas)
    assert area_under_risk_coverage(*zip(*outcomes, strict=True)) == pytest.approx(expected)


@given(OUTCOMES)
def test_risk_coverage_ends_with_everything_answered(outcomes: list[tuple[float, bool]]) -> None:
    confidences, right = [sure for sure, _ in outcomes], [is_right for _, is_right in outcomes]
    points = risk_coverage(confidences, right)
    assert points[-1].coverage == 1.0
    assert points[-1].risk == pytest.approx(right.count(False) / len(right))
    assert [point.coverage for point in points] == sorted({point.coverage for point in points})
    assert 0 <= area_under_risk_coverage(confidences, right) <= 1
