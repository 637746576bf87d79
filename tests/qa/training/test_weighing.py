"""Fitting what reading on says: known odds are recovered, and first answers are those that the reader itself would give."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.calibration import Calibration, Opinion, probability
from qa.reader.heard import Found
from qa.reader.opinions import overtaken
from qa.reader.reading import ReadSpan
from qa.training.calibrate import FEATURES, Asked
from qa.training.reread import Reread
from qa.training.weighing import WITHIN, with_opinions

PLAIN = Calibration(bias=0.0, weights={"span": 1.0})


def one(spans: list[float], right: list[bool], reread: Reread | None, group: str = "") -> Asked:
    features = np.zeros((len(spans), len(FEATURES)))
    features[:, 0] = spans
    return Asked(features, np.array(right), True, group, reread=reread)


def asked(count: int, seed: int) -> list[Asked]:
    """Questions with one candidate, right with the odds of ``0.3 * span + 0.5 * together + 0.25 * behind + 1`` and, where
    that is known, of ``around + 1 + 0.5 * behind_around`` instead."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        span, together, around = random.uniform(-1.9, 1.9), random.normal(0.0, 2.0), random.normal(0.0, 2.0)
        behind, behind_around = -random.uniform(0.0, 7.0, size=2)
        logit = 0.3 * span + 0.5 * together + 0.25 * behind + 1.0
        surrounding = None
        if number % 2 and abs(logit) < 1.5:
            logit = around + 1.0 + 0.5 * behind_around
            surrounding = found(around, behind_around)
        reread = heard(found(together, behind), "Anna", surrounding=lambda _, found=surrounding: found)
        made.append(one([span], [bool(random.uniform() < probability(logit))], reread, f"text {number // 3}"))
    return made


def heard(at_once: Found | None, *answers: str, surrounding: Callable[[int], Found | None] = lambda _: None) -> Reread:
    """What is found by reading on for candidates that all stand in the first of three passages."""
    return Reread(answers, ((0, 1, 2),) * len(answers), lambda _: at_once, surrounding)


def found(score: float, behind: float) -> Found:
    """A best span with ``score``, and "Anna", which is ``behind``."""
    return Found((("Bert", score), ("Anna", score + behind)))


def test_known_odds_are_recovered() -> None:
    fitted = with_opinions(PLAIN, asked(8000, seed=1)[::2])
    assert fitted.together is not None
    assert (fitted.weights, fitted.overtaking, fitted.around) == (PLAIN.weights, 0.0, None)
    assert fitted.together.within == WITHIN
    assert fitted.together.bias == pytest.approx(1.0, abs=0.15)
    assert fitted.together.weights == {
        "score": pytest.approx(0.3, abs=0.1),
        "together": pytest.approx(0.5, abs=0.1),
        "behind": pytest.approx(0.25, abs=0.05),
    }


def test_surroundings_are_weighed_where_they_are_known() -> None:
    fitted = with_opinions(PLAIN, asked(8000, seed=2))
    assert fitted.around is not None
    assert fitted.around.weights["around"] == pytest.approx(1.0, abs=0.2)
    assert fitted.around.weights["behind_around"] == pytest.approx(0.5, abs=0.1)
    # What was told before tells nothing more.
    assert fitted.around.weights["together"] == pytest.approx(0.0, abs=0.15)


def test_a_question_that_counts_twice_is_as_good_as_two() -> None:
    questions = asked(1200, seed=5)
    counted = [replace(item, weight=2.0) for item in questions[:400]]
    once = with_opinions(PLAIN, [*counted, *questions[400:]])
    twice = with_opinions(PLAIN, [*questions[:400], *questions])
    for found_once, found_twice in ((once.together, twice.together), (once.around, twice.around)):
        assert found_once is not None
        assert found_twice is not None
        assert found_once.bias == pytest.approx(found_twice.bias, abs=0.02)
        assert found_once.weights == pytest.approx(found_twice.weights, abs=0.02)


