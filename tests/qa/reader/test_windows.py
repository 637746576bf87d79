"""Windows: every token knows its characters, long texts are covered, clusters are never cut."""

import numpy as np
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

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
