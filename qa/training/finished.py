"""The commands of ``python -m qa.training`` for what is trained: measure, average, fit the early look, export, and find what
a reader gets wrong among many texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from qa.training.options import Prepared, Seed, Tokens
from qa.training.running import default_tokenizer, fit_early, progress_bar


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


def average(
    weights: Annotated[list[Path], typer.Argument(help="Checkpoints of one run.")],
    out: Annotated[Path, typer.Option(help="Folder to write the mean into.")],
) -> None:
    """Average the weights of several checkpoints."""
    from qa.training.weights import average_weights

    average_weights(weights, out)


def early(
    weights: Annotated[Path, typer.Argument(help="Checkpoint or folder of weights.")],
    prepared: Prepared,
    out: Annotated[Path, typer.Option(help="Folder to write the weights with their new early look into.")],
    windows: Annotated[int, typer.Option(min=100, help="Windows to learn from.")] = 8000,
    tokenizer: Tokens = None,
    seed: Annotated[int, typer.Option(help="Seed of what is drawn.")] = 17,
) -> None:
    """Fit the early look of weights that were averaged, or trained without one; nothing else of them changes."""
    fit_early(weights, prepared, out, windows, tokenizer, seed)


def export(
    weights: Annotated[Path, typer.Option(help="Checkpoint or folder of weights.")],
    out: Annotated[Path, typer.Option(help="Folder to write the networks, tokenizer.json and reader.json into.")],
    version: Annotated[str, typer.Option(help="Version that the reader shows.")],
    tokenizer: Tokens = None,
) -> None:
    """Write the int8 ONNX folder that the product loads."""
    from qa.training.export import BundleSettings, export_bundle

    manifest = export_bundle(weights, tokenizer if tokenizer else default_tokenizer(), out, BundleSettings(version))
    typer.echo(json.dumps(manifest, indent=2))


def mine(
    reader: Annotated[Path, typer.Argument(help="Folder that the export step wrote.")],
    prepared: Prepared,
    source: Annotated[list[str], typer.Option(help="Whose questions are asked, as report.json has it; repeatable.")],
    index: Annotated[Path, typer.Option(help="Index of many texts; those of dev files may be among them.")],
    dev: Annotated[list[Path], typer.Option(help="Question file whose texts are left out; repeatable.")],
    out: Annotated[Path, typer.Option(help="SQuAD file to write, such as DATA/train/mined.json.")],
    limit: Annotated[int, typer.Option(min=1, help="Questions to ask.")] = 4000,
    least: Annotated[float, typer.Option(help="Score from which on an answer is taken; 0 is even odds.")] = -1.0,
    seed: Seed = 17,
) -> None:
    """Find passages that a reader answers training questions from and that do not hold the answer."""
    from index import MiniLMEncoder, open_index
    from qa.reader import load_reader
    from qa.training.mining import as_squad, questions_to_mine
    from qa.training.mining import mine as run
    from qa.training.records import read_prepared, texts_of

    data = read_prepared(prepared)
    questions = questions_to_mine(data, source, limit, 17 if seed is None else seed)
    many, loaded, forbidden = open_index(index, MiniLMEncoder()), load_reader(str(reader)), texts_of(dev)
    with progress_bar() as bar:
        task = bar.add_task("asking", total=len(questions))
        found = run(
            data, questions, many, loaded, forbidden, least=least, progress=lambda n: bar.update(task, completed=n)
        )
        out.write_text(json.dumps(as_squad(list(found)), ensure_ascii=False), encoding="utf-8")
