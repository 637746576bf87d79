"""Windows through a backend: batches are cut, padded and put back in order, and what looks hopeless is left early."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.batching import batch_rows
from qa.reader.backends import Backend, Batch, Look, StagedBackend
from qa.reader.early import EarlyExit, Origin, promising
from qa.reader.windows import Window


@dataclass(frozen=True, slots=True)
class WindowLogits:
    """What the network gives for some windows.

    Attributes:
        starts, ends: for each window its start and its end logits, float32 of shape (tokens of the window,).
        relevance: for each window the logit that it holds an answer; ``None`` when the model has no such output.
    """

    starts: list[NDArray[np.float32]]
    ends: list[NDArray[np.float32]]
    relevance: list[float] | None


class Network:
    """A backend for windows of any length."""

    def __init__(self, backend: Backend, pad_id: int) -> None:
        """``pad_id`` is the padding token of the tokenizer that the windows were made with."""
        self._backend = backend
        self._pad_id = pad_id

    @property
    def staged(self) -> bool:
        """Whether it can be left after its first layers."""
        return isinstance(self._backend, StagedBackend)

    def run(self, windows: Sequence[Window]) -> WindowLogits:
        """Put all windows through the whole network."""
        starts: list[NDArray[np.float32]] = [np.empty(0, dtype=np.float32)] * len(windows)
        ends = list(starts)
        relevance: dict[int, float] = {}
        batches = batch_rows([len(window.ids) for window in windows], self._backend.batch_tokens)
        found = self._backend.run([self._batch([windows[row] for row in rows]) for rows in batches]) if batches else []
        for rows, logits in zip(batches, found, strict=True):
            for place, row in enumerate(rows):
                length = len(windows[row].ids)
                starts[row] = logits.start[place, :length]
                ends[row] = logits.end[place, :length]
                if logits.relevance is not None:
                    relevance[row] = float(logits.relevance[place])
        return WindowLogits(starts, ends, [relevance[row] for row in range(len(windows))] if relevance else None)

    def promising(
        self,
        windows: Sequence[Window],
        passages: int,
        retrieval: Sequence[float] | None,
        rule: EarlyExit,
        origins: Sequence[Origin] | None = None,
    ) -> tuple[list[Window], WindowLogits]:
        """The windows of the passages that are read to the end, and their logits.

        Args:
            windows: of one question.
            passages: of how many passages they are.
            retrieval: for each passage the score it was retrieved with, if it was.
            rule: which passages are given up.
            origins: of each passage, see :func:`qa.reader.early.promising`.

        Raises:
            TypeError: the backend has no stages.
        """
        backend, looks = self._look(windows)
        kept = set(promising(_of_passages(windows, looks, passages), retrieval, rule, origins))
        places = [place for place, window in enumerate(windows) if window.passage in kept]
        found = backend.finish([looks[place] for place in places])
        relevance = [float(logits.relevance[0]) for logits in found if logits.relevance is not None]
        starts, ends = [logits.start[0] for logits in found], [logits.end[0] for logits in found]
        return [windows[place] for place in places], WindowLogits(starts, ends, relevance if relevance else None)

    def early(self, windows: Sequence[Window], passages: int) -> list[float]:
        """For each of ``passages`` passages the highest early logit of its windows; minus infinity for one without any.

        Raises:
            TypeError: the backend has no stages.
        """
        return _of_passages(windows, self._look(windows)[1], passages)

    def _look(self, windows: Sequence[Window]) -> tuple[StagedBackend, list[Look]]:
        if not isinstance(self._backend, StagedBackend):
            raise TypeError("this backend has no stages")
        return self._backend, self._backend.look([self._batch([window]) for window in windows])

    def _batch(self, windows: Sequence[Window]) -> Batch:
        shape = (len(windows), max(len(window.ids) for window in windows))
        ids = np.full(shape, self._pad_id, dtype=np.int64)
        types = np.zeros(shape, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, window in enumerate(windows):
            length = len(window.ids)
            ids[row, :length] = window.ids
            types[row, :length] = window.type_ids
            mask[row, :length] = 1
        return Batch(ids, mask, types)


def _of_passages(windows: Sequence[Window], looks: Sequence[Look], passages: int) -> list[float]:
    best = [-math.inf] * passages
    for window, look in zip(windows, looks, strict=True):
        best[window.passage] = max(best[window.passage], float(look.early[0]))
    return best
