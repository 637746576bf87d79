"""The index on disk: adding, replacing, removing, searching, and every way it can be broken."""

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from index import (
    Document,
    EncoderMismatch,
    Filter,
    IndexCorrupt,
    IndexMissing,
    InputError,
    PassageIndex,
    Ranking,
    UnknownDocument,
    add_files,
    add_texts,
    create_index,
    open_index,
    unchecked_index,
)
from index.interface import check_date
from index.local import LocalIndex
from index.retriever import Candidate, fuse, standardized
from tests.fakes import FakeEncoder
from tests.strategies import texts

HARBOUR = "The harbour was closed on Monday. Nobody knew why. Ships waited outside.\n"
BRIDGE = "The bridge opened in 1932. It cost two million pounds. Ships pass under it.\n"


@pytest.fixture
def index(tmp_path: Path) -> PassageIndex:
    return create_index(tmp_path / "index", FakeEncoder())


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "harbour.txt").write_text(HARBOUR)
    (folder / "bridge.txt").write_text(BRIDGE)
    return folder


def test_new_changed_unchanged_and_failed_files_are_told_apart(index: PassageIndex, articles: Path) -> None:
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


def test_search_finds_the_passage_that_shares_the_words(index: PassageIndex, articles: Path) -> None:
    add_files(index, [articles])
    hits = index.search("When did the bridge open?", top=2)
    assert index.document(hits[0].document_id).title == "bridge"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_search_can_be_confined_to_documents(index: PassageIndex, articles: Path) -> None:
    add_files(index, [articles])
    harbour = index.resolve("harbour.txt")
    hits = index.search("When did the bridge open?", top=5, within=Filter(documents=(harbour,)))
    assert {hit.document_id for hit in hits} == {harbour}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts.filter(lambda text: text.strip()))
def test_every_passage_found_is_a_slice_of_its_document(tmp_path: Path, text: str) -> None:
    index = create_index(tmp_path / "index", FakeEncoder())
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError:
        return
    (name,) = add_texts(index, [("memory:a", "a", content.decode())])
    stored = index.document(name).text
    assert stored == text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for hit in index.search("the cat sat", top=50):
        assert hit.text == stored[hit.start : hit.end]


def test_removed_documents_disappear_from_every_structure(index: PassageIndex, articles: Path) -> None:
    add_files(index, [articles])
    index.remove([index.resolve("bridge")])
    assert [hit.document_id for hit in index.search("bridge pounds 1932", top=9)] == [index.resolve("harbour")]
    assert index.problems() == []


def test_removing_an_unknown_document_removes_nothing(index: PassageIndex, articles: Path) -> None:
    add_files(index, [articles])
    with pytest.raises(UnknownDocument):
        index.remove([index.resolve("bridge"), "nope"])
    assert len(index.documents()) == 2


def test_another_process_sees_the_change(index: PassageIndex, articles: Path) -> None:
    reader = open_index(index.location, FakeEncoder())
    assert reader.search("bridge", top=3) == []
    add_files(index, [articles])
    assert len(reader.search("bridge", top=3)) == 2
    add_texts(reader, [("memory:x", "x", "A third text about a bridge.")])
    assert len(index.search("bridge", top=3)) == 3


def test_a_change_that_fails_leaves_the_index_as_it_was(index: PassageIndex, articles: Path, monkeypatch) -> None:
    add_files(index, [articles / "bridge.txt"])

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("index.local.records.note_change", full)
    with pytest.raises(OSError, match="no space"):
        add_files(index, [articles / "harbour.txt"])
    monkeypatch.undo()
    assert [document.title for document in index.documents()] == ["bridge"]
    assert len(index.search("bridge harbour", top=5)) == 1
    assert index.problems() == []


def test_there_is_no_index_yet(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="qa add"):
        open_index(tmp_path / "none", FakeEncoder())
    assert not (tmp_path / "none").exists()


def test_an_empty_or_damaged_database_is_named_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    for content in (b"", b"this is no database" * 100):
        path.write_bytes(content)
        with pytest.raises(IndexCorrupt, match=r"index\.sqlite"):
            create_index(tmp_path, FakeEncoder())
        assert path.read_bytes() == content


def test_an_index_of_another_encoder_is_refused_and_can_be_rebuilt(index: PassageIndex, articles: Path) -> None:
    add_files(index, [articles])
    other = FakeEncoder("1" * 64)
    with pytest.raises(EncoderMismatch, match="qa verify --repair"):
        open_index(index.location, other)
    unchecked = unchecked_index(index.location, other)
    assert len(unchecked.problems()) == 1
    unchecked.rebuild()
    assert unchecked.problems() == []
    assert len(open_index(index.location, other).search("bridge", top=5)) == 2


@pytest.fixture
def large(index: PassageIndex, articles: Path) -> LocalIndex:
    """An index that keeps its vectors in a file, as large ones do."""
    if not isinstance(index, LocalIndex):
        raise TypeError(index)
    add_files(index, [articles])
    add_texts(
        index, ((f"memory:{n}", f"note {n}", f"Note {n} is about item {n * 7} and nothing else.") for n in range(60))
    )
    assert index.optimise(limit=10)
    assert not index.optimise(limit=10), "nothing is left to do"
    return index


