"""The parts of the reader's ONNX graphs, node by node (:mod:`qa.training.graph` puts them together).

Writing the graph by hand instead of tracing the torch model keeps three things in our hands: which products are
computed in int8, that the embedding table (a third of all weights) is stored in int8 too, and that the file does
not change when an exporter does. The architecture is BERT (Devlin et al. 2019, post-layer-norm encoder).

Precisions of the products with a weight matrix (int8 weights always have one scale per output column):

``fp32``    plain ``MatMul``, for comparison;
``dynamic`` ``DynamicQuantizeMatMul``: activations uint8 with ONE scale for the whole batch, so a result depends on
            what else is in the batch (measured: logits move by up to 1.7, one best span in eleven changes);
``rows``    activations uint8 with one scale a token: the same result in any batch, and closer to fp32;
``mixed``   ``dynamic`` before and after attention, where it costs next to nothing (logits differ from fp32 by 0.064
            instead of 0.058, root mean square), and ``rows`` in the feed-forward layers, where it does (0.14). For
            windows that are run alone, as ONNX Runtime's backend does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from onnx import NodeProto, TensorProto, helper, numpy_helper

Precision = Literal["fp32", "dynamic", "rows", "mixed"]
Weights = Mapping[str, npt.NDArray[np.float32]]

CONTRIB = "com.microsoft"


@dataclass(frozen=True)
class GraphOptions:
    """How to store and compute the weights.

    ``precision`` applies to the encoder's products, except in the first ``fp32_layers`` layers. ``padding``: whether
    batches may be padded; without it there is no ``attention_mask``, which takes 4 % of the time. ``int8_embeddings``
    stores the word vectors as int8 with one scale a row. ``weight_bits`` of 7 halves the range of the weights, so that
    processors whose int8 products saturate at 16 bits (x86 before VNNI) give the same results as others.
    """

    precision: Precision = "mixed"
    padding: bool = False
    int8_embeddings: bool = True
    fp32_layers: int = 0
    weight_bits: int = 8


def quantize_rows(
    matrix: npt.NDArray[np.float32], bits: int = 8
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Symmetric int8 of ``[rows, columns]``, one scale a row: returns ``(int8 [rows, columns], float32 [rows])``.

    ``matrix ~ q * scale[:, None]`` with ``q`` in -127..127 for 8 bits, -63..63 for 7; a row of zeros gets the scale 1.
    """
    most = 2 ** (bits - 1) - 1
    peak = np.abs(matrix).max(axis=1)
    scale = np.where(peak > 0, peak / most, 1.0).astype(np.float32)
    q = np.clip(np.rint(matrix / scale[:, None]), -most, most).astype(np.int8)
    return q, scale


@dataclass
class Builder:
    """Collects nodes and initializers; every method returns the name of the value it made."""

    options: GraphOptions
    nodes: list[NodeProto] = field(default_factory=list)
    initializers: list[TensorProto] = field(default_factory=list)

    def const(self, name: str, array: npt.NDArray[Any]) -> str:
        """An initializer."""
        self.initializers.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def shared(self, name: str, array: npt.NDArray[Any]) -> str:
        """An initializer that several nodes use."""
        if all(tensor.name != name for tensor in self.initializers):
            self.const(name, array)
        return name

    def node(self, op: str, inputs: list[str], name: str, domain: str = "", **attributes: Any) -> str:
        """A node of one output, named as it is."""
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def linear(
        self,
        x: str,
        weight: npt.NDArray[np.float32],
        bias: npt.NDArray[np.float32],
        name: str,
        precision: Precision,
    ) -> str:
        """``x [.., inputs] @ weight.T + bias`` with ``weight [outputs, inputs]``, as torch stores it."""
        b = self.const(f"{name}.bias", bias)
        if precision == "fp32":
            w = self.const(f"{name}.weight", weight.T)
            return self.node("Add", [self.node("MatMul", [x, w], f"{name}.product"), b], name)
        q, scale = quantize_rows(weight, self.options.weight_bits)
        if precision == "dynamic":
            w = self.const(f"{name}.weight", q.T)
            s = self.const(f"{name}.scale", scale)
            z = self.const(f"{name}.zero", np.zeros(len(weight), dtype=np.int8))
            return self.node("DynamicQuantizeMatMul", [x, w, s, z, b], name, CONTRIB)
        return self._linear_rows(x, q, scale, b, name)

    def _linear_rows(
        self,
        x: str,
        q: npt.NDArray[np.int8],
        scale: npt.NDArray[np.float32],
        bias: str,
        name: str,
    ) -> str:
        """Product with one activation scale a token: divide each row by its peak, quantize -1..1, multiply back."""
        peak = self.node("ReduceMax", [self.node("Abs", [x], f"{name}.abs")], f"{name}.max", axes=[-1], keepdims=1)
        floor = self.shared("rows.floor", np.array(1e-6, dtype=np.float32))
        peak = self.node("Max", [peak, floor], f"{name}.peak")
        unit = self.node("Div", [x, peak], f"{name}.unit")
        step = self.shared("rows.step", np.array(1 / 127, dtype=np.float32))
        zero = self.shared("rows.zero", np.array(128, dtype=np.uint8))
        rows = self.node("QuantizeLinear", [unit, step, zero], f"{name}.uint8")
        product = self.node(
            "MatMulIntegerToFloat",
            [
                rows,
                self.const(f"{name}.weight", q.T),
                step,
                self.const(f"{name}.scale", scale),
                zero,
                self.const(f"{name}.zero", np.zeros(len(scale), dtype=np.int8)),
            ],
            f"{name}.product",
            CONTRIB,
        )
        return self.node("Add", [self.node("Mul", [product, peak], f"{name}.scaled"), bias], name)

    def normalise(self, x: str, weights: Weights, prefix: str, epsilon: float, name: str) -> str:
        """A layer norm over the last axis of ``x``."""
        scale = self.const(f"{prefix}.weight", weights[f"{prefix}.weight"])
        shift = self.const(f"{prefix}.bias", weights[f"{prefix}.bias"])
        return self.node("LayerNormalization", [x, scale, shift], name, axis=-1, epsilon=epsilon)


