"""What an index promises when processes die and when several use it at once."""

import multiprocessing
import os
import random
import subprocess
import sys
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from index import open_index
from index.local import LocalIndex
from tests.fakes import FakeEncoder
from tests.index.notes import document, state_of

ROOT = Path(__file__).parent.parent.parent
BATCH = 20
DOCUMENTS = 1_000


def test_a_process_killed_at_any_moment_leaves_the_state_before_or_after(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.index.killing", str(tmp_path)]
    # One thread: see the top of that module.
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr[-2000:]


def ask_on_and_on(folder: str, seed: int, stop: Event, asked: "multiprocessing.Queue[tuple[int, str]]") -> None:
    """A reader in a process of its own; reports how often it asked, and what went wrong."""
    rng = random.Random(seed)  # noqa: S311
    count, problem = 0, ""
    try:
        index = open_index(folder, FakeEncoder())
        while not stop.is_set() or not count:
            number = rng.randrange(DOCUMENTS)
            for hit in index.search(f"What is said about item {number * 31 + 3}?", top=5):
                text = index.document(hit.document_id).text
                if text[hit.start : hit.end] != hit.text:
                    problem = f"{hit} is not in its document"
            held = len(index.documents())
            if held % BATCH:
                problem = f"{held} documents: half of a change is visible"
            count += 1
    except Exception as error:  # whatever it is, the test has to show it
        problem = f"{type(error).__name__}: {error}"
    asked.put((count, problem))


def test_four_readers_are_not_disturbed_by_a_writer(tmp_path: Path) -> None:
    index = LocalIndex.create(tmp_path / "index", FakeEncoder())
    index.put([document(number) for number in range(BATCH)])
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    asked: multiprocessing.Queue[tuple[int, str]] = context.Queue()
    readers = [
        context.Process(target=ask_on_and_on, args=(index.location, seed, stop, asked), daemon=True)
        for seed in range(4)
    ]
    for reader in readers:
        reader.start()
    try:
        for first in range(BATCH, DOCUMENTS + BATCH, BATCH):
            index.put([document(number) for number in range(first, first + BATCH)])
            if first == DOCUMENTS // 2:
                index.optimise(limit=100)
    finally:
        stop.set()
    reports = [asked.get(timeout=120) for _ in readers]
    assert [problem for _, problem in reports if problem] == []
    assert all(count > 0 for count, _ in reports)
    assert len(index.documents()) == DOCUMENTS + BATCH
    assert index.problems() == []


@pytest.mark.parametrize("damage", [0.1, 0.5, 0.9])
def test_a_flipped_byte_in_the_middle_of_the_database_is_found_or_harmless(tmp_path: Path, damage: float) -> None:
    index = LocalIndex.create(tmp_path / "index", FakeEncoder())
    index.put([document(number) for number in range(60)])
    before = state_of(index)
    path = index.folder / "index.sqlite"
    with path.open("r+b") as file:
        place = int(path.stat().st_size * damage)
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 0x55]))
    seen = LocalIndex(index.folder, FakeEncoder())
    try:
        found = seen.problems()
    except Exception as error:  # damage so deep that the database cannot be read is found too
        found = [str(error)]
    assert found or state_of(seen) == before


def test_an_index_in_a_folder_that_cannot_be_written_can_still_be_asked(tmp_path: Path, monkeypatch) -> None:
    index = LocalIndex.create(tmp_path / "index", FakeEncoder())
    index.put([document(number) for number in range(3)])
    before = sorted(path.name for path in index.folder.iterdir())
    monkeypatch.setattr("index.local.database.os.access", lambda *_: False)
    seen = open_index(index.location, FakeEncoder())
    assert seen.search("item 31", top=1)
    assert seen.problems() == []
    assert sorted(path.name for path in index.folder.iterdir()) == before
