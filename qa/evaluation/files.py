"""The outcome of a run as files."""

from collections.abc import Sequence
from datetime import datetime

from qa.evaluation.datasets import Dataset
from qa.evaluation.page import render
from qa.evaluation.report import Report
from qa.evaluation.results_csv import results_csv
from qa.evaluation.runs import RESULTS, SCORES

CURVES, TABLE, PAGE = "curves.json", "results.csv", "report.html"


def report_files(
    result: Report, dataset: Dataset, settings: Sequence[tuple[str, str]], when: datetime
) -> dict[str, str]:
    """The files of a report, by name.

    ``scores.json`` is what ``--json`` prints, ``curves.json`` what plots need, ``results.jsonl`` has one question a line,
    ``results.csv`` the same for spreadsheets; ``report.html`` is the page to read and pass on.

    Args:
        result: of a run over questions of ``dataset``.
        dataset: the question file.
        settings: what was asked for, as names and values, for the page.
        when: the time of the run, with its time zone.
    """
    files = {
        SCORES: result.to_json(),
        RESULTS: "\n".join(question.model_dump_json(by_alias=True) for question in result.results),
    }
    if result.diagnostics is not None:
        files[CURVES] = result.diagnostics.model_dump_json(indent=2)
    files[TABLE] = results_csv(result, dataset)
    files[PAGE] = render(result, dataset, settings, when)
    return {name: text + "\n" for name, text in files.items()}
