"""The index in a folder: the contract of every index, and every way in which its files can be broken."""

import contextlib
import itertools
import shutil
import sqlite3
import threading
import time
import unicodedata
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
    unchecked_index,
)
from index.local import LocalIndex
from tests.fakes import FakeEncoder
from tests.index.contract import IndexContract, Place, document


def damage(index: PassageIndex, statement: str, *values: object) -> None:
    """Change the database of ``index`` behind its back."""
    with contextlib.closing(sqlite3.connect(Path(index.location) / "index.sqlite")) as connection:
        connection.execute(statement, values)
        connection.commit()


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

    @pytest.mark.parametrize(
        "change",
        [
            "title = 'x'",
            "source = '/etc/x'",
            "sha256 = '00'",
            "date = '1999'",
            "size = 1",
            "added_at = '2026-05-31T12:00:00+00:00'",
            "added_at = 'zz'",
            "pages = '[{'",
            'pages = \'[{"number": 9, "start": 0, "end": 9, "label": null}]\'',
            "title = CAST(x'7ae962' AS TEXT)",
            "text = CAST(x'7ae96261' AS TEXT)",
        ],
    )
    def test_what_is_told_of_a_document_is_checked_and_can_be_removed(
        self, index: PassageIndex, articles: Path, change: str
    ) -> None:
        add_files(index, [articles])
        name = index.resolve("bridge")
        damage(index, f"UPDATE documents SET {change} WHERE id = '{name}'")  # noqa: S608
        seen = open_index(index.location, FakeEncoder())
        assert [problem for problem in seen.problems() if problem.startswith(f"{name}: ")]
        for look in (seen.documents, lambda: seen.document(name), lambda: seen.search("bridge", top=3)):
            with contextlib.suppress(IndexCorrupt):  # and nothing else
                look()
        seen.rebuild()
        assert all(problem.startswith(f"{name}: ") for problem in seen.problems())
        # An empty page map is what had been stored.
        assert bool(seen.problems()) is (change != "pages = '[{'")
        assert len(seen.documents()) == 2, "what can be read again can be removed"
        seen.remove([name])
        assert seen.problems() == []
        assert seen.search("harbour", top=3)

    @pytest.mark.parametrize("put", [False, True])
    def test_a_document_whose_text_has_changed_leaves_no_words_behind(self, index: PassageIndex, put: bool) -> None:
        add_texts(index, [("memory:a", "a", "The zebra lives."), ("memory:b", "b", "The lion lives.")])
        damage(index, "UPDATE documents SET text = replace(text, 'zebra', 'zebsa')")
        name = index.resolve("a")
        if put:
            add_texts(index, [("memory:a", "a", "The zebra lives.")])
        else:
            index.remove([name])
        assert index.problems() == []
        assert {hit.text for hit in index.search("zebra lion", top=5)} >= {"The lion lives."}

    def test_a_damaged_word_index_is_found_and_repaired(self, index: PassageIndex) -> None:
        add_texts(index, [(f"memory:{n}", f"{n}", f"Note {n} is about item {n * 7}.") for n in range(40)])
        words_only = Ranking(dense_weight=0)

        def found() -> list[tuple[str, float]]:
            asked = ("note", "item 77", "about 12", "is 7")
            hits = [hit for question in asked for hit in index.search(question, top=50, ranking=words_only)]
            return [(hit.document_id, hit.score) for hit in hits]

        before = found()
        with contextlib.closing(sqlite3.connect(Path(index.location) / "index.sqlite")) as connection:
            blocks = connection.execute("SELECT id, block FROM words_data ORDER BY length(block) DESC").fetchall()[:1]
            sizes = connection.execute("SELECT id, sz FROM words_docsize LIMIT 1").fetchall()
        rows = [("words_data", "block", *row) for row in blocks] + [("words_docsize", "sz", *row) for row in sizes]
        for table, column, row, block in rows:
            # Where words begin stands at the end of a block.
            for place in {*range(0, len(block), 1 + len(block) // 20), *range(max(0, len(block) - 20), len(block))}:
                flipped = block[:place] + bytes([block[place] ^ 1]) + block[place + 1 :]
                damage(index, f"UPDATE {table} SET {column} = ? WHERE id = ?", flipped, row)  # noqa: S608
                if not index.problems():
                    assert found() == before, (table, place)
                damage(index, f"UPDATE {table} SET {column} = ? WHERE id = ?", block, row)  # noqa: S608
        assert index.problems() == []
        damage(index, "UPDATE words_data SET block = zeroblob(20) WHERE id > 100")
        assert index.problems()
        index.rebuild()
        assert index.problems() == []
        assert len(index.search("note item 77", top=50)) == 40

    def test_an_index_without_checksums_of_entries_stays_usable(self, index: PassageIndex, articles: Path) -> None:
        add_files(index, [articles])
        damage(index, "DROP TABLE entries")  # as indexes made before
        assert index.problems() == []
        add_texts(index, [("memory:new", "new", "A zeppelin landed.")])
        assert index.problems() == []
        index.remove([index.resolve("bridge")])
        index.rebuild()
        assert index.problems() == []
        damage(index, "UPDATE documents SET title = 'x'")
        assert len(index.problems()) == 2, "a repair has noted what documents were without a checksum"

    def test_an_index_of_another_format_is_not_touched(self, index: PassageIndex) -> None:
        add_texts(index, [("memory:a", "a", "The zebra lives.")])
        damage(index, "UPDATE settings SET value = '3' WHERE name = 'format'")
        before = index.settings()
        with pytest.raises(IndexCorrupt, match="format 3"):
            unchecked_index(index.location, FakeEncoder("1" * 64)).rebuild()
        assert index.settings() == before
        assert "format 3" in index.problems()[0]

    @pytest.mark.parametrize("change", ["name = 'v' || char(65533)", "value = '1x'", "value = ''"])
    def test_damaged_settings_are_named(self, index: PassageIndex, change: str) -> None:
        add_texts(index, [("memory:a", "a", "The zebra lives.")])
        damage(index, f"UPDATE settings SET {change} WHERE name = 'vectors_covered'")  # noqa: S608
        seen = unchecked_index(index.location, FakeEncoder())
        assert [problem for problem in seen.problems() if "vectors_covered" in problem]
        with pytest.raises(IndexCorrupt, match="vectors_covered"):
            seen.rebuild()
        with pytest.raises(IndexCorrupt, match="vectors_covered"):
            open_index(index.location, FakeEncoder())

    def test_a_large_index_that_is_emptied_goes_on(self, large: LocalIndex) -> None:
        large.remove([summary.id for summary in large.documents()])
        assert not large.optimise(limit=10)
        assert large.search("item 70", top=3) == []
        add_texts(large, [("memory:new", "new", "A zeppelin landed.")])
        assert large.optimise(limit=10)
        assert [hit.text for hit in large.search("item 70", top=3)] == ["A zeppelin landed."]
        assert large.problems() == []

    def test_which_of_many_equal_passages_are_found_does_not_depend_on_the_order(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        numbers = [f"{n:03}" for n in range(150)]
        for limit in (None, 10):
            found = []
            for order in (numbers, numbers[50:] + numbers[:50], numbers[::-1]):
                index = create_index(place(), FakeEncoder())
                index.put([document(number, "Ships wait outside. They wait.") for number in order])
                if limit is not None and isinstance(index, LocalIndex):
                    assert index.optimise(limit=limit)
                found.append([hit.document_id for hit in index.search("Who waits outside?", top=10)])
            assert found == [numbers[:10]] * 3

    @pytest.mark.parametrize(
        ("pattern", "titles"),
        [
            ("/n/[!a].txt", {"b", "!"}),
            ("/n/[^a].txt", {"b", "!"}),
            ("/n/[ab].txt", {"a", "b"}),
            ("/n/[b!].txt", {"b", "!"}),
        ],
    )
    def test_classes_in_patterns_are_as_in_a_shell(self, index: PassageIndex, pattern: str, titles: set[str]) -> None:
        add_texts(index, [(f"/n/{name}.txt", name, f"Text {name} lives.") for name in "ab!"])
        hits = index.search("lives", top=5, within=Filter(sources=(pattern,)))
        assert {index.document(hit.document_id).title for hit in hits} == titles

    def test_a_question_in_decomposed_letters_is_the_same_question(self, index: PassageIndex) -> None:
        add_texts(
            index,
            [("memory:a", "a", "L’élection à Besançon : Zoé a gagné."), ("memory:b", "b", "Le port a été fermé.")],
        )
        question = "Qui a gagné l’élection à Besançon, Zoé ?"
        words_only = Ranking(dense_weight=0)
        scores = [
            [hit.score for hit in index.search(unicodedata.normalize(form, question), top=5, ranking=words_only)]
            for form in ("NFC", "NFD")
        ]
        assert scores[0] == scores[1]

    def test_files_that_come_and_go_beside_the_database_are_counted_or_not(
        self, index: PassageIndex, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add_texts(index, [("memory:a", "a", "The zebra lives.")])
        (Path(index.location) / "index.sqlite-shm").write_bytes(b"x")
        is_file = Path.is_file

        def gone_after(path: Path) -> bool:
            there = is_file(path)
            if path.name.endswith("-shm"):
                path.unlink(missing_ok=True)
            return there

        monkeypatch.setattr(Path, "is_file", gone_after)
        assert index.bytes_stored() == (Path(index.location) / "index.sqlite").stat().st_size

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
