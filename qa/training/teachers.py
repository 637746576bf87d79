"""Reading with weights as they are, by torch: for teachers, which are too large to be exported.

Imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from qa.reader.backends import Batch as TokenBatch
from qa.reader.backends import Logits
from qa.reader.calibration import UNCALIBRATED
from qa.reader.reader import Reader, ReaderSettings
from qa.reader.windows import Windower
from qa.training.model import Batch, ReaderModel, load_model


class ModelBackend:
    """A :class:`qa.reader.backends.Backend` that runs a model in float32."""

    batch_tokens = 4096

    def __init__(self, model: ReaderModel) -> None:
        """``model`` is put into evaluation mode."""
        self._model = model.eval()

    @torch.no_grad()
    def run(self, batches: Sequence[TokenBatch]) -> list[Logits]:
        """The logits of each batch."""
        found = []
        for batch in batches:
            parts = (batch.input_ids, batch.attention_mask, batch.token_type_ids)
            ids, mask, kinds = (torch.from_numpy(part) for part in parts)
            none = torch.zeros(len(ids), dtype=torch.int64)
            given = self._model(Batch(ids, mask, kinds, mask.bool(), none, none, none.float(), none))
            found.append(Logits(given.start.numpy(), given.end.numpy(), given.relevance.numpy()))
        return found


def read_with(weights: Path, tokenizer_json: Path, max_length: int = 384, stride: int = 128) -> Reader:
    """A reader with the weights of a folder, of either kind of encoder, in windows of ``max_length`` tokens.

    Raises WeightsError when the folder holds no such weights.
    """
    from qa.training.running import load_tokenizer

    settings = ReaderSettings(
        name="teacher", version="", fingerprint="", max_answer_tokens=30, calibration=UNCALIBRATED, threshold=0.5
    )
    windower = Windower(load_tokenizer(tokenizer_json), max_length, stride)
    return Reader(ModelBackend(load_model(weights)[0]), windower, settings)
