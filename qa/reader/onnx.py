"""The reader's network in ONNX Runtime on the CPU, whole or in two stages."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from index.errors import ModelError
from index.runtime import onnx_runtime, processors
from qa.reader.backends import Batch, Floats, Int64s, Logits, Look

_SPANS = ("start_logits", "end_logits")
Result = TypeVar("Result")


class OnnxModel:
    """An ONNX model, for one processor and, once that is asked for, for all at once."""

    def __init__(self, model: Path | bytes, threads: int, name: str | None = None) -> None:
        """Load it.

        Args:
            model: its path, or its content.
            threads: how many processors there are for it, at least 1.
            name: what to call it in an error; its path when ``None``.

        Raises:
            ModelError: it cannot be loaded.
        """
        self._model = model if isinstance(model, bytes) else str(model)
        self._name = str(model) if name is None else name
        self._threads = threads
        self.alone = self._session(1)
        self.inputs = [put.name for put in self.alone.get_inputs()]
        self.outputs = [put.name for put in self.alone.get_outputs()]

    @cached_property
    def sharing(self) -> Any:
        """A session that uses all processors."""
        return self.alone if self._threads == 1 else self._session(self._threads)

    def needs(self, inputs: set[str], outputs: set[str]) -> None:
        """Raises ModelError when the model has no such inputs or outputs."""
        if not inputs <= set(self.inputs) or not outputs <= set(self.outputs):
            found = f"{', '.join(sorted(self.inputs))} in, {', '.join(sorted(self.outputs))} out"
            raise ModelError(f"{self._name} is no reader: it has {found}.")

    def _session(self, threads: int) -> Any:
        onnxruntime = onnx_runtime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that wait by spinning take the processors from those of the other stage: one window took twice as long.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            return onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])
        # ONNX Runtime's errors have no common base but Exception, and each means the same here.
        except Exception as error:
            raise ModelError(f"{self._name} cannot be loaded as an ONNX model: {str(error).splitlines()[0]}") from error

    def tokens(self, batch: Batch) -> dict[str, Int64s]:
        """What it takes of a batch. Raises ModelError for a padded one, where it has no ``attention_mask``."""
        if "attention_mask" not in self.inputs and not batch.attention_mask.all():
            raise ModelError(f"{self._name} takes no padded batches: give it one window at a time.")
        return {name: getattr(batch, name) for name in self.inputs}


def _logits(outputs: Sequence[Floats]) -> Logits:
    return Logits(outputs[0], outputs[1], outputs[2] if len(outputs) > 2 else None)


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
        self._threads = processors() if threads is None else threads
        self._whole = OnnxModel(path, self._threads)
        self._whole.needs({"input_ids"}, set(_SPANS))
        self._outputs = [*_SPANS, *(name for name in self._whole.outputs if name == "relevance")]

    def run(self, batches: Sequence[Batch]) -> list[Logits]:
        """See :meth:`Backend.run`. Raises ModelError for a padded batch, where the model has no ``attention_mask``."""
        sizes = [batch.input_ids.size for batch in batches]
        return spread(self._threads, sizes, lambda place, alone: self._run(batches[place], alone))

    def _run(self, batch: Batch, alone: bool) -> Logits:
        session = self._whole.alone if alone else self._whole.sharing
        return _logits(session.run(self._outputs, self._whole.tokens(batch)))


class StagedOnnxBackend:
    """The same in two models, of which the second goes on where the first ends."""

    batch_tokens = 1

    def __init__(self, first: Path, rest: Path, threads: int | None = None) -> None:
        """Load both.

        Args:
            first: an ONNX model with the inputs of :class:`OnnxBackend` and the outputs of :class:`Look`.
            rest: one with the input ``hidden`` and the outputs of :class:`OnnxBackend`.
            threads: as there.

        Raises:
            ModelError: one of the files is no such model.
        """
        self._threads = processors() if threads is None else threads
        self._first, self._rest = OnnxModel(first, self._threads), OnnxModel(rest, self._threads)
        self._first.needs({"input_ids"}, {"early", "hidden"})
        self._rest.needs({"hidden"}, set(_SPANS))
        self._outputs = [*_SPANS, *(name for name in self._rest.outputs if name == "relevance")]

    def look(self, batches: Sequence[Batch]) -> list[Look]:
        """See :meth:`StagedBackend.look`. Raises ModelError for a padded batch."""
        sizes = [batch.input_ids.size for batch in batches]
        return spread(self._threads, sizes, lambda place, alone: self._look(batches[place], alone))

    def finish(self, looks: Sequence[Look]) -> list[Logits]:
        """See :meth:`StagedBackend.finish`."""
        return spread(
            self._threads, [look.hidden.size for look in looks], lambda at, alone: self._finish(looks[at], alone)
        )

    def run(self, batches: Sequence[Batch]) -> list[Logits]:
        """See :meth:`Backend.run`. Raises ModelError for a padded batch."""
        sizes = [batch.input_ids.size for batch in batches]
        return spread(self._threads, sizes, lambda place, alone: self._finish(self._look(batches[place], alone), alone))

    def _look(self, batch: Batch, alone: bool) -> Look:
        session = self._first.alone if alone else self._first.sharing
        early, hidden = session.run(["early", "hidden"], self._first.tokens(batch))
        return Look(early, hidden)

    def _finish(self, look: Look, alone: bool) -> Logits:
        session = self._rest.alone if alone else self._rest.sharing
        return _logits(session.run(self._outputs, {"hidden": look.hidden}))


def spread(threads: int, sizes: Sequence[int], work: Callable[[int, bool], Result]) -> list[Result]:
    """The results of ``work`` for each place in ``sizes``.

    Args:
        threads: how many places at a time, at least 1.
        sizes: how large the work at each place is, in any unit.
        work: called with the place, and whether it has one processor for itself or, being the only one, all.
    """
    places = range(len(sizes))
    if len(sizes) == 1 or threads == 1:
        return [work(place, threads == 1) for place in places]
    # The largest first, so that no processor is left with a large one at the end.
    order = sorted(places, key=lambda place: -sizes[place])
    tasks = {place: _pool(threads).submit(work, place, True) for place in order}
    try:
        return [tasks[place].result() for place in places]
    finally:
        # After an error or an interrupt nobody wants the windows that have not begun.
        for task in tasks.values():
            task.cancel()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """As many threads, kept: to start them for every question takes a millisecond. Questions asked at once share them, as
    they share the processors."""
    return ThreadPoolExecutor(threads, thread_name_prefix="reader")
