"""Checkpoints: a folder each, written under another name and renamed when complete, so none is ever half there.

``model.safetensors`` and ``config.json`` are a reader's weights like any other; ``optimizer.safetensors`` holds the
moments as ``<parameter>/<moment>``; ``state.json`` says where in the data the run is.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from qa.training.model import ReaderModel
from qa.training.weights import CONFIG_FILE, WEIGHTS_FILE, WeightsError, damaged

OPTIMIZER_FILE = "optimizer.safetensors"
STATE_FILE = "state.json"
PREFIX = "step-"


@dataclass
class RunState:
    """How far a run is. ``epoch``, ``chunk`` and ``batch`` name the next batch to train on."""

    step: int = 0
    examples: int = 0
    tokens: int = 0
    seconds: float = 0.0
    epoch: int = 0
    chunk: int = 0
    batch: int = 0
    cooldown_from: int | None = None


def save_checkpoint(
    folder: Path, model: ReaderModel, optimizer: torch.optim.Optimizer, state: RunState, keep: int
) -> Path:
    """Write ``folder/step-N``, then delete all but the newest ``keep``. Returns the new checkpoint's path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = checkpoint_path(folder, state.step)
    partial = folder / f".partial-{state.step:08d}"
    # Of saves that were cut off.
    for leftover in (*folder.glob(".partial-*"), *folder.glob(".former-*")):
        shutil.rmtree(leftover)
    partial.mkdir()
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, partial / WEIGHTS_FILE)
    (partial / CONFIG_FILE).write_text(json.dumps(model.config, indent=2) + "\n", encoding="utf-8")
    moments: dict[str, torch.Tensor] = {}
    for name, parameter in model.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            moments[f"{name}/{key}"] = torch.as_tensor(value).detach().cpu().contiguous()
    save_file(moments, partial / OPTIMIZER_FILE)
    (partial / STATE_FILE).write_text(json.dumps(asdict(state), indent=2) + "\n", encoding="utf-8")
    # What is replaced stays until there is what replaces it.
    former = folder / f".former-{state.step:08d}"
    if target.exists():
        target.rename(former)
    partial.rename(target)
    if former.exists():
        shutil.rmtree(former)
    for old in checkpoints(folder)[:-keep]:
        shutil.rmtree(old)
    return target


def checkpoint_path(folder: Path, step: int) -> Path:
    """Where the checkpoint after ``step`` steps is, if there is one."""
    return folder / f"{PREFIX}{step:08d}"


def checkpoints(folder: Path) -> list[Path]:
    """The complete checkpoints of a run, oldest first."""
    return sorted(path for path in folder.glob(f"{PREFIX}*") if (path / STATE_FILE).is_file())


def load_state(checkpoint: Path) -> RunState:
    """Where the run was. Raises WeightsError when the file that says so is damaged."""
    path = checkpoint / STATE_FILE
    try:
        return RunState(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise WeightsError(damaged(path, error)) from error


def load_optimizer(checkpoint: Path, model: ReaderModel, optimizer: torch.optim.Optimizer) -> None:
    """Put the stored moments back into ``optimizer``, which must hold the parameters of ``model``.

    Raises WeightsError when their file is not there or damaged."""
    path = checkpoint / OPTIMIZER_FILE
    try:
        moments = load_file(str(path))
    except (SafetensorError, FileNotFoundError) as error:
        raise WeightsError(damaged(path, error)) from error
    held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    for name, parameter in model.named_parameters():
        found = {key.rsplit("/", 1)[1]: value for key, value in moments.items() if key.rsplit("/", 1)[0] == name}
        if found and id(parameter) in held:
            optimizer.state[parameter] = {
                key: value if key == "step" else value.to(parameter.device) for key, value in found.items()
            }
