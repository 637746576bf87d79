"""Claims: lists, one fact in several places, and answers that differ."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Document
from qa.candidates import cite
from qa.claims import make_claims, relating, some_is_right, wider_behind
from qa.claims.evidence import Likelihood
from qa.claims.making import compared
from qa.claims.relating import DIFFERING_AGREED, SIGNALS, SURE, comparable
from qa.claims.signals import same_speaker
from qa.claims.statements import asks_for_all_of_it
from tests.qa.claims.making import Found, at, claims_of, document
from tests.strategies import texts

STORM = document(
    "The storm killed many sheep on the island. The farmers' league said 40 sheep were killed by the storm. The island's "
    "council put the number of sheep killed by the storm at 65. Anna Stone and Paul Reed visited the farms.",
    "storm",
    "2021-05-01",
)
ASKED = "How many sheep were killed by the storm?"
FERRY = "The ferry capsized on Monday, the coast guard said. The mayor's office said the ferry capsized on %s."
TALKS = "The talks took eleven days, the mediator said. %s the union said, nothing was agreed."


def test_different_figures_of_different_speakers_differ() -> None:
    claims, agreement = claims_of(ASKED, [at(STORM, "40", 2.0), at(STORM, "65", 1.0), at(STORM, "sheep", 0.5)], STORM)
    assert agreement == "differing"
    assert [claim.answer for claim in claims] == ["40", "65"]
    assert [claim.speaker.text for claim in claims if claim.speaker] == ["The farmers' league", "The island's council"]


def test_a_speaker_named_in_the_question_selects() -> None:
    found = [at(STORM, "65", 2.0), at(STORM, "40", 1.0)]
    claims, agreement = claims_of("How many sheep did the council say were killed by the storm?", found, STORM)
    assert ([claim.answer for claim in claims], agreement) == (["65"], "single")
    found = [at(STORM, "40", 2.0), at(STORM, "65", 1.0)]
    claims, agreement = claims_of("According to the farmers' league, how many sheep were killed?", found, STORM)
    assert ([claim.answer for claim in claims], agreement) == (["40"], "single")


def test_a_speaker_named_in_the_question_never_overrules_the_reader() -> None:
    found = [at(STORM, "40", 2.0), at(STORM, "65", 1.0)]
    claims, agreement = claims_of("How many sheep did the council say were killed by the storm?", found, STORM)
    assert ([claim.answer for claim in claims], agreement) == (["40"], "single")


def test_a_claim_found_in_a_heading_is_of_whom_its_article_names() -> None:
    headed = document(
        "40 sheep killed in storm\n\nThe farmers' league said forty sheep were killed by the storm.", "headed"
    )
    found = [at(headed, "40", 2.0), at(headed, "forty", 1.5)]
    claims, agreement = claims_of(ASKED, found, headed)
    assert agreement == "same"
    assert [speaker and speaker.text for speaker in claims[0].speakers] == [None, "The farmers' league"]
    assert claims[0].speaker == claims[0].speakers[1]
    # Another document's speaker is no speaker of this one.
    own = document("40 sheep were killed by the storm on the island.", "own")
    claims, _ = claims_of(ASKED, [at(own, "40", 2.0), at(headed, "forty", 1.5)], own, headed)
    assert [speaker and speaker.text for speaker in claims[0].speakers] == [None, "The farmers' league"]
    assert claims[0].speaker is None


def test_one_value_in_two_documents_is_one_claim_and_the_newest_is_marked() -> None:
    later = document("The vet said forty sheep were killed by the storm on the island.", "later", "2021-06-02")
    found = [at(STORM, "40", 2.0), at(later, "forty", 1.5), at(STORM, "65", 1.0)]
    claims, _ = claims_of(ASKED, found[:2], STORM, later)
    assert len(claims) == 1
    assert [citation.document_id for citation in claims[0].citations] == ["storm", "later"]
    assert claims[0].dates == ["2021-05-01", "2021-06-02"]
    assert [speaker.text for speaker in claims[0].speakers if speaker] == ["The farmers' league", "The vet"]
    assert claims[0].newest


@pytest.fixture
def likely(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, float], None]:
    """Sets how likely any place is said to answer too, and to differ, whatever the fitted models say."""

    def set_to(answers: float, differs: float) -> None:
        monkeypatch.setattr(
            relating, "weigh_all", lambda _1, _2, others: [Likelihood(answers, differs) for _ in others]
        )

    return set_to


def test_where_two_voices_agree_a_third_must_be_surer_to_differ(likely: Callable[[float, float], None]) -> None:
    later = document("The vet said forty sheep were killed by the storm on the island.", "later")
    other = document("Jo Marsh, a hotel owner, put it at 65.", "other")
    best, agreeing, third = at(STORM, "40", 2.0), at(later, "forty", 1.5), at(other, "65", -1.5)
    likely(0.4, DIFFERING_AGREED - 0.01)
    assert claims_of(ASKED, [best, third], STORM, other)[1] == "differing"
    claims, agreement = claims_of(ASKED, [best, agreeing, third], STORM, later, other)
    assert ([claim.answer for claim in claims], agreement) == (["40"], "same")
    likely(0.4, DIFFERING_AGREED)
    assert claims_of(ASKED, [best, agreeing, third], STORM, later, other)[1] == "differing"


def test_a_figure_that_answers_something_else_is_no_claim() -> None:
    text = "The league said 40 sheep were killed by the storm. The museum said 65 visitors came to its new show."
    farm = document(text, "farm")
    claims, agreement = claims_of(ASKED, [at(farm, "40", 2.5), at(farm, "65", -1.5)], farm)
    assert ([claim.answer for claim in claims], agreement) == (["40"], "single")


def test_where_a_sentence_says_that_two_agree_a_third_must_be_surer_too(likely: Callable[[float, float], None]) -> None:
    likely(0.4, DIFFERING_AGREED - 0.01)
    for told, agreement in (("", "differing"), ("agree that ", "single")):
        text = f"The league and the vet {told or 'said that '}40 sheep were killed by the storm."
        farm, other = (
            document(text, "farm"),
            document("Jo Marsh, a hotel owner, put it at 65.", "other"),
        )
        assert claims_of(ASKED, [at(farm, "40", 2.0), at(other, "65", -1.5)], farm, other)[1] == agreement, told


def test_another_side_of_the_matter_differs_only_where_that_is_likely_or_somebody_else_says_it(
    likely: Callable[[float, float], None],
) -> None:
    alone = document(
        "The tram stopped because a wire had snapped, the driver said. A bag was caught in the doors.", "alone"
    )
    both = document(f"{alone.text[:-1]}, the mayor said.", "both")
    for tram, least in ((alone, SIGNALS.aside), (both, SIGNALS.differs)):
        found = [at(tram, "a wire had snapped", 2.0), at(tram, "A bag was caught in the doors", 1.0)]
        likely(0.2, least - 0.01)
        assert claims_of("Why did the tram stop?", found, tram)[1] == "single"
        likely(0.2, least)
        assert claims_of("Why did the tram stop?", found, tram)[1] == "differing"


def test_what_one_speaker_is_taken_to_say_both_of_differs_only_where_that_is_clear(
    likely: Callable[[float, float], None],
) -> None:
    text = "The driver said it was a snapped wire that stopped the tram. A bag was caught in the doors, he said."
    tram = document(text, "tram")
    found = [at(tram, "a snapped wire", 2.0), at(tram, "A bag was caught in the doors", 1.0)]
    likely(0.5, SIGNALS.clear - 0.01)
    assert claims_of("What stopped the tram?", found, tram)[1] == "single"
    likely(0.5, SIGNALS.clear)
    claims, agreement = claims_of("What stopped the tram?", found, tram)
    assert ([claim.answer for claim in claims], agreement) == (
        [tram.text[one.start : one.end] for one in found],
        "differing",
    )
    # Nobody says both, so who says the second is not known.
    assert [claim.speaker and claim.speaker.text for claim in claims] == ["The driver", None]


def test_yes_and_no_may_differ_without_a_denial_where_that_is_clear(likely: Callable[[float, float], None]) -> None:
    school = document(
        "The councillor said that they should go on. The parents' council demands that they stop for the rest of the week.",
        "school",
    )
    found = [at(school, "they should go on", 2.0), at(school, "stop for the rest of the week", 1.0)]
    for so, agreement in ((SIGNALS.clear - 0.01, "single"), (SIGNALS.clear, "differing")):
        likely(0.5, so)
        assert claims_of("Should lessons go on at the school this week?", found, school)[1] == agreement, so


def test_two_denials_do_not_differ_however_clear(likely: Callable[[float, float], None]) -> None:
    text = (
        "No adult had been harmed, the director said. Nor had the office received any report of it, its spokesman said."
    )
    office = document(text, "office")
    likely(0.5, 0.99)
    found = [at(office, "No adult had been harmed", 2.0), at(office, "Nor had the office received any report", 1.0)]
    assert claims_of("Was any adult harmed?", found, office)[1] != "differing"


def test_a_question_for_several_may_have_answers_that_differ_where_that_is_sure(
    likely: Callable[[float, float], None],
) -> None:
    text = "A pack of wolves killed the sheep, the shepherd said. The letter of the county reads: it was stray dogs."
    farm = document(text, "farm")
    found = [at(farm, "wolves", 2.0), at(farm, "stray dogs", 1.0)]
    for so, agreement in ((SURE - 0.01, "single"), (SURE, "differing")):
        likely(0.1, so)
        assert claims_of("Which animals killed the sheep?", found, farm)[1] == agreement, so


def test_a_part_of_what_was_counted_is_no_other_number() -> None:
    for told, agreement in (("65 of them", "single"), ("65 sheep", "differing")):
        farm = document(
            f"The league said 40 sheep were killed by the storm. The council said {told} were killed by the storm.",
            "farm",
        )
        assert claims_of(ASKED, [at(farm, "40", 2.0), at(farm, "65", 1.0)], farm)[1] == agreement, told


STRIKE = document(
    "The union said that no bus had left the depot. Its members are tired, the union said. The company promised that nobody "
    "would lose pay. The company said that the buses were old. The union wants more drivers. Ada Orr said it was cold.",
    "strike",
)


def test_all_that_somebody_said_is_a_list_of_statements() -> None:
    found = [
        at(STRIKE, "no bus had left the depot", 2.0),
        at(STRIKE, "bus had left", 1.9),
        at(STRIKE, "it was cold", 1.5),
        at(STRIKE, "members", 1.2),
        at(STRIKE, "Its members are tired", 1.0),
        at(STRIKE, "wants more drivers", -1.0),
    ]
    claims, agreement = claims_of("What did the union say?", found, STRIKE)
    assert agreement == "list"
    assert [claim.answer for claim in claims] == ["no bus had left the depot", "Its members are tired"]
    assert [claim.speaker.text for claim in claims if claim.speaker] == ["The union", "the union"]
    # Somebody else's words, or a question for one thing, make no such list.
    assert claims_of("What did the council say?", found, STRIKE)[1] == "single"
    assert claims_of("How many buses did the union say had left?", found, STRIKE)[1] == "single"


def test_ministries_of_two_countries_are_two_speakers() -> None:
    assert not same_speaker("The Ostian Defense Ministry", "the Velden Defense Ministry")
    assert same_speaker("The Ostian Defense Ministry", "the Defense Ministry")
    assert same_speaker("Director Ada Orr", "Ostian Minister Ada Orr")
    text = "The Ostian Defense Ministry said that it rained. The Velden Defense Ministry said that it snowed all day."
    two = document(text, "two")
    found = [at(two, "it rained", 2.0), at(two, "it snowed all day", 1.5)]
    assert len(claims_of("What did the Ostian Defense Ministry say?", found, two)[0]) == 1


def test_all_that_was_said_is_asked_for_only_where_nothing_follows() -> None:
    assert asks_for_all_of_it("What did the union say?")
    assert asks_for_all_of_it("What does Ada Orr claim")
    assert not asks_for_all_of_it("What did the union say about the depot?")
    assert not asks_for_all_of_it("What did the union offer to say?")
    assert not asks_for_all_of_it("Who did the union say left?")


def test_statements_are_independent_chances_and_parts_of_one_sentence_are_one() -> None:
    question = "What did the union say?"
    apart = [at(STRIKE, "no bus had left the depot", 0.0), at(STRIKE, "Its members are tired", 0.0)]
    claims, agreement = claims_of(question, apart, STRIKE)
    assert agreement == "list"
    assert some_is_right(question, claims, agreement) == pytest.approx(0.75)
    # About something, only the first one may be meant.
    assert some_is_right("What did the union say about pay?", claims, agreement) == pytest.approx(0.5)
    both = document("The union said that buses, trams and trains stood still.", "both")
    parts, agreement = claims_of(question, [at(both, "buses, trams and trains", 0.0)], both)
    assert [claim.answer for claim in parts] == ["buses", "trams", "trains"]
    assert some_is_right(question, parts, agreement) == pytest.approx(0.5)
    assert some_is_right(question, [], "single") == 0.0


def test_two_figures_make_no_answer_more_likely_where_none_was_asked_for() -> None:
    claims, agreement = claims_of(ASKED, [at(STORM, "40", 0.0), at(STORM, "65", 0.0)], STORM)
    assert agreement == "differing"
    assert some_is_right(ASKED, claims, agreement) > 0.6
    assert some_is_right("Which prize did the shepherd win?", claims, agreement) == pytest.approx(0.5)


def test_what_was_only_said_was_not_promised() -> None:
    found = [at(STRIKE, "nobody would lose pay", 2.0), at(STRIKE, "the buses were old", 1.5)]
    claims, agreement = claims_of("What did the company promise?", found, STRIKE)
    assert ([claim.answer for claim in claims], agreement) == (["nobody would lose pay"], "single")
    claims, agreement = claims_of("What did the company say?", found, STRIKE)
    assert ([claim.answer for claim in claims], agreement) == (["nobody would lose pay", "the buses were old"], "list")


def test_those_killed_or_missing_are_no_other_number_of_those_killed() -> None:
    text = "The league said 40 sheep were killed by the storm. The council said 65 sheep were {} by the storm."
    for told, agreement in (("killed or injured", "single"), ("missing or killed", "single"), ("killed", "differing")):
        farm = document(text.format(told), "farm")
        assert claims_of(ASKED, [at(farm, "40", 2.0), at(farm, "65", 1.0)], farm)[1] == agreement, told
    both = "How many sheep were killed or injured by the storm?"
    farm = document(text.format("killed or injured"), "farm")
    assert claims_of(both, [at(farm, "40", 2.0), at(farm, "65", 1.0)], farm)[1] == "differing"


def test_a_figure_that_counts_more_comes_behind_one_that_does_not() -> None:
    text = "The council said 65 sheep were killed or injured by the storm. In all, 40 sheep were killed by the storm."
    farm = document(text, "farm")
    wide, word, narrow = at(farm, "65", 2.0), at(farm, "sheep", 1.9), at(farm, "40", 1.0)
    found, known = [wide, word, narrow], {farm.id: farm}
    assert wider_behind(ASKED, found, known) == [narrow, wide, word]
    assert wider_behind("How many sheep were killed or injured?", found, known) == found
    assert wider_behind("Who counted the sheep killed by the storm?", found, known) == found
    assert wider_behind(ASKED, [wide, word], known) == [wide, word]
    assert wider_behind(ASKED, [wide, at(farm, "40", -9.0)], known)[0] == wide
    assert wider_behind(ASKED, [], known) == []


def test_an_enumeration_is_a_list_with_a_citation_for_each_item() -> None:
    claims, agreement = claims_of("Who visited the farms?", [at(STORM, "Anna Stone and Paul Reed", 2.0)], STORM)
    assert agreement == "list"
    assert [claim.answer for claim in claims] == ["Anna Stone", "Paul Reed"]
    assert [claim.citations[0].text for claim in claims] == ["Anna Stone", "Paul Reed"]


@pytest.mark.parametrize(
    ("question", "text", "answer", "expected"),
    [
        ("Where was he born?", "He was born in Trinidad and Tobago.", "Trinidad and Tobago", ["Trinidad and Tobago"]),
        ("Who owns the shop?", "Marks and Spencer own the shop.", "Marks and Spencer", ["Marks and Spencer"]),
        (
            "Who paid for it?",
            "The Ministry of Education and Science paid for it.",
            "The Ministry of Education and Science",
            ["The Ministry of Education and Science"],
        ),
        (
            "Who paid for it?",
            "Anna Stone and Paul Reed paid for it.",
            "Anna Stone and Paul Reed",
            ["Anna Stone", "Paul Reed"],
        ),
        ("Which islands did he see?", "He saw Trinidad and Tobago.", "Trinidad and Tobago", ["Trinidad", "Tobago"]),
        (
            "Which cities did the band play in?",
            "The band played in Rome, Italy, and Paris, France, in May.",
            "Rome, Italy, and Paris, France",
            ["Rome", "Paris"],
        ),
    ],
)
def test_one_name_is_cut_only_where_several_are_asked_for(
    question: str, text: str, answer: str, expected: list[str]
) -> None:
    where = document(text)
    claims, _ = claims_of(question, [at(where, answer, 5.0)], where)
    assert [claim.answer for claim in claims] == expected


def test_a_name_is_no_list_because_a_longer_span_is_one() -> None:
    where = document("He was born in Trinidad and Tobago.")
    found = [at(where, "Trinidad", 5.0), at(where, "Trinidad and Tobago", 4.5)]
    assert claims_of("Where was he born?", found, where)[1] == "single"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"Ten men, a goal down, and the sun in our faces," Ida Haan said.', "single"),
        ("Ida Haan announced ten posts, a new goal, and the sale of the mill.", "list"),
    ],
)
def test_words_in_quotation_marks_are_no_list_of_what_somebody_said(text: str, expected: str) -> None:
    where = document(text)
    words = text[text.lower().index("ten") : text.index("faces") + 5 if "faces" in text else text.index(" mill") + 5]
    assert claims_of("What did Ida Haan say?", [at(where, words, 3.0)], where)[1] == expected


def test_items_that_stand_apart_in_the_sentence_are_found() -> None:
    talks = document("Minister Lena Ford spoke with Omar Bell on Monday and with Ruth Vane on Tuesday.", "talks")
    found = [at(talks, "Omar Bell", 2.0), at(talks, "Ruth Vane", 1.6), at(talks, "Monday", 0.1)]
    claims, agreement = claims_of("With whom did Minister Lena Ford speak?", found, talks)
    assert ([claim.answer for claim in claims], agreement) == (["Omar Bell", "Ruth Vane"], "list")


def test_a_denial_differs_from_what_it_denies() -> None:
    text = "The union said the guards had slept. The owner, Ida Marsh, denied that the guards had slept."
    shop = document(text, "shop")
    found = [at(shop, "the guards had slept", 1.5), at(shop, "denied that the guards had slept", 0.8)]
    claims, agreement = claims_of("Did the guards sleep?", found, shop)
    assert agreement == "differing"
    assert [claim.speaker.text for claim in claims if claim.speaker] == ["The union", "The owner, Ida Marsh"]


@pytest.mark.parametrize(
    ("question", "text", "answer", "expected"),
    [
        (
            "Was she warned?",
            "Roux denied that she had been warned.",
            "she had been warned",
            "denied that she had been warned",
        ),
        (
            "Was she warned?",
            "Roux ruled out that she was warned.",
            "she was warned",
            "ruled out that she was warned",
        ),
        (
            "Was she warned?",
            "Roux denied that guards had warned her.",
            "guards had warned her",
            "denied that guards had warned her",
        ),
        (
            "Was she warned?",
            "Roux denied that guards had warned her.",
            "denied that guards had warned her",
            None,
        ),
        (
            "What had happened?",
            "Roux dismissed reports that the dam had burst.",
            "the dam had burst",
            "dismissed reports that the dam had burst",
        ),
        (
            "Was she warned?",
            "Roux never denied that she had been warned.",
            "she had been warned",
            None,
        ),
        (
            "What did Roux deny?",
            "Roux denied that she had been warned.",
            "she had been warned",
            None,
        ),
        (
            "Was she warned?",
            "Roux said that she had been warned.",
            "she had been warned",
            None,
        ),
    ],
)
def test_what_is_denied_is_shown_as_denied(question: str, text: str, answer: str, expected: str | None) -> None:
    where = document(text)
    claims, _ = claims_of(question, [at(where, answer, 3.0)], where)
    assert claims[0].answer == (answer if expected is None else expected)
    assert [claim.speaker.text for claim in claims if claim.speaker] == ["Roux"]


@pytest.mark.parametrize(
    "text",
    [
        "The army denied that 200 soldiers had been sent.",
        "The army denied that more than 200 soldiers had been sent.",
        "Its director, Otto Kram, dismissed reports that 200 workers had fallen ill.",
        "She rejected claims that 200 had been moved.",
    ],
)
def test_nobody_is_named_for_a_figure_that_is_denied(text: str) -> None:
    where = document(text)
    claims, _ = claims_of("How many were there?", [at(where, "200", 3.0)], where)
    assert [(claim.answer, claim.speaker) for claim in claims] == [("200", None)]


@given(texts, st.data())
def test_citations_of_any_text_are_exact(text: str, data: st.DataObject) -> None:
    words = [number for number, character in enumerate(text) if not character.isspace()]
    if not words:
        return
    found = []
    for number in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.sampled_from(words))
        end = data.draw(st.sampled_from([word for word in words if word >= start][:60])) + 1
        found.append(Found("one", start, end, 3.0 - number / 2, 0.5))
    one = document(text)
    question = data.draw(
        st.sampled_from(["How many came?", "Who came?", "Did it rain?", "What did Moll say?", "When?"])
    )
    claims, agreement = make_claims(question, found, {"one": one}, cite)
    assert claims
    assert (len(claims) == 1) == (agreement in {"single", "same"})
    for claim in claims:
        assert claim.answer == claim.citations[0].text
        assert len(claim.citations) == len(claim.speakers) == len(claim.dates)
        for citation, speaker in zip(claim.citations, claim.speakers, strict=True):
            assert text[citation.start : citation.end] == citation.text
            if speaker is not None:
                assert text[speaker.start : speaker.end] == speaker.text
                assert speaker.end <= citation.start or citation.end <= speaker.start


def test_an_enumeration_around_the_best_item_is_a_list_that_begins_with_it() -> None:
    gift = document(
        "The captain gave three ship models, an anchor and a logbook from the year 1742 to the town.", "gift"
    )
    found = [at(gift, "an anchor", 2.0), at(gift, "three ship models, an anchor and a logbook", 1.2)]
    claims, agreement = claims_of("What did the captain give to the town?", found, gift)
    assert agreement == "list"
    assert [claim.answer for claim in claims] == ["an anchor", "three ship models", "a logbook"]


def test_an_enumeration_far_behind_the_best_item_is_no_list() -> None:
    gift = document(
        "The captain gave three ship models, an anchor and a logbook from the year 1742 to the town.", "gift"
    )
    found = [at(gift, "an anchor", 4.0), at(gift, "three ship models, an anchor and a logbook", -1.0)]
    claims, agreement = claims_of("What did the captain give to the town?", found, gift)
    assert (agreement, [claim.answer for claim in claims]) == ("single", ["an anchor"])


def test_what_announces_a_list_is_no_item_of_it() -> None:
    lines = document("Three lines are run by private firms: the 4, the 11 and the 27.", "lines")
    found = [at(lines, "the 4, the 11 and the 27", 2.0), at(lines, "Three", 1.5)]
    claims, agreement = claims_of("Which bus lines are run by private firms?", found, lines)
    assert (agreement, [claim.answer for claim in claims]) == ("list", ["the 4", "the 11", "the 27"])


def test_a_bare_figure_in_the_next_sentence_differs() -> None:
    dead = document(
        "At least 14 people died in the storm, the agency said. The Red Cross put the number at 22.", "dead"
    )
    claims, agreement = claims_of(
        "How many people died in the storm?", [at(dead, "14", 1.5), at(dead, "22", -0.5)], dead
    )
    assert agreement == "differing"
    assert [claim.speaker.text for claim in claims if claim.speaker] == ["the agency", "The Red Cross"]


def test_dates_of_which_the_reader_saw_only_the_year_differ_by_their_seasons() -> None:
    drug = document(
        "Lind expects approval of the drug in the spring of 2022. The medicines agency said approval of the drug would not "
        "come before the autumn of 2022.",
        "drug",
    )
    found = [at(drug, "spring of 2022", 2.0), at(drug, "2022", 1.0, 1)]
    claims, agreement = claims_of("When will the drug get approval?", found, drug)
    assert agreement == "differing"
    assert claims[0].answer == "spring of 2022"


def test_a_figure_for_an_open_question_is_compared_as_a_figure() -> None:
    fees = document(
        "The banks share fees of 55 million pounds, the Ledger reported. Helvane spoke of 38 million.", "fees"
    )
    found = [at(fees, "55 million pounds", 2.0), at(fees, "38 million", 0.0)]
    claims, agreement = claims_of("What fees do the banks share?", found, fees)
    assert (agreement, [claim.answer for claim in claims]) == ("differing", ["55 million pounds", "38 million"])


@pytest.mark.parametrize(
    ("question", "text", "best", "other", "agreement"),
    [
        ("When did the ferry capsize?", FERRY % "July 8", "Monday", "July 8", "single"),
        ("When did the ferry capsize?", FERRY % "Tuesday", "Monday", "Tuesday", "differing"),
        ("How long did the talks take?", TALKS % "Seven days after the talks,", "eleven days", "Seven days", "single"),
        (
            "How long did the talks take?",
            TALKS % "The talks took seven days,",
            "eleven days",
            "seven days",
            "differing",
        ),
    ],
)
def test_what_is_told_in_another_way_does_not_differ(
    question: str, text: str, best: str, other: str, agreement: str
) -> None:
    """A weekday beside a day of the month, and how long ago something was beside how long it took."""
    told = document(text)
    assert claims_of(question, [at(told, best, 2.0), at(told, other, 1.5)], told)[1] == agreement


def test_when_something_will_happen_is_told_by_a_span_of_time_too() -> None:
    mine = document(
        "The miners will be brought out by Sunday, the company said. The union said the miners would be brought out in ten "
        "days.",
        "mine",
    )
    found = [at(mine, "Sunday", 2.0), at(mine, "ten days", 1.5)]
    assert claims_of("When will the miners be brought out?", found, mine)[1] == "differing"
    assert claims_of("When were the miners brought out?", found, mine)[1] == "single"


def test_what_happened_in_another_year_is_no_other_answer() -> None:
    clash = document(
        "A clash at the bridge in 2014 cost 19 lives, the army said.\nThe clash at the bridge on Friday cost 23 lives, the "
        "report said.",
        "clash",
    )
    same = document(clash.text.replace("on Friday", "of 2014"), "same")

    def may_differ(question: str, where: Document) -> bool:
        found = [at(where, "19", 2.0), at(where, "23", 1.5)]
        asked, _, (best, other) = compared(question, found, {where.id: where})
        return comparable(asked, best, other)

    assert not may_differ("How many lives did the 2014 clash at the bridge cost?", clash)
    assert may_differ("How many lives did the clash at the bridge cost?", clash)
    assert may_differ("How many lives did the 2014 clash at the bridge cost?", same)
