"""Which passages are read to the end, and how that rule is fitted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa.reader.backends import Batch, Logits, Look
from qa.reader.calibration import UNCALIBRATED
from qa.reader.early import MOST_RELATED, SAME_DOCUMENT, EarlyExit, Origin, promising
from qa.reader.names import names_shared, names_within
from qa.reader.reader import Reader, ReaderSettings
from qa.reader.windows import Windower
from qa.training.calibrate import FEATURES, Asked
from qa.training.early_exit import Passages, fit_early_exit, read_share
from tests.fakes import FixedBackend, fake_tokenizer

RULE = EarlyExit(margin=2.0, retrieval=0.5, least=2)
numbers = st.floats(-9, 9)


def test_what_is_far_behind_is_left_but_two_are_always_read() -> None:
    assert promising([0.0, 5.0, 3.0, 2.9], None, RULE) == [1, 2]
    assert promising([0.0, 5.0, 3.1, 3.0], None, RULE) == [1, 2, 3]
    assert promising([-9.0, 5.0, -8.0], None, RULE) == [1, 2]
    # Half of what it was retrieved with counts too.
    assert promising([0.0, 5.0, 3.0, 2.9], [9.0, 0.0, 0.0, 0.2], RULE) == [0, 1, 2, 3]
    assert promising([], None, RULE) == []


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=12), st.floats(0, 9), st.integers(1, 4))
def test_the_best_is_read_and_a_wider_margin_reads_more(
    rows: list[tuple[float, float]], margin: float, least: int
) -> None:
    early, retrieval = ([row[at] for row in rows] for at in (0, 1))
    rule = EarlyExit(margin=margin, retrieval=0.3, least=least)
    kept = promising(early, retrieval, rule)
    values = [one + 0.3 * other for one, other in rows]
    assert values.index(max(values)) in kept
    assert len(kept) >= min(least, len(rows))
    assert kept == sorted(set(kept))
    assert set(kept) <= set(promising(early, retrieval, EarlyExit(margin=margin + 1, retrieval=0.3, least=least)))


def origins(*named: str) -> list[Origin]:
    return [Origin(document, names_within(text)) for document, text in (one.split(": ") for one in named)]


def test_other_documents_on_the_same_event_are_read_too() -> None:
    early = [9.0, 8.0, 1.0, 0.0, -1.0, -2.0]
    told = origins(
        "a: in Tarmuk, Obuya said",
        "a: and Tarmuk, Obuya said",
        "b: in Bandezar, Vardani said",
        "c: to Obuya in Tarmuk on Monday",
        "c: once more Obuya in Tarmuk",
        "d: the town of Tarmuk",
    )
    assert promising(early, None, RULE) == [0, 1]
    # Of c the better passage; b is about another event, and d has too little in common to tell.
    assert promising(early, None, RULE, told) == [0, 1, 3]
    assert promising([], None, RULE, []) == []


def test_a_passage_of_the_best_ones_document_may_be_further_behind() -> None:
    early = [9.0, 8.0, 6.0, 5.5, 4.5]
    assert promising(early, None, RULE) == [0, 1]
    # Within two margins of two: the third and fourth are, if they are of the first one's document, the fifth is not.
    assert promising(early, None, RULE, origins("a: x", "b: x", "a: x", "a: x", "a: x")) == [0, 1, 2, 3]
    assert promising(early, None, RULE, origins("a: x", "b: x", "b: x", "a: x", "a: x")) == [0, 1, 3]
    # Where all are of one document nothing competes with it.
    assert promising(early, None, RULE, origins("a: x", "a: x", "a: x", "a: x", "a: x")) == [0, 1]


@given(
    st.lists(st.tuples(numbers, st.sampled_from("abcdef"), st.sampled_from(["in Rome, Gaul", "in Ostia"])), min_size=1)
)
def test_what_is_related_is_added_and_never_much(rows: list[tuple[float, str, str]]) -> None:
    early = [row[0] for row in rows]
    told = [Origin(document, names_within(text)) for _, document, text in rows]
    without, kept = promising(early, None, RULE), promising(early, None, RULE, told)
    assert set(without) <= set(kept)
    best = early.index(max(early))
    own = {place for place, origin in enumerate(told) if origin.document == told[best].document}
    assert len(set(kept) - set(without) - own) <= MOST_RELATED
    assert all(early[best] - early[place] <= SAME_DOCUMENT * RULE.margin for place in (set(kept) - set(without)) & own)
    assert kept == sorted(set(kept))


def test_names_are_those_within_sentences() -> None:
    found = names_within("The mayor of Tarmuk, Anna Obuya, left. Shells fell. She told Radio One so.")
    assert found == {"Tarmuk", "Anna", "Obuya", "Radio", "One"}
    assert names_shared(found, frozenset({"Tarmuk", "Obuya", "Rome", "Gaul"})) == 0.5
    assert names_shared(found, frozenset()) == 0.0


class Staged:
    """Every span is as good as any other; the longer a text, the more promising it looks."""

    batch_tokens = 1

    def __init__(self) -> None:
        self.looked = 0
        self.finished = 0

    def look(self, batches: list[Batch]) -> list[Look]:
        self.looked += len(batches)
        lengths = [batch.token_type_ids.sum(axis=1) for batch in batches]
        hidden = [batch.input_ids[:, :, None].astype(np.float32) for batch in batches]
        return [Look(length.astype(np.float32), state) for length, state in zip(lengths, hidden, strict=True)]

    def finish(self, looks: list[Look]) -> list[Logits]:
        self.finished += len(looks)
        zeros = [np.zeros(look.hidden.shape[:2], dtype=np.float32) for look in looks]
        return [Logits(zero, zero, look.early) for zero, look in zip(zeros, looks, strict=True)]

    def run(self, batches: list[Batch]) -> list[Logits]:
        return self.finish(self.look(batches))


def reader(rule: EarlyExit | None) -> tuple[Reader, Staged]:
    backend = Staged()
    settings = ReaderSettings("fake", "1", "f", 3, UNCALIBRATED, 0.5, early_exit=rule)
    return Reader(backend, Windower(fake_tokenizer(), 64, 8), settings), backend


def test_hopeless_passages_give_no_candidates() -> None:
    texts = ["a b", "a b c d e", "a", "a b c d"]
    whole, _ = reader(None)
    part, some = reader(EarlyExit(margin=0.5, retrieval=0.0, least=2))
    assert whole.early("Who?", texts) == [3.0, 6.0, 2.0, 5.0]
    assert {span.passage for span in whole.candidates("Who?", texts, 99)} == {0, 1, 2, 3}
    assert {span.passage for span in part.candidates("Who?", texts, 99)} == {1, 3}
    assert (some.looked, some.finished) == (4, 2)
    # Retrieved with a score far above, others are worth more.
    pulled, _ = reader(EarlyExit(margin=0.5, retrieval=100.0, least=2))
    assert {span.passage for span in pulled.candidates("Who?", texts, 99, [1.0, 0.0, 1.0, 0.0])} == {0, 2}
    # So few are read anyway.
    part.candidates("Who?", texts[:2], 9)
    assert (some.looked, some.finished) == (6, 4)
    spans = {(span.passage, span.start, span.end): span.score for span in whole.candidates("Who?", texts, 99)}
    for span in part.candidates("Who?", texts, 99):
        assert spans[(span.passage, span.start, span.end)] == span.score


def test_a_backend_of_one_piece_has_no_early_look() -> None:
    settings = ReaderSettings("fake", "1", "f", 3, UNCALIBRATED, 0.5, early_exit=RULE)
    backend = FixedBackend(lambda ids, _: Logits(*[np.zeros(ids.shape, dtype=np.float32)] * 2, None))
    plain = Reader(backend, Windower(fake_tokenizer(), 64, 8), settings)
    assert plain.early("Who?", ["a b"]) is None
    assert {span.passage for span in plain.candidates("Who?", ["a b", "c", "d", "e"], 99)} == {0, 1, 2, 3}


def passages(random: np.random.Generator, count: int, says: float) -> list[Passages]:
    """Questions of ten passages; in the one with the answer early logit and retrieval score are higher on average."""
    made = []
    for _ in range(count):
        answer = int(random.integers(10))
        early: NDArray[np.float64] = random.normal(0.0, 1.0, 10)
        retrieval: NDArray[np.float64] = random.normal(0.0, 1.0, 10)
        early[answer] += says
        retrieval[answer] += says / 2
        made.append(Passages(early, retrieval, answer))
    return made


def test_the_fitted_rule_keeps_what_it_should_and_reads_little() -> None:
    random = np.random.default_rng(3)
    questions = passages(random, 2000, 2.0)
    rule = fit_early_exit(questions, kept=0.98)
    assert rule is not None
    # Of two normal features with the same spread the weights are as their means: 2 to 1.
    assert rule.retrieval == pytest.approx(0.5, abs=0.1)
    for some in (questions, passages(random, 2000, 2.0)):
        found = [one.answer in promising(list(one.early), list(one.retrieval), rule) for one in some]
        assert np.mean(found) == pytest.approx(0.98, abs=0.01)
        assert read_share(some, rule) < 0.6
    everything = fit_early_exit(questions, kept=1.0)
    assert everything is not None
    assert all(one.answer in promising(list(one.early), list(one.retrieval), everything) for one in questions)
    assert read_share(questions, None) == 1.0


def test_there_is_no_rule_where_nothing_can_be_learned() -> None:
    random = np.random.default_rng(4)
    assert fit_early_exit([]) is None
    assert fit_early_exit([Passages(np.zeros(2), np.zeros(2), 0)]) is None
    assert fit_early_exit([Passages(one.early, one.retrieval, None) for one in passages(random, 9, 3.0)]) is None
    assert (
        fit_early_exit([Passages(-one.early, one.retrieval, one.answer) for one in passages(random, 99, 3.0)]) is None
    )


def test_candidates_of_passages_that_are_left_do_not_count() -> None:
    rows = np.arange(8, dtype=np.float64).reshape(4, 2) @ np.ones((2, len(FEATURES)))
    seen = Passages(np.array([0.0, 9.0, 8.5]), np.zeros(3), 1)
    asked = Asked(rows, np.array([False, True, False, True]), True, "x", np.array([0, 1, 2, 0]), seen)
    left = asked.read_on(RULE)
    assert left.features.tolist() == rows[1:3].tolist()
    assert left.right.tolist() == [True, False]
    assert asked.read_on(None) is asked
    alone = Asked(rows, asked.right, True)
    assert alone.read_on(RULE) is alone
