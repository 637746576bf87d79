"""Follow-ups of every kind, read as standalone questions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.conversation import Filling, Standalone, Turn, standalone
from qa.conversation.standalone import MAX_CHARACTERS, readings
from qa.models import Claim
from tests.qa.conversation.turns import turn
from tests.strategies import texts

CEASEFIRE = turn("Who called for a ceasefire?", "President Oleg Brandt")
CLASH = turn(
    "How many Tolanian soldiers were killed in the clash at Green Ford?",
    "12",
    "Tolania lost 12 soldiers; the Bresian side did not say how many it lost.",
)
MEETING = turn("Where did Brandt meet Castell?", "in Lowen")
SALE = turn("Which company sold its factory in 1999?", "Halvard")
FERRY = turn("How many people died when the ferry sank?", "17")
LAW = turn("When did the parliament of Kaland pass the law?", "on 3 May 2021")
TALKS = turn("Which ministers held talks?", "Orlov and Brandt")
PROTEST = turn("Where did the protest take place?", "in front of the parliament")
DEAD = turn("How many people died of cholera in Lowen?", "47")
NEEDS = turn("What does the head of the camp clinic need?")
SLIDE = turn("Who gave up the post after the Vesk landslide?")
EMPTY = turn("Why does the firm pay no more?", "the till is empty")
NOBODY = turn("Who won the election in Kaland?")
QUEEN = turn("Who opened the bridge?", "Queen Sabine", "Queen Sabine opened the bridge. She left at once.")
WRITER = turn("Who wrote the novel?", "Robin Tarn", "Robin Tarn wrote the novel. Her first book had failed, she said.")


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        # Nothing but a question word
        (CEASEFIRE, "When?", "When did President Oleg Brandt call for a ceasefire?"),
        (CEASEFIRE, "and when", "When did President Oleg Brandt call for a ceasefire?"),
        (CEASEFIRE, "But why?", "Why did President Oleg Brandt call for a ceasefire?"),
        (CEASEFIRE, "Where was that?", "Where did President Oleg Brandt call for a ceasefire?"),
        (CEASEFIRE, "When did that happen?", "When did President Oleg Brandt call for a ceasefire?"),
        (CEASEFIRE, "Why did he?", "Why did President Oleg Brandt call for a ceasefire?"),
        (CEASEFIRE, "Who else?", "Who else called for a ceasefire?"),
        (CLASH, "When?", "When were 12 Tolanian soldiers killed in the clash at Green Ford?"),
        (MEETING, "When?", "When did Brandt meet Castell?"),
        (MEETING, "Since when?", "Since when did Brandt meet Castell?"),
        (SALE, "To whom?", "To whom did Halvard sell its factory in 1999?"),
        (NOBODY, "When?", "When did someone win the election in Kaland?"),
        (turn("Did the rebels take the village?"), "When?", "When did the rebels take the village?"),
        (turn("Where was the treaty signed?", "Lowen"), "By whom?", "By whom was the treaty signed?"),
        (turn("Who was arrested in Lowen?", "three students"), "When?", "When were three students arrested in Lowen?"),
        (turn("Who was arrested in Lowen?", "students"), "How many?", "How many students were arrested in Lowen?"),
        # Pronouns and possessives
        (CEASEFIRE, "Who is his spokesman?", "Who is President Oleg Brandt's spokesman?"),
        (CEASEFIRE, "What is his name?", "What is President Oleg Brandt's name?"),
        (PROTEST, "When did it begin?", "When did the protest begin?"),
        (PROTEST, "Who organised it?", "Who organised the protest?"),
        (PROTEST, "How many were arrested?", "How many were arrested in the protest?"),
        (CEASEFIRE, "How old is he?", "How old is President Oleg Brandt?"),
        (CEASEFIRE, "When did it end?", "When did the ceasefire end?"),
        (QUEEN, "Where does she live?", "Where does Queen Sabine live?"),
        (QUEEN, "Who built it?", "Who built the bridge?"),
        (WRITER, "Where was she born?", "Where was Robin Tarn born?"),
        (
            CLASH,
            "Where did they serve?",
            "Where did the Tolanian soldiers that were killed in the clash at Green Ford serve?",
        ),
        (
            DEAD,
            "And how many of them were children?",
            "How many of the people who died of cholera in Lowen were children?",
        ),
        (NEEDS, "Who is she?", "Who is the head of the camp clinic?"),
        (EMPTY, "Who owns it?", "Who owns the firm?"),
        (MEETING, "When did he meet him?", "When did Brandt meet Castell?"),
        (MEETING, "What did they discuss?", "What did Brandt and Castell discuss?"),
        (MEETING, "Who lives there?", "Who lives in Lowen?"),
        (MEETING, "Where did they go from there?", "Where did Brandt and Castell go from Lowen?"),
        (SALE, "Where is it based?", "Where is Halvard based?"),
        (SALE, "And who is its owner?", "Who is Halvard's owner?"),
        (SALE, "Did the company recover?", "Did Halvard recover?"),
        # Demonstratives
        (MEETING, "How long did that meeting last?", "How long did the meeting of Brandt and Castell last?"),
        (LAW, "Who voted against it?", "Who voted against the law?"),
        (LAW, "What happened that day?", "What happened on 3 May 2021?"),
        (TALKS, "Where were they held?", "Where were the talks held?"),
        (TALKS, "What did they say?", "What did Orlov and Brandt say?"),
        (MEETING, "How large is that city?", "How large is Lowen?"),
        (
            CLASH,
            "Who commanded those soldiers?",
            "Who commanded the Tolanian soldiers that were killed in the clash at Green Ford?",
        ),
        (CEASEFIRE, "Who said that?", "Who said President Oleg Brandt called for a ceasefire?"),
        (CLASH, "Who said so?", "Who said 12 Tolanian soldiers were killed in the clash at Green Ford?"),
        # A new part
        (CEASEFIRE, "And Castell?", "Did Castell call for a ceasefire?"),
        (CEASEFIRE, "And his spokesman?", "Did President Oleg Brandt's spokesman call for a ceasefire?"),
        (CLASH, "What about Bresia?", "How many Bresian soldiers were killed in the clash at Green Ford?"),
        (CLASH, "And Bresian soldiers?", "How many Bresian soldiers were killed in the clash at Green Ford?"),
        (CLASH, "And civilians?", "How many Tolanian civilians were killed in the clash at Green Ford?"),
        (CLASH, "And in 2015?", "How many Tolanian soldiers were killed in the clash at Green Ford in 2015?"),
        (MEETING, "And Dorn?", "Where did Dorn meet Castell?"),
        (CLASH, "And wounded?", "How many Tolanian soldiers were wounded in the clash at Green Ford?"),
        (FERRY, "And injured?", "How many people were injured when the ferry sank?"),
        (SALE, "And in 2005?", "Which company sold its factory in 2005?"),
        (SALE, "How about 2005?", "Which company sold its factory in 2005?"),
        # What is left out
        (CLASH, "And how many were wounded?", "How many Tolanian soldiers were wounded in the clash at Green Ford?"),
        (FERRY, "And how many survived?", "How many people survived when the ferry sank?"),
        (CLASH, "How many were wounded?", "How many Tolanian soldiers were wounded in the clash at Green Ford?"),
        (CLASH, "And how many tanks were lost?", "How many tanks were lost in the clash at Green Ford?"),
    ],
)
def test_a_follow_up_is_read_as(before, asked, expected) -> None:
    read = standalone(asked, [before])
    assert read.question == expected
    assert read.asked == asked
    assert read.changed
    assert read.kind != "complete"
    assert read.filled
    assert {filling.turn for filling in read.filled} == {0}


@pytest.mark.parametrize(
    "asked",
    [
        "Who discovered penicillin?",
        "Who is the president of Bresia?",
        "When did Castell say he would resign?",
        "What did the bank say about its losses?",
        "Who lost his seat in the election in Kaland?",
        "How many people live in Lowen?",
        "What is the name of the person that founded Halvard?",
        "Where is the river that flows through Lowen?",
        "How old are the fossils found that represent animals?",
        "Is it raining in Lowen?",
        "What did the US do?",
        "In which year was the bridge over the Orm built?",
        "Why do cats purr?",
        "How many people died?",
        "How many people live?",
        "Which countries agree?",
        "What is it called when two rivers meet?",
        "Are there any lakes in Bresia?",
    ],
)
@pytest.mark.parametrize("before", [CEASEFIRE, CLASH, MEETING, SALE, NOBODY])
def test_a_complete_question_stays_as_it_is(before, asked) -> None:
    assert standalone(asked, [before]) == Standalone(asked, asked)


def test_what_was_filled_in_is_told() -> None:
    read = standalone("Who is his spokesman?", [CLASH, CEASEFIRE])
    assert read.filled == (Filling("his", "President Oleg Brandt's", 1),)
    assert read.kind == "reference"


def test_the_first_question_is_left_alone() -> None:
    assert standalone("Who is  his spokesman?", []) == Standalone("Who is his spokesman?", "Who is his spokesman?")


def test_the_nearest_turn_is_meant() -> None:
    assert standalone("Where does she live?", [QUEEN, WRITER]).question == "Where does Robin Tarn live?"
    assert standalone("Where does she live?", [WRITER, QUEEN]).question == "Where does Queen Sabine live?"


def test_a_pronoun_reaches_back_over_a_turn_without_anybody() -> None:
    turns = [QUEEN, turn("How long is the tunnel in Lowen?", "2 kilometres")]
    assert standalone("Where does she live?", turns).question == "Where does Queen Sabine live?"


def test_a_chain_of_follow_ups_goes_by_their_full_forms() -> None:
    asked = "When did President Oleg Brandt call for a ceasefire?"
    turns = [CEASEFIRE, turn("When?", "on Monday", standalone=asked)]
    assert standalone("Why?", turns).question == "Why did President Oleg Brandt call for a ceasefire?"


def test_several_readings_are_offered_the_likeliest_first() -> None:
    found = readings("Who was his host?", [turn("Where did Mr Brandt meet Mr Castell?", "in Lowen")])
    assert [one.question for one in found] == ["Who was Mr Brandt's host?", "Who was Mr Castell's host?"]


def test_a_reading_that_would_be_too_long_is_not_made() -> None:
    long = turn("When did " + "very " * 80 + "old men meet in Lowen?", "on Monday")
    assert len(long.question) > MAX_CHARACTERS
    assert not standalone("Why?", [long]).changed


QUESTIONS = [
    "When?",
    "Who is his spokesman?",
    "What about Bresia?",
    "And how many were wounded?",
    "Who attended that meeting?",
    "And her?",
    "Where did they go from there?",
    "Who said that?",
    "How many?",
    "Did it?",
    "And his wife's brother?",
    "What about them and their dogs?",
]
TURNS = [CEASEFIRE, CLASH, MEETING, SALE, NOBODY, QUEEN, WRITER]

any_text = st.one_of(texts, st.text(max_size=60), st.lists(st.sampled_from(" ".join(QUESTIONS).split())).map(" ".join))
any_turns = st.lists(
    st.one_of(
        st.sampled_from(TURNS),
        st.builds(turn, any_text.filter(str.strip), st.one_of(st.none(), any_text.filter(str.strip))),
    ),
    max_size=4,
)


@given(any_text, any_turns)
def test_any_text_is_read(asked, turns) -> None:
    read = standalone(asked, turns)
    assert read.asked == " ".join(asked.split())
    assert read.changed == (read.question != read.asked)
    assert all(0 <= filling.turn < len(turns) for filling in read.filled)


@given(st.one_of(st.sampled_from(QUESTIONS), any_text), any_turns)
def test_reading_twice_changes_nothing(asked, turns) -> None:
    once = standalone(asked, turns).question
    assert standalone(once, turns).question == once


subjects = st.sampled_from(["Mara Olden", "the city of Nordhaven", "Karel Vint", "the Orm bridge", "Tolania"])
verbs = st.sampled_from(["visit", "describe", "leave", "rebuild", "praise"])
objects = st.sampled_from(["Bresia", "the old mill", "King Ulf", "the Treaty of Lowen", "two hospitals"])


@given(st.sampled_from(["When", "Where", "Why", "How"]), subjects, verbs, objects, any_turns)
def test_a_question_with_everything_in_it_is_never_changed(word, subject, verb, thing, turns) -> None:
    asked = f"{word} did {subject} {verb} {thing}?"
    assert standalone(asked, turns).question == asked


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        (turn("How high are Orbeck's debts?", "700 million"), "By how much did its shares rise?", "Orbeck's shares"),
        (turn("Who owns Lind Biologics?", "the Lind family"), "How many people work there?", "work in Lind Biologics"),
        (
            turn("What does the union demand?", "more pay"),
            "And how many rest days?",
            "How many rest days does the union demand?",
        ),
        (
            turn("How much had the building department spent?", "51 million"),
            "And who heads it?",
            "the building department",
        ),
        (
            turn("How much does the county's programme cost?", "2 million"),
            "When does it begin?",
            "the county's programme begin",
        ),
        (
            turn("Who speaks for the families?", "Runa Eide"),
            "How much was it, according to her?",
            "according to Runa Eide?",
        ),
        (
            turn("Until when will the line be closed?", "until the end of May"),
            "How do people travel until then?",
            "the end of May",
        ),
        (turn("Who leads the party Free Sund?", "Party leader Rannveig Holm"), "What did she want?", "Rannveig Holm"),
        (
            turn("How many people live on the Sund islands?", "58,000 inhabitants"),
            "Who rules them?",
            "the Sund islands",
        ),
        (turn("Who advises Medvia?", "Per Strand"), "Is he a doctor?", "Is Per Strand a doctor?"),
        (turn("Who lost her bakery?", "Dora Aranda"), "What did it cost?", "Dora Aranda's bakery"),
        (turn("How much food did the pilots bring?", "80 tonnes"), "Who paid for it?", "Who paid for the food?"),
        (turn("At what time did the failure begin?", "at 18:42"), "And why?", "Why did the failure begin?"),
        (
            turn("Who is the chairman of the growers' club?", "Vogt"),
            "And the inspector of the county of Arn?",
            "Who is the inspector",
        ),
    ],
)
def test_what_development_articles_showed_to_be_misread(before: Turn, asked: str, expected: str) -> None:
    assert any(expected in one.question for one in readings(asked, [before]))


def test_who_speaks_in_the_last_answer_may_be_asked_about() -> None:
    asked = turn("How much will a month of the drug cost?", "90 euros", "90 euros, Strand said.")
    speaker = asked.answer.citations[0].model_copy(update={"start": 10, "end": 16, "text": "Strand"})
    claim = Claim(
        answer="90 euros",
        speaker=speaker,
        citations=asked.answer.citations,
        speakers=[speaker],
        dates=[None],
        confidence=0.9,
    )
    said = Turn(asked.answer.model_copy(update={"claims": [claim]}))
    assert readings("What about Strand?", [said])[0].question.endswith("cost according to Strand?") or any(
        one.question.endswith("cost according to Strand?") for one in readings("What about Strand?", [said])
    )


def test_a_name_that_only_describes_a_thing_is_no_person() -> None:
    assert not standalone("Who replaces him?", [SLIDE]).changed
    assert standalone("Where is it?", [SLIDE]).changed
