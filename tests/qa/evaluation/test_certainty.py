"""Intervals: the scores of resamples against the plain scorer, the bootstrap by hand, and what a report says beside scores."""

import json
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluation.certainty import complete, numbers, sample, versions
from qa.evaluation.estimates import estimators, mean, risk_area
from qa.evaluation.report import QuestionResult, RetrievalScores, RiskCoverageScores
from qa.evaluation.resampling import clusters_of, percentile_interval, resamples
from qa.evaluation.retrieval import ranking_scores
from tests.qa.evaluation.made_up import report_of, results


def plain_scores(rows: list[QuestionResult]) -> dict[str, float]:
    report = report_of(rows)
    if report.diagnostics is not None:
        report = report.model_copy(update={"risk_coverage": RiskCoverageScores(aurc=report.diagnostics.aurc)})
    return dict(numbers(json.loads(report.to_json())))


@given(results(), st.data())
def test_scores_of_a_resample_are_those_of_a_file_with_the_questions_repeated(
    rows: list[QuestionResult], data: st.DataObject
) -> None:
    counts = data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows)))
    repeated = [row for row, count in zip(rows, counts, strict=True) for _ in range(count)]
    if not repeated:
        return
    weights = np.array([[1.0] * len(rows), counts, [2.0] * len(rows)])
    plain, again = plain_scores(rows), plain_scores(repeated)
    for name, score in estimators(rows, "scored").items():
        one, other, doubled = score(weights)
        for found, expected in ((one, plain.get(name)), (other, again.get(name))):
            if name == "no_answer.precision" and expected is None:
                # A report leaves out all scores of refusal when every question has an answer, this one too.
                assert math.isnan(found) or found == 0
            elif expected is None:
                assert math.isnan(found), name
            else:
                assert found == pytest.approx(expected, abs=1e-9), name
        # The area is the only one that depends on how many questions there are.
        if name != "risk_coverage.aurc":
            assert doubled == pytest.approx(one, nan_ok=True)


def test_every_score_of_a_report_has_an_interval() -> None:
    rows = [
        row(0, 0, ("ada",), "ada", 0.9),
        row(1, 1, ("ada",), "", 0.4),
        row(2, 2, (), "hive", 0.6),
        row(3, 3, (), "", 0.2),
    ]
    report = complete(report_of(rows))
    scores = json.loads(report.to_json())
    assert set(scores["intervals"]) == {
        "exact_match",
        "f1",
        "answerable.exact_match",
        "answerable.f1",
        "unanswerable.accuracy",
        "no_answer.auroc",
        "no_answer.precision",
        "no_answer.recall",
        "calibration.ece",
        "risk_coverage.aurc",
        "citation.verbatim",
        "citation.iou",
        "citation.sentence_recall",
    }
    assert scores["bootstrap"] == {"unit": "context", "units": 4, "resamples": 1000, "level": 0.95}
    assert scores["seed"] == 0
    assert scores["intervals"]["exact_match"] == [0.0, 100.0]
    # Wrong in the order of confidence: no, yes, yes, yes (a refused best answer to a question without one is wrong).
    assert scores["risk_coverage"]["aurc"] == pytest.approx((0 + 1 / 2 + 2 / 3 + 3 / 4) / 4)
    assert scores["peak_memory_mb"] > 10
    assert {"python", "numpy"} <= scores["versions"].keys() == versions().keys()
    assert complete(report_of(rows)).intervals == report.intervals


def row(number: int, context: int, golds: tuple[str, ...], given: str, confidence: float) -> QuestionResult:
    return QuestionResult(
        id=str(number),
        question="?",
        golds=golds,
        context=context,
        prediction=given,
        best=given or "wrong",
        confidence=confidence,
        exact_match=float(given in golds if golds else not given),
        f1=float(given in golds if golds else not given),
        right=given in golds,
        located=True,
        seconds=None,
    )


def test_questions_of_one_context_are_drawn_together() -> None:
    clusters = clusters_of([7, 7, 3, 7, 3])
    assert (clusters.count, clusters.unit, clusters.labels.tolist()) == (2, "context", [1, 1, 0, 1, 0])
    for weights in resamples(clusters, 50):
        assert (weights[:, [0, 0, 2]] == weights[:, [1, 3, 4]]).all()
        assert (weights[:, 0] + weights[:, 2] == 2).all()


def test_questions_are_drawn_singly_when_all_have_the_same_context() -> None:
    clusters = clusters_of([4, 4, 4])
    assert (clusters.count, clusters.unit) == (3, "question")
    (weights,) = resamples(clusters, 1000)
    assert weights.shape == (1000, 3)
    assert (weights.sum(axis=1) == 3).all()
    assert (weights[:, 0] != weights[:, 1]).any()
    with pytest.raises(ValueError, match="no question"):
        clusters_of([])


