"""The systems that are compared: each reads a question's passages with the same weights and gives its best answer.

Every one runs as its documentation shows it, with its own defaults, except for what has to be equal: the weights, windows of
at most 384 tokens (no passage here is longer) and the threads.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.timing import Answerer
from qa.reader import Reader, load_bundle, load_reader
from qa.reader.backends import Backend, Batch, Logits, TorchBackend
from qa.reader.loading import BUNDLED, onnx_backend, read_bundle
from qa.reader.onnx import OnnxBackend
from qa.reader.reader import ReaderSettings
from qa.reader.windows import Windower

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MAX_LENGTH = 384
_MAX_ANSWER = 30
# How many of the best starts and ends the usual loop over spans looks at.
_N_BEST = 20


@dataclass(frozen=True)
class Material:
    """The same weights in three forms.

    Attributes:
        bundle: Footnote's reader.
        checkpoint: a Hugging Face folder.
        fp32_graph: a float32 ONNX model.
        threads: how many threads a system may use.
        scores: by (question, *passages), the scores that Footnote's index retrieves the passages with.
    """

    bundle: Path
    checkpoint: Path
    fp32_graph: Path
    threads: int
    scores: dict[tuple[str, ...], list[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class System:
    """A system by name.

    Attributes:
        key: short name for the command line.
        label: what it is.
        modules: import names that it needs beyond Footnote's own.
        install: packages that bring them, as arguments of ``pip install``.
        load: gets it ready.
    """

    key: str
    label: str
    modules: tuple[str, ...]
    install: str
    load: Callable[[Material], Answerer]

    def installed(self) -> bool:
        """Whether all of its modules can be found."""
        return all(_found(module) for module in self.modules)


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        # A parent package is missing.
        return False


def bundled_tokenizer(bundle: Path) -> Tokenizer:
    """The tokenizer of a bundle."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(bundle / "tokenizer.json"))


def _answerer(reader: Reader) -> Answerer:
    def answer(question: str, passages: Sequence[str]) -> str:
        spans = reader.read(question, passages).spans
        return passages[spans[0].passage][spans[0].start : spans[0].end] if spans else ""

    return answer


def _with_backend(material: Material, backend: Backend) -> Answerer:
    """Footnote's windows, batches and decoding over another runtime, with the bundle's settings."""
    bundle = read_bundle(material.bundle)
    shipped = load_bundle(material.bundle).settings
    settings = ReaderSettings(
        name="benchmark",
        version="",
        fingerprint="",
        max_answer_tokens=bundle.max_answer_tokens,
        calibration=shipped.calibration,
        threshold=shipped.threshold,
    )
    tokenizer = bundled_tokenizer(material.bundle)
    pad = tokenizer.token_to_id("[PAD]")
    return _answerer(Reader(backend, Windower(tokenizer, bundle.max_length, bundle.stride), settings, pad or 0))


def _footnote(material: Material) -> Answerer:
    # As `qa ask` loads it; the shipped folder takes the same way as one named with --reader.
    which = None if material.bundle.resolve() == BUNDLED.resolve() else str(material.bundle)
    reader = load_reader(which)

    def answer(question: str, passages: Sequence[str]) -> str:
        # As in use, it knows what they were retrieved with.
        spans = reader.read(question, passages, retrieval=material.scores.get((question, *passages))).spans
        return passages[spans[0].passage][spans[0].start : spans[0].end] if spans else ""

    return answer


def _haystack(material: Material) -> Answerer:
    # No figures about this run are anyone else's business.
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    document = importlib.import_module("haystack").Document
    module = importlib.import_module("haystack_integrations.components.readers.transformers")
    reader = module.TransformersExtractiveReader(model=str(material.checkpoint), max_seq_length=_MAX_LENGTH)
    reader.warm_up()

    def answer(question: str, passages: Sequence[str]) -> str:
        found = reader.run(query=question, documents=[document(content=passage) for passage in passages])
        # One of the answers is "none", with no text.
        return next((str(answer.data) for answer in found["answers"] if answer.data), "")

    return answer


def _plain_loop(material: Material) -> Answerer:
    """One passage after the other, as tutorials show it: the best of 20 starts times 20 ends by the sum of logits."""
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(str(material.checkpoint))
    model: Any = AutoModelForQuestionAnswering.from_pretrained(str(material.checkpoint), dtype="float32").eval()

    def answer(question: str, passages: Sequence[str]) -> str:
        best, text = -np.inf, ""
        for passage in passages:
            encoded = tokenizer(
                question,
                passage,
                truncation="only_second",
                max_length=_MAX_LENGTH,
                return_offsets_mapping=True,
                return_tensors="pt",
            )
            sequence = encoded.sequence_ids(0)
            offsets = encoded.pop("offset_mapping")[0].tolist()
            with torch.no_grad():
                output = model(**encoded)
            starts, ends = output.start_logits[0].numpy(), output.end_logits[0].numpy()
            for start in np.argsort(starts)[: -_N_BEST - 1 : -1]:
                for end in np.argsort(ends)[: -_N_BEST - 1 : -1]:
                    if sequence[start] != 1 or sequence[end] != 1 or not start <= end < start + _MAX_ANSWER:
                        continue
                    score = starts[start] + ends[end]
                    if score > best:
                        best, text = score, passage[offsets[start][0] : offsets[end][1]]
        return text

    return answer


