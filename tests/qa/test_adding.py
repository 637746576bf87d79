"""``qa add``: what it says beside the documents it added."""

import os
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import index
from index import open_index
from qa.cli import documents
from tests.fakes import FakeEncoder
from tests.index.making import zip_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    (folder / "deep").mkdir(parents=True)
    (folder / "fr.txt").write_bytes("Le café de la gare à Besançon a fermé.".encode("cp1252"))
    (folder / "en.txt").write_text("The café closed.", encoding="utf-8")
    return folder


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(index, "MiniLMEncoder", FakeEncoder)

    def run(*paths: Path) -> Result:
        return CliRunner().invoke(documents.app, ["add", "--index", str(tmp_path / "index"), *map(str, paths)])

    return run


def test_a_guessed_encoding_is_told_of(add, folder: Path, tmp_path: Path) -> None:
    done = add(folder)
    assert done.exit_code == 0
    assert [line[:3] for line in done.stdout.splitlines()] == ["new", "new"]
    note = f"{folder}/fr.txt: not UTF-8; read as cp1252. Save it as UTF-8 if letters are wrong."
    assert done.stderr == f"note       {note}\n"
    store = open_index(tmp_path / "index", FakeEncoder())
    assert store.document(store.resolve("fr.txt")).text == "Le café de la gare à Besançon a fermé."
    assert add(folder).stderr == "", "it was said when the text was taken"


def test_files_of_other_types_in_a_folder_are_told_of_without_failing(add, folder: Path) -> None:
    (folder / "fr.txt").unlink()
    (folder / "pic.png").write_bytes(b"\x89PNG\0")
    done = add(folder)
    assert (done.exit_code, done.stderr) == (0, "passed over 1 file of another type (.png)\n")
    (folder / "deep" / "note.rtf").write_bytes(b"{\\rtf1 words}")
    (folder / "deep" / ".hidden.bin").write_bytes(b"\0")
    done = add(folder)
    assert (done.exit_code, done.stderr) == (0, "passed over 2 files of other types (.png, .rtf)\n")
    (folder / "deep" / "Makefile").write_text("all:")
    for number in range(8):
        (folder / f"a.x{number}").write_text("x")
        (folder / f"b.x{number}").write_text("x")
    done = add(folder)
    assert done.stderr == "passed over 19 files of other types (.x0, .x1, .x2, .x3, .x4, .x5, .x6, .x7, …)\n"


def test_members_of_an_archive_of_other_types_are_told_of_with_those_of_folders(add, folder: Path) -> None:
    (folder / "fr.txt").unlink()
    (folder / "pic.png").write_bytes(b"\x89PNG\0")
    (folder / "more.zip").write_bytes(zip_file({"a.txt": b"Words.", "b.PPTX": b"PK", ".hidden.png": b"PK"}))
    done = add(folder)
    assert (done.exit_code, done.stderr) == (0, "passed over 2 files of other types (.png, .pptx)\n")


def test_a_folder_of_other_types_alone_fails_and_tells_of_them(add, folder: Path) -> None:
    (folder / "deep" / "Makefile").write_text("all:")
    (folder / "deep" / "pic.png").write_bytes(b"\x89PNG\0")
    done = add(folder / "deep")
    assert done.exit_code == 1
    failed, others = done.stderr.splitlines()
    assert failed.startswith(f"failed     {folder}/deep: no files to index in this folder.")
    assert others == "passed over 2 files of other types (.png, no extension)"


def test_files_of_other_types_that_are_named_are_read_or_refused_and_not_passed_over(add, folder: Path) -> None:
    files = {"pic.png": b"\x89PNG\0", "note.rtf": b"{\\rtf1 words}", "run.log": b"The tide comes at nine."}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    done = add(*(folder / name for name in files))
    assert done.exit_code == 1
    assert done.stdout.rstrip().endswith("run.log")
    png, rtf = done.stderr.splitlines()
    assert png.endswith(
        "(.docx, .epub, .htm, .html, .markdown, .md, .pdf, .text, .txt, .xhtml, .zip). "
        "Save it as PDF or DOCX, or as UTF-8 if it is text."
    )
    assert rtf.endswith("note.rtf: this is rich text (RTF), which is not read. Save it as DOCX or plain text.")


def test_what_an_archive_has_no_more_is_removed_and_told_of(add, folder: Path, tmp_path: Path) -> None:
    path = folder / "news.zip"
    path.write_bytes(zip_file({"a.txt": b"The ferry sank.", "b.txt": b"It rained."}))
    add(path)
    path.write_bytes(zip_file({"a.txt": b"The ferry sank."})[:-9])
    assert add(path).exit_code == 1
    store = open_index(tmp_path / "index", FakeEncoder())
    assert len(store.documents()) == 2, "an archive that cannot be read loses nothing"
    path.write_bytes(zip_file({"a.txt": b"The ferry sank.", "c.txt": b"\0\1\2" * 9}))
    done = add(path)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["unchanged", "removed"]
    assert [summary.source for summary in store.documents()] == [f"{path}!/a.txt"]
    path.write_bytes(zip_file({"c.txt": b"\0\1\2" * 9}))
    add(path)
    assert len(store.documents()) == 1, "nor does one in which nothing can be read"


def test_the_account_is_whole_though_a_document_was_removed_meanwhile(
    add, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "blank.txt").write_text(" ", encoding="utf-8")
    add_all = index.add_files

    def race(store, paths, advance):
        report = add_all(store, paths, advance)
        store.remove([report.new[0]])
        return report

    monkeypatch.setattr(index, "add_files", race)
    done = add(folder)
    first, second = done.stdout.splitlines()
    assert first.endswith("(removed meanwhile)")
    assert second.endswith(".txt")
    assert "blank.txt" in done.stderr
    assert done.exit_code == 1


def test_a_file_that_may_not_be_read_does_not_stop_the_others(
    add, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "fr.txt" and may(path, mode))
    done = add(folder / "en.txt", folder / "fr.txt")
    assert done.exit_code == 0, "whether it can be read is found out by reading it"
    assert len(done.stdout.splitlines()) == 2


def test_paths_that_give_no_files_leave_no_index_behind(add, tmp_path: Path) -> None:
    place, empty = tmp_path / "index", tmp_path / "empty"
    empty.mkdir()
    assert add(empty).exit_code == 1
    assert not place.exists()
    place.mkdir()
    assert add(tmp_path / "typo.txt").exit_code == 1
    assert list(place.iterdir()) == []
