"""Bad things beside good ones: each is named in a line that says what to do next, the rest is indexed, nothing is lost."""

import ctypes
import io
import os
import resource
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from index import (
    Document,
    DocumentError,
    IndexStateError,
    Passage,
    PassageIndex,
    add_files,
    add_texts,
    create_index,
    open_index,
)
from tests.fakes import FakeEncoder
from tests.index.making import docx_file, epub_file, html_page, pdf_file, zip_file

Result = TypeVar("Result")

MANY = 300 * 10**6
"""Bytes of a text that is too large."""


def locked_pdf() -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, encrypt=StandardEncryption("password"))
    canvas.drawString(50, 700, "secret")
    canvas.save()
    return file.getvalue()


def long_claim() -> bytes:
    """An archive whose only member says that it is a text of 300 MB."""
    content = bytearray(zip_file({"huge.txt": os.urandom(2 * 10**6)}, 0))
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = MANY.to_bytes(4, "little")
    return bytes(content)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"The harbour was closed on Monday.\n" * 1000)
        file.truncate(MANY)


GOOD: dict[str, bytes] = {
    "alpha.txt": b"The alpha harbour was closed on Monday.",
    "bravo.md": b"# Bravo\n\nThe bravo bridge opened in 1932.",
    "deep/charlie.html": html_page([["The", "charlie", "tower", "fell."]]),
    "deep/er/delta.docx": docx_file([["The", "delta", "letter", "arrived."]]),
    "echo.epub": epub_file([["The", "echo", "book", "ended."]]),
    "foxtrot.pdf": pdf_file([["The", "foxtrot", "costs", "rose."]]),
    "golf.txt": b"golf " + b"line " * 200_000,
    "hotel.zip": zip_file({"../../hotel.txt": b"The hotel path leads out of its archive."}),
}
"""Files that can be read, by name; the name is a word in each. One is a line of a million characters."""
SOURCES = {**dict.fromkeys(GOOD), "hotel.zip!/../../hotel.txt": None}
del SOURCES["hotel.zip"]

BAD: dict[str, tuple[bytes | Callable[[Path], None], str, str]] = {
    "truncated.pdf": (pdf_file([["words"] * 50] * 3)[:2000], "damaged or cut short", "Get a complete copy."),
    "locked.pdf": (locked_pdf(), "encrypted", "Save a copy without a password"),
    "scanned.pdf": (pdf_file([[]]), "no text layer", "Run OCR over it"),
    "truncated.docx": (docx_file([["words"]])[:900], "damaged or cut short", "Get a complete copy."),
    "renamed.docx": (zip_file({"a.txt": b"x"}), "not a Word document", "Name it as what it is."),
    "renamed.epub": (zip_file({"a.txt": b"x"}), "not an EPUB book", "Name it as what it is."),
    "bomb.zip": (zip_file({"a.txt": b"\0" * 50_000_000}), "looks like a zip bomb", "extract it and add the files."),
    "bomb.docx": (zip_file({"a.xml": b" " * 50_000_000}), "looks like a zip bomb", "extract it and add the files."),
    "truncated.zip": (zip_file({"a.txt": b"words"})[:-9], "damaged or cut short", "Get a complete copy."),
    "huge.txt": (sparse, "286 MiB is more than the 64 MiB", "Split it into smaller ones."),
    "huge.md": (sparse, "286 MiB is more than the 64 MiB", "Split it into smaller ones."),
    "huge.html": (sparse, "286 MiB is more than the 64 MiB", "Split it into smaller ones."),
    "broken_utf8.txt": ("Die Brücke wurde eröffnet. ".encode() * 3 + b"\xff", "damaged bytes", "Get an undamaged copy"),
    "broken_utf16.txt": (b"\xff\xfea", "starts as utf-16 but is broken", "Get an undamaged copy"),
    "binary.txt": (b"\x89PNG\r\n\x1a\n\0\0", "binary file", "save it as UTF-8."),
    "rich.txt": (b"{\\rtf1\\ansi words}", "rich text (RTF)", "Save it as DOCX or plain text."),
    "empty.txt": (b"", "is empty", "Get a complete copy, or leave it out."),
    "blank.txt": (b" \n\t\n", "no text", "Get a complete copy, or leave it out."),
    "deep_page.html": (b"<div>" * 500 + b"deep", "nested too deeply", "Save it as plain text."),
    "loop.txt": (lambda path: path.symlink_to("loop_back.txt"), "symbolic links", "leave it out."),
    "loop_back.txt": (lambda path: path.symlink_to("loop.txt"), "symbolic links", "leave it out."),
    "dangling.txt": (lambda path: path.symlink_to("nowhere.txt"), "No such file", "leave it out."),
    "pipe.txt": (lambda path: os.mkfifo(path), "not a regular file", "Give a file or a folder."),
    "two\nlines.txt": (b"words", "no letters", "Rename it."),
    "claim.zip": (long_claim(), "286 MiB is more than the 64 MiB", "Split it into smaller ones."),
    "nested.zip": (zip_file({"inner.zip": zip_file({"a.txt": b"x"})}), "archives inside archives", "Extract it first."),
}
"""What cannot be read: how it is made, what is wrong with it, and what to do next."""
MEMBERS = {"claim.zip": "claim.zip!/huge.txt", "nested.zip": "nested.zip!/inner.zip"}
"""The sources of those that are members of an archive."""


