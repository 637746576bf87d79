"""The file of feedback: one JSON object a line, only ever added to.

An entry is on the disk before :meth:`FeedbackStore.add` returns. A process that dies while writing leaves at most an
unfinished last line: the next entry starts on a line of its own, and reading names the broken one and goes on.
"""

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from index.errors import InputError
from qa.feedback.entries import Entry

FILE_NAME = "feedback.jsonl"
MAX_LINE = 1_000_000
"""Longest entry in bytes; an answer cites a few spans, so an honest one is far shorter."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file holds: the entries, oldest first, and a line about each line that is none."""

    entries: tuple[Entry, ...]
    faults: tuple[str, ...]


class FeedbackStore:
    """The feedback of one folder. Safe to use from several threads, and from several processes at once."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``, which is made with the first entry."""
        self.path = folder / FILE_NAME
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        """Keep ``entry``; it is on the disk when this returns.

        Raises:
            InputError: it is too long, or the file cannot be written.
        """
        line = entry.model_dump_json().encode("utf-8", "replace") + b"\n"
        if len(line) > MAX_LINE:
            raise InputError(f"This feedback has {len(line):,} bytes; at most {MAX_LINE:,} can be kept.")
        try:
            with self._lock:
                self._append(line)
        except OSError as error:
            raise InputError(
                f"{self.path}: cannot be written ({error.strerror}). The feedback was not kept."
            ) from error

    def stamp(self) -> tuple[int, int] | None:
        """Time and size of the file, which tell whether it has changed; ``None`` while there is none.

        Raises:
            InputError: the file cannot be looked at.
        """
        try:
            facts = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"{self.path}: cannot be read ({error.strerror}).") from error
        return facts.st_mtime_ns, facts.st_size

    def read(self) -> Stored:
        """Everything that is kept; nothing while there is no file.

        Raises:
            InputError: the file is there and cannot be read.
        """
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return Stored((), ())
        except OSError as error:
            raise InputError(f"{self.path}: cannot be read ({error.strerror}).") from error
        entries: list[Entry] = []
        faults: list[str] = []
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                entries.append(Entry.model_validate_json(line))
            except ValidationError as error:
                reason = error.errors(include_url=False, include_input=False)[0]["msg"]
                faults.append(f"{self.path.name} line {number}: {reason}")
        return Stored(tuple(entries), tuple(faults))

    def take(self, entries: Iterable[Entry]) -> int:
        """Add those of ``entries`` that are not kept yet, by their ids; returns how many these are.

        Raises:
            InputError: the file cannot be read or written; what was added before stays.
        """
        kept = {entry.id for entry in self.read().entries}
        new = [entry for entry in entries if entry.id not in kept]
        for entry in new:
            self.add(entry)
        return len(new)

    def _append(self, line: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line
            # One call: with O_APPEND another process's entry stands before it or after it, never within it.
            written = os.write(descriptor, line)
            if written != len(line):
                raise OSError(28, "only part of it was written, the disk is probably full")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)  # or else the file itself could be gone after a power cut
            finally:
                os.close(folder)
