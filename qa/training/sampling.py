"""From a prepared data set to a reproducible stream of examples.

An epoch draws every question as often as its source's weight says and changes its text at random. Everything
follows from ``(seed, epoch, place in the epoch)``, so a run that was cut off can go on with exactly the examples it
would have seen.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from qa.training.augment import Passage, among, crop, masked, with_distractor, without_answer
from qa.training.misleading import misleading
from qa.training.records import Prepared, Question

# How often a source's questions are drawn per epoch. Sources not named count 0.7: other collections, other habits.
SOURCE_WEIGHTS: dict[str, float] = {
    "squad-du-test": 1.0,
    "squad1_sample": 1.0,
    "squad-cs224n-val": 1.0,
    "squad-cs224n-smalltrain": 1.0,
    "squad-routerlens-dev": 1.0,
    "squad-train-v1.1": 1.0,
    "squad2_part": 1.0,
    "squadshifts-new-wiki": 1.0,
    "squadshifts-reddit": 0.3,
    "squadshifts-amazon": 0.3,
    "bioasq-factoid": 0.5,
    "covidqa": 0.5,
    "fairytaleqa": 0.2,
    "qamr": 0.25,
    # Of the kinds that the others lack: meant to mislead, and on news.
    "written-wikipedia": 1.0,
    "written-wikipedia-2": 1.0,
    "written-wikipedia-3": 1.0,
    "written-wikipedia-4": 1.0,
    "written-wikipedia-5": 1.0,
    "written-wikipedia-6": 1.0,
    "written-wikipedia-7": 1.0,
    "written-wikipedia-8": 1.0,
    "written-wikipedia-9": 1.0,
    "written-wikipedia-10": 1.0,
    "written-wikipedia-11": 1.0,
    "written-news": 1.5,
    "written-news-2": 1.5,
    "written-news-3": 1.5,
    "written-claims": 2.0,
    "written-claims-2": 2.0,
    "written-claims-3": 2.0,
    "written-claims-4": 2.0,
    "written-claims-5": 2.0,
    "written-claims-6": 2.0,
    "written-claims-7": 2.0,
    "written-claims-8": 2.0,
    "written-claims-9": 2.0,
    # Each follow-up is there in four forms.
    "written-conversations": 0.5,
    "written-conversations-2": 0.5,
    "written-silent": 1.5,
    "mined": 2.0,
}
OTHER_WEIGHT = 0.7
# The same for the cooldown: what is learned at a falling rate stays best, so it goes to questions of the kind that
# people ask of articles (Hu et al. 2024, MiniCPM, section 5, do the same with their cleanest data).
COOLDOWN_WEIGHTS: dict[str, float] = SOURCE_WEIGHTS | {
    "squadshifts-reddit": 0.05,
    "squadshifts-amazon": 0.05,
    "bioasq-factoid": 0.2,
    "covidqa": 0.2,
    "fairytaleqa": 0.05,
    "qamr": 0.08,
    "tydiqa-goldp-en": 0.3,
    "qed_dev": 0.3,
    "nq-open-oracle": 0.3,
    "nq-coconflict": 0.3,
    "hotpotqa-samples": 0.3,
    "hotpotqa-coconflict": 0.3,
    "quoref-contrast": 0.3,
    "quoref-superni": 0.3,
    "mlqa-en-dev": 1.0,
}
# Their questions mean things by "it" and "they": another passage on the same subject may well answer them, so none is
# taken as a passage that does not.
LOCAL_SOURCES = frozenset({"squadshifts-reddit", "squadshifts-amazon", "qamr", "fairytaleqa", "quoref-contrast"})


@dataclass(frozen=True)
class Mixture:
    """How much of what: all numbers but ``adversarial_weight``, ``distractor_length`` (characters), ``most_sentences`` and
    ``most_rivals`` are probabilities, applied to answerable questions in this order: a passage ranked high for the
    question that does not hold the answer, the passage without the answer's sentence, a question changed so that the
    passage does not answer it, a crop, a distractor. ``rivals`` is how often the passage that answers comes together with
    up to ``most_rivals`` passages ranked high that do not, to be told apart from them (see ``losses``). Before all of these,
    ``besides`` is how often the answer is masked, so that the passage holds none besides it; where there is that, questions
    of several different answers have some of them masked, and another asked for, as often as ``besides_several`` says.
    """

    weights: dict[str, float] = field(default_factory=lambda: dict(SOURCE_WEIGHTS))
    # Unanswerable questions that were written to mislead, not made from others by changing or leaving out something.
    adversarial_weight: float = 1.5
    retrieved: float = 0.15
    removed: float = 0.06
    misled: float = 0.12
    crop: float = 0.3
    distractor: float = 0.15
    distractor_length: int = 300
    most_sentences: int = 4
    rivals: float = 0.0
    most_rivals: int = 2
    besides: float = 0.0
    besides_several: float = 0.4


@dataclass(frozen=True)
class Example:
    """A question and a passage. ``span`` is the answer in the passage or None; ``relevance`` is 1.0 when the passage
    holds the answer, 0.0 when it is about something else, None when that is not for the model to learn. Examples of one
    ``group`` are passages for the same question, of which one holds the answer; None for an example by itself."""

    question: str
    text: str
    span: tuple[int, int] | None
    relevance: float | None
    group: int | None = None


class Sampler:
    """Examples of any epoch of a prepared data set."""

    def __init__(self, prepared: Prepared, mixture: Mixture, seed: int, spare: Sequence[str] = ()) -> None:
        """``spare`` are single sentences to put around questions of one sentence."""
        self._prepared = prepared
        self._mixture = mixture
        self._seed = seed
        self._spare = list(spare)

    def order(self, epoch: int) -> list[int]:
        """The numbers of the questions of one epoch, shuffled; a weight of 1.3 draws once, and again in 30 %."""
        rng = random.Random(f"{self._seed} order {epoch}")  # noqa: S311
        drawn: list[int] = []
        for number, question in enumerate(self._prepared.questions):
            weight = self._mixture.weights.get(question.source, OTHER_WEIGHT)
            if not question.answers:
                weight *= self._mixture.adversarial_weight
            times = int(weight) + (rng.random() < weight % 1)
            drawn.extend([number] * times)
        rng.shuffle(drawn)
        return drawn

    def examples(self, epoch: int, start: int, end: int) -> list[Example]:
        """The examples at places ``start`` to ``end`` of the epoch, each followed by its rivals."""
        order = self.order(epoch)
        drawn: list[Example] = []
        for place in range(start, min(end, len(order))):
            example = self._example(order[place], epoch, place)
            drawn.extend(self._with_rivals(example, order[place], epoch, place))
        return drawn

    def _with_rivals(self, example: Example, number: int, epoch: int, place: int) -> list[Example]:
        question = self._prepared.questions[number]
        if example.span is None or question.source in LOCAL_SOURCES or not self._mixture.rivals:
            return [example]
        rng = random.Random(f"{self._seed} rivals {epoch} {place}")  # noqa: S311
        count = min(rng.randint(1, self._mixture.most_rivals), len(question.negatives))
        if rng.random() >= self._mixture.rivals or not count:
            return [example]
        texts = [self._prepared.contexts[other] for other in rng.sample(question.negatives, count)]
        rivals = [Example(example.question, text, None, 0.0, place) for text in texts]
        return [replace(example, group=place), *rivals]

    def _example(self, number: int, epoch: int, place: int) -> Example:
        rng = random.Random(f"{self._seed} example {epoch} {place}")  # noqa: S311
        question = self._prepared.questions[number]
        text = self._prepared.contexts[question.context]
        if not question.answers:
            return Example(question.question, text, None, None)
        if self._mixture.besides:
            beside = self._besides(question, text, rng)
            if beside is not None:
                return Example(question.question, beside.text, beside.span, None)
        start, end = rng.choice(question.answers)
        passage = Passage(text, (start, end))
        roll = rng.random()
        negatives = [] if question.source in LOCAL_SOURCES else question.negatives
        if roll < self._mixture.retrieved and negatives:
            return Example(question.question, self._prepared.contexts[rng.choice(negatives)], None, 0.0)
        roll -= self._mixture.retrieved
        if 0.0 <= roll < self._mixture.removed:
            rest = without_answer(passage, self._prepared.answer_texts(question))
            if rest is not None:
                return Example(question.question, rest.text, None, None)
        if 0.0 <= roll - self._mixture.removed < self._mixture.misled and negatives:
            other = self._prepared.contexts[rng.choice(negatives)]
            changed = misleading(question.question, text, self._prepared.answer_texts(question), other, rng)
            if changed is not None:
                return Example(changed, text, None, None)
        if rng.random() < self._mixture.crop:
            passage = crop(passage, rng)
        if negatives and rng.random() < self._mixture.distractor:
            other = self._prepared.contexts[rng.choice(negatives)]
            passage = with_distractor(passage, other, self._mixture.distractor_length, rng)
        passage = self._lone(question, passage, rng)
        return Example(question.question, passage.text, passage.span, 1.0)

    def _besides(self, question: Question, text: str, rng: random.Random) -> Passage | None:
        """The text with some of its answers masked, and one that is not, if there is one; mostly ``None``."""
        different = different_answers(text, question.answers)
        several = len(different) > 1
        if rng.random() >= (self._mixture.besides_several if several else self._mixture.besides):
            return None
        rng.shuffle(different)
        # Of questions with several answers, some end with all of them known.
        asked = different.pop() if several and rng.random() < 0.75 else []
        known = different[: rng.randint(1, len(different))] if asked else different
        passage = Passage(text, rng.choice(asked) if asked else None)
        return masked(passage, [span for spans in known for span in spans])

    def _lone(self, question: Question, passage: Passage, rng: random.Random) -> Passage:
        """Questions about single sentences get other sentences around theirs."""
        if question.source != "qamr" or not self._spare:
            return passage
        answers = [text.casefold() for text in self._prepared.answer_texts(question)]
        others = [rng.choice(self._spare) for _ in range(rng.randint(0, self._mixture.most_sentences))]
        return among(passage, [o for o in others if not any(a in o.casefold() for a in answers)], rng)


def different_answers(text: str, answers: Sequence[Sequence[int]]) -> list[list[tuple[int, int]]]:
    """The spans of each answer that differs from the others: marked ones that share a character are ways to mark one answer,
    and where else its words stand in the text is one of its places too.

    Args:
        text: what ``answers``, at least one, are ``(start, end)`` of.
        answers: all marked spans.

    Returns:
        For each different answer its places, ascending; of marked spans that share characters the widest.
    """
    widest: list[tuple[int, int]] = []
    for start, end in sorted(((int(a), int(b)) for a, b in answers), key=lambda span: (span[0] - span[1], span[0])):
        if not any(start < other[1] and other[0] < end for other in widest):
            widest.append((start, end))
    by_words: dict[str, set[tuple[int, int]]] = {}
    for start, end in widest:
        words = text[start:end]
        places = re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE)
        by_words.setdefault(words.casefold(), set()).update({(start, end), *(place.span() for place in places)})
    return sorted(sorted(places) for places in by_words.values())
