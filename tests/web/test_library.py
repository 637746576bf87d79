"""The documents panel's service, on a real index with a tiny encoder."""

import io
import os
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.errors import DocumentError, IndexBusy, IndexMissing, UnknownDocument
from index.ingest import add_files
from index.interface import Filter
from index.local.store import LocalIndex
from tests.fakes import FakeEncoder
from web.adding import OnConflict
from web.jobs import Job, QueueFull
from web.library import Library, NamesTaken
from web.listing import list_documents, status_of
from web.uploads import UploadLimits, UploadRefused

NO_LIMITS = UploadLimits(spare=0)


class Desk:
    """A library on an index in a folder, which it makes itself when it is needed."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.encoder = FakeEncoder()
        self.held: LocalIndex | None = None
        self.library = Library(lambda: self.held, self.make, **{"limits": NO_LIMITS, "undo_seconds": 30.0, **settings})

    def make(self) -> None:
        self.held = LocalIndex.create(self.folder, self.encoder)

    @property
    def index(self) -> LocalIndex:
        assert self.held is not None
        return self.held

    def begin(self, *files: tuple[str, bytes]) -> str:
        upload = self.library.begin_upload([(name, len(content)) for name, content in files])
        for number, (_, content) in enumerate(files):
            receiver = self.library.receive(upload.id, number)
            receiver.write(content[:7])
            receiver.write(content[7:])
            receiver.close()
        return upload.id

    def add(self, *files: tuple[str, bytes], on_conflict: OnConflict = "ask") -> Job:
        return self.ended(self.library.finish_upload(self.begin(*files), on_conflict))

    def ended(self, job: Job) -> Job:
        assert self.library.jobs.wait(30)
        return job

    def kept(self) -> list[str]:
        folder = self.folder / "uploads"
        return sorted(path.name for path in folder.iterdir() if path.is_file())

    def incoming(self) -> list[Path]:
        return list((self.folder / "uploads" / ".incoming").iterdir())

    def titles(self) -> list[str]:
        return [summary.title for summary in self.library.documents()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "index")


def zipped(**members: str) -> bytes:
    """A zip archive that is the same bytes whenever it is made: a bare name would be stored with the time of day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", "/") + ".txt"), text)
    return buffer.getvalue()


def kinds(job: Job) -> dict[str, str]:
    return {result.source: result.kind for result in job.results}


def holding(desk: Desk, monkeypatch: pytest.MonkeyPatch, word: str) -> tuple[threading.Event, threading.Event]:
    """Texts that hold ``word`` wait while they are embedded: gives what is set when one is there, and what lets it go."""
    began, may_go = threading.Event(), threading.Event()
    encode = desk.encoder.encode

    def slow(texts: Any, on_progress: Any = None) -> Any:
        if any(word in text for text in texts):
            began.set()
            assert may_go.wait(10)
        return encode(texts, on_progress)

    monkeypatch.setattr(desk.encoder, "encode", slow)
    return began, may_go


def sources(desk: Desk) -> list[str]:
    """Sources of all documents, as they stand under the uploads."""
    start = f"{desk.folder / 'uploads'}{os.sep}"
    return sorted(summary.source.removeprefix(start) for summary in desk.index.documents())


# ---- adding ----


def test_the_first_upload_makes_the_index_and_keeps_the_original(desk: Desk) -> None:
    job = desk.add(("report.txt", b"The river rose by two metres."))
    assert (job.state, kinds(job)) == ("done", {"report.txt": "new"})
    (summary,) = desk.library.documents()
    assert summary.title == "report"
    assert Path(summary.source) == desk.folder / "uploads" / "report.txt"
    assert Path(summary.source).read_bytes() == b"The river rose by two metres."
    assert status_of(summary) == "ready"
    assert desk.incoming() == []
    assert (desk.folder / "uploads").stat().st_mode & 0o077 == 0
    assert job.passages == 1


def test_new_changed_unchanged_and_failed_are_told_apart(desk: Desk) -> None:
    desk.add(("a.txt", b"One."), ("b.txt", b"Two."))
    job = desk.add(
        ("a.txt", b"One."), ("b.txt", b"Two, changed."), ("c.txt", b"Three."), ("d.txt", b""), on_conflict="replace"
    )
    assert kinds(job) == {"a.txt": "unchanged", "b.txt": "changed", "c.txt": "new", "d.txt": "failed"}
    assert next(result.message for result in job.results if result.kind == "failed") == (
        "the file is empty. Get a complete copy, or leave it out."
    )
    assert desk.kept() == ["a.txt", "b.txt", "c.txt"]
    assert (desk.folder / "uploads" / "b.txt").read_bytes() == b"Two, changed."


