"""The documents panel's service: list, add, remove and choose documents. No gradio, no HTTP."""

import threading
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from index.documents import DocumentSummary
from index.errors import DocumentError, IndexMissing, UnknownDocument
from index.ingest import Outcome
from index.interface import Filter, PassageIndex
from index.loaders.base import clean_title
from index.loading import MEMBER
from index.milvus.address import is_address
from web.adding import OnConflict, add_text, add_upload
from web.jobs import Job, JobQueue
from web.removals import Removal, Removals
from web.selection import Selections, confined
from web.shelf import Shelf, conflicts
from web.uploads import Receiver, Upload, UploadLimits, Uploads

UNDO_SECONDS = 20.0
"""How long a removal can be undone."""
MAX_PASTED = 4_000_000
"""Longest text that can be pasted, in characters."""
_LONGEST_TITLE = 200
_TITLE_FROM_TEXT = 60
_SAMPLE = "karabakh.txt"
_SAMPLE_QUESTIONS = (
    "Who called for a ceasefire?",
    "When did the violence start?",
    "How many tanks did Azerbaijan claim to have destroyed?",
)
_UPLOADS = "uploads"


class NamesTaken(DocumentError):
    """Uploaded files have names that other documents have already; ``names`` are these."""

    def __init__(self, names: Sequence[str]) -> None:
        """Name the ``names``."""
        self.names = list(names)
        super().__init__(
            f"{self.names[0]} is the name of another document already. Replace that one, or keep both?"
            if len(self.names) == 1
            else f"{len(self.names)} of these files have names of other documents. Replace those, or keep both?"
        )


