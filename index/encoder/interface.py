"""What the index needs of an encoder."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Encoder(Protocol):
    """What the index needs of an encoder. Its name and fingerprint are stored in the index and compared when it is opened."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 of its weights."""
        ...

    @property
    def dimension(self) -> int:
        """Length of its vectors."""
        ...

    def encode(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Embed ``texts``.

        Args:
            texts: any number of texts.
            on_progress: called with the number of texts just finished.

        Returns:
            float32 of shape (texts, dimension), each row of length 1 so that a dot product is a cosine.
        """
        ...

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Character offsets (start, end) of the tokens of ``text``, special tokens left out."""
        ...
