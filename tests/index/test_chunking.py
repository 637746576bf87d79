"""Passages: whole sentences, exact offsets, sizes kept, overlap as stated."""

from itertools import pairwise

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from index.chunking import ChunkingSettings, passage_spans
from index.cutting import cut_before
from index.sentences import sentence_spans
from tests.fakes import WORD, FakeEncoder
from tests.strategies import texts

tokens = FakeEncoder().token_spans
sizes = st.tuples(st.integers(8, 40), st.integers(0, 20)).map(
    lambda pair: ChunkingSettings(pair[0], min(pair[1], pair[0] // 2))
)


@given(texts, sizes)
def test_passages_cover_every_word_in_order(text: str, settings: ChunkingSettings) -> None:
    spans = passage_spans(text, tokens, settings)
    seen = [False] * len(text)
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        seen[span.start : span.end] = [True] * (span.end - span.start)
    assert all(flag or character.isspace() for flag, character in zip(seen, text, strict=True))
    assert [span.start for span in spans] == sorted({span.start for span in spans})
    assert [span.end for span in spans] == sorted({span.end for span in spans})


@given(texts, sizes)
def test_no_sentence_is_cut_unless_it_is_longer_than_a_passage(text: str, settings: ChunkingSettings) -> None:
    passages = passage_spans(text, tokens, settings)
    for sentence in sentence_spans(text):
        # Of a run of letters without a space sixteen characters count as a token at the least.
        long = sentence.end - sentence.start > settings.max_tokens * 16
        if len(tokens(text[sentence.start : sentence.end])) <= settings.max_tokens and not long:
            assert any(span.start <= sentence.start and sentence.end <= span.end for span in passages)


@given(texts, sizes)
def test_passages_keep_their_size_and_overlap(text: str, settings: ChunkingSettings) -> None:
    spans = passage_spans(text, tokens, settings)
    for span in spans:
        # A character cluster is never cut, so one of many marks may be longer than a passage by itself.
        clusters = regex.findall(r"\X", text[span.start : span.end])
        longest = max(len(tokens(cluster)) for cluster in clusters)
        assert len(tokens(text[span.start : span.end])) <= settings.max_tokens + max(0, longest - 1)
    for before, after in zip(spans, spans[1:], strict=False):
        if after.start < before.end:
            assert len(tokens(text[after.start : before.end])) <= settings.overlap_tokens


@given(texts, sizes)
def test_passages_begin_and_end_between_character_clusters(text: str, settings: ChunkingSettings) -> None:
    edges = {0, *(match.end() for match in regex.finditer(r"\X", text))}
    white = [index for index, character in enumerate(text) if character.isspace()]
    for span in passage_spans(text, tokens, settings):
        # White space is dropped at the ends, so a mark that follows a space may begin a passage.
        assert span.start in edges or span.start - 1 in white
        assert span.end in edges or span.end in white


def test_the_overlap_repeats_the_last_sentences() -> None:
    text = "One two three four. Five six seven eight. Nine ten eleven twelve."
    spans = passage_spans(text, tokens, ChunkingSettings(max_tokens=10, overlap_tokens=5))
    assert [text[span.start : span.end] for span in spans] == [
        "One two three four. Five six seven eight.",
        "Five six seven eight. Nine ten eleven twelve.",
    ]


def test_a_long_sentence_is_cut_between_words() -> None:
    text = "word " * 30 + "end."
    spans = passage_spans(text, tokens, ChunkingSettings(max_tokens=8, overlap_tokens=0))
    assert all(WORD.fullmatch(text[span.start : span.end].split()[0]) for span in spans)
    assert len(spans) == 4


def test_a_run_of_letters_without_a_space_is_cut_too() -> None:
    text = f"The gene was found in 1999. {'acgt' * 25_000} It is the longest."
    spans = passage_spans(text, lambda part: [word.span() for word in WORD.finditer(part)])
    assert max(span.end - span.start for span in spans) <= 128 * 16
    assert text[spans[0].start : spans[0].end].startswith("The gene was found in 1999.")
    assert all(one.start < other.start <= one.end + 1 for one, other in pairwise(spans))


def test_a_text_without_words_has_no_passages() -> None:
    assert passage_spans(" \n\t ", tokens) == []


@given(st.text(min_size=2), st.data())
def test_a_cut_always_moves_on(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    limit = data.draw(st.integers(start + 1, len(text) - 1))
    assert start < cut_before(text, start, limit) <= limit


@pytest.mark.parametrize("values", [(4, 0), (64, 40), (64, -1)])
def test_impossible_sizes_are_refused(values: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="tokens is"):
        ChunkingSettings(*values)
