"""Past runs: their scores, plots, worst questions and report, and holding two of them against each other."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from index.documents import Span
from index.errors import DatasetError, InputError, UnknownDocument
from qa.evaluation.comparison import Comparison, compare
from qa.evaluation.datasets import Dataset
from qa.evaluation.files import PAGE, TABLE, report_files
from qa.evaluation.page_data import page_data, parts
from qa.evaluation.plots import plots
from qa.evaluation.report import Report
from qa.evaluation.runs import SCORES, read_run
from qa.evaluation.tiles import tiles
from web.evaluations.excerpts import Excerpt, excerpt, spans_of
from web.evaluations.folders import Folders, write

_SUMMARY, _QUESTIONS = "summary.json", "questions.json"
_MAX_RUNS = 200
_UNREADABLE = "This run cannot be read any more."
DOWNLOADS = {SCORES: "application/json", TABLE: "text/csv"}
"""Files of a run that can be taken along, with their media types."""

Text = Callable[[str], str]
"""Gives the canonical text of a document of the index; raises ``UnknownDocument``."""


class RunFacts(BaseModel):
    """A past run.

    Attributes:
        id: of it.
        dataset: name of the data set. Not to be trusted.
        mode: what was measured.
        over: whether the data set's own texts were asked or the index.
        answer_all: whether it never refused; ``None`` where nothing was answered.
        when: it began.
        seconds: from the first question to the last.
        questions: how many were asked.
        skipped: faulty rows that were left out.
        main: the scores to show in a list, by name, with their interval: value, low, high.
    """

    id: str
    dataset: str
    mode: str
    over: Literal["own", "index"]
    answer_all: bool | None
    when: datetime
    seconds: float | None
    questions: int
    skipped: int = 0
    main: dict[str, tuple[float, float | None, float | None]]

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.dataset}, {self.mode_name}, {self.when:%Y-%m-%d %H:%M}"

    @property
    def mode_name(self) -> str:
        """What the page calls its mode."""
        return "ranking" if self.mode == "retrieval" else self.mode


class WorstQuestion(BaseModel):
    """A question with what was expected and what was found, each in its source."""

    id: str
    question: str
    right: bool
    refused: bool
    stage: str | None
    golds: list[str]
    answer: str | None
    best: str | None
    confidence: float | None
    f1: float | None
    rank: int | None
    error: str | None
    expected: Excerpt | None
    found: Excerpt | None


class WorstQuestions(BaseModel):
    """Some questions, the worst first; ``total`` is how many there are."""

    total: int
    questions: list[WorstQuestion]


class _Summary(BaseModel):
    tiles: list[dict[str, Any]]
    plots: list[dict[str, Any]]


class Runs:
    """The past runs of one index."""

    def __init__(self, place: Path) -> None:
        """Keep them in ``place``."""
        self._folders = Folders(place, RunFacts, _MAX_RUNS)

    def every(self) -> list[RunFacts]:
        """All of them, the latest first."""
        return self._folders.every()

    def facts(self, name: str) -> RunFacts:
        """One of them; raises ``InputError`` if there is none."""
        return self._folders.facts(name)

    def check_room(self) -> None:
        """Raise ``InputError`` if there are too many to keep another one."""
        self._folders.check_room()

    def add(self, facts: RunFacts, report: Report, dataset: Dataset, settings: list[tuple[str, str]]) -> None:
        """Keep a run; raises ``InputError`` if it cannot be kept."""

        def fill(folder: Path) -> RunFacts:
            data, _ = page_data(report, dataset)
            summary = {
                "tiles": [asdict(tile) for tile in tiles(report)],
                "plots": [asdict(plot) for plot in plots(report)],
            }
            files = report_files(report, dataset, settings, facts.when)
            # Half characters, which a file of questions may hold escaped, can be in no file of UTF-8.
            texts = {**files, _SUMMARY: json.dumps(summary), _QUESTIONS: json.dumps(data)}
            write(folder, {name: text.encode("utf-8", "replace").decode("utf-8") for name, text in texts.items()})
            return facts

        self._folders.add(facts.id, fill)

    def remove(self, name: str) -> None:
        """Remove a run; raises ``InputError`` if there is none."""
        self._folders.remove(name)

    def summary(self, name: str) -> dict[str, Any]:
        """Scores in words and plots as numbers, as :mod:`qa.evaluation.tiles` and :mod:`qa.evaluation.plots` give them.

        Raises:
            InputError: there is no such run, or it cannot be read any more.
        """
        read = _json(self._folders.path(name) / _SUMMARY)
        try:
            return _Summary.model_validate(read).model_dump()
        except ValidationError as error:
            raise InputError(_UNREADABLE) from error

    def page(self, name: str) -> str:
        """The report's page."""
        return _text(self._folders.path(name) / PAGE)

    def file(self, name: str, file: str) -> str:
        """One of :data:`DOWNLOADS`; raises ``InputError`` if it is none."""
        if file not in DOWNLOADS:
            raise InputError("There is no such file of a run.")
        return _text(self._folders.path(name) / file)

    def worst(self, name: str, text: Text, *, first: int, count: int, only: Literal["all", "wrong"]) -> WorstQuestions:
        """The worst questions of a run: wrong before right, then by F1, the surest first.

        Args:
            name: of the run.
            text: gives the text of a document, for answers from documents that are no context of the data set.
            first: number of the first question to give, from 0.
            count: how many at the most.
            only: all questions, or those whose outcome was wrong.

        Raises:
            InputError: there is no such run, or it cannot be read any more.
        """
        data = _json(self._folders.path(name) / _QUESTIONS)
        try:
            chosen = [row for row in data["questions"] if only == "all" or not row["right"]]
            chosen.sort(key=_badness)
            shown = [_question(row, data["contexts"], text) for row in chosen[first : first + count]]
            return WorstQuestions(total=len(chosen), questions=shown)
        # JSON of another shape than the file was written in: whatever is looked for in it may not be there.
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(_UNREADABLE) from error

    def compare(self, a: str, b: str) -> Comparison:
        """Hold two runs against each other.

        Raises:
            InputError: one of them is not there, or they cannot be compared.
        """
        sides, one, other = [], self.facts(a), self.facts(b)
        if one.mode != other.mode:
            raise InputError(
                f"A ({one.label}) is a run of {one.mode_name} and B ({other.label}) of {other.mode_name}, which measure "
                "different things. Choose two runs of the same mode."
            )
        for name, letter in ((a, "A"), (b, "B")):
            label = f"{letter} ({self.facts(name).label})"
            try:
                sides.append(replace(read_run(self._folders.path(name)), name=label))
            except DatasetError as error:
                raise InputError(f"{label} cannot be read any more.") from error
        return compare(*sides)


