"""Checking the questions of a file one by one, and naming the faulty ones.

Used by :mod:`qa.evaluation.datasets`, which knows the forms of the files and describes the rules.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from index.errors import DatasetError
from index.loading import canonical_newlines
from qa.evaluation.spool import Spool

_FAULTS_SHOWN = 3
_TEXT_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Context:
    """A text that questions are asked of. ``title`` may be empty."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class GoldAnswer:
    """An accepted answer: the characters ``[start, start + len(text))`` of its context."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset of the first character after the answer."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the position of its context in ``Dataset.contexts``, and its accepted answers."""

    id: str
    text: str
    context: int
    answers: tuple[GoldAnswer, ...]

    @property
    def answerable(self) -> bool:
        """Whether its context holds an answer."""
        return bool(self.answers)

    @property
    def golds(self) -> tuple[str, ...]:
        """Texts of the accepted answers, in the order of the file."""
        return tuple(answer.text for answer in self.answers)


class AnswerRow(BaseModel):
    """An answer as it stands in a file."""

    model_config = ConfigDict(strict=True)
    text: str
    answer_start: int


class QuestionRow(BaseModel):
    """A question as it stands in a file; ``context``, ``document`` and ``title`` are looked at in JSON lines only."""

    model_config = ConfigDict(strict=True)
    id: str | int
    question: str
    answers: list[AnswerRow] | None = None
    is_impossible: bool | None = None
    context: str | None = None
    document: str | None = None
    title: str | None = None


class RowFault(Exception):
    """What is wrong with one row, as the end of a sentence."""


def stored_contexts() -> Spool[Context]:
    """An empty sequence of contexts that can be of any length."""
    return Spool(lambda context: (context.title, context.text), lambda row: Context(*row))


def stored_questions() -> Spool[Question]:
    """An empty sequence of questions that can be of any length."""

    def dump(question: Question) -> tuple[object, ...]:
        answers = [(answer.text, answer.start) for answer in question.answers]
        return question.id, question.text, question.context, answers

    def load(row: list[Any]) -> Question:
        identity, text, context, answers = row
        return Question(identity, text, context, tuple(GoldAnswer(*answer) for answer in answers))

    return Spool(dump, load)


