"""What an index promises when processes die and when several use it at once."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from index import Document, open_index
from index.local import LocalIndex
from tests.fakes import FakeEncoder

KILLS = 200
BATCH = 20
DOCUMENTS = 1_000

State = dict[str, tuple[str, int]]


def document(number: int, version: int = 0) -> Document:
    lines = [
        f"Line {line} of note {number} in version {version} is about item {number * 31 + line}." for line in range(8)
    ]
    name = f"note-{number}"
    return Document(name, name, f"memory:{name}", f"{version:064}", "\n".join(lines), datetime.now(UTC), 100)


def state_of(index: LocalIndex) -> State:
    """Every document with its text and its number of passages."""
    return {one.id: (index.document(one.id).text, one.passages) for one in index.documents()}


def in_child(work: Callable[[], object], kill_after: float | None) -> bool:
    """Do ``work`` in a forked process, kill it after some seconds; whether it came to its end before that."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if kill_after is None and status != 0:
        raise AssertionError("the work itself fails")
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def changes(number: int) -> dict[str, Callable[[LocalIndex], object]]:
    """Changes of an index that holds notes 0 to 29."""
    return {
        "add": lambda index: index.put([document(1000 + place) for place in range(15)]),
        "replace": lambda index: index.put([document(place, number + 1) for place in range(15)]),
        "remove": lambda index: index.remove([f"note-{place}" for place in range(15, 30)]),
        "optimise": lambda index: index.optimise(limit=1),
        "rebuild": lambda index: index.rebuild(),
    }


def test_a_process_killed_at_any_moment_leaves_the_state_before_or_after(tmp_path: Path) -> None:
    rng = random.Random(7)  # noqa: S311
    before = [document(number) for number in range(30)]

    def fresh(number: int) -> LocalIndex:
        index = LocalIndex.create(tmp_path / f"index-{number}", FakeEncoder())
        index.put(before)
        return index

    seconds: dict[str, float] = {}
    expected: dict[str, tuple[State, State]] = {}
    for name, change in changes(0).items():
        index = fresh(-len(seconds) - 1)
        first = state_of(index)
        began = time.perf_counter()
        in_child(lambda change=change, index=index: change(index), None)  # type: ignore[misc]
        seconds[name] = time.perf_counter() - began
        expected[name] = (first, state_of(index))

    survived = dict.fromkeys(seconds, 0)
    index, age = fresh(0), 0
    for kill in range(KILLS):
        name = rng.choice(list(seconds))
        # Every now and then a new folder; in between, what one killed process left is what the next one finds.
        if age == 10:
            index, age = fresh(kill + 1), 0
        age += 1
        index.put([document(number) for number in range(30)])
        extra = [one.id for one in index.documents() if one.id not in expected[name][0]]
        index.remove(extra)
        change = changes(0)[name]
        done = in_child(lambda change=change, index=index: change(index), rng.uniform(0, 1.3 * seconds[name]))  # type: ignore[misc]
        survived[name] += done
        seen = LocalIndex.open(index.folder, FakeEncoder())
        assert seen.problems() == [], f"kill {kill} during {name}"
        now = state_of(seen)
        assert now == expected[name][1] if done else now in expected[name], f"kill {kill} during {name}"
        assert seen.search("item 31", top=3), "what is left can be searched"
    assert sum(survived.values()) < KILLS * 0.7, f"most were killed too late to show anything: {survived}"
    assert any(survived.values()), "none came to its end, so killing came too early to show anything"


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
