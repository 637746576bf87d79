"""Answers that are given as one, and those that the scorer's form takes for one and are not."""

import pytest

from qa.alike import answer_key, same_answer
from qa.candidates import Candidate, different_answers, unclaimed
from tests.qa.claims.making import at, claims_of, document


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5 million", "15 million"),
        ("-5", "5"),
        ("5%", "5"),
        ("C++", "C#"),
        ("0.75", "075"),
    ],
)
def test_figures_and_signs_tell_answers_apart(one: str, other: str) -> None:
    assert answer_key(one) != answer_key(other)
    assert not same_answer(one, other)
    assert not same_answer(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000", "1000"),
        ("1,000,000 euros", "1000000 euros."),
        ("5 %", "5 %"),
        ("the 12.", "12"),
        ("8:30", "8.30"),
        ("The old bridge", "old bridge,"),
        ("U.S.", "US"),
    ],
)
def test_the_same_in_other_signs_is_one_answer(one: str, other: str) -> None:
    assert answer_key(one) == answer_key(other)
    assert same_answer(one, other)


def test_about_the_same_answers_may_tell_more_and_fewer_figures() -> None:
    assert same_answer("3 May 2021", "May 2021")
    assert same_answer("nineteen of them", "nineteen")
    assert not same_answer("12 people", "15 people")


def test_a_figure_is_not_cited_for_one_ten_times_as_large() -> None:
    where = document(
        "The bridge cost 1.5 million euros. The tunnel cost 15 million euros. The dam cost 15 million euros."
    )
    spans = [at(where, "1.5 million euros", 5.0), *(at(where, "15 million euros", 4.0, number) for number in range(2))]
    found = [Candidate(one.document_id, one.start, one.end, one.score, one.confidence) for one in spans]
    answers = different_answers(found, {where.id: where})
    assert [(one.answer, len(one.citations)) for one in answers] == [("1.5 million euros", 1), ("15 million euros", 2)]
    claims, _ = claims_of("What did the bridge cost?", spans[:1], where)
    assert [one.answer for one in unclaimed(answers, claims, {where.id: where})] == ["15 million euros"]
