"""The confidence below which refusing pays."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qa.reader.calibration import Calibration, probability
from qa.training.calibrate import Asked

UNANSWERABLE_SHARE = 1 / 3
"""Share of unanswerable questions that the threshold is chosen for: that of SQuAD 2.0's training set."""
_RESAMPLES = 500


def steady_threshold(calibration: Calibration, asked: Sequence[Asked], seed: int = 0) -> float:
    """The median of :func:`best_threshold` over resamples of the groups (Efron 1979), rounded to three places.

    What refusing gains hardly differs over a wide range of confidences, and chance decides where in that range the best of
    one set of questions lies. The median of many sets lies about in its middle.

    Args:
        calibration: gives the confidences.
        asked: questions of both kinds.
        seed: of the generator (NumPy's PCG64).
    """
    rows = _decided(calibration, asked)
    names = {name: place for place, name in enumerate(dict.fromkeys(item.group for item in asked))}
    groups = np.array([names[item.group] for item in asked])
    if len(names) < 2:
        return _best(rows)
    members = [np.flatnonzero(groups == group) for group in range(len(names))]
    random = np.random.default_rng(seed)
    found = [
        _best(rows[np.concatenate([members[place] for place in random.integers(len(names), size=len(names))])])
        for _ in range(_RESAMPLES)
    ]
    return round(float(np.median(found)), 3)


def best_threshold(calibration: Calibration, asked: Sequence[Asked]) -> float:
    """The confidence below which refusing pays: it maximises the share of questions dealt with rightly.

    An answerable question is dealt with rightly by its right answer, an unanswerable one by a refusal. Whatever their number
    in ``asked``, unanswerable questions weigh :data:`UNANSWERABLE_SHARE` of all.
    """
    return _best(_decided(calibration, asked))


def _decided(calibration: Calibration, asked: Sequence[Asked]) -> NDArray[np.float64]:
    """Of each question the confidence, whether its first candidate is right, and whether it is answerable."""
    rows = np.zeros((len(asked), 3))
    for row, item in zip(rows, asked, strict=True):
        first, logit = item.first(calibration) if len(item.features) else (0, -math.inf)
        row[:] = probability(logit), bool(len(item.features)) and item.right[first], item.answerable
    return rows


def _best(rows: NDArray[np.float64]) -> float:
    confidence, right, answerable = rows[np.argsort(rows[:, 0], kind="stable")].T
    answering = (1 - UNANSWERABLE_SHARE) / max(1.0, answerable.sum()) * right * answerable
    refusing = UNANSWERABLE_SHARE / max(1.0, (1 - answerable).sum()) * (1 - answerable)
    # Refusing everything below the k-th confidence gains what those refusals are worth.
    best = int(np.argmax(np.cumsum(np.append(0.0, refusing - answering))))
    low = confidence[best - 1] if best > 0 else 0.0
    high = confidence[best] if best < len(rows) else 1.0
    return round(float(low + high) / 2, 3)
