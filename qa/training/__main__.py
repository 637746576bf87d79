"""``python -m qa.training``: prepare data, train, cool down, evaluate, export, calibrate."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from index.errors import FootnoteError
from qa.training.finished import average, early, evaluate, export, mine
from qa.training.options import (
    Besides,
    Crop,
    Dev,
    Dropout,
    Misled,
    Prepared,
    Rivals,
    Run,
    Seed,
    Threads,
    Tokens,
    Weight,
)
from qa.training.records import DataError
from qa.training.running import console, progress_bar, train_run
from qa.training.settings import source_weights
from qa.training.weights import WeightsError

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


@app.command()
def prepare(
    data: Annotated[Path, typer.Option(help="Folder with train/ and dev/ (see the README).")],
    out: Annotated[Path, typer.Option(help="Where to write the prepared data.")],
    written: Annotated[bool, typer.Option(help="Add the questions written for this project.")] = True,
) -> None:
    """Read and check all sources, leave out dev texts, find passages that only look right."""
    from qa.training.prepare import prepare as run
    from qa.training.written import FOLDER

    with progress_bar() as bar:
        task = bar.add_task("preparing", total=None)
        report = run(
            data,
            out,
            lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
            FOLDER if written else None,
        )
    typer.echo(json.dumps(report, indent=2))


@app.command()
def train(
    prepared: Prepared,
    run: Run,
    start: Annotated[Path, typer.Option(help="Folder with BERT weights (model.safetensors, config.json).")],
    tokenizer: Tokens = None,
    threads: Threads = 2,
    max_steps: Annotated[int | None, typer.Option(help="Stop after this step; default: until told to stop.")] = None,
    rate: Annotated[float | None, typer.Option(help="AdamW rate of the last encoder layer.")] = None,
    budget: Annotated[int | None, typer.Option(help="Tokens of a batch.")] = None,
    seed: Seed = None,
    misled: Misled = None,
    crop: Crop = None,
    besides: Besides = None,
    rivals: Rivals = None,
    dropout: Dropout = None,
    freeze_words: Annotated[bool | None, typer.Option(help="Leave the word vectors as they are (faster).")] = None,
    frozen_layers: Annotated[
        int | None, typer.Option(min=0, help="Leave the first layers as they are (faster).")
    ] = None,
    weight: Weight = None,
    dev: Dev = None,
) -> None:
    """Train at a constant rate, or go on where the run stopped. Stop with Ctrl-C; nothing is lost.

    A run that goes on keeps the settings it has; only those named again change, and --max-steps, which is never kept.
    """
    from qa.training.settings import settings_of

    given = {
        "rate": rate,
        "budget": budget,
        "seed": seed,
        "misled": misled,
        "crop": crop,
        "besides": besides,
        "rivals": rivals,
        "dropout": dropout,
        "freeze_words": freeze_words,
        "frozen_layers": frozen_layers,
        "weights": source_weights(weight),
    }
    settings = replace(settings_of(run, given), max_steps=max_steps)
    typer.echo(train_run(prepared, run, start, tokenizer, settings, threads, None, dev or []))


@app.command()
def cooldown(
    prepared: Prepared,
    run: Run,
    checkpoint: Annotated[Path, typer.Option(help="Checkpoint of a stable run to branch from.")],
    steps: Annotated[int, typer.Option(min=1, help="Steps over which the rate falls to nothing.")],
    misled: Misled = None,
    crop: Crop = None,
    besides: Besides = None,
    rivals: Rivals = None,
    dropout: Dropout = None,
    seed: Seed = None,
    teacher: Annotated[
        list[Path] | None, typer.Option(help="Weights whose answers are learned beside the marked ones; repeatable.")
    ] = None,
    teaching: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of the loss that the teachers have.")
    ] = None,
    weight: Weight = None,
    tokenizer: Tokens = None,
    threads: Threads = 2,
    dev: Dev = None,
) -> None:
    """Branch a cooldown into its own run folder; the stable run stays as it is. Resumable like training.

    What is not named is as in the stable run, and when the cooldown goes on, as it was.
    """
    from qa.training.settings import settings_of

    given = {
        "misled": misled,
        "crop": crop,
        "besides": besides,
        "rivals": rivals,
        "dropout": dropout,
        "seed": seed,
        "teachers": [str(folder) for folder in teacher] if teacher else None,
        "teaching": teaching,
        "weights": source_weights(weight),
    }
    settings = settings_of(run, given, begun_from=checkpoint.parent.parent)
    settings = replace(settings, cooldown_steps=steps, max_steps=None)
    typer.echo(train_run(prepared, run, checkpoint, tokenizer, settings, threads, checkpoint, dev or []))


for command in (evaluate, average, early, export, mine):
    app.command()(command)


@app.command()
def calibrate(
    reader: Annotated[Path, typer.Argument(help="Folder that the export step wrote; its reader.json is updated.")],
    dev: Annotated[list[Path], typer.Option(help="Question file that was not trained on; repeatable.")],
    limit: Annotated[int | None, typer.Option(min=2, help="Questions of each file; default: all.")] = None,
    index: Annotated[
        Path | None,
        typer.Option(
            help="Index of these files' contexts and many other texts; half of the questions are asked of it too."
        ),
    ] = None,
    articles: Annotated[
        list[Path] | None,
        typer.Option(
            help="Question file on whole articles, that was not trained on; repeatable. The confidence is fitted to these too."
        ),
    ] = None,
    keep_scores: Annotated[
        bool,
        typer.Option(
            "--keep-scores",
            help="Leave what is read to the end, and what answers are ranked by, as they are; fit the confidence.",
        ),
    ] = False,
) -> None:
    """Fit what an exported reader reads to the end, its confidence and its threshold, and show how well they do
    (cross-validated)."""
    from index import MiniLMEncoder, open_index
    from qa.reader.loading import read_bundle
    from qa.training.calibration_run import ask_all, ask_articles, cross_validated, fit_all, write

    with progress_bar() as bar:
        task = bar.add_task("asking", total=None)

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        many = None if index is None else open_index(index, MiniLMEncoder())
        asked = ask_all(reader, dev, MiniLMEncoder(), limit, tell, many)
        more = ask_articles(reader, articles, MiniLMEncoder(), limit, tell) if articles else []
    kept = read_bundle(reader) if keep_scores else None
    fitted = fit_all(asked, kept, more)
    write(reader, fitted)
    checked = cross_validated(fitted.asked, scores=None if kept is None else kept.calibration, articles=fitted.articles)
    typer.echo(json.dumps({**fitted.shown(), "cross_validated": checked}, indent=2))


@app.command("all")
def everything(
    data: Annotated[Path, typer.Option(help="Folder with train/ and dev/ (see the README).")],
    start: Annotated[Path, typer.Option(help="Folder with BERT weights to start from.")],
    out: Annotated[Path, typer.Option(help="Working folder: prepared data, both runs, and the finished reader/.")],
    version: Annotated[str, typer.Option(help="Version that the reader shows.")],
    steps: Annotated[int, typer.Option(min=1, help="Steps at the constant rate.")] = 6000,
    cooldown_steps: Annotated[int, typer.Option(min=1, help="Steps of the cooldown after them.")] = 1200,
    tokenizer: Tokens = None,
    threads: Threads = 2,
    calibrated: Annotated[bool, typer.Option(help="Fit the confidence too; needs some hundred dev questions.")] = True,
) -> None:
    """Everything in one go, from preparing to calibrating. Repeat the command to go on after a stop."""
    from qa.training.checkpoints import checkpoints, load_state
    from qa.training.records import QUESTIONS_FILE
    from qa.training.settings import LoopSettings

    branched = [load_state(found).cooldown_from for found in checkpoints(out / "cooldown" / "checkpoints")[-1:]]
    if branched and (branched[0] is None or branched[0] < steps):
        raise DataError(
            f"The cooldown in {out / 'cooldown'} branched at step {branched[0]}, before the {steps} steps asked for. "
            "Remove that folder to branch another, or name another --out."
        )
    prepared, dev = out / "data", sorted((data / "dev").glob("*.json"))
    if not (prepared / QUESTIONS_FILE).is_file():
        prepare(data, prepared)
    settings = LoopSettings(max_steps=steps)
    stable = train_run(prepared, out / "stable", start, tokenizer, settings, threads, None, dev)
    if load_state(stable).step < steps:
        raise typer.Exit(1)
    settings = replace(settings, max_steps=None, cooldown_steps=cooldown_steps)
    cooled = train_run(prepared, out / "cooldown", stable, tokenizer, settings, threads, stable, dev)
    if load_state(cooled).step < steps + cooldown_steps:
        raise typer.Exit(1)
    evaluate(cooled, dev, None, tokenizer)
    export(cooled, out / "reader", version, tokenizer)
    if calibrated:
        calibrate(out / "reader", dev, None)


def main() -> None:
    """Run the command; errors of data and files end in one line and status 1."""
    try:
        app()
    except (DataError, WeightsError, FootnoteError, OSError) as error:
        console.print(f"[red]error:[/red] {error}", highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
