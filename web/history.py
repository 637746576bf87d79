"""Conversations that are kept: one file of JSON lines each, only ever added to.

The files stand in a folder of the index they were asked of, so deleting the index deletes them too. Without such a folder
(an index in a Milvus) conversations live in memory until the page stops. A line holds one turn, or says from which turn on
the conversation was asked anew, or what a turn has become; nothing that was answered is overwritten. Several windows and
processes may add to the same file: each line is written whole, in one call.
"""

import io
import json
import logging
import os
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeGuard

from index.errors import InputError
from index.milvus.address import is_address
from web.conversations import Conversation, Line, Turn, first_turn, read_conversation
from web.escape import writable

_log = logging.getLogger(__name__)

FOLDER = "conversations"
"""Name of the folder in an index."""
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_IN_MEMORY = 200
_LONGEST_LINE = 4_000_000


def history_of(location: str) -> "History":
    """The conversations about the index at ``location``: in its folder, or in memory for an index that has none."""
    return History(None if is_address(location) else Path(location) / FOLDER)


def new_id() -> str:
    """A name for a conversation or a turn that nobody can guess."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in a list: the first question left in it, and when it was last added to."""

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
        self._titles: dict[str, tuple[tuple[int, int], str | None]] = {}  # of files, with their time and size
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
        if not is_id(conversation_id):
            return None
        try:
            with self._opened(conversation_id) as file:
                return read_conversation(conversation_id, file, last)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"The conversation cannot be read: {error.strerror or error}.") from error

    def add(
        self,
        conversation_id: str,
        turn: Turn,
        drop_from: str | None = None,
        *,
        drop_to: str | None = None,
        begin: bool = True,
    ) -> None:
        """Add a turn to the end of a conversation, which begins with its first.

        Args:
            conversation_id: of :func:`new_id`.
            turn: what to add.
            drop_from: id of a turn that is dropped before, with those that follow it.
            drop_to: id of the last of them that is; all are when there is no such turn.
            begin: whether it may begin the conversation; if not, one that was deleted meanwhile stays deleted.

        Raises:
            InputError: it cannot be written.
        """
        lines: list[Line] = []
        if drop_from is not None:
            lines = [Line(drop_from=drop_from) if drop_to is None else Line(drop_from=drop_from, drop_to=drop_to)]
        self._keep(conversation_id, [*lines, Line(turn=turn)], begin=begin)

    def replace(self, conversation_id: str, turn: Turn) -> None:
        """Put ``turn`` in the place of the one with its id; nothing where that is not there any more.

        Raises:
            InputError: it cannot be written.
        """
        self._keep(conversation_id, [Line(instead=turn)], begin=False)

    def _keep(self, conversation_id: str, lines: list[Line], *, begin: bool = True) -> None:
        """Write ``lines`` to the end of a conversation; to begin one they must hold a turn, and ``begin`` be true."""
        if not is_id(conversation_id):
            raise InputError("This conversation has no valid name. Start a new one.")
        data = "".join(f"{_as_json(line)}\n" for line in lines).encode()
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
        """All conversations that can be read, the last changed first.

        Raises:
            InputError: the folder cannot be read.
        """
        if self._folder is None:
            with self._lock:
                kept = [(name, b"".join(lines), self._times[name]) for name, lines in self._memory.items()]
            titled = [(name, _title(name, io.BytesIO(data)), changed_at) for name, data, changed_at in kept]
        else:
            try:
                titled = list(self._titled(self._folder))
            except OSError as error:
                raise InputError(f"{self._folder} cannot be read: {error.strerror or error}.") from error
        found = [Listed(name, title, changed_at) for name, title, changed_at in titled if title is not None]
        return sorted(found, key=lambda one: one.changed_at, reverse=True)

    def delete(self, conversation_id: object) -> bool:
        """Delete a conversation; whether there was one.

        Raises:
            InputError: it is there and cannot be deleted.
        """
        if not is_id(conversation_id):
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

    def _titled(self, folder: Path) -> Iterator[tuple[str, str | None, datetime]]:
        """Of each file its name, the title, and when it was last written; what has not changed since is not read again."""
        titles: dict[str, tuple[tuple[int, int], str | None]] = {}
        for path in folder.glob("*.jsonl") if folder.exists() else ():
            name = path.stem
            if not is_id(name):
                continue
            try:
                with path.open("rb") as file:
                    facts = os.fstat(file.fileno())
                    stamp = (facts.st_mtime_ns, facts.st_size)
                    known = self._titles.get(name)
                    title = known[1] if known is not None and known[0] == stamp else _title(name, file)
            except FileNotFoundError:
                continue  # it was deleted meanwhile
            except OSError as error:  # another user's, say; the others can be listed all the same
                _log.warning("%s cannot be read and is left out of the list: %s", path, error.strerror or error)
                continue
            titles[name] = (stamp, title)
            yield name, title, datetime.fromtimestamp(facts.st_mtime, UTC)
        self._titles = titles

    def _opened(self, conversation_id: str) -> BinaryIO:
        """The lines of a conversation; raises ``OSError``, and ``FileNotFoundError`` where there is none."""
        if self._folder is not None:
            return self._file(self._folder, conversation_id).open("rb")
        with self._lock:
            if conversation_id not in self._memory:
                raise FileNotFoundError
            return io.BytesIO(b"".join(self._memory[conversation_id]))

    @staticmethod
    def _file(folder: Path, conversation_id: str) -> Path:
        return folder / f"{conversation_id}.jsonl"


def is_id(value: object) -> TypeGuard[str]:
    """Whether ``value`` has the form of :func:`new_id`; anything else must not come near a path."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _as_json(line: Line) -> str:
    """``line`` on one line; half characters, which an LLM or the name of a folder may hold too, as question marks.

    Not by ``model_dump_json``, which raises an error at them.
    """
    kept = line.model_dump(mode="json", exclude_unset=True)
    return writable(json.dumps(kept, ensure_ascii=False, separators=(",", ":")))


def _title(name: str, file: BinaryIO) -> str | None:
    first = first_turn(name, file)
    return None if first is None else first.question


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
