"""Fitting a calibration: it recovers known odds, ranks by what helps, and its threshold is the best there is."""

import numpy as np
import pytest

from index.errors import DatasetError
from qa.reader.calibration import Calibration, probability
from qa.training.calibrate import FEATURES, Asked, fit
from qa.training.calibration_run import cross_validated, precision_at
from qa.training.threshold import best_threshold, steady_threshold


def questions(count: int, seed: int) -> list[Asked]:
    """Questions with two candidates; the first is right with the odds of ``0.5 * span + 0.8 * retrieval - 1``."""
    random = np.random.default_rng(seed)
    asked = []
    for _ in range(count):
        features = np.zeros((2, len(FEATURES)))
        features[:, 0] = random.normal(2.0, 4.0, size=2)
        features[:, 2] = -random.uniform(0.0, 3.0, size=2)
        chances = [probability(0.5 * span + 0.8 * retrieval - 1.0) for span, _, retrieval, *_ in features]
        right = random.uniform(size=2) < chances
        asked.append(Asked(features, right, bool(right.any())))
    return asked


def test_known_odds_are_recovered() -> None:
    fitted = fit(questions(6000, seed=1))
    assert set(fitted.weights) == {"span", "retrieval"}
    assert fitted.weights["retrieval"] / fitted.weights["span"] == pytest.approx(1.6, rel=0.15)
    # What comes first of two is right more often than its own odds alone say, so the scale is only roughly theirs.
    assert 0.3 < fitted.weights["span"] < 0.7


def test_confidences_are_probabilities() -> None:
    fitted = fit(questions(6000, seed=2))
    weights = np.array([fitted.weights.get(name, 0.0) for name in FEATURES])
    tops = [(item.features @ weights + fitted.bias, item.right) for item in questions(6000, seed=3)]
    said = np.array([probability(float(logits.max())) for logits, _ in tops])
    true = np.array([bool(right[int(logits.argmax())]) for logits, right in tops])
    for low in np.arange(0.0, 1.0, 0.2):
        inside = (said >= low) & (said < low + 0.2)
        if inside.sum() > 200:
            assert true[inside].mean() == pytest.approx(said[inside].mean(), abs=0.07)


def test_the_best_of_a_large_collection_is_trusted_less_where_it_is_right_less_often() -> None:
    random = np.random.default_rng(7)
    asked = []
    for number in range(6000):
        features = np.zeros((1, len(FEATURES)))
        features[0, 0], features[0, -1] = random.normal(2.0, 4.0), np.log(10) * (number % 2)
        right = random.uniform(size=1) < probability(0.5 * features[0, 0] - 0.6 * features[0, -1] - 0.5)
        # A second span, which is always worse, so that there is something to rank.
        both = np.concatenate([features, features - [[9.0, 0, 0, 0]]])
        asked.append(Asked(both, np.append(right, False), bool(right.any())))
    fitted = fit(asked)
    assert set(fitted.weights) == {"span", "collection"}
    assert fitted.weights["span"] == pytest.approx(0.5, rel=0.1)
    assert fitted.weights["collection"] == pytest.approx(-0.6, rel=0.15)
    assert fitted.bias == pytest.approx(-0.5, abs=0.15)
    assert set(fit(asked, ["span"]).weights) == {"span"}


def test_the_steady_threshold_is_the_middle_of_those_of_resamples() -> None:
    random = np.random.default_rng(9)
    plain = Calibration(bias=0.0, weights={"span": 1.0})

    def sample() -> list[Asked]:
        made = []
        for number in range(300):
            span, answerable = random.normal(0.0, 2.0), bool(random.uniform() < 0.6)
            right = answerable and random.uniform() < probability(span)
            made.append(Asked(np.array([[span, 0.0, 0.0, 0.0]]), np.array([right]), answerable, f"text {number // 3}"))
        return made

    samples = [sample() for _ in range(12)]
    steady = [steady_threshold(plain, asked) for asked in samples]
    assert np.std(steady) < np.std([best_threshold(plain, asked) for asked in samples])
    assert steady == [steady_threshold(plain, asked) for asked in samples]
    alone = [Asked(item.features, item.right, item.answerable) for item in samples[0]]
    assert steady_threshold(plain, alone) == best_threshold(plain, alone)


def one(span: float, *, right: bool, answerable: bool) -> Asked:
    return Asked(np.array([[span, 0.0, 0.0, 0.0]]), np.array([right]), answerable)


def test_the_threshold_is_where_refusing_stops_paying() -> None:
    plain = Calibration(bias=0.0, weights={"span": 1.0})
    asked = [
        one(-3.0, right=False, answerable=False),
        one(-1.0, right=False, answerable=False),
        one(0.0, right=True, answerable=True),
        one(1.0, right=False, answerable=False),
        one(2.0, right=True, answerable=True),
        one(3.0, right=True, answerable=True),
    ]
    # Refusing the two lowest gains 2/3 of the unanswerable third and loses nothing; going on to the one at 1.0 would gain
    # 1/3 of that third, 0.11, and lose 1/3 of the answerable two thirds, 0.22.
    assert best_threshold(plain, asked) == round((probability(-1.0) + probability(0.0)) / 2, 3)


def test_nothing_is_refused_where_everything_has_an_answer() -> None:
    plain = Calibration(bias=0.0, weights={"span": 1.0})
    asked = [one(value, right=True, answerable=True) for value in (-1.0, 0.0, 1.0)]
    assert best_threshold(plain, asked) <= probability(-1.0)


def test_questions_of_one_kind_are_refused() -> None:
    with pytest.raises(DatasetError, match="All first answers"):
        fit(
            [one(1.0, right=True, answerable=True)] * 5
            + [Asked(np.array([[1.0, 0, 0, 0], [0.0, 0, 0, 0]]), np.array([True, False]), True)]
        )


def test_cross_validation_checks_on_what_was_not_fitted() -> None:
    asked = [
        Asked(item.features, item.right, item.answerable, f"text {number // 3}")
        for number, item in enumerate(questions(1500, seed=4))
    ]
    scores = cross_validated(asked)
    assert scores["ece"] < 0.06
    assert 0.5 < scores["auroc"] <= 1.0
    low, high = scores["precision_interval"]
    assert low < scores["precision"] < high


def test_precision_of_the_most_confident() -> None:
    said = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, True, False, True, False])
    assert precision_at(said, right, 0.4) == 1.0
    # Four of five are answered, three of them rightly.
    assert precision_at(said, right, 0.8) == 0.75
