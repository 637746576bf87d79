"""Reading back what ``qa eval --report DIR`` wrote."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from index.errors import DatasetError
from qa.evaluation.report import Mode, QuestionResult
from qa.evaluation.rows import model_fault

SCORES, RESULTS = "scores.json", "results.jsonl"


@dataclass(frozen=True, slots=True)
class Run:
    """A run that was written: the object of its ``scores.json``, and the result of every question."""

    name: str
    mode: Mode
    scores: dict[str, Any]
    results: tuple[QuestionResult, ...]


def read_run(path: Path) -> Run:
    """Read the report in a folder, or beside a scores file.

    Args:
        path: the folder, or its ``scores.json``.

    Raises:
        DatasetError: a file is missing, is none that Footnote wrote, or the two do not belong together.
    """
    is_folder = os.path.isdir(path)  # noqa: PTH112 - raises nothing where it may not be entered
    folder, file = (path, path / SCORES) if is_folder else (path.parent, path)
    scores = _scores(file)
    results: list[QuestionResult] = []
    for number, line in enumerate(_text(folder / RESULTS).split("\n"), start=1):
        if line.strip():
            try:
                results.append(QuestionResult.model_validate_json(line))
            except ValidationError as error:
                raise DatasetError(f"{folder / RESULTS} line {number}: {model_fault(error)}. Run it again.") from error
    ids = {result.id for result in results}
    if len(results) != scores["questions"] or len(ids) != len(results) or not results:
        raise DatasetError(
            f"{folder}: {file.name} is of {scores['questions']} questions, but {RESULTS} has {len(results)} results of "
            f"{len(ids)}. Run it again."
        )
    return Run(str(path), scores["mode"], scores, tuple(results))


def _scores(file: Path) -> dict[str, Any]:
    try:
        scores = json.loads(_text(file))
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{file}: not valid JSON ({error}). Run it again with --report.") from error
    if (
        not isinstance(scores, dict)
        or scores.get("mode") not in get_args(Mode)
        or not isinstance(scores.get("questions"), int)
    ):
        raise DatasetError(f"{file}: these are no scores that qa eval --report or qa score --report wrote.")
    return scores


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{file}: not UTF-8 text (byte {error.start}). Run it again with --report.") from error
    except OSError as error:
        raise DatasetError(
            f"{file}: cannot be read ({error.strerror}). Name a folder that qa eval --report wrote."
        ) from error