def put_files(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of good and bad things, and links that lead round in a circle."""
    folder = tmp_path_factory.mktemp("bad_input") / "articles"
    put_files(folder, GOOD)
    for name, (content, _, _) in BAD.items():
        if isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            content(folder / name)
    (folder / "deep" / "round").symlink_to(folder)
    return folder


def words_found(index: PassageIndex, word: str) -> list[Passage]:
    """The passages found for a word that hold it."""
    return [hit for hit in index.search(word, top=3) if word in hit.text]


def test_each_bad_thing_is_named_once_and_the_rest_is_indexed(articles: Path, tmp_path: Path) -> None:
    encoder = FakeEncoder()
    index = create_index(tmp_path / "index", encoder)
    report = add_files(index, [articles])
    assert {index.document(name).source for name in report.new} == {f"{articles}/{name}" for name in SOURCES}
    for name in SOURCES:
        word = Path(name).stem
        (hit, *_) = words_found(index, word)
        document = index.document(hit.document_id)
        assert document.source == f"{articles}/{name}"
        assert hit.text == document.text[hit.start : hit.end]
    outside = [articles, *articles.parents, tmp_path, Path.cwd(), *Path.cwd().parents]
    assert not any((folder / "hotel.txt").exists() for folder in outside), "nothing is unpacked"

    assert report.failed.keys() == {f"{articles}/{MEMBERS.get(name, name)}" for name in BAD}
    for name, (_, wrong, advice) in BAD.items():
        source = f"{articles}/{MEMBERS.get(name, name)}"
        reason = report.failed[source]
        assert len(reason.splitlines()) == 1
        assert reason.startswith(f"{source}: ".replace("\n", "\ufffd"))
        assert wrong in reason
        assert advice in reason
        assert reason.endswith(".")
    assert index.problems() == []

    encoded = encoder.encoded
    again = add_files(index, [articles])
    assert (set(again.unchanged), again.new, again.changed) == (set(report.new), [], [])
    assert again.failed == report.failed
    assert encoder.encoded == encoded


@pytest.mark.parametrize("name", BAD)
def test_each_bad_thing_is_named_alone_too_and_leaves_what_was_indexed(
    articles: Path, tmp_path: Path, name: str
) -> None:
    index = create_index(tmp_path / "index", FakeEncoder())
    add_texts(index, [("memory:a", "a", "The juliet text was there before.")])
    report = add_files(index, [articles / name, articles / "missing.txt", articles / "alpha.txt"])
    assert len(report.new) == 1
    assert len(report.failed) == 2
    assert all(len(reason.splitlines()) == 1 and reason.endswith(".") for reason in report.failed.values())
    assert "no such file or folder" in report.failed[f"{articles}/missing.txt"]
    assert words_found(index, "juliet")
    assert words_found(index, "alpha")


@pytest.mark.parametrize("name", ["truncated.pdf", "bomb.zip", "huge.txt", "broken_utf8.txt", "loop.txt"])
def test_a_document_stays_when_its_file_turns_bad(articles: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    good = {".pdf": GOOD["foxtrot.pdf"], ".zip": zip_file({"a.txt": b"The foxtrot costs rose."})}
    path.write_bytes(good.get(path.suffix, b"The foxtrot costs rose."))
    index = create_index(tmp_path / "index", FakeEncoder())
    (known,) = add_files(index, [path]).new
    assert words_found(index, "foxtrot")
    before = index.document(known)
    path.unlink()
    content = BAD[name][0]
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif name == "loop.txt":
        path.symlink_to(path.name)
    else:
        content(path)
    report = add_files(index, [tmp_path])
    assert list(report.failed) == [str(path)]
    assert index.document(known) == before
    assert [hit.document_id for hit in words_found(index, "foxtrot")] == [known]


def test_a_text_that_is_too_large_is_refused_before_it_is_read(articles: Path, tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", FakeEncoder())
    names = ["huge.txt", "huge.md", "huge.html", "claim.zip"]
    add_files(index, [articles / "alpha.txt"])
    tracemalloc.start()
    try:
        report = add_files(index, [articles / name for name in names])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(report.failed) == len(names)
    assert peak < 4 * 10**6, "bytes"


def test_a_text_with_half_a_character_is_refused_and_none_of_the_others_added(tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", FakeEncoder())
    with pytest.raises(DocumentError, match=r"^memory:b: .*half a character.*\.$"):
        add_texts(index, [("memory:a", "a", "Good words."), ("memory:b", "b", "Bad \ud800 words.")])
    with pytest.raises(DocumentError, match=r"^memory:b: its title holds half a character"):
        add_texts(index, [("memory:a", "a", "Good words."), ("memory:b", "b\ud800", "Good words.")])
    with pytest.raises(DocumentError, match=r"its source holds half a character") as refused:
        add_texts(index, [("memory:\ud800", "b", "Good words.")])
    assert str(refused.value).encode("utf-8"), "it can be printed"
    assert index.documents() == []


def alone(function: Callable[[Path], Result], folder: Path) -> Result:
    """Call ``function`` in a process of its own, which it may change for good."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(function, folder).result()


def give_up_privileges() -> None:
    """Make permission bits count for the administrator too; others have nothing to give up."""
    if os.geteuid() == 0:
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3 of the interface, this thread
        if ctypes.CDLL(None, use_errno=True).capset(header, (ctypes.c_uint32 * 6)()) != 0:
            raise OSError(ctypes.get_errno(), "the privileges of the administrator cannot be given up")


@contextmanager
def mode(bits: int, *paths: Path) -> Iterator[None]:
    """Give paths other permissions for a while."""
    former = [path.stat().st_mode & 0o777 for path in paths]
    for path in paths:
        path.chmod(bits)
    try:
        yield
    finally:
        for path, bits_before in zip(reversed(paths), reversed(former), strict=True):
            path.chmod(bits_before)


def add_what_may_not_be_read(folder: Path) -> tuple[dict[str, str], list[str], list[str]]:
    give_up_privileges()
    index = create_index(folder / "index", FakeEncoder())
    with mode(0, folder / "articles" / "closed", folder / "articles" / "shut.txt", folder / "articles" / "shut.zip"):
        report = add_files(index, [folder / "articles"])
        alone = add_files(index, [folder / "articles" / "closed" / "a.txt", folder / "articles" / "alpha.txt"])
    return report.failed, [index.document(name).title for name in report.new], list(alone.failed.values())


def test_files_and_folders_that_may_not_be_read_are_named(tmp_path: Path) -> None:
    files = {
        "alpha.txt": GOOD["alpha.txt"],
        "shut.txt": b"x",
        "shut.zip": zip_file({"a.txt": b"x"}),
        "closed/a.txt": b"x",
    }
    put_files(tmp_path / "articles", files)
    failed, titles, one = alone(add_what_may_not_be_read, tmp_path)
    assert titles == ["alpha"]
    assert failed.keys() == {f"{tmp_path}/articles/{name}" for name in ("closed", "shut.txt", "shut.zip")}
    assert len(one) == 1
    for reason in [*failed.values(), *one]:
        assert "Permission denied" in reason
        assert reason.endswith("Make it readable for yourself, or leave it out.")


def add_to_a_folder_that_is_read_only(folder: Path) -> tuple[list[str], int, list[str]]:
    give_up_privileges()
    location = folder / "index"
    index = create_index(location, FakeEncoder())
    add_files(index, [folder / "alpha.txt"])
    errors = []
    with mode(0o555, location), mode(0o444, *location.iterdir()):
        for attempt in (
            lambda: add_files(index, [folder / "bravo.md"]),
            lambda: add_files(open_index(location, FakeEncoder()), [folder / "bravo.md"]),
            lambda: create_index(location / "inner", FakeEncoder()),
        ):
            try:
                attempt()
            except IndexStateError as error:
                errors.append(str(error))
    found = len(words_found(index, "alpha"))
    add_files(index, [folder / "alpha.txt", folder / "bravo.md"])
    return errors, found, index.problems() + sorted(entry.title for entry in index.documents())


def test_an_index_that_may_not_be_written_says_so_and_loses_nothing(tmp_path: Path) -> None:
    put_files(tmp_path, {name: GOOD[name] for name in ("alpha.txt", "bravo.md")})
    errors, found, after = alone(add_to_a_folder_that_is_read_only, tmp_path)
    assert len(errors) == 3
    for error in errors:
        assert len(error.splitlines()) == 1
        assert str(tmp_path / "index") in error
        assert "folder" in error
    assert (found, after) == (1, ["Bravo", "alpha"])


@contextmanager
def little_room(folder: Path) -> Iterator[str]:
    """Fill the disk: a file system of two megabytes where one can be mounted, else a limit on the size of files.

    Gives what the message has to say.
    """
    system = ctypes.CDLL(None, use_errno=True)
    new_namespace, private, recursive = 0x20000, 1 << 18, 1 << 14
    if (
        os.geteuid() == 0
        and system.unshare(new_namespace) == 0
        and system.mount(b"none", b"/", None, private | recursive, None) == 0
        and system.mount(b"tmpfs", bytes(folder), b"tmpfs", 0, b"size=2m") == 0
    ):
        create_index(folder, FakeEncoder())
        rest = folder / "rest"
        add_files(open_index(folder, FakeEncoder()), [folder.parent / "alpha.txt"])
        room = os.statvfs(folder)
        rest.write_bytes(b"x" * max(0, room.f_bavail * room.f_frsize - 100_000))
        yield "The disk is full. Free some space"
        rest.unlink()
    else:
        add_files(create_index(folder, FakeEncoder()), [folder.parent / "alpha.txt"])
        largest = max(path.stat().st_size for path in folder.iterdir())
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 100_000, before[1]))
        yield "The disk reported an error"
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def add_to_a_full_disk(folder: Path) -> tuple[str, str, list[str], int, list[str], list[str]]:
    location = folder / "index"
    location.mkdir()
    message = ""
    with little_room(location) as expected:
        try:
            add_files(open_index(location, FakeEncoder()), [folder / "large.txt"])
        except IndexStateError as error:
            message = str(error)
        index = open_index(location, FakeEncoder())
        before = [document.title for document in index.documents()]
        found = len(words_found(index, "alpha"))
        problems = index.problems()
    add_files(index, [folder / "alpha.txt", folder / "bravo.md"])
    return (
        expected,
        message,
        before,
        found,
        problems + index.problems(),
        sorted(entry.title for entry in index.documents()),
    )


