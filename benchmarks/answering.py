"""Footnote beside other systems with the same weights and passages: answers, refusals, citations, speed.

    python -m benchmarks.answering DATASET... --distractors FILE... --work DIR --peers PYTHON [--write]

Each question file is read (every question of its own context) and answered over the contexts of all files pooled; the news
benchmark is answered over its articles. Peers run as processes of another environment (``--peers``) and get the passages
that Footnote's index found. Their answers are kept in the work folder, so a second run only asks what is new.
"""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmarks.processors import confine

if TYPE_CHECKING:
    from benchmarks.scored import Line
    from benchmarks.sections import Section, Task
    from benchmarks.timing import Measured
    from benchmarks.workers import Answer, KeptAnswers, Worker
    from qa.evaluation.report import Report
    from qa.reader import Reader

ROOT = Path(__file__).parent.parent
PASSAGES = 10
INSTALL = "haystack-ai transformers-haystack txtai bm25s"
"""What the environment of the peers needs, as arguments of ``pip install``."""


@dataclass(frozen=True)
class Peer:
    """Another system: its module in :mod:`benchmarks.peers`, and whether it reads with the weights."""

    key: str
    label: str
    module: str
    reads: bool


PEERS = (
    Peer("haystack", "haystack's reader", "haystack_reader", reads=True),
    Peer("txtai", "txtai's questions", "txtai_questions", reads=True),
    Peer("bm25", "BM25, best sentence", "bm25_sentences", reads=False),
)

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@dataclass(frozen=True)
class Setting:
    """What all parts of a run share."""

    work: Path
    python: str
    checkpoint: Path
    reader: Reader
    peers: tuple[Peer, ...]
    timed: int
    rounds: int


@app.command()
def main(
    datasets: Annotated[list[Path], typer.Argument(help="Question files, read and answered over the pooled contexts.")],
    work: Annotated[Path, typer.Option(help="Folder for indexes and answers; large, and never committed.")],
    distractors: Annotated[list[Path] | None, typer.Option(help="More files, for their contexts; repeatable.")] = None,
    peers: Annotated[str, typer.Option(help=f"Python of an environment with {INSTALL}.")] = sys.executable,
    bundle: Annotated[Path, typer.Option(help="Folder of Footnote's reader.", show_default="the shipped one")] = ROOT
    / "qa"
    / "weights"
    / "reader",
    systems: Annotated[str, typer.Option(help="Which peers, with commas between.")] = ",".join(p.key for p in PEERS),
    limit: Annotated[int | None, typer.Option(min=1, help="Questions of each file, spread evenly.")] = None,
    timed: Annotated[int, typer.Option(min=1, help="Questions that are timed in each section.")] = 8,
    rounds: Annotated[int, typer.Option(min=1, help="How often each system takes its turn at them.")] = 3,
    cores: Annotated[int, typer.Option(min=1, help="Processors to use.")] = 2,
    write: Annotated[bool, typer.Option("--write", help="Write the results into benchmarks/RESULTS.md.")] = False,
) -> None:
    """Compare the answers of Footnote with those of other systems."""
    wanted = [key.strip() for key in systems.split(",") if key.strip()]
    if unknown := set(wanted) - {peer.key for peer in PEERS}:
        raise typer.BadParameter(
            f"no such peer: {', '.join(sorted(unknown))}; there are {', '.join(peer.key for peer in PEERS)}"
        )
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    threads = confine(cores)
    from benchmarks.checkpoint import CheckpointError, write_checkpoint
    from benchmarks.results import write_results
    from benchmarks.sections import articles, pooled, reading
    from index.errors import FootnoteError
    from qa.evaluation.datasets import load_dataset
    from qa.reader import load_bundle

    try:
        work.mkdir(parents=True, exist_ok=True)
        files = [load_dataset(path) for path in datasets]
        others = [load_dataset(path) for path in distractors or ()]
        news = load_dataset(ROOT / "benchmarks" / "news" / "standalone.jsonl")
        reader = load_bundle(bundle)
        checkpoint = work / f"checkpoint-{reader.describe()['sha256'][:12]}"
        if not (checkpoint / "tokenizer_config.json").exists():
            write_checkpoint(bundle, checkpoint)
        _say("opening the indexes")
        sections = [
            *(reading(file, limit) for file in files),
            *pooled(files, others, work, limit),
            articles(news, work / "news", limit),
        ]
        chosen = tuple(peer for peer in PEERS if peer.key in wanted)
        setting = Setting(work, peers, checkpoint, reader, chosen, timed, rounds)
        lines, thresholds, versions = _measure(sections, setting)
    except (FootnoteError, CheckpointError) as error:
        typer.echo(f"\n{error}", err=True)
        raise typer.Exit(1) from error
    _say("")
    text = write_results(
        sections,
        lines,
        thresholds,
        arguments=sys.argv[1:],
        date=datetime.datetime.now(datetime.UTC).date(),
        threads=threads,
        busy=busy,
        rounds=rounds,
        timed=timed,
        reader=reader,
        versions=versions,
    )
    typer.echo(text)
    if write:
        target = ROOT / "benchmarks" / "RESULTS.md"
        target.write_text(text, encoding="utf-8")
        typer.echo(f"written to {target}", err=True)


