"""What a job does: uploaded files and pasted texts become documents of the index."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Literal

from index.documents import DocumentSummary
from index.errors import DocumentError
from index.ingest import Outcome, add_sources, add_texts, remove_left_out
from index.interface import PassageIndex
from index.loading import ARCHIVES, Source, SourceFile, count_others, sources_in
from web.file_names import free_name
from web.jobs import Job
from web.shelf import Shelf, TakenNames
from web.uploads import StagedFile, Upload

OnConflict = Literal["ask", "replace", "keep_both"]
"""What becomes of a file whose name is taken by another one: ask first, replace that one, or keep both.

A name that was free when it was asked about can be taken by the time the file is added: after "ask", both are kept then.
"""

# Documents become visible in groups of about this many characters: some seconds of work are lost by stopping.
_GROUP_CHARACTERS = 60_000
_PASTED = "pasted: "


def add_upload(
    job: Job,
    index: PassageIndex,
    shelf: Shelf,
    upload: Upload,
    on_conflict: OnConflict,
    on_outcome: Callable[[Outcome], None],
    going: Callable[[], Set[str]],
) -> None:
    """Add the files of an upload; a job's work.

    Files are moved to where they are kept once what was made of them is in the index: should this process die in between,
    the index has the text, and adding the file again puts the original in its place.

    Args:
        job: whose work it is.
        index: where to add them.
        shelf: where they are kept.
        upload: what was sent.
        on_conflict: what becomes of a file whose name is taken.
        on_outcome: told of every document once it is settled.
        going: gives the ids of documents that are being removed; a file takes the place of one that has its name.

    Raises:
        Cancelled: it was asked to stop. What was settled by then stays.
        FootnoteError: the index cannot be used.
    """
    counts = [_count(file.path) for file in upload.files]
    job.documents_total = sum(counts)
    weight = sum(file.size for file in upload.files)
    taken = TakenNames(index, shelf, going)
    leaving = going()
    contents = {summary.sha256: summary for summary in index.documents() if summary.id not in leaving}
    done = 0
    fresh: set[str] = set()  # names given in this very upload
    for file, count in zip(upload.files, counts, strict=True):
        job.check()
        name = _name_for(file, taken, fresh, replaces=on_conflict == "replace")
        fresh.add(name)
        # Where the name is taken, the file goes to that document, whatever else has the same bytes.
        twin = None if taken.has(name) or file.sha256 is None else contents.get(file.sha256)
        taken.take(file, name)
        job.doing = f"Reading {name}"
        if twin is not None:
            settled = Outcome(name, "unchanged", twin.id, f"The same file is there already: {twin.title}")
            job.settle(settled)
            on_outcome(settled)
        else:
            part = _Part(job, done / weight if weight else 0.0, file.size / weight if weight else 0.0, count)
            before = index.document_from(shelf.source(name))
            _add_file(part, index, shelf, file, name, on_outcome)
            _learn(contents, before, index.document_from(shelf.source(name)))
        done += file.size
        job.advance(done / weight if weight else 1.0)
    job.doing = "Finishing"
    index.optimise()


def add_text(
    job: Job,
    index: PassageIndex,
    title: str,
    text: str,
    on_outcome: Callable[[Outcome], None],
    going: Callable[[], Set[str]],
) -> None:
    """Add a pasted text; a job's work. A title that another pasted text has gets a number, unless that is ``going``.

    Arguments and errors are those of :func:`add_upload`.
    """
    job.documents_total = 1
    job.doing = f"Reading {title}"
    sha256 = hashlib.sha256(text.encode()).hexdigest()

    def taken(candidate: str) -> bool:
        summary = index.document_from(f"{_PASTED}{candidate}")
        return summary is not None and summary.sha256 != sha256 and summary.id not in going()

    number, name = 2, title
    while taken(name):
        name, number = f"{title} ({number})", number + 1
    summary = index.document_from(f"{_PASTED}{name}")
    if summary is not None and summary.sha256 == sha256:
        settled = Outcome(name, "unchanged", summary.id)
    else:
        part = _Part(job, 0.0, 1.0, 1)
        try:
            made = add_texts(index, [(f"{_PASTED}{name}", name, text)], part.embedded)
            settled = Outcome(name, "new", made[0])
        except DocumentError as error:
            settled = Outcome(name, "failed", None, str(error).removeprefix(_PASTED))
    job.settle(settled)
    on_outcome(settled)
    job.doing = "Finishing"
    index.optimise()


def _learn(contents: dict[str, DocumentSummary], before: DocumentSummary | None, now: DocumentSummary | None) -> None:
    """Bring the documents by their bytes up to date, once a file has made one of what was ``before``."""
    if now is None:
        return  # nothing was made of it; or it is an archive, whose members have names of their own
    if before is not None and before.sha256 in contents and contents[before.sha256].id == now.id:
        del contents[before.sha256]
    contents.setdefault(now.sha256, now)


class _Part:
    """The part of a job that one file is: turns its progress into that of the job."""

    def __init__(self, job: Job, start: float, share: float, documents: int) -> None:
        self.job, self.start, self.share, self.documents = job, start, share, max(documents, 1)
        self.read = 0  # documents read so far; those not settled are the group that is being embedded
        self.given: set[str] = set()  # sources of these documents
        self.whole = False  # whether the file has been read to its end
        self._settled = 0
        self._before = 0

    def embedded(self, done: int, total: int) -> None:
        """``done`` of ``total`` passages of the present group are embedded."""
        self.job.check()
        more = done - self._before
        self._before = done if done < total else 0
        group = max(self.read - self._settled, 1) * done / total if total else 0.0
        self.job.advance(self.start + self.share * (self._settled + group) / self.documents, more)

    def settled(self) -> None:
        """One document is settled."""
        self._settled += 1
        self.job.advance(self.start + self.share * self._settled / self.documents)


def _add_file(
    part: _Part,
    index: PassageIndex,
    shelf: Shelf,
    file: StagedFile,
    name: str,
    on_outcome: Callable[[Outcome], None],
) -> None:
    stored, kept = shelf.source(name), False

    def shown(text: str) -> str:
        return text.replace(str(file.path), name).replace(stored, name)

    def settle(outcome: Outcome) -> None:
        nonlocal kept
        kept = kept or outcome.document_id is not None
        message = None if outcome.message is None else shown(outcome.message).removeprefix(f"{shown(outcome.source)}: ")
        settled = replace(outcome, source=shown(outcome.source), message=message)
        part.job.settle(settled)
        part.settled()
        on_outcome(settled)

    try:
        add_sources(
            index,
            _sources(file, stored, part, settle),
            settle,
            part.embedded,
            group_characters=_GROUP_CHARACTERS,
        )
        # Only now: whatever fails or is stopped before has lost no document of the archive that this one replaces.
        if kept and part.whole and file.path.suffix.lower() in ARCHIVES:
            remove_left_out(index, stored, part.given)
    finally:
        # Also when it was stopped: members of an archive that are in the index already need it.
        if kept and shelf.folder is not None:
            _keep(part.job, file, shelf.folder, name)


def _keep(job: Job, file: StagedFile, folder: Path, name: str) -> None:
    """Move a file to where it is kept. That it cannot be is told and not raised: the files after it can be added."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(file.path, folder / name)
    except OSError as error:
        job.documents_total += 1
        told = f"its text was added, but the file could not be kept ({error.strerror}). Add it again."
        job.settle(Outcome(name, "failed", None, told))


