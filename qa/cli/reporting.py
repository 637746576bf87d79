"""Writing the outcome of a run into a folder."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import DatasetError
from qa.cli.app import complain

if TYPE_CHECKING:
    from qa.evaluation.datasets import Dataset
    from qa.evaluation.report import Report


def settings_of(
    files: Sequence[Path],
    distractors: Sequence[Path] = (),
    *,
    limit: int | None = None,
    answer_all: bool | None = None,
    index: str | None = None,
) -> list[tuple[str, str]]:
    """What the report's page says was asked for, as names and values.

    Of paths only the last part is told: where a file lies concerns nobody who reads the report.

    Args:
        files: the question files.
        distractors: question files whose contexts joined in.
        limit: how many questions were to be asked at the most.
        answer_all: whether everything was to be answered; ``None`` if nothing was.
        index: the index that was asked instead of the file's contexts.
    """
    asked = [("Questions from", f"{path.resolve().name} · sha256 {sha256_of(path)}") for path in files]
    asked += [("Distractors from", f"{path.resolve().name} · sha256 {sha256_of(path)}") for path in distractors]
    asked.append(("Questions asked", "all" if limit is None else f"at most {limit:,}, spread evenly over the file"))
    if answer_all is not None:
        asked.append(("Refusing", "never (--answer-all)" if answer_all else "below the threshold"))
    if index is not None:
        asked.append(("Index", Path(index).resolve().name))
    return asked


def write_report(folder: Path, result: "Report", dataset: "Dataset", settings: Sequence[tuple[str, str]]) -> None:
    """Write the outcome of a run, as the files of :func:`qa.evaluation.files.report_pieces`, in place of a former one's.

    Args:
        folder: where to; made if it is not there.
        result: of a run over questions of ``dataset``.
        dataset: the question file.
        settings: of :func:`settings_of`.

    Raises:
        DatasetError: the folder cannot be written.
    """
    from qa.evaluation.files import REPORT_FILES, report_pieces

    files = report_pieces(result, dataset, settings, datetime.now().astimezone())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, pieces in files.items():
            with (folder / name).open("w", encoding="utf-8") as file:
                file.writelines(pieces)
        for name in REPORT_FILES:
            if name not in files:
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(f"{folder} cannot be written: {error.strerror}. Name another with --report.") from error
    complain(f"Written to {folder}: {', '.join(files)}")


def sha256_of(path: Path) -> str:
    """Digest of a question file; of a folder that of its files' names and digests, in the order of their paths."""
    if path.is_dir():
        members = sorted(file for file in path.rglob("*") if file.is_file())
        listing = "".join(f"{sha256_of(file)}  {file.relative_to(path).as_posix()}\n" for file in members)
        return hashlib.sha256(listing.encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
