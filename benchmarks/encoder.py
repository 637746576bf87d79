"""Passages per second of Footnote's sentence encoder beside sentence-transformers, which has the same weights.

    python -m benchmarks.encoder [--passages 600] [--rounds 3] [--cores 2]

All systems embed the same passages on the same processors, in turns within one process. The result is printed as Markdown.
"""

from __future__ import annotations

import datetime
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.processors import confine

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.timing import Answerer, Measured

    Embedder = Callable[[Sequence[str]], NDArray[np.float32]]

ROOT = Path(__file__).parent.parent
QUESTION = "Who heads the commission that is to look into the clash at the border?"
PACKAGES = ("onnxruntime", "sentence-transformers", "torch", "transformers", "tokenizers", "numpy")
LONGEST, SHORTEST, STEP = 128, 24, 8
"""Passages are cut to these sizes by turns, in tokens, so that there are enough of different lengths."""

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def load_footnote() -> Embedder:
    """Footnote's encoder, as the index uses it."""
    from index.encoder import MiniLMEncoder

    return MiniLMEncoder().encode


def load_fp32() -> Embedder:
    """The same without int8, as on processors that do not compute int8 products exactly."""
    from index.encoder import MiniLMEncoder

    return MiniLMEncoder(precision="fp32").encode


def load_plain() -> Embedder:
    """What the model's own page shows."""
    from sentence_transformers import SentenceTransformer

    from index.encoder.files import packaged_model

    model = SentenceTransformer(str(packaged_model()), device="cpu")
    return lambda texts: model.encode(list(texts))


def load_reference() -> Embedder:
    """The encoder that Footnote's tests compare with."""
    from index.encoder import SentenceTransformersEncoder

    return SentenceTransformersEncoder().encode


@dataclass(frozen=True)
class System:
    """Something that embeds texts: its label and how it is loaded."""

    label: str
    load: Callable[[], Embedder]


SYSTEMS = {
    "footnote": System("Footnote (ONNX Runtime, int8)", load_footnote),
    "fp32": System("Footnote, fp32", load_fp32),
    "plain": System("`SentenceTransformer.encode`, default settings", load_plain),
    "reference": System("sentence-transformers, batches by length", load_reference),
}


@dataclass(frozen=True)
class Result:
    """What one system did.

    Attributes:
        passages: its turns over all passages, one timed call a round.
        question: seconds for one question, in each round.
        cold: seconds from the start of the imports to the first vector, in each fresh process.
        cosines: smallest and mean cosine of its vectors to those of the plain system.
    """

    passages: Measured
    question: list[float]
    cold: list[float]
    cosines: tuple[float, float]


@app.command()
def main(
    passages: Annotated[int, typer.Option(min=1, max=1200, help="Passages to embed.")] = 600,
    rounds: Annotated[int, typer.Option(min=1, help="How often each system takes its turn.")] = 3,
    cores: Annotated[int, typer.Option(min=1, help="Processors to use.")] = 2,
) -> None:
    """Compare Footnote's sentence encoder with sentence-transformers."""
    from index.errors import FootnoteError

    try:
        typer.echo(table(passages, rounds, cores))
    except FootnoteError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def table(passages: int, rounds: int, cores: int) -> str:
    """Measure, and give the result as Markdown.

    Raises:
        ModelError: the encoder's files are missing or damaged.
    """
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    threads = confine(cores)
    texts, lengths = load_passages(passages)
    results = _measure(texts, rounds)
    return _markdown(results, lengths, threads=threads, busy=busy, rounds=rounds)


def load_passages(count: int) -> tuple[list[str], list[int]]:
    """Passages of whole sentences from the benchmark's news articles.

    Returns:
        ``count`` texts, and the tokens of each without special ones.

    Raises:
        ValueError: the articles do not hold as many.
    """
    from benchmarks.passages import cut_text
    from index.encoder import MiniLMEncoder

    token_spans = MiniLMEncoder().token_spans
    paths = sorted((ROOT / "benchmarks" / "news" / "articles").glob("*.txt"))
    articles = [path.read_text(encoding="utf-8") for path in paths]
    texts: list[str] = []
    for size in range(LONGEST, SHORTEST - 1, -STEP):
        for article in articles:
            texts += [article[span.start : span.end] for span in cut_text(article, token_spans, size, "sentences")]
        if len(texts) >= count:
            return texts[:count], [len(token_spans(text)) for text in texts[:count]]
    raise ValueError(f"the articles hold {len(texts)} passages, not {count}")


