"""Files of conversations: what their lines say beyond the questions, and which questions have nothing to follow.

The further fields of a line are described in :mod:`qa.evaluation.conversation` and :mod:`qa.evaluation.claims`. A line is
faulty, beyond the rules of :mod:`qa.evaluation.datasets`, if its list or its claims have another shape than is described
there, if a span of these is not where it says, or a claim's document is not that of any line, letter by letter, or if its
question follows one that is not there, or itself, by whatever way, or follows one and does not say what it
means in full. Where faulty lines are left out, all that follows one of them goes with it: asked without what was before it,
it would be another question.
"""

import json
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.errors import DatasetError
from qa.evaluation.conversation_spans import span_fault
from qa.evaluation.datasets import LINE_SUFFIXES, Dataset, Question
from qa.evaluation.rows import AnswerRow, RowFault, model_fault, parse_row, shorten, tell_faults
from qa.evaluation.spool import Selected, Spool
from qa.evaluation.texts import read_lines

_KEYS = ("follows", "set", "claims")
_Spans = Annotated[list[AnswerRow], Field(min_length=1)]


class _Claim(BaseModel):
    """A claim as it stands in a file; ``speaker`` is empty where nobody is named."""

    model_config = ConfigDict(strict=True)
    document: str
    speaker: list[AnswerRow] = []
    answers: _Spans


class _Scored(BaseModel):
    """The fields that lists and claims are scored by; the defaults stand for fields that are left out."""

    model_config = ConfigDict(strict=True)
    set: Annotated[list[_Spans], Field(min_length=1)] = []
    claims: Annotated[list[_Claim], Field(min_length=1)] = []
    agree: bool | None = None


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """What a line of the file says beyond the question itself.

    Attributes:
        line: its number, from 1.
        kind: of the question; empty if the line does not say.
        follows: id of the question before it.
        standalone: the question in full.
        fields: the whole line, as decoded from JSON.
    """

    line: int
    kind: str
    follows: str | None
    standalone: str | None
    fields: Mapping[str, Any]


class Rows(Mapping[str, ConversationRow]):
    """The rows of a file by the ids of their questions, in order: the ids in memory, the lines, however long, on disk."""

    def __init__(self) -> None:
        """Start with none."""
        self._stored: Spool[ConversationRow] = Spool(asdict, lambda stored: ConversationRow(**stored))
        self._places: dict[str, int] = {}

    def add(self, name: str, row: ConversationRow) -> None:
        """Add the next one, of the question with this id; raises ``DatasetError`` if there is no room for it on disk."""
        self._places[name] = len(self._stored)
        self._stored.append(row)

    def without(self, names: Collection[str]) -> "Rows":
        """All but those of the questions with these ids."""
        kept = Rows()
        kept._stored = self._stored
        kept._places = {name: place for name, place in self._places.items() if name not in names}
        return kept

    def __getitem__(self, name: str) -> ConversationRow:
        """That of the question with this id; raises ``KeyError`` if there is none."""
        return self._stored[self._places[name]]

    def __contains__(self, name: object) -> bool:
        """Whether there is a question with this id."""
        return name in self._places

    def __len__(self) -> int:
        """How many there are."""
        return len(self._places)

    def __iter__(self) -> Iterator[str]:
        """The ids of the questions, in the order of the file."""
        return iter(self._places)


def load_rows(path: Path, dataset: Dataset, on_fault: Callable[[str], None] | None = None) -> tuple[Dataset, Rows]:
    """What the lines of ``path`` say beyond ``dataset``, which was read from it.

    Args:
        path: of the file.
        dataset: its questions, without those of faulty lines.
        on_fault: told of each question that is left out because of what it follows; then these are no error.

    Returns:
        The data set without the questions that are left out, and the rows of all others by id.

    Raises:
        DatasetError: the file is not one of JSON lines; without ``on_fault`` it has faults, of which the first three are
            named; or no question is without a fault.
    """
    if path.suffix.lower() not in LINE_SUFFIXES:
        raise DatasetError(f"{path}: --mode conversation reads JSON lines (.jsonl), which say what follows what.")
    read = _read(path, dataset)
    faults = _faults(read)
    if on_fault is not None or read.gone:
        faults |= _left_behind(read, faults)
    tell_faults(path, _named(read.rows, faults), on_fault)
    if not faults:
        return dataset, read.rows
    places = array("Q", (place for place, one in enumerate(dataset.questions) if one.id not in faults))
    if not places:
        raise DatasetError(f"{path}: it holds no questions without a fault.")
    return replace(dataset, questions=Selected(dataset.questions, places)), read.rows.without(faults)


def conversation_faults(path: Path, dataset: Dataset) -> dict[str, str]:
    """What :func:`load_rows` would find wrong with the lines of ``path`` themselves, by the id of the question.

    Args:
        path: of a question file in any form; there is nothing to find in one whose lines say nothing that only
            ``--mode conversation`` looks at.
        dataset: its questions, without those of faulty lines.

    Returns:
        The faults, each with the line before it. What follows a faulty line is not faulty for that.

    Raises:
        DatasetError: the file cannot be read, or was changed since ``dataset`` was read from it.
    """
    if path.suffix.lower() not in LINE_SUFFIXES or not any(map(_says_more, read_lines(path))):
        return {}
    read = _read(path, dataset)
    faults = _faults(read)
    return dict(zip(faults, _named(read.rows, faults), strict=True))


