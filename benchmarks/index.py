"""How the local index scales, beside FAISS used plainly, and how fast it embeds, beside sentence-transformers used plainly.

    python -m benchmarks.index --work DIR [--passages 1000000] [--base FILE...] [--hnsw]

Fills an index with made-up articles (see :mod:`benchmarks.synthetic`), or goes on where the last run stopped, then asks
questions of it in a fresh process. Prints Markdown.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks import encoder as encoders
from benchmarks.synthetic import SentencePool, SyntheticIndex
from benchmarks.tables import command, processor, versions
from index import MiniLMEncoder
from index.local import records
from index.local.nearest import NearestPassages
from index.local.ties import best
from index.local.words import score_words

ROOT = Path(__file__).parent.parent
PACKAGES = ("faiss-cpu", "numpy", "sentence-transformers", "onnxruntime")
TOP = 10
NOISE = 0.35
"""Length of the random part of a query's vector beside that of the passage it is made from, which has length 1."""

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def queries_for(folder: Path, count: int) -> tuple[list[str], NDArray[np.float32]]:
    """Questions made of the first words of random passages, and vectors near those passages."""
    index = SyntheticIndex.open(folder, MiniLMEncoder())
    rng = np.random.default_rng(11)
    with index._database.reading() as connection:
        (last,) = connection.execute("SELECT max(id) FROM passages").fetchone()
        ids = sorted({int(row) for row in rng.integers(1, last + 1, count)})
        vectors = records.read_vectors(connection, ids, index.encoder.dimension)
        places = records.read_passages(connection, ids)
        texts: list[str] = []
        for row in ids:
            place = places[row]
            words = records.read_text(connection, place.document_id)[place.start : place.end].split()
            # About as many words as a question has, from one sentence.
            texts.append("What about " + " ".join(words[2:9]) + "?")
    noise = rng.normal(size=vectors.shape).astype(np.float32)
    vectors += NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return texts, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def exact_neighbours(folder: Path, queries: NDArray[np.float32]) -> list[set[int]]:
    """Ids of the ``TOP`` nearest passages of each query, by comparing all."""
    index = SyntheticIndex.open(folder, MiniLMEncoder())
    best_scores = np.full((len(queries), TOP), -2.0, dtype=np.float32)
    best_ids = np.zeros((len(queries), TOP), dtype=np.int64)
    with index._database.reading() as connection:
        for ids, vectors in records.vectors_after(connection, 0, index.encoder.dimension, 50_000):
            scores = np.concatenate([best_scores, queries @ vectors.T], axis=1)
            names = np.concatenate([best_ids, np.broadcast_to(ids, (len(queries), len(ids)))], axis=1)
            kept = np.argpartition(-scores, TOP - 1, axis=1)[:, :TOP]
            best_scores, best_ids = np.take_along_axis(scores, kept, 1), np.take_along_axis(names, kept, 1)
    return [set(row.tolist()) for row in best_ids]


def timed(ask: Callable[[int], Any], count: int) -> tuple[list[Any], list[float]]:
    """Results of ``ask`` for 0 to ``count`` - 1, and the milliseconds each took."""
    results, times = [], []
    for number in range(count):
        began = time.perf_counter()
        results.append(ask(number))
        times.append(1000 * (time.perf_counter() - began))
    return results, times


def quantiles(times: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    return {"p50": statistics.median(times), "p95": statistics.quantiles(times, n=20)[-1]}


def memory() -> dict[str, float]:
    """Megabytes of this process: all, and without pages of mapped files, which the system can take back at any time."""
    fields = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if ":" in line
    )
    return {name: int(fields[key].split()[0]) / 1024 for name, key in (("resident", "VmRSS"), ("private", "RssAnon"))}


@app.command("ask", hidden=True)
def ask(folder: Path, count: int) -> None:
    """In a fresh process: open the index, ask, print measurements as JSON."""
    texts, queries = queries_for(folder, count)
    began = time.perf_counter()
    index = SyntheticIndex.open(folder, MiniLMEncoder())
    nearest = NearestPassages(folder)
    with index._database.reading() as connection:
        nearest.follow(connection)
        nearest.search(connection, queries[0], 100)
        best(connection, score_words(connection, texts[0]), 100)
        first = time.perf_counter() - began
        size = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
        found, dense = timed(lambda n: nearest.search(connection, queries[n], TOP), len(texts))
        _, deep = timed(lambda n: nearest.search(connection, queries[n], 100), len(texts))
        _, lexical = timed(lambda n: best(connection, score_words(connection, texts[n]), 100), len(texts))
    used = memory()
    index.encoder.encode(["warm up"])
    index.search(texts[0], top=TOP)
    _, whole = timed(lambda n: index.search(texts[n], top=TOP), len(texts))
    typer.echo(
        json.dumps(
            {
                "passages": size,
                "first_query_s": first,
                "dense": quantiles(dense),
                "dense, 100 candidates": quantiles(deep),
                "lexical": quantiles(lexical),
                "whole search, encoder included": quantiles(whole),
                "memory_mb": used,
                "found": [list(map(int, row)) for row in found],
            }
        )
    )


