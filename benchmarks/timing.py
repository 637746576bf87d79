"""Timing several systems on the same questions, turn by turn, and comparing them pair by pair.

A machine's speed drifts within minutes. So the systems take turns (A B C, A B C, ...), and a ratio is formed within each
round, between two measurements that were taken close to each other; what is reported is the median of the rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.passages import Item
from qa.evaluation.squad import normalise

Answerer = Callable[[str, Sequence[str]], str]
"""Gives the text of the best answer to a question (first argument) in some passages."""


@dataclass
class Measured:
    """What one system did.

    Attributes:
        seconds: for each round the seconds that each question took, in the order of the questions.
        answers: its best answers, in the order of the questions.
    """

    seconds: list[list[float]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    def rates(self) -> list[float]:
        """Questions per second in each round."""
        return [len(turn) / sum(turn) for turn in self.seconds]

    def rate(self) -> float:
        """Questions per second, the median of the rounds."""
        return statistics.median(self.rates())

    def p50_ms(self) -> float:
        """Median milliseconds a question, over all rounds."""
        return 1000 * statistics.median(value for turn in self.seconds for value in turn)


@dataclass(frozen=True)
class Ratio:
    """How many times faster one system is than another: median, lowest and highest of the rounds."""

    median: float
    low: float
    high: float


def take_turns(
    systems: Mapping[str, Answerer],
    items: Sequence[Item],
    rounds: int,
    *,
    on_turn: Callable[[], None] = lambda: None,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Measured]:
    """Time every system on all ``items``, ``rounds`` times in turn; ``on_turn`` is called after each turn.

    Raises:
        ValueError: there are no items or no rounds.
    """
    if not items or rounds < 1:
        raise ValueError("nothing to time: at least one question and one round are needed")
    measured = {name: Measured() for name in systems}
    for number in range(rounds):
        for name, answer in systems.items():
            # Untimed: brings back the weights that the systems before pushed out of the caches, and lets their threads
            # go to sleep.
            answer(items[-1].question, items[-1].passages)
            turn: list[float] = []
            for item in items:
                begun = clock()
                given = answer(item.question, item.passages)
                turn.append(clock() - begun)
                if number == 0:
                    measured[name].answers.append(given)
            measured[name].seconds.append(turn)
            on_turn()
    return measured


def ratio(fast: Measured, slow: Measured) -> Ratio:
    """Questions per second of ``fast`` divided by those of ``slow``, round by round.

    Raises:
        ValueError: they were not timed for the same number of rounds.
    """
    pairs = [mine / other for mine, other in zip(fast.rates(), slow.rates(), strict=True)]
    return Ratio(statistics.median(pairs), min(pairs), max(pairs))


def agreement(one: Measured, other: Measured) -> float:
    """Share in 0..1 of the questions to which both give the same answer, normalised as SQuAD does."""
    same = [normalise(a) == normalise(b) for a, b in zip(one.answers, other.answers, strict=True)]
    return sum(same) / len(same)
