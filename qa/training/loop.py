"""The training loop: warm-up, a long stretch at a constant rate, and a cooldown that can be branched from any
checkpoint.

The schedule is "warmup-stable-decay" (Hu et al. 2024, MiniCPM, section 4): a run that has no set end can still give a
finished model at any time. Imports torch.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from qa.training.checkpoints import (
    RunState,
    checkpoint_path,
    checkpoints,
    load_optimizer,
    load_state,
    save_checkpoint,
)
from qa.training.features import Feature, Featurizer, cut_batches
from qa.training.model import ReaderModel, losses, make_batch, teach
from qa.training.processor import Sharing
from qa.training.records import DataError
from qa.training.sampling import Sampler
from qa.training.settings import LoopSettings, write_settings

LOG_FILE = "log.jsonl"
EVALUATIONS_FILE = "evaluations.jsonl"


@dataclass
class Stream:
    """The batches of a run from any position on."""

    sampler: Sampler
    featurizer: Featurizer
    settings: LoopSettings
    _cut: tuple[tuple[int, int], list[list[Feature]]] | None = field(default=None, init=False)

    def batches(self, epoch: int, chunk: int) -> list[list[Feature]]:
        """The batches of one chunk; none past the end of the epoch."""
        if self._cut is None or self._cut[0] != (epoch, chunk):
            size = self.settings.chunk
            examples = self.sampler.examples(epoch, chunk * size, (chunk + 1) * size)
            seed = f"{self.settings.seed} chunk {epoch} {chunk}"
            features = self.featurizer.features(examples, seed)
            self._cut = ((epoch, chunk), cut_batches(features, self.settings.budget, seed))
        return self._cut[1]

    def from_position(self, state: RunState) -> Iterator[list[Feature]]:
        """Batches without end; ``state`` is moved to the batch after the one given out."""
        while True:
            batches = self.batches(state.epoch, state.chunk)
            if not batches:
                if state.chunk == 0:
                    raise DataError(
                        "the prepared data gives no example at all; give a --weight above 0 to a source of it"
                    )
                state.epoch, state.chunk, state.batch = state.epoch + 1, 0, 0
                continue
            while state.batch < len(batches):
                state.batch += 1
                yield batches[state.batch - 1]
            state.chunk, state.batch = state.chunk + 1, 0


def rate_factor(step: int, settings: LoopSettings, cooldown_from: int | None) -> float:
    """The share of the full rate at 0-based ``step``: linear warm-up, constant, and linear to 0 in a cooldown."""
    if cooldown_from is not None and settings.cooldown_steps:
        return max(0.0, 1.0 - (step - cooldown_from) / settings.cooldown_steps)
    return min(1.0, (step + 1) / settings.warmup_steps) if settings.warmup_steps else 1.0


def parameter_groups(model: ReaderModel, settings: LoopSettings) -> list[dict[str, Any]]:
    """AdamW groups: lower layers learn slower, heads faster; no decay for biases and layer norms. ``full`` is the rate
    before the schedule."""
    layers = int(model.config["num_hidden_layers"])
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if settings.freeze_words and name.endswith("word_embeddings.weight"):
            parameter.requires_grad_(False)
            continue
        if not name.startswith("bert."):
            rate = settings.head_rate
        else:
            depth = int(name.split(".")[3]) + 1 if ".layer." in name else 0
            if depth <= settings.frozen_layers and settings.frozen_layers:
                parameter.requires_grad_(False)
                continue
            rate = settings.rate * settings.layer_decay ** (layers - depth)
        decay = 0.0 if parameter.ndim == 1 else settings.weight_decay
        groups.setdefault((rate, decay), []).append(parameter)
    return [
        {"params": parameters, "lr": rate, "full": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]


def compute_type(device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware computes in it, else float32. Weights and moments are float32 either way."""
    fast = torch.cuda.is_bf16_supported() if device.type == "cuda" else _cpu_has_bf16()
    return torch.bfloat16 if fast else torch.float32


def _cpu_has_bf16() -> bool:
    has_avx = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    has_amx = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return any(bool(check()) for check in (has_avx, has_amx) if check is not None)


