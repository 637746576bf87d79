"""Books: chapters in reading order, and plain words for what is no readable book."""

import pytest

from index.errors import DocumentError
from index.loading import LoadedFile, parse
from tests.index.making import epub_file, source, zip_file

CHAPTERS = [["It", "was", "a", "dark", "&", "stormy", "night."], ["The", "end."]]


def load(content: bytes) -> LoadedFile:
    return parse(source("book.epub", content))


def test_chapters_come_in_reading_order_with_title_and_date() -> None:
    loaded = load(epub_file(CHAPTERS, title="Night & Day"))
    assert loaded.text == "It was a dark & stormy night.\n\nThe end."
    assert (loaded.title, loaded.date, loaded.note) == ("Night & Day", "1897-05", None)


def test_a_chapter_that_is_not_there_is_told_of() -> None:
    book = epub_file(CHAPTERS).replace(b"text of/1.xhtml", b"text of/9.xhtml")
    loaded = load(book)
    assert loaded.text == "It was a dark & stormy night."
    assert loaded.note == "1 of its chapters is not in the file"


def test_a_chapter_that_is_listed_again_and_again_is_read_once() -> None:
    again = "".join(f'<itemref idref="c{number % 2}"/><itemref idref="other"/>' for number in range(1_000))
    listed = (
        '<package><manifest><item id="c0" href="0.xhtml"/><item id="c1" href="./1.xhtml"/><item id="other" '
        f'href="x/../0.xhtml"/></manifest><spine>{again}<itemref idref="gone"/><itemref idref="gone"/></spine></package>'
    )
    pages = {f"OPS/{number}.xhtml": f"<p>{' '.join(words[:2])}</p>" for number, words in enumerate(CHAPTERS)}
    loaded = load(epub_file([], **{"OPS/book.opf": listed}, **pages))
    assert loaded.text == "It was\n\nThe end."
    assert loaded.note == "1 of its chapters is not in the file"


def test_a_book_of_more_text_than_is_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.loaders.epub.MAX_TEXT", 1_000)
    assert len(load(epub_file([["word"] * 100])).text) == 499
    with pytest.raises(DocumentError, match="Split it into smaller ones"):
        load(epub_file([["word"] * 100] * 5))


def test_obscured_fonts_are_no_protection() -> None:
    fonts = '<encryption><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/></encryption>'
    assert "stormy" in load(epub_file(CHAPTERS, **{"META-INF/encryption.xml": fonts})).text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zip_file({"a.txt": b"hi"}), "not an EPUB"),
        (epub_file(CHAPTERS)[:-40], "damaged or cut short"),
        (epub_file(CHAPTERS, **{"OPS/book.opf": "<package><spine>"}), "is damaged"),
        (epub_file([]), "no text"),
        (
            epub_file(CHAPTERS, **{"META-INF/encryption.xml": '<e><EncryptionMethod Algorithm="aes128-cbc"/></e>'}),
            "copy-protected",
        ),
    ],
    ids=["other zip", "truncated", "broken list", "empty", "protected"],
)
def test_what_cannot_be_read_is_named_in_one_line(content: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        load(content)
    assert "\n" not in str(caught.value)


def test_the_date_of_a_book_of_unknown_date_is_none() -> None:
    # As Calibre writes it.
    package = (
        "<package><metadata><date>0101-01-01T00:00:00+00:00</date></metadata><manifest><item id='c' href='c.html'/>"
        "</manifest><spine><itemref idref='c'/></spine></package>"
    )
    assert load(epub_file([], **{"OPS/book.opf": package, "OPS/c.html": "words"})).date is None
