"""Conversations that are kept: one file of JSON lines each, only ever added to.

The files stand in a folder of the index they were asked of, so deleting the index deletes them too. Without such a folder
(an index in a Milvus) conversations live in memory until the page stops. A line holds one turn, or says from which turn on
the conversation was asked anew, or what a turn has become; nothing that was answered is overwritten. Several windows and
processes may add to the same file: each line is written whole, in one call.
"""

import logging
import os
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeGuard, TypeVar

from pydantic import BaseModel, ValidationError

from index.errors import InputError
from index.milvus.address import is_address
from qa.models import Answer, Frozen

_log = logging.getLogger(__name__)

FOLDER = "conversations"
"""Name of the folder in an index."""
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_IN_MEMORY = 200
_LONGEST_LINE = 4_000_000
_Kind = TypeVar("_Kind", bound=BaseModel)


def history_of(location: str) -> "History":
    """The conversations about the index at ``location``: in its folder, or in memory for an index that has none."""
    return History(None if is_address(location) else Path(location) / FOLDER)


def new_id() -> str:
    """A name for a conversation or a turn that nobody can guess."""
    return secrets.token_hex(16)


class Turn(Frozen):
    """One question and what came of it.

    Attributes:
        id: name of the turn.
        asked_at: when it was asked, in UTC.
        question: as it was asked.
        answer: what the assistant gave; ``None`` when it could not answer at all.
        error: why it could not; ``None`` when there is an answer.
        answer_all: an answer was asked for even though it is probably wrong.
        not_phrased: why the user's LLM did not phrase the answer; ``None`` when it did or was not asked.
    """

    id: str
    asked_at: datetime
    question: str
    answer: Answer | None = None
    error: str | None = None
    answer_all: bool = False
    not_phrased: str | None = None


class _Named(BaseModel):
    """A turn of which only the name is read."""

    id: str


class _Outline(BaseModel):
    """A :class:`_Line` without what its turn holds."""

    turn: _Named | None = None
    instead: _Named | None = None
    drop_from: str | None = None


class _Line(Frozen):
    """A line of a file: a turn, a turn in the place of that of the same id, or the id of the first that are dropped."""

    turn: Turn | None = None
    instead: Turn | None = None
    drop_from: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns of a conversation, oldest first; ``earlier`` is how many there are before them that were not read."""

    id: str
    turns: tuple[Turn, ...] = ()
    earlier: int = 0

    def turn(self, turn_id: str) -> Turn | None:
        """The turn of that id, if it is there."""
        return next((turn for turn in self.turns if turn.id == turn_id), None)

    def before(self, turn_id: str | None) -> "Conversation":
        """The conversation as it was before a turn; all of it when there is no such turn."""
        for number, turn in enumerate(self.turns):
            if turn.id == turn_id:
                return Conversation(self.id, self.turns[:number], self.earlier)
        return self

    def followed_by(self, turn: Turn) -> "Conversation":
        """The conversation with one more turn."""
        return Conversation(self.id, (*self.turns, turn), self.earlier)


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in a list: its first question, and when it was last added to."""

    id: str
    title: str
    changed_at: datetime