class Library:
    """The documents of one index, as its web page manages them. Safe to use from several threads."""

    def __init__(
        self,
        index: Callable[[], PassageIndex | None],
        create: Callable[[], object] | None = None,
        *,
        limits: UploadLimits | None = None,
        waiting: int = 8,
        undo_seconds: float = UNDO_SECONDS,
    ) -> None:
        """Manage the documents of an index.

        Args:
            index: gives the index; ``None`` while there is none.
            create: makes an empty index, which ``index`` gives from then on; without it, documents can be added only to
                an index that is there.
            limits: what an upload may bring.
            waiting: how many jobs may wait while one runs.
            undo_seconds: how long a removal can be undone.
        """
        self._index = index
        self._create = create
        self._creating = threading.Lock()
        self.uploads = Uploads(UploadLimits() if limits is None else limits)
        self.jobs = JobQueue(waiting)
        self.removals = Removals(self._remove_now, undo_seconds)
        self.selections = Selections()

    # ---- what is there ----

    def documents(self) -> list[DocumentSummary]:
        """All documents but those that are being removed; none while there is no index."""
        index = self._index()
        hidden = self.removals.hidden()
        return [] if index is None else [summary for summary in index.documents() if summary.id not in hidden]

    def keeps_originals(self) -> bool:
        """Whether uploaded files are kept: they are beside an index in a folder, not with one on a server."""
        index = self._index()
        return index is None or not is_address(index.location)

    def within(self, visitor: str | None) -> Filter | None:
        """What questions of a visitor are confined to; ``None`` for all documents."""
        hidden = self.removals.hidden()
        there = [summary.id for summary in self.documents()]
        return confined(self.selections.chosen(visitor, there), there, hidden)

    # ---- adding ----

    def begin_upload(self, files: Sequence[tuple[str, int]]) -> Upload:
        """Make room for files of these names and sizes; an index is made if there is none.

        Raises:
            UploadRefused: see :meth:`Uploads.begin`.
            IndexStateError: the index cannot be used or made.
        """
        return self.uploads.begin(files, self._shelf(self._open()).folder)

    def receive(self, upload_id: str, number: int) -> Receiver:
        """See :meth:`Uploads.receive`."""
        return self.uploads.receive(upload_id, number)

    def finish_upload(self, upload_id: str, on_conflict: OnConflict = "ask", *, sample: bool = False) -> Job:
        """Queue the files of an upload for indexing.

        Names are looked at again when it is their turn: with ``"ask"``, one that was taken meanwhile is kept beside.

        Raises:
            NamesTaken: other documents have these names and ``on_conflict`` is ``"ask"``; the upload waits.
            UploadRefused: it does not exist, or files are missing.
            QueueFull: too many jobs are waiting; the upload is dropped.
        """
        index = self._open()
        shelf = self._shelf(index)
        if on_conflict == "ask":
            taken = conflicts(index, shelf, self.uploads.get(upload_id), self.removals.hidden)
            if taken:
                raise NamesTaken(taken)
        upload = self.uploads.take(upload_id)
        title = upload.files[0].name if len(upload.files) == 1 else f"{len(upload.files):,} files"
        job = Job(title, documents_total=len(upload.files), sample=sample)
        return self.jobs.submit(
            job,
            lambda job: add_upload(job, index, shelf, upload, on_conflict, self._settled, self.removals.hidden),
            lambda: self.uploads.release(upload),
        )

    def add_text(self, title: str, text: str) -> Job:
        """Queue a pasted text; without a title it gets its first words.

        Raises:
            DocumentError: it has no words, is too long, or holds characters that no text has.
            QueueFull: too many jobs are waiting.
        """
        if len(text) > MAX_PASTED:
            raise DocumentError(
                f"The text has {len(text):,} characters; at most {MAX_PASTED:,} can be pasted. Save it as a file and add that."
            )
        if not text.strip():
            raise DocumentError("There is no text in it. Paste some words.")
        if "\x00" in text or any(0xD800 <= ord(character) < 0xE000 for character in title + text):
            raise DocumentError("The text holds null characters or half characters. Remove them, then add it again.")
        named = clean_title(title)
        if named is None:
            first = " ".join(text.split())
            named = first if len(first) <= _TITLE_FROM_TEXT else f"{first[:_TITLE_FROM_TEXT].rstrip()}…"
        named = named[:_LONGEST_TITLE].rstrip()
        index = self._open()
        job = Job(named, documents_total=1)
        return self.jobs.submit(
            job,
            lambda job: add_text(job, index, named, text, self._settled, self.removals.hidden),
            lambda: None,
        )

    def add_sample(self) -> Job:
        """Queue the sample article. Raises as :meth:`finish_upload`."""
        content = files("web").joinpath("sample", _SAMPLE).read_bytes()
        upload = self.begin_upload([(_SAMPLE, len(content))])
        receiver = self.receive(upload.id, 0)
        receiver.write(content)
        receiver.close()
        return self.finish_upload(upload.id, "keep_both", sample=True)

    def sample_questions(self) -> tuple[str, ...]:
        """Questions that the sample article answers."""
        return _SAMPLE_QUESTIONS

    # ---- removing ----

    def remove(self, document_ids: Sequence[str]) -> Removal:
        """Hide documents at once, and remove them when the time to undo is over; see :mod:`web.removals`.

        Raises:
            UnknownDocument: one of them is not there; then none is removed.
        """
        there = {summary.id: summary for summary in self.documents()}
        missing = [name for name in document_ids if name not in there]
        if missing or not document_ids:
            raise UnknownDocument("A document to remove is not in the index any more. Load the list again.")
        return self.removals.add({name: (there[name].sha256, there[name].title) for name in document_ids})

    def undo(self, removal_id: str) -> bool:
        """Take a removal back; whether it was not too late."""
        return self.removals.undo(removal_id)

    # ---- inside ----

    def _open(self) -> PassageIndex:
        with self._creating:
            index = self._index()
            if index is None and self._create is not None:
                self._create()
                index = self._index()
        if index is None:
            raise IndexMissing("There is no index yet. Make one with: qa add PATH")
        return index

    def _shelf(self, index: PassageIndex) -> Shelf:
        return Shelf(None if is_address(index.location) else Path(index.location).resolve() / _UPLOADS)

    def _settled(self, outcome: Outcome) -> None:
        """A document was added, or again while it was being removed: then it stays."""
        if outcome.document_id is not None:
            self.removals.keep(outcome.document_id)

    def _remove_now(self, documents: Mapping[str, str]) -> None:
        index = self._open()
        there = {summary.id: summary for summary in index.documents()}
        # What was changed or removed by another process meanwhile is not what was to be removed.
        leaving = [there[name] for name, sha256 in documents.items() if name in there and there[name].sha256 == sha256]
        if not leaving:
            return
        index.remove([summary.id for summary in leaving])
        shelf = self._shelf(index)
        gone = {summary.id for summary in leaving}
        needed = {name.source.split(MEMBER, 1)[0] for name in there.values() if name.id not in gone}
        for summary in leaving:
            original = shelf.original(summary.source)
            if original is not None and summary.source.split(MEMBER, 1)[0] not in needed:
                original.unlink(missing_ok=True)