def _torch_batches(material: Material) -> Answerer:
    from transformers import AutoModelForQuestionAnswering

    model = AutoModelForQuestionAnswering.from_pretrained(str(material.checkpoint), dtype="float32")
    return _with_backend(material, TorchBackend(model))


def _onnx_fp32(material: Material) -> Answerer:
    return _with_backend(material, OnnxBackend(material.fp32_graph, material.threads))


class OpenVinoBackend:
    """OpenVINO on the CPU."""

    def __init__(self, path: Path, threads: int, precision: str | None = None) -> None:
        """Compile the ONNX model ``path`` for ``threads`` threads and one request at a time.

        ``precision`` is the type to compute in, such as ``f32``; when ``None`` OpenVINO chooses, which on a processor
        with bf16 instructions is bf16.
        """
        openvino = importlib.import_module("openvino")
        core = openvino.Core()
        settings: dict[str, str | int] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
        if precision is not None:
            settings["INFERENCE_PRECISION_HINT"] = precision
        self._model = core.compile_model(core.read_model(str(path)), "CPU", settings)
        self._inputs = [put.get_any_name() for put in self._model.inputs]
        self._relevance = any("relevance" in output.get_names() for output in self._model.outputs)
        # A model without a mask takes no padding: one window at a time.
        self.batch_tokens = 4096 if "attention_mask" in self._inputs else 1

    def run(self, batches: Sequence[Batch]) -> list[Logits]:
        """See :meth:`qa.reader.backends.Backend.run`."""
        return [self._run(batch) for batch in batches]

    def _run(self, batch: Batch) -> Logits:
        outputs = self._model({name: getattr(batch, name) for name in self._inputs})
        # A run's results are overwritten by the next one.
        start, end = (np.array(outputs[name]) for name in ("start_logits", "end_logits"))
        return Logits(start, end, np.array(outputs["relevance"]) if self._relevance else None)


def _onnx_int8(material: Material) -> Answerer:
    return _with_backend(material, onnx_backend(material.bundle, read_bundle(material.bundle), material.threads))


def _openvino(material: Material) -> Answerer:
    return _with_backend(material, OpenVinoBackend(material.fp32_graph, material.threads))


def _openvino_fp32(material: Material) -> Answerer:
    return _with_backend(material, OpenVinoBackend(material.fp32_graph, material.threads, "f32"))


def _openvino_int8(material: Material) -> Answerer:
    from benchmarks.checkpoint import recover, write_int8_graph

    graph = material.fp32_graph.with_name("int8.onnx")
    write_int8_graph(recover(material.bundle), graph)
    return _with_backend(material, OpenVinoBackend(graph, material.threads))


REFERENCE = "footnote"
"""Key of the system that the others are compared with."""

_HAYSTACK = ("haystack", "haystack_integrations.components.readers.transformers", "accelerate")

SYSTEMS = (
    System(REFERENCE, "Footnote, as installed (int8)", ("onnxruntime",), "onnxruntime", _footnote),
    System(
        "haystack",
        "haystack's reader (torch, fp32)",
        _HAYSTACK,
        "haystack-ai transformers-haystack",
        _haystack,
    ),
    System("loop", "plain torch loop, batch of one (fp32)", ("torch",), "torch", _plain_loop),
    System("torch", "Footnote on torch, sorted batches (fp32)", ("torch",), "torch", _torch_batches),
    System("ort-int8", "Footnote on ONNX Runtime (int8)", ("onnxruntime",), "onnxruntime", _onnx_int8),
    System("ort-fp32", "Footnote on ONNX Runtime (fp32)", ("onnxruntime",), "onnxruntime", _onnx_fp32),
    System("openvino", "Footnote on OpenVINO (fp32 graph, its choice of type)", ("openvino",), "openvino", _openvino),
    System("openvino-fp32", "Footnote on OpenVINO (fp32 throughout)", ("openvino",), "openvino", _openvino_fp32),
    System(
        "openvino-int8",
        "Footnote on OpenVINO (int8 graph, its choice of type)",
        ("openvino",),
        "openvino",
        _openvino_int8,
    ),
)
