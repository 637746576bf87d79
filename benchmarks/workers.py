"""Systems as processes, and their answers kept on disk."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from index.errors import FootnoteError

Answer = dict[str, Any]
"""As :mod:`benchmarks.peers.serving` describes it."""


class WorkerError(FootnoteError):
    """A system cannot be started, or stopped answering."""


class Worker:
    """A system in a process of its own; to be used in a ``with`` block, which ends it."""

    def __init__(self, command: Sequence[str], folder: Path, log: Path) -> None:
        """Start it and wait until it is ready.

        Args:
            command: how to start it.
            folder: where to.
            log: takes what it says on standard error.

        Raises:
            WorkerError: it ended at once.
        """
        self._log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - the benchmark's own modules
                command,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
        self.versions: dict[str, str] = self._read()["versions"]

    def ask(self, task: dict[str, Any]) -> Answer:
        """Its answer to ``task``; raises ``WorkerError`` if it has none."""
        if self._process.stdin is None:
            raise WorkerError("the process has no standard input")
        try:
            self._process.stdin.write(json.dumps(task) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._ended() from error
        return self._read()

    def _read(self) -> dict[str, Any]:
        line = "" if self._process.stdout is None else self._process.stdout.readline()
        if not line:
            raise self._ended()
        found = json.loads(line)
        if not isinstance(found, dict):
            raise WorkerError(f"not an object: {line[:80]}")
        return found

    def _ended(self) -> WorkerError:
        self._close()
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        last = lines[-1] if lines else "it said nothing"
        return WorkerError(f"{self._log.stem} ended: {last}\nWhat it said before is in {self._log}.")

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._close()

    def _close(self) -> None:
        if self._process.stdin is not None:
            # What was still to be written has no reader any more where the process ended by itself.
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait(timeout=60)
        if self._process.stdout is not None:
            self._process.stdout.close()


class KeptAnswers:
    """The answers of one system in a file, by what was asked of what: a run that was cut off, or made again, goes on."""

    def __init__(self, file: Path, facts: dict[str, Any]) -> None:
        """Read ``file``, if it is there; ``facts`` are what decides an answer beside its task: weights, versions, settings."""
        self._file = file
        self._facts = json.dumps(facts, sort_keys=True)
        self._answers: dict[str, Answer] = {}
        if file.exists():
            for line in file.read_text(encoding="utf-8").split("\n"):
                try:
                    row = json.loads(line)
                except ValueError:
                    # Blank, or being written when a run was cut off.
                    continue
                self._answers[row["key"]] = row["answer"]

    def key(self, task: dict[str, Any]) -> str:
        """What stands for ``task`` in the file."""
        return sha256(f"{self._facts}\n{json.dumps(task, sort_keys=True)}".encode()).hexdigest()[:32]

    def get(self, task: dict[str, Any]) -> Answer | None:
        """The answer to ``task``, if it is kept."""
        return self._answers.get(self.key(task))

    def put(self, task: dict[str, Any], answer: Answer) -> None:
        """Keep the answer to ``task``."""
        key = self.key(task)
        self._answers[key] = answer
        with self._file.open("a", encoding="utf-8") as file:
            # A line of its own even if the one before was cut off.
            file.write("\n" + json.dumps({"key": key, "answer": answer}))
