"""Calibrating a finished reader: ask held-out questions, fit, check by cross-validation, write ``reader.json``.

Part of the asking is reading (each question of its own context), part is answering among all contexts of the files, and,
where there is an index of many more texts, among all of these, so that one calibration serves few documents and many.
"""

import json
import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder
from index.errors import DatasetError
from index.interface import PassageIndex
from index.opening import create_index
from qa.evaluation.calibration import (
    auroc,
    expected_calibration_error,
    refusal_precision,
    refusal_recall,
    reliability_bins,
)
from qa.evaluation.corpus import pool
from qa.evaluation.datasets import load_dataset
from qa.reader.calibration import Calibration, probability
from qa.reader.early import EarlyExit
from qa.reader.loading import Bundle, load_bundle
from qa.training.calibrate import Asked, collect, fit
from qa.training.early_exit import fit_early_exit, read_share
from qa.training.threshold import UNANSWERABLE_SHARE, steady_threshold
from qa.training.weighing import with_opinions

FOLDS = 5
COVERAGE = 0.8
_RESAMPLES = 1000


def ask_all(
    bundle: Path,
    files: Sequence[Path],
    encoder: Encoder,
    limit: int | None,
    progress: Callable[[str, int, int], None],
    many: PassageIndex | None = None,
) -> list[Asked]:
    """Candidates of every question of ``files``, read alone and among the contexts of all files.

    Args:
        bundle: folder of the reader.
        files: question files that it was not trained on.
        encoder: for retrieval.
        limit: this many questions of each file, spread evenly; half as many among all contexts, and half as many in ``many``.
        progress: called with (file and mode, questions done, questions in all).
        many: an index of the contexts of the files and of many other texts.
    """
    reader = load_bundle(bundle)
    # What is fitted now is not what it may have been fitted to before.
    reader.settings = replace(reader.settings, early_exit=None)
    datasets = [load_dataset(file) for file in files]
    asked: list[Asked] = []
    with tempfile.TemporaryDirectory(prefix="footnote-calibrate-") as folder:
        index = create_index(folder, encoder)
        for dataset in datasets:
            pool(dataset, index)
        places: list[tuple[PassageIndex | None, int, str]] = [(None, 1, "alone"), (index, 2, "among all")]
        if many is not None:
            places.append((many, 2, "among many"))
        for dataset in datasets:
            for place, share, where in places:
                count = None if limit is None else max(1, limit // share)
                what = f"{dataset.name}, {where}"

                def tell(done: int, total: int, what: str = what) -> None:
                    progress(what, done, total)

                asked.extend(collect(dataset, reader, index=place, limit=count, progress=tell))
    return asked


ARTICLES = 0.4
"""How much a question asked of articles counts beside one of the other files."""


def ask_articles(
    bundle: Path,
    files: Sequence[Path],
    encoder: Encoder,
    limit: int | None,
    progress: Callable[[str, int, int], None],
) -> list[Asked]:
    """Candidates of the questions of ``files``, whose contexts are whole articles, among all articles of a file and in their
    own one, as people ask of a few articles, or of one.

    Each counts :data:`ARTICLES`, and unanswerable ones, whatever their number, as if they were
    :data:`qa.training.threshold.UNANSWERABLE_SHARE` of all.

    Args:
        bundle, files, encoder, progress: as for :func:`ask_all`.
        limit: this many questions of each file, spread evenly.

    Raises:
        DatasetError: none of the questions is answerable, or none unanswerable.
    """
    reader = load_bundle(bundle)
    reader.settings = replace(reader.settings, early_exit=None)
    asked: list[Asked] = []
    for file in files:
        dataset = load_dataset(file)
        with tempfile.TemporaryDirectory(prefix="footnote-calibrate-") as folder:
            index = create_index(folder, encoder)
            corpus = pool(dataset, index)
            for own, where in ((None, "among its articles"), (corpus, "in its own article")):

                def tell(done: int, total: int, what: str = f"{dataset.name}, {where}") -> None:
                    progress(what, done, total)

                asked.extend(collect(dataset, reader, index=index, own=own, limit=limit, progress=tell))
    answerable = sum(item.answerable for item in asked)
    if not 0 < answerable < len(asked):
        raise DatasetError(
            "The questions on articles are all of one kind. Give files with answerable and unanswerable ones."
        )
    unanswerable = UNANSWERABLE_SHARE / (1 - UNANSWERABLE_SHARE) * answerable / (len(asked) - answerable)
    return [replace(item, weight=ARTICLES * (1.0 if item.answerable else unanswerable)) for item in asked]


def confidences(calibration: Calibration, asked: Sequence[Asked]) -> tuple[list[float], list[bool]]:
    """For each question the confidence of its best candidate, and whether that candidate is right."""
    said: list[float] = []
    right: list[bool] = []
    for item in asked:
        place, logit = item.first(calibration) if len(item.features) else (0, -math.inf)
        said.append(probability(logit))
        right.append(bool(len(item.features)) and bool(item.right[place]))
    return said, right


def cross_validated(
    asked: Sequence[Asked], seed: int = 0, scores: Calibration | None = None, articles: Sequence[Asked] = ()
) -> dict[str, float | list[float] | None]:
    """Scores of calibrations that were fitted without the questions that they are scored on.

    Args:
        asked: questions of both kinds.
        seed: of the generator (NumPy's PCG64).
        scores: gives the scores of spans by themselves, which are fitted too when ``None``.
        articles: more questions that opinions are fitted on, and that nothing is scored on.

    Returns:
        ``ece``; ``auroc`` of answerable against unanswerable questions; ``threshold_precision`` and ``threshold_recall`` of
        refusing at the threshold of each fold's other questions; ``precision`` of the most confident 80 % and its
        ``precision_interval`` (95 %, bootstrap over groups).
    """
    names = sorted({item.group for item in asked})
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[place]: number % FOLDS for number, place in enumerate(order)}
    said: list[float] = []
    right: list[bool] = []
    refused: list[bool] = []
    kept: list[Asked] = []
    for number in range(FOLDS):
        inside = [item for item in asked if fold[item.group] == number]
        others = [item for item in asked if fold[item.group] != number]
        calibration = with_opinions(fit(others) if scores is None else scores, [*others, *articles])
        threshold = steady_threshold(calibration, others)
        some, correct = confidences(calibration, inside)
        said += some
        right += correct
        refused += [value < threshold for value in some]
        kept += inside
    answerable = [item.answerable for item in kept]
    groups = np.array([names.index(item.group) for item in kept])
    return {
        "ece": expected_calibration_error(reliability_bins(said, right)),
        "auroc": auroc(
            [value for value, has in zip(said, answerable, strict=True) if has],
            [value for value, has in zip(said, answerable, strict=True) if not has],
        ),
        "threshold_precision": refusal_precision(refused, answerable),
        "threshold_recall": refusal_recall(refused, answerable),
        "precision": precision_at(np.array(said), np.array(right)),
        "precision_interval": _interval(np.array(said), np.array(right), groups, seed),
    }


