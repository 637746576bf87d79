"""Fitting the calibration of a reader on questions that it was not trained on.

Two steps, both by maximum likelihood. First a conditional logit (McFadden 1974) over the candidates of each answerable
question finds how the features of a span are weighed against each other, so that right ones rank first. Then a logistic
model of the candidate that comes first says how likely it is right (Platt 1999), over answerable and unanswerable questions
together; features that all candidates of a question share join here. Their product is one linear model.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.errors import DatasetError
from index.interface import PassageIndex
from qa.evaluation.datasets import Dataset
from qa.evaluation.scoring import is_right
from qa.reader.calibration import Calibration, probability
from qa.reader.reader import Reader, span_features

FEATURES = ("span", "relevance", "retrieval", "collection")
SHARED = ("collection",)
"""Those that are the same for all candidates of a question."""
FITTED = ("span", "retrieval", "collection")
"""Those that are fitted unless told otherwise; why relevance is not among them is told in RUNS.md."""
UNANSWERABLE_SHARE = 1 / 3
"""Share of unanswerable questions that the threshold is chosen for: that of SQuAD 2.0's training set."""
CANDIDATES = 120
"""Spans of a question that are weighed: as many as the assistant ranks. Of the twenty best most stand in the same place."""
# Weak normal priors keep the weights finite when some set of questions is separated perfectly.
_PRIOR = 1e-3
_RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """The candidates of one question.

    Attributes:
        features: float64 of shape (candidates, len(FEATURES)).
        right: bool of shape (candidates,), whether the span is a right answer.
        answerable: whether the question has an answer.
        group: what it shares its text with; questions of one group are never split between fitting and checking.
    """

    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    answerable: bool
    group: str = ""

    def first(self, calibration: Calibration) -> tuple[int, float]:
        """The candidate that comes first, and its logit; there must be one."""
        weights = np.array([calibration.weights.get(name, 0.0) for name in FEATURES])
        logits = self.features @ weights + calibration.bias
        place = int(logits.argmax())
        return place, float(logits[place])


def collect(
    dataset: Dataset,
    reader: Reader,
    *,
    index: PassageIndex | None,
    passages: int = 10,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Asked]:
    """Ask questions and keep every candidate.

    Args:
        dataset: questions that the reader was not trained on.
        reader: its calibration is not used.
        index: where to retrieve ``passages`` from; when ``None`` each question is asked of its own context.
        passages: how many passages are read for a question.
        limit: ask this many questions, spread evenly over the file.
        progress: called with (questions done, questions in all).
    """
    questions = dataset.sample(limit)
    asked: list[Asked] = []
    for number, question in enumerate(questions, start=1):
        if index is None:
            texts, retrieval, size = [dataset.contexts[question.context].text], None, 1
        else:
            hits = index.search(question.text, top=passages)
            texts, retrieval, size = [hit.text for hit in hits], [hit.score for hit in hits], index.passage_count()
        spans = reader.candidates(question.text, texts, CANDIDATES)
        rows = [span_features(span, retrieval, size) for span in spans]
        asked.append(
            Asked(
                features=np.array(
                    [[row.get(name, 0.0) for name in FEATURES] for row in rows], dtype=np.float64
                ).reshape(len(rows), len(FEATURES)),
                right=np.array(
                    [
                        question.answerable and is_right(texts[span.passage][span.start : span.end], question.golds)
                        for span in spans
                    ],
                    dtype=np.bool_,
                ),
                answerable=question.answerable,
                group=f"{dataset.name} {question.context}",
            )
        )
        if progress is not None:
            progress(number, len(questions))
    return asked


def fit(asked: Sequence[Asked], features: Sequence[str] = FITTED) -> Calibration:
    """Fit both steps.

    Args:
        asked: questions of both kinds, with their candidates.
        features: names of the features to use; the others get no weight.

    Raises:
        DatasetError: the questions are too few or all of one kind, so that nothing can be learned from them.
    """
    ranking = _ranking_weights(asked, [name for name in features if name not in SHARED])
    tops = [(item, int((item.features @ ranking).argmax())) for item in asked if len(item.features)]
    rows = np.array([item.features[first] for item, first in tops])
    right = np.array([bool(item.right[first]) for item, first in tops])
    if right.all() or not right.any():
        raise DatasetError("All first answers are right, or all wrong; a calibration needs both. Use more questions.")
    # What is the same for all questions, such as the passages where none were retrieved, cannot be told from the bias.
    shared = [
        at for at, name in enumerate(FEATURES) if name in SHARED and name in features and bool(np.ptp(rows[:, at]))
    ]
    names, columns = [FEATURES[at] for at in shared], [rows @ ranking, *rows[:, shared].T]
    (slope, *others), bias = _platt(np.column_stack(columns), right)
    weights = {name: slope * float(weight) for name, weight in zip(FEATURES, ranking, strict=True) if weight != 0.0}
    return Calibration(bias=bias, weights=weights | dict(zip(names, others, strict=True)))


def _ranking_weights(asked: Sequence[Asked], names: Sequence[str]) -> NDArray[np.float64]:
    """Weights of the features, float64 of shape (len(FEATURES),), scaled so that ``span`` has weight 1."""
    from scipy.optimize import minimize

    useful = [item for item in asked if item.right.any() and not item.right.all()]
    # A feature that never differs, such as the retrieval score of questions that are only read, cannot be weighed.
    if not useful:
        raise DatasetError(
            "No question has both right and wrong candidates, so nothing can be weighed. Use more questions."
        )
    used = np.array(
        [
            name in names and bool(np.ptp(np.concatenate([item.features[:, at] for item in useful])))
            for at, name in enumerate(FEATURES)
        ]
    )

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, gradient = _PRIOR * float(weights @ weights), 2 * _PRIOR * weights
        for item in useful:
            features = item.features[:, used]
            logits = features @ weights
            everything = np.exp(logits - logits.max())
            share_all = everything / everything.sum()
            rights = np.where(item.right, everything, 0.0)
            share_right = rights / rights.sum()
            total -= float(np.log(rights.sum() / everything.sum())) / len(useful)
            gradient -= (share_right - share_all) @ features / len(useful)
        return total, gradient

    start = np.zeros(int(used.sum()))
    start[0] = 1.0
    found = minimize(loss, start, jac=True, method="L-BFGS-B")
    weights = np.zeros(len(FEATURES))
    weights[used] = found.x
    if weights[0] <= 0:
        raise DatasetError("The span scores of these questions say nothing about which answer is right.")
    scaled: NDArray[np.float64] = weights / weights[0]
    return scaled


def _platt(columns: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[list[float], float]:
    """Slopes and bias of the logistic model of ``right`` given ``columns``, of shape (questions, slopes)."""
    from scipy.optimize import minimize

    signs = np.where(right, 1.0, -1.0)

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slopes, margins = values[:-1], signs * (columns @ values[:-1] + values[-1])
        # The derivative of log(1 + exp(-m)) by m is -1 / (1 + exp(m)), written so that nothing overflows.
        steps = -signs * np.exp(-np.logaddexp(0.0, margins)) / len(right)
        gradient = np.append(columns.T @ steps + 2 * _PRIOR * slopes, steps.sum())
        return float(np.logaddexp(0.0, -margins).mean()) + _PRIOR * float(slopes @ slopes), gradient

    start = np.zeros(columns.shape[1] + 1)
    start[0] = 0.3
    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return [float(slope) for slope in found[:-1]], float(found[-1])


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
