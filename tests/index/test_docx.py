"""Word documents: all their words in order, and their title."""

import io
import zipfile
from datetime import UTC, datetime

import docx
import pytest

from index.errors import DocumentError
from index.loading import LoadedFile, parse
from tests.index.making import docx_file, source, zip_file

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"/></Relationships>'
)


def load(content: bytes) -> LoadedFile:
    return parse(source("letter_to_you.docx", content))


def bare(body: str, **parts: str) -> bytes:
    members = {"_rels/.rels": RELS.format("officeDocument", "word/document.xml")}
    members["word/document.xml"] = f"<w:document {W}><w:body>{body}</w:body></w:document>"
    return zip_file({name: text.encode() for name, text in {**members, **parts}.items()})


def test_paragraphs_lists_and_tables_come_in_document_order() -> None:
    document = docx.Document()
    document.add_paragraph("Before the table.")
    document.add_heading("The Bridge", level=1)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ["Year", "Cost", "1932", "two\nmillion"], strict=True
    ):
        cell.text = text
    document.add_paragraph("one pier", style="List Bullet")
    document.add_paragraph("line one\nline two\ttabbed")
    document.add_paragraph("   ")
    file = io.BytesIO()
    document.save(file)
    loaded = load(file.getvalue())
    assert loaded.text == (
        "Before the table.\n\nThe Bridge\n\nYear | Cost\n\n1932 | two million\n\none pier\n\nline one\nline two tabbed"
    )
    assert loaded.title == "The Bridge"
    assert loaded.date is None, "python-docx says when its template was made"
    document.core_properties.created = datetime(2024, 3, 5, tzinfo=UTC)
    file = io.BytesIO()
    document.save(file)
    assert load(file.getvalue()).date == "2024-03-05"


def test_the_title_is_that_of_the_properties_then_the_highest_heading_then_the_file_name() -> None:
    blocks = [["words"], ["row"], ["item"], ["Heading"]]
    assert load(docx_file(blocks, title="Annual  Report")).title == "Annual Report"
    assert load(docx_file(blocks)).title == "Heading"
    assert load(docx_file(blocks[:1])).title == "letter to you"


def test_words_that_are_wrapped_in_something_are_not_lost() -> None:
    body = (
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>control</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        '<w:p><w:ins w:id="1"><w:r><w:t>inserted </w:t></w:r></w:ins>'
        '<w:del w:id="2"><w:r><w:delText>gone</w:delText></w:r></w:del>'
        "<w:hyperlink><w:r><w:t>linked</w:t></w:r></w:hyperlink><w:r><w:noBreakHyphen/><w:t>up</w:t><w:softHyphen/></w:r>"
        "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>"
        '<w:moveFrom w:id="3"><w:p><w:r><w:t>moved away</w:t></w:r></w:p></w:moveFrom>'
    )
    notes = (
        f'<w:footnotes {W}><w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>---</w:t></w:r></w:p></w:footnote>'
        '<w:footnote w:id="1"><w:p><w:r><w:t>a note</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    content = bare(
        body, **{"word/_rels/document.xml.rels": RELS.format("footnotes", "footnotes.xml"), "word/footnotes.xml": notes}
    )
    assert load(content).text == "control\n\ninserted linked-up\n\nboxed\n\na note"


def test_spelled_out_line_ends_are_newlines_and_soft_hyphens_do_not_divide_words() -> None:
    content = bare("<w:p><w:r><w:t>one&#13;&#10;two&#13;three re&#173;mark</w:t></w:r></w:p>")
    assert load(content).text == "one\ntwo\nthree remark"


def test_headers_and_footers_are_left_out_and_nested_tables_read_in_order() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Running header"
    document.sections[0].footer.paragraphs[0].text = "Page footer"
    cell = document.add_table(rows=1, cols=2).rows[0].cells
    cell[0].text = "outer"
    inner = cell[1].add_table(rows=2, cols=2)
    for place, text in zip((place for row in inner.rows for place in row.cells), "abcd", strict=True):
        place.text = text
    document.add_paragraph("After.")
    file = io.BytesIO()
    document.save(file)
    assert load(file.getvalue()).text == "outer | a | b c | d\n\nAfter."


