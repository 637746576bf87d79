"""Teach a reader to compare two places: changes of low rank to the products of its second stage, and a head.

The reader's own weights stay as they are; what is learned is what :mod:`qa.reader.adapting` adds to them. Windows are those
of :class:`qa.reader.comparing.Pairing`. Imports torch: import this module only where training really happens.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from qa.reader.adapting import PARTS, SCALE
from qa.reader.comparing import Marked, Pair, Pairing
from qa.training.encoder import dropped, encode, norm
from qa.training.loop import compute_type
from qa.training.model import load_model
from qa.training.records import DataError
from qa.training.weights import early_layers


@dataclass(frozen=True, slots=True)
class Example:
    """Two places with what is known of the second beside the first: whether it ``answers`` too, and ``differs``, which is
    ``None`` where that is not known. ``weight`` is what it counts."""

    question: str
    one: Marked
    other: Marked
    answers: bool
    differs: bool | None
    weight: float = 1.0


@dataclass(frozen=True)
class CompareSettings:
    """How to train: ``epochs`` over all examples, AdamW with ``rate``, which rises over ``warmup`` steps and falls to 0,
    batches of ``budget`` tokens with padding, changes of ``rank`` to the first ``layers`` of the second stage, which is left
    there: more of its layers tell places no better apart, and take longer."""

    epochs: int = 2
    rate: float = 1e-3
    warmup: int = 80
    budget: int = 3072
    chunk: int = 2048
    dropout: float = 0.1
    rank: int = 16
    layers: int = 5
    save_every: int = 200
    seed: int = 1


class _Changed(nn.Module):
    """A product whose weight stays, with a change of low rank."""

    def __init__(self, weight: Tensor, bias: Tensor, rank: int) -> None:
        super().__init__()
        self.weight, self.bias = weight.detach(), bias.detach()
        outputs, inputs = weight.shape
        self.a = nn.Parameter(torch.randn(rank, inputs) / math.sqrt(inputs))
        self.b = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, x: Tensor) -> Tensor:
        plain = functional.linear(x, self.weight.to(x.dtype), self.bias.to(x.dtype))
        return plain + SCALE * functional.linear(functional.linear(x, self.a.to(x.dtype)), self.b.to(x.dtype))


class CompareModel(nn.Module):
    """The network: a reader's first stage, its changed second one, and the head."""

    def __init__(self, start: Path, settings: CompareSettings) -> None:
        """``start`` is a folder with the weights of the reader that will be changed."""
        super().__init__()
        model, _ = load_model(start)
        model.requires_grad_(False)
        layers = int(model.config["num_hidden_layers"])
        self.first = early_layers(layers)
        self.heads = int(model.config["num_attention_heads"])
        self.dropout = settings.dropout
        # In a list, so that its weights are none of this module's.
        self._bert = [model.bert]
        self._norms = []
        self.layers: Any = nn.ModuleList()
        for layer in model.bert.encoder.layer[self.first : self.first + settings.layers]:
            own, output = layer.attention.self, layer.attention.output
            parts = (own.query, own.key, own.value)
            joint = torch.cat([part.weight for part in parts]), torch.cat([part.bias for part in parts])
            products = {"qkv": joint}
            for name, product in (("o", output.dense), ("up", layer.intermediate.dense), ("down", layer.output.dense)):
                products[name] = product.weight, product.bias
            self.layers.append(nn.ModuleDict({name: _Changed(*products[name], settings.rank) for name in PARTS}))
            self._norms.append((output.LayerNorm, layer.output.LayerNorm))
        width = int(model.config["hidden_size"])
        self.inner, self.outer = nn.Linear(3 * width, width), nn.Linear(width, 2)

    def forward(self, pairs: Sequence[Pair], kind: torch.dtype) -> Tensor:
        """Logits float32 ``[pairs, 2]``: that the second place answers too, and that it differs."""
        ids, mask, kinds, marked = _padded(pairs)
        rows, length = ids.shape
        drop = self.dropout if self.training else 0.0
        with torch.no_grad():
            first = encode(self._bert[0], ids, mask, kinds, kind, after=[self.first])[-1]
        x = dropped(first.reshape(rows * length, -1), drop)
        width = x.shape[-1]
        bias = torch.zeros((rows, 1, 1, length)).masked_fill(mask[:, None, None, :] == 0, -1e4)
        for layer, (before, behind) in zip(self.layers, self._norms, strict=True):
            joint = layer["qkv"](x).float().view(rows, length, 3, self.heads, width // self.heads)
            q, k, v = joint.permute(2, 0, 3, 1, 4)
            mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
            mixed = mixed.transpose(1, 2).reshape(rows * length, width).to(kind)
            x = norm(dropped(layer["o"](mixed), drop) + x, before)
            x = norm(dropped(layer["down"](functional.gelu(layer["up"](x))), drop) + x, behind)
        last = x.view(rows, length, width).float()
        means = [(last * which.unsqueeze(-1)).sum(1) / which.sum(1, keepdim=True) for which in marked]
        logits: Tensor = self.outer(torch.tanh(self.inner(torch.cat([last[:, 0], *means], -1))))
        return logits

    def arrays(self) -> dict[str, NDArray[np.float16]]:
        """What ships, as :func:`qa.reader.adapting.adapted` and :class:`qa.reader.comparing.Head` take it."""
        found = {}
        for number, layer in enumerate(self.layers, start=self.first):
            for name in PARTS:
                for which in ("a", "b"):
                    found[f"bert.encoder.layer.{number}.{name}.{which}"] = getattr(layer[name], which)
        for name, part in (("inner", self.inner), ("outer", self.outer)):
            found |= {f"head.{name}": part.weight, f"head.{name}_bias": part.bias}
        return {name: tensor.detach().numpy().astype(np.float16) for name, tensor in found.items()}


def _padded(pairs: Sequence[Pair]) -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, Tensor]]:
    """Token ids, mask and kinds, int64 ``[pairs, tokens]``, and which tokens are those of each place, float32 of that shape."""
    shape = len(pairs), max(len(pair.ids) for pair in pairs)
    ids, mask, kinds = (torch.zeros(shape, dtype=torch.int64) for _ in range(3))
    marked = torch.zeros(shape), torch.zeros(shape)
    for row, pair in enumerate(pairs):
        length = len(pair.ids)
        ids[row, :length] = torch.tensor(pair.ids)
        mask[row, :length] = 1
        kinds[row, pair.asked : length] = 1
        for which, (start, end) in zip(marked, (pair.first, pair.second), strict=True):
            which[row, start:end] = 1
    return ids, mask, kinds, marked


