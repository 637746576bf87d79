"""Two runs over the same questions: what differs, how certain that is, and which questions went from right to wrong.

**Differences** are B - A, with a paired bootstrap: both runs are scored on the same resamples of the same questions
(Efron and Tibshirani 1993, chapter 13; Koehn 2004, "Statistical significance tests for machine translation evaluation"),
drawn by context as in :mod:`qa.evaluation.resampling`. An interval without 0 in it means that the difference is hardly due
to the choice of questions.

**McNemar's exact test** looks only at the questions that one run has right and the other wrong. If the runs were equally
good, each would win such a question with probability 1/2; the p-value is the two-sided binomial probability of a split at
least as uneven (McNemar 1947; the exact form in Agresti 2013, "Categorical data analysis", section 11.1). It takes the
questions for independent, as the bootstrap by context does not: where they disagree, the bootstrap is the careful one.

A question is *right* if its answer is an exact match (for retrieval: if there is a hit among the first five). A *refusal
decision* is right if an answer was given to a question that has one, or none to one that has none.
"""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from index.errors import DatasetError
from qa.evaluation.certainty import numbers, sample
from qa.evaluation.estimates import estimators
from qa.evaluation.report import Bootstrap, QuestionResult
from qa.evaluation.resampling import LEVEL, RESAMPLES, SEED, clusters_of, percentile_interval
from qa.evaluation.runs import Run
from qa.models import Frozen

FIRST = 5
"""Among how many passages or documents a hit must be for a retrieval to count as right."""


class Difference(Frozen):
    """A score in both runs, ``difference`` = b - a in its unit, and the 95 % interval of that: (low, high)."""

    a: float
    b: float
    difference: float
    interval: tuple[float, float]


class McNemar(Frozen):
    """Questions that only one run has right, and the probability in 0..1 of a split at least as uneven by chance."""

    only_a: int
    only_b: int
    p_value: float = Field(ge=0, le=1)


class Change(Frozen):
    """A question that A has right and B wrong; ``a`` and ``b`` are what they answered, or the rank of the first hit."""

    id: str
    question: str
    golds: tuple[str, ...]
    a: str | int | None
    b: str | int | None


class Comparison(Frozen):
    """What :func:`compare` found; ``improvements`` counts the questions that A has wrong and B right."""

    a: str
    b: str
    mode: str
    questions: int
    scores: dict[str, Difference]
    mcnemar: dict[str, McNemar]
    regressions: tuple[Change, ...]
    improvements: int
    bootstrap: Bootstrap
    seed: int


def compare(a: Run, b: Run) -> Comparison:
    """Hold two runs against each other.

    Raises:
        DatasetError: they are of different questions, or of modes that measure different things.
    """
    _check_modes(a, b)
    pairs = _pairs(a, b)
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    clusters = clusters_of([result.context for result in ours])
    retrieval = a.mode == "retrieval"
    right = [(_is_right(one, retrieval), _is_right(other, retrieval)) for one, other in pairs]
    tests = {f"hit@{FIRST}" if retrieval else "exact_match": mcnemar(right)}
    if not retrieval:
        tests["refusal"] = mcnemar([(_decided_rightly(one), _decided_rightly(other)) for one, other in pairs])
    lost = [pair for pair, (was, still) in zip(pairs, right, strict=True) if was and not still]
    return Comparison(
        a=a.name,
        b=b.name,
        mode=a.mode if a.mode == b.mode else f"{a.mode}, {b.mode}",
        questions=len(pairs),
        scores=_differences(a, b, ours, theirs),
        mcnemar=tests,
        regressions=tuple(_change(one, other, retrieval) for one, other in lost),
        improvements=sum(now and not before for before, now in right),
        bootstrap=Bootstrap(unit=clusters.unit, units=clusters.count, resamples=RESAMPLES, level=LEVEL),
        seed=SEED,
    )


def mcnemar(right: Sequence[tuple[bool, bool]]) -> McNemar:
    """McNemar's exact test of pairs (A is right, B is right), one for each question; 1.0 if the runs never differ."""
    only_a = sum(one and not other for one, other in right)
    only_b = sum(other and not one for one, other in right)
    if only_a + only_b == 0:
        return McNemar(only_a=0, only_b=0, p_value=1.0)
    # Here, not at the top: it takes a while to import, and only this function needs it.
    from scipy.stats import binomtest

    p_value = float(binomtest(only_a, only_a + only_b, 0.5).pvalue)
    return McNemar(only_a=only_a, only_b=only_b, p_value=min(1.0, p_value))


def _check_modes(a: Run, b: Run) -> None:
    modes = {a.mode, b.mode}
    # Predictions from elsewhere were made in whichever way they were; the questions and the scores are the same.
    if len(modes) > 1 and ("retrieval" in modes or "scored" not in modes):
        raise DatasetError(
            f"{a.name} is of --mode {a.mode} and {b.name} of --mode {b.mode}, which measure different things.\n"
            "Run both in the same mode."
        )


def _pairs(a: Run, b: Run) -> list[tuple[QuestionResult, QuestionResult]]:
    """The two results of each question, in the order of ``a``."""
    others = {result.id: result for result in b.results}
    only_a = [result.id for result in a.results if result.id not in others]
    only_b = sorted(others.keys() - {result.id for result in a.results})
    if only_a or only_b:
        counts = (
            f"{len(only_a)} are in {a.name} only, {len(only_b)} in {b.name} only, such as {(only_a or only_b)[0]!r}"
        )
        raise DatasetError(
            f"The runs are not of the same questions: {counts}.\n"
            "Run both over the same data set, with the same limit on how many to ask."
        )
    for result in a.results:
        other = others[result.id]
        if (result.question, result.golds) != (other.question, other.golds):
            raise DatasetError(
                f"The question {result.id!r} has another text or other answers in {a.name} than in {b.name}.\n"
                "Run both over the same data set."
            )
    return [(result, others[result.id]) for result in a.results]


def _differences(
    a: Run, b: Run, ours: Sequence[QuestionResult], theirs: Sequence[QuestionResult]
) -> dict[str, Difference]:
    """Every score that both runs have."""
    present = dict(numbers(a.scores)).keys() & dict(numbers(b.scores)).keys()
    of_a, of_b = estimators(ours, a.mode), estimators(theirs, b.mode)
    names = [name for name in of_a if name in present and name in of_b]
    clusters = clusters_of([result.context for result in ours])
    once = np.ones((1, len(ours)))
    samples_a = sample({name: of_a[name] for name in names}, clusters)
    samples_b = sample({name: of_b[name] for name in names}, clusters)
    found = {}
    for name in names:
        score_a, score_b = float(of_a[name](once)[0]), float(of_b[name](once)[0])
        interval = percentile_interval(samples_b[name] - samples_a[name])
        # Reports of former versions do not tell all that a score needs.
        if interval is not None and not np.isnan(score_a) and not np.isnan(score_b):
            found[name] = Difference(a=score_a, b=score_b, difference=score_b - score_a, interval=interval)
    return found


def _is_right(result: QuestionResult, retrieval: bool) -> bool:
    if retrieval:
        return result.gold_rank is not None and result.gold_rank <= FIRST
    return result.exact_match == 1.0


def _decided_rightly(result: QuestionResult) -> bool:
    return bool(result.prediction) == bool(result.golds)


def _change(a: QuestionResult, b: QuestionResult, retrieval: bool) -> Change:
    shown = (a.gold_rank, b.gold_rank) if retrieval else (a.prediction, b.prediction)
    return Change(id=a.id, question=a.question, golds=a.golds, a=shown[0], b=shown[1])