def test_an_archive_of_a_taken_name_is_asked_about_only_when_it_differs(desk: Desk) -> None:
    desk.add(("folder.zip", zipped(a="Alpha words.", b="Beta words.")))
    desk.add(("folder.zip", zipped(a="Alpha words.", b="Beta words.")))
    upload = desk.begin(("folder.zip", zipped(a="Alpha words, changed.", b="Beta words.")))
    with pytest.raises(NamesTaken):
        desk.library.finish_upload(upload)
    job = desk.ended(desk.library.finish_upload(upload, "replace"))
    assert kinds(job) == {"folder.zip!/a.txt": "changed", "folder.zip!/b.txt": "unchanged"}
    assert len(desk.titles()) == 2


def test_a_name_that_is_taken_is_asked_about(desk: Desk) -> None:
    desk.add(("a.txt", b"First words."))
    upload = desk.begin(("a.txt", b"Other words."))
    with pytest.raises(NamesTaken) as told:
        desk.library.finish_upload(upload)
    assert told.value.names == ["a.txt"]
    job = desk.ended(desk.library.finish_upload(upload, "keep_both"))
    assert kinds(job) == {"a (2).txt": "new"}
    assert desk.titles() == ["a", "a (2)"]
    again = desk.add(("a.txt", b"Other words."), on_conflict="keep_both")
    assert kinds(again) == {"a (2).txt": "unchanged"}
    assert len(desk.titles()) == 2


def test_a_file_that_fails_does_not_replace_the_one_before(desk: Desk) -> None:
    desk.add(("a.txt", b"First words."))
    job = desk.add(("a.txt", b"\x00\x01binary"), on_conflict="replace")
    assert kinds(job) == {"a.txt": "failed"}
    assert desk.index.document(desk.library.documents()[0].id).text == "First words."
    assert (desk.folder / "uploads" / "a.txt").read_bytes() == b"First words."


