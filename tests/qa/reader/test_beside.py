"""Two answers from two passages that are nearly equal are read again, side by side."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.backends import Logits
from qa.reader.beside import CLOSE, joined, rival, score_at
from qa.reader.calibration import Calibration, probability
from qa.reader.decoding import best_spans
from qa.reader.reader import Reader, ReaderSettings, ReadSpan
from qa.reader.windows import Windower
from tests.fakes import FixedBackend, fake_tokenizer
from tests.strategies import texts as any_texts

TEXTS = ["Anna came late.", "The anna left.", "Bert came first."]


def span(passage: int, words: str, score: float) -> ReadSpan:
    start = TEXTS[passage].index(words)
    return ReadSpan(passage, start, start + len(words), score, probability(score))


def test_the_rival_says_something_else_in_another_text_and_is_close() -> None:
    best, more, same, other = span(0, "Anna", 2.0), span(0, "late", 1.9), span(1, "The anna", 1.8), span(2, "Bert", 1.7)
    assert rival([best, more, same, other], TEXTS) == 3
    assert rival([best, more, same], TEXTS) is None
    assert rival([best], TEXTS) is None
    assert rival([best, span(2, "Bert", 2.0 - CLOSE)], TEXTS) is None


def test_a_text_is_known_by_its_best_span() -> None:
    # The second text says the same as the first; what else stands in it is no rival.
    assert rival([span(0, "Anna", 2.0), span(1, "anna", 1.9), span(1, "left", 1.8)], TEXTS) is None


def test_spans_keep_their_words_in_the_joined_text() -> None:
    for one, other in ((span(0, "late", 1.0), span(2, "first", 1.0)), (span(2, "Bert", 1.0), span(0, "Anna", 1.0))):
        text, first, second = joined(one, other, TEXTS)
        assert text[slice(*first)] == TEXTS[one.passage][one.start : one.end]
        assert text[slice(*second)] == TEXTS[other.passage][other.start : other.end]


@given(any_texts, st.integers(0, 2**32 - 1))
def test_a_span_has_the_score_that_decoding_gives_it(text: str, seed: int) -> None:
    windows = Windower(fake_tokenizer(), 400, 8).windows("Who?", [text])
    random = np.random.default_rng(seed)
    for window in windows:
        starts, ends = random.normal(size=(2, len(window.ids))).astype(np.float32)
        null = float(starts[0]) + float(ends[0])
        for found in best_spans([window], [starts], [ends], top=1, max_answer_tokens=30):
            score = score_at(window, starts, ends, (found.start, found.end))
            assert score is not None
            # Tokens within one character stand for the same span; decoding takes the best of them.
            assert score - null <= found.score + 1e-5
            if len({*window.starts, *window.ends}) == len(window.tokens) * 2:
                assert score - null == pytest.approx(found.score, abs=1e-5)
        assert score_at(window, starts, ends, (-1, len(text))) is None


def held_against(lead: float, longest: int = 64) -> tuple[list[ReadSpan], FixedBackend]:
    """What a reader makes of "Anna came" (2.0 for "Anna") and "Bert came too" (1.8 for "Bert"), when "Bert" leads by
    ``lead`` in both orders of the two together."""

    def logits(ids: np.ndarray, types: np.ndarray) -> Logits:
        scores = np.zeros(ids.shape, dtype=np.float32)
        # Every text begins after [CLS] Who ? [SEP], at position 4; the one of three words is behind.
        lengths = np.count_nonzero(ids, axis=1)
        scores[lengths == 7, 4] = 1.0
        scores[lengths == 8, 4] = 0.9
        if lengths.min() == 10:
            scores[0, 6] = scores[1, 4] = lead / 2
        return Logits(scores, scores, None)

    backend = FixedBackend(logits)
    settings = ReaderSettings("test", "1", "f", 1, Calibration(bias=0.0, weights={"span": 1.0}), 0.5)
    windower = Windower(fake_tokenizer(), longest, 0)
    spans = Reader(backend, windower, settings).read("Who?", ["Anna came", "Bert came too"]).spans
    return list(spans), backend


def test_the_rival_comes_first_when_it_leads_by_more_than_it_was_behind() -> None:
    plain, _ = held_against(0.1)
    assert [(one.passage, one.score) for one in plain[:2]] == [(0, pytest.approx(2.0)), (1, pytest.approx(1.8))]
    changed, backend = held_against(0.3)
    assert [(one.passage, one.start) for one in changed[:2]] == [(1, 0), (0, 0)]
    # Only the rival's score is another one.
    assert changed[1:] == [plain[0], *plain[2:]]
    assert changed[0].score > changed[1].score
    assert changed[0].confidence == pytest.approx(changed[1].confidence)
    # Both orders in one batch: 4 for the question, 2 and 3 words, 1 at the end.
    assert backend.batches[-1] == (2, 10)


def test_texts_that_do_not_fit_a_window_together_are_left_as_they_are() -> None:
    assert held_against(0.3, longest=9)[0] == held_against(0.1)[0]
