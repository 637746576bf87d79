"""What a question asks for: one thing or several."""

import pytest

from qa.claims.words import allows_several, asks_for_several, kind_of


@pytest.mark.parametrize(
    "question",
    [
        "Which ministers held talks?",
        "Which private firms contribute money to the rescue?",
        "Which witnesses are still to be heard?",
        "What fees did they pay?",
        "What new rules were announced?",
        "Who are the guests?",
        "What are the demands of the union?",
        "What did Azerbaijan claim?",
        "Name all towns that were hit.",
    ],
)
def test_questions_for_several(question: str) -> None:
    assert asks_for_several(question)
    assert allows_several(question)


@pytest.mark.parametrize(
    ("question", "allowed"),
    [
        ("Which airline takes the passengers for nothing?", False),
        ("Which language was new on the forms?", False),
        ("Which ship guards Norra's wreck?", False),
        ("Which country has left?", False),
        ("How many ministers held talks?", False),
        ("When did the ministers meet?", False),
        ("Which of the dead have been named?", True),
        ("What was stolen?", True),
        ("What would the games cost?", False),
        ("What does the river's owner do?", True),
        ("Who called for a ceasefire?", True),
        ("Where did the clashes take place?", True),
    ],
)
def test_questions_that_do_not_say_that_they_want_several(question: str, allowed: bool) -> None:
    assert not asks_for_several(question)
    assert allows_several(question) is allowed


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What happened to the man who fell when the bus left?", "open"),
        ("What was the score when the match was stopped?", "open"),
        ("How did the crew respond when it was hit?", "open"),
        ("Which country was she visiting when it broke out?", "open"),
        ("What about Stroud, when does she want one?", "date"),
        ("In what year was it built?", "date"),
        ("When was the man who fell found?", "date"),
        ("What was the number of those who fell?", "number"),
        ("How many fell when the bus left?", "number"),
        ("Who fell when the bus left?", "name"),
        ("Where was she when it broke out?", "place"),
        ("Did they leave when it broke out?", "whether"),
    ],
)
def test_the_first_question_word_says_what_is_asked_for(question: str, kind: str) -> None:
    assert kind_of(question) == kind
