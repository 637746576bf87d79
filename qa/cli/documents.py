"""Commands about documents and the index: add, list, remove, show, info, verify."""

import json
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
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.", metavar="PATH...", readable=False)],
    index: IndexLocation,
) -> None:
    """Add files or folders to the index; unchanged files cost nothing, changed ones are replaced.

    Reads text, Markdown, HTML, PDF, DOCX and EPUB, and zip archives of these.
    """
    from index import MiniLMEncoder, add_files, create_index
    from index.loading import count_others, passed_over
    from index.opening import index_exists

    encoder = MiniLMEncoder()
    # Wrong paths must not leave an empty index behind.
    if (unusable := _unusable(paths)) and not index_exists(index, encoder):
        for reason in unusable:
            complain(f"failed     {reason}")
        if others := passed_over(paths):
            complain(f"passed over {count_others(others)}")
        raise typer.Exit(1)
    store = create_index(index, encoder)
    try:
        with progress_bar() as advance:
            report = add_files(store, paths, advance)
    except KeyboardInterrupt:
        complain("Stopped. What was finished is in the index; run the same command again to go on.")
        raise typer.Exit(1) from None
    # Documents show up while others are still added, so by now some may be gone.
    sources = {summary.id: summary.source for summary in store.documents()}
    for label, names in (("new", report.new), ("changed", report.changed), ("unchanged", report.unchanged)):
        for name in names:
            source = sources.get(name, "(removed meanwhile)")
            typer.echo(f"{label:<9}  {name}  {printable(source)}")
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


def _unusable(paths: list[Path]) -> list[str]:
    """Why there is not one file to index at these paths; empty where there is one."""
    from index.errors import DocumentError
    from index.loading import find_files

    reasons = []
    for path in paths:
        try:
            find_files([path])
        except DocumentError as error:
            reasons.append(str(error))
        else:
            return []
    return reasons


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

    from qa.cli.listing import print_summaries

    # Only a terminal has a width to fit into; a pipe gets every column whole.
    width = None if sys.stdout.isatty() else 10_000
    console = Console(markup=False, highlight=False, emoji=False, width=width)
    print_summaries(summaries, console)


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
    # The slice is exact for a program; a terminal gets nothing that could move its cursor, and the line end that the prompt
    # needs.
    sys.stdout.write(printable(text[start:stop]) + "\n" if sys.stdout.isatty() else text[start:stop])


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