def _sources(file: StagedFile, stored: str, part: _Part, settle: Callable[[Outcome], None]) -> Iterator[Source]:
    """What is in an uploaded file, under the name it is stored by."""
    staged = str(file.path)
    others: Counter[str] = Counter()
    try:
        for source in sources_in(file.path, lambda extension: others.update([extension])):
            part.job.check()
            name = stored + source.name.removeprefix(staged)
            part.job.doing = f"Reading {PurePosixPath(name).name}"
            part.read += 1
            part.given.add(name)
            yield Source(name, partial(_read_as, name, source))
        part.whole = True
        if others:
            name = PurePosixPath(stored).name
            part.job.notes.append(
                f"Of {name}, {count_others(others)} {'was' if others.total() == 1 else 'were'} passed over."
            )
    except DocumentError as error:
        settle(Outcome(stored, "failed", None, str(error)))


def _read_as(name: str, source: Source) -> SourceFile:
    return replace(source.read(), name=name)


def _name_for(file: StagedFile, taken: TakenNames, fresh: set[str], *, replaces: bool) -> str:
    """The name to keep a file by. Two files of one upload never replace each other."""
    return free_name(file.name, lambda name: taken.differs(file, name) and (name in fresh or not replaces))


def _count(path: Path) -> int:
    """How many documents there are in a file; 1 when it cannot be read, which is one failure."""
    if path.suffix.lower() not in ARCHIVES:
        return 1
    try:
        return sum(1 for _ in sources_in(path))
    except DocumentError:
        return 1
