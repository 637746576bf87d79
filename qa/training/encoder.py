"""The same BERT encoder, computed faster on a processor than by the library's module; weights stay in that module.

What differs, each measured: query, key and value in one product; attention itself in float32 (the bfloat16 kernel's
backward pass is half as fast); everything between the products stays in one type, so nothing is converted forth and
back. Imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def encode(
    bert: Any,
    ids: Tensor,
    mask: Tensor,
    kinds: Tensor,
    kind: torch.dtype,
    dropout: float = 0.0,
    after: Sequence[int] | None = None,
) -> list[Tensor]:
    """Hidden states ``[batch, tokens, hidden]``, in ``kind``, of a ``transformers.BertModel``: those after each number of
    layers in ``after``, which ascends, at least 1; after all layers for ``None``.

    ``ids``, ``mask`` (1 for tokens, 0 for padding) and ``kinds`` are int64 ``[batch, tokens]``. ``kind`` is the type of
    products and activations; gradients reach the weights in their own type. ``dropout`` is the probability in 0..1 with
    which a number of the embeddings, or of what a layer adds to its input, becomes 0 (Srivastava et al. 2014). That of
    BERT on the attention weights is left out: it would need a slower kernel.
    """
    config = bert.config
    heads = int(config.num_attention_heads)
    rows, length = ids.shape
    width = int(config.hidden_size)
    table = bert.embeddings
    x = table.word_embeddings(ids) + table.token_type_embeddings(kinds) + table.position_embeddings.weight[:length]
    x = dropped(norm(x, table.LayerNorm), dropout).to(kind).reshape(rows * length, width)
    bias = torch.zeros((rows, 1, 1, length), dtype=torch.float32, device=ids.device)
    bias.masked_fill_(mask[:, None, None, :] == 0, -1e4)
    wanted = [len(bert.encoder.layer)] if after is None else list(after)
    found: list[Tensor] = []
    for number, layer in enumerate(bert.encoder.layer[: wanted[-1]], start=1):
        self_attention, output = layer.attention.self, layer.attention.output
        parts = (self_attention.query, self_attention.key, self_attention.value)
        weight = torch.cat([part.weight for part in parts])
        offset = torch.cat([part.bias for part in parts])
        joint = functional.linear(x, weight.to(kind), offset.to(kind)).float()
        q, k, v = joint.view(rows, length, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        mixed = mixed.transpose(1, 2).reshape(rows * length, width).to(kind)
        x = norm(dropped(linear(mixed, output.dense), dropout) + x, output.LayerNorm)
        wide = functional.gelu(linear(x, layer.intermediate.dense))
        x = norm(dropped(linear(wide, layer.output.dense), dropout) + x, layer.output.LayerNorm)
        if number in wanted:
            found.append(x.view(rows, length, width))
    return found


def dropped(x: Tensor, dropout: float) -> Tensor:
    """``x`` with numbers set to 0 with probability ``dropout``, rounded to 256ths, and the others raised to make up for it.

    One random byte decides on each number, eight of them from one draw: the library's own dropout draws for each number,
    which took a tenth of a training step.
    """
    out_of_256 = round(dropout * 256)
    if not out_of_256:
        return x
    words = -(-x.numel() // 8)
    # The generator of the processor, whatever device ``x`` is on: what is dropped follows from its seed.
    noise = torch.empty(words, dtype=torch.int64).random_(-(2**63), 2**63 - 1).view(torch.uint8)
    kept = (noise[: x.numel()].view(x.shape) >= out_of_256).to(x.device)
    return x * (kept.to(x.dtype) * (256 / (256 - out_of_256)))


def linear(x: Tensor, module: Any) -> Tensor:
    """``module``, a ``Linear``, in the type of ``x``."""
    return functional.linear(x, module.weight.to(x.dtype), module.bias.to(x.dtype))


def norm(x: Tensor, module: Any) -> Tensor:
    """``module``, a ``LayerNorm``, in the type of ``x``."""
    return functional.layer_norm(
        x, module.normalized_shape, module.weight.to(x.dtype), module.bias.to(x.dtype), module.eps
    )
