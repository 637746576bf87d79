"""Values: equal answers in other words are equal, different ones differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.claims.amounts import amount
from qa.claims.clock import clock_times
from qa.claims.dates import date_around
from qa.claims.equality import comparable, equal, of_one_sort
from qa.claims.values import time_of, value_of


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
        ("hundred and forty miles", 140),
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
        ("75 per cent", "three quarters"),
        ("seven in ten", "70 percent"),
        ("the first of July", "1 July"),
        ("1st July", "1 July"),
        ("four and a half", "4.5"),
        ("about 400", "390"),
        ("90 days", "three months"),
        ("72 hours", "three days"),
        ("a year and a half", "eighteen months"),
        ("a decade and a half", "fifteen years"),
        ("two years and two months", "26 months"),
        ("an hour and twenty minutes", "80 minutes"),
        ("1 hour, 30 minutes", "ninety minutes"),
        ("twenty-two years and a month", "265 months"),
        ("St Luke's hospital", "Saint Luke's"),
        ("two-thirds", "66 percent"),
        ("a pair", "two"),
        ("half past eight", "8.30 p.m."),
        ("20:52", "8.52 p.m."),
        ("six in the morning", "6 a.m."),
        ("3.40 a.m.", "twenty to four in the morning"),
        ("20 to four in the afternoon", "15:40"),
        ("4.2 kilometres", "4,200 metres"),
        ("900 kilos", "0.9 tonnes"),
        ("not a cent", "nothing"),
        ("3 November", "the third of November at dusk"),
        ("Thursday 6 Nov", "6 November"),
        ("April 2", "April"),
        ("noon", "12 o'clock"),
        ("Tuvara", "Tuvaran"),
        ("a judge", "a retired judge"),
        ("nearly six in ten", "60 per cent"),
        ("a third", "33 per cent"),
        ("0.5 per cent", "half a per cent"),
        ("0.5", "50 per cent"),
        ("nearly 100 days", "101 days"),
        ("100 days", "more than 99 days"),
        ("60 km/h", "60 kilometres an hour"),
        ("60 mph", "96.6 km/h"),
        ("500 m", "500 metres"),
        ("5 million dollars", "$5m"),
        ("5 million", "5 million euros"),
        ("£5m", "5 million pounds"),
        ("$5bn", "five billion dollars"),
        ("€1.5 mn", "1.5 million euros"),
        ("5k", "5,000"),
        ("5 bn crowns", "5 billion kronor"),
        ("3 p.m.", "15:00"),
        ("three o'clock", "3 a.m."),
        ("00:30", "12.30 a.m."),
        ("nine at night", "9 p.m."),
        ("no years and two months", "two months"),
        ("South Tuvara", "the South Tuvarans"),
    ],
)
def test_equal_values_are_equal_in_both_directions(one: str, other: str) -> None:
    assert equal(value(one), value(other))
    assert equal(value(other), value(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("two hours", "two days"),
        ("three weeks", "three months"),
        ("a third", "40 percent"),
        ("12", "18"),
        ("Anna Stone", "Paul Stone"),
        ("3 May", "4 May"),
        ("Monday", "Tuesday"),
        ("1994", "1995"),
        ("12", "May"),
        ("the spring of 2022", "the autumn of 2022"),
        ("the first quarter of 2024", "the second quarter of 2024"),
        ("about 400", "700"),
        ("400", "390"),
        ("4.5 per cent", "5.2 per cent"),
        ("2.1 per cent", "2.9 per cent"),
        ("0.5 per cent", "50 per cent"),
        ("81 years", "82 years"),
        ("100 days", "101 days"),
        ("119 minutes", "121 minutes"),
        ("60 km/h", "60 mph"),
        ("60 km/h", "60 km"),
        ("500 kg", "500 lb"),
        ("500 m", "500 ft"),
        ("500 m", "505 metres"),
        ("5 million euros", "5 million dollars"),
        ("5 per cent", "5 euros"),
        ("£5m", "£5bn"),
        ("5m", "5 million pounds"),
        ("3 a.m.", "3 p.m."),
        ("03:00", "3 in the afternoon"),
        ("noon", "midnight"),
        ("World War I", "World War II"),
        ("Henry VII", "Henry VIII"),
        ("Louis XVII", "Louis XVIII"),
    ],
)
def test_different_values_differ_in_both_directions(one: str, other: str) -> None:
    assert not equal(value(one), value(other))
    assert not equal(value(other), value(one))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Monday", "8 July", False),
        ("8.40 p.m.", "18 July", False),
        ("in 1937", "Wednesday", False),
        ("Sunday night", "nine minutes", False),
        ("Monday", "Tuesday evening", True),
        ("8 July", "9 July 2020", True),
        ("in the morning", "Monday afternoon", True),
        ("this spring", "8 July", True),
        ("12", "fourteen", True),
    ],
)
def test_dates_speak_against_each_other_where_both_tell_something_of_one_sort(
    one: str, other: str, alike: bool
) -> None:
    assert of_one_sort(value(one), value(other)) is alike
    assert of_one_sort(value(other), value(one)) is alike


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


@pytest.mark.parametrize(
    ("text", "words", "unit"),
    [
        ("45 per cent of the guests", "45", "percent"),
        ("no more than 15,000, had left", "15,000", ""),
        ("raised the number to 31 on Tuesday", "31", ""),
        ("180,000 visitors a year", "180,000", "visitor"),
        ("2.4 billion pounds, they said", "2.4 billion", "money"),
        ("nine years ago", "nine", "time"),
        ("the 57th minute", "57th minute", "time"),
        ("within a day of the storm", "within a day", "time"),
        ("seven in ten guests", "seven in ten", "percent"),
    ],
)
def test_the_unit_is_what_stands_right_after_the_figure(text: str, words: str, unit: str) -> None:
    start = text.index(words)
    assert value_of(text, start, start + len(words)).unit == unit


def test_a_clause_that_names_a_day_is_no_date() -> None:
    assert value("the union would not discuss Sunday rosters").sort != "date"
    assert value("on Sunday at noon").sort == "date"


def test_figures_of_another_order_do_not_answer_one_question() -> None:
    assert not comparable(value("900 million crowns"), value("at least four"))
    assert comparable(value("900 million crowns"), value("950 million"))
    assert comparable(value("not paid anything"), value("half a million"))


@pytest.mark.parametrize(
    ("text", "words", "whole"),
    [
        ("not before the autumn of 2022, it said", "2022", "autumn of 2022"),
        ("on Sunday at noon they left", "Sunday", "Sunday at noon"),
        ("by the end of May", "May", "end of May"),
        ("It opened in 1994 by order of the king", "1994", "1994"),
    ],
)
def test_the_phrase_of_time_around_a_date(text: str, words: str, whole: str) -> None:
    start = text.index(words)
    low, high = date_around(text, start, start + len(words), 0, len(text))
    assert text[low:high] == whole


@given(st.text(max_size=40), st.data())
def test_a_phrase_of_time_holds_what_it_is_around(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    low, high = date_around(text, start, end, 0, len(text))
    assert 0 <= low <= start <= end <= high <= len(text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("half past eight", [510]),
        ("a quarter past four", [255]),
        ("ten minutes to six", [350]),
        ("7.40 a.m. and 20:52", [460, 532]),
        ("12.05 at night", [5]),
        ("nine o'clock", [540]),
        ("6 in the evening", [360]),
        ("25:10", []),
        ("9.4 tonnes", []),
        ("five to ten people", []),
    ],
)
def test_times_of_day_are_read_in_digits_and_words(text: str, minutes: list[int]) -> None:
    assert [found for _, _, found in clock_times(text)] == minutes


@given(st.text("0123456789.: apm", max_size=30), st.booleans())
def test_times_of_day_never_overlap(text: str, timed: bool) -> None:
    found = clock_times(text, timed=timed)
    assert all(0 <= start < end <= len(text) and 0 <= minutes < 720 for start, end, minutes in found)
    assert all(one[1] <= other[0] for one, other in zip(found, found[1:], strict=False))


@pytest.mark.parametrize(
    ("text", "part", "other"),
    [
        ("It was just past eight when they came.", "just past eight", "8 p.m."),
        ("It was half past eight when they came.", "eight", "20:30"),
        ("The doors closed at 7.15, she said.", "7.15", "a quarter past seven"),
        ("The troops came at 20 to five.", "20 to five", "4.40 a.m."),
        ("The troops came on the sixth.", "the sixth", "6th"),
        ("It opens on the 24th.", "24th", "the 24th"),
    ],
)
def test_figures_are_times_where_a_time_is_asked_for(text: str, part: str, other: str) -> None:
    start = text.index(part)
    found = time_of(text, start, start + len(part))
    assert found.sort == "date"
    assert equal(found, time_of(other, 0, len(other)))


def test_what_is_counted_is_no_time_of_day() -> None:
    assert value("five to ten people").sort == "number"
    assert time_of("nine crews", 0, 10).sort == "number"
    assert value("shortly after 2 a.m. on Sunday").key == "clock-120 half-am sunday"
    assert value("1550 BC").sort == value("the 1740s").sort == "date"


def test_measures_of_one_kind_can_be_compared_whatever_their_size() -> None:
    assert comparable(value("4.2 kilometres"), value("3,870 metres"))
    assert not equal(value("4.2 kilometres"), value("3,870 metres"))
    assert not comparable(value("4 kilometres"), value("900 million"))
    assert comparable(value("nothing"), value("£30,000"))


def test_a_number_that_a_span_cuts_is_read_whole() -> None:
    text = "They counted forty-six craters, and six in ten were deep."
    for part in ("forty", "six"):
        start = text.index(part)
        assert value_of(text, start, start + len(part)).key == "46"
    start = text.index("six in")
    assert value_of(text, start, start + 3).unit == "percent"


def test_the_sign_of_a_currency_before_a_span_belongs_to_it() -> None:
    text = "The bridge cost £5m, they said."
    start = text.index("5")
    assert value_of(text, start, start + 1) == value_of(text, start - 1, start + 2)
    assert equal(value_of(text, start, start + 1), value("5 million pounds"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3 May", "4 May"),
        ("May 3", "June 3"),
        ("the first quarter of 2021", "the second quarter of 2021"),
        ("Monday at noon", "Monday at 1 p.m."),
        ("2021", "May"),
        ("Rome", "Romford"),
        ("Mali", "Malia Stone"),
    ],
)
def test_dates_and_names_that_exclude_each_other_differ(one: str, other: str) -> None:
    assert not equal(value(one), value(other))
    assert not equal(value(other), value(one))
