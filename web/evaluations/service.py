"""Evaluations of one page: its data sets, the run under way, and past runs."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from index.errors import DatasetError, IndexMissing, InputError
from qa.assistant import Assistant
from qa.evaluation.certainty import complete
from qa.evaluation.corpus import Corpus, locate, pooled_index
from qa.evaluation.datasets import Dataset
from qa.evaluation.report import Report
from qa.evaluation.runner import evaluate_answering, evaluate_reading, evaluate_retrieval
from qa.feedback import folder_beside
from web.evaluations.folders import new_id
from web.evaluations.job import Advance, Job, JobState
from web.evaluations.questions import FEEDBACK, QuestionSet, QuestionSets
from web.evaluations.runs import RunFacts, Runs
from web.feedback import Feedback

if TYPE_CHECKING:
    from index.interface import PassageIndex
    from web.page import Asker

SAMPLE = "Sample questions.json"
"""Name of the data set about the sample article."""
Mode = Literal["reading", "retrieval", "answering"]
_MAIN = ("f1", "exact_match", "unanswerable.accuracy", "calibration.ece", "retrieval.recall@5", "retrieval.mrr@10")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run.

    Attributes:
        dataset: id of an uploaded data set, or :data:`FEEDBACK`.
        mode: reading each question's own context, ranking passages, or the whole assistant.
        over: the data set's own texts, or the index of the page; reading knows only the former.
        answer_all: never refuse; of no meaning for ranking.
        limit: ask this many, spread evenly over the data set; all for ``None``.
        skip_faulty: leave faulty rows out instead of refusing to run.
    """

    dataset: str
    mode: Mode
    over: Literal["own", "index"] = "own"
    answer_all: bool = False
    limit: int | None = None
    skip_faulty: bool = False


class Evaluations:
    """Runs evaluations and keeps them in the folder ``evaluations`` beside the index. Safe to use from several threads."""

    def __init__(self, assistant: "Callable[[], Asker | None]", feedback: Feedback) -> None:
        """Evaluate what ``assistant`` gives; ``feedback`` is one of the data sets."""
        self._assistant = assistant
        self._feedback = feedback
        self.job = Job()

    @property
    def sets(self) -> QuestionSets:
        """The uploaded data sets."""
        return QuestionSets(self._place() / "questions")

    @property
    def runs(self) -> Runs:
        """The past runs."""
        return Runs(self._place() / "runs")

    def datasets(self) -> list[QuestionSet]:
        """What can be asked: the collected feedback, if it makes any questions, then uploads, the latest first."""
        found, _ = self._feedback.collected()
        sets = self.sets.every()
        if not found.questions:
            return sets
        contexts = len(found.data["data"])
        collected = QuestionSet(
            id=FEEDBACK,
            name="Collected feedback",
            questions=found.questions,
            unanswerable=found.unanswerable,
            contexts=contexts,
        )
        return [collected, *sets]

    def upload(self, file_name: str, data: bytes) -> QuestionSet:
        """Keep an uploaded question file; raises ``InputError`` if it cannot be used."""
        return self.sets.add(file_name, data, self.index())

    def add_sample(self) -> QuestionSet:
        """Keep the questions about the sample article, once; raises ``InputError`` if they cannot be kept."""
        data = files("web").joinpath("sample", "karabakh_questions.json").read_bytes()
        kept = (one for one in self.sets.every() if (one.name, one.size) == (SAMPLE, len(data)))
        found = next(kept, None)
        return self.upload(SAMPLE, data) if found is None else found

    def index(self) -> "PassageIndex":
        """The page's index; raises ``IndexMissing`` if there is none."""
        return self._real_assistant().index

    def start(self, request: RunRequest) -> JobState:
        """Begin a run in the background.

        Raises:
            InputError: another one is under way, too many are kept, there is no such data set, it has faulty rows that are
                not to be left out, or the request makes no sense.
            IndexMissing: there is no index.
        """
        assistant = self._real_assistant()
        if request.mode == "reading" and request.over == "index":
            raise InputError(
                "Reading asks each question of its own text. Choose ranking or answering to ask the index."
            )
        if request.limit is not None and request.limit < 1:
            raise InputError("Ask at least 1 question.")
        if self.job.state().state == "running":
            raise InputError("Another evaluation is running. Wait until it is done, or cancel it.")
        self.runs.check_room()  # not only when it is done, which may be hours later
        dataset, faults, fingerprint = self._load(request.dataset, assistant)
        if faults and not request.skip_faulty:
            raise DatasetError(f"{len(faults):,} rows are faulty. Correct them, or choose to leave them out.")
        return self.job.start(
            f"{dataset.name}, {request.mode}",
            lambda advance: self._work(request, dataset, len(faults), fingerprint, assistant, advance),
        )

    def _work(
        self,
        request: RunRequest,
        dataset: Dataset,
        skipped: int,
        fingerprint: str,
        assistant: Assistant,
        advance: Advance,
    ) -> str:
        """Run, keep the outcome, and give the id that it is kept under."""
        when = datetime.now().astimezone()
        report = complete(_evaluate(request, dataset, assistant, advance))
        advance("Writing the report", 0, 0)
        facts = RunFacts(
            id=new_id(),
            dataset=dataset.name,
            mode=request.mode,
            over=request.over,
            answer_all=None if request.mode == "retrieval" else request.answer_all,
            when=when,
            seconds=report.seconds,
            questions=report.questions,
            skipped=skipped,
            main=_main_scores(report),
        )
        settings = _settings(request, dataset, skipped, fingerprint, assistant)
        if report.not_in_index is not None:
            settings.append(("Left out", f"{report.not_in_index:,} questions whose contexts are not in the index"))
        self.runs.add(facts, report, dataset, settings)
        return facts.id

    def _load(self, name: str, assistant: Assistant) -> tuple[Dataset, list[str], str]:
        """A data set, its faults, and the SHA-256 of its content."""
        if name != FEEDBACK:
            return self.sets.load(name, assistant.index)
        found, _ = self._feedback.collected()
        if not found.questions:
            raise DatasetError("There is no feedback that makes a question yet. Give some under answers in the chat.")
        return found.dataset("Collected feedback"), [], hashlib.sha256(found.to_json().encode()).hexdigest()

    def _real_assistant(self) -> Assistant:
        assistant = self._assistant()
        if assistant is None:
            raise IndexMissing("There is no index yet. Add articles first.")
        if not isinstance(assistant, Assistant):
            raise InputError("This page answers in a way that cannot be evaluated.")
        return assistant

    def _place(self) -> Path:
        return folder_beside(self._real_assistant().index.location, "evaluations")


