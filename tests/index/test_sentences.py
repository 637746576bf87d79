"""Sentence offsets: nothing is lost, nothing overlaps, nothing is cut from the middle of a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def split(text: str, *, part: bool = False) -> list[str]:
    return [" ".join(text[span.start : span.end].split()) for span in sentence_spans(text, part=part)]


WRAPPED = (
    "The bridge was opened in 1932 by the king himself, after six years of\n"
    "work that cost the town more than it had. It was dug by the men of the\n"
    "Nordland Mining Company, and of the two hundred eleven did not come back.\n"
    "Nobody else\n"
)
WHOLE = [
    "The bridge was opened in 1932 by the king himself, after six years of work that cost the town more than it had.",
    "It was dug by the men of the Nordland Mining Company, and of the two hundred eleven did not come back.",
]


def test_a_part_of_wrapped_text_has_the_sentences_of_the_whole() -> None:
    for start in (4, 11, 35, 65):
        assert split(WRAPPED[start:], part=True)[:2] == [WHOLE[0][start:], WHOLE[1]]
    # The first line of the part says nothing about its block, another block does.
    assert split(f"Her brother Bo, a\nreferee, came too.\n\n{WRAPPED}", part=True)[:2] == [
        "Her brother Bo, a referee, came too.",
        WHOLE[0],
    ]


@pytest.mark.parametrize("headline", ["The bridge", "A town and its debts"])
def test_a_headline_above_a_part_stays_a_sentence(headline: str) -> None:
    assert split(f"{headline}\n{WRAPPED}", part=True)[:3] == [headline, *WHOLE]


def test_a_part_of_a_list_stays_a_list() -> None:
    lines = ["eggs", "milk from the farm", "honey", "Twelve loaves of the bread that the baker keeps", "butter"]
    assert split("\n".join(lines), part=True) == lines
    lines = [
        "Mayor resigns",
        "Storm closes the northern channel for a third day",
        "Rowers win silver",
        "King opens bridge",
    ]
    assert split("\n".join(lines), part=True) == lines


def test_indented_paragraphs_need_no_blank_line() -> None:
    text = "".join(f"   {paragraph}" for paragraph in (WRAPPED, "The mill was not.\n", WRAPPED))
    assert split(text) == [*WHOLE, "Nobody else", "The mill was not.", *WHOLE, "Nobody else"]
    assert split(f"Before it.\n\n{text}")[1:3] == WHOLE


def test_a_wrapped_paragraph_may_be_indented_as_a_whole() -> None:
    text = "He said:\n\n" + "".join(f"    {line}\n" for line in WRAPPED.splitlines())
    assert split(text) == ["He said:", *WHOLE, "Nobody else"]


def test_the_sentence_around_a_word_of_an_indented_paragraph_is_whole() -> None:
    text = f"Before it.\n\n   {WRAPPED}   The mill was not.\n"
    around = sentences_around(text, text.index("work"), text.index("work") + 4)
    assert " ".join(text[around.start : around.end].split()) == WHOLE[0]


@pytest.mark.parametrize(("one", "two", "more"), [("- ", "- ", "  "), ("* ", "* ", ""), ("1. ", "2. ", "   ")])
def test_bullets_may_be_wrapped(one: str, two: str, more: str) -> None:
    first, *others = WRAPPED.splitlines()
    item = "\n".join([first, *(more + line for line in others)])
    found = split(f"{one}{item}\n{two}The tunnel\n{two}{item}\n")
    # The splitter makes a sentence of the number of an item.
    assert [sentence for sentence in found if sentence not in ("1.", "2.")] == [
        f"{one if one != '1. ' else ''}{WHOLE[0]}",
        WHOLE[1],
        "Nobody else",
        f"{two if two != '2. ' else ''}The tunnel",
        f"{two if two != '2. ' else ''}{WHOLE[0]}",
        WHOLE[1],
        "Nobody else",
    ]


def test_a_headline_right_above_does_not_cut_a_paragraph() -> None:
    assert split(f"The bridge\n{WRAPPED}") == ["The bridge", *WHOLE, "Nobody else"]


@pytest.mark.parametrize(
    "text",
    [
        "My heart aches, and a drowsy numbness pains\nMy sense, as though of hemlock I had drunk,\n"
        "Or emptied some dull opiate to the drains\nOne minute past, and Lethe-wards had sunk:\n"
        "In some melodious plot\nOf beechen green, and shadows numberless,\nSingest of summer in full-throated ease.",
        "Town                     People     Founded\nOslo and the towns around    700000      1048\n"
        "Bergen                   280000      1070",
        "Town and the land around it | People | Founded\nOslo | 700000 | 1048\nBergen and what is around it | 280000 | 1070",
        "Nordland Mining Company\n12 Harbour Street\nBergen 5003",
        "Ana Lund\nBo Ek\nCarl Dahl, mayor",
        "eggs\nmilk from the farm\nTwelve loaves of the bread that the baker keeps\nbutter",
        "so much depends\nupon\na red wheel barrow glazed with rain and the long\nwater beside the white\n"
        "chickens that walk in the garden all day",
        "Twelve killed as bus leaves the road near Bergen\nMayor Ana Lund resigns after the vote\n"
        "Storm closes the northern channel for a third day\nRowers win silver\nKing opens bridge",
    ],
)
def test_poems_tables_addresses_and_lists_are_cut_at_each_line(text: str) -> None:
    assert split(text) == [" ".join(line.split()) for line in text.split("\n")]


@pytest.mark.parametrize(
    "sentence",
    [
        "He will speak at 5 p.m. Monday in Oslo.",
        "The vote at 8 p.m. Saturday night failed.",
        "It began at 3 p.m. ET on Monday.",
        "It began at 11 a.m. Sept. 3 in Oslo.",
        "It began at 9 p.m. Eastern time.",
        "He lives in Ft. Worth, Texas.",
        "He lives in Sault Ste. Marie.",
        "According to Amb. Susan Rice, no.",
        "Then Atty. Gen. Merrick Garland said no.",
        "See Vol. 3 of it.",
        "See Vol. II of it.",
        "See Eq. 4 and Figs. 3 and 5.",
        "Approx. 30 people died.",
        "It weighs 5 lbs. of it.",
        "Open Mon. to Fri. only.",
        "About 3 hrs. later he left.",
        "Who won Jeopardy! last night?",
        "It rose by 1.5 pct. to 30.",
        "She comes Sat. at noon.",
    ],
)
def test_more_abbreviations_do_not_end_a_sentence(sentence: str) -> None:
    assert split(f"He left. {sentence} She stayed.") == ["He left.", sentence, "She stayed."]


@pytest.mark.parametrize(
    "sentences",
    [
        ["He came at 5 p.m.", "He left at six."],
        ["he left.", "then she went.", "no!", "we won."],
        ["He left.", "iPhone sales rose."],
        ["He left.", "al-Sisi stayed."],
        ["He left.", "de Gaulle stayed."],
        ["See this.", "https://town.example is new."],
        ["They played par.", "The others did not."],
    ],
)
def test_sentences_that_end_are_not_joined(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


@given(st.text("ab \n", max_size=4000), st.data())
def test_a_sentence_without_end_is_cut_on_both_sides_of_a_place(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    text = f"{text[:place]}HERE{text[place:]}"
    around = sentences_around(text, place, place + 4)
    assert around.start <= place
    assert place + 4 <= around.end
    assert place - around.start <= 600
    assert around.end - place - 4 <= 600
    assert text[around.start : around.end].strip() == text[around.start : around.end]


def test_a_transcript_is_not_one_sentence() -> None:
    said = "then the mayor spoke of the harbour "
    text = said * 400
    place = text.index("harbour", 7000)
    around = sentences_around(text, place, place + 7)
    shown = text[around.start : around.end]
    assert set(shown.split()) == set(said.split())
    assert 800 <= len(shown) <= 1210
