"""A sentence encoder as an ONNX graph: BERT, mean over the tokens, length 1.

The graph holds no weights, only their names and shapes: it is some kilobytes, and the weights are handed to ONNX Runtime
from the file whose hash was checked. Its nodes are ONNX Runtime's fused ones where there are such, in fp32 throughout
or, as :mod:`index.encoder.int8` has it, mostly in int8.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from index.encoder.files import float32, read_config
from index.encoder.int8 import int8_layer
from index.errors import ModelError

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto

GRAPH_VERSION = 2
"""To be raised with every change of the graph, since built graphs are kept from run to run."""
Precision = Literal["int8", "fp32"]

_CONTRIB = "com.microsoft"
_OPSET = 17
_IR_VERSION = 8

Weights = dict[str, NDArray[Any]]
"""float32, and in the int8 graph also int8."""


@dataclass(frozen=True, slots=True)
class BertShape:
    """Sizes of a BERT. ``epsilon`` is that of its layer norms; ``positions`` the tokens that it can tell apart by place."""

    layers: int
    hidden: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The sizes in ``config.json`` of ``folder``.

        Raises:
            ModelError: the file is missing, lacks a size, or describes another kind of network.
        """
        config = read_config(folder, "config.json")
        for name, value in (("model_type", "bert"), ("hidden_act", "gelu"), ("position_embedding_type", "absolute")):
            if config.get(name, value) != value:
                raise ModelError(f"{folder / 'config.json'}: {name} must be {value}, not {config[name]}.")
        try:
            return cls(
                layers=int(config["num_hidden_layers"]),
                hidden=int(config["hidden_size"]),
                heads=int(config["num_attention_heads"]),
                inner=int(config["intermediate_size"]),
                vocabulary=int(config["vocab_size"]),
                positions=int(config["max_position_embeddings"]),
                types=int(config["type_vocab_size"]),
                epsilon=float(config["layer_norm_eps"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{folder / 'config.json'} does not tell the encoder's sizes: {error!r}.") from error


def graph_weights(tensors: dict[str, NDArray[Any]], shape: BertShape) -> Weights:
    """The weights as the graph takes them, by the names it has for them.

    Args:
        tensors: those of Hugging Face's ``BertModel``, by its names; others are left out.
        shape: the sizes they must have.

    Returns:
        float32 arrays. Matrices are ``[inputs, outputs]``, the other way round than torch keeps them; those of query,
        key and value are one; the first segment's vector is part of every position, as all texts are first segments.

    Raises:
        ModelError: a tensor is missing or of another type or shape.
    """
    hidden, inner = shape.hidden, shape.inner
    words = float32(tensors, "embeddings.word_embeddings.weight", (shape.vocabulary, hidden))
    positions = float32(tensors, "embeddings.position_embeddings.weight", (shape.positions, hidden))
    types = float32(tensors, "embeddings.token_type_embeddings.weight", (shape.types, hidden))
    weights = {"words": words, "positions": positions + types[0]}

    def linear(name: str, parts: list[str], inputs: int, outputs: int) -> None:
        matrices = [float32(tensors, f"{part}.weight", (outputs, inputs)) for part in parts]
        weights[f"{name}.weight"] = np.ascontiguousarray(np.concatenate(matrices).T)
        weights[f"{name}.bias"] = np.concatenate([float32(tensors, f"{part}.bias", (outputs,)) for part in parts])

    def norm(name: str, part: str) -> None:
        weights[f"{name}.weight"] = float32(tensors, f"{part}.weight", (hidden,))
        weights[f"{name}.bias"] = float32(tensors, f"{part}.bias", (hidden,))

    norm("norm", "embeddings.LayerNorm")
    for number in range(shape.layers):
        ours, theirs = f"{number}", f"encoder.layer.{number}"
        parts = [f"{theirs}.attention.self.{part}" for part in ("query", "key", "value")]
        linear(f"{ours}.qkv", parts, hidden, hidden)
        linear(f"{ours}.mix", [f"{theirs}.attention.output.dense"], hidden, hidden)
        norm(f"{ours}.norm1", f"{theirs}.attention.output.LayerNorm")
        linear(f"{ours}.up", [f"{theirs}.intermediate.dense"], hidden, inner)
        linear(f"{ours}.down", [f"{theirs}.output.dense"], inner, hidden)
        norm(f"{ours}.norm2", f"{theirs}.output.LayerNorm")
    return weights


@dataclass
class GraphBuilder:
    """Collects nodes and weights' places; every method returns the name of the value it made."""

    nodes: list[NodeProto] = field(default_factory=list)
    initializers: list[TensorProto] = field(default_factory=list)

    def weight(self, name: str, *dims: int, dtype: type = np.float32) -> str:
        """The place of a weight that is handed over when the graph is loaded."""
        from onnx import StringStringEntryProto, TensorProto, helper

        self.initializers.append(
            TensorProto(
                name=name,
                data_type=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)),
                dims=dims,
                data_location=TensorProto.EXTERNAL,
                # Required, but no file is looked for: the weight is handed over instead.
                external_data=[StringStringEntryProto(key="location", value="weights")],
            )
        )
        return name

    def constant(self, name: str, value: np.generic | NDArray[Any]) -> str:
        """A number or an array that stands in the graph itself, once however often it is used."""
        from onnx import numpy_helper

        if all(tensor.name != name for tensor in self.initializers):
            self.initializers.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, op: str, inputs: list[str], *outputs: str, contrib: bool = False, **attributes: Any) -> str:
        """A node named like its first output."""
        from onnx import helper

        domain = _CONTRIB if contrib else ""
        self.nodes.append(helper.make_node(op, inputs, list(outputs), name=outputs[0], domain=domain, **attributes))
        return outputs[0]

    def product(self, x: str, name: str, inputs: int, outputs: int) -> str:
        """``x`` times a weight matrix, in fp32."""
        return self.node("MatMul", [x, self.weight(f"{name}.weight", inputs, outputs)], name)

    def skip_norm(self, x: str, skipped: str, name: str, bias: str, shape: BertShape) -> str:
        """Layer norm of ``x + skipped + bias``."""
        names = [
            x,
            skipped,
            self.weight(f"{name}.weight", shape.hidden),
            self.weight(f"{name}.bias", shape.hidden),
            self.weight(bias, shape.hidden),
        ]
        return self.node("SkipLayerNormalization", names, name, contrib=True, epsilon=shape.epsilon)


