"""The checks: what passes, what is struck and why, and that every offset gives the words it claims."""

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index import sentence_spans
from qa.models import Citation, Sentence
from qa.phrasing.checking import check
from qa.phrasing.models import PhrasedSentence
from qa.phrasing.names import unknown_names
from qa.phrasing.numbers import numbers_in
from qa.phrasing.sentences import written_sentences
from qa.phrasing.sources import Piece, Source
from qa.phrasing.verbatim import find, fold
from tests.strategies import texts

NEWS = (
    "The ministry of Eastland said that 12 of its soldiers had been killed. “We took two hills and a village,” said\n"
    "General Ivo Marek. President Olga Lind of Westland spoke of eighteen dead and 30,000 refugees. Turnout was 40%. "
    "Gov. Lee met U.S. envoys.[7] We took two hills."
)


def source(number: int, text: str, start: int = 0, cited: tuple[int, int] | None = None) -> Source:
    """``text`` as the characters from ``start`` on of a document, with the cited words at ``cited`` in it."""
    low, high = cited or (0, len(text))
    words = Sentence(start=start + low, end=start + high, text=text[low:high])
    citation = Citation(
        document_id=f"d{number}",
        title="T",
        source="t",
        sha256="0" * 64,
        page=None,
        sentence=words,
        score=0.0,
        **words.model_dump(),
    )
    return Source(number, citation, None, (Piece(f"d{number}", start, start + len(text), text),))


def one(text: str, question: str = "What happened?", *sources: Source) -> PhrasedSentence:
    (sentence,) = check(text, sources or (source(1, NEWS),), question)
    return sentence


@pytest.mark.parametrize(
    "text",
    [
        "Eastland lost 12 soldiers [1].",
        "Eastland lost twelve soldiers. [1]",
        "According to President Lind, 18 died [1].",
        "President Olga Lind spoke of 30 thousand refugees [1].",
        "In Westland 40 per cent voted [1].",
        'Marek said: "We took two hills and a village" [1].',
        "Marek said: «We took two hills and a village». [1]",
        "General Ivo Marek spoke of 'two hills and a village' [1].",
        "“We took two hills and a village,” said General Ivo Marek. [1]",
        'It took "two hills." [1]',
        "- Eastland's ministry spoke [1, 1].",
        "Westland's President Lind spoke [1].",
        "Eastland's loss was 12 [1], Westland's eighteen [1].",
        "Gov. Lee met U.S. envoys. [1]",
        "Gov. Lee met U.S. envoys.[7] [1]",
        "It was said by US envoys [1].",
    ],
)
def test_what_the_source_says_passes(text: str) -> None:
    sentence = one(text)
    assert (sentence.struck, sentence.reason) == (False, None)
    assert sentence.citations == [1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Eastland lost 12 soldiers.", "no citation"),
        ("Eastland lost 12 soldiers [2].", "no citation"),
        ("Eastland lost 12 soldiers [1, 2].", "no citation"),
        ("Eastland lost 12 soldiers [0].", "no citation"),
        ("Eastland lost 12 soldiers (1).", "no citation"),
        ('Marek said: "We took three hills" [1].', "quote not in source"),
        ('Marek said: "we took two hills" [1].', "quote not in source"),
        ('Marek said: "We took two … a village" [1].', "quote not in source"),
        ("Marek said: ‘We lost two hills’ [1].", "quote not in source"),
        ('Marek said: "We lost two hills [1].', "quote not in source"),
        ("Eastland lost 13 soldiers [1].", "number not in source"),
        ("Eastland lost thirteen soldiers [1].", "number not in source"),
        ("Eastland lost 12% of its soldiers [1].", "number not in source"),
        ("Eastland lost dozens [1].", "number not in source"),
        ("Refugees: 300 [1].", "number not in source"),
        ("President Olga Marek spoke [1].", "name not in source"),
        ("They met Putin [1].", "name not in source"),
        ("Putin met them [1].", "name not in source"),
        ("They met Рresident Lind [1].", "name not in source"),  # a Cyrillic letter in disguise
        ("More is on evil.example/path [1].", "name not in source"),
        ("Write to me@evil [1].", "name not in source"),
        ("这是真的 [1].", "name not in source"),
        ('Putin lost 13 and said "no" [1].', "quote not in source"),
        ("Putin lost 13 [1].", "number not in source"),
    ],
)
def test_what_the_source_does_not_say_is_struck(text: str, reason: str) -> None:
    sentence = one(text)
    assert (sentence.struck, sentence.reason) == (True, reason)
    assert sentence.verbatim == []


