"""What the words around two places say beside their signals."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.candidates import cite
from qa.claims import make_claims, relating
from qa.claims.evidence import Likelihood
from qa.claims.judging import MOST, WORTH, excerpt, judged, mixed
from qa.claims.places import Place
from qa.claims.relating import WORDS
from qa.claims.signals import Asked
from qa.reader.comparing import Compared, Comparison, Marked, Mixture
from tests.qa.claims.making import Found, at, document

ASKED = Asked("How many sheep were killed by the storm?", "number", ("sheep", "kill", "storm"))
NETWORK = Mixture(constant=0.0, signals=0.0, network=1.0)
BOTH = Mixture(constant=0.5, signals=1.0, network=2.0)


class Scripted:
    """Says of each place, by its words, what it is told to; the places it was asked of are kept."""

    def __init__(self, told: dict[str, Compared], mixture: Mixture = NETWORK) -> None:
        self.comparison = Comparison(answers=mixture, differs=mixture)
        self.told = told
        self.asked: list[str] = []

    def compare(self, question: str, pairs: Sequence[tuple[Marked, Marked]]) -> list[Compared]:
        words = [other.text[other.start : other.end] for _, other in pairs]
        self.asked += words
        return [self.told.get(word, Compared(-9.0, -9.0)) for word in words]


def place(text: str, words: str) -> Place:
    start = text.index(words)
    return Place(document(text), start, start + len(words), 1.0, 0.7)


def test_both_logits_make_one_probability() -> None:
    # 0.5 + 1 * log(0.8 / 0.2) + 2 * 0.25 = 2.3863, of which the logistic function is 0.9158.
    assert mixed(BOTH, 0.8, 0.25) == pytest.approx(0.91577, abs=1e-5)
    assert 0 <= mixed(BOTH, 0.0, -50.0) < 1e-9
    assert mixed(BOTH, 1.0, 50.0) == pytest.approx(1.0)


def test_hopeless_places_and_the_same_value_are_not_compared() -> None:
    text = "40 died. Forty died. 65 died. 70 died."
    best, *others = [place(text, words) for words in ("40", "Forty", "65", "70")]
    likely = [Likelihood(0.9, 0.1), Likelihood(0.0, WORTH), Likelihood(0.9, WORTH - 0.001)]
    comparer = Scripted({"65": Compared(2.0, 3.0)})
    told = judged(ASKED, best, others, likely, comparer)
    assert comparer.asked == ["65"]
    assert (told[0], told[2]) == (likely[0], likely[2])
    assert told[1].answers == pytest.approx(0.880797, abs=1e-6)
    assert told[1].differs == pytest.approx(0.952574, abs=1e-6)


def test_the_likeliest_few_are_compared() -> None:
    text = " ".join(f"{number} died." for number in range(40, 50))
    best, *others = [place(text, str(number)) for number in range(40, 50)]
    likely = [Likelihood(0.0, 0.1 + number / 100) for number in range(len(others))]
    comparer = Scripted({})
    judged(ASKED, best, others, likely, comparer)
    assert comparer.asked == [str(number) for number in range(49, 49 - MOST, -1)]


def test_an_excerpt_is_the_sentence_and_what_stands_before_it_in_its_paragraph() -> None:
    text = "A heading\nThe storm came at night. It took 40 sheep. The vet was asked."
    found = excerpt(place(text, "40"))
    assert found.text == "The storm came at night. It took 40 sheep."
    assert found.text[found.start : found.end] == "40"
    long = f"{'Rain fell on the coast. ' * 20}It took 40 sheep."
    found = excerpt(place(long, "40"))
    assert found.text.startswith(("Rain ", "fell ", "on ", "the ", "coast. "))
    assert len(found.text) <= len("It took 40 sheep.") + 120


@given(st.text(alphabet="ab .\n", max_size=400), st.text(alphabet="ab .\n", max_size=400))
def test_an_excerpt_holds_its_place_whatever_surrounds_it(before: str, after: str) -> None:
    text = f"{before}40{after}"
    found = excerpt(Place(document(text), len(before), len(before) + 2, 1.0, 0.7))
    assert found.text[found.start : found.end] == "40"
    assert found.text in text


STORM = document("The league said 40 sheep were killed by the storm. The vet put it at 65, and counted 3 dogs.", "one")
FOUND: list[Found] = [at(STORM, "40", 2.0), at(STORM, "65", 0.5), at(STORM, "3", 0.0)]


def agreement(comparer: Scripted | None) -> tuple[list[str], str]:
    claims, how = make_claims(ASKED.text, FOUND, {STORM.id: STORM}, cite, comparer)
    return [claim.answer for claim in claims], how


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def test_claims_differ_where_the_words_say_so() -> None:
    enough = logit(WORDS.differs + 0.01)
    assert agreement(Scripted({"65": Compared(enough, enough)})) == (["40", "65"], "differing")
    little = logit(WORDS.differs - 0.01)
    assert agreement(Scripted({"65": Compared(2.0, little)}))[1] != "differing"


def test_what_counts_something_else_differs_only_where_the_words_are_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relating, "weigh_all", lambda _1, _2, others: [Likelihood(0.5, 0.5) for _ in others])
    text = "The league said 40 sheep were killed by the storm. The museum said 65 visitors came to its new show."
    farm = document(text, "farm")
    found = [at(farm, "40", 2.5), at(farm, "65", -1.5)]

    def answers(comparer: Scripted | None) -> list[str]:
        return [claim.answer for claim in make_claims(ASKED.text, found, {farm.id: farm}, cite, comparer)[0]]

    assert WORDS.doubtful is not None
    assert answers(None) == ["40"]
    assert answers(Scripted({"65": Compared(3.0, logit(WORDS.doubtful - 0.01))})) == ["40"]
    assert answers(Scripted({"65": Compared(3.0, logit(WORDS.doubtful + 0.01))})) == ["40", "65"]