def build_graph(shape: BertShape, precision: Precision) -> bytes:
    """The serialized ONNX model of an encoder of ``shape``; the same bytes every time with one version of ``onnx``.

    Inputs ``input_ids`` and ``attention_mask``: int64 ``[texts, tokens]``, padding on the right with mask 0, at least one
    token a text. Output ``vectors``: float32 ``[texts, hidden]``, rows of length 1. The weights are external tensors by the
    names of :func:`graph_weights`, or for int8 of :func:`index.encoder.int8.int8_weights`.

    Raises:
        ModelError: the package ``onnx`` is not installed.
    """
    try:
        from onnx import TensorProto, helper
    except ImportError as error:
        raise ModelError("The package onnx is missing. Run: pip install onnx") from error

    b = GraphBuilder()
    # The fused nodes want 32-bit ids and masks.
    b.node("Cast", ["input_ids"], "ids", to=TensorProto.INT32)
    b.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    b.weight("words", shape.vocabulary, shape.hidden)
    b.weight("positions", shape.positions, shape.hidden)
    b.weight("norm.weight", shape.hidden)
    b.weight("norm.bias", shape.hidden)
    # Its second output is each text's number of tokens, the form of mask that Attention handles fastest.
    x = b.node(
        "EmbedLayerNormalization",
        ["ids", "", "words", "positions", "", "norm.weight", "norm.bias", "mask"],
        "embedded",
        "lengths",
        contrib=True,
        epsilon=shape.epsilon,
    )
    layer = int8_layer if precision == "int8" else _layer
    for number in range(shape.layers):
        x = layer(b, x, number, shape)
    # The sum over the tokens instead of the mean: the length is set to 1 afterwards anyway.
    b.initializers.append(helper.make_tensor("axis", TensorProto.INT64, [1], [1]))
    weights = b.node("Unsqueeze", [b.node("Cast", ["attention_mask"], "ones", to=TensorProto.FLOAT), "axis"], "row")
    total = b.node("Squeeze", [b.node("MatMul", [weights, x], "sums"), "axis"], "sum")
    b.node("LpNormalization", [total], "vectors", axis=1, p=2)

    dims = ["texts", "tokens"]
    graph = helper.make_graph(
        b.nodes,
        "footnote-encoder",
        [helper.make_tensor_value_info(name, TensorProto.INT64, dims) for name in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", shape.hidden])],
        b.initializers,
    )
    return serialized_model(graph)


def serialized_model(graph: GraphProto) -> bytes:
    """The bytes of the model of ``graph``, the same for the same graph with one version of ``onnx``."""
    from onnx import helper

    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIB, 1)],
        ir_version=_IR_VERSION,
        producer_name="footnote",
    )
    serialized: bytes = model.SerializeToString(deterministic=True)
    return serialized


def _layer(b: GraphBuilder, x: str, number: int, shape: BertShape) -> str:
    hidden, inner = shape.hidden, shape.inner
    qkv = [b.weight(f"{number}.qkv.weight", hidden, 3 * hidden), b.weight(f"{number}.qkv.bias", 3 * hidden)]
    mixed = b.node("Attention", [x, *qkv, "lengths"], f"{number}.mixed", contrib=True, num_heads=shape.heads)
    projected = b.product(mixed, f"{number}.mix", hidden, hidden)
    x = b.skip_norm(projected, x, f"{number}.norm1", f"{number}.mix.bias", shape)
    wide = b.product(x, f"{number}.up", hidden, inner)
    wide = b.node("BiasGelu", [wide, b.weight(f"{number}.up.bias", inner)], f"{number}.gelu", contrib=True)
    narrow = b.product(wide, f"{number}.down", inner, hidden)
    return b.skip_norm(narrow, x, f"{number}.norm2", f"{number}.down.bias", shape)
