"""Read and write reader weights as safetensors folders, and make them into the arrays the exporter wants.

A weights folder holds ``model.safetensors`` and ``config.json`` (a Hugging Face ``BertConfig``; ``MPNetConfig`` for a
teacher). Names follow
``BertForQuestionAnswering``, with ``relevance.weight`` and ``relevance.bias`` beside them when the relevance head
is trained.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

WEIGHTS_FILE = "model.safetensors"
CONFIG_FILE = "config.json"
MPNET = "mpnet"
"""``model_type`` of the teachers' encoder."""


class WeightsError(ValueError):
    """A weights folder is missing a file or does not hold a BERT reader."""


def damaged(path: Path, error: Exception) -> str:
    """What to say of a file of weights, or of a checkpoint, that cannot be read because of ``error``."""
    return (
        f"{path} is damaged ({error}). If it is a checkpoint of a run, remove the folder {path.parent}: "
        "the same command goes on from the checkpoint before it."
    )


@dataclass(frozen=True)
class ReaderWeights:
    """Weights (float32 arrays by name) and the fields of ``config.json`` of one checkpoint."""

    arrays: dict[str, npt.NDArray[np.float32]]
    config: dict[str, Any]

    @property
    def heads(self) -> int:
        """Attention heads."""
        return int(self.config["num_attention_heads"])

    @property
    def epsilon(self) -> float:
        """Epsilon of the layer norms."""
        return float(self.config["layer_norm_eps"])


def is_mpnet(folder: Path) -> bool:
    """Whether a folder holds the weights of an MPNet, which can teach a reader and be none. Raises WeightsError when it
    holds none at all."""
    if not (folder / CONFIG_FILE).is_file():
        raise WeightsError(f"{folder} has no {CONFIG_FILE}: give a folder with reader weights")
    config: dict[str, Any] = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    return config.get("model_type") == MPNET


def early_layers(layers: int) -> int:
    """After how many of ``layers`` the early look is taken: a third, at least one."""
    return max(1, layers // 3)


def read_weights(folder: Path) -> ReaderWeights:
    """The weights of ``folder`` in float32, whatever they are stored in. Raises WeightsError when it is not a
    reader."""
    from safetensors.numpy import load_file

    for name in (WEIGHTS_FILE, CONFIG_FILE):
        if not (folder / name).is_file():
            raise WeightsError(f"{folder} has no {name}: give a folder with reader weights")
    config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    arrays = {
        name: value.astype(np.float32)
        for name, value in load_file(folder / WEIGHTS_FILE).items()
        if np.issubdtype(value.dtype, np.floating)
    }
    if "qa_outputs.weight" not in arrays:
        raise WeightsError(f"{folder / WEIGHTS_FILE} has no span head (qa_outputs.weight)")
    return ReaderWeights(arrays, config)


def average_weights(folders: list[Path], out: Path) -> None:
    """Write the mean of several checkpoints of one run into ``out`` (Izmailov et al. 2018, stochastic weight averaging).

    An early look that not all of them have is left out: it is fitted anew anyway (:mod:`qa.training.early_head`).

    Raises WeightsError when there is none, or when they do not hold the same weights.
    """
    from safetensors.numpy import save_file

    if not folders:
        raise WeightsError("name at least one checkpoint to average")
    first = read_weights(folders[0])
    looking = all("early.weight" in read_weights(folder).arrays for folder in folders)
    arrays = {name: array for name, array in first.arrays.items() if looking or not name.startswith("early.")}
    # Summed in float64, so that the order of the checkpoints makes no difference that float32 could show.
    sums = {name: array.astype(np.float64) for name, array in arrays.items()}
    for folder in folders[1:]:
        read = read_weights(folder).arrays
        other = {name: array for name, array in read.items() if looking or not name.startswith("early.")}
        if {name: array.shape for name, array in other.items()} != {name: array.shape for name, array in sums.items()}:
            raise WeightsError(f"{folder} holds other weights than {folders[0]}: they cannot be averaged")
        for name, array in other.items():
            sums[name] += array
    out.mkdir(parents=True, exist_ok=True)
    save_file({name: (array / len(folders)).astype(np.float32) for name, array in sums.items()}, out / WEIGHTS_FILE)
    (out / CONFIG_FILE).write_text(json.dumps(first.config, indent=2) + "\n", encoding="utf-8")
