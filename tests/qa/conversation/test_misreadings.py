"""Follow-ups that were once misread, by what they were misread as."""

import pytest

from qa.conversation import Turn, standalone
from qa.conversation.standalone import readings
from tests.qa.conversation.turns import turn

MAYOR = turn("When was the mayor of Lowen elected?", "in 2019")
PRESIDENT = turn("Who is the president of Bresia?", "Oleg Brandt")
CEASEFIRE = turn("Who called for a ceasefire?", "Oleg Brandt")
CLASH = turn("How many people were killed in the clash?", "12")
FORD = turn("How many soldiers were killed in the clash at Green Ford?", "12")
ABOARD = turn("How many passengers were on board the ferry?", "47")
BATTLE = turn("How many soldiers died in the battle of Verdun?", "300,000")
SCANDAL = turn("Why did the minister resign?", "because of the scandal")
RAIN = turn("Why was the match stopped?", "due to heavy rain")
COUNCIL = turn("Who did?", "the staff council")
ONE = turn("Which one did?", "the staff council")
APRIL = turn("How many people were killed in April 2020?", "12")
GOLD = turn("What is the price of gold?", "60 crowns")
FERRY = turn("When did the ferry sink?", "on 3 May 2021")
THANKS = turn("Thanks")
TELL = turn("Tell me about the clash.")
PRIZE = turn("Who won the Prize in Literature in 2021?", "Robin Tarn")


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        # A question whose subject was asked for, and that has nothing else
        (COUNCIL, "When?", "When did the staff council?"),
        (ONE, "Why?", "Why did the staff council?"),
        # Somebody else of the same office
        (MAYOR, "And the deputy mayor?", "When was the deputy mayor of Lowen elected?"),
        (MAYOR, "Who is the mayor?", "Who is the mayor of Lowen?"),
        (PRESIDENT, "What about the vice president?", "Who is the vice president of Bresia?"),
        # What happened to those who were counted
        (CLASH, "How long was it?", "How long was the clash?"),
        (CLASH, "How bad was it?", "How bad was the clash?"),
        (CLASH, "When did it begin?", "When did the clash begin?"),
        (CLASH, "What caused it?", "What caused the clash?"),
        (CLASH, "Who started it?", "Who started the clash?"),
        (CLASH, "Who were they?", "Who were the people who were killed in the clash?"),
        (CLASH, "Who killed them?", "Who killed the people who were killed in the clash?"),
        (ABOARD, "How old was it?", "How old was the ferry?"),
        (FORD, "How long was it?", "How long was the clash?"),
        (FORD, "Who started it?", "Who started the clash?"),
        (BATTLE, "How long was it?", "How long was the battle of Verdun?"),
        # Others are counted
        (CLASH, "How many children?", "How many children were killed in the clash?"),
        (CLASH, "And how many soldiers?", "How many soldiers were killed in the clash?"),
        (ABOARD, "How many lifeboats?", "How many lifeboats were on board the ferry?"),
        (BATTLE, "And civilians?", "How many civilians died in the battle of Verdun?"),
        (turn("How much water was lost?", "a lot"), "How much oil?", "How much oil was lost?"),
        (CLASH, "And civilians?", "How many civilians were killed in the clash?"),
        # Prepositions of several words
        (SCANDAL, "Who revealed it?", "Who revealed the scandal?"),
        # A month
        (APRIL, "And in May?", "How many people were killed in May?"),
        (APRIL, "What about May 2020?", "How many people were killed in May 2020?"),
        (APRIL, "And on 4 May?", "How many people were killed on 4 May?"),
        (
            turn("Which firm sold its factory in May 2020?", "Halvard"),
            "Why?",
            "Why did Halvard sell its factory in May 2020?",
        ),
        # What the new part is of
        (PRESIDENT, "And the prime minister?", "Who is the prime minister of Bresia?"),
        (GOLD, "And the weight?", "What is the weight of gold?"),
        (PRESIDENT, "And the president of Kaland?", "Who is the president of Kaland?"),
        # What was said
        (FERRY, "Who said that?", "Who said that the ferry sank on 3 May 2021?"),
        (
            turn("When was the bridge over the Orm opened?", "in 1883"),
            "Who said so?",
            "Who said that the bridge over the Orm was opened in 1883?",
        ),
        (
            turn("Where will the talks be held?", "in Lowen"),
            "Who said that?",
            "Who said that the talks will be held in Lowen?",
        ),
        (turn("When did the train stop?", "at noon"), "Who says so?", "Who says that the train stopped at noon?"),
        (turn("Why did Orlov carry a knife?", "fear"), "Who said that?", "Who said that?"),
        (turn("What does Orlov demand?", "money"), "Who said that?", "Who said that?"),
        # A turn that is no question
        (TELL, "When?", "When in the clash?"),
        (turn("ceasefire in Kaland", "Monday"), "Why?", "Why ceasefire in Kaland?"),
    ],
)
def test_a_follow_up_is_read_as(before: Turn, asked: str, expected: str) -> None:
    assert standalone(asked, [before]).question == expected


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        (MAYOR, "Who is the deputy mayor?"),
        # "This" and "that" by themselves
        (CEASEFIRE, "Is this true?"),
        (CEASEFIRE, "Why is this important?"),
        (CEASEFIRE, "How is this possible?"),
        (CEASEFIRE, "What does that mean?"),
        (CEASEFIRE, "Why did that fail?"),
        (CEASEFIRE, "Does that matter?"),
        (CEASEFIRE, "Who wrote this article?"),
        # "It" that is nothing
        (CEASEFIRE, "What time is it in Tokyo?"),
        (CEASEFIRE, "How far is it from Paris to Rome?"),
        (CEASEFIRE, "How hot is it in Tokyo?"),
        (CEASEFIRE, "What is it like in Tokyo?"),
        (CEASEFIRE, "Is it safe to travel to Ukraine?"),
        (CEASEFIRE, "Why was it wrong to close the school?"),
        (CEASEFIRE, "Did it snow in Lowen?"),
        # "He" who is asked for
        (CEASEFIRE, "Who resigned after he lost the election?"),
        (CEASEFIRE, "Which politician resigned after he lost the election?"),
        (CEASEFIRE, "Who said that he would not resign?"),
        # What was done
        (FERRY, "Who did it?"),
        (FERRY, "What did it?"),
        (FERRY, "Who did that?"),
        (turn("Where did the ferry and the tanker?", "in Lowen"), "Who said that?"),
        # Nothing was asked
        (THANKS, "When?"),
        (turn("Thank you!", "you"), "When?"),
        (PRIZE, "ok"),
        (PRIZE, "And?"),
        (PRIZE, "Thanks a lot"),
    ],
)
def test_a_question_is_left_as_it_was_asked(before: Turn, asked: str) -> None:
    assert standalone(asked, [before]).question == asked


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        (MAYOR, "How old is this city?", "How old is Lowen?"),
        (turn("Who founded the firm?", "Oleg Brandt"), "How large is this firm?", "How large is the firm?"),
        (CEASEFIRE, "What year was it signed?", "What year was the ceasefire signed?"),
        (turn("Who leads the camp?", "Oleg Brandt"), "How far is it from Paris?", "How far is the camp from Paris?"),
        (turn("Who leads the camp?", "Oleg Brandt"), "What is it like in winter?", "What is the camp like in winter?"),
        (turn("Who leads the camp?", "Oleg Brandt"), "Is it open to visitors?", "Is the camp open to visitors?"),
        (CEASEFIRE, "Who was there when he died?", "Who was there when Oleg Brandt died?"),
        (CEASEFIRE, "Who became president after he resigned?", "Who became president after Oleg Brandt resigned?"),
        (CEASEFIRE, "Who else did that?", "Who else called for a ceasefire?"),
    ],
)
def test_what_looks_like_it_is_filled_in_all_the_same(before: Turn, asked: str, expected: str) -> None:
    assert standalone(asked, [before]).question == expected


def test_a_cause_is_offered_without_its_preposition() -> None:
    found = [one.question for one in readings("How long did it last?", [RAIN])]
    assert "How long did heavy rain last?" in found


@pytest.mark.parametrize(("asked", "expected"), [("Why?", "Why did the ferry sink?"), ("And in June?", None)])
def test_thanks_are_looked_past(asked: str, expected: str | None) -> None:
    read = standalone(asked, [FERRY, THANKS])
    assert read == standalone(asked, [FERRY])
    assert expected is None or read.question == expected
    # What was asked for and not found is still what was spoken of last.
    assert standalone("Why?", [FERRY, TELL]).question == "Why in the clash?"
