"""``RESULTS.md``: the tables of :mod:`benchmarks.answering` with what is needed to judge and to repeat them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.scored import Line, markdown
from benchmarks.sections import Section
from benchmarks.tables import command, processor
from benchmarks.tables import versions as installed
from qa.evaluation.report import Report
from qa.evaluation.shapes import STAGES
from qa.reader import Reader

_OWN_PACKAGES = ("onnxruntime", "tokenizers", "numpy", "faiss-cpu")


def write_results(
    sections: Sequence[Section],
    lines: Sequence[Sequence[Line]],
    thresholds: Mapping[str, float],
    *,
    arguments: Sequence[str],
    date: datetime.date,
    threads: int,
    busy: str,
    rounds: int,
    timed: int,
    reader: Reader,
    versions: Mapping[str, str],
) -> str:
    """The text of the file.

    Args:
        sections: what was asked.
        lines: for each section those of its table, Footnote's first.
        thresholds: chosen for the peers, by name.
        arguments: of the command line.
        date: of the run.
        threads: that each system had.
        busy: load average of the machine before the run.
        rounds: of the timing.
        timed: questions that were timed in each section.
        reader: Footnote's.
        versions: of the peers' packages.
    """
    tables = "\n".join(
        f"## {section.title}\n\n{_asked(section)}\n\n{markdown(part)}"
        for section, part in zip(sections, lines, strict=True)
    )
    facts = reader.describe()
    chosen = ", ".join(f"{name} {value:g}" for name, value in thresholds.items())
    template = Path(__file__).with_name("results.md.in").read_text(encoding="utf-8")
    return template.format(
        tables=tables,
        stages=stages([(section.title, part[0].report) for section, part in zip(sections, lines, strict=True)]),
        loss=loss(sections, [part[0].report for part in lines]),
        command=command("benchmarks.answering", arguments),
        thresholds=chosen or "none",
        threshold=f"{reader.threshold:g}",
        date=date,
        processor=processor(),
        threads=threads,
        busy=busy,
        rounds=rounds,
        timed=timed,
        weights=f"{facts['name']} {facts['version']}, SHA-256 {facts['sha256'][:12]}",
        versions=", ".join(f"{name} {number}" for name, number in [*_own(), *versions.items()]),
    )


def stages(reports: Sequence[tuple[str, Report]]) -> str:
    """A Markdown table of how many of Footnote's questions ended at each stage."""
    shown = [stage for stage in STAGES if any(_count(report, stage) for _, report in reports)]
    rows = [["", *(stage.replace("_", " ") for stage in shown)], ["---", *["---:"] * len(shown)]]
    rows += [[title, *(str(_count(report, stage)) for stage in shown)] for title, report in reports]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def loss(sections: Sequence[Section], reports: Sequence[Report]) -> str:
    """A line for each file that was read and answered: what answering loses, and at which stages."""
    read = {
        section.title.removeprefix("Reading: "): report
        for section, report in zip(sections, reports, strict=True)
        if section.mode == "reading"
    }
    found: list[str] = []
    for section, report in zip(sections, reports, strict=True):
        name = section.title.removeprefix("Answering: ").partition(",")[0]
        if section.mode != "answering" or name not in read or report.f1 is None or read[name].f1 is None:
            continue
        more = {stage: _count(report, stage) - _count(read[name], stage) for stage in STAGES if stage != "right"}
        told = ", ".join(f"{stage.replace('_', ' ')} {count:+d}" for stage, count in more.items() if count)
        found.append(
            f"- {name}: F1 {read[name].f1:.1f} when reading, {report.f1:.1f} when answering "
            f"({report.f1 - read[name].f1:+.1f}); {_kinds(read[name], report)}of {report.questions} questions: "
            f"{told or 'the same stages'}."
        )
    return "\n".join(found)


def _kinds(read: Report, answered: Report) -> str:
    """F1 of the questions with an answer, and the share of those without that were refused, in both modes."""
    if read.answerable is None or answered.answerable is None:
        return ""
    if read.unanswerable is None or answered.unanswerable is None:
        return ""
    with_answer = f"F1 of those with an answer {read.answerable.f1:.1f} and {answered.answerable.f1:.1f}"
    refused = (100 * read.unanswerable.accuracy, 100 * answered.unanswerable.accuracy)
    return f"{with_answer}, of those without {refused[0]:.0f} % and {refused[1]:.0f} % are refused; "


def _count(report: Report, stage: str) -> int:
    count = None if report.stages is None else getattr(report.stages, stage, None)
    return 0 if count is None else int(count)


def _asked(section: Section) -> str:
    questions = section.dataset.questions
    return f"{len(questions)} questions, {sum(not question.answerable for question in questions)} of them without an answer."


def _own() -> list[tuple[str, str]]:
    return installed(_OWN_PACKAGES)
