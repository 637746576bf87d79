"""Comparing the wording of a passage with that of a question."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.wording import Wording


def test_pairs_are_neighbours_but_for_stop_words_and_endings() -> None:
    wording = Wording("Which ships crossed the northern channel?")
    # Telling words: ship, cross, northern, channel; three pairs.
    assert wording.compared("Ship after ship crosses the northern sea.").pairs == pytest.approx(2 / 3)
    assert wording.compared("The channel is crossed twice by many northern sea-going ships.").pairs == 0.0
    assert wording.compared("Two ships were crossing the northern channel.").pairs == 1.0


def test_coverage_is_that_of_the_best_sentence() -> None:
    wording = Wording("Which ships crossed the northern channel?")
    assert wording.compared("The ships left. They crossed the northern sea. A channel was dug.").coverage == 2 / 4
    assert wording.compared("Nothing of that kind.").coverage == 0.0
    assert wording.compared("").coverage == 0.0


def test_a_question_of_stop_words_is_compared_by_them() -> None:
    wording = Wording("Who is it?")
    assert wording.compared("It is who?").coverage == 1.0
    assert wording.compared("Nobody knows.").coverage == 0.0


def test_a_single_word_has_no_pairs() -> None:
    assert Wording("Zeppelin?").compared("zeppelin zeppelin").pairs == 0.0
    assert Wording("Zeppelin?").compared("zeppelin zeppelin").coverage == 1.0


@given(st.text(), st.text())
def test_any_texts_can_be_compared_and_a_text_covers_itself(question: str, text: str) -> None:
    wording = Wording(question)
    fit = wording.compared(text)
    assert 0.0 <= fit.pairs <= 1.0
    assert 0.0 <= fit.coverage <= 1.0
    itself = wording.compared(question)
    assert itself.pairs in (0.0, 1.0)


@given(st.lists(st.sampled_from(["dam", "river", "storm", "house", "built"]), min_size=1, max_size=6))
def test_one_sentence_with_all_words_in_order_fits_fully(words: list[str]) -> None:
    sentence = " ".join(words)
    fit = Wording(sentence).compared(f"Before it. Then {sentence}.")
    assert fit.coverage == 1.0
    assert fit.pairs == (1.0 if len(words) > 1 else 0.0)


def test_a_sentence_of_a_passage_runs_over_the_ends_of_lines_wrapped_by_hand() -> None:
    wording = Wording("Which men dug the northern tunnel?")
    passage = (
        "It was the men who\n"
        "dug the long and narrow tunnel under the river in the spring of 1951,\n"
        "northern ones for the most part."
    )
    assert wording.compared(passage).coverage == 1.0


def test_letters_and_accents_apart_are_the_same_words() -> None:
    text, question = "L’élection à Besançon. Zoé a gagné.", "Qui a gagné l’élection à Besançon, Zoé ?"
    fits = {
        Wording(unicodedata.normalize(asked, question)).compared(unicodedata.normalize(written, text))
        for asked in ("NFC", "NFD")
        for written in ("NFC", "NFD")
    }
    assert len(fits) == 1