def _measure(sections: list[Section], setting: Setting) -> tuple[list[list[Line]], dict[str, float], dict[str, str]]:
    """For each section the lines of its table, Footnote's first; the thresholds by peer; the versions of packages."""
    from benchmarks.scored import Line, score, threshold_of

    own: list[Report] = []
    for number, section in enumerate(sections):
        own.append(_footnote(section, setting, number))
    tasks = [section.tasks(PASSAGES) for section in sections]
    answers: dict[str, list[list[Answer]]] = {peer.key: [] for peer in setting.peers}
    measured: list[dict[str, Measured]] = []
    versions: dict[str, str] = {}
    places = []
    for number, section in enumerate(sections):
        found, times, sentences = _ask_peers(section, tasks[number], setting, number, versions)
        for key, given in found.items():
            answers[key].append(given)
        measured.append(times)
        places.append(sentences)
    open_to_choice = [number for number, section in enumerate(sections) if section.chosen_on]
    thresholds = {
        peer.key: threshold_of(
            [sections[number] for number in open_to_choice],
            [answers[peer.key][number] for number in open_to_choice],
            [tasks[number] for number in open_to_choice],
        )
        for peer in setting.peers
        if all(answer["confidence"] is not None for part in answers[peer.key] for answer in part)
    }
    lines: list[list[Line]] = []
    for number, section in enumerate(sections):
        part = [Line("**Footnote**", own[number], measured[number]["footnote"])]
        for peer in setting.peers:
            _say(f"{section.title}: scoring {peer.label}")
            for threshold in [None, *([thresholds[peer.key]] if peer.key in thresholds else [])]:
                label = peer.label if threshold is None else f"{peer.label}, threshold chosen"
                file = (
                    setting.work / "predictions" / f"{number}-{peer.key}{'' if threshold is None else '-chosen'}.jsonl"
                )
                file.parent.mkdir(exist_ok=True)
                report = score(
                    section,
                    tasks[number],
                    answers[peer.key][number],
                    file,
                    threshold=threshold,
                    places=None if peer.reads else places[number],
                )
                part.append(Line(label, report, measured[number][peer.key] if threshold is None else None))
        lines.append(part)
    return lines, thresholds, versions


def _footnote(section: Section, setting: Setting, number: int) -> Report:
    from qa.evaluation.certainty import complete

    def progress(done: int, total: int) -> None:
        _say(f"{section.title}: Footnote {done} of {total}")

    return complete(section.footnote(setting.reader, setting.work / f"footnote-{number}", progress))


def _ask_peers(
    section: Section, tasks: list[Task], setting: Setting, number: int, versions: dict[str, str]
) -> tuple[dict[str, list[Answer]], dict[str, Measured], list[Any]]:
    """Answers by peer, what every system took at the timed questions, and the sentences that the baseline knows."""
    from contextlib import ExitStack

    from benchmarks.sections import baseline_task, peer_task, write_sentences
    from benchmarks.workers import KeptAnswers, Worker

    sentences = section.sentences()
    numbers: dict[int, list[int]] = {}
    for place, sentence in enumerate(sentences):
        numbers.setdefault(sentence.context, []).append(place)
    file = setting.work / f"sentences-{number}.jsonl"
    write_sentences(sentences, file)
    given: dict[str, list[Answer]] = {}
    askers: dict[str, Callable[[int], object]] = {"footnote": lambda which: _read(setting.reader, tasks[which])}
    with ExitStack() as stack:
        for peer in setting.peers:
            _say(f"{section.title}: starting {peer.label}")
            command = [setting.python, "-m", f"benchmarks.peers.{peer.module}"]
            command.append(str((setting.checkpoint if peer.reads else file).resolve()))
            worker = stack.enter_context(Worker(command, ROOT, setting.work / f"{peer.key}.log"))
            versions |= worker.versions
            facts: dict[str, Any] = {"versions": worker.versions, "peer": peer.module}
            facts["of"] = setting.checkpoint.name if peer.reads else _digest(file)
            put = [
                peer_task(task) if peer.reads else baseline_task(task, section, lambda place: numbers.get(place, []))
                for task in tasks
            ]
            kept = KeptAnswers(setting.work / f"answers-{peer.key}.jsonl", facts)
            given[peer.key] = _answers(worker, kept, put, f"{section.title}: {peer.label}")
            askers[peer.key] = lambda which, worker=worker, put=put: worker.ask(put[which])
        measured = _timed(askers, len(tasks), setting, section.title)
    return given, measured, sentences


def _answers(worker: Worker, kept: KeptAnswers, put: list[dict[str, Any]], what: str) -> list[Answer]:
    found: list[Answer] = []
    for task in put:
        answer = kept.get(task)
        if answer is None:
            answer = worker.ask(task)
            kept.put(task, answer)
        found.append(answer)
        _say(f"{what} {len(found)} of {len(put)}")
    return found


def _timed(askers: dict[str, Callable[[int], object]], total: int, setting: Setting, title: str) -> dict[str, Measured]:
    """Every system on the same questions, spread evenly, in turns."""
    from benchmarks.passages import Item
    from benchmarks.timing import take_turns

    count = min(setting.timed, total)
    items = [Item(str(place * total // count), ()) for place in range(count)]
    systems = {key: lambda which, _, ask=ask: str(ask(int(which)) is not None) for key, ask in askers.items()}
    return take_turns(systems, items, setting.rounds, on_turn=lambda: _say(f"{title}: taking turns"))


def _read(reader: Reader, task: Task) -> object:
    return reader.read(task.question, [place.text for place in task.passages], top=20, retrieval=task.scores)


def _digest(file: Path) -> str:
    from hashlib import sha256

    return sha256(file.read_bytes()).hexdigest()


def _say(text: str) -> None:
    sys.stderr.write(f"\r{text}\033[K")
    sys.stderr.flush()


if __name__ == "__main__":
    app()