def test_a_full_disk_is_told_of_and_the_index_stays_as_it_was(tmp_path: Path) -> None:
    put_files(tmp_path, {name: GOOD[name] for name in ("alpha.txt", "bravo.md")})
    put_files(
        tmp_path, {"large.txt": b"".join(b"The large text of line %d goes on.\n" % line for line in range(6_000))}
    )
    expected, message, before, found, problems, after = alone(add_to_a_full_disk, tmp_path)
    assert len(message.splitlines()) == 1
    assert str(tmp_path / "index") in message
    assert expected in message
    assert (before, found, problems) == (["alpha"], 1, [])
    assert after == ["Bravo", "alpha"]


class Stopwatch:
    """Counts moments, and plays the user who presses Ctrl-C at one of them."""

    def __init__(self, stop: int | None = None) -> None:
        self.moments = 0
        self.stop = stop

    def tick(self, *_: object) -> None:
        """Pass a moment; raise ``KeyboardInterrupt`` at the chosen one."""
        self.moments += 1
        if self.moments - 1 == self.stop:
            raise KeyboardInterrupt


class TickingEncoder(FakeEncoder):
    """A moment passes before and after each text that is encoded, and with each that is divided into tokens."""

    def __init__(self, watch: Stopwatch) -> None:
        super().__init__()
        self._watch = watch

    def encode(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        rows = []
        for text in texts:
            self._watch.tick()
            rows.append(super().encode([text], on_progress))
            self._watch.tick()
        return np.concatenate([np.empty((0, self.dimension), dtype=np.float32), *rows])

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        self._watch.tick()
        return super().token_spans(text)


@contextmanager
def at_line(watch: Stopwatch) -> Iterator[None]:
    """A moment passes with each line of the package ``index`` that is run."""
    inside = os.sep + "index" + os.sep
    root = str(Path(__file__).parents[2]) + inside

    def trace(frame, event, argument):  # type: ignore[no-untyped-def]
        if not frame.f_code.co_filename.startswith(root):
            return None
        if event == "line":
            watch.tick()
        return trace

    former = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(former)


OLD = {f"{number}.txt": f"Old text {number}. It is about ships and bridges.".encode() for number in range(3)}
NEW = {
    **{
        f"{number}.txt": f"Text number {number}. It is about ships {'and harbours ' * number}.".encode()
        for number in range(6)
    },
    "pages.pdf": pdf_file([["Ships"], ["Bridges"]]),
    "more.zip": zip_file({"a.txt": b"A member about ships.", "b.txt": b"Another one about bridges."}),
    "bad.txt": b"\0",
}


Content = tuple[list[Document], list[list[tuple[str, int, int, str, float]]]]
"""Everything that can be read from an index, without times: its documents, and what is found for some questions."""


def content_of(index: PassageIndex) -> Content:
    documents = [index.document(summary.id) for summary in index.documents()]
    found = [
        [(hit.document_id, hit.start, hit.end, hit.text, round(hit.score, 6)) for hit in index.search(question, top=50)]
        for question in ("ships and harbours", "bridges", "text number")
    ]
    return [replace(document, added_at=datetime(2000, 1, 1, tzinfo=UTC)) for document in documents], found


@dataclass(frozen=True)
class Runs:
    """A folder with articles that have changed since they were indexed, and what runs over it lead to.

    ``before`` are the documents of the old articles, ``after`` is what the index holds after a run that nobody stopped, and
    ``lines`` how many lines of the package ``index`` such a run takes.
    """

    folder: Path
    before: list[Document]
    after: Content
    lines: int

    def outdated_index(self) -> Path:
        """The location of a new index of the old articles."""
        location = self.folder / f"index{len(list(self.folder.iterdir()))}"
        put_files(self.folder / "articles", OLD)
        add_files(create_index(location, FakeEncoder()), [self.folder / "articles" / name for name in OLD])
        put_files(self.folder / "articles", NEW)
        return location


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """See :class:`Runs`; meanwhile documents become visible in groups of a few."""
    folder = tmp_path_factory.mktemp("stopped")
    watch = Stopwatch()
    with patch("index.ingest._GROUP_CHARACTERS", 80):
        index = open_index(Runs(folder, [], ([], []), 0).outdated_index(), FakeEncoder())
        before, _ = content_of(index)
        with at_line(watch):
            add_files(index, [folder / "articles"])
        yield Runs(folder, before, content_of(index), watch.moments)


def check_whole(index: PassageIndex, runs: Runs, visible: set[str]) -> set[str]:
    """What holds whenever a run was stopped; returns the sources that are in their new form."""
    assert index.problems() == []
    known = {document.source: document for document in content_of(index)[0]}
    old, new = ({document.source: document for document in documents} for documents in (runs.before, runs.after[0]))
    assert all(document in (old.get(source), new.get(source)) for source, document in known.items())
    assert old.keys() <= known.keys()
    done = {source for source, document in known.items() if document == new.get(source)}
    assert visible <= done, "what was visible stays"
    for hit in index.search("ships", top=50):
        assert hit.text == index.document(hit.document_id).text[hit.start : hit.end]
    return done


@settings(max_examples=10)
@given(stops=st.lists(st.integers(0, 60), min_size=1, max_size=3))
def test_a_run_that_is_stopped_keeps_what_was_visible_and_the_next_one_completes(runs: Runs, stops: list[int]) -> None:
    location = runs.outdated_index()
    visible: set[str] = set()
    for stop in stops:
        watch = Stopwatch(stop)
        try:
            add_files(open_index(location, TickingEncoder(watch)), [runs.folder / "articles"], watch.tick)
        except KeyboardInterrupt:
            assert watch.moments == stop + 1
        else:
            assert watch.moments <= stop
        visible = check_whole(open_index(location, FakeEncoder()), runs, visible)
    index = open_index(location, FakeEncoder())
    add_files(index, [runs.folder / "articles"])
    assert content_of(index) == runs.after


@settings(max_examples=10, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(place=st.floats(0, 0.98))
def test_a_run_that_is_stopped_at_any_line_of_the_index_leaves_it_whole(runs: Runs, place: float) -> None:
    location = runs.outdated_index()
    index = open_index(location, FakeEncoder())
    with pytest.raises(KeyboardInterrupt), at_line(Stopwatch(int(place * runs.lines))):
        add_files(index, [runs.folder / "articles"])
    done = check_whole(open_index(location, FakeEncoder()), runs, set())
    check_whole(index, runs, done)
    add_files(index, [runs.folder / "articles"])
    assert content_of(index) == runs.after
