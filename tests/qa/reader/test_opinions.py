"""Where the reader is not sure it reads on: the best passages at once, and what surrounds the answer."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.backends import Logits
from qa.reader.calibration import Calibration, Opinion, probability
from qa.reader.heard import Found
from qa.reader.opinions import Surroundings, best_retrieved, joined, overtaken
from qa.reader.reader import Reader, ReaderSettings
from qa.reader.reading import Reading, ReadSpan
from qa.reader.windows import Windower
from tests.fakes import FixedBackend, fake_tokenizer
from tests.strategies import texts as any_texts

SENTENCE = "The harbour was closed on Monday evening."
OTHER = "Nobody on the quay could say why that was."


def test_what_two_passages_share_stands_there_once() -> None:
    first, second = f"It rained. {SENTENCE}", f"{SENTENCE} {OTHER}"
    whole = f"It rained. {SENTENCE} {OTHER}"
    assert joined([first, second]) == joined([second, first]) == whole
    assert joined([first, "Bert left.", second]) == f"{whole}\n\nBert left."
    assert joined([first, first]) == first
    assert joined(["It ends so.", "so. It begins"]) == "It ends so.\n\nso. It begins"
    assert joined([]) == ""


@given(st.lists(any_texts, min_size=1, max_size=4))
def test_every_passage_stands_in_the_joined_text(passages: list[str]) -> None:
    whole = joined(passages)
    assert all(passage in whole for passage in passages)


@given(any_texts, st.integers(0, 400), st.integers(0, 400))
def test_neighbouring_passages_become_what_they_were_cut_from(text: str, one: int, other: int) -> None:
    low, high = sorted((min(one, len(text)), min(other, len(text))))
    if high - low >= 20:
        # A longer overlap by chance, as of a repeated sentence, makes the text shorter, never another one's.
        whole = joined([text[:high], text[low:]])
        assert whole == text or len(whole) < len(text)


def test_the_best_retrieved_passages_are_read_in_their_order() -> None:
    assert best_retrieved([0.1, 0.9, 0.5, 0.7], 4, 2) == [1, 3, 2]
    assert best_retrieved([0.5, 0.5], 2, 1) == [0, 1]
    assert best_retrieved(None, 5, 0) == [0, 1, 2]
    # The one that answers is among them.
    assert best_retrieved([0.1, 0.9, 0.5, 0.7], 4, 0) == [1, 3, 0]
    assert best_retrieved(None, 5, 4) == [0, 1, 4]


def test_how_far_behind_is_told_by_about_the_same_words() -> None:
    found = Found((("the Normans of Sicily", 3.0), ("Rollo", 1.5), ("Rollo of Normandy", 1.0), ("York", -9.0)))
    assert found.score == 3.0
    assert found.behind("Normans of Sicily") == 0.0
    # Two words are shared, of two and of three: an F1 of 0.8. Of one and of three: 0.5.
    assert found.behind("Normans Sicily") == 0.0
    assert found.behind("Rollo") == -1.5
    assert found.behind("Rollo, Duke of Normandy") == -2.0
    # One word of four and of three is too little; what is not there at all is as far behind as can be.
    assert found.behind("Duke William of Falaise") == -8.0
    assert found.behind("York") == -8.0
    assert Found((("the", 1.0),)).behind("a") == 0.0


def spans(*scored: tuple[int, str, float]) -> list[ReadSpan]:
    return [
        ReadSpan(passage, TEXTS[passage].index(words), TEXTS[passage].index(words) + len(words), score, 0.5)
        for passage, words, score in scored
    ]


TEXTS = ["Anna came late.", "The anna left.", "Bert came first."]


def test_a_close_span_that_scores_higher_at_once_comes_first() -> None:
    given_spans = spans((0, "Anna", 1.0), (0, "late", 0.9), (2, "Bert", 0.7), (2, "first", 0.4))
    found = Found((("Bert", 1.0), ("first", 0.9), ("Anna", -1.0)))
    changed = overtaken(given_spans, TEXTS, found, 0.2)
    assert [span.passage for span in changed] == [2, 0, 0, 2]
    assert changed[0].score == math.nextafter(1.0, math.inf)
    assert changed[1:] == [given_spans[0], given_spans[1], given_spans[3]]
    # It leads by two there and is 0.3 behind here; one that is more than CLOSE behind never overtakes.
    assert overtaken(given_spans, TEXTS, found, 0.14) == given_spans
    assert overtaken(given_spans, TEXTS, Found((("first", 1.0), ("Anna", -9.0))), 0.5)[0] == given_spans[0]
    assert overtaken(given_spans, TEXTS, Found((("Carl", 1.0),)), 0.5) == given_spans


TOGETHER = Opinion(within=2.0, bias=1.0, weights={"score": 0.5, "together": 0.25, "behind": 0.75})
AROUND = Opinion(within=1.0, bias=0.25, weights={"score": 0.5, "around": 0.25, "behind_around": 0.125})


def reading(
    texts: list[str],
    surroundings: Surroundings | None = None,
    bias: float = 0.0,
    around: Opinion | None = AROUND,
    together: Opinion | None = TOGETHER,
    several: bool = False,
) -> tuple[Reading, list[int]]:
    """What is read of ``texts`` when the span score of a window is the number of its tokens over eight plus ``bias``, and its
    answer is its third token of text; and how many windows each pass through the network took."""

    def logits(ids: np.ndarray, types: np.ndarray) -> Logits:
        scores = np.zeros(ids.shape, dtype=np.float32)
        # Every text begins after [CLS] Who ? [SEP], at position 4.
        scores[:, 6] = np.count_nonzero(ids, axis=1) / 16
        return Logits(scores, scores, None)

    backend = FixedBackend(logits)
    calibration = Calibration(
        bias=bias, weights={"span": 1.0}, overtaking=0.05, together=together, around=around if together else None
    )
    reader = Reader(backend, Windower(fake_tokenizer(), 64, 0), ReaderSettings("t", "1", "f", 1, calibration, 0.5))
    found = reader.read("Who?", texts, surroundings=surroundings, several=several)
    return found, [rows for rows, _ in backend.batches]


def test_passages_read_at_once_change_the_confidence_and_not_the_score() -> None:
    plain, passes = reading(["I saw Anna", "we met Bert there"], together=None)
    assert passes == [2]
    # Nine tokens: four for the question, four words, one at the end.
    assert plain.spans[0].score == pytest.approx(9 / 8)
    changed, passes = reading(["I saw Anna", "we met Bert there"])
    assert passes == [2, 1]
    assert [span.score for span in changed.spans] == [span.score for span in plain.spans]
    # Both texts make a window of 12 tokens whose third word is "Anna"; "Bert" scores as any other word there, 0.
    assert changed.spans[0].passage == 1
    assert changed.confidence == pytest.approx(probability(1.0 + 0.5 * 9 / 8 + 0.25 * 12 / 8 - 0.75 * 12 / 8))


def test_the_answer_of_the_passages_read_at_once_is_not_behind() -> None:
    changed, _ = reading(["we met Anna there", "I saw Bert"])
    assert changed.spans[0].passage == 0
    assert changed.confidence == pytest.approx(probability(1.0 + 0.5 * 9 / 8 + 0.25 * 12 / 8))


def test_one_text_or_a_sure_answer_is_not_read_again() -> None:
    assert reading(["we met Anna there"])[1] == [1]
    surely, passes = reading(["we met Anna there", "I saw Bert"], bias=1.0)
    assert passes == [2]
    assert surely.confidence == pytest.approx(probability(1.0 + 9 / 8))
    assert reading(["we met Anna there", "I saw Bert"], bias=-4.0)[1] == [2]


def test_questions_for_several_answers_are_not_read_on() -> None:
    assert reading(["I saw Anna", "we met Bert there"], several=True)[1] == [2]


def test_surroundings_are_read_where_it_is_still_not_sure() -> None:
    asked: list[tuple[int, int]] = []

    def surroundings(passage: int, offset: int) -> tuple[str, int]:
        asked.append((passage, offset))
        return "then we met Anna there", 12

    changed, passes = reading(["I saw Anna", "we met Bert there"], surroundings)
    # "Bert" in the second text; in what surrounds it the third word is "met", and "Bert" stands nowhere.
    assert asked == [(1, 7)]
    assert passes == [2, 1, 1]
    assert changed.confidence == pytest.approx(probability(0.25 + 0.5 * 9 / 8 + 0.25 * 10 / 8 - 8 / 8))
    # An opinion that is sure is not questioned.
    assert reading(["we met Anna there", "I saw Bert"], surroundings)[1] == [2, 1]
    # No more than the passage, or nothing is known of its document.
    before = reading(["I saw Anna", "we met Bert there"])[0]
    assert reading(["I saw Anna", "we met Bert there"], lambda passage, offset: None)[0] == before
    assert reading(["I saw Anna", "we met Bert there"], surroundings, around=None)[0] == before


def narrow_reader(stride: int = 20) -> Reader:
    """Its answer is the word ANSWER wherever a window holds it; a window has room for 59 words beside "Who?"."""
    tokenizer = fake_tokenizer()
    tokenizer.add_tokens(["ANSWER"])
    windower = Windower(tokenizer, 64, stride)
    known = windower.windows("Who?", ["ANSWER"])[0].ids[4]

    def logits(ids: np.ndarray, types: np.ndarray) -> Logits:
        scores = np.where(ids == known, 5.0, 0.0).astype(np.float32)
        return Logits(scores, scores, None)

    return Reader(
        FixedBackend(logits),
        windower,
        ReaderSettings("t", "1", "f", 1, Calibration(bias=0.0, weights={"span": 1.0}), 0.5),
    )


@pytest.mark.parametrize("before", [0, 3, 50, 70, 200])
def test_what_surrounds_an_answer_is_read_with_it(before: int) -> None:
    text = f"{'filler ' * before}ANSWER{' filler' * 120}"
    found = narrow_reader().found_in("Who?", text, text.index("ANSWER"))
    assert found is not None
    assert found.spans[0][0] == "ANSWER"


def test_the_passage_of_the_answer_is_not_cut_off_where_several_are_read_at_once() -> None:
    filler = " ".join(["filler"] * 25)
    texts = [f"one {filler}", f"two {filler}", f"three {filler} ANSWER"]
    retrieval = [3.0, 2.0, 1.0]
    reader = narrow_reader()
    assert reader.read_at_once("Who?", texts, retrieval, 2) == [0, 2, 1]
    assert reader.read_at_once("Who?", texts, retrieval, 1) == [0, 1, 2]
    # Where all is read the best stand first, as they did in what was learned from.
    assert reader.read_at_once("Who?", ["one", "two", "three ANSWER"], retrieval, 2) == [0, 1, 2]
    assert reader.read_at_once("Who?", texts[:2], retrieval[:2], 1) == [0, 1]
    found = reader.together("Who?", texts, retrieval, 2)
    assert found is not None
    assert found.spans[0] == ("ANSWER", 10.0)
