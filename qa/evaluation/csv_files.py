"""Question files in CSV, as spreadsheets write them; :mod:`qa.evaluation.datasets` describes the form.

The answers of a question may stand in rows that are far apart. A file is gone through twice, so that the second time it is
known how many rows a question has, and only questions with rows still to come are in memory.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import DatasetError
from index.loaders.base import plain_newlines
from qa.evaluation.articles import Articles
from qa.evaluation.rows import AnswerRow, Collector, QuestionRow, RowFault, digest, shorten
from qa.evaluation.texts import read_lines

_ANSWER, _ANSWER_START = re.compile("answer([0-9]*)"), re.compile("answer_start([0-9]*)")
_MAX_CELL = 512 * 1024 * 1024  # characters; Python's own limit of 131,072 is less than a long article


@dataclass(slots=True)
class _Asked:
    """A question, gathered from the rows of its id: where its first row is, its texts, and its answers so far."""

    where: str
    question: str
    source: tuple[str | None, str | None]
    title: str | None
    text: str
    context_title: str
    answers: list[AnswerRow] = field(default_factory=list)
    rows: int = 0
    faulty: bool = False


def collect_csv(path: Path, collector: Collector, articles: Articles) -> None:
    """Read the questions of a CSV file.

    Args:
        path: of the file.
        collector: takes the questions, in the order of their last rows, and the faults; a row is named by the line of the
            file that it ends on.
        articles: reads the articles that rows name.

    Raises:
        DatasetError: the file cannot be read, has no header, or one without the columns that are needed.
    """
    rows_left = _rows_of_ids(path)
    ids = rows_left.keys()
    asked: dict[str, _Asked] = {}
    for number, (line, cells) in enumerate(_rows(path, collector.fault), start=1):
        identity = cells.get("id")
        name = _name_of_row(number, ids) if identity is None else identity
        where = f"line {line}" if identity is None else f"line {line} (id {shorten(identity)})"
        try:
            _add_row(asked, name, where, cells, articles)
        except RowFault as fault:
            collector.fault(where, fault)
            if name in asked:
                asked[name].faulty = True
        if identity is not None:
            rows_left[digest(identity)] -= 1
        if name in asked and (identity is None or rows_left[digest(identity)] == 0):
            _finish(name, asked.pop(name), collector)


def _rows_of_ids(path: Path) -> Counter[int]:
    """How many rows have each id, by its digest; rows without one are not counted."""
    rows = _rows(path, lambda _where, _what: None)
    return Counter(digest(cells["id"]) for _, cells in rows if "id" in cells)


def _name_of_row(number: int, ids: Collection[int]) -> str:
    """What the question of row ``number``, which has no id, is called: none of the ids with these digests."""
    name = str(number)
    while digest(name) in ids:
        name = f"row {name}"
    return name


def _finish(name: str, question: _Asked, collector: Collector) -> None:
    """Hand over a question all of whose rows are read."""
    if question.faulty:
        return
    row = QuestionRow(id=name, question=question.question, answers=question.answers)
    try:
        collector.add(row, question.text, question.context_title)
    except RowFault as fault:
        collector.fault(question.where, fault)


def _rows(path: Path, on_fault: Callable[[str, object], None]) -> Iterator[tuple[int, dict[str, str]]]:
    """Every row that is not blank: the line that it ends on, and its cells that are not, by the name of their column."""
    before = csv.field_size_limit(_MAX_CELL)
    # Line ends within a cell belong to its text, and answer_start counts them.
    reader = csv.reader(read_lines(path, newline=""), strict=True)
    try:
        header = _header(next(reader, []), path)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                on_fault(f"line {reader.line_num}", f"it has {len(cells)} cells, but there are {len(header)} columns")
                continue
            # Spreadsheets leave out the empty cells at the end of a row.
            yield reader.line_num, {name: cell for name, cell in zip(header, cells, strict=False) if cell.strip()}
    except csv.Error as error:
        # Where the next row begins cannot be told any more.
        on_fault(f"line {reader.line_num}", f"not valid CSV ({error}), so it is not read any further")
    finally:
        csv.field_size_limit(before)


def _header(cells: list[str], path: Path) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    missing = [name for name in ("question", "answer") if name not in names]
    if not {"document", "context"} & set(names):
        missing.append("document")
    found = ", ".join(shorten(name) for name in names) if any(names) else "none"
    if missing:
        raise DatasetError(
            f"{path}: its first line has no column {', '.join(missing)}; it has: {found}.\n"
            "Write the columns question, answer and document in the first line, with commas between them."
        )
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    if twice:
        raise DatasetError(f"{path}: the column {', '.join(twice)} occurs twice. Rename or remove one.")
    return names


def _add_row(asked: dict[str, _Asked], name: str, where: str, cells: dict[str, str], articles: Articles) -> None:
    source = cells.get("context"), cells.get("document")
    question = cells.get("question", "")
    known = asked.get(name)
    if known is None:
        text, title = articles.context(*source, cells.get("title"))
        known = asked[name] = _Asked(where, question, source, cells.get("title"), text, title)
    elif (known.question, known.source) != (question, source):
        raise RowFault("the id occurs twice, with another question or another text")
    answers = [
        _answer(cells, column, known.text)
        for column in sorted((name for name in cells if _is_answer(name)), key=lambda name: int(name[6:] or 1))
    ]
    if _starts_without_answer(cells):
        raise RowFault("it has an answer_start without an answer")
    known.rows += 1
    known.answers += answers
    if known.rows > 1 and (not answers or len(known.answers) == len(answers)):
        raise RowFault("the id occurs twice, once with an answer and once without, or twice without")


def _is_answer(column: str) -> bool:
    """Whether it is ``answer``, ``answer2``, ``answer3`` and so on."""
    return _ANSWER.fullmatch(column) is not None


def _starts_without_answer(cells: dict[str, str]) -> bool:
    starts = (found[1] for name in cells if (found := _ANSWER_START.fullmatch(name)) is not None)
    return any(f"answer{number}" not in cells for number in starts)


def _answer(cells: dict[str, str], column: str, context: str) -> AnswerRow:
    """The answer in ``column`` with its offset, from its own column or because the words occur only once."""
    answer, start = cells[column], cells.get(f"answer_start{column[6:]}")
    if "document" in cells:
        # An article is read with its line ends as LF, whatever the spreadsheet writes within a cell.
        answer = plain_newlines(answer)
    if start is not None:
        try:
            return AnswerRow(text=answer, answer_start=int(start))
        except ValueError as error:
            raise RowFault(f"its answer_start {shorten(start)!r} is no whole number") from error
    first = context.find(answer)
    if first < 0:
        raise RowFault(f'the answer "{shorten(answer)}" does not occur in the text')
    # From the next character on, so that places that overlap count as two.
    if context.find(answer, first + 1) >= 0:
        raise RowFault(f'the answer "{shorten(answer)}" occurs more than once in the text; say which with answer_start')
    return AnswerRow(text=answer, answer_start=first)
