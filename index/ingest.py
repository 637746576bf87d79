"""Adding files and texts to an index: what is new, changed, unchanged or failed."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Literal

from index.documents import Document, DocumentSummary
from index.errors import DocumentError, UnknownDocument
from index.identity import free_id
from index.interface import OnProgress, PassageIndex
from index.loading import ARCHIVES, MEMBER, LoadedFile, Source, canonical_newlines, find_files, parse, sources_in

# Files are made visible in groups of about this many characters, so that a long run keeps what it has done.
_GROUP_CHARACTERS = 2_000_000


@dataclass(slots=True)
class AddReport:
    """What became of each file and member of an archive.

    Attributes:
        new, changed, unchanged: document ids.
        removed: ids of documents of members that an archive had when it was added before, and has no more.
        failed: reasons by source.
        notes: by source, what should be known about the text of a new or changed document, such as pages left out.
        others: how many members of archives were left out for their types, by extension.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file or member of an archive.

    Attributes:
        source: where the document came from.
        kind: "new", "changed", "unchanged" or "failed".
        document_id: the document; ``None`` when it failed.
        message: why it failed, or what should be known about the text; ``None`` when there is nothing to say.
    """

    source: str
    kind: Literal["new", "changed", "unchanged", "failed"]
    document_id: str | None
    message: str | None = None


def add_files(
    index: PassageIndex,
    paths: Sequence[Path],
    on_progress: Callable[[str, int, int], None] | None = None,
) -> AddReport:
    """Bring an index up to date with files and folders.

    Args:
        index: where to add them.
        paths: files, archives whose known members are all taken, or folders whose known files and archives are.
        on_progress: called with (what is being done, steps done, steps in all).

    Returns:
        What became of each file. Files that cannot be read are named there and leave the index as it was.
    """
    report = AddReport()
    files: dict[Path, None] = {}
    for path in paths:
        try:
            files.update(dict.fromkeys(find_files([path])))
        except DocumentError as error:
            report.failed[str(path)] = str(error)

    given: dict[Path, set[str]] = {}  # sources of each archive that was read to its end

    def sources() -> Iterator[Source]:
        for number, file in enumerate(files):
            if on_progress is not None:
                on_progress("Reading files", number, len(files))
            names = set()
            for source in _sources(file, report):
                names.add(source.name)
                yield source
            if file.suffix.lower() in ARCHIVES and str(file) not in report.failed:
                given[file] = names

    def keep(outcome: Outcome) -> None:
        if outcome.document_id is None:
            report.failed[outcome.source] = "" if outcome.message is None else outcome.message
            return
        kinds = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged}
        kinds[outcome.kind].append(outcome.document_id)
        if outcome.message is not None:
            report.notes[outcome.source] = outcome.message

    add_sources(index, sources(), keep, None if on_progress is None else partial(on_progress, "Embedding passages"))
    # Only now: whatever fails or is stopped before has lost no document. One in which nothing can be read is not believed.
    for file, names in given.items():
        if names - report.failed.keys():
            report.removed += remove_left_out(index, str(file), names)
    index.optimise(None if on_progress is None else partial(on_progress, "Arranging vectors"))
    return report


def remove_left_out(index: PassageIndex, archive: str, given: Set[str]) -> list[str]:
    """Remove the documents of members that an archive had before and has no more.

    Args:
        index: where they are.
        archive: source of the archive itself.
        given: sources of all members that it has now, those that could not be read included.

    Returns:
        The ids of the documents that were removed.
    """
    gone = [
        summary.id
        for summary in index.documents()
        if summary.source.startswith(f"{archive}{MEMBER}") and summary.source not in given
    ]
    if gone:
        index.remove(gone)
    return gone


def add_sources(
    index: PassageIndex,
    sources: Iterable[Source],
    on_outcome: Callable[[Outcome], None],
    on_progress: OnProgress | None = None,
    *,
    group_characters: int = _GROUP_CHARACTERS,
) -> None:
    """Add what can become documents: new and changed ones are put into the index, in groups.

    A callback may raise to stop; what was reported by then is in the index whole, and nothing of the rest is.

    Args:
        index: where to add them.
        sources: what to read; each is read before the next one is asked for.
        on_outcome: told of every source once it is settled: a new or changed document then is in the index already.
        on_progress: called while passages are embedded, with those of the present group.
        group_characters: a group is put into the index when it has grown longer than this.
    """
    group: list[tuple[Document, Outcome]] = []
    waiting: dict[str, str] = {}  # sources of the group by id
    characters = 0

    def flush() -> None:
        nonlocal characters
        settled, characters = list(group), 0
        group.clear()
        waiting.clear()
        if settled:
            index.put([document for document, _ in settled], on_progress)
        for _, outcome in settled:
            on_outcome(outcome)

    for source in sources:
        try:
            content = source.read()
            known = index.document_from(source.name)
            if known is not None and known.sha256 == content.sha256:
                on_outcome(Outcome(source.name, "unchanged", known.id))
                continue
            loaded = parse(content)
        except DocumentError as error:
            on_outcome(Outcome(source.name, "failed", None, str(error)))
            continue
        document = _document(loaded, _id_for(index, loaded.source, known, waiting))
        note = None if loaded.note is None else f"{source.name}: {loaded.note}."
        group.append((document, Outcome(source.name, "new" if known is None else "changed", document.id, note)))
        waiting[document.id] = document.source
        characters += len(loaded.text)
        if characters > group_characters:
            flush()
    flush()


def _sources(file: Path, report: AddReport) -> Iterator[Source]:
    """What is in ``file``; when it is an archive that cannot be read, the reason goes into ``report``."""
    try:
        yield from sources_in(file, lambda extension: report.others.update([extension]))
    except DocumentError as error:
        report.failed[str(file)] = str(error)


def add_texts(
    index: PassageIndex,
    texts: Iterable[tuple[str, str, str]],
    on_progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    """Add texts that are in no file, all at once.

    Args:
        index: where to add them.
        texts: (source, title, text); a text whose source is known already replaces the former.
        on_progress: called with (passages embedded, passages in all).

    Returns:
        Document ids in the order of ``texts``.

    Raises:
        DocumentError: one of them has no words, or it, its source or its title cannot be written as UTF-8; then none is
            added.
    """
    documents: list[Document] = []
    waiting: dict[str, str] = {}  # their sources by id
    for source, title, raw in texts:
        text = canonical_newlines(raw)
        if not text.strip():
            raise DocumentError(f"{source}: there is no text in it.")
        for kind, given in (("source", source), ("title", title), ("text", raw)):
            try:
                content = given.encode("utf-8")
            except UnicodeEncodeError as error:
                shown = source.encode("utf-8", "backslashreplace").decode("utf-8")
                raise DocumentError(
                    f"{shown}: its {kind} holds half a character (a lone surrogate, the first at {error.start}). Remove it."
                ) from error
        loaded = LoadedFile(source, title, text, sha256(content).hexdigest(), len(content))
        documents.append(_document(loaded, _id_for(index, source, index.document_from(source), waiting)))
        waiting[documents[-1].id] = source
    index.put(documents, on_progress)
    return [document.id for document in documents]


def _id_for(index: PassageIndex, source: str, known: DocumentSummary | None, waiting: Mapping[str, str]) -> str:
    """The id of the document from ``source``: that of ``known``, which is in ``index``, or a new one that is not taken there
    nor among those that will be put with it, whose sources ``waiting`` gives by id."""
    if known is not None:
        return known.id

    def owner(name: str) -> str | None:
        if name in waiting:
            return waiting[name]
        try:
            return index.document(name).source
        except UnknownDocument:
            return None

    return free_id(source, owner)


def _document(loaded: LoadedFile, name: str) -> Document:
    return Document(
        id=name,
        title=loaded.title,
        source=loaded.source,
        sha256=loaded.sha256,
        text=loaded.text,
        added_at=datetime.now(UTC),
        size=loaded.size,
        pages=loaded.pages,
        date=loaded.date,
    )
