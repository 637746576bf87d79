"""The reader as a torch module: a BERT encoder, a span head and a relevance head, and the loss that trains them.

Imports torch: import this module only where training really happens.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from qa.training.encoder import encode
from qa.training.features import IGNORED, Feature, group_numbers
from qa.training.mpnet import encode as encode_mpnet
from qa.training.weights import CONFIG_FILE, MPNET, WEIGHTS_FILE, WeightsError, damaged, early_layers


@dataclass(frozen=True)
class Batch:
    """``ids``, ``mask``, ``kinds``: int64 ``[batch, tokens]``. ``allowed``: bool ``[batch, tokens]``, where a span may
    begin or end ([CLS] and the passage). ``start``, ``end``: int64 ``[batch]``. ``relevance``: float32 ``[batch]``.
    ``group``: int64 ``[batch]``, the same from 0 on for windows that belong to one question."""

    ids: Tensor
    mask: Tensor
    kinds: Tensor
    allowed: Tensor
    start: Tensor
    end: Tensor
    relevance: Tensor
    group: Tensor


def make_batch(features: Sequence[Feature], device: torch.device) -> Batch:
    """Pad features to the longest of them."""
    longest = max(len(feature.ids) for feature in features)
    ids = torch.zeros((len(features), longest), dtype=torch.int64)
    mask, kinds = torch.zeros_like(ids), torch.zeros_like(ids)
    allowed = torch.zeros(ids.shape, dtype=torch.bool)
    for row, feature in enumerate(features):
        length = len(feature.ids)
        ids[row, :length] = torch.tensor(feature.ids)
        mask[row, :length] = 1
        kinds[row, feature.first : length] = 1
        allowed[row, feature.first : length - 1] = True
    allowed[:, 0] = True
    start = torch.tensor([feature.start for feature in features])
    end = torch.tensor([feature.end for feature in features])
    relevance = torch.tensor([feature.relevance for feature in features], dtype=torch.float32)
    group = torch.tensor(group_numbers(features))
    return Batch(*(part.to(device) for part in (ids, mask, kinds, allowed, start, end, relevance, group)))


class Output(NamedTuple):
    """Logits in float32: ``start`` and ``end`` ``[batch, tokens]`` of the answer's first and last token; ``relevance``
    ``[batch]`` that the passage holds an answer; ``early`` ``[batch]``, the same seen from the first layers only."""

    start: Tensor
    end: Tensor
    relevance: Tensor
    early: Tensor


def pooled(hidden: Tensor, mask: Tensor, kinds: Tensor) -> Tensor:
    """What the early look sees of a window, ``[batch, 4 * hidden]``: [CLS], the means of question and passage (the special
    tokens in front and behind included), and the highest of each number.

    Args:
        hidden: float ``[batch, tokens, hidden]``.
        mask, kinds: as in :class:`Batch`.
    """
    parts = [hidden[:, 0]]
    for which in (mask * (1 - kinds), mask * kinds):
        share = which.to(hidden.dtype).unsqueeze(-1)
        parts.append((hidden * share).sum(1) / share.sum(1))
    parts.append(hidden.masked_fill(mask.unsqueeze(-1) == 0, float("-inf")).amax(1))
    return torch.cat(parts, -1)


class ReaderModel(nn.Module):
    """The network: an encoder with heads for span, relevance and the early look.

    ``dropout`` is that of training, see :func:`qa.training.encoder.encode`; none in evaluation mode.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        """``config`` has the fields of a Hugging Face ``BertConfig`` or, for a teacher, ``MPNetConfig``; its dropout does not
        count, ``dropout`` does."""
        from transformers import BertConfig, BertModel, MPNetConfig, MPNetModel

        super().__init__()
        plain = {key: value for key, value in config.items() if key not in ("dtype", "architectures")}
        plain |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        self.config = dict(config)
        self.dropout = 0.0
        self.bert: Any
        if self.is_mpnet:
            self.bert = MPNetModel(MPNetConfig(**plain), add_pooling_layer=False)
        else:
            self.bert = BertModel(BertConfig(**plain), add_pooling_layer=False)
        self.qa_outputs = nn.Linear(int(config["hidden_size"]), 2)
        self.relevance = nn.Linear(int(config["hidden_size"]), 1)
        self.early = nn.Linear(4 * int(config["hidden_size"]), 1)

    @property
    def is_mpnet(self) -> bool:
        """Whether the encoder is an MPNet; a BERT otherwise."""
        return self.config.get("model_type") == MPNET

    def forward(self, batch: Batch, kind: torch.dtype = torch.float32) -> Output:
        """The logits; the encoder computes in ``kind``."""
        dropout = self.dropout if self.training else 0.0
        layers = int(self.config["num_hidden_layers"])
        after = sorted({early_layers(layers), layers})
        if self.is_mpnet:
            states = encode_mpnet(self.bert, batch.ids, batch.mask, kind, dropout, after)
        else:
            states = encode(self.bert, batch.ids, batch.mask, batch.kinds, kind, dropout, after)
        first, hidden = states[0].float(), states[-1].float()
        spans = self.qa_outputs(hidden)
        early = self.early(pooled(first, batch.mask, batch.kinds))
        return Output(spans[..., 0], spans[..., 1], self.relevance(hidden[:, 0])[:, 0], early[:, 0])


