"""The index on disk: adding, replacing, removing, searching, and every way it can be broken."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from index import (
    EncoderMismatch,
    IndexCorrupt,
    IndexMissing,
    PassageIndex,
    UnknownDocument,
    add_files,
    add_texts,
)
from index.retriever import Candidate, fuse, standardized
from index.verify import find_problems
from tests.fakes import FakeEncoder
from tests.strategies import texts

HARBOUR = "The harbour was closed on Monday. Nobody knew why. Ships waited outside.\n"
BRIDGE = "The bridge opened in 1932. It cost two million pounds. Ships pass under it.\n"


@pytest.fixture
def index(tmp_path: Path) -> PassageIndex:
    return PassageIndex.create(tmp_path / "index", FakeEncoder())


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
    assert find_problems(index.folder, index.encoder) == []


def test_search_finds_the_passage_that_shares_the_words(index: PassageIndex, articles: Path) -> None:
    add_files(index, [articles])
    hits = index.search("When did the bridge open?", top=2)
    assert index.document(hits[0].document_id).title == "bridge"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_search_can_be_confined_to_documents(index: PassageIndex, articles: Path) -> None:
    add_files(index, [articles])
    harbour = index.resolve("harbour.txt")
    hits = index.search("When did the bridge open?", top=5, documents=[harbour])
    assert {hit.document_id for hit in hits} == {harbour}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts.filter(lambda text: text.strip()))
def test_every_passage_found_is_a_slice_of_its_document(tmp_path: Path, text: str) -> None:
    index = PassageIndex.create(tmp_path / "index", FakeEncoder())
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
    assert find_problems(index.folder, index.encoder) == []


def test_removing_an_unknown_document_removes_nothing(index: PassageIndex, articles: Path) -> None:
    add_files(index, [articles])
    with pytest.raises(UnknownDocument):
        index.remove([index.resolve("bridge"), "nope"])
    assert len(index.documents()) == 2


def test_another_process_sees_the_change(index: PassageIndex, articles: Path) -> None:
    reader = PassageIndex.open(index.folder, FakeEncoder())
    assert reader.search("bridge", top=3) == []
    add_files(index, [articles])
    assert len(reader.search("bridge", top=3)) == 2
    add_texts(reader, [("memory:x", "x", "A third text about a bridge.")])
    assert len(index.search("bridge", top=3)) == 3


def test_a_change_that_fails_leaves_the_index_as_it_was(index: PassageIndex, articles: Path, monkeypatch) -> None:
    add_files(index, [articles / "bridge.txt"])

    def full(self, path):
        raise OSError("no space left on device")

    monkeypatch.setattr("index.vectors.VectorIndex.save", full)
    with pytest.raises(OSError, match="no space"):
        add_files(index, [articles / "harbour.txt"])
    monkeypatch.undo()
    assert [document.title for document in index.documents()] == ["bridge"]
    assert len(index.search("bridge harbour", top=5)) == 1
    assert find_problems(index.folder, index.encoder) == []


def test_there_is_no_index_yet(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="qa add"):
        PassageIndex.open(tmp_path / "none", FakeEncoder())
    assert not (tmp_path / "none").exists()


def test_an_empty_or_damaged_database_is_named_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    for content in (b"", b"this is no database" * 100):
        path.write_bytes(content)
        with pytest.raises(IndexCorrupt, match=r"index\.sqlite"):
            PassageIndex.create(tmp_path, FakeEncoder())
        assert path.read_bytes() == content


def test_an_index_of_another_encoder_is_refused_and_can_be_rebuilt(index: PassageIndex, articles: Path) -> None:
    add_files(index, [articles])
    other = FakeEncoder("1" * 64)
    with pytest.raises(EncoderMismatch, match="qa verify --repair"):
        PassageIndex.open(index.folder, other)
    assert len(find_problems(index.folder, other)) == 1
    PassageIndex(index.folder, other).rebuild()
    assert find_problems(index.folder, other) == []
    assert len(PassageIndex.open(index.folder, other).search("bridge", top=5)) == 2


@pytest.mark.parametrize("damage", ["missing", "garbage", "truncated"])
def test_damaged_vectors_are_found_and_rebuilt(index: PassageIndex, articles: Path, damage: str) -> None:
    add_files(index, [articles])
    (path,) = index.folder.glob("vectors-*.faiss")
    if damage == "missing":
        path.unlink()
    elif damage == "garbage":
        path.write_bytes(b"garbage" * 20)
    else:
        path.write_bytes(path.read_bytes()[:100])
    fresh = PassageIndex.open(index.folder, FakeEncoder())
    with pytest.raises(IndexCorrupt, match="qa verify --repair"):
        fresh.search("bridge", top=3)
    assert find_problems(index.folder, index.encoder)
    fresh.rebuild()
    assert find_problems(index.folder, index.encoder) == []
    assert len(fresh.search("bridge", top=3)) == 2


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
