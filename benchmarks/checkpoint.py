"""From the shipped int8 bundle back to a Hugging Face checkpoint, so that peers can be timed with the same weights.

The initializers of its networks carry the names that :mod:`qa.training.nodes` gives them. An int8 matrix is turned back
into ``(q - zero) * scale``; the joint product of query, key and value is taken apart again. The heads for relevance and for
the early look are left out: ``BertForQuestionAnswering`` has no place for them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from qa.training.nodes import GraphOptions

Floats = npt.NDArray[np.float32]

TOKENIZER_FILE = "tokenizer.json"
_SPECIAL = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}


class CheckpointError(ValueError):
    """A model file does not hold the reader that :mod:`qa.training.graph` builds."""


@dataclass(frozen=True)
class Recovered:
    """Weights of a bundle in float32, by their names in ``BertForQuestionAnswering``.

    ``heads`` is the number of attention heads, ``epsilon`` that of the layer norms, ``layers`` the number of layers.
    """

    arrays: dict[str, Floats]
    heads: int
    epsilon: float
    layers: int

    def config(self) -> dict[str, Any]:
        """The fields of a Hugging Face ``BertConfig`` for these weights."""
        words = self.arrays["bert.embeddings.word_embeddings.weight"]
        positions = self.arrays["bert.embeddings.position_embeddings.weight"]
        kinds = self.arrays["bert.embeddings.token_type_embeddings.weight"]
        wide = self.arrays["bert.encoder.layer.0.intermediate.dense.weight"]
        return {
            "architectures": ["BertForQuestionAnswering"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "vocab_size": len(words),
            "hidden_size": words.shape[1],
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "intermediate_size": len(wide),
            "max_position_embeddings": len(positions),
            "type_vocab_size": len(kinds),
            "layer_norm_eps": self.epsilon,
            "pad_token_id": 0,
        }


class _Store:
    """The initializers of a graph by name."""

    def __init__(self, tensors: dict[str, npt.NDArray[Any]]) -> None:
        self._tensors = tensors

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def get(self, name: str) -> npt.NDArray[Any]:
        try:
            return self._tensors[name]
        except KeyError as error:
            raise CheckpointError(f"the model has no initializer {name!r}; was it made by another exporter?") from error

    def floats(self, name: str) -> Floats:
        return self.get(name).astype(np.float32)

    def matrix(self, name: str) -> Floats:
        """Weight ``[outputs, inputs]`` of the product ``name``; it is stored the other way round."""
        stored = self.get(f"{name}.weight")
        if np.issubdtype(stored.dtype, np.floating):
            return stored.astype(np.float32).T
        # int32, because int8 minus int8 can overflow.
        centred = stored.astype(np.int32) - self.get(f"{name}.zero").astype(np.int32)
        return (centred.astype(np.float32) * self.floats(f"{name}.scale")).T

    def words(self) -> Floats:
        """Word vectors ``[vocabulary, hidden]``."""
        if "words.float" in self:
            return self.floats("words.float")
        return self.get("words.int8").astype(np.float32) * self.floats("words.scale")


def recover(bundle: Path) -> Recovered:
    """The weights of ``bundle`` in float32, be they in one file or in two.

    Raises:
        CheckpointError: they are not graphs of :mod:`qa.training.graph`.
        ModelError: there is no bundle.
    """
    import onnx
    from onnx import numpy_helper

    from qa.reader.loading import read_bundle

    graphs = [onnx.load(str(bundle / name)).graph for name in read_bundle(bundle).networks]
    graph = graphs[0]
    store = _Store({tensor.name: numpy_helper.to_array(tensor) for one in graphs for tensor in one.initializer})
    arrays = {
        "bert.embeddings.word_embeddings.weight": store.words(),
        "bert.embeddings.position_embeddings.weight": store.floats("positions.table"),
        "bert.embeddings.token_type_embeddings.weight": store.floats("kinds.table"),
        "qa_outputs.weight": store.matrix("spans"),
        "qa_outputs.bias": store.floats("spans.bias"),
        **_norm(store, "bert.embeddings.LayerNorm"),
    }
    layers = 0
    while f"bert.encoder.layer.{layers}.qkv.weight" in store:
        arrays.update(_layer(store, f"bert.encoder.layer.{layers}"))
        layers += 1
    if layers == 0:
        raise CheckpointError("the model has no encoder layer under the names that are known")
    heads = int(_attribute(graph, "MultiHeadAttention", "num_heads"))
    epsilon = float(_attribute(graph, "LayerNormalization", "epsilon"))
    return Recovered(arrays, heads, epsilon, layers)


def _norm(store: _Store, name: str) -> dict[str, Floats]:
    return {f"{name}.{part}": store.floats(f"{name}.{part}") for part in ("weight", "bias")}


def _layer(store: _Store, name: str) -> dict[str, Floats]:
    arrays: dict[str, Floats] = {}
    weights = np.split(store.matrix(f"{name}.qkv"), 3)
    biases = np.split(store.floats(f"{name}.qkv.bias"), 3)
    for part, weight, bias in zip(("query", "key", "value"), weights, biases, strict=True):
        arrays[f"{name}.attention.self.{part}.weight"] = weight
        arrays[f"{name}.attention.self.{part}.bias"] = bias
    for stored, long in (("o", "attention.output"), ("up", "intermediate"), ("down", "output")):
        arrays[f"{name}.{long}.dense.weight"] = store.matrix(f"{name}.{stored}")
        arrays[f"{name}.{long}.dense.bias"] = store.floats(f"{name}.{stored}.bias")
    return arrays | _norm(store, f"{name}.attention.output.LayerNorm") | _norm(store, f"{name}.output.LayerNorm")


def _attribute(graph: Any, operator: str, attribute: str) -> Any:
    """The value of ``attribute`` of the first node of type ``operator``."""
    from onnx import helper

    for node in graph.node:
        if node.op_type == operator:
            for found in node.attribute:
                if found.name == attribute:
                    return helper.get_attribute_value(found)
    raise CheckpointError(f"the model has no {operator} with {attribute}")


def write_checkpoint(bundle: Path, out: Path) -> Recovered:
    """Write the weights of ``bundle`` into ``out`` as a folder that ``AutoModelForQuestionAnswering`` loads.

    Returns:
        The weights that were written.

    Raises:
        CheckpointError: the bundle's model was made by another exporter.
    """
    from safetensors.numpy import save_file

    recovered = recover(bundle)
    out.mkdir(parents=True, exist_ok=True)
    # Views of one array, as splitting makes them, would be saved with the wrong strides.
    arrays = {name: np.ascontiguousarray(array) for name, array in recovered.arrays.items()}
    save_file(arrays, out / "model.safetensors", metadata={"format": "pt"})
    (out / "config.json").write_text(json.dumps(recovered.config(), indent=2) + "\n", encoding="utf-8")
    _write_tokenizer(bundle / TOKENIZER_FILE, out, int(recovered.config()["max_position_embeddings"]))
    return recovered


def _write_tokenizer(source: Path, out: Path, limit: int) -> None:
    """The bundle's tokenizer as a Hugging Face one of at most ``limit`` tokens."""
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer.from_file(str(source))
    special = {f"{kind}_token": text for kind, text in _SPECIAL.items() if tokenizer.token_to_id(text) is not None}
    wrapped = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_max_length=limit,
        padding_side="right",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **special,
    )
    wrapped.save_pretrained(str(out))