def test_confidences_are_probabilities() -> None:
    fitted = with_opinions(PLAIN, asked(8000, seed=3)[::2])
    others = asked(8000, seed=4)[::2]
    said = np.array([probability(item.first(fitted)[1]) for item in others])
    true = np.array([bool(item.right[0]) for item in others])
    for low in np.arange(0.0, 1.0, 0.2):
        inside = (said >= low) & (said < low + 0.2)
        assert true[inside].mean() == pytest.approx(said[inside].mean(), abs=0.07)


def test_what_is_sure_or_was_not_read_on_is_left_as_it_is() -> None:
    fitted = with_opinions(PLAIN, asked(2000, seed=5))
    reread = heard(found(-9.0, -1.0), "Anna")
    assert one([WITHIN + 0.1], [True], reread).first(fitted) == (0, WITHIN + 0.1)
    assert one([0.5], [True], None).first(fitted) == (0, 0.5)
    assert one([0.5], [True], heard(None, "Anna")).first(fitted) == (0, 0.5)
    assert with_opinions(fitted, [one([0.5], [True], None)] * 50) == PLAIN
    assert with_opinions(fitted, [one([0.5], [bool(at % 2)], heard(None, "Anna")) for at in range(50)]) == PLAIN
    assert with_opinions(fitted, [one([0.5], [True], reread)] * 50) == PLAIN


def test_overtaking_is_learned_where_it_helps() -> None:
    # "Bert" leads by two in the best passages at once.
    reread = heard(Found((("Bert", 1.0), ("Anna", -1.0))), "Anna", "Bert")
    helped = [one([0.5, 0.21], [False, True], reread, f"{number}") for number in range(40)]
    hurt = [one([0.5, 0.05], [True, False], reread, f"and {number}") for number in range(40)]
    wrong = [one([0.5, 0.0], [False, False], reread, f"wrong {number}") for number in range(40)]
    # 0.29 behind here: from a weight of 0.145 on it comes first, and from 0.225 on the other one would too.
    assert with_opinions(PLAIN, helped + hurt + wrong).overtaking == pytest.approx(0.16)
    assert with_opinions(PLAIN, hurt + wrong).overtaking == 0.0


def test_everything_is_read_once() -> None:
    times: list[object] = []

    def read(what: object) -> Found:
        times.append(what)
        return Found((("Anna", 1.0),))

    reread = Reread(("Anna", "Bert", "Anna"), ((0, 1, 2), (0, 1, 5), (0, 1, 2)), read, read)
    assert reread.around(1) == reread.around(1) == {"around": 1.0, "behind_around": -8.0}
    assert times == [1]
    some = reread.of(np.array([False, True, True]))
    assert some.answers == ("Bert", "Anna")
    assert some.around(1) == {"around": 1.0, "behind_around": 0.0}
    assert times == [1, 2]
    # What is read at once is that of the passage that the best candidate by itself stands in.
    assert some.together(1, best=0) == {"together": 1.0, "behind": 0.0}
    assert reread.together(1, best=0) == reread.together(1, best=2) == {"together": 1.0, "behind": -8.0}
    assert times == [1, 2, (0, 1, 5), (0, 1, 2)]


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.sampled_from(["Anna", "Bert", "Anna Stone"])), min_size=1, max_size=6),
    st.floats(0, 1),
)
def test_the_first_is_the_one_that_the_reader_puts_first(candidates: list[tuple[float, str]], weight: float) -> None:
    texts = [words for _, words in candidates]
    spans = sorted(
        (ReadSpan(place, 0, len(words), score, 0.5) for place, (score, words) in enumerate(candidates)),
        key=lambda span: -span.score,
    )
    best = Found((("Anna Stone", 1.0), ("Bert", 0.4)))
    first = overtaken(spans, texts, best, weight)[0]
    place = heard(best, *texts).first(np.array([score for score, _ in candidates]), weight)
    # Of candidates that are as good any may come first.
    ranks = [score + weight * best.behind(words) for score, words in candidates]
    assert ranks[place] == pytest.approx(ranks[first.passage])


def test_an_opinion_is_a_linear_model() -> None:
    opinion = Opinion(within=1.0, bias=0.5, weights={"score": 2.0, "behind": -1.0})
    assert opinion.logit({"score": 0.25, "behind": 1.0, "together": 9.0}) == pytest.approx(0.0)
    assert opinion.logit({}) == 0.5
