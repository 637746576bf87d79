"""The encoder's matrix products in 8-bit integers, which processors do several times as fast as in fp32.

Weights are int8 with one scale for each output column. Activations are uint8 with one scale for each token, taken as the
products run, so the vector of a text does not depend on the texts beside it.

What the attention heads mix, the "values", is computed in fp32: their rounding alone would make up most of the distance to
the official vectors (mean cosine 0.9973 with values in int8, 0.9990 with them in fp32, on 120 passages). Heads with nothing to
say look at the separator, whose values are close to zero (Clark et al. 2019, "What Does BERT Look At?", section 3.2), and
an error there is added to every token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from index.encoder.graph import BertShape, GraphBuilder, Weights

PRODUCTS = ("queries_keys", "mix", "up", "down")
"""The products of a layer that are computed in int8."""

_MOST = 127
_MIDDLE = 128
_TINY = 1e-30
# GELU gives nothing below -0.17, so nearly the whole range can go to what lies above 0.
_GELU_ZERO = 40
_PROBED = 64
PROBE = np.full((1, _PROBED), 255, dtype=np.uint8)
PROBE_RESULT = 255.0 * _MOST * _PROBED


def quantize_columns(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """int8 of a float32 matrix ``[inputs, outputs]`` with one scale for each output.

    Returns:
        int8 ``[inputs, outputs]`` in -127 to 127, and the scales, float32 ``[outputs]``; their product is close to
        ``matrix``. A column of zeros has the scale 1, and so has one of numbers so small that a scale would be 0.
    """
    largest = np.abs(matrix).max(axis=0)
    scale = np.where(largest > _TINY, largest / _MOST, 1.0).astype(np.float32)
    return np.rint(matrix / scale).astype(np.int8), scale


def int8_weights(weights: Weights, shape: BertShape) -> Weights:
    """The weights of :func:`index.encoder.graph.graph_weights` as the int8 graph takes them.

    Query and key stay one matrix, the value gets its own in float32, and every other matrix of a layer becomes int8 with
    ``NAME.scale`` beside it. What is not a matrix of a layer is handed on as it is.
    """
    found = dict(weights)
    for number in range(shape.layers):
        joint = found.pop(f"{number}.qkv.weight")
        found[f"{number}.values.weight"] = np.ascontiguousarray(joint[:, 2 * shape.hidden :])
        found[f"{number}.queries_keys.weight"] = joint[:, : 2 * shape.hidden]
        for product in PRODUCTS:
            name = f"{number}.{product}"
            found[f"{name}.weight"], found[f"{name}.scale"] = quantize_columns(found[f"{name}.weight"])
    return found


def int8_layer(b: GraphBuilder, x: str, number: int, shape: BertShape) -> str:
    """One layer of the graph, reading the value named ``x``; returns the name of its result."""
    hidden, inner = shape.hidden, shape.inner
    both = _product(b, x, f"{number}.queries_keys", hidden, 2 * hidden)
    names = [f"{number}.queries", f"{number}.keys"]
    b.node("Split", [both], *names, axis=-1)
    values = b.node("MatMul", [x, b.weight(f"{number}.values.weight", hidden, hidden)], f"{number}.values")
    bias = b.weight(f"{number}.qkv.bias", 3 * hidden)
    mixed = b.node(
        "MultiHeadAttention", [*names, values, bias, "mask"], f"{number}.mixed", contrib=True, num_heads=shape.heads
    )
    projected = _product(b, mixed, f"{number}.mix", hidden, hidden)
    x = b.skip_norm(projected, x, f"{number}.norm1", f"{number}.mix.bias", shape)
    wide = _product(b, x, f"{number}.up", hidden, inner)
    wide = b.node("BiasGelu", [wide, b.weight(f"{number}.up.bias", inner)], f"{number}.gelu", contrib=True)
    narrow = _product(b, wide, f"{number}.down", inner, hidden, zero=_GELU_ZERO)
    return b.skip_norm(narrow, x, f"{number}.norm2", f"{number}.down.bias", shape)


def probe_graph() -> bytes:
    """A product whose exact result, :data:`PROBE_RESULT`, does not fit 16 bits on the way: input ``x``, uint8 ``[1, 64]``,
    output ``y``, float32 ``[1, 1]``.

    x86 processors without VNNI add pairs of 8-bit products in 16 bits and stop at the largest number that these hold.
    """
    from onnx import TensorProto, helper

    from index.encoder.graph import GraphBuilder, serialized_model

    b = GraphBuilder()
    weight = b.constant("weight", np.full((_PROBED, 1), _MOST, dtype=np.int8))
    one, none = b.constant("one", np.float32(1)), b.constant("none", np.uint8(0))
    b.node("MatMulIntegerToFloat", ["x", weight, one, one, none], "y", contrib=True)
    inputs = [helper.make_tensor_value_info("x", TensorProto.UINT8, [1, _PROBED])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1])]
    return serialized_model(helper.make_graph(b.nodes, "footnote-probe", inputs, outputs, b.initializers))


def _product(b: GraphBuilder, x: str, name: str, inputs: int, outputs: int, zero: int = _MIDDLE) -> str:
    """``x @ weight``: each token is divided by its largest number, rounded so that 0 is ``zero``, and scaled back."""
    largest = b.node("ReduceMax", [b.node("Abs", [x], f"{name}.abs")], f"{name}.max", axes=[-1], keepdims=1)
    largest = b.node("Max", [largest, b.constant("smallest", np.float32(1e-6))], f"{name}.largest")
    step, place = b.constant(f"step{zero}", np.float32(1 / (255 - zero))), b.constant(f"zero{zero}", np.uint8(zero))
    rounded = b.node("QuantizeLinear", [b.node("Div", [x, largest], f"{name}.unit"), step, place], f"{name}.uint8")
    weight = b.weight(f"{name}.weight", inputs, outputs, dtype=np.int8)
    scale = b.weight(f"{name}.scale", outputs)
    zeros = b.constant(f"zeros{outputs}", np.zeros(outputs, dtype=np.int8))
    product = b.node(
        "MatMulIntegerToFloat", [rounded, weight, step, scale, place, zeros], f"{name}.product", contrib=True
    )
    return b.node("Mul", [product, largest], name)
