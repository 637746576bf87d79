"""What is shown of the spans that the reader puts forward."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.candidates import Candidate
from qa.tidying import whole_marks, worth_showing
from tests.strategies import texts


def shown(*words: str, threshold: float = 0.6) -> list[str]:
    found = [Candidate("one", number, number + 1, 1.0, 0.5) for number in range(len(words))]
    return [words[one.start] for one in worth_showing(found, words, threshold)]


@pytest.mark.parametrize("text", [",", ".", "for", "the", "because", "in", "his", "among them", "“", "9 | 8", "_"])
def test_what_says_nothing_is_not_shown(text: str) -> None:
    assert shown(text, "nine") == ["nine"]


@pytest.mark.parametrize(
    "text", ["no", "none", "not", "both", "all", "9", "%5", "her shop", "among thieves", "up", "ß", "一"]
)
def test_what_may_answer_is_shown(text: str) -> None:
    assert shown(text, "nine") == [text, "nine"]


def test_all_is_shown_where_nothing_says_anything() -> None:
    assert shown("the", ".") == ["the", "."]
    assert shown() == []


def test_what_the_reader_is_sure_of_stays() -> None:
    assert shown("the", "in", "nine", threshold=0.4) == ["the", "nine"]
    assert shown(",", "nine", threshold=0.4) == ["nine"]


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ('She called it "an insult to all". He left.', 'an insult to all"', "an insult to all"),
        ('"The minister knew of this," she said.', '"The minister knew of this', "The minister knew of this"),
        ('He saw "the king" there.', '"the king', '"the king"'),
        ('He had touched her, "but not much" so.', 'touched her, "but not much', 'touched her, "but not much"'),
        ("He said “the king” had gone.", "said “the king", "said “the king”"),
        ("He said “the king” had gone.", "the king”", "the king"),
        ("He said “the king, the queen” to her.", "“the king", "the king"),
        ("Il dit «le roi» hier.", "le roi»", "le roi"),
        ("He said, 'Sheila, go home'.", "He said, 'Sheila, go home", "He said, 'Sheila, go home'"),
        ("He said, 'Sheila, go home'.", "'Sheila", "Sheila"),
        # These are whole, or no marks of quotation.
        ('"The king," she said, "left."', '"The king," she said, "left."', '"The king," she said, "left."'),
        ('a 5" nail is', '5"', '5"'),
        ('the "year 2010" was', 'year 2010"', "year 2010"),
        ("the teachers' union", "the teachers'", "the teachers'"),
        ("the class of '68 met", "class of '68", "class of '68"),
        ('paid to see it," he said', 'to see it," he', 'to see it," he'),
        ('He said "" then', '"', '"'),
    ],
)
def test_no_half_pair_of_marks(text: str, span: str, expected: str) -> None:
    start, end = whole_marks(text, text.index(span), text.index(span) + len(span))
    assert text[start:end] == expected


@given(st.lists(st.one_of(texts, st.sampled_from(['"', "“", "”", "'", " a", "5"]))).map("".join), st.data())
def test_a_span_stays_one(text: str, data: st.DataObject) -> None:
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    low, high = whole_marks(text, start, end)
    assert start <= low < high <= min(len(text), end + 4)
