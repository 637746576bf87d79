"""Results kept on disk as they come, so that a run that was cut off goes on where it stopped.

A journal is the file ``unfinished.jsonl`` in the folder of a report: its first line says what was asked of what, every
other one is the result of a question, in the shape that the mode needs; memory holds only where each begins. It goes when
the report is written. A journal of another run (other questions, models or settings) is no use to this one and is begun
anew.
"""

import json
from array import array
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, Generic, Protocol, TypeVar, overload

import numpy as np
from pydantic import TypeAdapter, ValidationError

from index.errors import DatasetError
from qa.evaluation.report import QuestionResult

UNFINISHED = "unfinished.jsonl"
"""Name of the file in the folder of the report."""


class Named(Protocol):
    """What a journal keeps: the result of a question."""

    @property
    def id(self) -> str:
        """Of the question."""
        ...


Kept = TypeVar("Kept", bound=Named)


class Journal(Generic[Kept]):
    """The results of a run so far. Every one is with the operating system before the next question is asked."""

    @overload
    def __init__(self: "Journal[QuestionResult]", folder: Path, run: Mapping[str, object]) -> None: ...

    @overload
    def __init__(self, folder: Path, run: Mapping[str, object], shape: type[Kept]) -> None: ...

    def __init__(self, folder: Path, run: Mapping[str, object], shape: type[Any] = QuestionResult) -> None:
        """Open the journal in ``folder``, which is made if it is not there.

        Args:
            folder: of the report.
            run: what decides the results (digests of the question files, models, settings), as JSON values.
            shape: of the results: a model or a data class that pydantic can turn into JSON and back.

        Raises:
            DatasetError: the folder or the file cannot be read and written.
        """
        self._path = folder / UNFINISHED
        self._shape: TypeAdapter[Kept] = TypeAdapter(shape)
        header = json.dumps(dict(run), sort_keys=True, ensure_ascii=False)
        # A lone surrogate of a question file has no UTF-8; the JSON of pydantic never holds one, our header might.
        self._header = header.encode("utf-8", "backslashreplace")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            kept = self._read()
            self._file: IO[bytes] = self._path.open("r+b" if kept else "w+b")
            # What follows the last whole line was being written when the run was cut off.
            self._file.truncate(kept)
            self._file.seek(kept)
            if not kept:
                self._write(self._header)
        except OSError as error:
            raise DatasetError(f"{folder} cannot be written: {error.strerror}. Name another with --report.") from error
        self.found = len(self._places)
        """How many results an earlier run has left here."""

    def get(self, question: str) -> Kept | None:
        """The result of the question with this id, if an earlier run has left it."""
        digest = np.uint64(_digest(question))
        place = int(np.searchsorted(self._digests, digest))
        # Digests of different ids may be equal, though hardly ever, and stand next to each other then.
        while place < len(self._digests) and self._digests[place] == digest:
            end = self._file.tell()
            self._file.seek(int(self._places[place]))
            result = self._shape.validate_json(self._file.readline())
            self._file.seek(end)
            if result.id == question:
                return result
            place += 1
        return None

    def add(self, result: Kept) -> None:
        """Keep a result.

        Raises:
            DatasetError: it cannot be written (the disk is full, say).
        """
        try:
            self._write(self._shape.dump_json(result, by_alias=True))
        except OSError as error:
            raise DatasetError(
                f"{self._path} cannot be written: {error.strerror}. Make room; the same command goes on from there."
            ) from error

    def close(self) -> None:
        """Leave the journal for another run to go on from."""
        self._file.close()

    def finish(self) -> None:
        """Remove the journal: the report has everything now."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _write(self, line: bytes) -> None:
        self._file.write(line + b"\n")
        self._file.flush()

    def _read(self) -> int:
        """Find the results of this run; returns how many bytes of the file are whole lines of it."""
        digests, places = array("Q"), array("Q")
        kept = 0
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            first = file.readline()
            if first == self._header + b"\n":
                kept = len(first)
                for line in file:
                    try:
                        result = self._shape.validate_json(line)
                    except ValidationError:
                        break
                    if not line.endswith(b"\n"):
                        break
                    digests.append(_digest(result.id))
                    places.append(kept)
                    kept += len(line)
        order = np.argsort(np.array(digests), kind="stable")
        self._digests = np.array(digests)[order]
        self._places = np.array(places)[order]
        return kept


def _digest(name: str) -> int:
    """A number below 2**64 that stands for a question's id."""
    return int.from_bytes(blake2b(name.encode("utf-8", "backslashreplace"), digest_size=8).digest(), "big")
