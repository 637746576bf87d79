"""The file of feedback: what is added is there, and a broken line costs nothing else."""

import os
import threading
from pathlib import Path

import pytest
from pydantic import ValidationError

from index.errors import InputError
from qa.feedback import FeedbackStore, folder_beside
from qa.feedback import storage as storage_module
from tests.qa.feedback.making import make_entry, place_of
from tests.web.fakes import make_document

DOCUMENT = make_document("bees", "Bees dance. 🐝 They tell where flowers are.\nAll day.")
ENTRY = make_entry("right", "What do bees do\u2028?\n", place_of(DOCUMENT, "dance. 🐝 They"))


def test_entries_come_back_as_they_were_given(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "index" / "feedback")
    assert store.read().entries == ()
    correction = make_entry("corrected", "When?", place_of(DOCUMENT, "Bees"), gold=place_of(DOCUMENT, "are.\nAll day"))
    refusal = make_entry("right", "Who won?", answer=None)
    for entry in (ENTRY, correction, refusal):
        store.add(entry)
    assert store.read().entries == (ENTRY, correction, refusal)
    assert store.path.read_bytes().count(b"\n") == 3
    assert store.path.stat().st_mode & 0o077 == 0


def test_an_unfinished_line_is_named_and_the_next_entry_is_whole(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path)
    store.add(ENTRY)
    whole = store.path.read_bytes()
    store.path.write_bytes(whole + whole[: len(whole) // 2])
    store.add(ENTRY)
    kept = store.read()
    assert kept.entries == (ENTRY, ENTRY)
    assert len(kept.faults) == 1
    assert kept.faults[0].startswith("feedback.jsonl line 2: ")


def test_an_entry_is_on_the_disk_before_adding_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(storage_module.os, "fsync", lambda handle: (synced.append(handle), real(handle)))
    store = FeedbackStore(tmp_path)
    store.add(ENTRY)
    assert len(synced) == 2  # the file, and the folder that it is new in
    store.add(ENTRY)
    assert len(synced) == 3


def test_many_threads_and_stores_lose_nothing(tmp_path: Path) -> None:
    stores = [FeedbackStore(tmp_path) for _ in range(4)]
    threads = [threading.Thread(target=lambda s=s: [s.add(ENTRY) for _ in range(25)]) for s in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = stores[0].read()
    assert (len(kept.entries), kept.faults) == (100, ())


def test_what_cannot_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="not kept"):
        FeedbackStore(tmp_path / "file").add(ENTRY)
    monkeypatch.setattr(storage_module, "MAX_LINE", 100)
    with pytest.raises(InputError, match="at most 100"):
        FeedbackStore(tmp_path).add(ENTRY)


def test_gold_goes_with_corrections_only() -> None:
    with pytest.raises(ValidationError):
        make_entry("corrected", "When?", place_of(DOCUMENT, "Bees"))
    with pytest.raises(ValidationError):
        make_entry("right", "When?", place_of(DOCUMENT, "Bees"), gold=place_of(DOCUMENT, "Bees"))


def test_place_is_in_the_folder_of_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder_beside(str(tmp_path), "feedback") == tmp_path / "feedback"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    one, other = (folder_beside(f"milvus://localhost:19530/{name}", "feedback") for name in ("a", "b"))
    assert one != other
    assert tmp_path in one.parents