def train(
    examples: Sequence[Example],
    start: Path,
    pairing: Pairing,
    run: Path,
    settings: CompareSettings | None = None,
    told: Callable[[int, int, float], None] | None = None,
) -> CompareModel:
    """Train on all examples; goes on from what ``run`` holds of the same command.

    Args:
        examples: to learn from, in the same order whenever the command is repeated.
        start: folder with the weights of the reader.
        pairing: makes windows.
        run: folder for what is learned on the way.
        settings: how.
        told: called now and then with steps done, steps in all, and the mean loss since.

    Raises:
        DataError: there are no examples, or ``run`` holds more steps than there are, so it is of another run.
    """
    how = CompareSettings() if settings is None else settings
    if not examples:
        raise DataError("there are no pairs of places to learn from")
    torch.manual_seed(how.seed)
    model = CompareModel(start, how)
    optimizer = torch.optim.AdamW(model.parameters(), lr=how.rate, weight_decay=0.01, betas=(0.9, 0.98))
    batches = _batches([(one, pairing.pair(one.question, one.one, one.other)) for one in examples], how)
    run.mkdir(parents=True, exist_ok=True)
    done = _resume(run, model, optimizer)
    if done > len(batches):
        raise DataError(f"{run} holds {done} steps, and this run has {len(batches)}. Name an empty folder.")
    kind, losses, saved = compute_type(torch.device("cpu")), [], time.monotonic()
    model.train()
    for step in range(done, len(batches)):
        rate = how.rate * min(1.0, (step + 1) / how.warmup) * (1 - step / len(batches))
        for group in optimizer.param_groups:
            group["lr"] = rate
        # So that a run that was cut off draws what it would have drawn.
        torch.manual_seed(how.seed * 1_000_003 + step)
        loss = loss_of(model([pair for _, pair in batches[step]], kind), [example for example, _ in batches[step]])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        if (step + 1) % 50 == 0 and told is not None:
            told(step + 1, len(batches), float(np.mean(losses[-50:])))
        if (step + 1) % how.save_every == 0 or step + 1 == len(batches) or time.monotonic() - saved > 300:
            _save(run, model, optimizer, step + 1)
            saved = time.monotonic()
    return model.eval()


def loss_of(logits: Tensor, examples: Sequence[Example]) -> Tensor:
    """Binary cross-entropy of both logits, summed, the mean over examples by their weights; of ``differs`` where it is known.

    Args:
        logits: float32 ``[examples, 2]``.
        examples: what they are of.
    """
    answers = torch.tensor([float(one.answers) for one in examples])
    differs = torch.tensor([float(bool(one.differs)) for one in examples])
    weight = torch.tensor([one.weight for one in examples])
    known = weight * torch.tensor([float(one.differs is not None) for one in examples])
    each = functional.binary_cross_entropy_with_logits
    first = each(logits[:, 0], answers, reduction="none") * weight
    second = each(logits[:, 1], differs, reduction="none") * known
    return (first.sum() + second.sum()) / len(examples)


def _batches(pairs: list[tuple[Example, Pair]], how: CompareSettings) -> list[list[tuple[Example, Pair]]]:
    """All batches of all epochs, each of windows of like length."""
    rng, found = random.Random(how.seed), []  # noqa: S311 - an order, no secret
    for _ in range(how.epochs):
        rng.shuffle(pairs)
        for place in range(0, len(pairs), how.chunk):
            chunk = sorted(pairs[place : place + how.chunk], key=lambda one: len(one[1].ids))
            batches: list[list[tuple[Example, Pair]]] = [[]]
            for one in chunk:
                # The longest comes last, so a batch is as long as the one that is added.
                if batches[-1] and len(one[1].ids) * (len(batches[-1]) + 1) > how.budget:
                    batches.append([])
                batches[-1].append(one)
            rng.shuffle(batches)
            found += batches
    return found


_STATE = "state.safetensors"


def _save(run: Path, model: CompareModel, optimizer: torch.optim.Optimizer, step: int) -> None:
    state: dict[str, Any] = {name: parameter.detach() for name, parameter in model.named_parameters()}
    for name, parameter in model.named_parameters():
        for key, value in optimizer.state[parameter].items():
            state[f"{name}/{key}"] = torch.as_tensor(value)
    partial = run / f"{_STATE}.partial"
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, partial, {"step": str(step)})
    partial.replace(run / _STATE)


def _resume(run: Path, model: CompareModel, optimizer: torch.optim.Optimizer) -> int:
    """Take over what was learned; returns how many steps that took."""
    from safetensors import safe_open

    path = run / _STATE
    if not path.is_file():
        return 0
    with safe_open(path, "pt") as opened:
        step = int(opened.metadata()["step"])
    state = load_file(path)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(state[name])
            moments = {key: state[f"{name}/{key}"] for key in ("step", "exp_avg", "exp_avg_sq")}
            optimizer.state[parameter].update(moments)
    return step
