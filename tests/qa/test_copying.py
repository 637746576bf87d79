"""Copying an index: to every kind from every kind, again after a stop, and never over what another encoder made."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import index
from index import (
    ChunkingSettings,
    Document,
    EncoderMismatch,
    IndexMissing,
    IndexStateError,
    Page,
    PassageIndex,
    create_index,
    open_index,
)
from index.milvus.address import read_address
from index.milvus.engine import release
from index.opening import same_place
from qa.cli import copying
from qa.cli.commands import app
from qa.feedback import FeedbackStore, collect_feedback
from tests.fakes import FakeEncoder
from tests.qa.feedback.making import make_entry, place_of

OLD = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
BRIDGE = Document(
    "bridge",
    "The bridge",
    "/gone/bridge.pdf",
    "a" * 64,
    "It opened. 👍🏽\n" * 2_000,
    OLD,
    7,
    (Page(1, 0, 9, "iv"),),
    "1932",
)
HARBOUR = Document("harbour", "Harbour", "memory:harbour", "b" * 64, "It was closed.", OLD, 14)


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Gives new locations of a kind, ``folder`` or ``milvus``."""
    numbers = itertools.count()
    yield (
        lambda kind: (
            str(tmp_path / f"index{next(numbers)}")
            if kind == "folder"
            else f"milvus:{tmp_path / 'lite.db'}/i{next(numbers)}"
        )
    )
    release(read_address(f"milvus:{tmp_path / 'lite.db'}"))


def held(store: PassageIndex) -> list[Document]:
    return [store.document(summary.id) for summary in store.documents()]


@pytest.mark.parametrize(
    ("start", "end"), [("folder", "milvus"), ("milvus", "folder"), ("milvus", "milvus"), ("folder", "folder")]
)
def test_everything_about_documents_is_copied_and_the_origin_stays(places, start: str, end: str) -> None:
    source = create_index(places(start), FakeEncoder(), ChunkingSettings(40, 8))
    source.put([BRIDGE, HARBOUR])
    before = source.settings()
    target = copying.open_destination(places(end), source, FakeEncoder())
    seen: list[tuple[int, int]] = []
    report = copying.copy_documents(source, target, lambda done, total: seen.append((done, total)))
    assert (report.copied, report.skipped) == (2, 0)
    assert seen == [(0, 2), (1, 2), (2, 2)]
    assert held(target) == held(source) == [HARBOUR, BRIDGE]
    assert source.settings() == before
    assert target.settings()["max_tokens"] == "40"
    assert target.problems() == []
    found, expected = (store.search("it opened", top=3) for store in (target, source))
    assert [(hit.document_id, hit.start, hit.text) for hit in found] == [
        (hit.document_id, hit.start, hit.text) for hit in expected
    ]


