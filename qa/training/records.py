"""Questions with the place of their answer, read from SQuAD-format files, checked, and kept as one prepared data set.

A prepared folder holds ``contexts.json`` (a list of texts) and ``questions.jsonl`` (one :class:`Question` a line, which
names its text by number). Offsets count Unicode code points of the text.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

CONTEXTS_FILE = "contexts.json"
QUESTIONS_FILE = "questions.jsonl"


class DataError(ValueError):
    """A data file cannot be read as what it should be."""


@dataclass(frozen=True)
class Raw:
    """One question as a source gives it. ``answers`` are ``(start, text)``; none of them means unanswerable."""

    source: str
    title: str
    context: str
    question: str
    answers: tuple[tuple[int, str], ...]


@dataclass
class Question:
    """One question of a prepared data set.

    ``context`` and ``negatives`` are numbers of texts: the one it is asked of, and passages that look relevant but
    do not hold any answer. ``answers`` are ``[start, end]`` in the context.
    """

    source: str
    title: str
    context: int
    question: str
    answers: list[list[int]]
    negatives: list[int] = field(default_factory=list)


@dataclass
class Prepared:
    """A data set ready for training: texts, and the questions about them."""

    contexts: list[str]
    questions: list[Question]

    def answer_texts(self, question: Question) -> list[str]:
        """The answers to ``question`` as they stand in its text."""
        text = self.contexts[question.context]
        return [text[start:end] for start, end in question.answers]


def normalised(text: str) -> str:
    """``text`` for comparing: NFKC, case-folded, letters and digits only."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def trimmed(start: int, text: str) -> tuple[int, str]:
    """An answer without white space around it, its offset moved along."""
    stripped = text.strip()
    return start + len(text) - len(text.lstrip()), stripped


def read_squad(path: Path, faults: Counter[str]) -> Iterator[Raw]:
    """The questions of one SQuAD v1.1 or v2.0 file, named after the file.

    An answer that does not stand at its offset is dropped, and a question left without any is too; ``faults``
    counts them under the file's name. Raises DataError when the file has another form.
    """
    try:
        yield from _questions(path, faults)
    except KeyError as error:
        raise DataError(f"{path} is not a SQuAD file: an entry has no {error}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is not a SQuAD file: {error}") from error


def _questions(path: Path, faults: Counter[str]) -> Iterator[Raw]:
    articles: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["data"]
    for article in articles:
        for paragraph in article["paragraphs"]:
            context: str = paragraph["context"]
            for entry in paragraph["qas"]:
                given = [trimmed(int(a["answer_start"]), a["text"]) for a in entry.get("answers", [])]
                impossible = bool(entry.get("is_impossible", False))
                good = [(s, t) for s, t in given if t and context[s : s + len(t)] == t]
                if not impossible and not good:
                    faults[path.stem] += 1
                    continue
                yield Raw(
                    path.stem,
                    str(article.get("title", "")),
                    context,
                    " ".join(entry["question"].split()),
                    () if impossible else tuple(dict.fromkeys(good)),
                )


def texts_of(paths: Iterable[Path]) -> set[str]:
    """The contexts of SQuAD files, normalised: what training must never see. Raises DataError."""
    found: set[str] = set()
    for path in paths:
        found.update(normalised(raw.context) for raw in read_squad(path, Counter()))
    return found


def collect(raws: Iterable[Raw], forbidden: set[str], dropped: Counter[str]) -> Prepared:
    """Number the texts and merge the questions.

    A text in ``forbidden`` (normalised), or that contains or is contained in one, is left out with its questions. The
    same question of the same text is kept once, its answers joined. ``dropped`` counts what was left out by reason.
    """
    numbers: dict[str, int] = {}
    banned: dict[str, bool] = {}
    questions: dict[tuple[int, str], Question] = {}
    for raw in raws:
        if raw.context not in banned:
            banned[raw.context] = _overlaps(normalised(raw.context), forbidden)
        if banned[raw.context]:
            dropped["text of a dev file"] += 1
            continue
        number = numbers.setdefault(raw.context, len(numbers))
        spans = [[start, start + len(text)] for start, text in raw.answers]
        key = (number, normalised(raw.question))
        known = questions.get(key)
        if known is None:
            questions[key] = Question(raw.source, raw.title, number, raw.question, spans)
            continue
        dropped["same question of the same text"] += 1
        if known.answers and spans:
            known.answers.extend(span for span in spans if span not in known.answers)
    return Prepared(list(numbers), list(questions.values()))


def _overlaps(text: str, forbidden: set[str]) -> bool:
    if text in forbidden:
        return True
    # Short texts (single sentences) occur inside many paragraphs by chance: only compare what is long enough to tell.
    return len(text) >= 80 and any(text in other or (len(other) >= 80 and other in text) for other in forbidden)


def write_prepared(prepared: Prepared, folder: Path) -> None:
    """Store a prepared data set in ``folder``, the questions last: while they are not there, nothing is prepared."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / QUESTIONS_FILE).unlink(missing_ok=True)
    replace_text(folder / CONTEXTS_FILE, json.dumps(prepared.contexts, ensure_ascii=False))
    lines = (json.dumps(asdict(question), ensure_ascii=False) for question in prepared.questions)
    replace_text(folder / QUESTIONS_FILE, "".join(f"{line}\n" for line in lines))


def replace_text(path: Path, text: str) -> None:
    """Make ``text`` the content of a file, which is never half written: as it was, or as it is to be."""
    partial = path.with_name(f".partial-{path.name}")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def read_prepared(folder: Path) -> Prepared:
    """Load what :func:`write_prepared` stored. Raises DataError when the folder holds no prepared data."""
    if not (folder / QUESTIONS_FILE).is_file():
        raise DataError(f"{folder} holds no prepared data: run the prepare step first")
    try:
        contexts: list[str] = json.loads((folder / CONTEXTS_FILE).read_text(encoding="utf-8"))
        # Not splitlines(): that would also cut at separators that JSON leaves inside strings.
        lines = (folder / QUESTIONS_FILE).read_text(encoding="utf-8").split("\n")
        return Prepared(contexts, [Question(**json.loads(line)) for line in lines if line])
    except (ValueError, TypeError, FileNotFoundError) as error:
        raise DataError(f"{folder} is damaged ({error}). Remove it and run the prepare step again.") from error