def test_external_entities_stay_unread(tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 50}">' for n in range(12))
    document = (
        f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">{bomb}]><w:document {W}><w:body><w:p><w:r><w:t>Before</w:t>'
        "<w:t>&x;</w:t><w:t>&e11;</w:t></w:r></w:p></w:body></w:document>"
    )
    content = zip_file(
        {
            "_rels/.rels": RELS.format("officeDocument", "word/document.xml").encode(),
            "word/document.xml": document.encode(),
        }
    )
    try:
        text = load(content).text
    except DocumentError as error:
        text = str(error)
    assert "secret words" not in text
    assert "haha" not in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (docx_file([["words"]])[:2000], "damaged or cut short"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        (zip_file({"hello.txt": b"hi"}), "not a Word document"),
        (bare("<w:p><w:r>"), "is damaged"),
        (bare("<w:p/>"), "no text"),
    ],
    ids=["truncated", "encrypted", "other zip", "broken xml", "empty"],
)
def test_what_cannot_be_read_is_named_in_one_line(content: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        load(content)
    assert "\n" not in str(caught.value)


def test_a_document_that_unpacks_to_far_too_much_is_refused() -> None:
    content = bare("<w:p><w:r><w:t>" + " " * 40_000_000 + "</w:t></w:r></w:p>")
    assert len(content) < 100_000
    with pytest.raises(DocumentError, match="zip bomb"):
        load(content)


def test_a_damaged_member_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(zip_file({"_rels/.rels": b"x" * 400, "word/document.xml": b"y" * 400}, zipfile.ZIP_STORED))
    content[100] ^= 1
    with pytest.raises(DocumentError, match="damaged in its archive"):
        load(bytes(content))


def test_letters_of_the_symbol_font_are_read() -> None:
    symbols = "".join(f'<w:sym w:font="Symbol" w:char="{code}"/>' for code in ("F06D", "F0B0", "00B3", "F020", "zz"))
    other = '<w:sym w:font="Wingdings" w:char="F04A"/><w:sym w:font="Arial" w:char="00E9"/><w:sym w:font="Arial"/>'
    body = f"<w:p><w:r><w:t>5 </w:t>{symbols}<w:t>m </w:t>{other}</w:r></w:p>"
    assert load(bare(body)).text == "5 µ°≥ \ufffdm \ufffdé\ufffd"


def test_a_letter_of_the_symbol_font_that_is_no_letter_is_not_lost_silently() -> None:
    body = '<w:p><w:r><w:sym w:font="Symbol" w:char="F080"/><w:sym w:font="Symbol" w:char="F061"/></w:r></w:p>'
    assert load(bare(body)).text == "\ufffdα"


def test_notes_of_every_kind_but_separators_are_read() -> None:
    kinds = ["separator", "continuationSeparator", "continuationNotice", "normal"]
    notes = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:t>a {kind}</w:t></w:r></w:p></w:footnote>'
        for number, kind in enumerate(kinds)
    )
    content = bare(
        "<w:p><w:r><w:t>words</w:t></w:r></w:p>",
        **{
            "word/_rels/document.xml.rels": RELS.format("footnotes", "footnotes.xml"),
            "word/footnotes.xml": f"<w:footnotes {W}>{notes}</w:footnotes>",
        },
    )
    assert load(content).text == "words\n\na normal"


def paragraph(text: str, properties: str = "") -> str:
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def test_paragraphs_whose_end_was_deleted_under_review_are_one() -> None:
    gone = '<w:rPr><w:del w:id="1"/></w:rPr>'
    body = paragraph("First part ", gone) + paragraph("second, ", gone) + paragraph("third.") + paragraph("Another.")
    assert load(bare(body)).text == "First part second, third.\n\nAnother."
    moved = paragraph("First ", '<w:rPr><w:moveFrom w:id="1"/></w:rPr>')
    assert load(bare(moved + paragraph("second."))).text == "First second."
    body = paragraph("Before.", gone) + f"<w:tbl><w:tr><w:tc>{paragraph('in a cell', gone)}</w:tc></w:tr></w:tbl>"
    assert load(bare(body + paragraph("After.", gone))).text == "Before.\n\nin a cell\n\nAfter."


@pytest.mark.parametrize(
    ("property", "text"),
    [
        ("<w:vanish/>", "seen end"),
        ('<w:vanish w:val="1"/>', "seen end"),
        ('<w:vanish w:val="false"/>', "seen hidden end"),
        ('<w:vanish w:val="0"/>', "seen hidden end"),
        ("<w:webHidden/>", "seen hidden end"),
    ],
)
def test_hidden_text_is_left_out(property: str, text: str) -> None:
    runs = f"<w:r><w:rPr>{property}</w:rPr><w:t>hidden </w:t></w:r><w:r><w:t>end</w:t></w:r>"
    body = f'<w:p><w:r><w:t xml:space="preserve">seen </w:t></w:r>{runs}</w:p>'
    assert load(bare(body.replace("<w:t>hidden", '<w:t xml:space="preserve">hidden'))).text == text
