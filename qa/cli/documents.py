"""Commands about documents and the index: add, list, remove, show, info, verify."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.app import AsJson, IndexLocation, app, complain, printable, progress_bar, with_index

if TYPE_CHECKING:
    from index import PassageIndex


def open_existing(location: str) -> "PassageIndex":
    """The index at ``location``; raises ``IndexStateError`` when it cannot be used."""
    from index import MiniLMEncoder, open_index

    return open_index(location, MiniLMEncoder())


@app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.", metavar="PATH...")],
    index: IndexLocation,
) -> None:
    """Add files or folders to the index; unchanged files cost nothing, changed ones are replaced.

    Reads text, Markdown, HTML, PDF, DOCX and EPUB, and zip archives of these.
    """
    from index import MiniLMEncoder, add_files, create_index
    from index.loading import count_others, find_files, passed_over
    from index.opening import index_exists

    # Wrong paths must not leave an empty index behind.
    # Not Path.exists(), which raises for a path in a folder that may not be entered.
    reachable = [path for path in paths if os.path.exists(path)]  # noqa: PTH110
    encoder = MiniLMEncoder()
    if not reachable and not index_exists(index, encoder):
        find_files(paths)
    store = create_index(index, encoder)
    try:
        with progress_bar() as advance:
            report = add_files(store, paths, advance)
    except KeyboardInterrupt:
        complain("Stopped. What was finished is in the index; run the same command again to go on.")
        raise typer.Exit(1) from None
    for label, names in (("new", report.new), ("changed", report.changed), ("unchanged", report.unchanged)):
        for name in names:
            typer.echo(f"{label:<9}  {name}  {printable(store.document(name).source)}")
    for name in report.removed:
        typer.echo(f"{'removed':<9}  {name}  no longer in its archive")
    for note in report.notes.values():
        complain(f"note       {note}")
    for reason in report.failed.values():
        complain(f"failed     {reason}")
    others = passed_over(paths) + report.others
    if others:
        complain(f"passed over {count_others(others)}")
    if report.failed:
        raise typer.Exit(1)


@app.command("list")
def list_documents(index: IndexLocation, as_json: AsJson = False) -> None:
    """List the documents of the index."""
    summaries = open_existing(index).documents()
    if as_json:
        rows = [
            {
                "document_id": summary.id,
                "title": summary.title,
                "source": summary.source,
                "sha256": summary.sha256,
                "date": summary.date,
                "added_at": summary.added_at.isoformat(),
                "bytes": summary.size,
                "characters": summary.characters,
                "passages": summary.passages,
            }
            for summary in summaries
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    if not summaries:
        complain(with_index("The index holds no documents. Add some with: qa add PATH"))
        return
    from rich.console import Console
    from rich.table import Column, Table

    # An id that is cut could not be used, so in a narrow terminal the rest gives way.
    document = Column("document", no_wrap=True, min_width=max(len(summary.id) for summary in summaries))
    others = ("title", "date", "passages", "characters", "added", "source")
    table = Table(document, *(Column(name, overflow="fold") for name in others), box=None)
    for summary in summaries:
        table.add_row(
            summary.id,
            printable(summary.title),
            "" if summary.date is None else summary.date,
            f"{summary.passages:,}",
            f"{summary.characters:,}",
            summary.added_at.strftime("%Y-%m-%d %H:%M"),
            printable(summary.source),
        )
    # Only a terminal has a width to fit into; a pipe gets every column whole.
    width = None if sys.stdout.isatty() else 10_000
    Console(markup=False, highlight=False, emoji=False, width=width).print(table)


@app.command()
def remove(
    names: Annotated[list[str], typer.Argument(help="Ids, paths, file names or titles.", metavar="DOC...")],
    index: IndexLocation,
) -> None:
    """Remove documents from the index; the files themselves stay."""
    store = open_existing(index)
    # The beginning of an id, or an unfinished word, is not enough to delete by.
    ids = list(dict.fromkeys(store.resolve(name, whole=True) for name in names))
    store.remove(ids)
    for document_id in ids:
        typer.echo(f"removed  {document_id}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Id or its beginning, path, file name or title.", metavar="DOC")],
    index: IndexLocation,
    start: Annotated[int, typer.Option(help="First character, counted from 0.", metavar="N")] = 0,
    end: Annotated[
        int | None, typer.Option(help="Character after the last one.", metavar="N", show_default="the end")
    ] = None,
) -> None:
    """Print the text of a document, or a slice of it, exactly as citations count it."""
    store = open_existing(index)
    text = store.document(store.resolve(name)).text
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        raise typer.BadParameter(
            f"the document has {len(text)} characters; --start {start} --end {stop} is not inside it."
        )
    sys.stdout.write(text[start:stop])
    # The slice is exact for a program; a person at a terminal gets the line end that the prompt needs.
    if sys.stdout.isatty():
        sys.stdout.write("\n")


@app.command()
def info(index: IndexLocation, as_json: AsJson = False) -> None:
    """Show models, sizes and versions."""
    from importlib.metadata import version

    from qa.reader.loading import BUNDLED, read_bundle

    store = open_existing(index)
    settings, summaries = store.settings(), store.documents()
    reader = read_bundle(BUNDLED)
    facts = {
        "footnote": version("footnote-qa"),
        "index": store.location,
        "format": int(settings["format"]),
        "documents": len(summaries),
        "passages": sum(summary.passages for summary in summaries),
        "characters": sum(summary.characters for summary in summaries),
        "bytes_on_disk": store.bytes_stored(),
        "encoder": settings["encoder"],
        "encoder_sha256": settings["encoder_fingerprint"],
        "passage_tokens": int(settings["max_tokens"]),
        "overlap_tokens": int(settings["overlap_tokens"]),
        "reader": f"{reader.name} {reader.version}",
        "reader_sha256": reader.fingerprint,
    }
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    for label, value in facts.items():
        typer.echo(
            f"{label.replace('_', ' '):<15}  {value:,}"
            if isinstance(value, int)
            else f"{label.replace('_', ' '):<15}  {value}"
        )


def _repairable(location: str) -> bool:
    """Whether this version of Footnote may change the index there; nothing else than its vectors' encoder is in the way."""
    from index import EncoderMismatch, IndexCorrupt, MiniLMEncoder, open_index

    try:
        open_index(location, MiniLMEncoder())
    except EncoderMismatch:
        return True
    except IndexCorrupt:
        return False
    return True


@app.command()
def verify(
    index: IndexLocation,
    repair: Annotated[
        bool, typer.Option("--repair", help="Rebuild what can be rebuilt from the stored texts.")
    ] = False,
) -> None:
    """Check that the index is whole."""
    from index import MiniLMEncoder, unchecked_index

    store = unchecked_index(index, MiniLMEncoder())
    problems = store.problems()
    if not problems:
        typer.echo("The index is whole.")
        return
    for problem in problems:
        complain(problem)
    if not repair:
        if _repairable(index):
            complain(with_index("Rebuild what can be rebuilt with: qa verify --repair"))
        raise typer.Exit(1)
    with progress_bar() as advance:
        store.rebuild(lambda done, total: advance("Embedding passages", done, total))
    left = store.problems()
    for problem in left:
        complain(problem)
    if left:
        raise typer.Exit(1)
    typer.echo("Repaired. The index is whole.")
