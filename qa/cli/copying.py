"""The command that copies an index: copy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.app import app, complain, progress_bar, state

if TYPE_CHECKING:
    from index import Document, DocumentSummary, Encoder, PassageIndex

# Documents become visible in groups of about this many characters, so that what was copied stays when copying stops.
_GROUP_CHARACTERS = 2_000_000


@dataclass(slots=True)
class CopyReport:
    """How many documents were copied, how many were there already, and how many pieces of feedback came along."""

    copied: int = 0
    skipped: int = 0
    feedback: int = 0


@app.command("copy")
def copy_index(
    origin: Annotated[str, typer.Argument(help="The index to copy: a folder or an address.", metavar="FROM")],
    destination: Annotated[
        str,
        typer.Argument(help="Where to copy it: a folder or an address; it may hold documents already.", metavar="TO"),
    ],
) -> None:
    """Copy all documents of one index into another, of any kind; the files they came from are not needed.

    Texts, pages, dates, hashes and the time of adding stay as they are; passages are embedded anew, which takes as long as
    adding them did. Feedback on answers comes along; past evaluations do not. Run it again to go on after a stop:
    documents that are in TO already are passed over. FROM is not changed, and nothing is removed from TO.
    """
    from index import MiniLMEncoder

    encoder = MiniLMEncoder()
    # What is said to be missing there is to be added there, and not to the index that is used otherwise.
    state.index = origin
    source = open_origin(origin, encoder)
    state.index = None
    target = open_destination(destination, source, encoder)
    try:
        with progress_bar() as advance:
            report = copy_documents(source, target, lambda done, total: advance("Copying documents", done, total))
        report.feedback = copy_feedback(source, target)
    except KeyboardInterrupt:
        complain("Stopped. What was finished is in the index; run the same command again to go on.")
        raise typer.Exit(1) from None
    typer.echo(f"copied   {report.copied:,}")
    typer.echo(f"skipped  {report.skipped:,}")
    if report.feedback:
        typer.echo(f"feedback {report.feedback:,}")


def open_origin(location: str, encoder: "Encoder") -> "PassageIndex":
    """The index to copy from, whichever encoder made it: only its texts are read.

    Raises:
        IndexStateError: there is none, or it cannot be read.
    """
    from index import EncoderMismatch, open_index, unchecked_index

    try:
        return open_index(location, encoder)
    except EncoderMismatch:
        return unchecked_index(location, encoder)


def open_destination(location: str, source: "PassageIndex", encoder: "Encoder") -> "PassageIndex":
    """The index to copy to, made with the passage sizes of ``source`` if there is none.

    Raises:
        IndexStateError: it is the one to copy from, another encoder made it, or it cannot be made there.
    """
    from index import ChunkingSettings, IndexStateError, create_index
    from index.opening import same_place

    settings = source.settings()
    sizes = ChunkingSettings(int(settings["max_tokens"]), int(settings["overlap_tokens"]))
    if same_place(location, source.location):
        raise IndexStateError(f"{location} is the index to copy from. Name another place to copy to.")
    return create_index(location, encoder, sizes)


def copy_documents(
    source: "PassageIndex", target: "PassageIndex", on_progress: Callable[[int, int], None] | None = None
) -> CopyReport:
    """Bring all documents of ``source`` into ``target``, except those that it has with the same id and hash.

    Args:
        source: where they are; it is only read.
        target: where they go; a document with the same id but another hash is replaced.
        on_progress: called with (documents done, documents in all).

    Raises:
        IndexStateError: one of the two cannot be read or written; what was copied before stays.
    """
    from index import UnknownDocument

    report = CopyReport()
    present = {summary.id: summary.sha256 for summary in target.documents()}
    summaries = source.documents()
    group: list[Document] = []
    waiting = 0  # characters in the group

    def flush() -> None:
        nonlocal waiting
        if group:
            target.put(group)
            report.copied += len(group)
            group.clear()
            waiting = 0

    def tell(done: int) -> None:
        if on_progress is not None:
            on_progress(done, len(summaries))

    for number, summary in enumerate(summaries):
        tell(number)
        if _same(summary, present):
            report.skipped += 1
            continue
        try:
            document = source.document(summary.id)
        except UnknownDocument:
            # Removed meanwhile, so it is not to be copied.
            continue
        group.append(document)
        waiting += len(document.text)
        if waiting > _GROUP_CHARACTERS:
            flush()
    flush()
    tell(len(summaries))
    target.optimise()
    return report


def copy_feedback(source: "PassageIndex", target: "PassageIndex") -> int:
    """Bring what people said about answers of ``source`` to ``target``, but for what it has; returns how much that is.

    Raises:
        InputError: it cannot be read or written.
    """
    from qa.feedback import FeedbackStore, folder_beside

    kept = FeedbackStore(folder_beside(source.location, "feedback")).read()
    for fault in kept.faults:
        complain(f"passed over  {fault}")
    return FeedbackStore(folder_beside(target.location, "feedback")).take(kept.entries)


def _same(summary: "DocumentSummary", present: dict[str, str]) -> bool:
    return present.get(summary.id) == summary.sha256
