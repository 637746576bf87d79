"""Exact match and F1, by hand and against an independent brute force."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluation.squad import exact_match, f1, normalise

WORDS = st.lists(
    st.sampled_from(["the", "The", "a", "an", "cat", "Cat,", "cats", "sat.", "U.S.", "-", "12", "é", "\n"])
)
TEXTS = WORDS.map(" ".join) | st.text(max_size=12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Cat\tsat.", "cat sat"),
        ("U.S.", "us"),  # punctuation is deleted, not replaced by a space
        ("a-b", "ab"),  # so "a" is no word of its own any more
        ("An apple a day", "apple day"),
        ("theatre", "theatre"),  # only whole words are articles
        ("“war.”", "“war”"),  # typographic quotation marks are not ASCII punctuation
        ("The", ""),
        ("", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("prediction", "golds", "em", "f"),
    [
        ("Vladimir Putin", ["Vladimir Putin"], 1, Fraction(1)),
        ("the Vladimir putin.", ["Vladimir Putin"], 1, Fraction(1)),
        # shared = {vladimir, putin} = 2 of 4 given and 2 gold: P = 1/2, R = 1, F1 = 2 * 1/2 / (3/2) = 2/3
        ("Russian President Vladimir Putin", ["Vladimir Putin"], 0, Fraction(2, 3)),
        # the best gold counts: 2/3 against the first, 1 against the second
        ("Russian President Vladimir Putin", ["Vladimir Putin", "Russian President Vladimir Putin"], 1, Fraction(1)),
        # repetitions count: given {x: 2}, gold {x: 1, y: 1}; shared 1, P = 1/2, R = 1/2
        ("x x", ["x y"], 0, Fraction(1, 2)),
        ("x x", ["x x x"], 0, Fraction(4, 5)),  # shared 2, P = 1, R = 2/3
        ("cat", ["dog"], 0, Fraction(0)),
        ("", ["cat"], 0, Fraction(0)),
        ("", [], 1, Fraction(1)),
        ("cat", [], 0, Fraction(0)),
        ("the", [], 1, Fraction(1)),  # nothing is left of it, so the official scorer takes it for no answer
        ("cat", ["The", "cat"], 1, Fraction(1)),
        ("", ["The"], 1, Fraction(1)),  # a gold that normalises to nothing counts as no answer
        ("", ["The", "cat"], 0, Fraction(0)),  # but is dropped beside another
    ],
)
def test_scores_by_hand(prediction: str, golds: list[str], em: int, f: Fraction) -> None:
    assert exact_match(prediction, golds) == em
    assert f1(prediction, golds) == pytest.approx(float(f))


def brute_tokens(text: str) -> list[str]:
    """The definition read character by character, without the tools that the module uses."""
    kept = "".join(c for c in text.lower() if c not in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
    return [token for token in re.sub(r"(?<!\w)(a|an|the)(?!\w)", " ", kept).split() if token]


def brute_f1(given_tokens: list[str], gold_tokens: list[str]) -> float:
    if not given_tokens or not gold_tokens:
        return float(given_tokens == gold_tokens)
    rest, shared = list(gold_tokens), 0
    for token in given_tokens:
        if token in rest:
            rest.remove(token)
            shared += 1
    if shared == 0:
        return 0.0
    precision, recall = shared / len(given_tokens), shared / len(gold_tokens)
    return 2 * precision * recall / (precision + recall)


@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_scores_equal_a_brute_force(prediction: str, golds: list[str]) -> None:
    accepted = [brute_tokens(gold) for gold in golds if brute_tokens(gold)] or [[]]
    given_tokens = brute_tokens(prediction)
    assert exact_match(prediction, golds) == float(any(given_tokens == gold for gold in accepted))
    assert f1(prediction, golds) == pytest.approx(max(brute_f1(given_tokens, gold) for gold in accepted))


@given(TEXTS, TEXTS)
def test_f1_is_symmetric_and_sees_only_normalised_text(one: str, other: str) -> None:
    assert f1(one, [other]) == pytest.approx(f1(other, [one]))
    assert f1(one, [other]) == f1(normalise(one), [normalise(other)])


@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_scores_are_ordered_and_in_range(prediction: str, golds: list[str]) -> None:
    assert 0 <= exact_match(prediction, golds) <= f1(prediction, golds) <= 1


@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_a_gold_answer_scores_full_marks(prediction: str, golds: list[str]) -> None:
    golds = [*golds, prediction]
    if normalise(prediction):
        assert exact_match(prediction, golds) == f1(prediction, golds) == 1
