"""Loading files: canonical texts, encodings, and plain words for what cannot be read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import add_files, create_index
from index.errors import DocumentError
from index.loaders.base import MAX_TEXT, Parsed, iso_date
from index.loading import (
    LOADERS,
    MAX_BYTES,
    SourceFile,
    canonical_newlines,
    decode,
    find_files,
    parse,
    passed_over,
    read_source,
)
from index.markdown import markdown_text
from tests.fakes import FakeEncoder
from tests.index.making import zip_file


def load(path: Path) -> str:
    return parse(read_source(path)).text


def test_line_ends_become_newlines_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("one\r\ntwo\rthree\n\te\u0301 👩‍👧".encode())
    assert load(path) == "one\ntwo\nthree\n\te\u0301 👩‍👧"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_encodings_are_told_by_their_marks(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Zoë said “no” 😀.".encode(encoding))
    assert load(path) == "Zoë said “no” 😀."


def test_an_old_encoding_is_guessed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(("Les élèves de l'école étaient très fatigués à la fin de l'été, hélas. " * 5).encode("cp1252"))
    assert "Les élèves de l'école" in load(path)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Svenska sjömän går på broar över ån. Hamnen stängdes på måndagen.", "cp1252"),
        ("Les élèves de l'école étaient très fatigués. Où êtes-vous allé, François ?", "cp1252"),
        ("Zażółć gęślą jaźń. Wczoraj pięć łodzi wypłynęło na jezioro, a później wróciło.", "cp1250"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy. Včera večer přijel vlak do Prahy.", "cp1250"),
        ("Árvíztűrő tükörfúrógép. A kikötőt hétfőn lezárták, és senki sem tudta, miért.", "cp1250"),
        ("Мост открыли в 1932 году. Никто не знал, почему порт закрыли.", "cp1251"),
        ("Η γέφυρα άνοιξε το 1932. Κανείς δεν ήξερε γιατί έκλεισε το λιμάνι.", "cp1253"),
    ],
)
def test_a_short_text_in_an_old_encoding_is_taken_for_its_commonest_reading(text: str, encoding: str) -> None:
    assert parse(SourceFile("a.txt", text.encode(encoding), "")).text == text


def test_a_few_foreign_bytes_are_taken_for_the_commonest_old_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"The caf\xe9 opened.")
    assert load(path) == "The café opened."


def test_damaged_utf8_is_named_with_its_place_and_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Die Brücke wurde eröffnet.".encode() * 3 + b"\xff and more")
    with pytest.raises(DocumentError, match=r"damaged bytes, the first at byte 84\."):
        load(path)


@given(st.text(alphabet=st.characters(exclude_characters="\x00\ufeff", exclude_categories=["Cs"]), min_size=1))
def test_utf8_text_is_kept_code_point_by_code_point(text: str) -> None:
    source = SourceFile("a.txt", text.encode(), "")
    decoded = decode(source)
    assert (decoded.text, decoded.note) == (canonical_newlines(text), None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n\t\n", "no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "binary"),
        (b"\xff\xfea", "broken"),
        ("a\0b".encode("utf-8-sig"), "binary"),
        ("a\0b".encode("utf-16"), "binary"),
        ("words".encode("utf-16-le"), "binary"),
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


def test_files_of_other_types_in_folders_are_counted_by_extension(tmp_path: Path) -> None:
    names = [
        "a.txt",
        "b.zip",
        "c.PNG",
        "sub/d.png",
        "sub/Makefile",
        "e.two\nlines",
        ".hidden.png",
        ".git/f.png",
        "g.csv",
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    counts = {".png": 2, "": 1, ".two\ufffdlines": 1, ".csv": 1}
    assert passed_over([tmp_path]) == counts
    assert passed_over([tmp_path, tmp_path / "sub", tmp_path / "a.txt"]) == counts, "each is counted once"
    del counts[".csv"]
    assert passed_over([tmp_path, tmp_path / "g.csv", tmp_path / "sub" / "d.png"]) == {**counts, ".png": 1}
    assert passed_over([tmp_path / "c.PNG", tmp_path / "a.txt", tmp_path / "gone"]) == {}


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(find_files([tmp_path])) == 1


def test_links_that_lead_to_themselves_are_named_and_the_rest_is_indexed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Some words.")
    (tmp_path / "b.txt").symlink_to(tmp_path / "c.txt")
    (tmp_path / "c.txt").symlink_to(tmp_path / "b.txt")
    with pytest.raises(DocumentError, match="leads nowhere or to itself"):
        find_files([tmp_path / "b.txt"])
    report = add_files(create_index(tmp_path / "index", FakeEncoder()), [tmp_path])
    assert len(report.new) == 1
    assert len(report.failed) == 2
    assert all("cannot be read" in reason for reason in report.failed.values())


def test_a_file_whose_name_is_not_text_is_named_and_the_rest_is_indexed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Some words.")
    names = (b"caf\xe9.txt", b"two\nlines.txt", b"caf\xe9.zip", b"two\nlines.zip")
    for name in names:
        content = zip_file({"b.txt": b"Other words."}) if name.endswith(b".zip") else b"Other words."
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(content)
    report = add_files(create_index(tmp_path / "index", FakeEncoder()), [tmp_path])
    assert len(report.new) == 1
    assert len(report.failed) == len(names)
    assert all("Rename it" in reason and "\n" not in reason for reason in report.failed.values())


def test_a_line_of_a_million_characters_is_cut_into_passages(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("word" * 2_000 + " word" * 200_000)
    index = create_index(tmp_path / "index", FakeEncoder())
    (name,) = add_files(index, [path]).new
    document = index.document(name)
    assert len(document.text) == 1_008_000
    for hit in index.search("word", top=20):
        assert hit.text == document.text[hit.start : hit.end]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    for name, limit, words in [
        ("a.txt", MAX_TEXT, "64 MiB"),
        ("a.md", MAX_TEXT, "64 MiB"),
        ("a.html", MAX_TEXT, "64 MiB"),
        ("a.log", MAX_TEXT, "64 MiB"),
        ("a.PDF", MAX_BYTES, "512 MiB"),
        ("a.docx", MAX_BYTES, "512 MiB"),
        ("a.epub", MAX_BYTES, "512 MiB"),
    ]:
        with (tmp_path / name).open("wb") as file:
            file.truncate(limit + 1)
        with pytest.raises(DocumentError, match=rf"{words} that a file of its kind may have\. Split it"):
            read_source(tmp_path / name)


@pytest.mark.parametrize("name", ["pic.png", "data.xlsx", "old.doc", "program"])
def test_a_binary_file_of_a_type_that_is_not_read_is_told_what_is(name: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(SourceFile(name, b"\x89PNG\r\n\x1a\n\0\0", ""))
    formats = ".docx, .epub, .htm, .html, .markdown, .md, .pdf, .text, .txt, .xhtml, .zip"
    assert str(caught.value) == (
        f"{name}: this is a binary file, and not of a type that is read ({formats}). "
        "Save it as PDF or DOCX, or as UTF-8 if it is text."
    )


def test_archives_that_are_not_opened_are_to_be_extracted() -> None:
    with pytest.raises(DocumentError, match=r"not of a type that is read .*\. Extract it\.$"):
        parse(SourceFile("articles.tar.gz", b"\x1f\x8b\x08\0", ""))


@pytest.mark.parametrize("name", ["a.rtf", "a.txt", "a.doc", "a"])
def test_rich_text_is_refused_by_any_name(name: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(SourceFile(name, b"{\\rtf1\\ansi The harbour \\b was\\b0  closed.}", ""))
    assert str(caught.value) == f"{name}: this is rich text (RTF), which is not read. Save it as DOCX or plain text."


@pytest.mark.parametrize("name", ["a.log", "a.csv", "a.rtf", "a.tex", "README"])
def test_text_of_other_types_is_read_when_it_is_named(name: str) -> None:
    loaded = parse(SourceFile(name, b"An {\\rtf} command, a comma.", ""))
    assert (loaded.text, loaded.note) == ("An {\\rtf} command, a comma.", None)


def test_a_parser_that_fails_in_its_own_way_is_reported_as_a_file_that_cannot_be_read(monkeypatch) -> None:
    def fail(source: SourceFile) -> Parsed:
        raise KeyError("one\ntwo")

    monkeypatch.setitem(LOADERS, ".txt", fail)
    with pytest.raises(DocumentError, match=r"^a\.txt: it cannot be read as \.txt \(KeyError: .*\)\. Save it again\.$"):
        parse(SourceFile("a.txt", b"words", ""))


def test_importing_the_index_loads_no_parser() -> None:
    code = "import sys, index; print(sorted({'lxml', 'pypdfium2', 'trafilatura', 'markdown_it'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


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
    assert text == "A big title\n\nSome link and code here & there.\n\none\n\ntwo\n\na | b\n\n1 | 2\n\nx = 1"


def test_a_title_of_markdown_is_one_line_and_line_ends_that_are_spelled_out_are_newlines() -> None:
    loaded = parse(SourceFile("a.md", b"Two\nlines\n===\n\none&#13;&#10;two&#13;three\n", ""))
    assert (loaded.text, loaded.title) == ("Two lines\n\none\ntwo\nthree", "Two lines")
    assert parse(SourceFile("some_notes.md", b"#\n\nwords\n", "")).title == "some notes"


def test_lines_of_markdown_go_on_where_their_author_only_wrapped_them() -> None:
    text, _ = markdown_text(
        "The mayor of the town, elected\nin 2019, is Ana Lund.\n\n1 Quay Street\\\nBergen  \nNorway"
    )
    assert text == "The mayor of the town, elected in 2019, is Ana Lund.\n\n1 Quay Street\nBergen\nNorway"


def test_markdown_without_a_heading_has_no_title() -> None:
    assert markdown_text("just words") == ("just words", None)


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2024-03-05T10:00:00Z", "2024-03-05"),
        ("20240305103000+01'00'", "2024-03-05"),
        ("1897", "1897"),
        ("1897-05", "1897-05"),
        ("2024-13-99", "2024"),
        ("2024-12-99", "2024-12"),
        ("no date", None),
        ("0101-01-01T00:00:00+00:00", None),
        ("1000-01", "1000-01"),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_cut_to_what_they_say(value: str | None, date: str | None) -> None:
    assert iso_date(value) == date


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            '<h1 align="center">My Tool</h1>\n<p align="center">A tool, by <b>Ana</b> Lund.</p>\n\n## Install\n\nRun it.',
            "My Tool\n\nA tool, by Ana Lund.\n\nInstall\n\nRun it.",
        ),
        (
            "<details>\n<summary>Who pays?</summary>\nThe state pays.\n\nAll *of* it.\n\n</details>\n",
            "Who pays?\n\nThe state pays.\n\nAll of it.",
        ),
        ("<table>\n<tr><td>Year</td><td>1932</td></tr>\n</table>\n", "Year | 1932"),
        ("- x\n\n  <div>in an item</div>\n", "x\n\nin an item"),
        ("| Ana<br>Lund | 1950<br/>Oslo |\n|---|---|\n| a | b |\n", "Ana Lund | 1950 Oslo\n\na | b"),
        ("Ana<br />Lund, co&shy;op, `re\u00admark`.\n", "Ana\nLund, coop, `remark`.".replace("`", "")),
        ("The <String> of a <title> tag.", "The  of a  tag."),
        ("Ana<br>\nLund\nand more", "Ana\nLund and more"),
    ],
)
def test_html_in_markdown_is_read_as_its_words(source: str, text: str) -> None:
    assert markdown_text(source)[0] == text


def test_a_heading_in_html_is_the_title_of_markdown() -> None:
    assert markdown_text("<h1>My <b>Tool</b></h1>\n\n# Other\n")[1] == "My Tool"
    assert markdown_text("<h1><img src='a.png'></h1>\n\n# Other\n")[1] == "Other"


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>\nlet x\n\nlet y\n</script>",
        "<style>\np {}\n\nq {}\n</style>",
        "<!-- one\n\ntwo -->",
        "<?php echo 1 ?>",
        "<!DOCTYPE html>",
        "<p hidden>gone</p>",
        "</div>",
        "seen <script>alert(1)</script>",
        "seen <style>p {}</style>",
        "seen <!-- not -->",
    ],
)
def test_what_is_not_shown_of_html_in_markdown_is_left_out(hidden: str) -> None:
    assert markdown_text(f"seen\n\n{hidden}\n\nseen")[0].replace("seen", "").strip() == ""


def test_html_in_markdown_that_is_too_deep_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"^a\.md: .*nested too deeply"):
        parse(SourceFile("a.md", b"<div>" * 500 + b"deep", ""))
