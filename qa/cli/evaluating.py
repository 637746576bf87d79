"""Commands that measure: eval."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from qa.cli.app import AsJson, ReaderName, app, complain, progress_bar, remember
from qa.cli.bounds import FailOver, FailUnder, read_bounds
from qa.cli.documents import open_existing
from qa.cli.reporting import settings_of, write_report
from qa.cli.showing import show

if TYPE_CHECKING:
    from index import PassageIndex
    from qa.evaluation.beir import JudgedDataset
    from qa.evaluation.conversation_files import ConversationRow
    from qa.evaluation.corpus import Corpus
    from qa.evaluation.datasets import Dataset
    from qa.evaluation.journal import Journal, Kept
    from qa.evaluation.report import Report

    class OpenJournal(Protocol):
        """Takes what is known of the models and the index, once they are loaded, and the shape of the results."""

        def __call__(self, facts: dict[str, object], shape: type[Kept], /) -> Journal[Kept] | None:
            """The journal; ``None`` where no report is asked for."""


_TERMINATED = 143  # as shells have it for a program that SIGTERM ended


class Mode(StrEnum):
    """What is measured: reading one's own context, ranking passages, the whole assistant, or it within conversations."""

    reading = "reading"
    retrieval = "retrieval"
    answering = "answering"
    conversation = "conversation"


