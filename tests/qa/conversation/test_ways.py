"""Ways to put a follow-up, and which of their answers is taken."""

from hypothesis import given
from hypothesis import strategies as st

from qa.conversation.readings import Standalone
from qa.conversation.ways import LONGEST, Way, settled, voted, ways
from qa.models import Alternative, Answer
from tests.qa.conversation.turns import turn

ASKED = "How many of them were children?"
FULL = "How many of the people were children?"
READING = Standalone(ASKED, FULL, "reference")


def answer(words: str | None, confidence: float, guess: str | None = None) -> Answer:
    """An answer, or a refusal with its best guess."""
    made = turn("?", words).answer
    guesses = [] if guess is None else [Alternative(answer=guess, confidence=confidence, citations=[])]
    return made.model_copy(update={"confidence": confidence, "alternatives": guesses})


def test_the_last_answer_is_put_in_front_of_the_reading_and_of_what_was_asked() -> None:
    last = turn("How many people died of cholera?", "47.")
    assert ways(ASKED, [READING], last) == [
        Way(FULL, FULL),
        Way(FULL, f"47. {ASKED}"),
        Way(FULL, f"47. {FULL}"),
    ]


def test_each_wording_is_read_once_and_a_third_reading_not_at_all() -> None:
    same = Standalone(ASKED, ASKED)
    others = [Standalone(ASKED, f"{number}?") for number in range(3)]
    put = ways(ASKED, [same, *others], turn("Who died?", "Ann"))
    assert [way.text for way in put] == [ASKED, f"Ann. {ASKED}", "0?", "Ann. 0?"]


def test_the_words_of_the_last_question_stand_in_for_an_answer_that_there_is_not_or_that_is_very_long() -> None:
    for last in (turn("How many people died?"), turn("How many people died?", "x" * (LONGEST + 1))):
        assert ways(ASKED, [READING], last) == [Way(FULL, FULL), Way(FULL, f"people died. {ASKED}")]


def test_nothing_is_put_in_front_where_the_last_question_has_no_words_of_its_own() -> None:
    assert ways(ASKED, [READING], turn("Why?")) == [Way(FULL, FULL)]


def test_two_that_agree_outvote_a_surer_one_and_the_surer_of_them_is_taken() -> None:
    given_answers = [answer("five", 0.6), answer("nineteen", 0.3), answer("nineteen of them", 0.4)]
    assert voted(given_answers).answer == "nineteen of them"
    assert voted(given_answers[:2]).answer == "five"


def test_two_sure_answers_that_agree_settle_it() -> None:
    assert settled([answer("nineteen", 0.5), answer("nineteen of them", 0.6)])
    assert not settled([answer("nineteen", 0.49), answer("nineteen", 0.9)])
    assert not settled([answer("nineteen", 0.9), answer("five", 0.9)])
    assert not settled([answer("nineteen", 0.9)])
    assert not settled([answer("nineteen", 0.9)] * 3)


def test_answers_with_other_figures_do_not_agree() -> None:
    assert not settled([answer("1.5 million euros", 0.9), answer("15 million euros", 0.9)])
    assert settled([answer("3 May 2021", 0.9), answer("May 2021", 0.9)])
    given_answers = [answer("15 million euros", 0.6), answer("1.5 million euros", 0.4), answer("1.5 million", 0.3)]
    assert voted(given_answers).answer == "1.5 million euros"


def test_a_refusal_counts_with_its_best_guess() -> None:
    refused = answer(None, 0.3, guess="nineteen")
    assert voted([answer("five", 0.5), refused, answer("nineteen", 0.4)]).answer == "nineteen"
    assert voted([answer(None, 0.2), answer("five", 0.1)]).answer is None


def test_the_likeliest_reading_that_finds_the_answer_is_what_it_was_read_as() -> None:
    readings = ["Where is it?", "Where is the firm?", "Where is Halvard?"]
    found = [("x", 0.2), ("Oslo", 0.6), ("Oslo", 0.7)]
    given_answers = [
        answer(words, sure).model_copy(update={"standalone_question": reading})
        for reading, (words, sure) in zip(readings, found, strict=True)
    ]
    taken = voted(given_answers)
    assert (taken.standalone_question, taken.confidence) == ("Where is the firm?", 0.7)


@given(st.lists(st.tuples(st.sampled_from(["a b", "b a", "c", "d e f", None]), st.floats(0, 1)), min_size=1))
def test_one_of_the_answers_is_taken_and_none_alike_is_surer(said: list[tuple[str | None, float]]) -> None:
    answers = [answer(words, sure) for words, sure in said]
    found = voted(answers)
    assert found in answers  # they have the same reading
    assert found.confidence == max(one.confidence for one in answers if one.answer == found.answer)
