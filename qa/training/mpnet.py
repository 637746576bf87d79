"""An MPNet encoder (Song et al. 2020) behind the reader's heads: four times the size of the reader that ships, to teach it.

Its vocabulary is BERT's with four tokens in front, so both cut texts into the same tokens and a teacher's probabilities are
those of the student's positions. Imports torch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from qa.training.encoder import dropped, linear, norm

# Numbers of [PAD], [CLS], [SEP] and [MASK] in BERT's uncased vocabulary, and those of <pad>, <s>, </s> and <mask> in MPNet's.
SPECIAL = {0: 1, 101: 0, 102: 2, 103: 30526}
SHIFT = 4
# Positions are counted from here on: the numbers below are the padding's.
FIRST_POSITION = 2
FURTHEST = 128


def translated(ids: Tensor) -> Tensor:
    """Numbers of BERT's uncased vocabulary as those of the same tokens in MPNet's, int64 of the same shape."""
    found = ids + SHIFT
    for bert, mpnet in SPECIAL.items():
        found = found.masked_fill(ids == bert, mpnet)
    return found


def buckets(length: int, count: int, device: torch.device) -> Tensor:
    """Which of ``count`` learned numbers stands for each distance between two positions, int64 ``[length, length]``.

    Half are for each direction; of these, half for one distance each and the others, ever wider, up to ``FURTHEST`` tokens
    (Raffel et al. 2020, T5, section 2.1).
    """
    places = torch.arange(length, device=device)
    # As in the published weights: the later half is for keys before the query's position.
    back = places[:, None] - places[None, :]
    half = count // 2
    exact = half // 2
    far = back.abs()
    wide = (far.clamp(min=1).float() / exact).log() / math.log(FURTHEST / exact) * (half - exact)
    number = torch.where(far < exact, far, (exact + wide.long()).clamp(max=half - 1))
    return number + (back < 0).long() * half


def encode(
    mpnet: Any, ids: Tensor, mask: Tensor, kind: torch.dtype, dropout: float = 0.0, after: Sequence[int] | None = None
) -> list[Tensor]:
    """As :func:`qa.training.encoder.encode` for a ``transformers.MPNetModel``, from the same ``ids`` of BERT's vocabulary.

    MPNet does not tell question and passage apart by number, only by the token between them. What it adds to attention
    for the distance of two positions stays as it is: with a gradient, the fast kernel could not be used.
    """
    config = mpnet.config
    heads, width = int(config.num_attention_heads), int(config.hidden_size)
    rows, length = ids.shape
    table = mpnet.embeddings
    places = table.position_embeddings.weight[FIRST_POSITION : FIRST_POSITION + length]
    x = norm(table.word_embeddings(translated(ids)) + places, table.LayerNorm)
    x = dropped(x, dropout).to(kind).reshape(rows * length, width)
    near = mpnet.encoder.relative_attention_bias.weight.detach()
    numbers = buckets(length, int(config.relative_attention_num_buckets), ids.device)
    bias = near[numbers].permute(2, 0, 1).unsqueeze(0).float()
    bias = bias + torch.zeros((rows, 1, 1, length), device=ids.device).masked_fill_(mask[:, None, None, :] == 0, -1e4)
    wanted = [len(mpnet.encoder.layer)] if after is None else list(after)
    found: list[Tensor] = []
    for number, layer in enumerate(mpnet.encoder.layer[: wanted[-1]], start=1):
        own = layer.attention.attn
        weight = torch.cat([own.q.weight, own.k.weight, own.v.weight])
        offset = torch.cat([own.q.bias, own.k.bias, own.v.bias])
        joint = functional.linear(x, weight.to(kind), offset.to(kind)).float()
        q, k, v = joint.view(rows, length, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        mixed = mixed.transpose(1, 2).reshape(rows * length, width).to(kind)
        x = norm(dropped(linear(mixed, own.o), dropout) + x, layer.attention.LayerNorm)
        wide = functional.gelu(linear(x, layer.intermediate.dense))
        x = norm(dropped(linear(wide, layer.output.dense), dropout) + x, layer.output.LayerNorm)
        if number in wanted:
            found.append(x.view(rows, length, width))
    return found
