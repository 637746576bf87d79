"""Examples as token numbers: windows of at most 384 tokens, and batches of about the same number of tokens.

The layout is BERT's for pairs: ``[CLS] question [SEP] passage [SEP]``. Position 0 ([CLS]) stands for "no answer here".
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.training.sampling import Example

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

MAX_QUESTION = 64
# Texts shorter than this many tokens are rounded up to it when batches are cut, so none gets hundreds of rows.
SHORTEST = 48
IGNORED = -1.0


@dataclass(frozen=True)
class Feature:
    """One window. ``first`` is the position of the passage's first token, ``start`` and ``end`` (inclusive) those of
    the answer's tokens, both 0 when the window holds none. ``relevance`` is 1, 0 or -1 (not to be learnt). Windows of one
    ``group`` belong to one question and stay in one batch; None for a window by itself."""

    ids: list[int]
    first: int
    start: int
    end: int
    relevance: float
    group: int | None = None


@dataclass(frozen=True)
class WindowSettings:
    """Lengths in tokens; ``miss`` is how often a long text is shown by a window that lacks the answer."""

    max_length: int = 384
    stride: int = 128
    miss: float = 0.1


class Featurizer:
    """Turns examples into features with one tokenizer."""

    def __init__(self, tokenizer: Tokenizer, settings: WindowSettings | None = None) -> None:
        """``tokenizer`` must neither truncate nor pad. Raises ValueError when it has no [CLS] and [SEP]."""
        self._tokenizer = tokenizer
        self._settings = settings if settings else WindowSettings()
        cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
        if cls is None or sep is None:
            raise ValueError("the tokenizer has no [CLS] and [SEP]: not a BERT vocabulary")
        self._cls, self._sep = cls, sep

    def features(self, examples: Sequence[Example], seed: str) -> list[Feature]:
        """One feature an example, in order; an example whose answer no token covers is left out.

        ``seed`` decides which window of a long text is taken.
        """
        questions = self._tokenizer.encode_batch([e.question for e in examples], add_special_tokens=False)
        texts = self._tokenizer.encode_batch([e.text for e in examples], add_special_tokens=False)
        made: list[Feature] = []
        for number, example in enumerate(examples):
            rng = random.Random(f"{seed} {number}")  # noqa: S311
            feature = self._feature(example, questions[number].ids[:MAX_QUESTION], texts[number], rng)
            if feature is not None:
                made.append(feature)
        return made

    def _feature(self, example: Example, question: list[int], text: Encoding, rng: random.Random) -> Feature | None:
        span = None
        if example.span is not None:
            span = token_span(text.offsets, example.span)
            if span is None:
                return None
        room = self._settings.max_length - len(question) - 3
        low = 0
        relevance = IGNORED if example.relevance is None else example.relevance
        if len(text.ids) > room:
            starts = window_starts(len(text.ids), room, self._settings.stride)
            holding = [s for s in starts if span is not None and s <= span[0] and span[1] < s + room]
            missing = [s for s in starts if span is not None and (span[1] < s or s + room <= span[0])]
            if span is not None and not holding:
                return None
            if holding and not (missing and rng.random() < self._settings.miss):
                low = rng.choice(holding)
            elif missing:
                low = rng.choice(missing)
                span, relevance = None, IGNORED
            else:
                low = rng.choice(starts)
        ids = [self._cls, *question, self._sep, *text.ids[low : low + room], self._sep]
        first = len(question) + 2
        if span is None:
            return Feature(ids, first, 0, 0, relevance, example.group)
        start, end = first + span[0] - low, first + span[1] - low
        return Feature(ids, first, start, end, relevance, example.group)


def window_starts(length: int, room: int, stride: int) -> list[int]:
    """Where windows of ``room`` tokens start that cover ``length`` tokens; neighbours share ``stride`` tokens.

    Raises ValueError when the windows would not advance.
    """
    step = room - stride
    if step <= 0:
        raise ValueError(f"windows of {room} tokens cannot share {stride}")
    starts = [0]
    while starts[-1] + room < length:
        starts.append(starts[-1] + step)
    return starts


def token_span(offsets: Sequence[tuple[int, int]], span: tuple[int, int]) -> tuple[int, int] | None:
    """First and last (inclusive) of the tokens that overlap the characters ``span``; None when there is none."""
    touched = [i for i, (start, end) in enumerate(offsets) if start < span[1] and span[0] < end]
    return (touched[0], touched[-1]) if touched else None


def cut_batches(features: Sequence[Feature], budget: int, seed: str) -> list[list[Feature]]:
    """Batches of neighbours in length, each of at most ``budget`` tokens with padding (or a single group),
    shuffled. Features of one group are never parted."""
    rng = random.Random(seed)  # noqa: S311
    units = _units(features)
    lengths = [max(len(feature.ids) for feature in unit) for unit in units]
    order = sorted(range(len(units)), key=lambda i: (lengths[i] + rng.random() * 8, i))
    batches: list[list[Feature]] = []
    current: list[Feature] = []
    longest = SHORTEST
    for index in order:
        longest = max(longest, lengths[index])
        if current and longest * (len(current) + len(units[index])) > budget:
            batches.append(current)
            current, longest = [], max(SHORTEST, lengths[index])
        current.extend(units[index])
    if current:
        batches.append(current)
    rng.shuffle(batches)
    return batches


def _units(features: Sequence[Feature]) -> list[list[Feature]]:
    """The features of each group together, others alone, in the order of their first."""
    units: list[list[Feature]] = []
    for number, feature in zip(group_numbers(features), features, strict=True):
        if number == len(units):
            units.append([])
        units[number].append(feature)
    return units


def group_numbers(features: Sequence[Feature]) -> list[int]:
    """A number for each feature, from 0 on in the order of their first, the same for those of one group."""
    numbers: dict[tuple[str, int], int] = {}
    keys = [("alone", n) if one.group is None else ("group", one.group) for n, one in enumerate(features)]
    return [numbers.setdefault(key, len(numbers)) for key in keys]
