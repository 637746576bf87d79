"""Fitting what reading on says of an answer (:class:`qa.reader.calibration.Opinion`)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qa.reader.calibration import Calibration, Opinion
from qa.training.calibrate import Asked, platt
from qa.training.reread import Reread

WITHIN = 2.0
"""How far from 0 the logit may be where the reader reads on: between confidences of 12 and 88 %, as for two questions of three.
Reading on with all told next to nothing more on development questions (RUNS.md)."""
_WEIGHTS = np.arange(0.0, 0.51, 0.02)
_RESAMPLES = 500
_LEAST = 10
"""Right and wrong answers that a model is fitted on, at the least of each."""


Row = tuple[bool, dict[str, float], float]
"""Whether an answer is right, its features, and how much it counts."""


def with_opinions(calibration: Calibration, asked: Sequence[Asked], seed: int = 0) -> Calibration:
    """``calibration`` with what is found by reading on weighed in; as it is by itself where nothing can be learned of that.

    Args:
        calibration: gives the scores of spans by themselves.
        asked: questions of both kinds, that the reader was not trained on.
        seed: of the generator (NumPy's PCG64).
    """
    plain = calibration.model_copy(update={"overtaking": 0.0, "together": None, "around": None})
    unsure: list[tuple[Asked, Reread, NDArray[np.float64]]] = []
    for item in asked:
        scores = item.scores(plain)
        if item.reread is None or not len(scores) or abs(scores.max()) > WITHIN:
            continue
        if item.reread.found(int(scores.argmax())) is not None:
            unsure.append((item, item.reread, scores))
    overtaking = _overtaking(unsure, seed) if unsure else 0.0
    rows: list[Row] = []
    wider: list[Row] = []
    firsts = [(item, reread, reread.first(scores, overtaking), scores) for item, reread, scores in unsure]
    for item, _, place, scores in firsts:
        rows.append((bool(item.right[place]), item.read_together(scores, place), item.weight))
    together = _opinion(rows)
    if together is None:
        return plain
    for (_, reread, place, _), (right, features, weight) in zip(firsts, rows, strict=True):
        if abs(together.logit(features)) <= WITHIN and (found := reread.around(place)) is not None:
            wider.append((right, features | found, weight))
    return plain.model_copy(update={"overtaking": overtaking, "together": together, "around": _opinion(wider)})


def _opinion(rows: Sequence[Row]) -> Opinion | None:
    """The model of ``rows``, which have the same features; ``None`` if they are all right, all wrong, or too few."""
    right = np.array([is_right for is_right, _, _ in rows], dtype=np.bool_)
    if min(right.sum(), (~right).sum()) < _LEAST:
        return None
    names = list(rows[0][1])
    values = np.array([[features[name] for name in names] for _, features, _ in rows])
    # What is the same for all questions, such as the size of the only collection, cannot be told from the bias.
    used = [at for at in range(len(names)) if bool(np.ptp(values[:, at]))]
    slopes, bias = platt(values[:, used], right, np.array([weight for _, _, weight in rows]))
    return Opinion(within=WITHIN, bias=bias, weights={names[at]: slope for at, slope in zip(used, slopes, strict=True)})


def _overtaking(unsure: Sequence[tuple[Asked, Reread, NDArray[np.float64]]], seed: int) -> float:
    """How much a span's score in the best passages at once counts: where most first answers are right. The median of those of
    resamples of the groups (Efron 1979), as chance decides which of two like values has a question more; the smallest of
    several that are as good."""
    names = {name: place for place, name in enumerate(dict.fromkeys(item.group for item, _, _ in unsure))}
    right = np.zeros((len(names), len(_WEIGHTS)))
    for item, reread, scores in unsure:
        right[names[item.group]] += [item.right[reread.first(scores, float(value))] for value in _WEIGHTS]
    random = np.random.default_rng(seed)
    drawn = random.integers(len(names), size=(_RESAMPLES, len(names)))
    best = [float(_WEIGHTS[right[rows].sum(axis=0).argmax()]) for rows in drawn]
    return round(float(np.median(best)), 3)
