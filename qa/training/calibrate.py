"""Fitting the calibration of a reader on questions that it was not trained on.

Two steps, both by maximum likelihood. First a conditional logit (McFadden 1974) over the candidates of each answerable
question finds how the features of a span are weighed against each other, so that right ones rank first. Then a logistic
model of the candidate that comes first says how likely it is right (Platt 1999), over answerable and unanswerable questions
together; features that all candidates of a question share join here. Their product is one linear model, the score.

What the best passages say when they are read at once is weighed last (:mod:`qa.training.weighing`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.documents import Passage
from index.errors import DatasetError
from index.interface import Filter, PassageIndex
from qa.candidates import surroundings
from qa.evaluation.corpus import Corpus
from qa.evaluation.datasets import Dataset
from qa.evaluation.scoring import is_right
from qa.reader.calibration import Calibration
from qa.reader.decoding import SpanScore
from qa.reader.early import EarlyExit, promising
from qa.reader.heard import Found
from qa.reader.opinions import joined
from qa.reader.reader import Reader, span_features
from qa.training.early_exit import Passages
from qa.training.reread import Reread

FEATURES = ("span", "relevance", "retrieval", "collection")
SHARED = ("collection",)
"""Those that are the same for all candidates of a question."""
FITTED = ("span", "retrieval", "collection")
"""Those that are fitted unless told otherwise; why relevance is not among them is told in RUNS.md."""
CANDIDATES = 120
"""Spans of a question that are weighed: as many as the assistant ranks. Of the twenty best most stand in the same place."""
# Weak normal priors keep the weights finite when some set of questions is separated perfectly.
_PRIOR = 1e-3


@dataclass(frozen=True, slots=True)
class Asked:
    """The candidates of one question.

    Attributes:
        features: float64 of shape (candidates, len(FEATURES)).
        right: bool of shape (candidates,), whether the span is a right answer.
        answerable: whether the question has an answer.
        group: what it shares its text with; questions of one group are never split between fitting and checking.
        places: int64 of shape (candidates,), the passage that each stands in; ``None`` when there is one passage.
        passages: what the passages look like after the first layers; ``None`` when the reader has no stages.
        reread: what was found by reading on; ``None`` when there is one passage.
        weight: how much the question counts where opinions are fitted.
    """

    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    answerable: bool
    group: str = ""
    places: NDArray[np.int64] | None = None
    passages: Passages | None = None
    reread: Reread | None = None
    weight: float = 1.0

    def read_on(self, rule: EarlyExit | None) -> "Asked":
        """What is left when only promising passages are read to the end."""
        if rule is None or self.places is None or self.passages is None:
            return self
        kept = np.isin(self.places, promising(list(self.passages.early), list(self.passages.retrieval), rule))
        reread = None if self.reread is None else self.reread.of(kept)
        return replace(
            self, features=self.features[kept], right=self.right[kept], places=self.places[kept], reread=reread
        )

    def scores(self, calibration: Calibration) -> NDArray[np.float64]:
        """The logit of each candidate by itself, float64 of shape (candidates,)."""
        weights = np.array([calibration.weights.get(name, 0.0) for name in FEATURES])
        logits: NDArray[np.float64] = self.features @ weights + calibration.bias
        return logits

    def first(self, calibration: Calibration) -> tuple[int, float]:
        """The candidate that comes first, and the logit of its confidence; there must be one."""
        scores, rule = self.scores(calibration), calibration.together
        best = float(scores.max())
        if rule is None or self.reread is None or abs(best) > rule.within:
            return int(scores.argmax()), best
        if self.reread.found(int(scores.argmax())) is None:
            return int(scores.argmax()), best
        place = self.reread.first(scores, calibration.overtaking)
        features = self.read_together(scores, place)
        logit, after = rule.logit(features), calibration.around
        if after is not None and abs(logit) <= after.within and (found := self.reread.around(place)) is not None:
            logit = after.logit(features | found)
        return place, logit

    def read_together(self, scores: NDArray[np.float64], place: int) -> dict[str, float]:
        """The features of :class:`qa.reader.calibration.Opinion` for the candidate ``place``, which comes first, as far as the
        best passages at once tell them. ``scores`` are those of all candidates by themselves."""
        told = {} if self.reread is None else self.reread.together(place, int(scores.argmax()))
        shared = float(self.features[place, FEATURES.index("collection")])
        return {"score": float(scores.max()), "collection": shared, **told}


def collect(
    dataset: Dataset,
    reader: Reader,
    *,
    index: PassageIndex | None,
    own: Corpus | None = None,
    passages: int = 10,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Asked]:
    """Ask questions and keep every candidate.

    Args:
        dataset: questions that the reader was not trained on.
        reader: its calibration is not used. It must read all passages to the end.
        index: where to retrieve ``passages`` from; when ``None`` each question is asked of its own context.
        own: where the contexts stand in ``index``; each question is asked of the document that is its context then, and of all
            documents when ``None``.
        passages: how many passages are read for a question.
        limit: ask this many questions, spread evenly over the file.
        progress: called with (questions done, questions in all).
    """
    questions = dataset.sample(limit)
    asked: list[Asked] = []
    for number, question in enumerate(questions, start=1):
        within = _within(own, question.context)
        hits = [] if index is None else index.search(question.text, top=passages, within=within)
        if index is None:
            texts, retrieval, size = [dataset.contexts[question.context].text], None, 1
        else:
            texts, retrieval, size = (
                [hit.text for hit in hits],
                [hit.score for hit in hits],
                index.passage_count(within),
            )
        spans = reader.candidates(question.text, texts, CANDIDATES)
        rows = [span_features(span, retrieval, size) for span in spans]
        answers = [texts[span.passage][span.start : span.end] for span in spans]
        right = [question.answerable and is_right(answer, question.golds) for answer in answers]
        early = None if retrieval is None else reader.early(question.text, texts)
        seen = None
        if early is not None and retrieval is not None:
            answer = next((span.passage for span, is_so in zip(spans, right, strict=True) if is_so), None)
            seen = Passages(np.array(early), np.array(retrieval, dtype=np.float64), answer)
        asked.append(
            Asked(
                features=np.array(
                    [[row.get(name, 0.0) for name in FEATURES] for row in rows], dtype=np.float64
                ).reshape(len(rows), len(FEATURES)),
                right=np.array(right, dtype=np.bool_),
                answerable=question.answerable,
                group=f"{dataset.name} {question.context}",
                places=np.array([span.passage for span in spans], dtype=np.int64),
                passages=seen,
                reread=_reread(reader, index, question.text, hits, spans) if len(hits) > 1 else None,
            )
        )
        if progress is not None:
            progress(number, len(questions))
    return asked


def _within(own: Corpus | None, context: int) -> Filter | None:
    """The document that a context is; all documents for ``None``."""
    name = None if own is None else own.document_ids[context]
    return None if name is None else Filter(documents=(name,))


def _reread(
    reader: Reader, index: PassageIndex | None, question: str, hits: Sequence[Passage], spans: Sequence[SpanScore]
) -> Reread:
    """What reading on tells of ``spans``, which stand in ``hits``."""
    texts, retrieval = [hit.text for hit in hits], [hit.score for hit in hits]
    documents = [] if index is None else [index.document(hit.document_id).text for hit in hits]

    def surrounding(number: int) -> Found | None:
        span = spans[number]
        around = surroundings(documents[span.passage], hits[span.passage], span.start)
        return None if around is None else reader.found_in(question, *around)

    return Reread(
        tuple(texts[span.passage][span.start : span.end] for span in spans),
        tuple(tuple(reader.read_at_once(question, texts, retrieval, span.passage)) for span in spans),
        lambda places: reader.found_in(question, joined([texts[place] for place in places])),
        surrounding,
    )


def fit(asked: Sequence[Asked], features: Sequence[str] = FITTED) -> Calibration:
    """Fit both steps.

    Args:
        asked: questions of both kinds, with their candidates.
        features: names of the features to use; the others get no weight.

    Raises:
        DatasetError: the questions are too few or all of one kind, so that nothing can be learned from them.
    """
    ranking = _ranking_weights(asked, [name for name in features if name not in SHARED])
    tops = [(item, int((item.features @ ranking).argmax())) for item in asked if len(item.features)]
    rows = np.array([item.features[first] for item, first in tops])
    right = np.array([bool(item.right[first]) for item, first in tops])
    if right.all() or not right.any():
        raise DatasetError("All first answers are right, or all wrong; a calibration needs both. Use more questions.")
    # What is the same for all questions, such as the passages where none were retrieved, cannot be told from the bias.
    shared = [
        at for at, name in enumerate(FEATURES) if name in SHARED and name in features and bool(np.ptp(rows[:, at]))
    ]
    names, columns = [FEATURES[at] for at in shared], [rows @ ranking, *rows[:, shared].T]
    (slope, *others), bias = platt(np.column_stack(columns), right)
    weights = {name: slope * float(weight) for name, weight in zip(FEATURES, ranking, strict=True) if weight != 0.0}
    return Calibration(bias=bias, weights=weights | dict(zip(names, others, strict=True)))


def _ranking_weights(asked: Sequence[Asked], names: Sequence[str]) -> NDArray[np.float64]:
    """Weights of the features, float64 of shape (len(FEATURES),), scaled so that ``span`` has weight 1."""
    from scipy.optimize import minimize

    useful = [item for item in asked if item.right.any() and not item.right.all()]
    # A feature that never differs, such as the retrieval score of questions that are only read, cannot be weighed.
    if not useful:
        raise DatasetError(
            "No question has both right and wrong candidates, so nothing can be weighed. Use more questions."
        )
    used = np.array(
        [
            name in names and bool(np.ptp(np.concatenate([item.features[:, at] for item in useful])))
            for at, name in enumerate(FEATURES)
        ]
    )

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, gradient = _PRIOR * float(weights @ weights), 2 * _PRIOR * weights
        for item in useful:
            features = item.features[:, used]
            logits = features @ weights
            everything = np.exp(logits - logits.max())
            share_all = everything / everything.sum()
            rights = np.where(item.right, everything, 0.0)
            share_right = rights / rights.sum()
            total -= float(np.log(rights.sum() / everything.sum())) / len(useful)
            gradient -= (share_right - share_all) @ features / len(useful)
        return total, gradient

    start = np.zeros(int(used.sum()))
    start[0] = 1.0
    found = minimize(loss, start, jac=True, method="L-BFGS-B")
    weights = np.zeros(len(FEATURES))
    weights[used] = found.x
    if weights[0] <= 0:
        raise DatasetError("The span scores of these questions say nothing about which answer is right.")
    scaled: NDArray[np.float64] = weights / weights[0]
    return scaled


def platt(
    columns: NDArray[np.float64], right: NDArray[np.bool_], counts: NDArray[np.float64] | None = None
) -> tuple[list[float], float]:
    """Slopes and bias of the logistic model of ``right`` given ``columns``, of shape (questions, slopes); ``counts``, of shape
    (questions,), says how much each question counts, all the same when ``None``."""
    from scipy.optimize import minimize

    signs = np.where(right, 1.0, -1.0)
    shares = np.full(len(right), 1 / len(right)) if counts is None else counts / counts.sum()

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slopes, margins = values[:-1], signs * (columns @ values[:-1] + values[-1])
        # The derivative of log(1 + exp(-m)) by m is -1 / (1 + exp(m)), written so that nothing overflows.
        steps = -signs * np.exp(-np.logaddexp(0.0, margins)) * shares
        gradient = np.append(columns.T @ steps + 2 * _PRIOR * slopes, steps.sum())
        return float(np.logaddexp(0.0, -margins) @ shares) + _PRIOR * float(slopes @ slopes), gradient

    start = np.zeros(columns.shape[1] + 1)
    start[0] = 0.3
    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return [float(slope) for slope in found[:-1]], float(found[-1])
