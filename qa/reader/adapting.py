"""The second stage of a reader with small changes to its products: what compares places goes on from the same first stage.

A change is of low rank (Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", section 4.1): the weight ``W``,
``[outputs, inputs]``, becomes ``W + 2 B A`` with ``A`` ``[rank, inputs]`` and ``B`` ``[outputs, rank]``. They are added when
the network is loaded, so that 2.5 MB ship instead of the 14 MB that a network of its own would take.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.encoder.int8 import quantize_columns
from index.errors import ModelError

SCALE = 2.0
"""What the product of a change's two matrices counts."""
PARTS = ("qkv", "o", "up", "down")
"""The products of a layer, by their names in the graph."""
_LAYER = re.compile(r"bert\.encoder\.layer\.(\d+)\.")
_END = re.compile(r"bert\.encoder\.layer\.(\d+)\.x2")


def adapted(rest: Path, arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """An ONNX model with the input ``hidden`` of ``rest`` and the output ``last``: what its last changed layer gives.

    Args:
        rest: the second stage of a reader (:func:`qa.training.graph.build_stages`).
        arrays: ``NAME.a`` and ``NAME.b`` for products ``NAME``. What ``rest`` does after the last layer with one is left out;
            without any, all of its layers stay.

    Raises:
        ModelError: it lacks one of the products, or one of them has another shape.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(str(rest))
    graph = model.graph
    stored = {tensor.name: tensor for tensor in graph.initializer}
    try:
        for name in sorted(key.removesuffix(".a") for key in arrays if key.endswith(".a")):
            weight, scale = stored[f"{name}.weight"], stored[f"{name}.scale"]
            plain = numpy_helper.to_array(weight).astype(np.float32) * numpy_helper.to_array(scale)
            change = SCALE * (arrays[f"{name}.b"].astype(np.float32) @ arrays[f"{name}.a"].astype(np.float32))
            int8, scales = quantize_columns(plain + change.T)
            weight.CopyFrom(numpy_helper.from_array(int8, weight.name))
            scale.CopyFrom(numpy_helper.from_array(scales, scale.name))
    except (KeyError, ValueError) as error:
        raise ModelError(f"The changes of pairs.safetensors do not fit {rest}: {error}. Reinstall Footnote.") from error
    stand = [int(found[1]) for node in graph.node if (found := _END.fullmatch(node.output[0]))]
    changed = [int(found[1]) for name in arrays if (found := _LAYER.match(name))]
    if not stand or not set(changed) <= set(stand):
        raise ModelError(f"{rest} lacks the layers that pairs.safetensors changes. Reinstall Footnote.")
    last = f"bert.encoder.layer.{max(changed or stand)}.x2"
    kept = [*_leading_to(graph.node, last), helper.make_node("Identity", [last], ["last"])]
    del graph.node[:], graph.output[:]
    graph.node.extend(kept)
    used = {name for node in kept for name in node.input}
    tensors = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(tensors)
    graph.output.append(helper.make_tensor_value_info("last", TensorProto.FLOAT, ["batch", "tokens", "width"]))
    return bytes(model.SerializeToString())


def _leading_to(nodes: Sequence[Any], output: str) -> list[Any]:
    """Those of ``nodes``, which are in an order they can run in, that ``output`` needs."""
    needed, kept = {output}, []
    for node in reversed(nodes):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    return kept[::-1]
