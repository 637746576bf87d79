"""The commands of ``python -m qa.training`` for weights that are trained: measure, average, fit the early look, export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from qa.training.options import Prepared, Tokens
from qa.training.running import default_tokenizer, fit_early


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
