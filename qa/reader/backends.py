"""What runs the reader's network: batches of token ids in, logits out.

A backend knows nothing of texts or offsets. ONNX Runtime (:mod:`qa.reader.onnx`) runs the weights that ship with Footnote,
torch any other extractive-QA checkpoint. (OpenVINO was measured: see benchmarks/READER.md.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True, slots=True)
class Look:
    """A batch after the first layers.

    Attributes:
        early: float32 of shape (windows,), the logit that the passage holds an answer, as far as can be seen there.
        hidden: float32 of shape (windows, tokens, hidden size), what the other layers go on with.
    """

    early: Floats
    hidden: Floats


@runtime_checkable
class StagedBackend(Backend, Protocol):
    """A network that can be left after its first layers."""

    def look(self, batches: Sequence[Batch]) -> list[Look]:
        """What the first layers make of each batch."""
        ...

    def finish(self, looks: Sequence[Look]) -> list[Logits]:
        """The logits of the batches that were looked at."""
        ...


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
