"""Whatever is done to a text, the answer stays at its offsets."""

import random

from hypothesis import given
from hypothesis import strategies as st

from qa.training.augment import MASK, Passage, among, crop, masked, sentences, with_distractor, without_answer
from qa.training.features import Feature, cut_batches, window_starts
from qa.training.sampling import different_answers

WORDS = st.sampled_from(["Rome", "fell", "in", "476", "the", "Émile", "U.S.", "naïve", "x", '"so"', "(yes)", "3.5"])
SENTENCES = st.lists(WORDS, min_size=1, max_size=8).map(lambda words: " ".join(words).capitalize() + ".")
TEXTS = st.lists(SENTENCES, min_size=1, max_size=6).map(" ".join)
SEEDS = st.integers(0, 2**32).map(random.Random)


@st.composite
def passages(draw: st.DrawFn) -> Passage:
    text = draw(TEXTS)
    start = draw(st.integers(0, len(text) - 1))
    return Passage(text, (start, draw(st.integers(start + 1, len(text)))))


def answer(passage: Passage) -> str:
    assert passage.span is not None
    start, end = passage.span
    assert 0 <= start < end <= len(passage.text)
    return passage.text[start:end]


@given(passages(), SEEDS)
def test_a_crop_keeps_the_answer(passage: Passage, rng: random.Random) -> None:
    cut = crop(passage, rng)
    assert answer(cut) == answer(passage)
    assert cut.text in passage.text


@given(passages(), TEXTS, st.integers(1, 80), SEEDS)
def test_a_distractor_keeps_the_answer(passage: Passage, other: str, longest: int, rng: random.Random) -> None:
    longer = with_distractor(passage, other, longest, rng)
    assert answer(longer) == answer(passage)
    assert len(longer.text) <= len(passage.text) + longest + 1


@given(passages(), st.lists(SENTENCES, max_size=4), SEEDS)
def test_other_sentences_around_keep_the_answer(passage: Passage, others: list[str], rng: random.Random) -> None:
    assert answer(among(passage, others, rng)) == answer(passage)


@given(passages(), st.lists(st.tuples(st.integers(0, 200), st.integers(1, 20)), max_size=5))
def test_masks_keep_the_answer(passage: Passage, hidden: list[tuple[int, int]]) -> None:
    spans = [(start, min(start + length, len(passage.text))) for start, length in hidden if start < len(passage.text)]
    shown = masked(passage, spans)
    assert answer(shown) == answer(passage)
    assert shown.text.count(MASK) <= len(spans)
    # What is left between the masks is the text, in order.
    place = 0
    for part in shown.text.split(MASK):
        place = passage.text.index(part, place) + len(part)


def test_a_mask_takes_the_place_of_an_answer() -> None:
    text = "Rome says 12 fell; Gaul says 120."
    assert masked(Passage(text, (29, 32)), [(10, 12)]) == Passage("Rome says [MASK] fell; Gaul says 120.", (33, 36))
    assert masked(Passage(text, None), [(10, 12), (11, 14)]).text == "Rome says [MASK] fell; Gaul says 120."
    assert masked(Passage(text, (10, 12)), [(11, 14)]).text == text


def test_different_answers_are_told_apart_by_their_words() -> None:
    text = "Rome says about 12 fell, Gaul says 120. About 12, says Rome; Twelve, says Ostia."
    # "12" is a way to mark "about 12", which stands there twice; "120" and "Twelve" are others.
    found = different_answers(text, [[10, 18], [16, 18], [35, 38], [61, 67]])
    assert [[text[start:end] for start, end in spans] for spans in found] == [
        ["about 12", "About 12"],
        ["120"],
        ["Twelve"],
    ]


@given(passages())
def test_what_is_left_after_removal_holds_no_answer(passage: Passage) -> None:
    gold = answer(passage)
    rest = without_answer(passage, [gold])
    if rest is not None:
        assert rest.span is None
        assert len(gold.strip()) <= 2 or gold.casefold() not in rest.text.casefold()


@given(TEXTS)
def test_sentences_follow_each_other_and_miss_only_white_space(text: str) -> None:
    end = 0
    for first, last in sentences(text):
        assert end <= first < last
        assert not text[end:first].strip()
        end = last
    assert not text[end:].strip()


def test_removal_needs_the_answer_to_be_gone() -> None:
    text = "Rome fell in 476. The city of Rome was sacked twice before that. Nobody mourned it for very long at all."
    start = text.index("476")
    kept = without_answer(Passage(text, (start, start + 3)), ["476"])
    assert kept == Passage(text[18:], None)
    assert without_answer(Passage(text, (0, 4)), ["Rome"]) is None


@given(st.integers(1, 2000), st.integers(2, 400), st.data())
def test_windows_cover_everything(length: int, room: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(0, room - 1))
    starts = window_starts(length, room, stride)
    assert {place for start in starts for place in range(start, min(start + room, length))} == set(range(length))
    assert all(later - sooner == room - stride for sooner, later in zip(starts, starts[1:], strict=False))


@given(st.lists(st.integers(3, 384), min_size=1, max_size=60), st.integers(384, 2000), st.text(max_size=3))
def test_batches_hold_every_feature_once_within_the_budget(lengths: list[int], budget: int, seed: str) -> None:
    features = [Feature([1] * length, 2, number, number, 1.0) for number, length in enumerate(lengths)]
    batches = cut_batches(features, budget, seed)
    assert sorted(feature.start for batch in batches for feature in batch) == list(range(len(features)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(len(feature.ids) for feature in batch) <= budget
    assert batches == cut_batches(features, budget, seed)


@given(st.lists(st.tuples(st.integers(3, 384), st.integers(0, 5)), min_size=1, max_size=40), st.integers(384, 2000))
def test_batches_never_part_a_group(drawn: list[tuple[int, int]], budget: int) -> None:
    # Number 0 stands for a window by itself.
    features = [Feature([1] * length, 2, n, n, 1.0, group or None) for n, (length, group) in enumerate(drawn)]
    batches = cut_batches(features, budget, "x")
    assert sorted(feature.start for batch in batches for feature in batch) == list(range(len(features)))
    found = [{feature.group for feature in batch} - {None} for batch in batches]
    assert sum(len(groups) for groups in found) == len(set().union(*found))