def test_copying_goes_on_where_it_stopped(places, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = (create_index(places("folder"), FakeEncoder()) for _ in range(2))
    source.put([BRIDGE, HARBOUR, replace(HARBOUR, id="third", source="memory:third")])
    monkeypatch.setattr("qa.cli.copying._GROUP_CHARACTERS", 1)
    put, calls = target.put, itertools.count()

    def stop_at_third(documents: list[Document]) -> None:
        if next(calls) == 2:
            raise KeyboardInterrupt
        put(documents)

    monkeypatch.setattr(target, "put", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        copying.copy_documents(source, target)
    assert len(target.documents()) == 2
    embedded = target.encoder.encoded
    report = copying.copy_documents(source, target)
    assert (report.copied, report.skipped) == (1, 2)
    assert target.encoder.encoded > embedded
    assert held(target) == held(source)
    embedded = target.encoder.encoded
    assert copying.copy_documents(source, target).skipped == 3
    assert target.encoder.encoded == embedded, "what is there already costs nothing"


def test_a_document_that_is_removed_meanwhile_is_passed_over(places) -> None:
    source, target = (create_index(places("folder"), FakeEncoder()) for _ in range(2))
    source.put([BRIDGE, HARBOUR])
    last = source.documents()[-1].id
    report = copying.copy_documents(source, target, lambda done, _total: source.remove([last]) if done == 0 else None)
    assert report.copied == 1
    assert held(target) == held(source)


def test_a_document_that_changed_is_replaced_and_others_of_the_target_stay(places) -> None:
    source, target = (create_index(places("folder"), FakeEncoder()) for _ in range(2))
    source.put([HARBOUR])
    target.put([replace(HARBOUR, sha256="c" * 64, text="It was open."), BRIDGE])
    copying.copy_documents(source, target)
    assert held(target) == [HARBOUR, BRIDGE]


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MiniLMEncoder", FakeEncoder)


def test_the_command_copies_and_tells_what_it_did(places, faked: None) -> None:
    start, end = places("folder"), places("milvus")
    create_index(start, FakeEncoder()).put([BRIDGE, HARBOUR])
    for copied, skipped in ((2, 0), (0, 2)):
        done = CliRunner().invoke(app, ["copy", start, end])
        assert done.exit_code == 0, done.output
        assert done.stdout == f"copied   {copied}\nskipped  {skipped}\n"
    assert held(open_index(end, FakeEncoder())) == [HARBOUR, BRIDGE]


def test_feedback_comes_along_once_and_the_latest_word_counts(places, faked: None) -> None:
    start, end = places("folder"), places("folder")
    for location in (start, end):
        create_index(location, FakeEncoder()).put([HARBOUR])
    old, new = (FeedbackStore(Path(location) / "feedback") for location in (start, end))
    asked = ("What was closed?", place_of(HARBOUR, "It"))
    old.add(make_entry("wrong", "Who closed it?").model_copy(update={"id": "a"}))
    old.add(make_entry("no_answer", *asked).model_copy(update={"id": "b", "time": OLD}))
    new.add(make_entry("right", *asked).model_copy(update={"id": "c"}))
    for more in ("feedback 2\n", ""):
        done = CliRunner().invoke(app, ["copy", start, end])
        assert done.stdout == f"copied   0\nskipped  1\n{more}"
    assert [entry.id for entry in new.read().entries] == ["c", "a", "b"]
    collected = collect_feedback(new.read().entries, open_index(end, FakeEncoder()).document)
    assert (collected.questions, collected.unanswerable, collected.wrong) == (1, 0, 1)


def test_an_index_of_another_encoder_is_read_but_never_written(places, faked: None) -> None:
    start, end = places("folder"), places("folder")
    other = FakeEncoder("1" * 64)
    create_index(start, other).put([HARBOUR])
    assert CliRunner().invoke(app, ["copy", start, end]).exit_code == 0
    assert open_index(end, FakeEncoder()).search("closed", top=1)[0].document_id == "harbour"
    done = CliRunner().invoke(app, ["copy", end, start])
    assert isinstance(done.exception, EncoderMismatch)
    assert held(open_index(start, other)) == [HARBOUR]


def test_an_index_is_not_copied_to_itself_nor_from_nowhere(places, faked: None, tmp_path: Path) -> None:
    start = places("folder")
    create_index(start, FakeEncoder())
    done = CliRunner().invoke(app, ["copy", start, f"{start}/../{Path(start).name}"])
    assert isinstance(done.exception, IndexStateError)
    assert "copy from" in str(done.exception)
    done = CliRunner().invoke(app, ["copy", str(tmp_path / "none"), str(tmp_path / "new")])
    assert isinstance(done.exception, IndexMissing)
    assert not (tmp_path / "new").exists()


def test_places_are_compared_by_what_they_mean(tmp_path: Path) -> None:
    assert same_place("milvus:a.db", "milvus:./b/../a.db/footnote")
    assert same_place("milvus://host:1/a", "milvus:/host:1/a/")
    assert not same_place("milvus://host:1/a", "milvus://host:1/b")
    assert not same_place("milvus:a.db/x", "a.db/x")
    assert same_place(tmp_path, f"{tmp_path}/x/..")


def test_wrong_paths_leave_no_empty_index_at_an_address(tmp_path: Path, faked: None) -> None:
    location = f"milvus:{tmp_path / 'lite.db'}/articles"
    done = CliRunner().invoke(app, ["add", str(tmp_path / "gone.txt"), "--index", location])
    assert done.exit_code == 1
    assert list(tmp_path.iterdir()) == []