def _badness(row: dict[str, Any]) -> tuple[bool, float, float]:
    """Lowest for the worst question."""
    f1 = row["f1"] if row["f1"] is not None else 0.0 if row["rank"] is None else 1.0 / row["rank"]
    return row["right"], f1, 0.0 if row["confidence"] is None else -row["confidence"]


def _question(row: dict[str, Any], contexts: dict[str, Any], text: Text) -> WorstQuestion:
    gold, found = spans_of(row["gold"]), row["found"]
    given = None if found is None else Span(*found["span"])
    of_gold = contexts[str(row["context"])]
    same = found is not None and found["context"] == row["context"]
    in_gold = [given] if same and given is not None else []
    # Of a question without an answer, the beginning of its text.
    focus = gold[0] if gold else Span(0, 1)
    expected = excerpt(of_gold["name"], of_gold["length"], of_gold["parts"], focus, gold, in_gold)
    shown = None
    if given is not None and given.start < given.end:
        shown = _found(row, found, given, contexts, text, gold if same else [])
    return WorstQuestion(
        id=row["id"],
        question=row["question"],
        right=row["right"],
        refused=row["refused"],
        stage=None if row["stage"] is None else row["stage"].replace("_", " "),
        golds=row["golds"],
        answer=row["answer"],
        best=row["best"],
        confidence=row["confidence"],
        f1=row["f1"],
        rank=row["rank"],
        error=row["error"],
        expected=expected,
        found=shown,
    )


def _found(
    row: dict[str, Any], found: dict[str, Any], given: Span, contexts: dict[str, Any], text: Text, gold: list[Span]
) -> Excerpt | None:
    """Where the best answer stands; ``None`` if its text is not there any more, or has other words there."""
    if found["context"] is not None:
        context = contexts[str(found["context"])]
        return excerpt(context["name"], context["length"], context["parts"], given, gold, [given])
    if found["document"] is None:
        return None
    try:
        whole = text(found["document"])
    except UnknownDocument:
        return None
    if whole[given.start : given.end] != row["best"]:
        return None
    return excerpt(found["document"], len(whole), parts(whole, [given]), given, gold, [given])


def _json(path: Path) -> dict[str, Any]:
    # A page asks for the same run's questions again and again; the time tells whether it is the same file still.
    try:
        when = path.stat().st_mtime_ns
    except OSError as error:
        raise InputError(_UNREADABLE) from error
    return _read_json(path, when)


@lru_cache(maxsize=4)
def _read_json(path: Path, when: int) -> dict[str, Any]:
    del when
    try:
        read = json.loads(_text(path))
    except ValueError as error:
        raise InputError(_UNREADABLE) from error
    if not isinstance(read, dict):
        raise InputError(_UNREADABLE)
    return read


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(_UNREADABLE) from error
