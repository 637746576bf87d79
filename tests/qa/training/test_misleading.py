"""Questions changed so that their passage no longer answers them."""

import random

from hypothesis import given
from hypothesis import strategies as st

from qa.training.misleading import OPPOSITES, misleading

TEXT = (
    "The bridge over the river Aln was opened by King Oswin in 1921. Its 14 arches were built of stone by the company of "
    "Harald Brenn, who had worked in Lower Temby before."
)
OTHER = "The tower was planned by the architect Ines Calder in 1880 and stands near the port of Sundale."


def changed(question: str, answers: tuple[str, ...] = ("King Oswin",), seeds: int = 40) -> set[str | None]:
    """What becomes of a question under many seeds."""
    return {misleading(question, TEXT, answers, OTHER, random.Random(seed)) for seed in range(seeds)}  # noqa: S311


def test_a_name_becomes_another_that_is_not_the_answer() -> None:
    found = changed("Who opened the bridge over the river Aln?")
    names = {
        question[len("Who opened the bridge over the river ") : -1]
        for question in found
        if question and "opened" in question
    }
    assert names & {"Ines Calder", "Sundale"}
    assert names & {"Harald Brenn", "Lower Temby"}
    assert "King Oswin" not in names
    assert "Aln" not in names


def test_the_s_of_a_name_stays() -> None:
    found = {question for question in changed("Who was the Aln's builder?") if question and "wasn't" not in question}
    assert found
    assert all(question.endswith("'s builder?") for question in found)


def test_a_number_becomes_another_that_is_not_asked_about() -> None:
    found = changed("Who opened the bridge in 1921?")
    years = {question.split()[-1].rstrip("?") for question in found if question and "opened" in question}
    assert "1921" not in years
    assert "1880" in years
    assert {"14"}.isdisjoint(years)  # a year is swapped for a year
    assert all(1891 <= int(year) <= 1951 or year == "1880" for year in years)


def test_a_word_becomes_its_opposite() -> None:
    assert changed("Who opened the bridge?") == {"Who closed the bridge?"}


def test_at_times_a_question_is_negated_and_never_twice() -> None:
    assert changed("Who was there?") == {None, "Who wasn't there?"}
    assert changed("Who was not there?") == {None}


def test_nothing_to_change() -> None:
    assert changed("Who sings?") == {None}


def test_opposites_are_others() -> None:
    assert all(opposites and word not in opposites for word, opposites in OPPOSITES.items())


@given(st.text(max_size=80), st.text(max_size=200), st.text(max_size=200), st.integers())
def test_any_text_is_taken_and_a_seed_repeats(question: str, text: str, other: str, seed: int) -> None:
    first = misleading(question, text, ["x"], other, random.Random(seed))  # noqa: S311
    assert first is None or first.casefold() != question.casefold()
    assert misleading(question, text, ["x"], other, random.Random(seed)) == first  # noqa: S311