@app.command("eval")
def evaluate(
    dataset: Annotated[
        list[Path],
        typer.Argument(
            help="SQuAD v1.1/v2.0 JSON, JSON lines or CSV; several count as one. Or a folder in BEIR's form.",
            metavar="DATASET...",
        ),
    ],
    mode: Annotated[
        Mode,
        typer.Option(
            help="reading: each question of its own context. retrieval: passage ranking over all contexts of the file. "
            "answering: the whole assistant over all contexts of the file. "
            "conversation: the same, each follow-up after the questions before it, and in its standalone form (JSON lines)."
        ),
    ] = Mode.reading,
    answer_all: Annotated[
        bool, typer.Option("--answer-all", help="Never refuse: give the best span for every question.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Ask only this many, spread evenly over the file.", metavar="N")
    ] = None,
    # Not the option of the other commands: a folder set by QA_INDEX must not silently replace the file's own contexts.
    index: Annotated[
        str | None,
        typer.Option(
            "--index", callback=remember, metavar="DIR", help="Ask an existing index instead of the file's contexts."
        ),
    ] = None,
    distractors: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A question file whose contexts, not its questions, join in; repeatable."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write report.html, the scores and every question's result into this folder. A run that was cut off goes on "
            "with the same command.",
        ),
    ] = None,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Name faulty rows and leave them out, instead of stopping at them.")
    ] = False,
    reader: ReaderName = None,
    fail_under: FailUnder = None,
    fail_over: FailOver = None,
    as_json: AsJson = False,
) -> None:
    """Score answers, refusals, citations and retrieval on a file of questions."""
    from qa.evaluation.certainty import complete
    from qa.evaluation.datasets import combine, load_dataset

    bounds = read_bounds(fail_under, fail_over)
    faults: list[str] = []

    def left_out(fault: str) -> None:
        # Said at once: what stops the command later may come of it.
        complain(f"left out  {fault}")
        faults.append(fault)

    on_fault = left_out if skip_invalid else None
    others = [load_dataset(path, on_fault) for path in distractors or ()]
    judged = _judged(dataset, mode, on_fault, alone=not others)
    if judged is None:
        files = [load_dataset(path, on_fault) for path in dataset]
        questions = combine([*files, *(replace(other, questions=()) for other in others)])
    else:
        questions = judged.dataset
    if others and (mode is Mode.reading or index is not None):
        raise typer.BadParameter(
            "--distractors join the contexts of the file in --mode retrieval or answering, without --index."
        )
    if mode is Mode.reading and index is not None:
        raise typer.BadParameter(
            "--index goes with --mode retrieval, answering or conversation; reading asks each question of its own context."
        )
    if mode is Mode.retrieval and (answer_all or reader is not None):
        raise typer.BadParameter("--answer-all and --reader do not go with --mode retrieval, which reads nothing.")
    rows: Mapping[str, ConversationRow] = {}
    if mode is Mode.conversation:
        from qa.evaluation.conversation_files import load_rows

        if len(dataset) > 1:
            raise typer.BadParameter("--mode conversation takes one file of JSON lines at a time.")
        questions, rows = load_rows(dataset[0], questions, on_fault)
    answering = None if mode is Mode.retrieval else answer_all
    settings = settings_of(dataset, distractors or (), limit=limit, answer_all=answering, index=index)
    # What is asked is part of the results; how many questions of it are asked is not.
    asked: dict[str, object] = {"mode": mode, "settings": settings_of(dataset, distractors or (), answer_all=answering)}
    with _ending_in_order(), _keeping(report, asked) as open_journal:
        found = _run(
            questions,
            mode,
            judged,
            rows,
            open_journal,
            answer_all=answer_all,
            limit=limit,
            index=index,
            reader=reader,
        )
        result = complete(found.model_copy(update={"skipped_rows": len(faults)}) if skip_invalid else found)
        if result.not_in_index is not None:
            complain(
                f"{result.not_in_index:,} of {result.questions + result.not_in_index:,} questions are left out: "
                "their contexts are not in the index, so no rank can be judged."
            )
            settings.append(("Left out", f"{result.not_in_index:,} questions whose contexts are not in the index"))
        if report is not None:
            settings += [("Faulty rows left out", f"{len(faults):,}")] if skip_invalid else []
            write_report(report, result, questions, settings)
    show(result, bounds, as_json=as_json)


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let SIGTERM, which schedulers send, end the block as Ctrl-C does, so that what it made for a while is removed."""

    def end(_number: int, _frame: object) -> None:
        # Sent twice, as timeout(1) does to a program and its group, it must not interrupt the clearing away.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(_TERMINATED)

    # One who has chosen to ignore it, or a program around us that handles it, knows better; so do other threads.
    ours = threading.current_thread() is threading.main_thread() and (
        signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if ours:
        signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def _keeping(report: Path | None, asked: dict[str, object]) -> "Iterator[OpenJournal]":
    """What opens the journal of a run, once its models are known; the journal goes when the block ends without an error."""
    from qa.evaluation.certainty import versions
    from qa.evaluation.journal import Journal

    journals: list[Journal[Any]] = []

    def open_journal(facts: dict[str, object], shape: "type[Kept]") -> "Journal[Kept] | None":
        if report is None:
            return None
        journal = Journal(report, {**asked, **facts, "versions": versions()}, shape)
        journals.append(journal)
        if journal.found:
            complain(f"Going on with an earlier run: {journal.found:,} results are in {report} already.")
        return journal

    try:
        yield open_journal
    except BaseException:
        for journal in journals:
            journal.close()
            complain(f"What was answered is kept in {report}; the same command goes on from there.")
        raise
    for journal in journals:
        journal.finish()


def _judged(
    paths: list[Path], mode: Mode, on_fault: Callable[[str], None] | None, *, alone: bool
) -> "JudgedDataset | None":
    """The folder that is to be evaluated, if it is one."""
    folders = [path for path in paths if os.path.isdir(path)]  # noqa: PTH112 - which raises nothing
    if not folders:
        return None
    if mode is not Mode.retrieval:
        raise typer.BadParameter(f"{folders[0]} is a folder; its documents can be ranked with --mode retrieval only.")
    if len(paths) > 1 or not alone:
        raise typer.BadParameter(f"{folders[0]} is a folder; evaluate it alone, without other files or --distractors.")
    from qa.evaluation.beir import load_beir

    return load_beir(folders[0], on_fault)


def _run(
    dataset: "Dataset",
    mode: Mode,
    judged: "JudgedDataset | None",
    rows: Mapping[str, "ConversationRow"],
    open_journal: "OpenJournal",
    *,
    answer_all: bool,
    limit: int | None,
    index: str | None,
    reader: str | None,
) -> "Report":
    from index import MiniLMEncoder
    from qa.assistant import Assistant
    from qa.conversation.approaches import DEFAULT
    from qa.evaluation.conversation import Asked, evaluate_conversation
    from qa.evaluation.corpus import contents, locate, pooled_index, texts_digest
    from qa.evaluation.judged import evaluate_judged
    from qa.evaluation.report import QuestionResult
    from qa.evaluation.runner import encoder_facts, evaluate_answering, evaluate_reading, evaluate_retrieval
    from qa.reader import load_reader

    with progress_bar() as advance:

        def asked(done: int, total: int) -> None:
            advance("Asking questions", done, total)

        if mode is Mode.reading:
            loaded = load_reader(reader)
            journal = open_journal(loaded.facts() | {"contexts": texts_digest(dataset)}, QuestionResult)
            return evaluate_reading(
                dataset, loaded, answer_all=answer_all, limit=limit, progress=asked, journal=journal
            )
        place: AbstractContextManager[tuple[PassageIndex, Corpus]]
        if index is None:
            place = pooled_index(
                dataset, MiniLMEncoder(), lambda done, total: advance("Embedding passages", done, total)
            )
        else:
            existing = open_existing(index)
            place = nullcontext((existing, locate(dataset, existing)))
        with place as (passages, corpus):
            facts: dict[str, object] = {"encoder": encoder_facts(passages), "index": contents(passages)}
            if index is not None:
                # The articles of the file may have changed while the index, which need not hold them, has not.
                facts["contexts"] = texts_digest(dataset)
            if mode is Mode.retrieval:
                journal = open_journal(facts, QuestionResult)
                if judged is not None:
                    return evaluate_judged(judged, passages, corpus, limit=limit, progress=asked, journal=journal)
                return evaluate_retrieval(dataset, passages, corpus, limit=limit, progress=asked, journal=journal)
            assistant = Assistant(passages, lambda: load_reader(reader))
            facts |= {**assistant.reader.facts(), "assistant": asdict(assistant.settings)}
            if mode is Mode.conversation:
                return evaluate_conversation(
                    dataset,
                    rows,
                    assistant,
                    corpus,
                    answer_all=answer_all,
                    limit=limit,
                    progress=asked,
                    journal=open_journal(facts | {"approach": DEFAULT}, Asked),
                )
            return evaluate_answering(
                dataset,
                assistant,
                corpus,
                answer_all=answer_all,
                limit=limit,
                progress=asked,
                journal=open_journal(facts, QuestionResult),
            )
