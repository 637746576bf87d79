"""The reader's ONNX graphs from its weights: the whole network, or in two stages with an early look between them.

The first stage ends after a third of the layers with a logit that the window holds an answer; what looks hopeless is not put
through the second (early exit from a cascade: Xin et al. 2020, "DeeBERT"; here passages of one question compete, see
:mod:`qa.reader.early`). One stage after the other gives exactly what the whole network gives.

Weight names are those of Hugging Face's ``BertForQuestionAnswering``: ``bert.embeddings...``,
``bert.encoder.layer.N...``, ``qa_outputs.*``; ``relevance.weight`` ``[1, hidden]`` and ``relevance.bias`` ``[1]``,
``early.weight`` ``[1, 4 * hidden]`` and ``early.bias`` ``[1]`` are optional.
"""

from __future__ import annotations

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from qa.training.nodes import CONTRIB, Builder, GraphOptions, Weights, embeddings, layer
from qa.training.weights import early_layers

OPSET = 17
IR_VERSION = 8


def build_graph(weights: Weights, heads: int, epsilon: float, options: GraphOptions) -> ModelProto:
    """The reader as one ONNX model; an early look is left out.

    Inputs ``input_ids``, ``token_type_ids`` and, for batches that may be padded, ``attention_mask``: int64
    ``[batch, tokens]``. Outputs ``start_logits`` and ``end_logits``: float32 ``[batch, tokens]`` and, when the weights hold
    ``relevance.weight``, ``relevance``: float32 ``[batch]``, a logit. ``heads`` is the number of attention heads,
    ``epsilon`` that of the layer norms. The number of layers is read from the weights. Raises KeyError when a
    weight is missing.
    """
    b = _builder(options)
    x = embeddings(b, weights, epsilon)
    for number in range(layer_count(weights)):
        x = layer(b, x, weights, number, heads, epsilon)
    return _model(b, _token_inputs(options), _heads(b, x, weights))


def build_stages(weights: Weights, heads: int, epsilon: float, options: GraphOptions) -> tuple[ModelProto, ModelProto]:
    """The reader as two ONNX models.

    The first has the inputs of :func:`build_graph` and the outputs ``hidden``, float32 ``[batch, tokens, hidden]``, and
    ``early``, float32 ``[batch]``, a logit. The second takes ``hidden``, and ``attention_mask`` where the first does, and
    has the outputs of :func:`build_graph`. Raises KeyError when a weight is missing.
    """
    layers = layer_count(weights)
    first = _builder(options)
    x = embeddings(first, weights, epsilon)
    for number in range(early_layers(layers)):
        x = layer(first, x, weights, number, heads, epsilon)
    first.node("Identity", [x], "hidden")
    _early(first, "hidden", weights)
    width = len(weights["bert.embeddings.LayerNorm.weight"])
    hidden = helper.make_tensor_value_info("hidden", TensorProto.FLOAT, ["batch", "tokens", width])
    early = helper.make_tensor_value_info("early", TensorProto.FLOAT, ["batch"])
    rest = _builder(options)
    x = "hidden"
    for number in range(early_layers(layers), layers):
        x = layer(rest, x, weights, number, heads, epsilon)
    masks = [_ints("attention_mask")] if options.padding else []
    return (
        _model(first, _token_inputs(options), [hidden, early]),
        _model(rest, [hidden, *masks], _heads(rest, x, weights)),
    )


def layer_count(weights: Weights) -> int:
    """How many encoder layers the weights have."""
    number = 0
    while f"bert.encoder.layer.{number}.output.dense.weight" in weights:
        number += 1
    return number


def _builder(options: GraphOptions) -> Builder:
    b = Builder(options)
    if options.padding:
        b.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    return b


def _heads(b: Builder, x: str, weights: Weights) -> list[ValueInfoProto]:
    """The last heads over ``x``, and what they give out. They are 0.01 % of the work: always exact."""
    both = b.linear(x, weights["qa_outputs.weight"], weights["qa_outputs.bias"], "spans", "fp32")
    for column, name in enumerate(("start_logits", "end_logits")):
        index = b.const(f"{name}.column", np.array(column))
        b.node("Gather", [both, index], name, axis=2)
    dims = ["batch", "tokens"]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name in ("start_logits", "end_logits")]
    if "relevance.weight" in weights:
        first = b.node("Gather", [x, b.const("cls.position", np.array(0))], "cls", axis=1)
        score = b.linear(first, weights["relevance.weight"], weights["relevance.bias"], "relevant", "fp32")
        b.node("Squeeze", [score, b.shared("int.one", np.array([1]))], "relevance")
        outputs.append(helper.make_tensor_value_info("relevance", TensorProto.FLOAT, ["batch"]))
    return outputs


def _early(b: Builder, x: str, weights: Weights) -> None:
    """The early look as :func:`qa.training.model.pooled` sees it: [CLS], means of question and passage, the highest."""
    one = b.shared("int.one", np.array([1]))
    parts = [b.node("Gather", [x, b.const("early.position", np.array([0]))], "early.cls", axis=1)]
    kinds = b.node("Cast", ["token_type_ids"], "early.passage", to=TensorProto.FLOAT)
    question = b.node("Sub", [b.const("early.one", np.array(1.0, dtype=np.float32)), kinds], "early.other")
    highest = x
    if b.options.padding:
        mask = b.node("Cast", ["attention_mask"], "early.mask", to=TensorProto.FLOAT)
        kinds, question = (b.node("Mul", [which, mask], f"{which}.real") for which in (kinds, question))
        padding = b.node(
            "Log", [b.node("Unsqueeze", [mask, b.shared("int.last", np.array([2]))], "early.each")], "early.no"
        )
        highest = b.node("Add", [x, padding], "early.unpadded")
    for which in (question, kinds):
        rows = b.node("Unsqueeze", [which, one], f"{which}.rows")
        total = b.node("MatMul", [rows, x], f"{which}.sum")
        count = b.node("ReduceSum", [rows, b.shared("int.last", np.array([2]))], f"{which}.count", keepdims=1)
        parts.append(b.node("Div", [total, count], f"{which}.mean"))
    parts.append(b.node("ReduceMax", [highest], "early.highest", axes=[1], keepdims=1))
    seen = b.node("Concat", parts, "early.seen", axis=-1)
    score = b.linear(seen, weights["early.weight"], weights["early.bias"], "early.score", "fp32")
    b.node("Squeeze", [score, b.const("early.axes", np.array([1, 2]))], "early")


def _token_inputs(options: GraphOptions) -> list[ValueInfoProto]:
    return [_ints(name) for name in ("input_ids", *(["attention_mask"] if options.padding else []), "token_type_ids")]


def _ints(name: str) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])


def _model(b: Builder, inputs: list[ValueInfoProto], outputs: list[ValueInfoProto]) -> ModelProto:
    graph = helper.make_graph(b.nodes, "footnote-reader", inputs, outputs, b.initializers)
    return helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)],
        ir_version=IR_VERSION,
        producer_name="footnote",
    )
