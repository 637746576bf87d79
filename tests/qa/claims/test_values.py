"""Values: equal answers in other words are equal, different ones differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.claims.values import amount, comparable, equal, value_of


def value(text: str):  # type: ignore[no-untyped-def]
    return value_of(text, 0, len(text))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("twelve", 12),
        ("Twenty-two wagons", 22),
        ("1,200", 1200),
        ("1.5 million", 1_500_000),
        ("two million marks", 2_000_000),
        ("three hundred and five", 305),
        ("two hundred thousand", 200_000),
        ("half a million", 500_000),
        ("a tenth", 0.1),
        ("no one", 0),
        ("the mayor", None),
    ],
)
def test_numbers_are_read_in_digits_and_words(text: str, number: float | None) -> None:
    assert amount(text) == number


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12", "twelve"),
        ("12 soldiers", "Twelve soldiers"),
        ("President Anna Stone", "Stone"),
        ("on 3 May 2020", "3 May"),
        ("1,000", "1000"),
        ("the old bridge", "old bridge"),
    ],
)
def test_equal_values_are_equal_in_both_directions(one: str, other: str) -> None:
    assert equal(value(one), value(other))
    assert equal(value(other), value(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12", "18"),
        ("Anna Stone", "Paul Stone"),
        ("3 May", "4 May"),
        ("Monday", "Tuesday"),
        ("1994", "1995"),
        ("12", "May"),
    ],
)
def test_different_values_differ_in_both_directions(one: str, other: str) -> None:
    assert not equal(value(one), value(other))
    assert not equal(value(other), value(one))


def test_figures_of_different_units_do_not_answer_one_question() -> None:
    assert not comparable(value("5 million dollars"), value("12 percent"))
    assert not comparable(value("three days"), value("3,000 marks"))
    assert comparable(value("12"), value("18 soldiers"))
    assert comparable(value("2 February"), value("19 January"))
    assert not comparable(value("12"), value("Anna Stone"))


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_has_a_value_and_equality_is_symmetric(one: str, other: str) -> None:
    first, second = value(one), value(other)
    assert equal(first, second) == equal(second, first)
    assert comparable(first, second) == comparable(second, first)
    assert equal(first, first) or not first.key


@given(st.integers(0, 10**9))
def test_a_number_in_digits_is_itself(number: int) -> None:
    assert amount(f"{number:,}") == number
