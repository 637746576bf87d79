"""What runs the reader's network: batches of token ids in, logits out.

A backend knows nothing of texts or offsets. ONNX Runtime runs the weights that ship with Footnote, torch any other
extractive-QA checkpoint. (OpenVINO was measured: see benchmarks/READER.md.)
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError
from index.runtime import onnx_runtime, processors

Int64s = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of like length.

    Attributes:
        input_ids, token_type_ids: int64 of shape (windows, tokens), padded on the right.
        attention_mask: int64 of the same shape, 0 for padding and else 1.
    """

    input_ids: Int64s
    attention_mask: Int64s
    token_type_ids: Int64s


@dataclass(frozen=True, slots=True)
class Logits:
    """Output for one batch.

    Attributes:
        start, end: float32 of shape (windows, tokens), unnormalised.
        relevance: float32 of shape (windows,), the logit that the passage holds an answer; ``None`` when the model has no
            such output.
    """

    start: Floats
    end: Floats
    relevance: Floats | None


class Backend(Protocol):
    """Runs the network."""

    @property
    def batch_tokens(self) -> int:
        """How many tokens of a batch, padding included, it likes best; a longer window is a batch of its own."""
        ...

    def run(self, batches: Sequence[Batch]) -> list[Logits]:
        """The logits of each batch."""
        ...


class OnnxBackend:
    """ONNX Runtime on the CPU.

    Several windows run side by side, each alone on one processor: that is 1.6 times as fast as batches that all processors
    share, since nothing is padded, nobody waits for another, and what a window needs stays in the processor's cache. A
    single window gets all processors.
    """

    batch_tokens = 1

    def __init__(self, path: Path, threads: int | None = None) -> None:
        """Load ``path``.

        Args:
            path: an ONNX model with inputs named like the attributes of :class:`Batch` (``attention_mask`` only if batches
                may be padded) and the outputs ``start_logits``,
                ``end_logits`` and, if it has one, ``relevance``.
            threads: how many to use; one for each processor this process may use when ``None``.

        Raises:
            ModelError: the file is no such model.
        """
        self._path = path
        self._threads = processors() if threads is None else threads
        self._alone = self._session(1)
        names = {output.name for output in self._alone.get_outputs()}
        if not {"start_logits", "end_logits"} <= names:
            raise ModelError(f"{path} is no reader: its outputs are {', '.join(sorted(names))}.")
        self._outputs = ["start_logits", "end_logits", *(["relevance"] if "relevance" in names else [])]
        self._inputs = [put.name for put in self._alone.get_inputs()]

    @cached_property
    def _sharing(self) -> Any:
        """A session that uses all processors; loaded when a single window comes."""
        return self._alone if self._threads == 1 else self._session(self._threads)

    def _session(self, threads: int) -> Any:
        onnxruntime = onnx_runtime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(str(self._path), options, providers=["CPUExecutionProvider"])
        # ONNX Runtime's errors have no common base but Exception, and each means the same here.
        except Exception as error:
            raise ModelError(f"{self._path} cannot be loaded as an ONNX model: {str(error).splitlines()[0]}") from error

    def run(self, batches: Sequence[Batch]) -> list[Logits]:
        """See :meth:`Backend.run`. Raises ModelError for a padded batch, where the model has no ``attention_mask``."""
        if len(batches) == 1:
            return [self._run(self._sharing, batches[0])]
        if self._threads == 1:
            return [self._run(self._alone, batch) for batch in batches]
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="reader")
        try:
            # The longest first, so that no processor is left with a long one at the end.
            order = sorted(range(len(batches)), key=lambda place: -batches[place].input_ids.size)
            tasks = {place: pool.submit(self._run, self._alone, batches[place]) for place in order}
            return [tasks[place].result() for place in range(len(batches))]
        finally:
            # After an error or an interrupt nobody wants the windows that have not begun.
            pool.shutdown(cancel_futures=True)

    def _run(self, session: Any, batch: Batch) -> Logits:
        if "attention_mask" not in self._inputs and not batch.attention_mask.all():
            raise ModelError(f"{self._path} takes no padded batches: give it one window at a time.")
        outputs = session.run(self._outputs, {name: getattr(batch, name) for name in self._inputs})
        return Logits(outputs[0], outputs[1], outputs[2] if len(outputs) > 2 else None)


class TorchBackend:
    """Any Hugging Face model with a question-answering head, in torch."""

    batch_tokens = 4096

    def __init__(self, model: Any, relevance: str | None = None) -> None:
        """Wrap ``model``, whose forward pass returns ``start_logits`` and ``end_logits``.

        Args:
            model: a ``torch.nn.Module``; it is put into evaluation mode.
            relevance: name of its relevance output, if it has one.
        """
        import inspect

        self._model = model.eval()
        self._relevance = relevance
        self._takes_types = "token_type_ids" in inspect.signature(model.forward).parameters

    def run(self, batches: Sequence[Batch]) -> list[Logits]:
        """See :meth:`Backend.run`."""
        return [self._run(batch) for batch in batches]

    def _run(self, batch: Batch) -> Logits:
        import torch

        inputs = {
            "input_ids": torch.from_numpy(batch.input_ids),
            "attention_mask": torch.from_numpy(batch.attention_mask),
        }
        if self._takes_types:
            inputs["token_type_ids"] = torch.from_numpy(batch.token_type_ids)
        with torch.inference_mode():
            outputs = self._model(**inputs)
        relevance = None if self._relevance is None else outputs[self._relevance].float().numpy()
        return Logits(outputs["start_logits"].float().numpy(), outputs["end_logits"].float().numpy(), relevance)
