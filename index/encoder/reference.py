"""The default encoder run by sentence-transformers, which only this module imports: what tests and benchmarks compare with."""

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.encoder.files import DEFAULT_NAME, DEFAULT_SHA256, DIMENSION, check_weights, packaged_model
from index.encoder.network import load_tokenizer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

_BATCH = 32


class SentenceTransformersEncoder:
    """all-MiniLM-L6-v2 through sentence-transformers, on the CPU. The model loads when it is first needed."""

    name = DEFAULT_NAME
    fingerprint = DEFAULT_SHA256
    dimension = DIMENSION

    def encode(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Embed ``texts``; see :meth:`Encoder.encode`.

        Raises:
            ModelError: the packaged weights are missing or not the official ones.
        """
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        # Batches of like length waste no work on padding.
        order = sorted(range(len(texts)), key=lambda row: (len(texts[row]), row))
        for first in range(0, len(order), _BATCH):
            rows = order[first : first + _BATCH]
            vectors[rows] = self._model.encode(
                [texts[row] for row in rows],
                batch_size=_BATCH,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
            if on_progress is not None:
                on_progress(len(rows))
        return vectors

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Tokens of ``text``; see :meth:`Encoder.token_spans`. Needs only the tokenizer, not the model."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).offsets)

    @cached_property
    def _model(self) -> "SentenceTransformer":
        folder = packaged_model()
        check_weights(folder, self.fingerprint)
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        # Its progress bar over a fifth of a second of loading would stand in the way of our own messages.
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return load_tokenizer(packaged_model())