def _evaluate(request: RunRequest, dataset: Dataset, assistant: Assistant, advance: Advance) -> Report:
    def asked(done: int, total: int) -> None:
        advance("Asking questions", done, total)

    advance("Getting ready", 0, 0)
    if request.mode == "reading":
        reader = assistant.reader
        return evaluate_reading(dataset, reader, answer_all=request.answer_all, limit=request.limit, progress=asked)
    place: AbstractContextManager[tuple[PassageIndex, Corpus]]
    if request.over == "own":
        place = pooled_index(
            dataset, assistant.index.encoder, lambda done, total: advance("Embedding passages", done, total)
        )
    else:
        place = nullcontext((assistant.index, locate(dataset, assistant.index)))
    with place as (index, corpus):
        if request.mode == "retrieval":
            return evaluate_retrieval(dataset, index, corpus, limit=request.limit, progress=asked)
        asker = Assistant(index, lambda: assistant.reader, assistant.settings)
        return evaluate_answering(
            dataset, asker, corpus, answer_all=request.answer_all, limit=request.limit, progress=asked
        )


def _main_scores(report: Report) -> dict[str, tuple[float, float | None, float | None]]:
    """The scores to show in a list, with their intervals."""
    told = report.model_dump(by_alias=True, exclude_none=True)
    intervals = report.intervals if report.intervals is not None else {}
    found: dict[str, tuple[float, float | None, float | None]] = {}
    for name in _MAIN:
        part, _, key = name.rpartition(".")
        scores = told.get(part, {}) if part else told
        if key in scores:
            low, high = intervals.get(name, (None, None))
            found[name] = (float(scores[key]), low, high)
    return found


def _settings(
    request: RunRequest, dataset: Dataset, skipped: int, fingerprint: str, assistant: Assistant
) -> list[tuple[str, str]]:
    """What the report's page says of how the run was made."""
    told = [("Questions from", f"{dataset.name} · sha256 {fingerprint}")]
    limit = request.limit
    told.append(("Questions asked", "all" if limit is None else f"at most {limit:,}, spread evenly over the file"))
    if skipped:
        told.append(("Faulty rows", f"{skipped:,} left out"))
    if request.mode != "retrieval":
        told.append(("Refusing", "never" if request.answer_all else "below the threshold"))
    if request.over == "index":
        told.append(("Index", Path(assistant.index.location).name))
    return told
