"""Sentence offsets: nothing is lost, nothing overlaps, nothing is cut from the middle of a word."""

import pytest
from hypothesis import given

from index.sentences import paragraph_spans, sentence_spans, sentences_around
from tests.strategies import texts


def covered(text: str, spans) -> str:
    return "".join(text[span.start : span.end] for span in spans)


@given(texts)
def test_sentences_are_ordered_disjoint_and_cover_every_word(text: str) -> None:
    spans = sentence_spans(text)
    for before, after in zip(spans, spans[1:], strict=False):
        assert before.end <= after.start
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert not text[span.start].isspace()
        assert not text[span.end - 1].isspace()
    assert "".join(covered(text, spans).split()) == "".join(text.split())


@given(texts)
def test_the_sentence_around_a_sentence_is_itself(text: str) -> None:
    for span in sentence_spans(text):
        assert sentences_around(text, span.start, span.end) == span


def test_repeated_sentences_have_their_own_offsets() -> None:
    text = "He said no. He said no. He said no."
    assert [(span.start, span.end) for span in sentence_spans(text)] == [(0, 11), (12, 23), (24, 35)]


def test_abbreviations_do_not_end_a_sentence() -> None:
    text = "Dr. Wu paid $3.5 million. U.S. troops left."
    assert [text[span.start : span.end] for span in sentence_spans(text)] == [
        "Dr. Wu paid $3.5 million.",
        "U.S. troops left.",
    ]


def test_a_headline_is_a_sentence_of_its_own() -> None:
    text = (
        "'12 killed'\nAzerbaijan said on Saturday that its forces had shot down a helicopter in heavy "
        "fighting over the region.\n"
    )
    assert [text[span.start : span.end] for span in sentence_spans(text)][0] == "'12 killed'"


def test_lines_wrapped_by_hand_are_joined() -> None:
    text = (
        "It was a bright cold day in April, and the clocks were\n"
        "striking twelve when the man at last came home to\nhis wife."
    )
    assert len(list(paragraph_spans(text))) == 1
    assert len(sentence_spans(text)) == 1


def test_a_span_over_two_sentences_gets_both() -> None:
    text = "One is here. Two is there. Three is gone."
    start, end = text.index("here"), text.index("there") + 5
    around = sentences_around(text, start, end)
    assert text[around.start : around.end] == "One is here. Two is there."


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (0, 99), (3, 5)])
def test_a_span_without_words_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=r"not inside|no words"):
        sentences_around("abc\n\ndef", start, end)
