"""Bounds that scores are held against."""

import pytest
import typer

from qa.cli.bounds import Bound, read_bounds


def test_bounds_are_read_with_the_names_of_the_json() -> None:
    bounds = read_bounds(["f1=80", "no_answer.auroc = 0.8", "retrieval.mrr@10=1e-1"], ["latency_ms.p95=200"])
    assert bounds == (
        Bound("f1", 80.0, True),
        Bound("no_answer.auroc", 0.8, True),
        Bound("retrieval.mrr@10", 0.1, True),
        Bound("latency_ms.p95", 200.0, False),
    )
    assert read_bounds(None, None) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f1", "write it as SCORE=VALUE"),
        ("f1=", "is no number"),
        ("f1=high", "is no number"),
        ("f1=nan", "is no number"),
        ("f1=inf", "is no number"),
        ("f2=80", "there is no score 'f2'. Known are: answerable.exact_match"),
        ("dataset=80", "there is no score 'dataset'"),
        ("no_answer=80", "there is no score 'no_answer'"),
        ("retrieval.mrr_10=1", "there is no score 'retrieval.mrr_10'"),
    ],
)
def test_what_is_no_bound_is_refused_before_anything_runs(text: str, message: str) -> None:
    for arguments in (([text], None), (None, [text])):
        with pytest.raises(typer.BadParameter) as caught:
            read_bounds(*arguments)
        assert message in str(caught.value)


def test_a_bound_itself_may_be_reached_on_either_side() -> None:
    scores = {"f1": 80.0, "calibration.ece": 0.05}
    assert Bound("f1", 80.0, True).breach(scores) is None
    assert Bound("f1", 80.1, True).breach(scores) == "f1 is 80, which is under 80.1."
    assert Bound("calibration.ece", 0.05, False).breach(scores) is None
    assert Bound("calibration.ece", 0.04, False).breach(scores) == "calibration.ece is 0.05, which is over 0.04."


def test_a_score_that_is_its_bound_but_for_rounding_passes() -> None:
    scores = {"exact_match": 100.0 * 0.58, "f1": 100.0 * 0.28}
    assert (scores["exact_match"], scores["f1"]) == (57.99999999999999, 28.000000000000004)
    assert Bound("exact_match", 58.0, True).breach(scores) is None
    assert Bound("f1", 28.0, False).breach(scores) is None
    assert Bound("f1", 27.9999, False).breach(scores) is not None


def test_a_score_that_a_run_does_not_have_breaks_its_bound() -> None:
    for lower in (True, False):
        line = Bound("f1", 1.0, lower).breach({"retrieval.mrr@10": 1.0})
        assert line == "f1 has no value in this run, so it cannot be held against 1."
