"""Zip archives: their members are documents, and nothing that an archive says is trusted."""

import io
import zipfile
from pathlib import Path

import pytest

from index import PassageIndex, add_files, create_index
from index.errors import DocumentError
from index.loaders import archives
from index.loading import find_files, parse, sources_in
from tests.fakes import FakeEncoder
from tests.index.making import docx_file, html_page, pdf_file, zip_file

MEMBERS = {
    "notes/a.txt": b"The harbour was closed on Monday.",
    "b.md": b"# Bridge\n\nIt opened in 1932.",
    "page.html": html_page([["The", "tower", "fell."]]),
    "letter.docx": docx_file([["Dear", "all."]]),
    "report.pdf": pdf_file([["Costs", "rose."]]),
}


@pytest.fixture
def index(tmp_path: Path) -> PassageIndex:
    return create_index(tmp_path / "index", FakeEncoder())


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "articles.zip"


def test_members_become_documents_and_only_changed_ones_are_embedded_again(index: PassageIndex, archive: Path) -> None:
    archive.write_bytes(
        zip_file({**MEMBERS, "picture.png": b"\x89PNG", "empty/": b"", ".hidden.txt": b"x", "__MACOSX/a.txt": b"x"})
    )
    first = add_files(index, [archive])
    assert {index.document(name).source for name in first.new} == {f"{archive}!/{name}" for name in MEMBERS}
    assert first.failed == {}
    assert first.others == {".png": 1}
    archive.write_bytes(zip_file({**MEMBERS, "b.md": b"# Bridge\n\nIt opened in 1933."}))
    before = index.encoder.encoded
    second = add_files(index, [archive])
    assert [index.document(name).text for name in second.changed] == ["Bridge\n\nIt opened in 1933."]
    assert (len(second.unchanged), second.new, second.failed) == (4, [], {})
    assert index.encoder.encoded - before == 1
    assert index.problems() == []


def test_archives_in_a_folder_are_found_beside_its_files(index: PassageIndex, archive: Path) -> None:
    archive.write_bytes(zip_file(MEMBERS))
    (archive.parent / "more.txt").write_text("More.")
    assert [path.name for path in find_files([archive.parent])] == ["articles.zip", "more.txt"]
    assert len(add_files(index, [archive.parent]).new) == len(MEMBERS) + 1


def test_names_that_point_elsewhere_are_only_names(index: PassageIndex, tmp_path: Path) -> None:
    inner = tmp_path / "deep" / "er"
    inner.mkdir(parents=True)
    path = inner / "evil.zip"
    names = ["../../escaped.txt", "/absolute.txt", "..\\windows.txt", "C:\\drive.txt", "line\nbreak.txt"]
    path.write_bytes(zip_file(dict.fromkeys(names, b"Some words.")))
    before = sorted(tmp_path.rglob("*.txt"))
    report = add_files(index, [path])
    assert len(report.new) == len(names)
    assert report.failed == {}
    assert sorted(tmp_path.rglob("*.txt")) == before
    assert f"{path}!/../../escaped.txt" in {index.document(name).source for name in report.new}
    assert all("\n" not in index.document(name).source for name in report.new)


