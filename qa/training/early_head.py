"""Fitting the early look to a network that stays as it is: for weights that are a mean, or were trained without one.

A logistic regression on what the first layers make of passages that hold an answer, and of passages that were ranked high
for the question and do not. Imports torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from qa.training.encoder import encode
from qa.training.features import IGNORED, Feature, Featurizer, cut_batches
from qa.training.model import ReaderModel, make_batch, pooled
from qa.training.records import Prepared
from qa.training.sampling import COOLDOWN_WEIGHTS, Mixture, Sampler
from qa.training.weights import CONFIG_FILE, WEIGHTS_FILE, early_layers

PENALTY = 0.05
"""Weight of the squared norm beside the mean loss; the columns have a spread of 1."""
_BUDGET = 3072


def draw(prepared: Prepared, featurizer: Featurizer, count: int, seed: int) -> list[Feature]:
    """About ``count`` windows whose relevance is known, half of them of passages that do not answer."""
    mixture = Mixture(dict(COOLDOWN_WEIGHTS), retrieved=0.5, removed=0.0, misled=0.0)
    sampler = Sampler(prepared, mixture, seed)
    drawn: list[Feature] = []
    for start in range(0, len(sampler.order(0)), count):
        features = featurizer.features(sampler.examples(0, start, start + count), f"{seed} early {start}")
        drawn += [feature for feature in features if feature.relevance != IGNORED]
        if len(drawn) >= count:
            break
    return drawn[:count]


@torch.no_grad()
def looks(
    model: ReaderModel, features: Sequence[Feature], progress: Callable[[int, int], None] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the early look sees of windows, float64 ``[windows, 4 * hidden]``, and their relevance, ``[windows]``."""
    layers = early_layers(int(model.config["num_hidden_layers"]))
    rows: list[NDArray[np.float64]] = []
    relevance: list[float] = []
    for batch_features in cut_batches(features, _BUDGET, "early"):
        batch = make_batch(batch_features, torch.device("cpu"))
        (hidden,) = encode(model.bert, batch.ids, batch.mask, batch.kinds, torch.float32, after=[layers])
        rows.extend(pooled(hidden, batch.mask, batch.kinds).double().numpy())
        relevance += [feature.relevance for feature in batch_features]
        if progress is not None:
            progress(len(rows), len(features))
    return np.array(rows), np.array(relevance)


def fit_head(
    rows: NDArray[np.float64], relevance: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weight ``[1, columns]`` and bias ``[1]`` of the logit that ``relevance`` (0 or 1) is 1, given ``rows``
    ``[windows, columns]``, with the penalty :data:`PENALTY`."""
    from scipy.optimize import minimize

    centre, spread = rows.mean(0), rows.std(0)
    spread[spread < 1e-6] = 1.0
    unit = (rows - centre) / spread
    signs = 2 * relevance - 1

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (unit @ values[:-1] + values[-1])
        # The derivative of log(1 + exp(-m)) by m is -1 / (1 + exp(m)), written so that nothing overflows.
        steps = -signs * np.exp(-np.logaddexp(0.0, margins)) / len(signs)
        gradient = np.append(steps @ unit + PENALTY * values[:-1], steps.sum())
        return float(np.logaddexp(0.0, -margins).mean()) + PENALTY / 2 * float(values[:-1] @ values[:-1]), gradient

    found = minimize(loss, np.zeros(unit.shape[1] + 1), jac=True, method="L-BFGS-B").x
    weight = found[:-1] / spread
    bias = found[-1] - weight @ centre
    return weight[None, :].astype(np.float32), np.array([bias], dtype=np.float32)


def write_with_head(source: Path, out: Path, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    """Write the weights of the folder ``source`` into ``out`` with this early look in place of any they have."""
    from safetensors.numpy import load_file, save_file

    arrays = {**load_file(source / WEIGHTS_FILE), "early.weight": weight, "early.bias": bias}
    config = (source / CONFIG_FILE).read_text(encoding="utf-8")
    out.mkdir(parents=True, exist_ok=True)
    save_file(arrays, out / WEIGHTS_FILE)
    (out / CONFIG_FILE).write_text(config, encoding="utf-8")
