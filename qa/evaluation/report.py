"""What ``qa eval --json`` prints, and the result of every question for reports and comparisons."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from qa.evaluation.shapes import Breakdown, FoundSpan, Stage, StageCounts

Share = float
"""A number in 0..1."""

Mode = Literal["reading", "retrieval", "answering", "conversation", "scored"]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class AnswerableScores(_Shape):
    """Scores in percent over the questions that have an answer."""

    questions: int
    exact_match: float
    f1: float


class UnanswerableScores(_Shape):
    """``accuracy``: share of the questions without an answer that were left unanswered."""

    questions: int
    accuracy: Share


class NoAnswerScores(_Shape):
    """Telling questions that have an answer from those that have none.

    ``auroc`` is of the confidence, whatever the threshold; ``None`` if all questions are unanswerable. ``precision``
    and ``recall`` are of refusing at ``threshold``; the three are ``None`` when the system was told to answer
    everything, ``precision`` also when nothing was refused. Predictions that were made elsewhere have no ``threshold``.
    """

    auroc: Share | None = None
    threshold: Share | None = None
    precision: Share | None = None
    recall: Share | None = None


class CalibrationScores(_Shape):
    """``ece``: expected calibration error over ten equal-width bins."""

    ece: Share


class RetrievalScores(_Shape):
    """Scores of the rank of the first hit; see :mod:`qa.evaluation.retrieval`."""

    recall_1: Share = Field(alias="recall@1")
    recall_5: Share = Field(alias="recall@5")
    recall_20: Share = Field(alias="recall@20")
    mrr_10: Share = Field(alias="mrr@10")
    ndcg_10: Share = Field(alias="ndcg@10")


class RiskCoverageScores(_Shape):
    """``aurc``: area under the risk-coverage curve; see :func:`qa.evaluation.calibration.area_under_risk_coverage`."""

    aurc: Share


class CitationScores(_Shape):
    """How well citations fit.

    ``verbatim`` is the share of the answers given that are exactly the cited characters of the document. ``iou`` and
    ``sentence_recall`` are means over all answerable questions; one without an answer, or with a citation of another
    document, counts as 0, so that refusing cannot raise them.
    """

    verbatim: Share | None = None
    iou: Share | None = None
    sentence_recall: Share | None = None


class FollowUpScores(_Shape):
    """Scores in percent of the questions that follow another one; see :mod:`qa.evaluation.conversation`.

    ``standalone_exact_match`` and ``standalone_f1`` are those of the same questions asked in full, ``ratio`` is ``f1`` over
    ``standalone_f1`` (``None`` if that is 0), ``changed`` the share that was read as something else than was asked.
    ``after_right`` is the number of those before which all answers were right, and ``after_right_ratio`` the ratio among
    them: what is lost beyond it is lost because an earlier answer was wrong.
    """

    questions: int
    exact_match: float
    f1: float
    standalone_exact_match: float
    standalone_f1: float
    ratio: float | None
    changed: Share
    after_right: int
    after_right_ratio: float | None


class ClaimScores(_Shape):
    """Scores of lists, of attribution and of differing claims in 0..1; see :mod:`qa.evaluation.claims`.

    ``lists``, ``differing``, ``agreeing`` and ``plain`` are numbers of questions.
    """

    lists: int
    differing: int
    agreeing: int
    plain: int
    list_precision: Share | None = None
    list_recall: Share | None = None
    list_f1: Share | None = None
    attribution: Share | None = None
    attribution_recall: Share | None = None
    differing_shown: Share | None = None
    differing_both: Share | None = None
    differing_found: Share | None = None
    agreeing_as_differing: Share | None = None
    plain_as_differing: Share | None = None


class Latency(_Shape):
    """Percentiles in milliseconds, interpolated linearly, of the time that one question took."""

    p50: float
    p95: float


class Bootstrap(_Shape):
    """How the intervals were made (:mod:`qa.evaluation.resampling`): ``units`` are drawn whole, contexts or questions."""

    unit: Literal["context", "question"]
    units: int
    resamples: int
    level: Share


class CitedSpan(_Shape):
    """The span that an answer was cited with, and how it fits; ``iou`` and ``sentence_recall`` as for the scores."""

    document_id: str | None
    start: int
    end: int
    verbatim: bool
    iou: Share | None = None
    sentence_recall: Share | None = None


class QuestionResult(_Shape):
    """What became of one question.

    Attributes:
        id, question, golds: as in the question file; ``golds`` is empty for an unanswerable question.
        context: position of its context among the distinct contexts of the file, from 0; of a query in a folder in
            BEIR's form, that of the most relevant document.
        prediction: the answer given; empty if none was, ``None`` where answers are not asked for.
        best: the best answer found, given or not; ``None`` if the system did not tell.
        confidence: probability that ``best`` is right.
        exact_match, f1: of ``prediction``, in 0..1.
        right: whether ``best`` is right; see :mod:`qa.evaluation.scoring`.
        citation: of ``prediction``.
        gold_rank: rank of the first passage that is a hit, from 1; ``None`` if none is or passages were not ranked.
        ranking: its own scores of ranking by name, where documents are judged one by one; else they follow from the rank.
        located: whether it is known where its gold spans stand; ``None`` where answers are not asked for.
        seconds: how long it took; ``None`` for predictions that were made elsewhere.
        error: why the question could not be asked.
        stage: what became of it; see :mod:`qa.evaluation.stages`. ``None`` where that is not known.
        found: where ``best`` stands.
        in_gold_passage: whether it stands in a passage with a gold span; ``None`` if that is not known.
        claims: its own scores of claims by name (:mod:`qa.evaluation.claims`), in a run of conversations.
        read_as: what a follow-up was read as, in a run of conversations; ``None`` where that is what was asked.
    """

    id: str
    question: str
    golds: tuple[str, ...]
    context: int
    prediction: str | None = None
    best: str | None = None
    confidence: Share | None = None
    exact_match: Share | None = None
    f1: Share | None = None
    right: bool | None = None
    citation: CitedSpan | None = None
    gold_rank: int | None = None
    ranking: dict[str, Share] | None = None
    located: bool | None = None
    seconds: float | None
    error: str | None = None
    stage: Stage | None = None
    found: FoundSpan | None = None
    in_gold_passage: bool | None = None
    claims: dict[str, Share] | None = None
    read_as: str | None = None


class ReliabilityBin(_Shape):
    """A bin of the reliability diagram; see :class:`qa.evaluation.calibration.Bin`."""

    low: Share
    high: Share
    questions: int
    confidence: Share
    accuracy: Share


class RiskPoint(_Shape):
    """A point of the risk-coverage curve; see :class:`qa.evaluation.calibration.CoveragePoint`."""

    confidence: Share
    coverage: Share
    risk: Share


class Diagnostics(_Shape):
    """What reports draw beyond the contract's numbers.

    ``exact_ece`` is the calibration error with an exact match as the test of being right; ``aurc`` the area under the
    risk-coverage curve, of which a long run has a thousand points.
    """

    reliability: tuple[ReliabilityBin, ...]
    exact_ece: Share
    risk_coverage: tuple[RiskPoint, ...]
    aurc: Share


class Report(_Shape):
    """The outcome of a run.

    ``exact_match`` and ``f1`` are in percent, ``latency_ms`` in milliseconds, ``seconds`` is the time from the first
    question to the last (loading and indexing left out), every other score lies in 0..1. What does not apply to the
    mode or the file is ``None``, and absent from the JSON.

    ``without_prediction`` counts questions that a file of predictions does not have; they are scored as unanswered.
    ``skipped_rows`` counts faulty rows of the question files that were left out; ``None`` if that was not allowed.
    ``not_in_index`` counts questions that were left out because their contexts are not in the index that was asked.
    ``intervals`` has the 95 % interval of each score, (low, high), under its name with dots (``answerable.f1``) and in its
    unit; ``seed`` is that of their resamples. ``peak_memory_mb`` is the most memory that the process held, in MB;
    ``versions`` has those of Python and of packages. These are filled in by :func:`qa.evaluation.certainty.complete`.
    """

    dataset: str
    mode: Mode
    questions: int
    without_prediction: int | None = None
    skipped_rows: int | None = None
    not_in_index: int | None = None
    exact_match: float | None = None
    f1: float | None = None
    answerable: AnswerableScores | None = None
    unanswerable: UnanswerableScores | None = None
    no_answer: NoAnswerScores | None = None
    calibration: CalibrationScores | None = None
    retrieval: RetrievalScores | None = None
    risk_coverage: RiskCoverageScores | None = None
    citation: CitationScores | None = None
    follow_ups: FollowUpScores | None = None
    claims: ClaimScores | None = None
    stages: StageCounts | None = None
    breakdown: Breakdown | None = None
    intervals: dict[str, tuple[float, float]] | None = None
    bootstrap: Bootstrap | None = None
    seed: int | None = None
    latency_ms: Latency | None = None
    questions_per_second: float | None = None
    peak_memory_mb: float | None = None
    models: dict[str, dict[str, str]]
    versions: dict[str, str] | None = None
    seconds: float | None = None
    diagnostics: Diagnostics | None = Field(default=None, exclude=True)
    results: Annotated[Sequence[QuestionResult], SkipValidation] = Field(default=(), exclude=True)

    def to_json(self) -> str:
        """The object of the contract, on several lines, without the results of single questions."""
        return self.model_dump_json(by_alias=True, exclude_none=True, indent=2)