def write_fp32_graph(recovered: Recovered, path: Path) -> None:
    """Write the same network as one ONNX model whose weights and products are all float32."""
    from qa.training.nodes import GraphOptions

    _write_graph(recovered, path, GraphOptions(precision="fp32", padding=True, int8_embeddings=False))


def write_int8_graph(recovered: Recovered, path: Path) -> None:
    """Write the same network as one ONNX model in int8, as a bundle of one stage has it."""
    from qa.training.nodes import GraphOptions

    _write_graph(recovered, path, GraphOptions())


def _write_graph(recovered: Recovered, path: Path, options: GraphOptions) -> None:
    from qa.training.graph import build_graph

    model = build_graph(recovered.arrays, recovered.heads, recovered.epsilon, options)
    path.write_bytes(model.SerializeToString(deterministic=True))


@dataclass(frozen=True)
class Difference:
    """Largest absolute difference of start and end logits from those of the checkpoint in torch.

    ``exact``: of the same weights as a float32 ONNX graph, so only rounding. ``int8``: of the bundle itself, so what int8
    activations cost as well; ``correlation`` is that of its logits with torch's.
    """

    exact: float
    int8: float
    correlation: float


def compare(bundle: Path, checkpoint: Path, fp32_graph: Path, inputs: list[list[int]], first: int) -> Difference:
    """Run some inputs through the bundle, the checkpoint in torch and the float32 graph.

    Args:
        bundle: folder of the reader.
        checkpoint: what :func:`write_checkpoint` made of it.
        fp32_graph: what :func:`write_fp32_graph` made of it.
        inputs: token ids, each run alone.
        first: position at which the second segment begins, the same in every input.
    """
    from transformers import AutoModelForQuestionAnswering

    from qa.reader.backends import Backend, Batch, TorchBackend
    from qa.reader.loading import onnx_backend, read_bundle
    from qa.reader.onnx import OnnxBackend

    def logits(backend: Backend) -> npt.NDArray[np.float64]:
        rows: list[Floats] = []
        for ids in inputs:
            array = np.array([ids], dtype=np.int64)
            kinds = (np.arange(array.shape[1]) >= first).astype(np.int64)[None, :]
            (output,) = backend.run([Batch(array, np.ones_like(array), kinds)])
            rows += [output.start[0], output.end[0]]
        return np.concatenate(rows).astype(np.float64)

    torch = logits(TorchBackend(AutoModelForQuestionAnswering.from_pretrained(str(checkpoint), dtype="float32")))
    int8 = logits(onnx_backend(bundle, read_bundle(bundle)))
    exact = np.abs(logits(OnnxBackend(fp32_graph)) - torch).max()
    return Difference(float(exact), float(np.abs(int8 - torch).max()), float(np.corrcoef(int8, torch)[0, 1]))