def digest(text: str) -> int:
    """A number of 16 bytes that stands for a text: no two texts with the same one are known."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "big")


class Collector:
    """Gathers checked questions, each distinct context once, and the faults. Texts and ids are kept on disk."""

    def __init__(self) -> None:
        """Start with nothing gathered."""
        self.contexts = stored_contexts()
        self.questions = stored_questions()
        self._positions: dict[int, int] = {}
        self._ids: set[int] = set()
        self.faults: list[str] = []

    def add(self, row: QuestionRow, context: str, title: str) -> None:
        """Check one question and keep it.

        Raises:
            RowFault: it breaks one of the rules.
            DatasetError: there is no room for it on disk.
        """
        identity = str(row.id)
        _check_whole("id", identity)
        known = digest(identity)
        if known in self._ids:
            raise RowFault("the id occurs twice")
        self._ids.add(known)
        check_text("question", row.question)
        check_text("context", context)
        answers = _checked_answers(row, context)
        canonical = canonical_newlines(context)
        position = self._positions.setdefault(digest(canonical), len(self.contexts))
        if position == len(self.contexts):
            self.contexts.append(Context(title, canonical))
        self.questions.append(Question(identity, row.question, position, answers))

    def fault(self, where: str, what: object) -> None:
        """Note what is wrong with the row at ``where``."""
        self.faults.append(f"{where}: {what}")

    def finish(self, path: Path, on_fault: Callable[[str], None] | None = None) -> None:
        """Raise ``DatasetError`` if there were faults, or no questions at all.

        Args:
            path: of the file.
            on_fault: told of each fault, with the path; then faults are no error, and what is faulty is left out.
        """
        tell_faults(path, self.faults, on_fault)
        if not self.questions:
            rest = " without a fault" if self.faults else ""
            raise DatasetError(f"{path}: it holds no questions{rest}.")


def tell_faults(path: Path, faults: Sequence[str], on_fault: Callable[[str], None] | None = None) -> None:
    """Tell ``on_fault`` of each of the faults of the file at ``path``; without it they are an error, if there are any.

    Raises:
        DatasetError: there are faults and no ``on_fault``; the first three are named.
    """
    if on_fault is not None:
        for fault in faults:
            on_fault(f"{path}: {fault}")
    elif faults:
        count = len(faults)
        shown = "; ".join(faults[:_FAULTS_SHOWN])
        more = f"; and {count - _FAULTS_SHOWN} more" if count > _FAULTS_SHOWN else ""
        noun = "entry" if count == 1 else "entries"
        raise DatasetError(f"{path}: {count} faulty {noun}. Correct or remove:\n{shown}{more}.")


def parse_row(raw: object) -> QuestionRow:
    """The row that a decoded JSON value stands for.

    Raises:
        RowFault: a key is missing or of the wrong type.
    """
    try:
        return QuestionRow.model_validate(raw)
    except ValidationError as error:
        raise model_fault(error) from error


def model_fault(error: ValidationError) -> RowFault:
    """The first thing that is wrong with an entry of a file."""
    first = error.errors(include_url=False, include_input=False)[0]
    # For a union ("id" may be text or a number) the location also names the branch; the key itself says enough.
    key = ".".join(str(part) for part in first["loc"] if part not in ("str", "int"))
    message = first["msg"]
    return RowFault(f"{key or 'the entry'}: {message[:1].lower()}{message[1:]}")


def row_name(raw: object) -> str:
    """The id of an unchecked row, shortened; empty if it has none."""
    identity = raw.get("id") if isinstance(raw, dict) else None
    return shorten(str(identity)) if isinstance(identity, str | int) else ""


def shorten(text: str) -> str:
    """``text`` on one line and at most 40 characters long, for messages."""
    text = " ".join(text.split())
    return text if len(text) <= _TEXT_SHOWN else text[: _TEXT_SHOWN - 1] + "…"


def _checked_answers(row: QuestionRow, context: str) -> tuple[GoldAnswer, ...]:
    if row.answers is None and row.is_impossible is not True:
        raise RowFault("it has neither answers nor is_impossible: true")
    answers = row.answers if row.answers is not None else []
    if answers and row.is_impossible is True:
        raise RowFault("it has answers although is_impossible is true")
    if not answers and row.is_impossible is False:
        raise RowFault("it has no answers although is_impossible is false")
    for answer in answers:
        start, end = answer.answer_start, answer.answer_start + len(answer.text)
        if not answer.text.strip():
            raise RowFault("an answer is empty")
        # A negative start would count from the end of the context, so the slice alone does not tell.
        if start < 0 or context[start:end] != answer.text:
            raise RowFault(f'the answer "{shorten(answer.text)}" is not at answer_start {start} of its context')
    return tuple(_canonical_answer(answer, context) for answer in answers)


def _canonical_answer(answer: AnswerRow, context: str) -> GoldAnswer:
    """``answer`` with its offset in the canonical text of ``context``, where every line end is one character."""
    text = canonical_newlines(answer.text)
    start = len(canonical_newlines(context[: answer.answer_start]))
    # An answer that begins or ends within a CRLF has no place there; nor has one that begins with a byte-order mark.
    if canonical_newlines(context)[start : start + len(text)] != text:
        raise RowFault(f'the answer "{shorten(answer.text)}" begins or ends within a line end')
    return GoldAnswer(text, start)


def check_text(name: str, text: str) -> None:
    """Raise ``RowFault`` if ``text``, which is called ``name``, is empty or cannot be written as UTF-8."""
    if not text.strip():
        raise RowFault(f"the {name} is empty")
    _check_whole(name, text)


def _check_whole(name: str, text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise RowFault(f"the {name} has half a character (a lone surrogate) at offset {error.start}") from error
