"""Data sets of the page: uploaded question files and the collected feedback.

An upload may come from anybody who may use the page. So a row of it that names an article gets that article of the index,
never a file of this computer.
"""

import hashlib
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from index.errors import DatasetError, FootnoteError
from index.interface import PassageIndex
from qa.evaluation.articles import Articles
from qa.evaluation.datasets import CSV_SUFFIX, LINE_SUFFIXES, Dataset, collect
from qa.evaluation.rows import Collector, RowFault
from web.evaluations.folders import Folders, new_id

FEEDBACK = "feedback"
"""Id of the collected feedback among the data sets."""
MAX_BYTES = 50 * 2**20
"""Largest upload."""
MAX_SETS = 50
_FAULTS_KEPT = 200
_NAME_KEPT = 120


class QuestionSet(BaseModel):
    """A data set.

    Attributes:
        id: of it; :data:`FEEDBACK` for the collected feedback.
        name: of the file, as the person who uploaded it called it. Not to be trusted.
        added_at: when it was uploaded; ``None`` for feedback.
        size: in bytes.
        questions, unanswerable, contexts: counts of what is sound.
        faulty: how many rows are faulty; ``faults`` names the first of them, a line each.
    """

    id: str
    name: str
    added_at: datetime | None = None
    size: int = 0
    questions: int
    unanswerable: int
    contexts: int
    faulty: int = 0
    faults: list[str] = []


class IndexArticles(Articles):
    """Looks articles up in an index, by their id, path, file name or title."""

    def __init__(self, index: PassageIndex) -> None:
        """Look in ``index``."""
        super().__init__(Path())
        self._index = index

    def read(self, document: str) -> tuple[str, str]:
        """See :meth:`qa.evaluation.articles.Articles.read`."""
        try:
            found = self._index.document(self._index.resolve(document))
        except FootnoteError as error:
            raise RowFault(f"the article is not in the index ({str(error).rstrip('.')})") from error
        return found.text, found.title


class QuestionSets:
    """The uploaded data sets of one index."""

    def __init__(self, place: Path) -> None:
        """Keep them in ``place``."""
        self._folders = Folders(place, QuestionSet, MAX_SETS)

    def every(self) -> list[QuestionSet]:
        """All of them, the latest first."""
        return self._folders.every()

    def facts(self, name: str) -> QuestionSet:
        """One of them; raises ``InputError`` if there is none."""
        return self._folders.facts(name)

    def add(self, file_name: str, data: bytes, index: PassageIndex) -> QuestionSet:
        """Keep an uploaded file, whose rows may be faulty.

        Args:
            file_name: as its owner calls it; its ending tells the form.
            data: its content.
            index: holds the articles that rows may name.

        Raises:
            DatasetError: it is too large, cannot be read at all, or has no sound question.
            InputError: it cannot be kept.
        """
        if len(data) > MAX_BYTES:
            raise DatasetError(f"The file has {len(data):,} bytes; at most {MAX_BYTES:,} are taken.")
        name, identity = _display_name(file_name), new_id()

        def fill(folder: Path) -> QuestionSet:
            path = folder / _stored_name(name)
            path.write_bytes(data)
            found, faults = read_questions(path, name, index)
            if not found.questions:
                told = "; ".join(faults[:3])
                raise DatasetError(f"{name}: it holds no question that can be asked. {told}".strip())
            return facts_of(identity, found, faults, len(data))

        return self._folders.add(identity, fill)

    def load(self, name: str, index: PassageIndex) -> tuple[Dataset, list[str], str]:
        """The sound questions of a data set, a line about each faulty row, and the SHA-256 of the file.

        Raises:
            InputError: there is no such data set.
            DatasetError: it cannot be read.
        """
        facts = self.facts(name)
        path = self._folders.path(name) / _stored_name(facts.name)
        found, faults = read_questions(path, facts.name, index)
        with path.open("rb") as file:
            return found, faults, hashlib.file_digest(file, "sha256").hexdigest()

    def remove(self, name: str) -> None:
        """Remove a data set; raises ``InputError`` if there is none."""
        self._folders.remove(name)


def read_questions(path: Path, name: str, index: PassageIndex) -> tuple[Dataset, list[str]]:
    """The sound questions of a file called ``name``, and a line about each faulty row; raises ``DatasetError``."""
    collector = Collector()
    try:
        collect(path, collector, IndexArticles(index))
    except DatasetError as error:
        # Where it is kept is of no use to the person who uploaded it.
        raise DatasetError(str(error).replace(str(path), name)) from error
    return Dataset(name, tuple(collector.contexts), tuple(collector.questions)), collector.faults


def facts_of(identity: str, dataset: Dataset, faults: list[str], size: int) -> QuestionSet:
    """The description of a data set that was just read."""
    return QuestionSet(
        id=identity,
        name=dataset.name,
        added_at=datetime.now().astimezone(),
        size=size,
        questions=len(dataset.questions),
        unanswerable=sum(not question.answerable for question in dataset.questions),
        contexts=len(dataset.contexts),
        faulty=len(faults),
        faults=faults[:_FAULTS_KEPT],
    )


def _display_name(file_name: str) -> str:
    """The last part of a name, on one line and not too long; its ending stays."""
    last = " ".join(file_name.replace("\\", "/").rpartition("/")[2].split()).encode("utf-8", "replace").decode("utf-8")
    if len(last) > _NAME_KEPT:
        last = last[: _NAME_KEPT // 2] + "…" + last[-_NAME_KEPT // 2 + 1 :]
    return last if last else "questions.json"


def _stored_name(name: str) -> str:
    """What the file is called where it is kept: nothing of its own name but the form that its ending tells."""
    ending = Path(name.lower()).suffix
    return f"questions{ending if ending in LINE_SUFFIXES or ending == CSV_SUFFIX else '.json'}"
