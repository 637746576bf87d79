"""all-MiniLM-L6-v2 on ONNX Runtime: the encoder that Footnote uses."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.encoder.files import DEFAULT_NAME, DEFAULT_SHA256, DIMENSION, packaged_model
from index.encoder.graph import Precision
from index.encoder.network import SentenceNetwork, exact_int8, load_tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class MiniLMEncoder:
    """all-MiniLM-L6-v2 on ONNX Runtime, on the CPU. The model loads when it is first needed.

    Its products are computed in int8 where the processor does so exactly, else in fp32. The vectors of both have a cosine of
    0.999 to each other and may stand in one index. May be used by several threads at the same time.
    """

    name = DEFAULT_NAME
    fingerprint = DEFAULT_SHA256
    dimension = DIMENSION

    def __init__(
        self, threads: int | None = None, cache: Path | None = None, precision: Precision | None = None
    ) -> None:
        """Nothing is loaded yet.

        Args:
            threads: how many to use; one for each processor this process may use when ``None``.
            cache: folder that keeps the built graph; the user's cache folder for Footnote when ``None``.
            precision: ``"int8"`` or ``"fp32"``; what suits the processor when ``None``.
        """
        self._threads = threads
        self._cache = cache
        self._precision = precision

    def encode(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Embed ``texts``; see :meth:`index.encoder.Encoder.encode`. Of a text only the first 254 tokens count.

        Raises:
            ModelError: the packaged files are missing, damaged or not the official ones, or cannot be run.
        """
        return self._network.encode(texts, on_progress)

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Tokens of ``text``; see :meth:`index.encoder.Encoder.token_spans`. Needs only the tokenizer, not the model.

        Raises:
            ModelError: the tokenizer is missing or damaged.
        """
        return list(self._tokenizer.encode(text, add_special_tokens=False).offsets)

    @cached_property
    def precision(self) -> Precision:
        """What its products are computed in.

        Raises:
            ModelError: ONNX Runtime is missing or cannot be asked.
        """
        if self._precision is not None:
            return self._precision
        return "int8" if exact_int8(self._cache) else "fp32"

    @cached_property
    def _network(self) -> SentenceNetwork:
        return SentenceNetwork(
            packaged_model(),
            self.fingerprint,
            self._tokenizer,
            precision=self.precision,
            threads=self._threads,
            cache=self._cache,
        )

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return load_tokenizer(packaged_model())