@dataclass
class Trainer:
    """One run in one folder: ``checkpoints/``, ``log.jsonl``, ``evaluations.jsonl``, ``settings.json``."""

    model: ReaderModel
    stream: Stream
    settings: LoopSettings
    folder: Path
    device: torch.device
    state: RunState = field(default_factory=RunState)
    evaluate: Callable[[Path], dict[str, Any]] | None = None
    sharing: Sharing | None = None
    teachers: Sequence[ReaderModel] = ()

    def __post_init__(self) -> None:
        """Move the models and make the optimizer."""
        self.model.to(self.device).train()
        self.model.dropout = self.settings.dropout
        for teacher in self.teachers:
            teacher.to(self.device).eval().requires_grad_(False)
        self.optimizer = torch.optim.AdamW(
            parameter_groups(self.model, self.settings), betas=self.settings.betas, eps=1e-8, fused=True
        )

    @property
    def checkpoint_folder(self) -> Path:
        """Where the checkpoints are."""
        return self.folder / "checkpoints"

    def restore(self, checkpoint: Path, branch: bool = False) -> None:
        """Take optimizer and position from a checkpoint (the model is already loaded).

        ``branch`` starts a cooldown, at the beginning of the next epoch: it may draw its examples otherwise."""
        self.state = load_state(checkpoint)
        load_optimizer(checkpoint, self.model, self.optimizer)
        if branch:
            self.state.cooldown_from = self.state.step
            self.state.epoch, self.state.chunk, self.state.batch = self.state.epoch + 1, 0, 0

    def step(self, features: list[Feature]) -> dict[str, float]:
        """One update; returns the losses of span, relevance and early look in nats, by their names in the log."""
        factor = rate_factor(self.state.step, self.settings, self.state.cooldown_from)
        for group in self.optimizer.param_groups:
            group["lr"] = group["full"] * factor
        batch = make_batch(features, self.device)
        kind = compute_type(self.device)
        # What is dropped follows from the step alone, so a run that was cut off goes on as it would have.
        torch.manual_seed(self.settings.seed * 1_000_003 + self.state.step)
        lesson = teach(self.teachers, batch, kind) if self.teachers else None
        found = losses(self.model, batch, kind, lesson, self.settings.teaching)
        settings = self.settings
        total = found.span + settings.relevance_share * found.relevance
        total = total + settings.early_share * found.early + settings.together_share * found.together
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([p for p in self.model.parameters() if p.grad is not None], self.settings.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.state.step += 1
        self.state.examples += len(features)
        self.state.tokens += sum(len(feature.ids) for feature in features)
        parts = {"span": found.span, "relevance": found.relevance, "early": found.early}
        return {f"{name}_loss": loss.item() for name, loss in parts.items()}

    def done(self) -> bool:
        """Whether the cooldown, or the number of steps asked for, is over."""
        state, settings = self.state, self.settings
        cooled = state.cooldown_from is not None and state.step >= state.cooldown_from + settings.cooldown_steps
        return cooled or (settings.max_steps is not None and state.step >= settings.max_steps)

    def save(self) -> Path:
        """Write a checkpoint."""
        return save_checkpoint(self.checkpoint_folder, self.model, self.optimizer, self.state, self.settings.keep)

    def run(self, report: Callable[[dict[str, float]], None], stop: Callable[[], bool]) -> Path:
        """Train until done or ``stop()``; returns the last checkpoint. ``report`` gets every logged line."""
        if self.done():
            target = checkpoint_path(self.checkpoint_folder, self.state.step)
            return target if target in checkpoints(self.checkpoint_folder) else self.save()
        self.folder.mkdir(parents=True, exist_ok=True)
        write_settings(self.folder, self.settings)
        saved = logged = evaluated = time.monotonic()
        steps: list[dict[str, float]] = []
        tokens = self.state.tokens
        # Ended cleanly or cut off, the state moves to the next batch only together with the update made from it.
        for features in self.stream.from_position(self.state):
            if self.sharing is not None:
                torch.set_num_threads(self.sharing.threads())
            steps.append(self.step(features))
            now = time.monotonic()
            finished = self.done() or stop()
            if self.state.step % self.settings.log_every == 0 or finished:
                self.state.seconds += now - logged
                line = {
                    "step": self.state.step,
                    "epoch": self.state.epoch,
                    "examples": self.state.examples,
                    **{name: sum(step[name] for step in steps) / len(steps) for name in steps[0]},
                    "rate": self.optimizer.param_groups[0]["lr"],
                    "tokens_per_second": (self.state.tokens - tokens) / max(now - logged, 1e-9),
                    "seconds": self.state.seconds,
                }
                with (self.folder / LOG_FILE).open("a", encoding="utf-8") as log:
                    log.write(json.dumps(line) + "\n")
                report(line)
                steps, tokens, logged = [], self.state.tokens, now
            if finished:
                break
            if now - saved >= self.settings.save_every:
                checkpoint = self.save()
                if self.evaluate is not None and now - evaluated >= self.settings.evaluate_every:
                    self.log_evaluation(self.evaluate(checkpoint))
                    evaluated = time.monotonic()
                saved = time.monotonic()
        return self.save()

    def log_evaluation(self, scores: dict[str, Any]) -> None:
        """Append scores of the current weights to ``evaluations.jsonl``."""
        line = {"step": self.state.step, "examples": self.state.examples, "scores": scores}
        with (self.folder / EVALUATIONS_FILE).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