def _measure(texts: list[str], rounds: int) -> dict[str, Result]:
    """Time every system, ``rounds`` times in turn: fresh processes first, then all of them in this one."""
    from rich.progress import Progress

    from benchmarks.passages import Item
    from benchmarks.timing import Measured, take_turns

    cold: dict[str, list[float]] = {key: [] for key in SYSTEMS}
    with Progress(transient=True) as progress:
        task = progress.add_task("timing", total=2 * rounds * len(SYSTEMS))
        for _ in range(rounds):
            for key in SYSTEMS:
                cold[key].append(_cold_start(key))
                progress.advance(task)
        embedders = {key: system.load() for key, system in SYSTEMS.items()}
        # Of a turn the first call is for all passages and the second for one question, which is also the untimed call
        # that every turn begins with.
        items = [Item("", tuple(texts)), Item("", (QUESTION,))]
        answerers = {key: _answerer(embed) for key, embed in embedders.items()}
        measured = take_turns(answerers, items, rounds, on_turn=lambda: progress.advance(task))
    vectors = {key: embed(texts) for key, embed in embedders.items()}
    results: dict[str, Result] = {}
    for key, turns in measured.items():
        cosines = (vectors[key] * vectors["plain"]).sum(axis=1)
        results[key] = Result(
            Measured([turn[:1] for turn in turns.seconds]),
            [turn[1] for turn in turns.seconds],
            cold[key],
            (float(cosines.min()), float(cosines.mean())),
        )
    return results


def _cold_start(key: str) -> float:
    """Seconds from the first import to the first vector in a fresh process."""
    code = (
        "import time, benchmarks.encoder as b; begun = time.perf_counter(); "
        f"b.SYSTEMS[{key!r}].load()([b.QUESTION]); print(time.perf_counter() - begun)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    return float(done.stdout)


def _answerer(embed: Embedder) -> Answerer:
    """``embed`` in the form that is timed."""

    def answer(_question: str, passages: Sequence[str]) -> str:
        embed(passages)
        return ""

    return answer


def _markdown(results: dict[str, Result], lengths: list[int], *, threads: int, busy: str, rounds: int) -> str:
    from benchmarks.tables import command, processor, versions
    from benchmarks.timing import ratio

    footnote = results["footnote"]
    lines = [
        "| System | passages/s | Footnote / it | ms a question | cold start, s | smallest cosine | mean cosine |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for key, result in results.items():
        factor = ratio(footnote.passages, result.passages)
        cells = [
            SYSTEMS[key].label,
            f"{result.passages.rate() * len(lengths):.1f}",
            "" if key == "footnote" else f"{factor.median:.2f} ({factor.low:.2f}–{factor.high:.2f})",
            f"{1000 * statistics.median(result.question):.1f}",
            f"{statistics.median(result.cold):.2f}",
            *(f"{value:.6f}" for value in result.cosines),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    mean = sum(lengths) / len(lengths)
    notes = [
        f"- Medians of {rounds} rounds, of `Footnote / it` also the lowest and the highest; cosines are to "
        f"{SYSTEMS['plain'].label}.",
        "- `cold start`: from the first import to the vector of one question, in a fresh process.",
        f"- {len(lengths)} passages of {mean:.0f} tokens on average, {min(lengths)} to {max(lengths)}, from benchmarks/news.",
        f"- {datetime.datetime.now(datetime.UTC).date()}, {processor()}, threads for every system: {threads}; load average "
        f"of the machine before the run {busy}.",
        f"- {', '.join(f'{name} {version}' for name, version in versions(PACKAGES))}.",
    ]
    return "\n".join([f"    {command('benchmarks.encoder', sys.argv[1:])}", "", *lines, "", *notes])


if __name__ == "__main__":
    app()