def precision_at(said: NDArray[np.float64], right: NDArray[np.bool_], coverage: float = COVERAGE) -> float:
    """Share of right ones among the ``coverage`` most confident, in 0..1."""
    count = max(1, round(coverage * len(said)))
    chosen = np.argsort(-said, kind="stable")[:count]
    return float(right[chosen].mean())


def _interval(said: NDArray[np.float64], right: NDArray[np.bool_], groups: NDArray[np.int64], seed: int) -> list[float]:
    """95 % interval of :func:`precision_at` by drawing groups with replacement (Efron 1979)."""
    random = np.random.default_rng(seed)
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    values = []
    for _ in range(_RESAMPLES):
        rows = np.concatenate([members[place] for place in random.integers(len(members), size=len(members))])
        values.append(precision_at(said[rows], right[rows]))
    return [float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))]


@dataclass(frozen=True, slots=True)
class Fitted:
    """All that is fitted to a reader, and ``asked`` and ``articles``, the questions as they are read with ``early_exit``;
    ``read_on`` is the share of passages, in 0..1, that are read to the end then."""

    calibration: Calibration
    threshold: float
    early_exit: EarlyExit | None
    read_on: float
    asked: list[Asked]
    articles: list[Asked]

    def shown(self) -> dict[str, Any]:
        """What the command prints."""
        rule = None if self.early_exit is None else {**self.early_exit.model_dump(), "read_on": round(self.read_on, 3)}
        counts = {"questions": len(self.asked), "on_articles": len(self.articles)}
        numbers = {**counts, **self.calibration.model_dump(), "threshold": self.threshold}
        return {**numbers, "early_exit": rule}


def fit_all(asked: Sequence[Asked], kept: Bundle | None = None, articles: Sequence[Asked] = ()) -> Fitted:
    """Fit which passages are read on, and to what that leaves, the confidence and the threshold.

    Args:
        asked: questions of both kinds, that the reader was not trained on.
        kept: what is read on, and the scores of spans by themselves, stay as this says.
        articles: more questions that opinions are fitted on, and nothing else: those of :func:`ask_articles`.

    Raises:
        DatasetError: as :func:`qa.training.calibrate.fit`.
    """
    passages = [item.passages for item in asked if item.passages is not None]
    rule = fit_early_exit(passages) if kept is None else kept.early_exit
    left = [item.read_on(rule) for item in asked]
    scores = fit(left) if kept is None or kept.calibration is None else kept.calibration
    more = [item.read_on(rule) for item in articles]
    calibration = with_opinions(scores, [*left, *more])
    return Fitted(calibration, steady_threshold(calibration, left), rule, read_share(passages, rule), left, more)


def write(bundle: Path, fitted: Fitted) -> None:
    """Put what was fitted into the ``reader.json`` of a bundle."""
    path = bundle / "reader.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["calibration"] = _rounded(fitted.calibration.model_dump(exclude_none=True))
    manifest["threshold"] = fitted.threshold
    manifest["early_exit"] = None if fitted.early_exit is None else fitted.early_exit.model_dump()
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _rounded(fields: dict[str, Any]) -> dict[str, Any]:
    """``fields`` with five places of every number."""
    return {name: _rounded(value) if isinstance(value, dict) else round(value, 5) for name, value in fields.items()}
