"""What a conversation is, and how it is read from the lines of a file."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from qa.models import Answer, Frozen

_log = logging.getLogger(__name__)
_Kind = TypeVar("_Kind", bound=BaseModel)


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
    """A :class:`Line` without what its turn holds."""

    turn: _Named | None = None
    instead: _Named | None = None
    drop_from: str | None = None
    drop_to: str | None = None


class Line(Frozen):
    """A line of a file: a turn, a turn in the place of that of the same id, or the ids of the first and last to be dropped.

    Without a last one that is there, all are dropped that follow the first.
    """

    turn: Turn | None = None
    instead: Turn | None = None
    drop_from: str | None = None
    drop_to: str | None = None


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


def read_conversation(name: str, file: BinaryIO, last: int | None) -> Conversation:
    """The turns in ``file``, or the ``last`` of them.

    A long conversation takes much room once it is read, so first only the names of its turns are.
    """
    places: dict[str, list[int]] = {}  # of each turn where the lines begin that tell of it
    start = 0
    for data in file:
        line = _parsed(_Outline, data)
        if line is not None and line.turn is not None:
            places.setdefault(line.turn.id, []).append(start)
        elif line is not None and line.instead is not None and line.instead.id in places:
            places[line.instead.id].append(start)
        elif line is not None and line.drop_from in places:
            names = list(places)
            low = names.index(line.drop_from)
            high = max(low, names.index(line.drop_to)) if line.drop_to in places else len(names)
            for dropped in names[low : high + 1]:
                del places[dropped]
        start += len(data)

    def told(name: str) -> Iterator[bytes]:
        for place in reversed(places[name]):
            file.seek(place)
            yield file.readline()

    names = list(places) if last is None else list(places)[-last:]
    turns = (next(read_turns(told(one)), None) for one in names)
    return Conversation(name, tuple(turn for turn in turns if turn is not None), len(places) - len(names))


def first_turn(name: str, file: BinaryIO) -> Turn | None:
    """The first of the turns that :func:`read_conversation` finds in ``file``; ``None`` if it finds none.

    A list of conversations asks this of each, so a line is parsed only where it may tell of that turn.
    """
    first: str | None = None
    told: list[bytes] = []  # the lines that tell of it
    for data in file:
        if first is not None and to_json(first) not in data:
            continue
        line = _parsed(_Outline, data)
        if line is None:
            continue
        if first is None:
            if line.turn is not None:
                first, told = line.turn.id, [data]
        elif first in {named.id for named in (line.turn, line.instead) if named is not None}:
            told.append(data)
        elif line.drop_from == first and line.drop_to is not None:  # and some that follow, which were passed over here
            file.seek(0)
            return next(iter(read_conversation(name, file, None).turns), None)
        elif line.drop_from == first:  # and with it all that follow
            first = None
    if first is None:
        return None
    turn = next(read_turns(reversed(told)), None)
    if turn is None:  # its lines are damaged, so the conversation begins with a later one
        file.seek(0)
        turn = next(iter(read_conversation(name, file, None).turns), None)
    return turn


def read_turns(lines: Iterable[bytes]) -> Iterator[Turn]:
    """The turns in ``lines`` that can be read."""
    for data in lines:
        line = _parsed(Line, data)
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
