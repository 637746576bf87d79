"""Fitting which passages are read to the end, on questions that the reader was not trained on.

The rule is that of :class:`qa.reader.early.EarlyExit`. How much the retrieval score says beside the early logit is found by a
conditional logit over the passages of each question (McFadden 1974); the margin is then the smallest at which next to no
right answer is lost.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.reader.early import EarlyExit, promising

KEPT = 0.99
"""Share of the right answers that must be read on."""
LEAST = 2
"""Passages of a question that are read on whatever they look like: two can be held against each other."""


@dataclass(frozen=True, slots=True)
class Passages:
    """The passages of one question as they look after the first layers.

    Attributes:
        early, retrieval: float64 of shape (passages,), the early logit and the score it was retrieved with.
        answer: the passage that a reading of all gives a right answer from; ``None`` when it gives none.
    """

    early: NDArray[np.float64]
    retrieval: NDArray[np.float64]
    answer: int | None


def fit_early_exit(questions: Sequence[Passages], kept: float = KEPT, least: int = LEAST) -> EarlyExit | None:
    """The rule that reads as little as it can and still keeps ``kept`` (0..1) of the right answers.

    Args:
        questions: with more than ``least`` passages each, or they say nothing.
        kept: which share of right answers may not be lost.
        least: see :class:`qa.reader.early.EarlyExit`, at least 1.

    Returns:
        ``None`` when no question with a right answer has more than ``least`` passages, or early logits say nothing.
    """
    useful = [(one, one.answer) for one in questions if one.answer is not None and len(one.early) > least]
    if not useful:
        return None
    weights = _weights([(np.column_stack([one.early, one.retrieval]), answer) for one, answer in useful])
    if weights[0] <= 0:
        return None
    retrieval = float(weights[1] / weights[0])
    behind = np.array([_behind(one.early + retrieval * one.retrieval, answer, least) for one, answer in useful])
    # Of the answers sorted by how far they are behind, the last ones may be lost.
    lost = math.floor((1 - kept) * len(behind) + 1e-9)
    margin = float(np.sort(behind)[len(behind) - 1 - lost]) if lost < len(behind) else 0.0
    # Rounded upwards, so that the one the margin was made for is kept.
    return EarlyExit(margin=math.ceil(max(0.0, margin) * 1000) / 1000, retrieval=round(retrieval, 4), least=least)


def _behind(values: NDArray[np.float64], answer: int, least: int) -> float:
    """How far the answer is behind the best; 0 when it is among the ``least`` best, which are kept anyway."""
    before = int((values > values[answer]).sum())
    return 0.0 if before < least else float(values.max() - values[answer])


def _weights(choices: Sequence[tuple[NDArray[np.float64], int]]) -> NDArray[np.float64]:
    """Of each column: the weights under which the chosen rows come first most likely, with a weak normal prior."""
    from scipy.optimize import minimize

    width = choices[0][0].shape[1]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, gradient = 1e-3 * float(weights @ weights), 2e-3 * weights
        for rows, chosen in choices:
            logits = rows @ weights
            logits -= logits.max()
            shares = np.exp(logits) / np.exp(logits).sum()
            total -= float(np.log(shares[chosen])) / len(choices)
            gradient -= (rows[chosen] - shares @ rows) / len(choices)
        return total, gradient

    found: NDArray[np.float64] = minimize(loss, np.eye(width)[0], jac=True, method="L-BFGS-B").x
    return found


def read_share(questions: Sequence[Passages], rule: EarlyExit | None) -> float:
    """Which share of the passages is read to the end, in 0..1; 1 where there is no rule, or nothing to read."""
    total = sum(len(one.early) for one in questions)
    if rule is None or not total:
        return 1.0
    return sum(len(promising(list(one.early), list(one.retrieval), rule)) for one in questions) / total
