"""Decoding: the exact best spans, checked against brute force and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.decoding import SpanScore, best_spans
from qa.reader.windows import Window


def window(
    passage: int,
    count: int,
    *,
    shift: int = 0,
    words: list[bool] | None = None,
    width: int = 1,
    sentences: list[int] | None = None,
) -> Window:
    """``count`` text tokens after a [CLS], a question token and a [SEP]; ``width`` tokens share one character."""
    starts = np.arange(count) // width + shift
    begins = np.array([True] * count if words is None else words)
    return Window(
        passage=passage,
        ids=[1, 9, 2, *range(10, 10 + count), 2],
        type_ids=[0, 0, 0, *[1] * (count + 1)],
        tokens=np.arange(3, 3 + count),
        starts=starts,
        ends=starts + 1,
        begins_word=begins,
        ends_word=np.append(begins[1:], True),
        segments=np.array([0] * count if sentences is None else sentences),
    )


def logits(null: float, text: list[float]) -> np.ndarray:
    return np.array([null, 50.0, 50.0, *text, 50.0], dtype=np.float32)


def brute_force(windows, starts, ends, cap: int, whole_words: bool, one_sentence: bool) -> list[SpanScore]:
    best: dict[tuple[int, int, int], float] = {}
    for number, one in enumerate(windows):
        null = float(starts[number][0]) + float(ends[number][0])
        for i, at in enumerate(one.tokens):
            for j in range(i, min(i + cap, len(one.tokens))):
                if whole_words and not (one.begins_word[i] and one.ends_word[j]):
                    continue
                if one_sentence and one.segments[i] != one.segments[j]:
                    continue
                score = float(starts[number][at]) + float(ends[number][one.tokens[j]]) - null
                key = (one.passage, int(one.starts[i]), int(one.ends[j]))
                best[key] = max(best.get(key, -np.inf), score)
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return [SpanScore(*key, score) for key, score in ranked]


@st.composite
def cases(draw):
    windows, starts, ends = [], [], []
    # A few round values, so that ties happen.
    value = st.one_of(st.integers(-3, 3).map(float), st.floats(-9, 9, width=32))
    for _ in range(draw(st.integers(1, 4))):
        count = draw(st.integers(1, 9))
        words = draw(st.lists(st.booleans(), min_size=count, max_size=count))
        words[0] = True
        windows.append(
            window(
                draw(st.integers(0, 2)),
                count,
                shift=draw(st.integers(0, 4)),
                words=words,
                width=draw(st.integers(1, 3)),
                sentences=sorted(draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))),
            )
        )
        for target in (starts, ends):
            target.append(logits(draw(value), draw(st.lists(value, min_size=count, max_size=count))))
    return windows, starts, ends


@given(cases(), st.integers(1, 12), st.integers(1, 30), st.booleans(), st.booleans())
def test_decoding_is_exact(case, cap: int, top: int, whole_words: bool, one_sentence: bool) -> None:
    windows, starts, ends = case
    found = best_spans(
        windows, starts, ends, top=top, max_answer_tokens=cap, whole_words=whole_words, one_sentence=one_sentence
    )
    expected = brute_force(windows, starts, ends, cap, whole_words, one_sentence)[:top]
    assert [(span.passage, span.start, span.end) for span in found] == [
        (span.passage, span.start, span.end) for span in expected
    ]
    assert [span.score for span in found] == pytest.approx([span.score for span in expected])


def test_start_and_end_are_chosen_together() -> None:
    # Alone, the best start is token 3 and the best end token 0, which is no span. Together: 4 + 5 = 9 at (0, 0).
    found = best_spans(
        [window(0, 4)], [logits(0, [4, 0, 0, 6])], [logits(0, [5, 0, 0, 1])], top=2, max_answer_tokens=10
    )
    assert [(span.start, span.end, span.score) for span in found] == [(0, 1, 9.0), (3, 4, 7.0)]


def test_no_answer_is_longer_than_the_cap() -> None:
    # The pair (0, 3) scores 10 + 10 but spans four tokens; with a cap of two, (0, 0) at 10 + 1 is the best left.
    starts, ends = [logits(0, [10, 0, 0, 0])], [logits(0, [1, 0, 0, 10])]
    assert best_spans([window(0, 4)], starts, ends, top=1, max_answer_tokens=4)[0].end == 4
    assert best_spans([window(0, 4)], starts, ends, top=1, max_answer_tokens=2)[0].score == 11.0


def test_each_window_is_measured_against_its_own_null() -> None:
    # Raw sums are 10 and 4, but the first window is sure that it holds nothing: 10 - 12 = -2 < 4 - 0.
    found = best_spans(
        [window(0, 1), window(1, 1)],
        [logits(6, [5]), logits(0, [2])],
        [logits(6, [5]), logits(0, [2])],
        top=2,
        max_answer_tokens=5,
    )
    assert [(span.passage, span.score) for span in found] == [(1, 4.0), (0, -2.0)]


def test_a_span_in_two_windows_counts_once_with_its_best_score() -> None:
    found = best_spans(
        [window(0, 3), window(0, 3, shift=2)],
        [logits(0, [0, 0, 3]), logits(0, [5, 0, 0])],
        [logits(0, [0, 0, 3]), logits(0, [5, 0, 0])],
        top=9,
        max_answer_tokens=1,
    )
    assert [(span.start, span.end, span.score) for span in found][0] == (2, 3, 10.0)
    assert len({(span.start, span.end) for span in found}) == len(found) == 5


def test_question_tokens_are_never_part_of_an_answer() -> None:
    # The question and the separators have logits of 50 in every window of this file.
    assert (
        best_spans([window(0, 2)], [logits(0, [1, 1])], [logits(0, [1, 1])], top=1, max_answer_tokens=9)[0].score == 2.0
    )


def test_relevance_travels_with_the_span() -> None:
    found = best_spans([window(0, 1)], [logits(0, [1])], [logits(0, [1])], top=1, max_answer_tokens=1, relevance=[0.25])
    assert found[0].relevance == 0.25


@pytest.mark.parametrize(("top", "cap"), [(0, 1), (1, 0)])
def test_nothing_to_look_for_is_refused(top: int, cap: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        best_spans([window(0, 1)], [logits(0, [1])], [logits(0, [1])], top=top, max_answer_tokens=cap)


@given(cases(), st.integers(1, 6), st.integers(1, 12), st.integers(1, 4))
def test_ways_to_cut_one_answer_do_not_crowd_out_others(case, cap: int, top: int, overlapping: int) -> None:
    windows, starts, ends = case
    kept: list[SpanScore] = []
    for span in brute_force(windows, starts, ends, cap, whole_words=True, one_sentence=True):
        over = [other for other in kept if other.passage == span.passage]
        if sum(other.start < span.end and span.start < other.end for other in over) < overlapping:
            kept.append(span)
    found = best_spans(windows, starts, ends, top=top, max_answer_tokens=cap, overlapping=overlapping)
    assert found == kept[:top]


def test_a_place_is_found_behind_many_ways_to_cut_the_best() -> None:
    starts = [logits(0, [9, 8.9, 8.8, 8.7, 0, 2])]
    ends = [logits(0, [8.7, 8.8, 8.9, 9, 0, 2])]
    every = best_spans([window(0, 6)], starts, ends, top=8, max_answer_tokens=4)
    thinned = best_spans([window(0, 6)], starts, ends, top=8, max_answer_tokens=4, overlapping=2)
    assert (5, 6) not in {(span.start, span.end) for span in every}
    assert (5, 6) in {(span.start, span.end) for span in thinned}
    assert thinned[0] == every[0]
