"""Questions per second of Footnote's reader beside other ways to run the same weights.

    python -m benchmarks.reader [--data SQUAD_FILE] [--write]

All systems read the same passages with the same weights on the same processors, in turns within one process. Haystack and
OpenVINO are optional; a system whose packages are missing is listed with the command that installs them.
"""

from __future__ import annotations

import datetime
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.processors import confine

if TYPE_CHECKING:
    from benchmarks.checkpoint import Difference
    from benchmarks.passages import Cut, Item
    from benchmarks.systems import Material
    from benchmarks.tables import Entry
    from benchmarks.timing import Answerer

ROOT = Path(__file__).parent.parent
KEYS = ("footnote", "haystack", "loop", "torch", "ort-int8", "ort-fp32", "openvino", "openvino-fp32", "openvino-int8")
CUTS: tuple[Cut, ...] = ("sentences", "tokens")

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@dataclass(frozen=True)
class Load:
    """How much is read: ``questions``, each with ``passages`` of ``tokens`` tokens, ``rounds`` times."""

    questions: int
    passages: int
    tokens: int
    rounds: int


@dataclass(frozen=True)
class Section:
    """Results for passages cut in one way; ``lengths`` are the tokens of each passage."""

    cut: Cut
    questions: int
    lengths: list[int]
    entries: dict[str, Entry]

    def title(self) -> str:
        """What was read."""
        how = "whole sentences" if self.cut == "sentences" else "cut to length"
        mean = sum(self.lengths) / len(self.lengths)
        each = len(self.lengths) // self.questions
        return f"{each} passages a question, {how}: {mean:.0f} tokens on average, {min(self.lengths)} to {max(self.lengths)}"