def embeddings(b: Builder, weights: Weights, epsilon: float) -> str:
    """The name of the embedded tokens, float32 ``[batch, tokens, hidden]``, of the inputs of the graph."""
    table = weights["bert.embeddings.word_embeddings.weight"]
    if b.options.int8_embeddings:
        q, scale = quantize_rows(table)
        rows = b.node("Gather", [b.const("words.int8", q), "input_ids"], "words.rows")
        cast = b.node("Cast", [rows], "words.cast", to=TensorProto.FLOAT)
        scales = b.node("Gather", [b.const("words.scale", scale[:, None]), "input_ids"], "words.scales")
        words = b.node("Mul", [cast, scales], "words")
    else:
        words = b.node("Gather", [b.const("words.float", table), "input_ids"], "words")
    kinds = b.node(
        "Gather",
        [
            b.const("kinds.table", weights["bert.embeddings.token_type_embeddings.weight"]),
            "token_type_ids",
        ],
        "kinds",
    )
    one, zero = b.shared("int.one", np.array([1])), b.const("int.zero", np.array([0]))
    length = b.node(
        "Slice", [b.node("Shape", ["input_ids"], "shape"), one, b.const("int.two", np.array([2]))], "length"
    )
    table_name = b.const("positions.table", weights["bert.embeddings.position_embeddings.weight"])
    positions = b.node("Slice", [table_name, zero, length], "positions")
    total = b.node("Add", [b.node("Add", [words, kinds], "words.kinds"), positions], "embedded")
    return b.normalise(total, weights, "bert.embeddings.LayerNorm", epsilon, "embedded.norm")


def layer(b: Builder, x: str, weights: Weights, number: int, heads: int, epsilon: float) -> str:
    """What encoder layer ``number`` makes of ``x``, of the same shape."""
    p = f"bert.encoder.layer.{number}"
    precision: Precision = "fp32" if number < b.options.fp32_layers else b.options.precision
    beside: Precision = "dynamic" if precision == "mixed" else precision
    within: Precision = "rows" if precision == "mixed" else precision
    # One product for query, key and value: the activations are quantized once and the matrix is wider.
    parts = [f"{p}.attention.self.{which}" for which in ("query", "key", "value")]
    weight = np.concatenate([weights[f"{part}.weight"] for part in parts])
    bias = np.concatenate([weights[f"{part}.bias"] for part in parts])
    joint = b.linear(x, weight, bias, f"{p}.qkv", beside)
    names = [f"{p}.q", f"{p}.k", f"{p}.v"]
    b.nodes.append(helper.make_node("Split", [joint], names, name=f"{p}.split", axis=-1))
    mask = ["", "mask"] if b.options.padding else []
    mixed = b.node("MultiHeadAttention", [*names, *mask], f"{p}.mixed", CONTRIB, num_heads=heads)
    out = f"{p}.attention.output"
    projected = b.linear(mixed, weights[f"{out}.dense.weight"], weights[f"{out}.dense.bias"], f"{p}.o", beside)
    x = b.normalise(b.node("Add", [projected, x], f"{p}.sum1"), weights, f"{out}.LayerNorm", epsilon, f"{p}.x1")
    up = f"{p}.intermediate.dense"
    wide = b.linear(x, weights[f"{up}.weight"], weights[f"{up}.bias"], f"{p}.up", within)
    # By tanh (Hendrycks & Gimpel 2016, section 2), unless compared with others: 2 % faster, off by less than int8 is.
    wide = b.node("Gelu" if precision == "fp32" else "FastGelu", [wide], f"{p}.gelu", CONTRIB)
    down = f"{p}.output"
    narrow = b.linear(wide, weights[f"{down}.dense.weight"], weights[f"{down}.dense.bias"], f"{p}.down", within)
    return b.normalise(b.node("Add", [narrow, x], f"{p}.sum2"), weights, f"{down}.LayerNorm", epsilon, f"{p}.x2")