def test_resamples_are_the_same_every_time_and_differ_by_seed() -> None:
    clusters = clusters_of(list(range(2_000)))
    parts = list(resamples(clusters))
    assert len(parts) == 2  # a million weights at a time
    one, other = np.concatenate(parts), np.concatenate(list(resamples(clusters)))
    assert one.shape == (1000, 2000)
    assert (one == other).all()
    assert (np.concatenate(list(resamples(clusters, seed=1))) != one).any()
    assert one.mean() == 1.0


def test_bootstrap_of_two_questions_by_hand() -> None:
    # Of two questions, one right: 0, 1/2 and 1 with probabilities 1/4, 1/2 and 1/4, so both ends are reached.
    clusters = clusters_of([0, 1])
    samples = sample({"score": mean(np.array([0.0, 1.0]), np.array([True, True]))}, clusters)["score"]
    values, counts = np.unique(samples, return_counts=True)
    assert values.tolist() == [0.0, 0.5, 1.0]
    assert counts / 1000 == pytest.approx([0.25, 0.5, 0.25], abs=0.05)
    assert percentile_interval(samples) == (0.0, 1.0)


@pytest.mark.parametrize("value", [0.0, 0.25, 1.0])
def test_a_score_that_is_the_same_for_all_questions_is_certain(value: float) -> None:
    clusters = clusters_of([0, 0, 1, 2])
    samples = sample({"score": mean(np.full(4, value), np.ones(4, dtype=bool))}, clusters)["score"]
    assert percentile_interval(samples) == (pytest.approx(value), pytest.approx(value))


def test_resamples_without_the_questions_of_a_score_are_left_out() -> None:
    among = np.array([True, False])
    samples = sample({"score": mean(np.array([1.0, 0.0]), among)}, clusters_of([0, 1]))["score"]
    # The one question is missing from a quarter of the resamples, and right in all others.
    assert np.isnan(samples).mean() == pytest.approx(0.25, abs=0.05)
    assert percentile_interval(samples) == (1.0, 1.0)
    assert percentile_interval(np.array([np.nan, np.nan])) is None


def test_percentiles_by_hand() -> None:
    # 0..1000 in steps of one: 2.5 % of the way is 25, 97.5 % is 975.
    assert percentile_interval(np.arange(1001.0)) == (pytest.approx(25), pytest.approx(975))
    assert percentile_interval(np.array([3.0])) == (3.0, 3.0)


def test_clusters_make_intervals_wider_than_single_questions_would() -> None:
    # Ten contexts of ten questions, all right or all wrong: there are ten facts here, not a hundred.
    values = np.repeat(np.arange(10) % 2, 10).astype(float)
    score = {"score": mean(values, np.ones(100, dtype=bool))}
    widths = []
    for contexts in (np.repeat(np.arange(10), 10), np.arange(100)):
        interval = percentile_interval(sample(score, clusters_of(contexts.tolist()))["score"])
        assert interval is not None
        widths.append(interval[1] - interval[0])
    # Standard errors 0.5 / sqrt(10) and 0.5 / sqrt(100), times 2 * 1.96.
    assert widths == pytest.approx([0.62, 0.196], rel=0.15)


def test_area_with_equal_confidences_by_hand() -> None:
    # As in the scorer's own test: .9 right, .8 right and wrong in no order, .1 wrong.
    area = risk_area(
        np.array([0.1, 0.8, 0.9, 0.8]), np.array([False, True, True, False]), np.array([True, True, True, True])
    )
    # With (.9, .8 wrong, .8 wrong): 0 + 1/2 + 2/3, over 3.
    found = area(np.array([[1.0, 1, 1, 1], [0, 0, 1, 2]]))
    assert found == pytest.approx([(0 + 1 / 4 + 1 / 3 + 1 / 2) / 4, (0 + 1 / 2 + 2 / 3) / 3])


@given(st.lists(st.none() | st.integers(1, 25), min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_retrieval_scores_of_a_resample_are_those_of_the_ranks_repeated(
    ranks: list[int | None], random: object
) -> None:
    counts = [1 + random.randrange(3) for _ in ranks]  # type: ignore[attr-defined]
    rows = [
        QuestionResult(id=str(n), question="?", golds=(), context=n, gold_rank=rank, seconds=None)
        for n, rank in enumerate(ranks)
    ]
    repeated = [rank for rank, count in zip(ranks, counts, strict=True) for _ in range(count)]
    expected = ranking_scores(repeated)
    scores = estimators(rows, "retrieval")
    assert set(scores) == {f"retrieval.{name}" for name in expected}
    for name, value in expected.items():
        assert scores[f"retrieval.{name}"](np.array([counts], dtype=float)) == pytest.approx([value])
    assert RetrievalScores.model_validate(expected).recall_1 == expected["recall@1"]


def test_ten_thousand_questions_take_seconds() -> None:
    made = [
        row(n, n // 5, ("ada",) if n % 3 else (), "ada" if n % 2 else "", (n * 7919 % 10007) / 10007)
        for n in range(10_000)
    ]
    report = report_of(made)
    began = time.process_time()
    found = complete(report).intervals
    assert time.process_time() - began < 20
    assert found is not None
    low, high = found["exact_match"]
    assert low < 50 < high
    assert 0.5 < high - low < 4