@app.command("plain", hidden=True)
def plain(folder: Path, count: int, kind: str) -> None:
    """In a fresh process: the same vectors in a FAISS index used plainly, print measurements as JSON."""
    import faiss

    _, queries = queries_for(folder, count)
    index = SyntheticIndex.open(folder, MiniLMEncoder())
    dimension = index.encoder.dimension
    built: Any = (
        faiss.IndexFlatIP(dimension)
        if kind == "flat"
        else faiss.IndexHNSWFlat(dimension, 32, faiss.METRIC_INNER_PRODUCT)
    )
    rows: list[NDArray[np.int64]] = []
    began = time.perf_counter()
    with index._database.reading() as connection:
        for ids, vectors in records.vectors_after(connection, 0, dimension, 50_000):
            built.add(vectors)
            rows.append(ids)
    seconds = time.perf_counter() - began
    if kind == "hnsw":
        built.hnsw.efSearch = 128
    names = np.concatenate(rows)
    found, times = timed(lambda n: names[built.search(queries[n : n + 1], TOP)[1][0]], len(queries))
    typer.echo(
        json.dumps(
            {
                "build_s": seconds,
                "dense": quantiles(times),
                "memory_mb": memory(),
                "found": [row.tolist() for row in found],
            }
        )
    )


@app.command("run")
def run(
    work: Annotated[Path, typer.Option(help="Folder for the index; a later run goes on with it.")],
    passages: Annotated[int, typer.Option(min=1000, help="How many passages.")] = 1_000_000,
    base: Annotated[list[Path] | None, typer.Option(help="Texts or question files to draw sentences from.")] = None,
    questions: Annotated[int, typer.Option(min=20, help="How many questions are asked.")] = 300,
    hnsw: Annotated[bool, typer.Option(help="Build FAISS's HNSW too; slow beyond some 100,000 passages.")] = False,
    embed: Annotated[bool, typer.Option(help="Measure embedding too.")] = True,
) -> None:
    """Measure everything."""
    work.mkdir(parents=True, exist_ok=True)
    texts = base or sorted((ROOT / "benchmarks" / "news" / "articles").glob("*.txt"))
    pool = SentencePool.read(texts, MiniLMEncoder(), work, lambda done, total: _say(f"embedding {done:,} of {total:,}"))
    folder = work / f"scale-{passages}"
    index = SyntheticIndex.create(folder, MiniLMEncoder())
    stored = 0.0
    for done, stored in index.fill(pool, passages):
        _say(f"{done:,} passages stored, {stored:.0f} s")
    began = time.perf_counter()
    arranged = index.optimise(lambda done, total: _say(f"{done:,} of {total:,} vectors arranged"))
    arranging = time.perf_counter() - began
    sizes = {path.suffix: path.stat().st_size for path in folder.iterdir()}
    wal = folder / "index.sqlite-wal"
    disk = sum(sizes.values()) - (wal.stat().st_size if wal.exists() else 0)

    results = {"Footnote": _child("ask", folder, questions), "IndexFlatIP": _child("plain", folder, questions, "flat")}
    if hnsw:
        results["IndexHNSWFlat(32), efSearch 128"] = _child("plain", folder, questions, "hnsw")
    _, queries = queries_for(folder, questions)
    exact = exact_neighbours(folder, queries)
    typer.echo(f"    {command('benchmarks.index', sys.argv[1:])}\n")
    typer.echo(f"{passages:,} passages, {len(pool.sentences):,} different sentences, {len(queries)} questions\n")
    typer.echo(
        "| system | recall@10 | p50 ms | p95 ms | resident MB | without mapped files |\n|---|---:|---:|---:|---:|---:|"
    )
    for name, result in results.items():
        hit = sum(len(near & set(found)) for near, found in zip(exact, result["found"], strict=True)) / (
            TOP * len(exact)
        )
        times, used = result["dense"], result["memory_mb"]
        cells = [f"{hit:.3f}", *(f"{times[key]:.1f}" for key in ("p50", "p95")), *(f"{mb:.0f}" for mb in used.values())]
        typer.echo(f"| {name}, dense | {' | '.join(cells)} |")
    mine = results["Footnote"]
    for name in ("dense, 100 candidates", "lexical", "whole search, encoder included"):
        typer.echo(f"| Footnote, {name} | | {mine[name]['p50']:.1f} | {mine[name]['p95']:.1f} | | |")
    typer.echo(f"\n- First query after opening: {mine['first_query_s']:.2f} s.")
    if stored:
        typer.echo(f"- Storing without embedding: {1e6 * stored / passages:.0f} µs a passage.")
    if arranged:
        typer.echo(f"- Arranging the vectors: {arranging:.0f} s, {1e6 * arranging / passages:.0f} µs a passage.")
    typer.echo(f"- On disk: {disk / passages:,.0f} bytes a passage ({disk / 1e6:,.0f} MB).")
    typer.echo(f"- 100 million passages at that rate: {disk / passages / 10:,.0f} GB.")
    typer.echo(f"- {processor()}, {os.cpu_count()} processors; load average {os.getloadavg()[0]:.1f}.")
    typer.echo(f"- {', '.join(f'{name} {version}' for name, version in versions(PACKAGES))}.\n")
    if embed:
        typer.echo(encoders.table(600, 3, 2))


def _child(what: str, folder: Path, *arguments: object) -> dict[str, Any]:
    """What a fresh process measures."""
    line = [sys.executable, "-m", "benchmarks.index", what, str(folder), *map(str, arguments)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode != 0:
        raise typer.BadParameter(f"measuring in a process of its own failed: {done.stderr[-500:]}")
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _say(text: str) -> None:
    sys.stderr.write(f"\r{text}\033[K")
    sys.stderr.flush()


if __name__ == "__main__":
    app()
