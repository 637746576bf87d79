"""The index in a folder: the contract of every index, and every way in which its files can be broken."""

import contextlib
import itertools
import shutil
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index import (
    Filter,
    IndexCorrupt,
    IndexMissing,
    PassageIndex,
    Ranking,
    add_files,
    add_texts,
    create_index,
    open_index,
)
from index.local import LocalIndex
from tests.fakes import FakeEncoder
from tests.index.contract import IndexContract, Place


class TestLocalIndex(IndexContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        numbers = itertools.count()
        return lambda: str(tmp_path / f"index{next(numbers)}")

    def break_commit(self, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr("index.local.records.note_change", fail)

    def test_looking_for_an_index_makes_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(IndexMissing, match="qa add"):
            open_index(tmp_path / "none", FakeEncoder())
        assert not (tmp_path / "none").exists()

    @pytest.fixture
    def large(self, index: PassageIndex, articles: Path) -> LocalIndex:
        """An index that keeps its vectors in a file, as large ones do."""
        if not isinstance(index, LocalIndex):
            raise TypeError(index)
        add_files(index, [articles])
        add_texts(
            index,
            ((f"memory:{n}", f"note {n}", f"Note {n} is about item {n * 7} and nothing else.") for n in range(60)),
        )
        assert index.optimise(limit=10)
        assert not index.optimise(limit=10), "nothing is left to do"
        return index

    def test_an_empty_or_damaged_database_is_named_and_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "index.sqlite"
        for content in (b"", b"this is no database" * 100):
            path.write_bytes(content)
            with pytest.raises(IndexCorrupt, match=r"index\.sqlite"):
                create_index(tmp_path, FakeEncoder())
            assert path.read_bytes() == content

    def test_an_index_whose_making_was_stopped_is_made_by_the_same_command(self, tmp_path: Path) -> None:
        connection = sqlite3.connect(tmp_path / "index.sqlite", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.close()
        assert (tmp_path / "index.sqlite").stat().st_size > 0
        add_texts(create_index(tmp_path, FakeEncoder()), [("memory:1", "note", "The ship sank.")])
        assert len(open_index(tmp_path, FakeEncoder()).documents()) == 1

    @pytest.mark.parametrize("named", [True, False])
    def test_an_index_deleted_and_made_anew_is_seen_as_it_is(self, tmp_path: Path, named: bool) -> None:
        index = create_index(tmp_path / "index", FakeEncoder())
        add_texts(index, [(f"memory:{n}", "note", f"Red bridge {n} is old.") for n in range(3)])
        if not named:  # as indexes made before
            with sqlite3.connect(tmp_path / "index" / "index.sqlite") as connection:
                assert connection.execute("DELETE FROM settings WHERE name = 'identity'").rowcount == 1
        assert len(index.search("red bridge", top=5)) == index.passage_count() == 3
        shutil.rmtree(tmp_path / "index")
        new = create_index(tmp_path / "index", FakeEncoder())
        add_texts(new, [("memory:9", "note", "Green tunnels are new.")])
        assert [passage.text for passage in index.search("green tunnels", top=5)] == ["Green tunnels are new."]
        assert index.passage_count() == 1

    def test_an_index_without_an_identity_stays_usable(self, tmp_path: Path) -> None:
        index = create_index(tmp_path, FakeEncoder())
        with sqlite3.connect(tmp_path / "index.sqlite") as connection:
            connection.execute("DELETE FROM settings WHERE name = 'identity'")
        for number in range(2):
            add_texts(index, [(f"memory:{number}", "note", f"Ship {number} sank.")])
            assert len(index.search("Which ship sank?", top=5)) == number + 1
        assert open_index(tmp_path, FakeEncoder()).problems() == []

    def test_an_index_that_several_make_at_once_is_made_once(self, tmp_path: Path) -> None:
        for number in range(20):
            folder, ready = tmp_path / str(number), threading.Barrier(4)

            def make(name: str, folder: Path = folder, ready: threading.Barrier = ready) -> None:
                ready.wait()
                index = create_index(folder, FakeEncoder())
                add_texts(index, [(f"memory:{name}", name, f"Note {name} is about a ship.")])

            with ThreadPoolExecutor(4) as pool:
                list(pool.map(make, "abcd"))
            assert {document.title for document in open_index(folder, FakeEncoder()).documents()} == set("abcd")

    def test_a_database_that_is_empty_for_a_moment_is_being_made(self, tmp_path: Path) -> None:
        made = create_index(tmp_path / "made", FakeEncoder()).location
        path = tmp_path / "index.sqlite"
        path.write_bytes(b"")

        def fill() -> None:
            time.sleep(0.1)
            shutil.copy(Path(made) / "index.sqlite", path)

        with ThreadPoolExecutor(1) as pool:
            filled = pool.submit(fill)
            assert create_index(tmp_path, FakeEncoder()).documents() == []
            filled.result()

    @pytest.mark.parametrize("damage", ["missing", "garbage", "truncated", "one bit"])
    def test_a_damaged_vector_file_is_found_and_rebuilt(self, large: LocalIndex, damage: str) -> None:
        (path,) = large.folder.glob("vectors-*.faiss")
        content = path.read_bytes()
        if damage == "missing":
            path.unlink()
        elif damage == "garbage":
            path.write_bytes(b"garbage" * 20)
        elif damage == "truncated":
            path.write_bytes(content[:100])
        else:
            path.write_bytes(content[:-40] + bytes([content[-40] ^ 1]) + content[-39:])
        fresh = open_index(large.location, FakeEncoder())
        if damage != "one bit":
            with pytest.raises(IndexCorrupt, match="qa verify --repair"):
                fresh.search("bridge", top=3)
        assert fresh.problems()
        fresh.rebuild()
        assert fresh.problems() == []
        assert "bridge" in fresh.search("bridge", top=1)[0].text

    @pytest.mark.parametrize(
        "damage",
        [
            "UPDATE documents SET text = replace(text, 'Monday', 'Sunday')",
            'UPDATE passages SET "end" = "end" - 1',
            "UPDATE vectors SET vector = zeroblob(length(vector))",
            "DELETE FROM vectors WHERE passage = 1",
            "INSERT INTO words (words) VALUES ('delete-all')",
        ],
    )
    def test_changes_behind_its_back_are_found(self, index: PassageIndex, articles: Path, damage: str) -> None:
        add_files(index, [articles])
        with contextlib.closing(sqlite3.connect(Path(index.location) / "index.sqlite")) as connection:
            connection.execute(damage)
            connection.commit()
        assert index.problems()
        index.rebuild()
        # The text is what everything else is made from: that it has changed is still said after a repair.
        assert bool(index.problems()) is damage.startswith("UPDATE documents")

    def test_a_large_index_finds_what_was_added_since_and_not_what_was_removed(self, large: LocalIndex) -> None:
        add_texts(large, [("memory:new", "new", "A zeppelin landed at noon.")])
        assert large.search("zeppelin", top=1)[0].text == "A zeppelin landed at noon."
        assert large.search("item 77", top=1)[0].text.startswith("Note 11 ")
        large.remove([large.resolve("note 11"), large.resolve("new")])
        for reader in (large, open_index(large.location, FakeEncoder())):
            texts = [hit.text for hit in reader.search("item 77 zeppelin", top=100)]
            assert len(texts) == 61
            assert not any(text.startswith(("Note 11 ", "A zeppelin")) for text in texts)
            note = reader.resolve("note 12")
            hits = reader.search("bridge", top=9, within=Filter(documents=(note,)))
            assert [hit.document_id for hit in hits] == [note]
            assert reader.problems() == []

    def test_a_large_index_ranks_like_an_exact_one(self, large: LocalIndex, tmp_path: Path) -> None:
        exact = create_index(tmp_path / "exact", FakeEncoder())
        for summary in large.documents():
            exact.put([large.document(summary.id)])
        for question in ("note about item 70", "When did the bridge open?", "ships"):
            given = [(hit.document_id, hit.start, hit.score) for hit in large.search(question, top=10)]
            assert given == [(hit.document_id, hit.start, hit.score) for hit in exact.search(question, top=10)]

    def test_a_new_vector_file_replaces_the_old_one_under_a_reader(self, large: LocalIndex) -> None:
        reader = open_index(large.location, FakeEncoder())
        before = reader.search("item 70", top=3)
        large.remove([large.resolve(f"note {n}") for n in range(20, 50)])
        assert large.optimise(limit=10)
        assert len(list(large.folder.glob("vectors-*.faiss"))) == 2, "a reader may still open the former one"
        assert reader.search("item 70", top=1)[0].text == before[0].text
        large.remove([large.resolve(f"note {n}") for n in range(10, 20)])
        assert large.optimise(limit=10)
        assert len(list(large.folder.glob("vectors-*.faiss"))) == 2
        assert large.problems() == []

    def test_a_new_vector_file_that_is_missing_is_named_each_time(self, large: LocalIndex) -> None:
        reader = open_index(large.location, FakeEncoder())
        reader.search("item 70", top=3)
        large.remove([large.resolve(f"note {n}") for n in range(20, 50)])
        assert large.optimise(limit=10)
        name = large.settings()["vector_file"]
        (large.folder / name).unlink()
        for _ in range(2):
            with pytest.raises(IndexCorrupt, match=f"{name} is missing"):
                reader.search("item 70", top=3)
        large.rebuild()
        assert reader.search("item 70", top=1)[0].text.startswith("Note 10 ")

    def test_a_large_index_is_rebuilt_under_a_reader(self, large: LocalIndex) -> None:
        reader = open_index(large.location, FakeEncoder())
        before = [(hit.text, hit.score) for hit in reader.search("item 70", top=5)]
        large.rebuild()
        assert not large.settings()["vector_file"], "there are too few vectors for a file"
        assert [(hit.text, hit.score) for hit in reader.search("item 70", top=5)] == before
        assert large.optimise(limit=10)
        assert [(hit.text, hit.score) for hit in reader.search("item 70", top=5)] == before

    def test_common_words_do_not_decide_alone_which_passages_are_scored(self, index: PassageIndex, monkeypatch) -> None:
        add_texts(
            index,
            [(f"memory:{n}", f"{n}", f"The town council met again. Point {n}.") for n in range(50)]
            + [("memory:x", "x", "The town council heard about the zeppelin.")],
        )
        exact = index.search("What did the town council hear about zeppelin?", top=5, ranking=Ranking(dense_weight=0))
        monkeypatch.setattr("index.local.words.WORK", 10)
        fast = index.search("What did the town council hear about zeppelin?", top=5, ranking=Ranking(dense_weight=0))
        assert fast[0].text == exact[0].text == "The town council heard about the zeppelin."