def test_a_name_that_is_taken_after_it_was_asked_about_is_kept_beside(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, may_go = holding(desk, monkeypatch, "slowly")
    desk.library.finish_upload(desk.begin(("first.txt", b"This is added slowly.")))
    assert began.wait(10)
    for content in (b"One report.", b"Another report."):
        job = desk.library.finish_upload(desk.begin(("r.txt", content), ("r.zip", zipped(a=f"{content!r} zipped."))))
    may_go.set()
    desk.ended(job)
    assert kinds(job) == {"r (2).txt": "new", "r (2).zip!/a.txt": "new"}
    assert sources(desk) == ["first.txt", "r (2).txt", "r (2).zip!/a.txt", "r.txt", "r.zip!/a.txt"]
    assert (desk.folder / "uploads" / "r.txt").read_bytes() == b"One report."
    assert (desk.folder / "uploads" / "r (2).txt").read_bytes() == b"Another report."


def test_two_files_of_one_name_in_one_upload_are_both_kept(desk: Desk) -> None:
    job = desk.add(("one/index.txt", b"First."), ("two/index.txt", b"Second."), on_conflict="replace")
    assert kinds(job) == {"index.txt": "new", "index (2).txt": "new"}
    assert desk.kept() == ["index (2).txt", "index.txt"]


def test_a_file_that_is_there_under_another_name_is_not_added_twice(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("The same words.", encoding="utf-8")
    desk.make()
    add_files(desk.index, [outside])
    job = desk.add(("upload.txt", b"The same words."))
    assert kinds(job) == {"upload.txt": "unchanged"}
    assert job.results[0].message == "The same file is there already: outside"
    assert len(desk.titles()) == 1


def test_copies_in_one_upload_are_added_once(desk: Desk) -> None:
    job = desk.add(("a.txt", b"Alpha beta."), ("same.txt", b"Alpha beta."), ("other.txt", b"Gamma."))
    assert kinds(job) == {"a.txt": "new", "same.txt": "unchanged", "other.txt": "new"}
    assert job.results[1].message == "The same file is there already: a"
    assert desk.kept() == ["a.txt", "other.txt"]
    # What was replaced in the same upload is not there any more.
    job = desk.add(("a.txt", b"Delta."), ("old.txt", b"Alpha beta."), on_conflict="replace")
    assert kinds(job) == {"a.txt": "changed", "old.txt": "new"}


def test_replacing_goes_before_the_same_bytes_under_another_name(desk: Desk) -> None:
    desk.add(("one.txt", b"Opened in 1887."), ("two.txt", b"Opened in 1885."), ("n.zip", zipped(a="Alpha words.")))
    job = desk.add(("two.txt", b"Opened in 1887."), on_conflict="replace")
    assert kinds(job) == {"two.txt": "changed"}
    assert {desk.index.document(summary.id).text for summary in desk.index.documents()} == {
        "Opened in 1887.",
        "Alpha words.",
    }
    assert (desk.folder / "uploads" / "two.txt").read_bytes() == b"Opened in 1887."
    again = desk.add(("two.txt", b"Opened in 1887."), ("three.txt", b"Opened in 1887."), on_conflict="replace")
    assert kinds(again) == {"two.txt": "unchanged", "three.txt": "unchanged"}
    assert desk.kept() == ["n.zip", "one.txt", "two.txt"]


def test_a_folder_as_zip_is_added_member_by_member(desk: Desk) -> None:
    job = desk.add(("folder.zip", zipped(folder__a="Alpha words.", folder__b="Beta words.")))
    assert kinds(job) == {"folder.zip!/folder/a.txt": "new", "folder.zip!/folder/b.txt": "new"}
    assert job.documents_total == 2
    assert desk.kept() == ["folder.zip"]
    assert {status_of(summary) for summary in desk.library.documents()} == {"ready"}
    assert kinds(desk.add(("folder.zip", zipped(folder__a="Alpha words.", folder__b="Beta words.")))) == {
        "folder.zip!/folder/a.txt": "unchanged",
        "folder.zip!/folder/b.txt": "unchanged",
    }


def test_documents_of_members_that_a_replaced_archive_has_no_more_go_too(desk: Desk) -> None:
    desk.add(("n.zip", zipped(a="Alpha words.", b="Beta words.")), ("n.txt", b"Plain words."))
    desk.add(("n (2).zip", zipped(b="Beta words elsewhere.")))
    job = desk.add(("n.zip", zipped(a="Alpha words, changed.", c="Gamma words.")), on_conflict="replace")
    assert kinds(job) == {"n.zip!/a.txt": "changed", "n.zip!/c.txt": "new"}
    assert sources(desk) == ["n (2).zip!/b.txt", "n.txt", "n.zip!/a.txt", "n.zip!/c.txt"]


def test_what_an_archive_left_behind_goes_when_it_is_added_again(desk: Desk) -> None:
    content = zipped(a="Alpha words.")
    desk.add(("n.zip", zipped(a="Alpha words.", b="Beta words.")))
    (desk.folder / "uploads" / "n.zip").write_bytes(content)  # as one that was replaced before such documents went
    assert kinds(desk.add(("n.zip", content))) == {"n.zip!/a.txt": "unchanged"}
    assert sources(desk) == ["n.zip!/a.txt"]


def test_documents_of_a_replaced_archive_on_a_server_go_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.make()
    monkeypatch.setattr(LocalIndex, "location", property(lambda index: "milvus://somewhere/articles"))
    desk.add(("n.zip", zipped(a="Alpha words.", b="Beta words.")))
    desk.add(("n.zip", zipped(a="Alpha words.")), on_conflict="replace")
    assert sources(desk) == ["uploaded: n.zip!/a.txt"]


@pytest.mark.parametrize(
    "content", [b"no archive", zipped(a="", c=""), zipped(a="Alpha words.")[:60]], ids=["damaged", "empty", "cut"]
)
def test_an_archive_that_fails_loses_no_document(desk: Desk, content: bytes) -> None:
    before = zipped(a="Alpha words.", b="Beta words.")
    desk.add(("n.zip", before))
    job = desk.add(("n.zip", content), on_conflict="replace")
    assert set(kinds(job).values()) == {"failed"}
    assert sources(desk) == ["n.zip!/a.txt", "n.zip!/b.txt"]
    assert (desk.folder / "uploads" / "n.zip").read_bytes() == before


def test_an_archive_that_is_not_read_to_its_end_loses_no_document(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.add(("n.zip", zipped(a="Alpha words.", b="Beta words.")))
    began, may_go = holding(desk, monkeypatch, "slowly")
    upload = desk.begin(("n.zip", zipped(a="Words added at once. " * 4_000, c="Words added slowly. " * 4_000)))
    job = desk.library.finish_upload(upload, "replace")
    assert began.wait(10)
    desk.library.jobs.cancel(job.id)
    may_go.set()
    desk.ended(job)
    assert (job.state, kinds(job)) == ("cancelled", {"n.zip!/a.txt": "changed"})
    assert sources(desk) == ["n.zip!/a.txt", "n.zip!/b.txt"]


def test_members_that_point_elsewhere_write_nothing_there(desk: Desk, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../escaped.txt", "Words that want out.")
        archive.writestr("/absolute.txt", "Other words.")
    before = sorted(tmp_path.rglob("*"))
    job = desk.add(("evil.zip", buffer.getvalue()))
    assert set(kinds(job).values()) == {"new"}
    made = set(tmp_path.rglob("*")) - set(before)
    assert all(path.is_relative_to(desk.folder) for path in made)
    assert desk.kept() == ["evil.zip"]


def test_a_zip_bomb_is_refused_and_not_kept(desk: Desk) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"0" * (40 * 2**20))
    job = desk.add(("bomb.zip", buffer.getvalue()))
    assert kinds(job) == {"bomb.zip": "failed"}
    assert "zip bomb" in str(job.results[0].message)
    assert desk.kept() == []


@pytest.mark.parametrize(
    "name", ["../../x.txt", "..\\..\\x.txt", "/etc/x.txt", "CON.txt", "a\x00.txt", "..", "n" * 4000]
)
def test_no_name_leads_out_of_the_uploads(desk: Desk, tmp_path: Path, name: str) -> None:
    desk.add((name, b"Some words."))
    (kept,) = desk.kept()
    assert (desk.folder / "uploads" / kept).read_bytes() == b"Some words."
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index"]


def test_cancelling_keeps_what_is_done_and_nothing_else(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    began, may_go = holding(desk, monkeypatch, "second")
    upload = desk.begin(("1.txt", b"The first file."), ("2.txt", b"The second file."), ("3.txt", b"The third file."))
    job = desk.library.finish_upload(upload)
    assert began.wait(10)
    desk.library.jobs.cancel(job.id)
    assert job.stopping
    may_go.set()
    desk.ended(job)
    assert job.state == "cancelled"
    assert desk.titles() == ["1"]
    assert desk.kept() == ["1.txt"]
    assert desk.incoming() == []


def test_questions_are_answered_while_documents_are_added(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.add(("old.txt", b"The harbour bridge opened in May."))
    began, may_go = holding(desk, monkeypatch, "slowly")
    job = desk.library.finish_upload(desk.begin(("new.txt", b"This is added slowly.")))
    assert began.wait(10)
    assert desk.index.search("When did the bridge open?", top=1)[0].text == "The harbour bridge opened in May."
    assert desk.titles() == ["old"]
    may_go.set()
    desk.ended(job)
    assert desk.titles() == ["new", "old"]


def test_an_index_that_is_busy_fails_the_job_and_keeps_the_documents(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add(("a.txt", b"One."))

    def busy(*_: Any) -> None:
        raise IndexBusy("Another process is writing to the index. Wait for it to finish and try again.")

    monkeypatch.setattr(desk.index, "put", busy)
    job = desk.add(("b.txt", b"Two."))
    assert job.state == "failed"
    assert "Another process" in job.doing
    assert desk.titles() == ["a"]
    assert desk.incoming() == []


def test_a_file_that_cannot_be_kept_is_told_and_the_rest_is_added(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    began, may_go = holding(desk, monkeypatch, "first")
    job = desk.library.finish_upload(desk.begin(("1.txt", b"The first file."), ("2.txt", b"The second file.")))
    assert began.wait(10)
    for path in desk.incoming():
        (path / "00000.txt").unlink()
    may_go.set()
    desk.ended(job)
    assert job.state == "done"
    assert [(result.source, result.kind) for result in job.results] == [
        ("1.txt", "new"),
        ("1.txt", "failed"),
        ("2.txt", "new"),
    ]
    assert "could not be kept" in str(job.results[1].message)
    assert (job.documents_done, job.documents_total) == (3, 3)
    assert desk.kept() == ["2.txt"]
    assert kinds(desk.add(("1.txt", b"The first file."))) == {"1.txt": "unchanged"}
    assert desk.kept() == ["1.txt", "2.txt"]


# ---- folders of uploads ----


def age(*folders: Path) -> None:
    """As if nothing had come into ``folders`` for seven hours."""
    for folder in folders:
        os.utime(folder, (time.time() - 7 * 3600,) * 2)


def test_files_of_jobs_that_take_long_stay(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    began, may_go = holding(desk, monkeypatch, "slowly")
    first = desk.library.finish_upload(desk.begin(("1.txt", b"This is added slowly."), ("2.txt", b"The second.")))
    assert began.wait(10)
    second = desk.library.finish_upload(desk.begin(("3.txt", b"The third.")))
    waiting = desk.begin(("4.txt", b"The fourth."))
    age(*desk.incoming())
    desk.library.uploads.drop(desk.begin(("5.txt", b"The fifth.")))
    may_go.set()
    desk.ended(desk.library.finish_upload(waiting))
    assert (first.state, second.state) == ("done", "done")
    assert desk.titles() == ["1", "2", "3", "4"]
    assert desk.kept() == ["1.txt", "2.txt", "3.txt", "4.txt"]
    assert desk.incoming() == []


def test_another_process_leaves_what_is_still_held(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.incoming._TOUCHED_SECONDS", 0.01)
    upload = desk.begin(("1.txt", b"The first."))
    (held,) = desk.incoming()
    age(held)
    until(lambda: time.time() - held.stat().st_mtime < 3600)
    other = Desk(desk.folder)
    other.make()
    other.begin(("2.txt", b"The second."))
    assert held in desk.incoming()
    desk.ended(desk.library.finish_upload(upload))
    assert desk.kept() == ["1.txt"]


def test_what_a_killed_process_left_goes(desk: Desk) -> None:
    desk.begin(("1.txt", b"The first."))
    incoming = desk.folder / "uploads" / ".incoming"
    (incoming / "old").mkdir()
    (incoming / "old" / "00000.txt").write_bytes(b"Some words.")
    (incoming / "new").mkdir()
    # Looking at it fails as at one that another process removes just now.
    (incoming / "vanished").symlink_to("nowhere")
    age(incoming / "old")
    desk.begin(("2.txt", b"The second."))
    assert not (incoming / "old").exists()
    assert (incoming / "new").exists()


# ---- limits ----


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([("big.txt", 101)], "more than the"),
        ([("a.txt", 90), ("b.txt", 90), ("c.txt", 90)], "Together"),
        ([(f"{n}.txt", 1) for n in range(6)], "6 files are more than the 5"),
        ([], "no file"),
    ],
)
def test_limits_of_an_upload(tmp_path: Path, files: list[tuple[str, int]], reason: str) -> None:
    desk = Desk(tmp_path / "index", limits=UploadLimits(file=100, total=200, files=5, spare=0))
    with pytest.raises(UploadRefused, match=reason):
        desk.library.begin_upload(files)


def test_a_full_disk_is_told_before_anything_arrives(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "index", limits=UploadLimits(spare=2**62))
    with pytest.raises(UploadRefused, match="The disk is too full"):
        desk.library.begin_upload([("a.txt", 1)])
    assert desk.incoming() == []


def test_more_or_fewer_bytes_than_announced_are_refused(desk: Desk) -> None:
    upload = desk.library.begin_upload([("a.txt", 5), ("b.txt", 5)])
    more = desk.library.receive(upload.id, 0)
    with pytest.raises(UploadRefused, match="arriving already"):
        desk.library.receive(upload.id, 0)
    with pytest.raises(UploadRefused, match="more bytes"):
        more.write(b"123456")
    more.abort()
    fewer = desk.library.receive(upload.id, 1)
    fewer.write(b"123")
    with pytest.raises(UploadRefused, match="did not arrive whole"):
        fewer.close()
    with pytest.raises(UploadRefused, match="has not arrived yet"):
        desk.library.finish_upload(upload.id)
    with pytest.raises(UploadRefused, match="no such file"):
        desk.library.receive(upload.id, 2)
    desk.library.uploads.drop(upload.id)
    assert desk.incoming() == []
    with pytest.raises(UploadRefused, match="does not exist any more"):
        desk.library.finish_upload(upload.id)


def test_uploads_under_way_are_bounded(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "index", limits=UploadLimits(spare=0, open_uploads=2))
    first = desk.library.begin_upload([("a.txt", 1)])
    desk.library.begin_upload([("b.txt", 1)])
    with pytest.raises(UploadRefused, match="under way already"):
        desk.library.begin_upload([("c.txt", 1)])
    desk.library.uploads.drop(first.id)
    desk.library.begin_upload([("c.txt", 1)])


def idle(desk: Desk, upload_id: str, seconds: float) -> None:
    """As if nothing had been heard of an upload for so long."""
    desk.library.uploads.get(upload_id).heard = time.monotonic() - seconds


def test_the_upload_that_was_left_longest_makes_room(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "index", limits=UploadLimits(spare=0, open_uploads=2))
    asked, arriving = desk.begin(("a.txt", b"One.")), desk.library.begin_upload([("b.txt", 4)]).id
    receiver = desk.library.receive(arriving, 0)
    idle(desk, asked, 599)
    with pytest.raises(UploadRefused, match="under way already"):
        desk.library.begin_upload([("c.txt", 1)])
    idle(desk, asked, 601)
    idle(desk, arriving, 700)
    receiver.write(b"Two.")  # whoever sends that is there
    third = desk.library.begin_upload([("c.txt", 1)])
    with pytest.raises(UploadRefused, match="does not exist any more"):
        desk.library.finish_upload(asked)
    assert len(desk.incoming()) == 2
    idle(desk, arriving, 700)
    receiver.close()
    with pytest.raises(UploadRefused, match="under way already"):  # it has just been heard of
        desk.library.begin_upload([("d.txt", 1)])
    idle(desk, third.id, 700)
    desk.library.begin_upload([("d.txt", 1)])
    assert desk.ended(desk.library.finish_upload(arriving)).state == "done"


def test_an_upload_of_which_something_is_asked_is_not_left(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "index", limits=UploadLimits(spare=0, open_uploads=1))
    desk.add(("a.txt", b"One."))
    upload = desk.begin(("a.txt", b"Two."))
    idle(desk, upload, 700)
    with pytest.raises(NamesTaken):
        desk.library.finish_upload(upload)
    with pytest.raises(UploadRefused, match="under way already"):
        desk.library.begin_upload([("b.txt", 1)])


def test_a_folder_that_cannot_be_written_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.make()
    for cause in (OSError(30, "Read-only file system"), PermissionError(13, "Permission denied")):

        def refuse(*_: Any, cause: OSError = cause, **__: Any) -> None:
            raise cause

        monkeypatch.setattr(Path, "mkdir", refuse)
        with pytest.raises(UploadRefused, match=rf"uploads cannot be written \({cause.strerror}\)\. Make it"):
            desk.library.begin_upload([("a.txt", 1)])
        with pytest.raises(UploadRefused, match="cannot be written"):
            desk.library.add_sample()


def test_a_file_that_cannot_be_opened_is_told_and_can_be_sent_again(desk: Desk) -> None:
    upload = desk.library.begin_upload([("a.txt", 4)])
    (folder,) = desk.incoming()
    upload.files[0].path.mkdir()
    with pytest.raises(UploadRefused, match=r"a\.txt cannot be written"):
        desk.library.receive(upload.id, 0)
    (folder / "00000.txt").rmdir()
    receiver = desk.library.receive(upload.id, 0)
    receiver.write(b"One.")
    receiver.close()
    assert desk.ended(desk.library.finish_upload(upload.id)).state == "done"


def test_a_full_queue_drops_the_upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path / "index", waiting=0)
    upload = desk.begin(("a.txt", b"One."))
    with pytest.raises(QueueFull, match="waiting already"):
        desk.library.finish_upload(upload)
    assert desk.incoming() == []


def test_without_a_way_to_make_an_index_adding_says_so() -> None:
    with pytest.raises(IndexMissing, match="qa add PATH"):
        Library(lambda: None).begin_upload([("a.txt", 1)])


# ---- pasted texts and the sample ----


def test_a_pasted_text_becomes_a_document(desk: Desk) -> None:
    job = desk.ended(desk.library.add_text("A note", "The tide comes at nine."))
    assert kinds(job) == {"A note": "new"}
    (summary,) = desk.library.documents()
    assert (summary.title, summary.source, status_of(summary)) == ("A note", "pasted: A note", "ready")
    assert desk.index.document(summary.id).text == "The tide comes at nine."


def test_pasted_texts_never_replace_each_other(desk: Desk) -> None:
    for text in ("First text.", "Second text.", "First text.", "Second text."):
        desk.ended(desk.library.add_text("Same title", text))
    assert desk.titles() == ["Same title", "Same title (2)"]


def test_a_pasted_text_without_a_title_gets_its_first_words(desk: Desk) -> None:
    desk.ended(desk.library.add_text("  \n ", "Short text."))
    desk.ended(desk.library.add_text("", "word " * 100))
    assert desk.titles() == ["Short text.", f"{('word ' * 12).strip()}…"]


def test_a_title_like_a_file_name_is_only_a_title(desk: Desk) -> None:
    desk.ended(desk.library.add_text("page.html", "<b>These</b> words &amp; signs stay as they are."))
    (summary,) = desk.library.documents()
    assert desk.index.document(summary.id).text == "<b>These</b> words &amp; signs stay as they are."


@pytest.mark.parametrize("text", ["", " \n\t ", "null\x00character", "half \ud800 character", "x" * 4_000_001])
def test_texts_that_cannot_be_kept_are_refused(desk: Desk, text: str) -> None:
    with pytest.raises(DocumentError):
        desk.library.add_text("title", text)


def test_the_sample_article_answers_its_questions(desk: Desk) -> None:
    job = desk.ended(desk.library.add_sample())
    assert job.sample
    assert kinds(job) == {"karabakh.txt": "new"}
    assert kinds(desk.ended(desk.library.add_sample())) == {"karabakh.txt": "unchanged"}
    assert len(desk.library.sample_questions()) == 3


def test_the_packaged_sample_is_the_one_of_the_examples() -> None:
    root = Path(__file__).parents[2]
    for name in ("karabakh.txt", "karabakh_questions.json"):
        assert (root / "web/sample" / name).read_bytes() == (root / "examples" / name).read_bytes()
    questions = (root / "examples/karabakh_questions.json").read_text(encoding="utf-8")
    assert all(f'"{question}"' in questions for question in Library(lambda: None).sample_questions())


# ---- removing ----


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_removal_hides_at_once_and_can_be_undone(desk: Desk) -> None:
    desk.add(("a.txt", b"One."), ("b.txt", b"Two."))
    first = desk.library.documents()[0].id
    removal = desk.library.remove([first])
    assert desk.titles() == ["b"]
    assert len(desk.index.documents()) == 2, "until the time is over, nothing has left the index"
    assert desk.library.within(None) == Filter(documents=tuple(d.id for d in desk.library.documents()))
    assert desk.library.undo(removal.id)
    assert desk.titles() == ["a", "b"]
    assert desk.library.within(None) is None
    assert not desk.library.undo(removal.id)


def test_removal_takes_document_and_original_when_the_time_is_over(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "index", undo_seconds=0.05)
    desk.add(("a.txt", b"One."), ("b.txt", b"Two."))
    removal = desk.library.remove([desk.library.documents()[0].id])
    until(lambda: not desk.library.removals.hidden())
    assert [summary.title for summary in desk.index.documents()] == ["b"]
    assert desk.kept() == ["b.txt"]
    assert not desk.library.undo(removal.id)


def test_a_process_that_ends_within_the_time_loses_nothing(desk: Desk) -> None:
    desk.add(("a.txt", b"One."))
    desk.library.remove([desk.library.documents()[0].id])
    after = Desk(desk.folder)  # as another process finds it
    after.make()
    assert after.titles() == ["a"]
    assert after.kept() == ["a.txt"]


def test_an_archive_is_kept_until_its_last_document_goes(desk: Desk) -> None:
    desk.add(("folder.zip", zipped(a="Alpha words.", b="Beta words.")))
    first, second = (summary.id for summary in desk.library.documents())
    desk.library.remove([first])
    desk.library.removals.finish()
    assert desk.kept() == ["folder.zip"]
    desk.library.remove([second])
    desk.library.removals.finish()
    assert desk.kept() == []


def test_files_that_were_not_uploaded_stay_where_they_are(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("Words.", encoding="utf-8")
    desk.make()
    add_files(desk.index, [outside])
    desk.library.remove([desk.library.documents()[0].id])
    desk.library.removals.finish()
    assert desk.titles() == []
    assert outside.exists()


def test_a_document_that_is_added_again_while_it_is_removed_stays(desk: Desk) -> None:
    desk.add(("a.txt", b"One."))
    desk.library.remove([desk.library.documents()[0].id])
    assert desk.titles() == []
    assert kinds(desk.add(("a.txt", b"One."))) == {"a.txt": "unchanged"}
    assert desk.titles() == ["a"]
    desk.library.removals.finish()
    assert desk.titles() == ["a"]


def test_what_is_being_removed_takes_no_name(desk: Desk) -> None:
    desk.add(("a.txt", b"One."), ("n.zip", zipped(a="Alpha words.", b="Beta words.")))
    desk.ended(desk.library.add_text("Harbour", "Closed at nine."))
    desk.library.remove([summary.id for summary in desk.library.documents()])
    job = desk.add(("a.txt", b"One, corrected."), ("n.zip", zipped(a="Alpha words, corrected.")))
    assert kinds(job) == {"a.txt": "changed", "n.zip!/a.txt": "changed"}
    desk.ended(desk.library.add_text("Harbour", "Closed at ten."))
    assert sorted(desk.titles()) == ["Harbour", "a", "a"]
    desk.library.removals.finish()
    assert sources(desk) == ["a.txt", "n.zip!/a.txt", "pasted: Harbour"]
    assert desk.kept() == ["a.txt", "n.zip"]
    assert {desk.index.document(summary.id).text for summary in desk.library.documents()} == {
        "One, corrected.",
        "Alpha words, corrected.",
        "Closed at ten.",
    }


def test_a_pasted_text_that_is_being_removed_stays_when_it_is_pasted_again(desk: Desk) -> None:
    desk.ended(desk.library.add_text("Harbour", "Closed at nine."))
    desk.library.remove([desk.library.documents()[0].id])
    assert kinds(desk.ended(desk.library.add_text("Harbour", "Closed at nine."))) == {"Harbour": "unchanged"}
    desk.library.removals.finish()
    assert desk.titles() == ["Harbour"]


def test_two_files_of_the_name_of_one_that_is_being_removed_are_both_kept(desk: Desk) -> None:
    desk.add(("index.txt", b"Zero."))
    desk.library.remove([desk.library.documents()[0].id])
    job = desk.add(("one/index.txt", b"First."), ("two/index.txt", b"Second."))
    assert kinds(job) == {"index.txt": "changed", "index (2).txt": "new"}


def test_a_name_is_taken_again_when_the_removal_is_undone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.add(("a.txt", b"One."))
    removal = desk.library.remove([desk.library.documents()[0].id])
    began, may_go = holding(desk, monkeypatch, "slowly")
    job = desk.library.finish_upload(desk.begin(("0.txt", b"This is added slowly."), ("a.txt", b"One, corrected.")))
    assert began.wait(10)
    assert desk.library.undo(removal.id)
    may_go.set()
    desk.ended(job)
    assert kinds(job) == {"0.txt": "new", "a (2).txt": "new"}
    assert desk.titles() == ["0", "a", "a (2)"]


def test_the_same_bytes_under_a_name_that_is_being_removed_are_added(desk: Desk) -> None:
    desk.add(("a.txt", b"One."))
    desk.library.remove([desk.library.documents()[0].id])
    assert kinds(desk.add(("b.txt", b"One."))) == {"b.txt": "new"}
    desk.library.removals.finish()
    assert sources(desk) == ["b.txt"]


def test_a_removal_of_which_everything_was_added_again_is_over(desk: Desk) -> None:
    desk.add(("a.txt", b"One."), ("b.txt", b"Two."))
    removal = desk.library.remove([summary.id for summary in desk.library.documents()])
    desk.add(("a.txt", b"One."))
    (pending,) = desk.library.removals.pending()
    assert list(pending.titles.values()) == ["b"]
    desk.add(("b.txt", b"Two."))
    assert desk.library.removals.pending() == []
    assert not desk.library.undo(removal.id)
    assert desk.titles() == ["a", "b"]


def test_what_another_process_changed_meanwhile_is_not_removed(desk: Desk) -> None:
    desk.add(("a.txt", b"One."))
    desk.library.remove([desk.library.documents()[0].id])
    path = desk.folder / "uploads" / "a.txt"
    path.write_text("Changed by another.", encoding="utf-8")
    add_files(desk.index, [path])
    desk.library.removals.finish()
    assert desk.titles() == ["a"]


def test_a_removal_that_fails_brings_the_documents_back_and_says_why(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add(("a.txt", b"One."))

    def busy(*_: Any) -> None:
        raise IndexBusy("Another process is writing to the index.")

    monkeypatch.setattr(desk.index, "remove", busy)
    removal = desk.library.remove([desk.library.documents()[0].id])
    desk.library.removals.finish()
    assert removal.problem == "Another process is writing to the index."
    assert desk.titles() == ["a"]
    assert desk.library.undo(removal.id), "it can be dismissed"


def test_removing_what_is_not_there_removes_nothing(desk: Desk) -> None:
    desk.add(("a.txt", b"One."))
    there = desk.library.documents()[0].id
    for names in ([there, "gone"], []):
        with pytest.raises(UnknownDocument):
            desk.library.remove(names)
    assert desk.titles() == ["a"]


# ---- listing and choosing ----


def test_thousands_of_documents_are_filtered_sorted_and_paged() -> None:
    from tests.web.fakes import FakeIndex, make_document

    many = [make_document(f"d{n}", "word " * (n % 7 + 1), title=f"Article {n:04}") for n in range(3000)]
    summaries = FakeIndex(many).documents()
    page = list_documents(summaries, offset=2950, limit=100)
    assert [d.title for d in page.documents] == [f"Article {n:04}" for n in range(2950, 3000)]
    assert (page.total, len(page.matching)) == (3000, 3000)
    assert [d.title for d in list_documents(summaries, words="ARTICLE 0012").documents] == ["Article 0012"]
    largest = list_documents(summaries, sort="size", descending=True, limit=3).documents
    assert [d.title for d in largest] == ["Article 0006", "Article 0013", "Article 0020"]


def test_a_file_that_is_gone_is_told(desk: Desk) -> None:
    desk.add(("a.txt", b"One."))
    (desk.folder / "uploads" / "a.txt").unlink()
    assert status_of(desk.library.documents()[0]) == "missing"


def test_each_visitor_asks_what_they_chose(desk: Desk) -> None:
    desk.add(("a.txt", b"One."), ("b.txt", b"Two."))
    first, second = (summary.id for summary in desk.library.documents())
    desk.library.selections.choose("me", [second])
    assert desk.library.within("me") == Filter(documents=(second,))
    assert desk.library.within("you") is None
    assert desk.library.within(None) is None
    desk.library.remove([second])
    assert desk.library.within("me") == Filter(documents=(first,)), "what is being removed is not asked"
    desk.library.selections.choose("me", [])
    desk.library.removals.finish()
    assert desk.library.within("me") is None


# ---- an index that is not a folder ----


def test_for_an_index_on_a_server_files_are_read_and_not_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.make()
    monkeypatch.setattr(LocalIndex, "location", property(lambda index: "milvus://somewhere/articles"))
    assert not desk.library.keeps_originals()
    desk.add(("a.txt", b"One."), ("folder.zip", zipped(b="Two.")))
    assert sorted(summary.source for summary in desk.library.documents()) == [
        "uploaded: a.txt",
        "uploaded: folder.zip!/b.txt",
    ]
    assert not (desk.folder / "uploads").exists()
    with pytest.raises(NamesTaken):
        desk.library.finish_upload(desk.begin(("a.txt", b"Changed.")))
    desk.library.remove([summary.id for summary in desk.library.documents()])
    desk.library.removals.finish()
    assert desk.titles() == []


def test_a_guessed_encoding_is_told_of_as_pages_left_out_are(desk: Desk) -> None:
    job = desk.add(("fr.txt", "Le café de la gare à Besançon a fermé.".encode("cp1252")))
    (result,) = job.results
    assert (result.kind, result.message) == (
        "new",
        "not UTF-8; read as cp1252. Save it as UTF-8 if letters are wrong.",
    )
    (summary,) = desk.library.documents()
    assert desk.index.document(summary.id).text == "Le café de la gare à Besançon a fermé."


def test_files_of_types_that_are_not_read_are_told_what_to_be_saved_as(desk: Desk) -> None:
    job = desk.add(("pic.png", b"\x89PNG\0"), ("note.rtf", b"{\\rtf1 words}"))
    assert kinds(job) == {"pic.png": "failed", "note.rtf": "failed"}
    png, rtf = (str(result.message) for result in job.results)
    assert png.startswith("this is a binary file, and not of a type that is read (.docx, .epub, ")
    assert png.endswith("Save it as PDF or DOCX, or as UTF-8 if it is text.")
    assert rtf == "this is rich text (RTF), which is not read. Save it as DOCX or plain text."