def test_members_that_cannot_be_read_are_named_and_the_rest_is_indexed(index: PassageIndex, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("good.txt", b"Good words.")
        file.writestr("empty.txt", b"")
        file.writestr("binary.txt", b"\x00\x01")
        file.writestr("cut.pdf", pdf_file([["words"]])[:700])
        file.writestr("inner.zip", zip_file({"x.txt": b"x"}))
        file.writestr("inner.tar.gz", b"x")
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("good.txt", b"Other words.")
    report = add_files(index, [archive])
    assert [index.document(name).text for name in report.new] == ["Good words."]
    reasons = {name.partition("!/")[2]: reason for name, reason in report.failed.items()}
    expected = {
        "empty.txt": "empty",
        "binary.txt": "binary",
        "cut.pdf": "cut short",
        "inner.zip": "archives inside archives",
        "inner.tar.gz": "archives inside archives",
    }
    for name, words in expected.items():
        assert words in reasons[name]
    assert all("\n" not in reason for reason in reasons.values())


def test_members_of_the_same_name_are_reported_not_lost(archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", b"one")
        for content in (b"two", b"three"):
            with pytest.warns(UserWarning, match="Duplicate name"):
                file.writestr("a.txt", content)
    sources = list(sources_in(archive))
    assert len({source.name for source in sources}) == 3
    for source in sources[1:]:
        with pytest.raises(DocumentError, match=r"several members of this name"):
            source.read()


def encrypted_zip() -> bytes:
    """An archive whose second member says that it is encrypted."""
    content = bytearray(zip_file({"open.txt": b"Open words.", "secret.txt": b"Secret words."}, zipfile.ZIP_STORED))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rindex(signature) + flags] |= 1
    return bytes(content)


def test_encrypted_members_are_named(index: PassageIndex, archive: Path) -> None:
    archive.write_bytes(encrypted_zip())
    report = add_files(index, [archive])
    assert len(report.new) == 1
    (reason,) = report.failed.values()
    assert "encrypted" in reason


def test_a_damaged_member_does_not_keep_the_others_out(index: PassageIndex, archive: Path) -> None:
    content = bytearray(zip_file({"a.txt": b"Good words.", "b.txt": b"Bad words."}, zipfile.ZIP_STORED))
    content[content.index(b"Bad")] ^= 1
    archive.write_bytes(content)
    report = add_files(index, [archive])
    assert len(report.new) == 1
    assert "damaged" in report.failed[f"{archive}!/b.txt"]


def test_a_member_without_a_name_is_left_out(index: PassageIndex, archive: Path) -> None:
    content = zip_file({"a.txt": b"Good words.", "b.txt": b"Other words."}, zipfile.ZIP_STORED)
    archive.write_bytes(content.replace(b"b.txt", b"\0.txt"))
    report = add_files(index, [archive])
    assert (len(report.new), report.failed) == (1, {})


def test_a_member_packed_in_an_unknown_way_is_named(index: PassageIndex, archive: Path) -> None:
    content = bytearray(zip_file({"a.txt": b"Good words.", "b.txt": b"Other words."}, zipfile.ZIP_STORED))
    for signature, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.rindex(signature) + method] = 99
    archive.write_bytes(content)
    report = add_files(index, [archive])
    assert len(report.new) == 1
    assert "packed in a way that is not read" in report.failed[f"{archive}!/b.txt"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 not an archive at all", "damaged or cut short"),
        (zip_file(MEMBERS)[:-30], "damaged or cut short"),
        (b"", "damaged or cut short"),
        (zip_file({}), "no files to index in this archive"),
        (zip_file({"a.png": b"x"}), "no files to index in this archive"),
        (zip_file({"a.txt": b"\0" * 50_000_000}), "zip bomb"),
    ],
    ids=["nonsense", "truncated", "empty file", "no members", "nothing known", "bomb"],
)
def test_an_archive_that_cannot_be_read_is_named_in_one_line(
    index: PassageIndex, archive: Path, content: bytes, message: str
) -> None:
    archive.write_bytes(content)
    (archive.parent / "good.txt").write_text("Good words.")
    report = add_files(index, [archive, archive.parent / "good.txt"])
    assert len(report.new) == 1
    assert message in report.failed[str(archive)]
    assert "\n" not in report.failed[str(archive)]


def test_limits_hold_for_sizes_counts_and_shared_bytes(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.write_bytes(zip_file({f"{number}.txt": b"words" * 100 for number in range(20)}))
    assert len(list(sources_in(archive))) == 20
    for name, value, message in [("MAX_UNPACKED", 9_000, "zip bomb"), ("MAX_MEMBERS", 19, "members")]:
        with monkeypatch.context() as patch:
            patch.setattr(archives, name, value)
            with pytest.raises(DocumentError, match=message):
                list(sources_in(archive))
    monkeypatch.setattr("index.loading.MAX_TEXT", 400)
    with pytest.raises(DocumentError, match="may have"):
        next(iter(sources_in(archive))).read()


def test_a_member_cannot_hold_more_than_it_says() -> None:
    content = bytearray(zip_file({"a.txt": b"words " * 1000}))
    central = content.rindex(b"PK\x01\x02")
    content[central + 24 : central + 28] = (10).to_bytes(4, "little")
    with archives.open_zip(io.BytesIO(bytes(content)), "a.zip") as archive:
        (member,) = archive.infolist()
        with pytest.raises(DocumentError, match="damaged"):
            archives.read_member(archive, member, "a.txt", 1000)


def test_an_archive_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.zip").mkdir()
    with pytest.raises(DocumentError, match="cannot be read"):
        list(sources_in(tmp_path / "a.zip"))


def test_titles_of_members_are_their_own_names(archive: Path) -> None:
    archive.write_bytes(zip_file({"some/long_name.txt": b"words"}))
    assert [parse(source.read()).title for source in sources_in(archive)] == ["long name"]
