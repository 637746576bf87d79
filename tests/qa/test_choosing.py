"""Which of the best places comes first, by the words around them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Document
from qa.candidates import Candidate
from qa.choosing import APART, REACH, RIVALS, Remembering, chosen
from qa.reader.comparing import Compared, Comparison, Marked, Mixture, Rival
from tests.qa.claims.making import document

PLAIN = Mixture(constant=0.0, signals=1.0, network=1.0)
RIVAL = Rival(constant=-0.5, behind=1.0, other=0.5, own=-0.5)
QUESTION = "How many sheep were killed?"
BETWEEN = " Nobody on the farm knows why." * 11
FARM = document(
    f"It rained for 12 hours.{BETWEEN} The storm killed 40 sheep.{BETWEEN} Another 65 were saved.{BETWEEN} And 70 fled.",
    "farm",
)


class Scripted:
    """Says of each place how likely it answers, whatever stands beside it."""

    def __init__(self, answers: dict[str, float], rival: Rival | None = RIVAL) -> None:
        self.comparison = Comparison(answers=PLAIN, differs=PLAIN, rival=rival)
        self.answers = answers
        self.asked: list[tuple[str, str]] = []

    def compare(self, question: str, pairs: Sequence[tuple[Marked, Marked]]) -> list[Compared]:
        words = [tuple(one.text[one.start : one.end] for one in pair) for pair in pairs]
        self.asked += [(one, other) for one, other in words]
        return [Compared(self.answers.get(other, 0.0), 0.0) for _, other in words]


def at(where: Document, words: str, score: float) -> Candidate:
    start = where.text.index(words)
    return Candidate(where.id, start, start + len(words), score, 1 / (1 + 2.718281828**-score))


def first(comparer: Scripted, *found: Candidate, others: tuple[Document, ...] = ()) -> list[Candidate]:
    return chosen(QUESTION, found, {one.id: one for one in (FARM, *others)}, comparer)


def test_the_place_whose_words_answer_more_surely_comes_first_as_sure_as_the_first_was() -> None:
    rain, sheep = at(FARM, "12", 1.0), at(FARM, "40", 0.5)
    comparer = Scripted({"12": -3.0, "40": 3.0})
    # -0.5 - 0.5 + 0.5 * 3 + 0.5 * 3 is above 0.
    found = first(comparer, rain, sheep, at(FARM, "70", -0.9))
    assert [(one.start, one.score) for one in found] == [
        (sheep.start, 1.0),
        (rain.start, 0.5),
        (FARM.text.index("70"), -0.9),
    ]
    assert [one.confidence for one in found[:2]] == [rain.confidence, sheep.confidence]
    assert comparer.asked[:2] == [("12", "40"), ("40", "12")]


def test_the_order_stays_where_the_words_say_less_than_the_scores() -> None:
    found = [at(FARM, "40", 1.0), at(FARM, "12", 0.5)]
    assert first(Scripted({"12": 1.0}), *found) == found


@pytest.mark.parametrize("score", [1.0 - REACH - 0.1, -9.0])
def test_what_is_far_behind_is_not_compared(score: float) -> None:
    comparer = Scripted({"40": 9.0})
    found = [at(FARM, "12", 1.0), at(FARM, "40", score)]
    assert first(comparer, *found) == found
    assert comparer.asked == []


def test_equal_values_other_documents_and_more_than_a_few_are_not_compared() -> None:
    other = document("The storm killed 41 sheep elsewhere. It was 12 degrees.", "other")
    comparer = Scripted({"41": 9.0, "12": -9.0, "70": 9.0})
    found = [at(FARM, "12", 1.0), at(other, "12", 0.9), at(other, "41", 0.8), at(FARM, "70", 0.7)]
    assert RIVALS == 2
    assert first(comparer, *found, others=(other,)) == found
    assert comparer.asked == []


def test_what_stands_near_was_read_beside_it_and_is_not_compared() -> None:
    for between in (APART - 60, APART):
        text = document(
            f"It rained for 12 hours. {'Nobody knows why. ' * 30}"[:between] + " The storm killed 40 sheep.", "near"
        )
        found = [at(text, "12", 1.0), at(text, "40", 0.9)]
        comparer = Scripted({"40": 9.0})
        chosen(QUESTION, found, {text.id: text}, comparer)
        assert bool(comparer.asked) is (found[1].start - found[0].start >= APART)


def test_without_what_it_counts_or_with_nothing_to_choose_from_nothing_is_compared() -> None:
    comparer = Scripted({"40": 9.0}, rival=None)
    found = [at(FARM, "12", 1.0), at(FARM, "40", 0.9)]
    assert first(comparer, *found) == found
    assert first(Scripted({}), found[0]) == found[:1]
    assert first(Scripted({})) == []
    assert comparer.asked == []


def test_what_begins_with_its_speaker_is_found_again() -> None:
    text = document(f"The mayor said the bridge was safe.{BETWEEN} It was built by hand.", "bridge")
    found = [at(text, "built by hand", 1.0), at(text, "The mayor said the bridge was safe", 0.9)]
    comparer = Scripted({"said the bridge was safe": 9.0, "the bridge was safe": 9.0, "built by hand": -9.0})
    moved = chosen("What is the bridge like?", found, {text.id: text}, comparer)
    assert [(one.start, one.end) for one in moved] == [(one.start, one.end) for one in reversed(found)]


@given(
    st.lists(
        st.tuples(st.sampled_from(["12", "40", "65", "70"]), st.floats(-6, 3)),
        min_size=1,
        max_size=4,
        unique_by=lambda x: x[0],
    ),
    st.dictionaries(st.sampled_from(["12", "40", "65", "70"]), st.floats(-9, 9)),
)
def test_places_and_scores_are_the_same_whatever_comes_first(
    scored: list[tuple[str, float]], answers: dict[str, float]
) -> None:
    found = sorted((at(FARM, words, score) for words, score in scored), key=lambda one: -one.score)
    moved = first(Scripted(answers), *found)
    assert [(one.score, one.confidence) for one in moved] == [(one.score, one.confidence) for one in found]
    assert sorted(one.start for one in moved) == sorted(one.start for one in found)


def test_no_two_places_are_compared_twice() -> None:
    comparer = Scripted({"40": 1.0, "65": 2.0})
    remembering = Remembering(comparer)
    one, other, third = (
        Marked(FARM.text, FARM.text.index(words), FARM.text.index(words) + 2) for words in ("12", "40", "65")
    )
    assert [told.answers for told in remembering.compare(QUESTION, [(one, other), (one, third), (one, other)])] == [
        1,
        2,
        1,
    ]
    assert [told.answers for told in remembering.compare(QUESTION, [(one, third), (other, one)])] == [2, 0]
    assert comparer.asked == [("12", "40"), ("12", "65"), ("40", "12")]
    remembering.compare("Why?", [(one, other)])
    assert len(comparer.asked) == 4
    assert remembering.comparison == comparer.comparison
