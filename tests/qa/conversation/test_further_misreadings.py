"""Follow-ups that were misread in conversations about invented articles: prices, the last strike, persons, owners, deeds."""

from collections.abc import Sequence

import pytest

from qa.conversation import Turn, standalone
from qa.conversation.mentions import mentions_in
from qa.conversation.standalone import readings
from qa.models import Claim
from tests.qa.conversation.turns import turn

STUDY = turn("Who led the study?", "Kari Aune")
STRIKE = turn("When was the last strike?", "1989")
EXPEDITION = turn("Where did Tarnow's first expedition lead?", "Tierra del Fuego")
LASTED = turn("How long did Tarnow's first expedition last?", "eight months")
UNION = turn("Who leads the union?", "Marek Olsen")
DEMAND = turn("What does Marek Olsen demand?", "9 percent")
BOOK = turn("Who wrote the book?", "Ilse Tarnow")
DIED = turn("When did Ilse Tarnow die?", "1948")
FACTORY = turn("When will the factory be closed?", "March 2025")
CLOCKS = turn("What happened to the clocks?", "sold at auction", "The clocks were sold at auction.")
RESIGNED = turn("What did the minister do?", "resigned")
REVENUE = turn("What was Norvik's revenue in the third quarter of 2024?", "$412 million")
PROFIT = turn(
    "And its net profit?", "$23 million", standalone="What was Norvik's net profit in the third quarter of 2024?"
)
CAPITAL = turn("What is Cavania's capital?", "Lodava")
POPULATION = turn("What is the population of Lowen?", "184,000")
CHIEF = turn("Who is the chief executive of Norvik?", "Linnea Strand")
CAUSE = turn("What was the cause of the fire?", "a candle")
DOCKERS = turn("How many dock workers joined the strike?", "4,200")
SAYS_WHO = turn("Says who?", "the union", standalone="Who says 4,200 dock workers joined the strike?")
FINAL = turn("Who won the cup final?", "Carrick Rovers")
PARTY = turn("Who led the party?", "Ana Lund")
FRAUD = turn("Who was convicted of fraud?", "Leonard Pike")
YOUNG = turn("How many of them were young?", "9", standalone="How many of the animals that were there were young?")
ARRESTED = turn("How many people were arrested?", "nine")


