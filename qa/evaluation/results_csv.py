"""``results.csv``: one question a line, for spreadsheets.

A cell that a spreadsheet would take for a formula gets an apostrophe before it (CWE-1236, "improper neutralization of formula
elements in a CSV file"), so the words in it are exact except for that; ``results.jsonl`` has them as they are. Scores are
shares in 0..1, times are in milliseconds, empty cells stand for what is not known. Several accepted answers are parted
by " | ".
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from qa.evaluation.breakdown import document_name
from qa.evaluation.datasets import Dataset
from qa.evaluation.kinds import answer_length, question_type
from qa.evaluation.page_data import went_right
from qa.evaluation.report import QuestionResult, Report

# The full-width forms too: some spreadsheets read them as the plain ones.
_FORMULA_STARTS = tuple("=+-@＝＋－＠")
_CONTROL_STARTS = ("\t", "\r", "\n")

_COLUMNS: dict[str, Callable[[QuestionResult], str | float | int | bool | None]] = {
    "id": lambda result: result.id,
    "question": lambda result: result.question,
    "read_as": lambda result: result.read_as,
    "type": lambda result: question_type(result.question),
    "answer_length": lambda result: None if result.ranking is not None else answer_length(result.golds),
    "expected": lambda result: " | ".join(dict.fromkeys(result.golds)),
    "given": lambda result: result.prediction,
    "best": lambda result: result.best,
    "stage": lambda result: result.stage,
    "right": went_right,
    "exact_match": lambda result: result.exact_match,
    "f1": lambda result: result.f1,
    "confidence": lambda result: result.confidence,
    "gold_rank": lambda result: result.gold_rank,
    "found_document": lambda result: None if result.found is None else result.found.document_id,
    "found_start": lambda result: None if result.found is None else result.found.start,
    "found_end": lambda result: None if result.found is None else result.found.end,
    "milliseconds": lambda result: None if result.seconds is None else round(1000 * result.seconds, 3),
    "error": lambda result: result.error,
}


def csv_lines(report: Report, dataset: Dataset) -> Iterator[str]:
    """The results of a run as CSV (RFC 4180, but with LF as line end), line by line, each with its end.

    Args:
        report: of a run over questions of ``dataset``, with the results.
        dataset: the question file.
    """
    yield _line(["document", *_COLUMNS])
    for result in report.results:
        cells = [document_name(dataset.contexts, result.context), *(column(result) for column in _COLUMNS.values())]
        # An id or a title may hold half a character, which no file in UTF-8 can; it becomes a question mark.
        yield _line(cells).encode("utf-8", "replace").decode("utf-8")


def _line(cells: Sequence[str | float | int | bool | None]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([neutral(cell) if isinstance(cell, str) else cell for cell in cells])
    return line.getvalue()


def neutral(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula."""
    risky = text.lstrip().startswith(_FORMULA_STARTS) or text.startswith(_CONTROL_STARTS)
    return f"'{text}" if risky else text