class History:
    """The conversations of one index. Safe to use from several threads, and from several processes at once."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep conversations in ``folder``, which is made with the first of them; in memory when it is ``None``."""
        self._folder = folder
        self._memory: OrderedDict[str, list[bytes]] = OrderedDict()
        self._times: dict[str, datetime] = {}
        self._lock = threading.Lock()

    @property
    def lasting(self) -> bool:
        """Whether conversations outlive the page."""
        return self._folder is not None

    def get(self, conversation_id: object, last: int | None = None) -> Conversation | None:
        """The conversation of that id, or only its ``last`` turns; ``None`` when there is none.

        Raises:
            InputError: it is there and cannot be read.
        """
        if not _is_id(conversation_id):
            return None
        kept = self._lines(conversation_id)
        if kept is None:
            return None
        # Of each turn the lines that tell of it. A long conversation takes much room once it is read, so first only names are.
        told: dict[str, list[bytes]] = {}
        for data in kept.split(b"\n"):
            line = _parsed(_Outline, data)
            if line is None:
                continue
            if line.turn is not None:
                told.setdefault(line.turn.id, []).append(data)
            elif line.instead is not None:
                if line.instead.id in told:
                    told[line.instead.id].append(data)
            elif line.drop_from in told:
                names = list(told)
                for name in names[names.index(line.drop_from) :]:
                    del told[name]
        names = list(told) if last is None else list(told)[-last:]
        turns = (next(_turns(reversed(told[name])), None) for name in names)
        return Conversation(conversation_id, tuple(turn for turn in turns if turn is not None), len(told) - len(names))

    def add(self, conversation_id: str, turn: Turn, drop_from: str | None = None) -> None:
        """Add a turn to the end of a conversation, which begins with its first.

        Args:
            conversation_id: of :func:`new_id`.
            turn: what to add.
            drop_from: id of a turn that is dropped before, with all that follow it.

        Raises:
            InputError: it cannot be written.
        """
        lines = [] if drop_from is None else [_Line(drop_from=drop_from)]
        self._keep(conversation_id, [*lines, _Line(turn=turn)])

    def replace(self, conversation_id: str, turn: Turn) -> None:
        """Put ``turn`` in the place of the one with its id; nothing where that is not there any more.

        Raises:
            InputError: it cannot be written.
        """
        self._keep(conversation_id, [_Line(instead=turn)], begin=False)

    def _keep(self, conversation_id: str, lines: list[_Line], *, begin: bool = True) -> None:
        """Write ``lines`` to the end of a conversation; to begin one they must hold a turn, and ``begin`` be true."""
        if not _is_id(conversation_id):
            raise InputError("This conversation has no valid name. Start a new one.")
        text = "".join(f"{line.model_dump_json(exclude_unset=True)}\n" for line in lines)
        data = text.encode("utf-8", "replace")
        if len(data) > _LONGEST_LINE:
            raise InputError("This answer is too long to be kept with the conversation.")
        with self._lock:
            if self._folder is None:
                if not begin and conversation_id not in self._memory:
                    return
                self._memory.setdefault(conversation_id, []).append(data)
                self._memory.move_to_end(conversation_id)
                self._times[conversation_id] = datetime.now(UTC)
                while len(self._memory) > _IN_MEMORY:
                    self._times.pop(self._memory.popitem(last=False)[0])
                return
            try:
                path = self._file(self._folder, conversation_id)
                if begin or path.exists():  # one that was deleted meanwhile stays deleted
                    _append(path, data)
            except OSError as error:
                raise InputError(
                    f"The conversation could not be kept in {self._folder}: {error.strerror or error}."
                ) from error

    def listed(self) -> list[Listed]:
        """All conversations, the last changed first.

        Raises:
            InputError: the folder cannot be read.
        """
        found: list[Listed] = []
        if self._folder is None:
            with self._lock:
                kept = [(name, b"".join(lines), self._times[name]) for name, lines in self._memory.items()]
        else:
            try:
                kept = list(_heads(self._folder))
            except OSError as error:
                raise InputError(f"{self._folder} cannot be read: {error.strerror or error}.") from error
        for name, data, changed_at in kept:
            first = next(_turns([data.partition(b"\n")[0]]), None)
            if first is not None:
                found.append(Listed(name, first.question, changed_at))
        return sorted(found, key=lambda one: one.changed_at, reverse=True)

    def delete(self, conversation_id: object) -> bool:
        """Delete a conversation; whether there was one.

        Raises:
            InputError: it is there and cannot be deleted.
        """
        if not _is_id(conversation_id):
            return False
        with self._lock:
            if self._folder is None:
                self._times.pop(conversation_id, None)
                return self._memory.pop(conversation_id, None) is not None
            try:
                self._file(self._folder, conversation_id).unlink()
            except FileNotFoundError:
                return False
            except OSError as error:
                raise InputError(f"The conversation cannot be deleted: {error.strerror or error}.") from error
            return True

    def _lines(self, conversation_id: str) -> bytes | None:
        if self._folder is None:
            with self._lock:
                kept = self._memory.get(conversation_id)
                return None if kept is None else b"".join(kept)
        try:
            return self._file(self._folder, conversation_id).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"The conversation cannot be read: {error.strerror or error}.") from error

    @staticmethod
    def _file(folder: Path, conversation_id: str) -> Path:
        return folder / f"{conversation_id}.jsonl"


def _is_id(value: object) -> TypeGuard[str]:
    """Whether ``value`` is the id of a conversation; anything else must not come near a path."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _turns(lines: Iterable[bytes]) -> Iterator[Turn]:
    """The turns in ``lines`` that can be read."""
    for data in lines:
        line = _parsed(_Line, data)
        turn = None if line is None else line.instead if line.turn is None else line.turn
        if turn is not None:
            yield turn


def _parsed(kind: type[_Kind], data: bytes) -> _Kind | None:
    """A line; ``None`` if it is empty or cannot be read, as the last one when a process died while it wrote."""
    if not data.strip():
        return None
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        reason = error.errors(include_url=False, include_input=False)[0]
        _log.warning("a line of a conversation cannot be read: %s %s", reason["loc"], reason["msg"])
        return None


def _heads(folder: Path) -> Iterator[tuple[str, bytes, datetime]]:
    """Of each file its name, its first line and when it was last written."""
    if not folder.exists():
        return
    for path in folder.glob("*.jsonl"):
        if _is_id(path.stem):
            with path.open("rb") as file:
                changed_at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
                yield path.stem, file.readline(_LONGEST_LINE), changed_at


def _append(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            data = b"\n" + data  # a process died here while writing; its line stays apart
        if os.write(descriptor, data) != len(data):
            raise OSError(28, "only part of it was written, the disk is probably full")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
