"""The outcome of a run as files."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

from qa.evaluation.datasets import Dataset
from qa.evaluation.page import pieces
from qa.evaluation.report import Report
from qa.evaluation.results_csv import csv_lines
from qa.evaluation.runs import RESULTS, SCORES

CURVES, TABLE, PAGE = "curves.json", "results.csv", "report.html"
REPORT_FILES = (SCORES, RESULTS, CURVES, TABLE, PAGE)
"""The names of all files that a report may have."""


def report_files(
    result: Report, dataset: Dataset, settings: Sequence[tuple[str, str]], when: datetime
) -> dict[str, str]:
    """The files of a report, by name, each as one text; see :func:`report_pieces`."""
    return {name: "".join(parts) for name, parts in report_pieces(result, dataset, settings, when).items()}


def report_pieces(
    result: Report, dataset: Dataset, settings: Sequence[tuple[str, str]], when: datetime
) -> dict[str, Iterable[str]]:
    """The files of a report, by name, piece by piece, so that a long run never is in memory as a whole.

    ``scores.json`` is what ``--json`` prints, ``curves.json`` what plots need, ``results.jsonl`` has one question a line,
    ``results.csv`` the same for spreadsheets; ``report.html`` is the page to read and pass on.

    Args:
        result: of a run over questions of ``dataset``.
        dataset: the question file.
        settings: what was asked for, as names and values, for the page.
        when: the time of the run, with its time zone.
    """
    files: dict[str, Iterable[str]] = {
        SCORES: [result.to_json() + "\n"],
        RESULTS: (question.model_dump_json(by_alias=True) + "\n" for question in result.results),
    }
    if result.diagnostics is not None:
        files[CURVES] = [result.diagnostics.model_dump_json(indent=2) + "\n"]
    files[TABLE] = csv_lines(result, dataset)
    files[PAGE] = chain(pieces(result, dataset, settings, when), "\n")
    return files
