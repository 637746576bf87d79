"""Scores of cited spans, by hand and against sets of offsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Span
from qa.evaluation.citation import iou, is_verbatim, sentence_recall

SPANS = st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
#            0         1         2         3
#            0123456789012345678901234567890
TEXT = "One two. Three four. Five six."
SENTENCES = [Span(0, 8), Span(9, 20), Span(21, 30)]


@pytest.mark.parametrize(
    ("answer", "span", "verbatim"),
    [
        ("two", Span(4, 7), True),
        ("Two", Span(4, 7), False),
        ("two", Span(4, 8), False),
        ("six.", Span(26, 30), True),
        ("six.", Span(26, 31), False),  # a slice would forgive the offset behind the text
        ("two", Span(-26, -23), False),  # and count these from its end
        ("", Span(4, 4), False),
    ],
)
def test_is_verbatim(answer: str, span: Span, verbatim: bool) -> None:
    assert is_verbatim(answer, TEXT, span) is verbatim


@pytest.mark.parametrize(
    ("span", "golds", "expected"),
    [
        (Span(4, 7), [Span(4, 7)], 1.0),
        (Span(0, 7), [Span(4, 7)], 3 / 7),
        (Span(0, 6), [Span(4, 7)], 2 / 7),  # {4, 5} of {0, ..., 6}
        (Span(0, 4), [Span(4, 7)], 0.0),
        (Span(4, 7), [Span(20, 23), Span(4, 10)], 1 / 2),  # the nearest counts
        (Span(4, 7), [], 0.0),
    ],
)
def test_iou_by_hand(span: Span, golds: list[Span], expected: float) -> None:
    assert iou(span, golds) == pytest.approx(expected)


@given(SPANS, st.lists(SPANS, max_size=4))
def test_iou_equals_that_of_sets(span: Span, golds: list[Span]) -> None:
    own = set(range(span.start, span.end))
    sets = [set(range(gold.start, gold.end)) for gold in golds]
    score = iou(span, golds)
    assert score == pytest.approx(max((len(own & gold) / len(own | gold) for gold in sets), default=0.0))
    assert 0 <= score <= 1
    assert (score == 1) == (span in golds)


@pytest.mark.parametrize(
    ("span", "golds", "expected"),
    [
        (Span(0, 3), [Span(4, 7)], 1.0),  # another word of the same sentence
        (Span(9, 14), [Span(4, 7)], 0.0),
        (Span(9, 14), [Span(4, 14)], 1 / 2),  # the gold span stands in two sentences, one of them is cited
        (Span(4, 30), [Span(4, 14)], 1.0),
        (Span(9, 14), [Span(4, 14), Span(15, 19)], 1.0),  # the best gold span counts
        (Span(9, 14), [Span(8, 9)], 0.0),  # a gold span between sentences stands in none
        (Span(9, 14), [], 0.0),
    ],
)
def test_sentence_recall_by_hand(span: Span, golds: list[Span], expected: float) -> None:
    assert sentence_recall(span, golds, SENTENCES) == pytest.approx(expected)


@given(SPANS, st.lists(SPANS, max_size=4))
def test_sentence_recall_is_a_share(span: Span, golds: list[Span]) -> None:
    assert 0 <= sentence_recall(span, golds, SENTENCES) <= 1
