"""Loading files: canonical texts, encodings, and plain words for what cannot be read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import DocumentError
from index.loading import SourceFile, canonical_newlines, decode, find_files, parse, read_source
from index.markdown import markdown_text


def load(path: Path) -> str:
    return parse(read_source(path)).text


def test_line_ends_become_newlines_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("one\r\ntwo\rthree\n\te\u0301 👩‍👧".encode())
    assert load(path) == "one\ntwo\nthree\n\te\u0301 👩‍👧"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_encodings_are_told_by_their_marks(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Zoë said “no” 😀.".encode(encoding))
    assert load(path) == "Zoë said “no” 😀."


def test_an_old_encoding_is_guessed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(("Les élèves de l'école étaient très fatigués à la fin de l'été, hélas. " * 5).encode("cp1252"))
    assert "Les élèves de l'école" in load(path)


@given(st.text(alphabet=st.characters(exclude_characters="\x00\ufeff", exclude_categories=["Cs"]), min_size=1))
def test_utf8_text_is_kept_code_point_by_code_point(text: str) -> None:
    source = SourceFile("a.txt", text.encode(), "")
    assert decode(source) == canonical_newlines(text)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n\t\n", "no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "binary"),
        (b"\xff\xfea", "broken"),
    ],
)
def test_what_is_not_text_is_named_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=message) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folders_give_their_known_files_sorted(tmp_path: Path) -> None:
    for name in ["b.txt", "a.md", "c.bin", ".hidden.txt", "sub/d.TXT"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [path.name for path in find_files([tmp_path])] == ["a.md", "b.txt", "d.TXT"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(find_files([tmp_path])) == 1


def test_a_missing_path_and_a_folder_without_texts_are_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no such file"):
        find_files([tmp_path / "nope"])
    with pytest.raises(DocumentError, match="no files to index"):
        find_files([tmp_path])


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="not a regular file"):
        read_source(tmp_path)


def test_markdown_is_read_as_its_words() -> None:
    source = (
        "# A *big* title\n\nSome [link](http://x.test) and `code`\nhere &amp; there.\n\n- one\n- **two**\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx = 1\n```\n\n<script>alert(1)</script>\n"
    )
    text, title = markdown_text(source)
    assert title == "A big title"
    assert text == "A big title\n\nSome link and code\nhere & there.\n\none\n\ntwo\n\na | b\n\n1 | 2\n\nx = 1"


def test_markdown_without_a_heading_has_no_title() -> None:
    assert markdown_text("just words") == ("just words", None)