def test_nothing_is_lost_of_what_was_struck() -> None:
    assert one("Eastland lost 12 soldiers [1, 2].").text == "Eastland lost 12 soldiers. [2]"
    sentences = check(
        "Here is what I found:\nEastland lost 12 [1]. Ask me more! Putin won [1].", [source(1, NEWS)], "?"
    )
    assert [sentence.text for sentence in sentences] == [
        "Here is what I found:",
        "Eastland lost 12.",
        "Ask me more!",
        "Putin won.",
    ]
    assert [sentence.struck for sentence in sentences] == [True, False, True, True]


def test_the_question_may_be_repeated() -> None:
    assert one("Nobody told Putin about 99 [1].").struck
    assert not one("Nobody told Putin about 99 [1].", "Did putin know of the ninety-nine?").struck


def test_only_the_sources_that_are_cited_count() -> None:
    both = (source(1, "Anna Stone closed it."), source(2, "Karl Wood opened it in 1990."))
    assert one("Karl Wood opened it in 1990 [1].", "?", *both).struck
    assert not one("Karl Wood opened it in 1990 [2].", "?", *both).struck
    assert one("Anna Stone closed it, Karl Wood opened it [1][2].", "?", *both).citations == [1, 2]


def test_a_quotation_has_the_place_that_was_cited() -> None:
    place = NEWS.rindex("We took two hills")
    early, late = source(1, NEWS, start=100), source(1, NEWS, start=100, cited=(place + 8, place + 11))
    text = "Marek says 'We took two hills' [1]."
    assert one(text, "?", early).verbatim[0].start == 100 + NEWS.index("We took")
    assert one(text, "?", late).verbatim[0].start == 100 + place


def test_white_space_of_the_source_is_in_the_match_and_not_in_the_way() -> None:
    match = find('a village," said General Ivo', [source(1, NEWS)])
    assert match is not None
    assert match.text == "a village,” said\nGeneral Ivo"
    assert NEWS[match.start : match.end] == match.text


@pytest.mark.parametrize("words", ["2 of its", "12 of i", "0,000 refugees", "000 refugees", "30", "ast", "e\u0301", ""])
def test_half_words_and_half_numbers_are_not_found(words: str) -> None:
    assert find(words, [source(1, NEWS + " e\u0301\u0301")]) is None


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("12 twelve 12th twelfth", {12}),
        ("two hundred and five", {205}),
        ("twenty-five thousand", {25_000}),
        ("2.5 million, 30,000 and 1.234.567", {2_500_000, 30_000, 1_234_567}),
        ("nineteen ninety-four", {19, 94}),
        ("one or two", {1, 2}),
        ("no one told one another, one of them said", set()),
        ("a third, 3rd, III", {3}),
        ("two dozen", {24}),
        ("1994-2016, 24-hour, G20", {1994, 2016, 24, 20}),
        ("½ half", {0.5}),
        ("१२", {12}),
        ("the twentieth and the thirty-first", {20, 31}),
        ("two thousand and sixteen", {2016}),
    ],
)
def test_numbers_are_read_by_value(text: str, values: set[float]) -> None:
    found = numbers_in(text)
    assert {number.kind for number in found} <= {""}
    assert {float(number.value) for number in found} == values


def test_kinds_of_numbers_are_kept_apart() -> None:
    assert numbers_in("12%") == numbers_in("twelve per cent") == numbers_in("12 percent") != numbers_in("12")
    assert numbers_in("dozens") != numbers_in("a dozen")
    assert numbers_in("9" * 5000) != numbers_in("9" * 5001)


