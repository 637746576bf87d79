"""The command that turns feedback from the page into a data set: feedback."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from index.errors import DatasetError
from qa.cli.app import IndexLocation, app, complain, with_index
from qa.cli.documents import open_existing


@app.command()
def feedback(
    index: IndexLocation,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Write the data set into this file.", show_default="standard output"
        ),
    ] = None,
) -> None:
    """Write what people said about answers on the page as questions in SQuAD's form, for qa eval.

    Answers called right are expected answers, corrections stand in their place, and the latest word on a question counts.
    """
    from qa.feedback import FeedbackStore, collect_feedback, folder_beside

    store = open_existing(index)
    kept = FeedbackStore(folder_beside(store.location, "feedback")).read()
    for fault in kept.faults:
        complain(f"passed over  {fault}")
    found = collect_feedback(kept.entries, store.document)
    for question in found.left_out:
        complain(f"left out     {question.question}: {question.reason}")
    if found.wrong:
        complain(f"{found.wrong:,} called wrong without the right answer: not in the data set.")
    if not found.questions:
        complain(with_index("There is no feedback that makes a question yet. Give some on the page: qa chat"))
        raise typer.Exit(1)
    if out is None:
        typer.echo(found.to_json(), nl=False)
        return
    try:
        out.write_text(found.to_json(), encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"{out} cannot be written: {error.strerror}. Name another file with --out.") from error
    complain(f"Written to {out}: {found.questions:,} questions, {found.unanswerable:,} of them without an answer.")
    complain(f"Score answers on it with: qa eval {shlex.quote(str(out))}")
