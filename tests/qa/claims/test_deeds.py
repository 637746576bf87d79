"""Who only does something, by the shape of the sentence, says nothing."""

import pytest

from tests.qa.claims.making import speaker


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Moll spoke German and French.", "German"),
        ("Horses remember faces for months.", "months"),
        ("Moll put in the rebound.", "the rebound"),
        ("The town has put up a tent with 60 beds.", "60"),
        ("Both sides put an end to nine months of war.", "nine"),
        ("Moll named her daughter Ana.", "Ana"),
        ("The council named the square after Ida Haan in 1950.", "1950"),
        ("The man, named by the police as Karl Moss, had worked in the archive since 2012.", "2012"),
        ("Moll gave the museum 40 paintings.", "40"),
        ("The town gave the club a grant of four million euros.", "four million"),
        ("The company offers 30 courses.", "30"),
        ("The hotel boasts 64 rooms.", "64"),
        ("Moll orders 300 loaves a week.", "300"),
        ("Moll sees three doctors a week.", "three"),
        ("The school accepts 20 students a year.", "20"),
        ("The vessel measured 138 metres.", "138"),
        ("The supermarket hopes to open again on Friday.", "Friday"),
        ("Moll believes in ghosts.", "ghosts"),
        ("Moll shouted at two policemen.", "two"),
        ("Moll argues with 40 neighbours.", "40"),
        ("Moll described more than 600 species of moss.", "600"),
    ],
)
def test_who_does_something_does_not_say_it(text: str, words: str) -> None:
    assert speaker(text, words) is None


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Moll spoke of nine horses.", "nine", "Moll"),
        ("Moll spoke last week of nine horses.", "nine", "Moll"),
        ("Moll remembers nine horses.", "nine", "Moll"),
        ("Moll put it down to a faulty joint.", "a faulty joint", "Moll"),
        ("The vet put the number at nine.", "nine", "The vet"),
        ("The records put it in June.", "June", "The records"),
        ("Moll named salmonella as the cause.", "salmonella", "Moll"),
        ("The vet gave the figure as nine.", "nine", "The vet"),
        ("The government offered nine per cent.", "nine", "The government"),
        ("Moll boasts of nine horses.", "nine", "Moll"),
        ("The survey measured 34 metres.", "34", "The survey"),
        ("Moll shouted that there were nine.", "nine", "Moll"),
        # Whoever spoke is who goes on.
        ("Rhea Moll spoke for an hour. She said that nine had died.", "nine", "Rhea Moll"),
    ],
)
def test_the_same_verbs_may_tell_something(text: str, words: str, expected: str) -> None:
    assert speaker(text, words) == expected