def _says_more(line: str) -> bool:
    raw = _decoded(line)
    return isinstance(raw, dict) and any(key in raw for key in _KEYS)


@dataclass(frozen=True, slots=True)
class _Read:
    """The lines of a file: those of questions by their ids, the ids of faulty ones, and whether there are others.

    ``malformed`` says what is wrong with lists and claims, by the id of the question: their shape or their spans.
    """

    rows: Rows
    gone: Collection[str]
    unread: bool
    malformed: Mapping[str, str]


def _read(path: Path, dataset: Dataset) -> _Read:
    rows = Rows()
    gone: set[str] = set()
    malformed: dict[str, str] = {}
    scored: list[str] = []
    documents: dict[str, int] = {}
    unread = False
    # Questions stand in the order of their lines. An id alone does not tell the line: faulty ones may have the same.
    questions = iter(dataset.questions)
    question = next(questions, None)
    for number, line in enumerate(read_lines(path), start=1):
        raw = _decoded(line)
        if question is not None and _is_of(raw, question):
            rows.add(question.id, _row(raw, number))
            try:
                _Scored.model_validate(raw)
            except ValidationError as error:
                malformed[question.id] = str(model_fault(error))
            else:
                if "set" in raw or "claims" in raw:
                    scored.append(question.id)
            if isinstance(raw.get("document"), str):
                documents[raw["document"]] = question.context
            question = next(questions, None)
        elif isinstance(raw, dict) and isinstance(raw.get("id"), str | int):
            gone.add(str(raw["id"]))
        elif line.strip():
            unread = True
    if question is not None:
        raise DatasetError(f"{path}: it was changed while it was read. Give the same command again.")

    def text_of(document: str) -> str | None:
        return dataset.contexts[documents[document]].text if document in documents else None

    # Only now: a claim may be of the document of a later line.
    for name in scored:
        fault = span_fault(rows[name].fields, text_of)
        if fault is not None:
            malformed[name] = fault
    return _Read(rows, gone, unread, malformed)


def _named(rows: Rows, faults: Mapping[str, str]) -> list[str]:
    """The faults, which are by the ids of questions and in the order of the file, each with its line."""
    return [f"line {rows[name].line} (id {shorten(name)}): {faults[name]}" for name in rows if name in faults]


def _decoded(line: str) -> Any:
    """The value on a line; ``None`` where there is none, which has been found faulty before."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _is_of(raw: object, question: Question) -> bool:
    """Whether ``question`` was read from the line with this value."""
    try:
        row = parse_row(raw)
    except RowFault:
        return False
    return str(row.id) == question.id and row.question == question.text


def _row(fields: Mapping[str, Any], line: int) -> ConversationRow:
    follows, full = fields.get("follows"), fields.get("standalone")
    return ConversationRow(
        line=line,
        kind=str(fields.get("kind", "")),
        follows=None if follows is None else str(follows),
        standalone=full if isinstance(full, str) and full.strip() else None,
        fields=fields,
    )


def _faults(read: _Read) -> dict[str, str]:
    """What is wrong with a line itself, by the id of its question, in the order of the file."""
    missing = "is on no line that can be read" if read.unread else "is not in the file"
    found: dict[str, str] = {}
    for name, row in read.rows.items():
        if name in read.malformed:
            found[name] = read.malformed[name]
        elif row.follows is None:
            continue
        elif row.standalone is None:
            found[name] = "it follows another and needs its full form in standalone"
        elif row.follows not in read.rows and row.follows not in read.gone:
            found[name] = f"it follows {shorten(row.follows)}, which {missing}"
        elif _goes_round(name, read.rows):
            found[name] = f"it follows itself, by way of {shorten(row.follows)}"
    return found


def _goes_round(name: str, rows: Mapping[str, ConversationRow]) -> bool:
    """Whether the questions before ``name`` lead back to it."""
    before = rows[name].follows
    seen: set[str] = set()
    # One that is seen twice before the question itself is: others go round, and it only follows these.
    while before is not None and before in rows and before not in seen:
        if before == name:
            return True
        seen.add(before)
        before = rows[before].follows
    return False


def _left_behind(read: _Read, faults: Mapping[str, str]) -> dict[str, str]:
    """What is to be said of the questions that follow a faulty line, directly or not, by id.

    Args:
        read: the lines of the file.
        faults: what is wrong with them, but for those that are gone.
    """
    found: dict[str, str] = {}
    for name, row in read.rows.items():
        before = None if name in faults else row.follows
        # This ends: those that go round are among the faults.
        while before is not None and before not in faults and before in read.rows:
            before = read.rows[before].follows
        if before is not None and row.follows is not None:
            found[name] = f"it follows {shorten(row.follows)}, which was left out"
    return found