def test_names_are_runs_of_capitals() -> None:
    assert unknown_names("In Moscow, the Foreign Minister Sergei Lavrov's U.S. visit", []) == [
        "moscow",
        "foreign minister sergei lavrov",
        "us",
    ]
    text = "President Vladimir Putin met prime minister Orban."
    assert unknown_names("President Putin met Prime Minister Orban", [text]) == []
    assert unknown_names("Orban Putin", [text]) == ["orban putin"]


def test_a_mark_belongs_to_the_sentence_it_follows() -> None:
    cut = written_sentences("He won. [1] She lost [2]. They met U.S. [3] envoys [1, 2]!\r\n2. Done.")
    assert [(one.text, one.numbers) for one in cut] == [
        ("He won.", (1,)),
        ("She lost.", (2,)),
        ("They met U.S. envoys!", (3, 1, 2)),
        ("Done.", ()),
    ]


def exact(sentences: list[PhrasedSentence], documents: dict[str, str]) -> None:
    for sentence in sentences:
        assert sentence.struck == (sentence.reason is not None)
        for match in sentence.verbatim:
            assert documents[match.document_id][match.start : match.end] == match.text
            assert fold(match.text).text in fold(sentence.text).text


@given(st.lists(texts, min_size=1, max_size=3), st.text(max_size=5), st.data())
def test_the_sources_own_sentences_pass_with_the_right_number(
    passages: list[str], before: str, data: st.DataObject
) -> None:
    sources = [source(number, text, start=len(before)) for number, text in enumerate(passages, start=1)]
    own = [
        (passage[span.start : span.end], number)
        for number, passage in enumerate(passages, start=1)
        for span in sentence_spans(passage)
        # Marks of the source's own may be numbers of sources here, and layout such as "- " is taken off a line.
        if any(character.isalnum() for character in passage[span.start : span.end]) and "[" not in passage
    ]
    assume(own)
    chosen = data.draw(st.lists(st.sampled_from(own), min_size=1, max_size=6))
    # A sentence that ends without a full stop only ends with its line.
    stopped = all(sentence.rstrip("»”\"')")[-1:] in {".", "!", "?"} for sentence, _ in chosen)
    gap = data.draw(st.sampled_from([" ", "\n", "\n\n"] if stopped else ["\n", "\n\n"]))
    text = gap.join(f"{' '.join(sentence.split())} [{number}]" for sentence, number in chosen)
    sentences = check(text, sources, "?")
    assert [sentence.reason for sentence in sentences if sentence.struck] == []
    assert {number for sentence in sentences for number in sentence.citations} == {number for _, number in chosen}
    exact(sentences, {f"d{number}": before + passage for number, passage in enumerate(passages, start=1)})


@given(
    texts,
    texts,
    st.lists(st.sampled_from([" [1]", "[2]. ", '"', "“", "'", "\n", " 13 ", " Putin "]), max_size=8),
    st.data(),
)
def test_whatever_is_written_every_letter_of_it_is_returned_and_every_offset_is_exact(
    passage: str, written: str, signs: list[str], data: st.DataObject
) -> None:
    parts = [written, *signs, passage, written]
    text = "".join(data.draw(st.permutations(parts)))
    sentences = check(text, [source(1, passage)], "?")
    exact(sentences, {"d1": passage})
    kept = "".join(character for sentence in sentences for character in sentence.text if character.isalpha())
    assert kept == "".join(character for character in text if character.isalpha())


@pytest.mark.parametrize(
    "piece", ["'a", " 'a", "a", "[", "[1] ", '"', "one ", "1,", "A.", " ", "«'", "x.y ", "[1,", "- "]
)
def test_no_text_takes_long(piece: str) -> None:
    began = time.perf_counter()
    check((piece * 8000)[:8000], [source(number, (piece * 900)[:900]) for number in range(1, 13)], piece * 100)
    assert time.perf_counter() - began < 5