@pytest.mark.parametrize("damage", ["missing", "garbage", "truncated", "one bit"])
def test_a_damaged_vector_file_is_found_and_rebuilt(large: LocalIndex, damage: str) -> None:
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
def test_changes_behind_its_back_are_found(index: PassageIndex, articles: Path, damage: str) -> None:
    add_files(index, [articles])
    with contextlib.closing(sqlite3.connect(Path(index.location) / "index.sqlite")) as connection:
        connection.execute(damage)
        connection.commit()
    assert index.problems()
    index.rebuild()
    # The text is what everything else is made from: that it has changed is still said after a repair.
    assert bool(index.problems()) is damage.startswith("UPDATE documents")


def test_a_large_index_finds_what_was_added_since_and_not_what_was_removed(large: LocalIndex) -> None:
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


def test_a_large_index_ranks_like_an_exact_one(large: LocalIndex, tmp_path: Path) -> None:
    exact = create_index(tmp_path / "exact", FakeEncoder())
    for summary in large.documents():
        exact.put([large.document(summary.id)])
    for question in ("note about item 70", "When did the bridge open?", "ships"):
        given = [(hit.document_id, hit.start, hit.score) for hit in large.search(question, top=10)]
        assert given == [(hit.document_id, hit.start, hit.score) for hit in exact.search(question, top=10)]


def test_a_new_vector_file_replaces_the_old_one_under_a_reader(large: LocalIndex) -> None:
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
def test_filters_by_date_and_source(index: PassageIndex, within: Filter, titles: set[str]) -> None:
    dates = {"a": "2019-12-31", "b": "2020-06-01", "c": "2021", "d": "2020", "e": None}
    sources = {"a": "x/news/a.txt", "b": "x/news/b.txt", "c": "x/c.txt", "d": "x/d.txt", "e": "x/e.txt"}
    now = datetime.now(UTC)
    index.put(
        [Document(name, name, sources[name], "0" * 64, f"Text {name}.", now, 7, (), dates[name]) for name in dates]
    )
    assert {hit.document_id for hit in index.search("text", top=9, within=within)} == titles


@pytest.mark.parametrize("text", ["2020-13", "20200531", "May", "", "2020-02-30", "2020-W01-1"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="2020-05-31"):
        check_date(text)


def test_common_words_do_not_decide_alone_which_passages_are_scored(index: PassageIndex, monkeypatch) -> None:
    add_texts(
        index,
        [(f"memory:{n}", f"{n}", f"The town council met again. Point {n}.") for n in range(50)]
        + [("memory:x", "x", "The town council heard about the zeppelin.")],
    )
    exact = index.search("What did the town council hear about zeppelin?", top=5, ranking=Ranking(dense_weight=0))
    monkeypatch.setattr("index.local.words.WORK", 10)
    fast = index.search("What did the town council hear about zeppelin?", top=5, ranking=Ranking(dense_weight=0))
    assert fast[0].text == exact[0].text == "The town council heard about the zeppelin."


def test_names_resolve_to_one_document(index: PassageIndex, articles: Path) -> None:
    add_files(index, [articles])
    full = index.resolve("bridge.txt")
    assert full == index.resolve(full) == index.resolve("bridge-") == index.resolve(str(articles / "bridge.txt"))
    with pytest.raises(UnknownDocument, match="no document"):
        index.resolve("")
    add_texts(index, [("elsewhere/bridge.txt", "bridge", "Another bridge.")])
    with pytest.raises(UnknownDocument, match="Several documents"):
        index.resolve("bridge-")


def test_a_question_is_never_query_syntax(index: PassageIndex, articles: Path) -> None:
    add_files(index, [articles])
    for question in ['" OR "', "bridge NEAR/2 (harbour*", "text:bridge", "-- ; DROP TABLE words", "?!", "NOT AND"]:
        assert len(index.search(question, top=5)) == 2


def test_fusion_ranks_by_both_scores_and_breaks_ties_by_place() -> None:
    rows = [
        Candidate(1, ("b", 0, 5), 0.9, 0.0),
        Candidate(2, ("a", 7, 9), 0.1, 8.0),
        Candidate(3, ("a", 0, 5), 0.1, 8.0),
    ]
    # Cosines 0.9, 0.1, 0.1: z = sqrt(2), -sqrt(1/2) twice; BM25 0, 8, 8: the same with opposite signs.
    # At equal weights every sum is 0, so the places alone decide.
    assert [candidate.id for candidate, _ in fuse(rows)] == [3, 2, 1]
    assert [candidate.id for candidate, _ in fuse(rows, dense_weight=1.0)] == [1, 3, 2]
    assert [score for _, score in fuse(rows, dense_weight=1.0)] == pytest.approx([2**0.5, -(0.5**0.5), -(0.5**0.5)])


def test_equal_scores_standardize_to_zero() -> None:
    assert standardized(np.array([0.1 + 0.2, 0.3, 0.3])).tolist() == [0.0, 0.0, 0.0]


def test_fusion_refuses_a_weight_out_of_range() -> None:
    with pytest.raises(ValueError, match="dense_weight"):
        fuse([], dense_weight=1.5)