@app.command()
def main(
    data: Annotated[
        Path,
        typer.Option(help="SQuAD file that questions and passages are taken from.", show_default="the sample article"),
    ] = ROOT / "examples" / "karabakh_questions.json",
    bundle: Annotated[Path, typer.Option(help="Folder of Footnote's reader.", show_default="the shipped one")] = ROOT
    / "qa"
    / "weights"
    / "reader",
    questions: Annotated[int, typer.Option(min=1, help="Questions in a round.")] = 8,
    passages: Annotated[int, typer.Option(min=1, help="Passages a question.")] = 10,
    tokens: Annotated[int, typer.Option(min=8, max=256, help="Tokens of a passage at the most.")] = 128,
    rounds: Annotated[int, typer.Option(min=1, help="How often each system takes its turn.")] = 5,
    cores: Annotated[int, typer.Option(min=1, help="Processors to use.")] = 2,
    systems: Annotated[str, typer.Option(help="Which systems, with commas between.")] = ",".join(KEYS),
    write: Annotated[bool, typer.Option("--write", help="Write the results into benchmarks/READER.md.")] = False,
) -> None:
    """Compare Footnote's reader with other ways to run the same weights."""
    wanted = [key.strip() for key in systems.split(",")]
    if unknown := set(wanted) - set(KEYS):
        raise typer.BadParameter(f"no such system: {', '.join(sorted(unknown))}; there are {', '.join(KEYS)}")
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    threads = _confine(cores)
    from rich.console import Console

    from benchmarks.checkpoint import CheckpointError
    from benchmarks.tables import rich_table, rows
    from index.errors import FootnoteError

    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        try:
            material, difference = _material(bundle, Path(folder), threads)
            sections = _sections(material, data, Load(questions, passages, tokens, rounds), wanted)
        except (FootnoteError, CheckpointError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error
    for section in sections:
        console.print(rich_table(section.title(), rows(section.entries, KEYS[0])))
    if write:
        target = ROOT / "benchmarks" / "READER.md"
        text = _markdown(
            sections,
            difference,
            bundle,
            threads=threads,
            busy=busy,
            rounds=rounds,
            source=data.name,
        )
        target.write_text(text, encoding="utf-8")
        typer.echo(f"written to {target}", err=True)


def _confine(cores: int) -> int:
    """Confine this process, and so every library's threads, to ``cores`` processors; returns how many it got.

    Called before any of the libraries is imported, because they look at their processors when they start.
    """
    cores = confine(cores)
    import torch

    torch.set_num_threads(cores)
    return cores


def _material(bundle: Path, folder: Path, threads: int) -> tuple[Material, Difference]:
    """Write the bundle's weights in the other forms into ``folder`` and compare what the forms compute."""
    from importlib.util import find_spec

    from transformers.utils import logging

    from benchmarks.checkpoint import CheckpointError, compare, write_checkpoint, write_fp32_graph
    from benchmarks.systems import Material, bundled_tokenizer
    from qa.reader.loading import read_bundle

    if find_spec("onnx") is None:
        raise CheckpointError("The package onnx is needed to read the weights. Run: pip install -e '.[training]'")
    read_bundle(bundle)

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    material = Material(bundle, folder / "checkpoint", folder / "fp32.onnx", threads)
    write_fp32_graph(write_checkpoint(bundle, material.checkpoint), material.fp32_graph)
    tokenizer = bundled_tokenizer(bundle)
    tokenizer.no_padding()
    question = "When was the bridge over the river built?"
    texts = (
        "The bridge over the river was built in 1874.",
        "It rained for six days, and the river rose by two metres.",
    )
    inputs = [tokenizer.encode(question, text).ids for text in texts]
    first = len(tokenizer.encode(question, add_special_tokens=False).ids) + 2
    return material, compare(bundle, material.checkpoint, material.fp32_graph, inputs, first)


def _sections(material: Material, data: Path, load: Load, wanted: list[str]) -> list[Section]:
    """Load the systems and time them for each way to cut."""
    from rich.progress import Progress

    from benchmarks.passages import load_items, retrieval_scores
    from benchmarks.systems import SYSTEMS, bundled_tokenizer
    from benchmarks.tables import Entry
    from benchmarks.timing import take_turns
    from index import MiniLMEncoder

    tokenizer = bundled_tokenizer(material.bundle)

    def token_spans(text: str) -> list[tuple[int, int]]:
        return list(tokenizer.encode(text, add_special_tokens=False).offsets)

    chosen = [system for system in SYSTEMS if system.key in wanted]
    ready: dict[str, Answerer] = {system.key: system.load(material) for system in chosen if system.installed()}
    sections: list[Section] = []
    with Progress(transient=True) as progress:
        task = progress.add_task("timing", total=len(ready) * load.rounds * len(CUTS))
        for cut in CUTS:
            items: list[Item] = load_items(
                data, token_spans, questions=load.questions, passages=load.passages, size=load.tokens, cut=cut
            )
            material.scores.update(retrieval_scores(items, MiniLMEncoder()))
            measured = take_turns(ready, items, load.rounds, on_turn=lambda: progress.advance(task))
            entries = {s.key: Entry(s.label, measured.get(s.key), s.install) for s in chosen}
            lengths = [len(token_spans(passage)) for item in items for passage in item.passages]
            sections.append(Section(cut, len(items), lengths, entries))
    return sections


def _markdown(
    sections: list[Section],
    difference: Difference,
    bundle: Path,
    *,
    threads: int,
    busy: str,
    rounds: int,
    source: str,
) -> str:
    from benchmarks.tables import command, markdown_table, processor, rows, versions
    from qa.reader.loading import read_bundle

    shipped = read_bundle(bundle)
    tables = "\n".join(f"## {s.title()}\n\n{markdown_table(rows(s.entries, KEYS[0]))}" for s in sections)
    template = (ROOT / "benchmarks" / "reader.md.in").read_text(encoding="utf-8")
    return template.format(
        tables=tables,
        command=command("benchmarks.reader", sys.argv[1:]),
        date=datetime.datetime.now(datetime.UTC).date(),
        processor=processor(),
        threads=threads,
        busy=busy,
        versions=", ".join(f"{name} {version}" for name, version in versions()),
        weights=f"{shipped.name} {shipped.version}, fingerprint {shipped.fingerprint[:12]}",
        source=source,
        questions=sections[0].questions,
        rounds=rounds,
        exact=f"{difference.exact:.1g}",
        int8=f"{difference.int8:.2f}",
        correlation=f"{difference.correlation:.4f}",
    )


if __name__ == "__main__":
    app()
