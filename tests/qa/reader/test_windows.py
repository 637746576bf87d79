"""Windows: every token knows its characters, long texts are covered, clusters are never cut."""

import numpy as np
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.pre_tokenizers import Metaspace, PreTokenizer, Sequence, WhitespaceSplit
from tokenizers.processors import TemplateProcessing

from index.errors import QuestionError
from qa.reader.windows import Windower, cluster_edges
from tests.fakes import WORD, fake_tokenizer
from tests.strategies import texts


@given(st.lists(texts, min_size=1, max_size=3), st.integers(24, 80))
def test_windows_cover_each_text_with_exact_offsets(batch: list[str], length: int) -> None:
    windows = Windower(fake_tokenizer(), length, 8).windows("Who called for it?", batch)
    for passage, text in enumerate(batch):
        edges = {0, *(match.end() for match in regex.finditer(r"\X", text))}
        seen: set[int] = set()
        for window in (one for one in windows if one.passage == passage):
            assert len(window.ids) == len(window.type_ids) <= length
            assert (window.starts < window.ends).all()
            assert {*window.starts.tolist(), *window.ends.tolist()} <= edges
            assert set(np.array(window.type_ids)[window.tokens]) == {1}
            for start, end in zip(window.starts, window.ends, strict=True):
                seen.update(range(start, end))
        for match in WORD.finditer(text):
            if match.group().isalnum():
                assert seen.issuperset(range(*match.span())), f"{match.group()!r} is in no window"


def test_a_long_text_is_read_in_windows_that_overlap() -> None:
    text = " ".join(f"w{number}" for number in range(100))
    windows = Windower(fake_tokenizer(), 40, 10).windows("What is it?", [text])
    assert len(windows) > 2
    for before, after in zip(windows, windows[1:], strict=False):
        shared = set(before.starts.tolist()) & set(after.starts.tolist())
        assert len(shared) == 10


def test_offsets_are_widened_to_whole_characters() -> None:
    text = "cafe\u0301 👩‍👩‍👧"
    window = Windower(fake_tokenizer(), 64, 8).windows("Where?", [text])[0]
    pieces = {text[start:end] for start, end in zip(window.starts, window.ends, strict=True)}
    assert pieces == {"cafe\u0301", "👩‍👩‍👧"}


def test_words_are_known_by_their_ends() -> None:
    window = Windower(fake_tokenizer(), 64, 8).windows("Where?", ["a b, c"])[0]
    assert window.begins_word.tolist() == window.ends_word.tolist() == [True] * 4


def test_a_question_that_fills_the_window_is_refused() -> None:
    windower = Windower(fake_tokenizer(), 60, 8)
    windower.windows("w " * 20, ["text"])
    with pytest.raises(QuestionError, match="21 tokens"):
        windower.windows("w " * 21, ["text"])


def test_edges_of_plain_and_composed_text() -> None:
    assert cluster_edges("abc").tolist() == [0, 1, 2, 3]
    assert cluster_edges("a\u0301b").tolist() == [0, 2, 3]
    assert cluster_edges("").tolist() == [0]


def test_a_sentence_runs_over_the_ends_of_lines_wrapped_by_hand() -> None:
    text = (
        "dug by the men of the\n"
        "Nordland Mining Company, and of the two hundred who went down into it\n"
        "eleven did not come back. The tunnel came later."
    )
    window = Windower(fake_tokenizer(), 64, 8).windows("Who dug it?", [text])[0]
    second = text.index("The tunnel")
    assert len(set(window.segments[window.starts < second].tolist())) == 1
    assert len(set(window.segments.tolist())) == 2


def sentencepiece(pre_tokenizer: PreTokenizer, pieces: list[str]) -> Tokenizer:
    """A tokenizer as XLM-R (white space, then Metaspace) or DeBERTa-v3 (Metaspace) have, of ``pieces`` and all letters."""
    letters = sorted({letter for piece in pieces for letter in piece} | {"▁"})
    vocabulary = [("<s>", 0.0), ("</s>", 0.0), ("<unk>", -99.0), *((piece, -1.0) for piece in pieces)]
    vocabulary += [(letter, -9.0) for letter in letters if letter not in pieces]
    tokenizer = Tokenizer(Unigram(vocabulary, unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.add_special_tokens(["<s>", "</s>"])
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B:1 </s>:1",
        special_tokens=[("<s>", 0), ("</s>", 1)],
    )
    return tokenizer


@pytest.mark.parametrize("pre_tokenizer", [Metaspace(), Sequence([WhitespaceSplit(), Metaspace()])])
def test_words_of_tokens_that_hold_the_space_before_them_have_no_punctuation(pre_tokenizer: PreTokenizer) -> None:
    text = 'It is Ana Lund. She paid "forty" (in 1932), then left.'
    pieces = ["▁It", "▁is", "▁Ana", "▁Lu", "nd", ".", "▁She", "▁paid", "▁", '"', "forty", "(", "in", "▁1932", ")", ","]
    windower = Windower(sentencepiece(pre_tokenizer, [*pieces, "▁then", "▁left"]), 64, 8)
    window = windower.windows("Who", [text])[0]
    starts = {
        text[start:end]: begins
        for start, end, begins in zip(window.starts, window.ends, window.begins_word, strict=True)
    }
    ends = {
        text[start:end]: ends for start, end, ends in zip(window.starts, window.ends, window.ends_word, strict=True)
    }
    assert not any(piece.startswith(" ") for piece in starts)
    assert [starts["Lu"], starts["nd"], starts["forty"], starts["in"], starts["1932"]] == [
        True,
        False,
        True,
        True,
        True,
    ]
    assert [ends["Lu"], ends["nd"], ends["forty"], ends["in"], ends["1932"]] == [False, True, True, True, True]
    segments = dict(zip(window.starts.tolist(), window.segments.tolist(), strict=True))
    assert segments[text.index("She")] == segments[text.index("paid")] == segments[text.index("It")] + 1


def test_a_word_has_its_symbols() -> None:
    text = "It cost €5."
    window = Windower(sentencepiece(Metaspace(), ["▁It", "▁cost", "▁€", "5", "."]), 64, 8).windows("It", [text])[0]
    at = [text[start:end] for start, end in zip(window.starts, window.ends, strict=True)]
    assert at == ["It", "cost", "€", "5", "."]
    assert window.begins_word.tolist() == [True, True, True, False, True]
    assert window.ends_word.tolist() == [True, True, False, True, True]
