"""What every index has to do, wherever it is kept: one class of tests that runs against each backend."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import (
    ChunkingSettings,
    Document,
    EncoderMismatch,
    Filter,
    IndexMissing,
    InputError,
    Page,
    PassageIndex,
    UnknownDocument,
    add_files,
    add_texts,
    create_index,
    open_index,
    unchecked_index,
)
from index.identity import document_id
from index.ingest import Outcome, add_sources
from index.loading import Source
from index.opening import index_exists
from tests.fakes import FakeEncoder
from tests.index.making import source
from tests.strategies import texts

HARBOUR = "The harbour was closed on Monday. Nobody knew why. Ships waited outside.\n"
BRIDGE = "The bridge opened in 1932. It cost two million pounds. Ships pass under it.\n"
NOW = datetime(2026, 5, 31, 12, 0, 0, 123456, tzinfo=UTC)

ALIKE = ("/news/9199/報告.txt", "/news/33685/報告.txt")
"""Sources whose SHA-256 begin with the same eight digits, and whose names have no ASCII letter."""

Place = Callable[[], str]
"""Gives a location where nothing is kept yet, another one each time."""


def document(name: str, text: str, title: str | None = None) -> Document:
    """A document whose source follows from its id."""
    return Document(name, name if title is None else title, f"memory:{name}", "0" * 64, text, NOW, len(text))


class IndexContract:
    """Subclasses say where, and how a change is made to fail at the last moment."""

    examples = 40
    """How many examples are tried of each property."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        raise NotImplementedError

    def break_commit(self, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
        """Make the step that lets a change count raise ``error``."""
        raise NotImplementedError

    @pytest.fixture
    def index(self, place: Place) -> PassageIndex:
        return create_index(place(), FakeEncoder())

    @pytest.fixture
    def articles(self, tmp_path: Path) -> Path:
        folder = tmp_path / "articles"
        folder.mkdir()
        (folder / "harbour.txt").write_text(HARBOUR)
        (folder / "bridge.txt").write_text(BRIDGE)
        return folder

    def test_every_passage_found_is_a_slice_of_its_document(self, index: PassageIndex) -> None:
        @settings(max_examples=self.examples)
        @given(texts.filter(lambda text: text.strip()))
        def check(text: str) -> None:
            try:
                content = text.encode("utf-8")
            except UnicodeEncodeError:
                return
            (name,) = add_texts(index, [("memory:a", "a", content.decode())])
            stored = index.document(name).text
            assert stored == text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
            for hit in index.search("the cat sat", top=50):
                assert hit.text == stored[hit.start : hit.end]

        check()

    def test_any_sequence_of_changes_leaves_what_a_dictionary_would_hold(self, place: Place) -> None:
        names = st.sampled_from("abcde")
        words = st.sampled_from(["A ship.", "The bridge opened. It was long.", "Nobody knew why! " * 9, "👍🏽 ok"])
        put = st.dictionaries(names, words, min_size=1, max_size=3)
        remove = st.lists(names, min_size=1, max_size=2)

        @settings(max_examples=self.examples // 2)
        @given(st.lists(put | remove, max_size=6))
        def check(changes: list[dict[str, str] | list[str]]) -> None:
            index = create_index(place(), FakeEncoder(), ChunkingSettings(16, 4))
            model: dict[str, str] = {}
            for change in changes:
                before = int(index.settings()["generation"])
                if isinstance(change, dict):
                    index.put([document(name, text) for name, text in change.items()])
                    model.update(change)
                elif set(change) <= set(model):
                    index.remove(change)
                    model = {name: text for name, text in model.items() if name not in change}
                else:
                    with pytest.raises(UnknownDocument):
                        index.remove(change)
                    assert int(index.settings()["generation"]) == before
                assert {summary.id: summary.characters for summary in index.documents()} == {
                    name: len(text) for name, text in model.items()
                }
                assert {name: index.document(name).text for name in model} == model
                hits = index.search("ship bridge nobody", top=100)
                expected = {(name, span.start, span.end) for name, text in model.items() for span in index.chunk(text)}
                assert {(hit.document_id, hit.start, hit.end) for hit in hits} == expected
                assert all(hit.text == model[hit.document_id][hit.start : hit.end] for hit in hits)
                assert index.passage_count() == len(expected)
            assert index.problems() == []

        check()

    def test_a_document_comes_back_as_it_was_put(self, index: PassageIndex) -> None:
        # Longer than one field of any backend, with characters of four bytes, and cut marks where a field would end.
        text = ("Ships 👩‍👩‍👧‍👦 passed. " * 40_000)[:150_001]
        pages = tuple(Page(n + 1, n * 100, (n + 1) * 100, f"p{n}" if n % 2 else None) for n in range(1_500))
        long = Document("long", 'A "title" \\ %', "/a/'b'/ü.pdf", "a" * 64, text, NOW, 9, pages, "2020-05")
        short = replace(document("short", "A ship."), title="x" * 70_000)
        index.put([long, short])
        assert index.document("long") == long
        assert index.document("short") == short
        assert index.document_from("/a/'b'/ü.pdf") == next(item for item in index.documents() if item.id == "long")
        assert [item.id for item in index.documents()] == ["long", "short"]
        assert index.document_from("/a/b/ü.pdf") is None
        for hit in index.search("ships", top=2_000, within=Filter(documents=("long",))):
            assert hit.text == text[hit.start : hit.end]
        assert index.problems() == []
        assert index.bytes_stored() > len(text)

    def test_what_is_not_there_is_named(self, index: PassageIndex) -> None:
        for name in ("nope", "", '"] or key >= 0 or name in ["'):
            with pytest.raises(UnknownDocument, match="qa list"):
                index.document(name)
            with pytest.raises(UnknownDocument, match="qa list"):
                index.search("ships", top=1, within=Filter(documents=(name,)))
            with pytest.raises(UnknownDocument, match="qa list"):
                index.passage_count(Filter(documents=(name,)))
            assert index.document_from(name) is None

    def test_an_empty_index_finds_nothing(self, index: PassageIndex) -> None:
        assert index.documents() == []
        assert index.search("bridge", top=3) == []
        assert index.search("bridge", top=3, within=Filter(since="2020")) == []
        assert (index.passage_count(), index.passage_count(Filter(since="2020"))) == (0, 0)
        index.put([document("a", "A ship.")])
        assert index.search("ship", top=0) == []
        assert len(index.search("?!", top=3)) == 1

    def test_a_reader_never_sees_half_of_a_change(self, index: PassageIndex) -> None:
        def both(round_: int) -> list[Document]:
            return [document(name, f"Round {round_} of {name}.") for name in ("a", "b")]

        index.put(both(0))
        done = threading.Event()
        failures: list[BaseException] = []

        def write() -> None:
            try:
                for round_ in range(1, 12):
                    index.put(both(round_))
            except BaseException as error:
                failures.append(error)
            finally:
                done.set()

        writer = threading.Thread(target=write)
        writer.start()
        reader = open_index(index.location, FakeEncoder())
        rounds: set[str] = set()
        while not done.is_set():
            found = [hit.text.split()[1] for hit in reader.search("round", top=5)]
            assert len(found) == 2
            assert len(set(found)) == 1, "both documents change together"
            rounds.update(found)
        writer.join()
        assert failures == []
        assert rounds
        assert [hit.text.split()[1] for hit in reader.search("round", top=5)] == ["11", "11"]

    def test_a_change_that_fails_leaves_the_index_as_it_was(
        self, index: PassageIndex, articles: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add_files(index, [articles / "bridge.txt"])
        self.break_commit(monkeypatch, OSError("no space left on device"))
        with pytest.raises(OSError, match="no space"):
            add_files(index, [articles / "harbour.txt"])
        monkeypatch.undo()
        assert [document.title for document in index.documents()] == ["bridge"]
        assert len(index.search("bridge harbour", top=5)) == 1
        assert index.problems() == []
        add_files(index, [articles / "harbour.txt"])
        assert len(index.search("bridge harbour", top=5)) == 2

    def test_there_is_no_index_yet(self, place: Place) -> None:
        location = place()
        with pytest.raises(IndexMissing, match="qa add"):
            open_index(location, FakeEncoder())
        with pytest.raises(IndexMissing, match="qa add"):
            unchecked_index(location, FakeEncoder()).problems()
        assert not index_exists(location, FakeEncoder())
        create_index(location, FakeEncoder())
        assert index_exists(location, FakeEncoder())

    def test_making_an_index_twice_keeps_the_first(self, place: Place) -> None:
        location = place()
        create_index(location, FakeEncoder(), ChunkingSettings(40, 8)).put([document("a", "A ship.")])
        again = create_index(location, FakeEncoder())
        assert again.settings()["max_tokens"] == "40"
        assert [item.id for item in again.documents()] == ["a"]

    def test_new_changed_unchanged_and_failed_files_are_told_apart(self, index: PassageIndex, articles: Path) -> None:
        first = add_files(index, [articles])
        assert (len(first.new), first.changed, first.unchanged, first.failed) == (2, [], [], {})
        before = index.encoder.encoded
        (articles / "bridge.txt").write_text(BRIDGE + "It was painted grey.")
        (articles / "empty.txt").write_text("")
        second = add_files(index, [articles, articles / "nope.txt"])
        assert [index.document(name).title for name in second.changed] == ["bridge"]
        assert [index.document(name).title for name in second.unchanged] == ["harbour"]
        assert {Path(path).name for path in second.failed} == {"empty.txt", "nope.txt"}
        assert index.encoder.encoded - before == 1, "unchanged files must not be embedded again"
        assert len(index.documents()) == 2
        assert index.problems() == []

    def test_search_finds_the_passage_that_shares_the_words(self, index: PassageIndex, articles: Path) -> None:
        add_files(index, [articles])
        hits = index.search("When did the bridge open?", top=2)
        assert index.document(hits[0].document_id).title == "bridge"
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)

    def test_search_can_be_confined_to_documents(self, index: PassageIndex, articles: Path) -> None:
        add_files(index, [articles])
        harbour = index.resolve("harbour.txt")
        hits = index.search("When did the bridge open?", top=5, within=Filter(documents=(harbour,)))
        assert {hit.document_id for hit in hits} == {harbour}

    def test_removed_documents_disappear_from_every_structure(self, index: PassageIndex, articles: Path) -> None:
        add_files(index, [articles])
        index.remove([index.resolve("bridge")])
        assert [hit.document_id for hit in index.search("bridge pounds 1932", top=9)] == [index.resolve("harbour")]
        assert index.problems() == []

    def test_removing_an_unknown_document_removes_nothing(self, index: PassageIndex, articles: Path) -> None:
        add_files(index, [articles])
        with pytest.raises(UnknownDocument):
            index.remove([index.resolve("bridge"), "nope"])
        assert len(index.documents()) == 2

    def test_another_process_sees_the_change(self, index: PassageIndex, articles: Path) -> None:
        reader = open_index(index.location, FakeEncoder())
        assert reader.search("bridge", top=3) == []
        assert reader.passage_count() == 0
        add_files(index, [articles])
        assert reader.passage_count() == index.passage_count() == 2
        assert len(reader.search("bridge", top=3)) == 2
        add_texts(reader, [("memory:x", "x", "A third text about a bridge.")])
        assert len(index.search("bridge", top=3)) == 3

    def test_an_index_of_another_encoder_is_refused_and_can_be_rebuilt(
        self, index: PassageIndex, articles: Path
    ) -> None:
        add_files(index, [articles])
        other = FakeEncoder("1" * 64)
        with pytest.raises(EncoderMismatch, match="qa verify --repair"):
            open_index(index.location, other)
        unchecked = unchecked_index(index.location, other)
        assert len(unchecked.problems()) == 1
        unchecked.rebuild()
        assert unchecked.problems() == []
        assert len(open_index(index.location, other).search("bridge", top=5)) == 2

    def test_a_rebuild_does_not_disturb_those_who_have_the_index_open(
        self, index: PassageIndex, articles: Path
    ) -> None:
        add_files(index, [articles])
        reader = open_index(index.location, FakeEncoder())
        question = "When did the bridge open?"
        before = [(hit.text, hit.score) for hit in reader.search(question, top=5)]
        assert [(hit.text, hit.score) for hit in index.search(question, top=5)] == before
        for repaired in (index, unchecked_index(index.location, FakeEncoder())):
            repaired.rebuild()
            for seen in (index, reader):
                assert [(hit.text, hit.score) for hit in seen.search(question, top=5)] == before
                assert seen.problems() == []

    def test_who_has_the_index_open_is_told_when_another_encoder_has_made_its_vectors_anew(
        self, index: PassageIndex, articles: Path
    ) -> None:
        add_files(index, [articles])
        index.search("bridge", top=5)
        unchecked_index(index.location, FakeEncoder("1" * 64)).rebuild()
        with pytest.raises(EncoderMismatch, match="qa verify --repair"):
            index.search("bridge", top=5)
        with pytest.raises(EncoderMismatch, match="qa verify --repair"):
            index.put([document("d", "A zeppelin.")])
        assert len(index.documents()) == 2
        index.rebuild()
        assert len(index.search("bridge", top=5)) == 2

    def test_sources_that_would_get_the_same_id_are_two_documents(self, place: Place) -> None:
        short = document_id(ALIKE[0])
        assert short == document_id(ALIKE[1]) == "835ea40e"
        together, after_another, from_files = (create_index(place(), FakeEncoder()) for _ in range(3))
        add_texts(together, [(name, "report", f"A report from {name}.") for name in ALIKE])
        for name in ALIKE:
            add_texts(after_another, [(name, "report", f"A report from {name}.")])
        outcomes: list[Outcome] = []
        sources = [Source(name, lambda name=name: source(name, f"A report from {name}.".encode())) for name in ALIKE]
        for _ in range(2):
            add_sources(from_files, sources, outcomes.append)
        assert [outcome.kind for outcome in outcomes] == ["new", "new", "unchanged", "unchanged"]
        for index in (together, after_another, from_files):
            found = {summary.source: summary.id for summary in index.documents()}
            assert found == {ALIKE[0]: short, ALIKE[1]: document_id(ALIKE[1], 16)}
            for name in ALIKE:
                assert index.document(found[name]).text == f"A report from {name}."

    def test_an_id_stays_with_its_source(self, index: PassageIndex) -> None:
        _, longer = add_texts(index, [(name, "report", f"A report from {name}.") for name in ALIKE])
        assert add_texts(index, [(ALIKE[1], "report", "Changed.")]) == [longer]
        index.remove([document_id(ALIKE[0])])
        assert add_texts(index, [(ALIKE[1], "report", "Changed again.")]) == [longer]
        assert [summary.id for summary in index.documents()] == [longer]
        assert index.document(longer).text == "Changed again."
        assert index.problems() == []

    def test_documents_never_take_the_place_of_those_of_other_sources(self, index: PassageIndex) -> None:
        index.put([document("a", "A ship."), document("b", "A bridge.")])
        twin = document("c", "A harbour.")
        with pytest.raises(InputError, match="differ"):
            index.put([twin, twin])
        with pytest.raises(InputError, match="differ"):
            index.put([twin, replace(twin, id="d")])
        with pytest.raises(InputError, match="as the document a"):
            index.put([replace(twin, source="memory:a")])
        with pytest.raises(InputError, match="belongs to memory:a"):
            index.put([document("b", "Another bridge."), replace(twin, id="a")])
        assert {item.id: index.document(item.id).text for item in index.documents()} == {
            "a": "A ship.",
            "b": "A bridge.",
        }
        assert index.problems() == []

    @pytest.mark.parametrize(
        ("within", "titles"),
        [
            (Filter(since="2020"), {"b", "c", "d"}),
            (Filter(since="2020-06"), {"b", "c", "d"}),
            (Filter(since="2020-06-02"), {"c", "d"}),
            (Filter(until="2020"), {"a", "b", "d"}),
            (Filter(until="2020-05"), {"a", "d"}),
            (Filter(since="2020-02", until="2020-11"), {"b", "d"}),
            (Filter(sources=("*/news/*", "x/d*")), {"a", "b", "d"}),
            (Filter(sources=("*/news/*",), since="2020"), {"b"}),
            (Filter(), {"a", "b", "c", "d", "e"}),
            (Filter(documents=()), set()),
        ],
    )
    def test_filters_by_date_and_source(self, index: PassageIndex, within: Filter, titles: set[str]) -> None:
        dates = {"a": "2019-12-31", "b": "2020-06-01", "c": "2021", "d": "2020", "e": None}
        sources = {"a": "x/news/a.txt", "b": "x/news/b.txt", "c": "x/c.txt", "d": "x/d.txt", "e": "x/e.txt"}
        now = datetime.now(UTC)
        index.put(
            [Document(name, name, sources[name], "0" * 64, f"Text {name}.", now, 7, (), dates[name]) for name in dates]
        )
        assert {hit.document_id for hit in index.search("text", top=9, within=within)} == titles
        assert index.passage_count(within) == len(titles)

    def test_names_resolve_to_one_document(self, index: PassageIndex, articles: Path) -> None:
        add_files(index, [articles])
        full = index.resolve("bridge.txt")
        assert full == index.resolve(full) == index.resolve("bridge-") == index.resolve(str(articles / "bridge.txt"))
        with pytest.raises(UnknownDocument, match="no document"):
            index.resolve("")
        (other,) = add_texts(index, [("elsewhere/bridge.txt", "bridge", "Another bridge.")])
        with pytest.raises(UnknownDocument, match="Several documents"):
            index.resolve("bridge-")
        with pytest.raises(UnknownDocument, match="Several documents"):
            index.resolve("bridge.txt")
        assert index.resolve("bridge.txt", without={full}) == other
        with pytest.raises(UnknownDocument, match="no document"):
            index.resolve(full, without={full})

    @pytest.mark.parametrize("name", ["a\0b", "\0", "\ud800", "x" * 5_000, "a/" * 3_000])
    def test_name_that_no_path_can_have_is_no_document(self, index: PassageIndex, name: str) -> None:
        add_texts(index, [("bridge.txt", "bridge", "The bridge.")])
        with pytest.raises(UnknownDocument, match="no document"):
            index.resolve(name)

    def test_a_question_is_never_query_syntax(self, index: PassageIndex, articles: Path) -> None:
        add_files(index, [articles])
        for question in ['" OR "', "bridge NEAR/2 (harbour*", "text:bridge", "-- ; DROP TABLE words", "?!", "NOT AND"]:
            assert len(index.search(question, top=5)) == 2
