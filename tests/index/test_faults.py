"""What an index promises when processes die and when several use it at once."""

import multiprocessing
import os
import random
import sqlite3
import subprocess
import sys
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from index import IndexBusy, IndexCorrupt, open_index
from index.local import LocalIndex
from index.local.database import Database
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


def ask_without_writing(folder: str, stop: Event, asked: "multiprocessing.Queue[tuple[int, str]]") -> None:
    """A reader that takes the folder for one that it cannot write."""
    os.access = lambda *_: False  # type: ignore[assignment]
    ask_on_and_on(folder, 7, stop, asked)


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


def test_who_can_only_read_sees_no_file_that_changed_meanwhile(tmp_path: Path, monkeypatch) -> None:
    index = LocalIndex.create(tmp_path / "index", FakeEncoder())
    index.put([document(0)])
    monkeypatch.setattr("index.local.database.os.access", lambda *_: False)
    database = Database(index.folder / "index.sqlite")
    started_over: list[int] = []

    def look(connection: sqlite3.Connection) -> int:
        (count,) = connection.execute("SELECT count(*) FROM documents").fetchone()
        if count < 3:
            index.put([document(int(count))])
            if count == 2:
                raise sqlite3.DatabaseError("database disk image is malformed")
        return int(count)

    assert database.read(look, lambda: started_over.append(1)) == 3
    assert len(started_over) == 2

    def fail(_: sqlite3.Connection) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    with pytest.raises(IndexCorrupt, match="malformed"):
        database.read(fail)


def test_a_log_that_only_others_can_go_through_is_waited_for(tmp_path: Path, monkeypatch) -> None:
    index = LocalIndex.create(tmp_path / "index", FakeEncoder())
    index.put([document(0)])
    (index.folder / "index.sqlite-wal").write_bytes(b"x")
    monkeypatch.setattr("index.local.database.os.access", lambda *_: False)
    monkeypatch.setattr("index.local.database._UNSETTLED_SECONDS", 0.2)
    tried: list[int] = []

    def look(_: sqlite3.Connection) -> None:
        tried.append(1)
        error = sqlite3.OperationalError("attempt to write a readonly database")
        error.sqlite_errorcode = sqlite3.SQLITE_READONLY
        raise error

    with pytest.raises(IndexBusy, match="not finished"):
        Database(index.folder / "index.sqlite").read(look)
    assert len(tried) > 1


def test_a_reader_that_cannot_write_is_not_disturbed_by_a_writer(tmp_path: Path, monkeypatch) -> None:
    index = LocalIndex.create(tmp_path / "index", FakeEncoder())
    index.put([document(number) for number in range(BATCH)])
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    asked: multiprocessing.Queue[tuple[int, str]] = context.Queue()
    reader = context.Process(target=ask_without_writing, args=(index.location, stop, asked), daemon=True)
    reader.start()
    try:
        for first in range(BATCH, DOCUMENTS, BATCH):
            index.put([document(number) for number in range(first, first + BATCH)])
            # So that the log comes and goes while the reader is at it.
            time.sleep(0.02)
    finally:
        stop.set()
    count, problem = asked.get(timeout=120)
    assert problem == ""
    assert count > 0


def test_bytes_that_are_no_text_are_named_and_can_be_removed(tmp_path: Path) -> None:
    index = LocalIndex.create(tmp_path / "index", FakeEncoder())
    index.put([document(number) for number in range(2)])
    path = index.folder / "index.sqlite"
    content = path.read_bytes()
    place = content.index(b"Line 3 of note 1")
    path.write_bytes(content[:place] + bytes([content[place] ^ 0x80]) + content[place + 1 :])
    seen = LocalIndex.open(index.folder, FakeEncoder())
    with pytest.raises(IndexCorrupt, match="qa verify"):
        seen.document("note-1")
    assert any(problem.startswith("note-1: its text has changed") for problem in seen.problems())
    seen.rebuild()
    assert seen.search("item 3", top=3), "what is left can be searched"
    assert [problem for problem in seen.problems() if not problem.startswith("note-1: ")] == []
    assert seen.problems()
    seen.remove(["note-1"])
    assert seen.problems() == []


def test_a_schema_that_is_no_text_is_damage(tmp_path: Path) -> None:
    index = LocalIndex.create(tmp_path / "index", FakeEncoder())
    path = index.folder / "index.sqlite"
    content = path.read_bytes()
    place = content.index(b"CREATE TABLE removed")
    for offset in (0, 7, 13):
        path.write_bytes(content[: place + offset] + b"\xe9" + content[place + offset + 1 :])
        with pytest.raises(IndexCorrupt, match=r"index\.sqlite is damaged"):
            LocalIndex(index.folder, FakeEncoder()).problems()
