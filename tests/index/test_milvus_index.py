"""The index in a Milvus: the contract of every index on milvus-lite, and every way in which a change can stop half-way."""

import itertools
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index import (
    EncoderMismatch,
    Filter,
    IndexBusy,
    IndexCorrupt,
    IndexMissing,
    IndexStateError,
    InputError,
    PassageIndex,
    Ranking,
    add_files,
    add_texts,
    create_index,
    open_index,
    unchecked_index,
)
from index.milvus import MilvusIndex
from index.milvus.address import Address, is_address, read_address
from index.milvus.engine import Engine, release
from index.milvus.lease import Lease, held_lease
from index.milvus.rows import PART, part_name
from index.milvus.terms import question_terms, terms
from tests.fakes import FakeEncoder
from tests.index.contract import IndexContract, Place, document

ROOT = Path(__file__).parent.parent.parent
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file for all tests, each of which has indexes of its own in it: starting milvus-lite takes a second."""
    return tmp_path_factory.mktemp("milvus") / "lite.db"


@pytest.fixture
def place(file: Path) -> Place:
    return lambda: f"milvus:{file}/index{next(_NUMBERS)}"


@pytest.fixture
def index(place: Place) -> MilvusIndex:
    made = create_index(place(), FakeEncoder())
    assert isinstance(made, MilvusIndex)
    return made


class Inside:
    """What is in the collections of an index, behind its back."""

    def __init__(self, index: PassageIndex) -> None:
        self.engine = Engine(read_address(index.location))
        self.records = f"{self.engine.address.name}_records"

    @property
    def passages(self) -> str:
        prefix = f"{self.engine.address.name}_passages_"
        (found,) = [name for name in self.engine.collections() if name.startswith(prefix)]
        return found

    def keys(self) -> set[int]:
        return {row["key"] for row in self.engine.query(self.passages, "key >= 0", ["key"])}

    def kinds(self) -> dict[str, int]:
        rows = self.engine.query(self.records, "key >= 0", ["kind"])
        kinds = [row["kind"] for row in rows]
        return {kind: kinds.count(kind) for kind in sorted(set(kinds))}

    def change(self, collection: str, condition: str, **values: object) -> None:
        """Put other values into the only row that meets ``condition``."""
        names = {"pk", "kind", "key", "part", "generation", "name", "source", "body"}
        fields = names if collection == self.records else {"id", "key", "document", "start", "end", "vector", "words"}
        (row,) = self.engine.query(collection, condition, sorted(fields))
        self.engine.delete(collection, condition)
        self.engine.insert(collection, [{**row, **values}])


class TestMilvusIndex(IndexContract):
    examples = 8

    @pytest.fixture
    def place(self, file: Path) -> Place:
        return lambda: f"milvus:{file}/index{next(_NUMBERS)}"

    def break_commit(self, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr("index.milvus.state.Ledger._add", fail)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``host:port`` of a milvus-lite in a process of its own, which is reached by address as any other server is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    code = (
        "import sys\nfrom milvus_lite.adapter.grpc.server import run_server\n"
        "run_server(sys.argv[1], '127.0.0.1', int(sys.argv[2]))"
    )
    folder = tmp_path_factory.mktemp("server")
    with subprocess.Popen([sys.executable, "-c", code, str(folder), port], stderr=subprocess.DEVNULL) as process:
        engine = Engine(Address("any", server=f"127.0.0.1:{port}"))
        for _ in range(120):
            try:
                engine.collections()
                break
            except IndexStateError:
                assert process.poll() is None, "the server has ended"
                time.sleep(0.5)
        yield f"127.0.0.1:{port}"
        process.kill()


class TestMilvusServer(TestMilvusIndex):
    examples = 4

    @pytest.fixture
    def place(self, server: str) -> Place:
        return lambda: f"milvus://{server}/index{next(_NUMBERS)}"


def test_processes_that_write_to_one_server_at_once_take_turns(server: str) -> None:
    location = f"milvus://{server}/index{next(_NUMBERS)}"
    index = create_index(location, FakeEncoder())
    code = (
        "index = open_index(location, FakeEncoder())\n"
        "for n in range(5):\n    add_texts(index, [(f'memory:{sys.argv[2]}{n}', 'x', 'A ship.')])\n"
    )
    with ThreadPoolExecutor() as pool:
        writers = [pool.submit(run, code, location, name) for name in "ab"]
        for writer in writers:
            assert writer.result().returncode == 0, writer.result().stderr
    assert len(index.documents()) == len(index.search("ship", top=50)) == 10
    assert index.settings()["generation"] == "10"
    assert index.problems() == []


def test_it_ranks_as_the_local_index_does(index: MilvusIndex, tmp_path: Path) -> None:
    local = create_index(tmp_path / "local", FakeEncoder())
    topics = ["bridges and ferries", "the café's opening", "closed harbours", "ships", "a zeppelin that landed"]
    texts = [
        (f"memory:{n}", f"{n}", f"Note {n} is about {topics[n % 5]} and item {n * 7}. " * (1 + n % 3))
        for n in range(40)
    ]
    for backend in (local, index):
        add_texts(backend, texts)
    for question in ("When did the cafe open?", "Which ship passed the bridge?", "77", "zeppelins landing", "?!"):
        for weight, names in ((1.0, None), (0.0, None), (0.5, None), (0.5, ("x*", "memory:1*"))):
            within = None if names is None else Filter(sources=names)
            ranking = Ranking(dense_weight=weight)
            expected = local.search(question, top=8, within=within, ranking=ranking)
            given = index.search(question, top=8, within=within, ranking=ranking)
            assert [(hit.document_id, hit.start) for hit in given] == [(hit.document_id, hit.start) for hit in expected]
            if weight == 1.0:
                assert [hit.score for hit in given] == pytest.approx([hit.score for hit in expected], abs=1e-3)
    # A word of more than half of the passages counts nothing in FTS5 and a little in Milvus.
    assert index.search("item 77", top=1)[0].text == local.search("item 77", top=1)[0].text


def test_words_are_told_apart_as_in_the_local_index() -> None:
    assert terms(["The Bridges opened: cafe\u0301!", "", "?!"]) == ["the bridg open cafe", "", ""]
    assert question_terms('When did the BRIDGE open? "open"') == "bridg open"
    assert question_terms("What is it?") == "what is it"
    assert question_terms("?!") == ""
    (run,) = terms(["船" * 20_000])
    assert run == "船" * len(run), "a run of letters is cut, not refused"
    assert run
    (many,) = terms(["zeppelin " * 20_000])
    assert len(many) <= 65_535
    assert set(many.split(" ")) == {"zeppelin"}


def test_rows_of_a_change_that_never_counted_are_not_seen_and_go_with_the_next(
    index: MilvusIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.put([document("a", "A ship."), document("b", "A bridge.")])
    inside = Inside(index)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("index.milvus.state.Ledger._add", stop)
    with pytest.raises(KeyboardInterrupt):
        index.put([document("a", "Another ship."), document("c", "A ship as well.")])
    monkeypatch.undo()
    assert inside.keys() == {1, 2, 3, 4}
    assert inside.kinds()["dead"] == 1
    fresh = open_index(index.location, FakeEncoder())
    assert sorted(hit.text for hit in fresh.search("ship", top=9)) == ["A bridge.", "A ship."]
    assert fresh.document("a").text == "A ship."
    assert fresh.problems() == []
    index.put([document("d", "A harbour.")])
    assert inside.keys() == {1, 2, 3}
    assert inside.kinds() == {"document": 3, "state": 1, "text": 3}


def test_what_a_change_replaced_is_not_seen_although_it_could_not_be_deleted(
    index: MilvusIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.put([document("a", "A ship."), document("b", "A bridge.")])
    inside = Inside(index)
    tidy, calls = MilvusIndex.put.__globals__["Ledger"].tidy, itertools.count()

    def stop(*arguments: object) -> None:
        if next(calls) > 0:
            raise KeyboardInterrupt
        tidy(*arguments)

    monkeypatch.setattr("index.milvus.state.Ledger.tidy", stop)
    with pytest.raises(KeyboardInterrupt):
        index.put([document("a", "Another ship.")])
    monkeypatch.undo()
    assert inside.keys() == {1, 2, 3}
    fresh = open_index(index.location, FakeEncoder())
    assert sorted(hit.text for hit in fresh.search("ship", top=9)) == ["A bridge.", "Another ship."]
    assert fresh.problems() == []
    fresh.remove(["b"])
    assert inside.keys() == {3}
    assert inside.kinds() == {"document": 1, "state": 1, "text": 1}


def test_a_rebuild_that_stops_leaves_the_index_as_it_was(index: MilvusIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    index.put([document("a", "A ship."), document("b", "A bridge.")])
    other = unchecked_index(index.location, FakeEncoder("1" * 64))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("index.milvus.state.Ledger._add", stop)
    with pytest.raises(KeyboardInterrupt):
        other.rebuild()
    monkeypatch.undo()
    assert len(index.search("ship", top=9)) == 2
    assert index.problems() == []
    index.put([document("c", "A harbour.")])
    assert Inside(index).passages.endswith("_passages_0"), "the half-made collection is gone"
    other.rebuild()
    assert Inside(index).keys() == {4, 5, 6}
    with pytest.raises(EncoderMismatch, match="qa verify --repair"):
        index.search("ship", top=9)
    with pytest.raises(EncoderMismatch, match="qa verify --repair"):
        index.put([document("d", "A zeppelin.")])


DAMAGES: dict[str, Callable[[Inside], None]] = {
    "text": lambda inside: inside.change(inside.records, f'pk == "{part_name("text", 1, 0)}"', body="A sheep passed."),
    "part of a text missing": lambda inside: inside.engine.delete(inside.records, f'pk == "{part_name("text", 2, 1)}"'),
    "vector": lambda inside: inside.change(inside.passages, "key == 1", vector=[1.0] + [0.0] * 63),
    "words": lambda inside: inside.change(inside.passages, "key == 1", words="zeppelin"),
    "offsets": lambda inside: inside.change(inside.passages, "key == 1", end=99),
    "passage missing": lambda inside: inside.engine.delete(inside.passages, "key == 1"),
    "passages missing": lambda inside: inside.engine.drop(inside.passages),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_changes_behind_its_back_are_found(index: MilvusIndex, damage: str) -> None:
    index.put([document("a", "A ship passed."), document("b", "Bridges. " * (PART // 8))])
    DAMAGES[damage](Inside(index))
    assert index.problems()
    if damage == "part of a text missing":
        with pytest.raises(IndexCorrupt, match="Remove the document"):
            index.document("b")
        with pytest.raises(IndexCorrupt, match="Remove the document"):
            index.rebuild()
        index.remove(["b"])
    else:
        index.rebuild()
    # The text is what everything else is made from: that it has changed is still said after a repair.
    assert bool(index.problems()) is (damage == "text")


def test_an_index_of_another_format_is_refused_and_not_touched(index: MilvusIndex) -> None:
    index.put([document("a", "A ship.")])
    inside = Inside(index)
    inside.change(inside.records, 'kind == "state"', body='{"format": 99, "generation": 1}')
    with pytest.raises(IndexCorrupt, match="format 99"):
        open_index(index.location, FakeEncoder())
    for change in (index.rebuild, lambda: index.remove(["a"]), lambda: index.put([document("b", "A bridge.")])):
        with pytest.raises(IndexCorrupt, match="format 99"):
            change()
    assert "format 99" in index.problems()[0]
    assert inside.keys() == {1}
    inside.change(inside.records, 'kind == "state"', body="garbage")
    with pytest.raises(IndexCorrupt, match="Add the documents again"):
        open_index(index.location, FakeEncoder())


def test_a_file_is_put_in_order_when_it_has_grown(index: MilvusIndex, server: str) -> None:
    index.put([document("a", "A zeppelin.")])
    assert not index.optimise()
    index.put([document(f"n{n}", f"Note {n} is about a ship.") for n in range(1_000)])
    before = [(hit.document_id, hit.score) for hit in index.search("note 77 zeppelin", top=5)]
    assert index.optimise()
    assert not index.optimise(), "nothing is left to do"
    assert [(hit.document_id, hit.score) for hit in index.search("note 77 zeppelin", top=5)] == before
    index.remove(["n77"])
    assert "n77" not in {hit.document_id for hit in index.search("note 77", top=50)}
    by_address = create_index(f"milvus://{server}/index{next(_NUMBERS)}", FakeEncoder())
    by_address.put([document(f"n{n}", "A ship.") for n in range(1_000)])
    assert not by_address.optimise(), "a server looks after itself"


def test_an_id_that_milvus_has_no_room_for_is_refused(index: MilvusIndex) -> None:
    index.put([document("a", "A ship.")])
    with pytest.raises(InputError, match="too long"):
        index.put([document("x" * 70_000, "A ship.")])
    assert [item.id for item in index.documents()] == ["a"]


def test_only_one_writer_at_a_time_holds_the_lease(index: MilvusIndex) -> None:
    inside = Inside(index)
    first, second = (Lease(inside.engine, inside.records) for _ in range(2))
    assert first.take()
    assert not second.take()
    assert inside.kinds()["lease"] == 1, "who has to wait leaves no row"
    first.prolong()
    first.check()
    first.give_back()
    assert second.take()
    with pytest.raises(IndexBusy, match="run it again"):
        first.check()


def test_a_lease_that_ran_out_holds_nobody_up_and_lets_nothing_count(
    index: MilvusIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = Inside(index)
    dead, alive = (Lease(inside.engine, inside.records) for _ in range(2))
    assert dead.take()
    now = time.time()
    monkeypatch.setattr("index.milvus.lease.time.time", lambda: now + 1_000)
    assert alive.take()
    assert inside.kinds()["lease"] == 1, "the old row is deleted"
    with pytest.raises(IndexBusy, match="run it again"):
        dead.prolong()
    alive.give_back()
    with held_lease(inside.engine, inside.records) as lease:
        monkeypatch.setattr("index.milvus.lease.time.time", lambda: now + 1_070)
        row = inside.engine.query(inside.records, 'kind == "lease"', ["pk"])
        lease.prolong()
        assert inside.engine.query(inside.records, 'kind == "lease"', ["pk"]) != row


def test_a_writer_whose_lease_was_taken_over_changes_nothing(
    index: MilvusIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = Inside(index)
    insert = Engine.insert

    def lose(engine: Engine, collection: str, rows: list[dict[str, object]]) -> None:
        insert(engine, collection, rows)
        if collection == inside.passages:
            engine.delete(inside.records, 'kind == "lease"')

    monkeypatch.setattr(Engine, "insert", lose)
    with pytest.raises(IndexBusy, match="Nothing was changed"):
        index.put([document("a", "A ship.")])
    monkeypatch.undo()
    assert index.documents() == []
    assert index.search("ship", top=3) == []


def test_a_waiting_writer_gives_up_in_the_end(index: MilvusIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = Inside(index)
    monkeypatch.setattr("index.milvus.lease._WAIT_SECONDS", 0.01)
    with held_lease(inside.engine, inside.records), pytest.raises(IndexBusy, match="Another process"):
        index.put([document("a", "A ship.")])
    index.put([document("a", "A ship.")])
    assert len(index.documents()) == 1


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    head = "import os, sys\nfrom index import *\nfrom tests.fakes import FakeEncoder\nlocation = sys.argv[1]\n"
    return subprocess.run(
        [sys.executable, "-c", head + code, *arguments], capture_output=True, text=True, cwd=ROOT, check=False
    )


def test_a_file_is_kept_when_its_process_is_killed_and_belongs_to_one_process_at_a_time(tmp_path: Path) -> None:
    location = f"milvus:{tmp_path / 'lite.db'}/articles"
    killed = run(
        "index = create_index(location, FakeEncoder())\n"
        "add_texts(index, [('memory:a', 'a', 'A ship.')])\n"
        "from index.milvus import state\n"
        "state.Ledger._add = lambda *_: os._exit(9)\n"
        "add_texts(index, [('memory:b', 'b', 'A bridge.')])\n",
        location,
    )
    assert killed.returncode == 9, killed.stderr
    index = open_index(location, FakeEncoder())
    assert [hit.text for hit in index.search("ship bridge", top=5)] == ["A ship."]
    assert index.problems() == []
    add_texts(index, [("memory:c", "c", "A harbour.")])
    assert Inside(index).kinds() == {"document": 2, "state": 1, "text": 2}
    busy = run(
        "try:\n    open_index(location, FakeEncoder())\nexcept IndexBusy as error:\n    print(error)\n", location
    )
    assert "one process at a time" in busy.stdout, busy.stderr
    assert busy.stderr == ""
    release(read_address(location))


def test_looking_for_an_index_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="qa add"):
        open_index(f"milvus:{tmp_path / 'none.db'}", FakeEncoder())
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file.db").write_text("this is no database")
    with pytest.raises(IndexCorrupt, match="is a folder"):
        create_index(f"milvus:{tmp_path / 'file.db'}", FakeEncoder())
    assert (tmp_path / "file.db").read_text() == "this is no database"


def test_a_server_that_is_not_there_is_named_without_the_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_MILVUS_TOKEN", "secret-token")
    monkeypatch.setenv("QA_MILVUS_PASSWORD", "secret-password")
    with pytest.raises(IndexStateError, match=r"127\.0\.0\.1:1 cannot be reached") as caught:
        open_index("milvus://127.0.0.1:1/articles", FakeEncoder())
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("missing", ["pymilvus", "milvus_lite"])
def test_without_the_extra_packages_it_is_said_how_to_install_them(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(IndexStateError, match=r"pip install 'footnote-qa\[milvus\]'"):
        create_index(place(), FakeEncoder())


@pytest.mark.parametrize(
    ("location", "address"),
    [
        ("milvus://host:19530/articles", Address("articles", server="host:19530")),
        ("milvus:/host:19530/articles", Address("articles", server="host:19530")),
        ("milvus://x.db:19530/a_1/", Address("a_1", server="x.db:19530")),
        ("milvus://[::1]:19530/a", Address("a", server="[::1]:19530")),
        ("milvus:/data/my articles.db/news", Address("news", file=Path("/data/my articles.db"))),
        ("milvus:articles.db", Address("footnote", file=Path("articles.db"))),
        ("milvus:a.db/b.db/c", Address("c", file=Path("a.db/b.db"))),
    ],
)
def test_addresses_of_both_forms_are_read(location: str, address: Address) -> None:
    assert is_address(location)
    assert read_address(location) == address
    assert read_address(str(address)) == address
    assert read_address(Path(location)) == address


@pytest.mark.parametrize(
    "location",
    [
        "milvus:",
        "milvus://host/articles",
        "milvus://host:19530",
        "milvus://host:99999/a",
        "milvus://host:19530/a-b",
        "milvus://user:password@host:19530/a",
        "milvus:articles",
        "milvus:articles.db/a/b",
        "milvus:articles.db/1a",
        "milvus://articles.db/a",
    ],
)
def test_what_is_no_address_is_refused(location: str) -> None:
    with pytest.raises(IndexStateError, match="milvus://HOST:PORT/NAME") as caught:
        create_index(location, FakeEncoder())
    assert "password@" not in str(caught.value)


def test_folders_are_no_addresses() -> None:
    assert not any(is_address(folder) for folder in ("milvus", "/milvus:x", Path("index"), "./milvus:a.db"))


def test_nothing_is_read_from_a_settings_file_that_nobody_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("QA_MILVUS_TOKEN=from-a-file\n")
    code = (
        "os.chdir(sys.argv[2])\nfrom index.milvus.engine import _library\n_library()\n"
        "print('QA_MILVUS_TOKEN' in os.environ)\n"
    )
    done = run("sys.path.insert(0, os.getcwd())\n" + code, "", str(tmp_path))
    assert done.stdout.strip() == "False", done.stderr


def test_adding_files_again_costs_nothing(index: MilvusIndex, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(f"A ship named {name}.")
    assert len(add_files(index, [tmp_path]).new) == 2
    before = index.settings()["generation"]
    assert len(add_files(index, [tmp_path]).unchanged) == 2
    assert index.settings()["generation"] == before
