"""Enumerations: what is an item, what only describes one, and how far an enumeration reaches beyond an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Span
from qa.claims.enumeration import enumeration_at, more_after, parts_of
from tests.strategies import texts


def parts(text: str) -> list[str]:
    return [text[part.start : part.end] for part in parts_of(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tarn, Kell and Upper Hove", ["Tarn", "Kell", "Upper Hove"]),
        ("better locks, more cameras and two guards", ["better locks", "more cameras", "two guards"]),
        ("a school, the Hotel Albatross and a mill", ["a school", "the Hotel Albatross", "a mill"]),
        ("close its office in Tarn and pay no bonuses", ["close its office in Tarn", "pay no bonuses"]),
        ("rents, noise and, above all, debts", ["rents", "noise", "debts"]),
        ("not only soldiers but also prisoners", ["soldiers", "prisoners"]),
        ("both Ida Haan and her dog", ["Ida Haan", "her dog"]),
        (
            "Ida Haan, the commander of the army, General Bram Istvek, and Daro",
            ["Ida Haan", "General Bram Istvek", "Daro"],
        ),
        ("the owner, Ida Haan, and a neighbour, Tom Reed", ["Ida Haan", "Tom Reed"]),
        ("the board, the city and a neighbour, Baroness Ursel Haan", ["the board", "the city", "Baroness Ursel Haan"]),
        ("Ida Haan, two of her teachers and Tom Reed", ["Ida Haan", "two of her teachers", "Tom Reed"]),
        ("the bishop of Tarn, Anton Mirek, and the town", ["Anton Mirek", "the town"]),
        ("the villages of Tarn, Upper Hove and Kell", ["the villages of Tarn", "Upper Hove", "Kell"]),
        ("Ana Lund, 34, Paul Reed, 12, and Tom Vale, 9", ["Ana Lund", "Paul Reed", "Tom Vale"]),
        ("Ana Lund, aged 34, and her son Tom, 9", ["Ana Lund", "her son Tom"]),
        ("12, 14 and 20", ["12", "14", "20"]),
        ("Rome, Italy, and Paris, France", ["Rome", "Paris"]),
        ("Rome, Italy, Paris, France, and Berlin, Germany", ["Rome", "Paris", "Berlin"]),
        ("cats, dogs and cats", ["cats", "dogs"]),
        ("A genus of mosses, Tarnia, and a glacier", ["Tarnia", "a glacier"]),
        ("The mayor, Ida Haan, and her deputy, Tom Reed", ["Ida Haan", "Tom Reed"]),
        ("A school, the Hotel Albatross and a mill", ["A school", "the Hotel Albatross", "a mill"]),
        ("The board, the city and a neighbour, Baroness Ursel Haan", ["The board", "the city", "Baroness Ursel Haan"]),
        ("revenue of between $1.55 billion and $1.6 billion", []),
        ("between the river and the sea", []),
        ("Ida Haan and eleven mules, and brought back moss", []),
        ("crossed the river and brought back moss", ["crossed the river", "brought back moss"]),
        ("a soup of mussels, saffron and orange peel", []),
        ("a soup of mussels, the bread and a fish", ["a soup of mussels", "the bread", "a fish"]),
        ("Cats and cats", []),
        ("Oslen, the capital", []),
        ("Oslen, the capital, and", []),
        ("Tarn", []),
        ("Tarn is lost and Kell is safe", []),
    ],
)
def test_items_of_an_enumeration(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_what_is_quoted_as_a_whole_is_no_enumeration() -> None:
    text = 'They took "two heights and a village" by noon. They took two heights and a village.'
    assert parts_of(text, text.index('"two'), text.index(" by noon")) == []
    assert parts_of(text, 0, text.index(" by noon")) == []
    plain = text.rindex("two")
    assert [text[part.start : part.end] for part in parts_of(text, plain, len(text) - 1)] == [
        "two heights",
        "a village",
    ]


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("The wounded went to Tarn, Upper Hove and Kell on Monday.", "Tarn", ["Tarn", "Upper Hove", "Kell on Monday"]),
        ("Smoke, a fallen beam and water were in the way.", "Smoke", ["Smoke", "a fallen beam", "water"]),
        (
            "They took the bank, which they held for an hour, the bridge and, witnesses told us, both the mill and the port.",
            "the bank",
            ["the bank", "the bridge", "the mill", "the port"],
        ),
        (
            "Held are General Osei Tarr, two of his aides, the trader Felix Dam, who owns mines, and Mia Kour, a cousin.",
            "General Osei Tarr",
            ["General Osei Tarr", "two of his aides", "the trader Felix Dam", "Mia Kour"],
        ),
        (
            "They resigned: Ida Haan, Tom Reed and two others, Ann Pell and Jo Vey.",
            "Ida Haan",
            ["Ida Haan", "Tom Reed", "Ann Pell", "Jo Vey"],
        ),
        ("Helped by Ida, Tom and Ann, they left.", "Tom", ["Tom", "Ann"]),
        (
            "The dead were Ana Lund, 34, Paul Reed, 12, and Tom Vale, 9.",
            "Ana Lund",
            ["Ana Lund", "Paul Reed", "Tom Vale"],
        ),
        ("The band played in Rome, Italy, and Paris, France, in May.", "Rome", ["Rome", "Paris"]),
        ("They asked for maps, tents and boats.", "tents", ["tents", "boats"]),
        ("Ida Haan resigned, Tom Reed stayed and Ann Pell laughed.", "Ida Haan", []),
        ("They took Oslen, the capital.", "Oslen", []),
        ("The border between Tarn and Kell is long.", "Tarn", ["Tarn", "Kell"]),
        (
            "She went with Ida Haan and eleven mules, and brought back 4,300 specimens.",
            "Ida Haan",
            ["Ida Haan", "eleven mules"],
        ),
    ],
)
def test_an_enumeration_reaches_beyond_the_answer(text: str, answer: str, expected: list[str]) -> None:
    start = text.index(answer)
    found = enumeration_at(text, Span(0, len(text)), start, start + len(answer))
    assert [text[one.start : one.end] for one in found] == expected


def test_what_is_joined_to_the_end_of_an_enumeration_belongs_to_it() -> None:
    text = "They want a recount and new maps, together with her resignation. Soon."
    found = more_after(text, text.index(", together"))
    assert found is not None
    assert text[found.start : found.end] == "her resignation"
    assert more_after(text, text.index(" and new")) == Span(text.index("new maps"), text.index(", together"))
    assert more_after("maps and that is all", 4) is None


@pytest.mark.parametrize(
    ("text", "end", "expected"),
    [
        ("He bought a yacht and a house, and 3.5 hectares of land.", "house", None),
        ("He bought a yacht and a house, and sold two fields.", "house", None),
        ("She crossed it with Ida and eleven mules, and brought back moss.", "mules", None),
        ("She studied in Bonn and Paris, and lived with friends.", "Paris", None),
        ("She visited Bonn and Paris, and later met a banker.", "Paris", None),
        ("She saw Bonn and Paris, and her aunt Dr. Kast.", "Paris", None),
        ("She sold bread and cheese, and smoked fish.", "cheese", "smoked fish"),
        ("She visited Bonn and Paris, and a town.", "Paris", "a town"),
        ("She visited Bonn and Paris, and a town", "Paris", "a town"),
    ],
)
def test_no_deed_and_no_half_number_is_joined_to_an_enumeration(text: str, end: str, expected: str | None) -> None:
    found = more_after(text, text.index(end) + len(end))
    assert (None if found is None else text[found.start : found.end]) == expected


@given(texts, st.data())
def test_items_of_any_text_stand_in_it_in_order(text: str, data: st.DataObject) -> None:
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    for found in (enumeration_at(text, Span(0, len(text)), start, end), parts_of(text, start, end)):
        assert len(found) != 1
        edges = [edge for one in found for edge in (one.start, one.end)]
        assert edges == sorted(edges)
        assert all(0 <= one.start < one.end <= len(text) and text[one.start : one.end].strip() for one in found)