@pytest.mark.parametrize(
    ("turns", "asked", "expected"),
    [
        # What something costs is not counted
        ([STUDY], "How much did it cost?", "How much did the study cost?"),
        ([STUDY], "How much will it cost?", "How much will the study cost?"),
        ([ARRESTED], "How much did it cost?", "How much did it cost?"),
        ([FRAUD], "How much?", "How much was Leonard Pike convicted of fraud?"),
        # "Last" and its like before a noun
        ([STRIKE], "How long did it last?", "How long did the last strike last?"),
        ([UNION, STRIKE], "How did it end?", "How did the last strike end?"),
        ([EXPEDITION], "How long did it last?", "How long did Tarnow's first expedition last?"),
        ([turn("Who attended the last meeting?", "Ana Lund")], "Where was it?", "Where was the last meeting?"),
        ([turn("How long did the other strike last?", "a day")], "Why did it end?", "Why did the other strike end?"),
        ([LASTED], "And the second?", "How long did Tarnow's second expedition last?"),
        ([REVENUE], "And in the fourth?", "What was Norvik's revenue in the fourth quarter of 2024?"),
        # Who was a person stays one
        ([UNION, DEMAND], "When was it founded?", "When was the union founded?"),
        ([BOOK, DIED], "When was it published?", "When was the book published?"),
        ([BOOK, turn("When did Tarnow die?", "1948")], "Who published it?", "Who published the book?"),
        ([EXPEDITION, LASTED], "Who went with her?", "Who went with Tarnow?"),
        # A noun that is asked about is not said twice
        ([FACTORY], "Which factory?", "Which factory will be closed?"),
        ([turn("When did the minister resign?", "May")], "Which minister?", "Which minister resigned?"),
        ([turn("Who won the match?", "Carrick")], "Which match?", "Which match did Carrick win?"),
        ([turn("Who was taken to hospital?", "Demir")], "Which hospital?", "Which hospital was Demir taken to?"),
        ([turn("What did Pike buy?", "Second Wind")], "Which yacht?", "Which yacht did Pike buy?"),
        # Answers that are verbs
        ([CLOCKS], "When?", "When were the clocks sold at auction?"),
        ([RESIGNED], "Why?", "Why did the minister resign?"),
        (
            [turn("What happened to the house?", "went back to the fund")],
            "Why?",
            "Why did the house go back to the fund?",
        ),
        ([turn("What happened to the yacht?", "It was seized")], "When?", "When was the yacht seized?"),
        ([turn("What happened in Bonn?", "fighting broke out")], "Why?", "Why did fighting break out in Bonn?"),
        ([turn("What happened?", "The army shelled the town")], "When?", "When did the army shell the town?"),
        ([FINAL, turn("How did they play?", "scored at once")], "Who watched it?", "Who watched the cup final?"),
        ([turn("How did they vote?", "rejected the new bill")], "Who wrote it?", "Who wrote the new bill?"),
        # Something else of the same owner
        ([REVENUE], "And its net profit?", "What was Norvik's net profit in the third quarter of 2024?"),
        ([REVENUE], "And the net profit?", "What was Norvik's net profit in the third quarter of 2024?"),
        ([REVENUE, PROFIT], "And its backlog?", "What was Norvik's backlog in the third quarter of 2024?"),
        ([REVENUE], "And Solaro's?", "What was Solaro's revenue in the third quarter of 2024?"),
        ([CAPITAL], "And its population?", "What is Lodava's population?"),
        ([CAPITAL], "And the population?", "What is Cavania's population?"),
        ([POPULATION], "And the mayor?", "Who is the mayor of Lowen?"),
        ([POPULATION], "And its mayor?", "Who is the mayor of Lowen?"),
        ([CHIEF], "And the chairman?", "Who is the chairman of Norvik?"),
        ([CHIEF], "And her husband?", "Who is Linnea Strand's husband?"),
        ([CAUSE], "And the outcome?", "What was the outcome of the fire?"),
        ([POPULATION], "And the council?", "What is the population of Lowen according to the council?"),
        ([turn("Who is the mayor of Lowen?", "Ana Lund")], "And her party?", "What is Ana Lund's party?"),
        # Who says so
        ([DOCKERS], "Says who?", "Who says 4,200 dock workers joined the strike?"),
        ([DOCKERS], "According to whom?", "Who says 4,200 dock workers joined the strike?"),
        (
            [DOCKERS, SAYS_WHO],
            "And according to the police?",
            "How many dock workers joined the strike according to the police?",
        ),
        # Times are nobody
        ([FINAL], "And last year?", "Who won the cup final last year?"),
        ([FINAL], "And a year later?", "Who won the cup final a year later?"),
        ([PARTY], "And now?", "Who led the party now?"),
        ([PARTY], "And today?", "Who led the party today?"),
        ([ARRESTED], "And two years ago?", "How many people were arrested two years ago?"),
        ([turn("What was the price last year?", "5")], "And this year?", "What was the price this year?"),
        ([turn("Who was arrested on Monday?", "Ana Lund")], "And yesterday?", "Who was arrested yesterday?"),
        # Others
        ([FRAUD], "What else did he do?", "What else did Leonard Pike do?"),
        ([FRAUD], "How come?", "Why was Leonard Pike convicted of fraud?"),
        ([FRAUD], "Who is that?", "Who is Leonard Pike?"),
        ([FRAUD], "What about the auditors?", "Were the auditors convicted of fraud?"),
        ([DEMAND], "And the port authority?", "What does the port authority demand?"),
        ([YOUNG], "How many died?", "How many of the animals that were there died?"),
    ],
)
def test_a_follow_up_is_read_as(turns: Sequence[Turn], asked: str, expected: str) -> None:
    assert standalone(asked, turns).question == expected


def test_a_last_name_has_the_gender_of_the_first_name_that_the_speaker_has() -> None:
    minister = turn("What did Helene Roux say?", "wait")
    other = turn("What did Jansen say?", "nothing")
    cited = other.answer.citations
    speaker = cited[0].model_copy(update={"text": "Karl Jansen"})
    claim = Claim(answer="nothing", speaker=speaker, citations=cited, speakers=[speaker], dates=[None], confidence=0.9)
    jansen = Turn(other.answer.model_copy(update={"claims": [claim]}))
    assert standalone("What did she reply?", [minister, jansen]).question == "What did Helene Roux reply?"
    assert standalone("What did he reply?", [minister, jansen]).question == "What did Jansen reply?"


def test_a_company_that_owns_what_is_spoken_of_is_no_person_beside_one() -> None:
    horak = turn("What did Pavel Horak say about Norvik's revenue?", "nothing")
    assert [one.question for one in readings("Is he rich?", [horak])] == ["Is Pavel Horak rich?"]


def test_what_happened_to_somebody_is_no_place_for_another_verb() -> None:
    found = readings("How many others were hurt?", [turn("What happened to Ali Demir?", "a broken leg")])
    assert not any(one.question.endswith("to Ali Demir?") for one in found)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who built the only bridge?", ["the only bridge"]),
        ("When is the next meeting?", ["the next meeting"]),
        ("Who wrote the most famous book?", ["the most famous book"]),
        ("When did the ship last sail?", ["the ship"]),
        ("Who was the first?", []),
    ],
)
def test_words_that_tell_which_one_belong_to_their_noun(question: str, expected: list[str]) -> None:
    assert [one.text for one in mentions_in(question)] == expected