def load_model(folder: Path) -> tuple[ReaderModel, list[str]]:
    """A model with the weights of a folder, in float32, and the names of weights the folder lacks (fresh heads).

    Raises WeightsError when files or encoder weights are missing, or a file is damaged. Weights the reader has no use for are
    left out.
    """
    if not (folder / CONFIG_FILE).is_file() or not (folder / WEIGHTS_FILE).is_file():
        raise WeightsError(f"{folder} has no {CONFIG_FILE} and {WEIGHTS_FILE}: give a folder with BERT weights")
    try:
        config: dict[str, Any] = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except ValueError as error:
        raise WeightsError(damaged(folder / CONFIG_FILE, error)) from error
    try:
        stored = load_file(str(folder / WEIGHTS_FILE))
    except SafetensorError as error:
        raise WeightsError(damaged(folder / WEIGHTS_FILE, error)) from error
    model = ReaderModel(config)
    # A bare encoder (sentence-transformers) names its weights without the "bert." in front.
    bare = not any(name.startswith("bert.") for name in stored)
    named = {f"bert.{name}" if bare else name: tensor.float() for name, tensor in stored.items()}
    wanted = model.state_dict()
    result = model.load_state_dict({name: t for name, t in named.items() if name in wanted}, strict=False)
    fresh = list(result.missing_keys)
    if any(name.startswith("bert.") for name in fresh):
        raise WeightsError(f"{folder / WEIGHTS_FILE} lacks encoder weights: {', '.join(fresh[:3])} ...")
    return model, fresh


@dataclass(frozen=True)
class Losses:
    """Mean losses of a batch, in nats: ``span`` (start and end averaged), ``relevance`` (0 when none is to learn), ``early``,
    and ``together`` (0 where every window stands by itself)."""

    span: Tensor
    relevance: Tensor
    early: Tensor
    together: Tensor


@dataclass(frozen=True)
class Lesson:
    """What teachers make of a batch: probabilities of its first and last token, float32 ``[batch, tokens]``, 0 where no
    span may begin or end."""

    start: Tensor
    end: Tensor


@torch.no_grad()
def teach(teachers: Sequence[ReaderModel], batch: Batch, kind: torch.dtype = torch.float32) -> Lesson:
    """The mean of the teachers' probabilities. Raises ValueError without a teacher."""
    if not teachers:
        raise ValueError("name at least one teacher")
    starts, ends = [], []
    for teacher in teachers:
        given = teacher(batch, kind)
        starts.append(_over_allowed(given.start, batch).softmax(-1))
        ends.append(_over_allowed(given.end, batch).softmax(-1))
    return Lesson(torch.stack(starts).mean(0), torch.stack(ends).mean(0))


def _over_allowed(logits: Tensor, batch: Batch) -> Tensor:
    return logits.masked_fill(~batch.allowed, -1e4)


def losses(
    model: ReaderModel,
    batch: Batch,
    kind: torch.dtype = torch.float32,
    lesson: Lesson | None = None,
    share: float = 0.5,
) -> Losses:
    """Cross-entropy of start and end over the allowed positions, and binary cross-entropy of the relevance.

    With a ``lesson``, ``share`` of the span's loss is the cross-entropy with the teachers' probabilities instead of
    with the marked answer (Hinton et al. 2015, at temperature 1; Furlanello et al. 2018 for teachers of the student's
    own size). The early look learns the relevance too and, where that is not known, what the last layer makes of it.
    ``together`` is the loss of :func:`together`, start and end averaged.
    """
    given = model(batch, kind)
    start, end = _over_allowed(given.start, batch), _over_allowed(given.end, batch)
    span = 0.5 * (functional.cross_entropy(start, batch.start) + functional.cross_entropy(end, batch.end))
    if lesson is not None:
        told = 0.5 * (functional.cross_entropy(start, lesson.start) + functional.cross_entropy(end, lesson.end))
        span = (1 - share) * span + share * told
    known = (batch.relevance != IGNORED).float()
    each = functional.binary_cross_entropy_with_logits(
        given.relevance, batch.relevance.clamp(min=0.0), reduction="none"
    )
    aim = torch.where(known > 0, batch.relevance, given.relevance.detach().sigmoid())
    early = functional.binary_cross_entropy_with_logits(given.early, aim)
    among = 0.5 * (together(start, batch.start, batch.group) + together(end, batch.end, batch.group))
    return Losses(span, (each * known).sum() / known.sum().clamp(min=1.0), early, among)


def together(logits: Tensor, target: Tensor, group: Tensor) -> Tensor:
    """Mean cross-entropy of one answer among all passages of its question.

    What counts of a position is its logit above that of position 0, "not here", of its own window, which is what answers
    of different passages are ranked by; "in none of them" has 0. For a window by itself it is the usual cross-entropy. After
    Clark & Gardner 2018, "Simple and effective multi-paragraph reading comprehension", section 3.3 (shared normalization).

    Args:
        logits: float32 ``[batch, tokens]``; very low where no span may begin or end.
        target: int64 ``[batch]``; 0 in windows that do not hold the answer. At most one window of a group holds it.
        group: int64 ``[batch]``, numbers from 0 on.

    Returns:
        The mean over groups of at least two windows, a scalar in nats; 0 where there are none.
    """
    count = int(group.max()) + 1
    above = logits - logits[:, :1]
    # Each window's sum without position 0, and one place more for "none".
    mass = above[:, 1:].logsumexp(-1)
    members = group.unsqueeze(0) == torch.arange(count, device=group.device).unsqueeze(1)
    spread = mass.unsqueeze(0).masked_fill(~members, float("-inf"))
    total = torch.cat([spread, torch.zeros_like(spread[:, :1])], 1).logsumexp(-1)
    marked = above.gather(1, target.unsqueeze(1))[:, 0]
    gold = torch.zeros_like(total).index_add(0, group, marked)
    several = (members.sum(1) > 1).float()
    return ((total - gold) * several).sum() / several.sum().clamp(min=1.0)
