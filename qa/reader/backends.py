"""What runs the reader's network: token ids in, logits out.

A backend knows nothing of texts or offsets. ONNX Runtime runs the weights that ship with Footnote, torch any other
extractive-QA checkpoint. (OpenVINO was measured: see benchmarks/READER.md.)
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError
from index.runtime import onnx_runtime, processors

Int64s = NDArray[np.int64]
Floats = NDArray[np.float32]


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
    """Runs the network over a padded batch."""

    def run(self, input_ids: Int64s, attention_mask: Int64s, token_type_ids: Int64s) -> Logits:
        """Logits for int64 arrays of shape (windows, tokens); padding has ``attention_mask`` 0."""
        ...


class OnnxBackend:
    """ONNX Runtime on the CPU."""

    def __init__(self, path: Path, threads: int | None = None) -> None:
        """Load ``path``.

        Args:
            path: an ONNX model with the inputs of :meth:`Backend.run` and the outputs ``start_logits``, ``end_logits`` and,
                if it has one, ``relevance``.
            threads: how many to use; one for each processor this process may use when ``None``.

        Raises:
            ModelError: the file is no such model.
        """
        onnxruntime = onnx_runtime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = processors() if threads is None else threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        # ONNX Runtime's errors have no common base but Exception, and each means the same here.
        except Exception as error:
            raise ModelError(f"{path} cannot be loaded as an ONNX model: {str(error).splitlines()[0]}") from error
        names = {output.name for output in self._session.get_outputs()}
        if not {"start_logits", "end_logits"} <= names:
            raise ModelError(f"{path} is no reader: its outputs are {', '.join(sorted(names))}.")
        self._outputs = ["start_logits", "end_logits", *(["relevance"] if "relevance" in names else [])]
        self._inputs = {put.name for put in self._session.get_inputs()}

    def run(self, input_ids: Int64s, attention_mask: Int64s, token_type_ids: Int64s) -> Logits:
        """See :meth:`Backend.run`."""
        feed = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
        outputs = self._session.run(self._outputs, {name: feed[name] for name in self._inputs})
        return Logits(outputs[0], outputs[1], outputs[2] if len(outputs) > 2 else None)


class TorchBackend:
    """Any Hugging Face model with a question-answering head, in torch."""

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

    def run(self, input_ids: Int64s, attention_mask: Int64s, token_type_ids: Int64s) -> Logits:
        """See :meth:`Backend.run`."""
        import torch

        inputs = {"input_ids": torch.from_numpy(input_ids), "attention_mask": torch.from_numpy(attention_mask)}
        if self._takes_types:
            inputs["token_type_ids"] = torch.from_numpy(token_type_ids)
        with torch.inference_mode():
            outputs = self._model(**inputs)
        relevance = None if self._relevance is None else outputs[self._relevance].float().numpy()
        return Logits(outputs["start_logits"].float().numpy(), outputs["end_logits"].float().numpy(), relevance)
