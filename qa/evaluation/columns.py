"""The results of a run: the numbers of every question in memory, for scores and resamples; all of its words on disk.

The numbers of a question take some hundred bytes, so a run of a hundred thousand questions takes no more memory than its
models do.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from qa.evaluation.kinds import LENGTHS, TYPES, answer_length, question_type
from qa.evaluation.report import QuestionResult
from qa.evaluation.shapes import STAGES
from qa.evaluation.spool import Spool
from qa.evaluation.squad import exact_match

_CHUNK = 4096
_UNKNOWN = -1
_ROW = np.dtype(
    [
        ("context", np.int32),
        ("rank", np.int32),
        ("type", np.int8),
        ("length", np.int8),
        ("stage", np.int8),
        ("located", np.int8),
        ("in_gold_passage", np.int8),
        ("answerable", np.bool_),
        ("answered", np.bool_),
        ("given", np.bool_),
        ("scored", np.bool_),
        ("has_best", np.bool_),
        ("right", np.bool_),
        ("exactly_right", np.bool_),
        ("cited", np.bool_),
        ("verbatim", np.bool_),
        ("exact_match", np.float64),
        ("f1", np.float64),
        ("confidence", np.float64),
        ("iou", np.float64),
        ("sentence_recall", np.float64),
        ("seconds", np.float64),
    ]
)


class Columns:
    """The numbers of the results of a run, one array of shape (questions,) for each of these names:

    - ``context``: position of the context (int32); ``rank``: of the first hit, -1 for none (int32).
    - ``type``, ``length``, ``stage``: positions in ``TYPES``, ``LENGTHS`` and ``STAGES`` (int8), -1 for an unknown stage.
    - ``located``, ``in_gold_passage``: 1, 0, or -1 where it is not known (int8).
    - ``answerable``; ``answered``: whether answers were asked for; ``given``: whether one was; ``scored``: whether it has an
      exact match and an F1; ``has_best``: whether the best answer is known; ``right``: whether that is right;
      ``exactly_right``: whether it is an exact match; ``cited``, ``verbatim`` (all bool).
    - ``exact_match``, ``f1``, ``iou``, ``sentence_recall``: in 0..1, 0 where there is none (float64).
    - ``confidence`` in 0..1 and ``seconds``: NaN where they are not known (float64).
    """

    def __init__(self) -> None:
        """Start with no question."""
        self._chunks: list[NDArray[np.void]] = []
        self._count = 0
        self.ranking: dict[str, array[float]] = {}
        """Scores of ranking by name, where documents are judged one by one: of every question, NaN for none."""
        self.claims: dict[str, array[float]] = {}
        """Scores of claims by name: of every question, NaN where one does not apply."""

    @classmethod
    def of(cls, results: Iterable[QuestionResult]) -> "Columns":
        """The numbers of ``results``."""
        columns = cls()
        for result in results:
            columns.add(result)
        return columns

    def add(self, result: QuestionResult) -> None:
        """Add the numbers of one question."""
        place = self._count % _CHUNK
        if place == 0:
            self._chunks.append(np.zeros(_CHUNK, dtype=_ROW))
        self._chunks[-1][place] = _row(result)
        for columns, shares in ((self.ranking, result.ranking), (self.claims, result.claims)):
            new = set() if shares is None else shares.keys() - columns.keys()
            for name in new:
                columns[name] = array("d", [np.nan]) * self._count
            for name, column in columns.items():
                column.append(np.nan if shares is None else shares.get(name, np.nan))
        self._count += 1

    def __len__(self) -> int:
        """How many questions there are."""
        return self._count

    def __getitem__(self, name: str) -> NDArray[Any]:
        """One column, as the description of the class has them; a copy."""
        if not self._chunks:
            return np.zeros(0, dtype=_ROW[name])
        return np.concatenate([chunk[name] for chunk in self._chunks])[: self._count]


class Results(Sequence[QuestionResult]):
    """The results of a run in the order of its questions: their numbers at hand, each in full when it is looked up."""

    def __init__(self, results: Iterable[QuestionResult] = ()) -> None:
        """Start with ``results``."""
        self._stored: Spool[QuestionResult] = Spool(QuestionResult.model_dump, QuestionResult.model_validate)
        self.columns = Columns()
        for result in results:
            self.append(result)

    def append(self, result: QuestionResult) -> None:
        """Add the next one; raises ``DatasetError`` if there is no room for it on disk."""
        self._stored.append(result)
        self.columns.add(result)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._stored)

    @overload
    def __getitem__(self, place: int) -> QuestionResult: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[QuestionResult, ...]: ...

    def __getitem__(self, place: int | slice) -> QuestionResult | tuple[QuestionResult, ...]:
        """The result at a position, or several."""
        return self._stored[place]

    def __iter__(self) -> Iterator[QuestionResult]:
        """All of them in order, a few at a time in memory."""
        return iter(self._stored)

    def __eq__(self, other: object) -> bool:
        """Whether ``other`` is a sequence of the same results."""
        return self._stored == other

    __hash__ = None  # type: ignore[assignment]  # it can grow


def columns_of(results: Sequence[QuestionResult]) -> Columns:
    """The numbers of ``results``, which are at hand already for :class:`Results`."""
    return results.columns if isinstance(results, Results) else Columns.of(results)


def _row(result: QuestionResult) -> tuple[int | float | bool, ...]:
    cited, best = result.citation, result.best
    if best == result.prediction and result.exact_match is not None:
        exactly = result.exact_match == 1.0
    else:
        exactly = best is not None and exact_match(best, result.golds) == 1.0
    return (
        result.context,
        _UNKNOWN if result.gold_rank is None else result.gold_rank,
        TYPES.index(question_type(result.question)),
        LENGTHS.index(answer_length(result.golds)),
        _UNKNOWN if result.stage is None else STAGES.index(result.stage),
        _UNKNOWN if result.located is None else result.located,
        _UNKNOWN if result.in_gold_passage is None else result.in_gold_passage,
        bool(result.golds),
        result.prediction is not None,
        bool(result.prediction),
        result.exact_match is not None and result.f1 is not None,
        best is not None,
        result.right is True,
        exactly and bool(result.golds),
        cited is not None,
        cited is not None and cited.verbatim,
        0.0 if result.exact_match is None else result.exact_match,
        0.0 if result.f1 is None else result.f1,
        np.nan if result.confidence is None else result.confidence,
        0.0 if cited is None or cited.iou is None else cited.iou,
        0.0 if cited is None or cited.sentence_recall is None else cited.sentence_recall,
        np.nan if result.seconds is None else result.seconds,
    )
