"""Documents made with the usual libraries, to be read back by the loaders."""

import io
import zipfile
from collections.abc import Sequence
from hashlib import sha256
from html import escape

import docx
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from index.loaders.base import SourceFile

words = st.text(st.characters(categories=["Ll", "Lu", "Lo", "Nd"], max_codepoint=0x2FFF), min_size=1, max_size=9)
"""A word of any alphabet."""
ascii_words = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=9)
pdf_pages = st.lists(st.lists(ascii_words, min_size=1, max_size=40), min_size=1, max_size=4)
"""Pages as lists of words that every font has."""
paragraphs = st.lists(st.lists(words, min_size=1, max_size=12), min_size=1, max_size=6)
"""Paragraphs of a document as lists of their words."""


def source(name: str, content: bytes) -> SourceFile:
    """Bytes as a loader gets them."""
    return SourceFile(name, content, sha256(content).hexdigest())


def html_page(blocks: Sequence[Sequence[str]]) -> bytes:
    """An article whose blocks are by turns a paragraph, a list, a table row and a heading, among what is on every page."""
    kinds = ["<p>{}</p>", "<ul><li>{}</li></ul>", "<table><tr><td>{}</td></tr></table>", "<h2>{}</h2>"]
    between = [" ", "</li><li>", "</td><td>", "\n"]
    body = "".join(
        kinds[number % 4].format(between[number % 4].join(escape(word) for word in block))
        for number, block in enumerate(blocks)
    )
    return (
        "<!doctype html><html><head><title>Made up</title><style>p { color: red }</style></head><body>"
        f"<nav><a href='/'>Home</a></nav><article>{body}<script>alert('no')</script></article><footer>Imprint</footer></body>"
        "</html>"
    ).encode()


def docx_file(blocks: Sequence[Sequence[str]], title: str = "") -> bytes:
    """A Word document whose blocks are by turns a paragraph, a table row, a list item and a heading."""
    document = docx.Document()
    document.core_properties.title = title
    for number, block in enumerate(blocks):
        if number % 4 == 1:
            table = document.add_table(rows=1, cols=len(block))
            for cell, word in zip(table.rows[0].cells, block, strict=True):
                cell.text = word
        else:
            style = {0: "Normal", 2: "List Bullet", 3: "Heading 1"}[number % 4]
            paragraph = document.add_paragraph(style=style)
            for word in block:
                paragraph.add_run(word).bold = True
                paragraph.add_run(" ")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def zip_file(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive that is the same bytes whenever it is made: a bare name would be stored with the time of day."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=compression)
    return file.getvalue()


PDF_LINE = 40
"""Characters on a line of :func:`pdf_file`."""
PDF_SIZES = [(595, 842), (400, 700), (842, 595)]


def pdf_place(line: int, column: int) -> tuple[float, float]:
    """Where the character in that column of that line of :func:`pdf_file` begins, in points."""
    return 50 + 6 * column, 500 - 12 * line


def pdf_lines(words: Sequence[str]) -> list[str]:
    """``words`` in lines of at most :data:`PDF_LINE` characters."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > PDF_LINE:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def pdf_file(pages: Sequence[Sequence[str]], rotation: int = 0, **metadata: str) -> bytes:
    """A PDF with one page for each list of words, in Courier, whose characters are all 6 points wide; page sizes differ."""
    file = io.BytesIO()
    canvas = Canvas(file)
    for name, value in metadata.items():
        getattr(canvas, f"set{name}")(value)
    for number, words in enumerate(pages):
        canvas.setPageSize(PDF_SIZES[number % len(PDF_SIZES)])
        canvas.setPageRotation(rotation)
        canvas.setFont("Courier", 10)
        for line, text in enumerate(pdf_lines(words)):
            canvas.drawString(*pdf_place(line, 0), text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def epub_file(blocks: Sequence[Sequence[str]], title: str = "A book", **members: str) -> bytes:
    """A book with one chapter for each block of words; ``members`` replace or add files."""
    chapter = (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head>'
        "<body><a id='top'/><p>{}</p></body></html>"
    )
    files = {
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f"<dc:title>{escape(title)}</dc:title><dc:date>1897-05</dc:date></metadata><manifest>"
        + "".join(f'<item id="c{number}" href="text%20of/{number}.xhtml"/>' for number in reversed(range(len(blocks))))
        + "</manifest><spine>"
        + "".join(f'<itemref idref="c{number}"/>' for number in range(len(blocks)))
        + "</spine></package>",
        **{
            f"OPS/text of/{number}.xhtml": chapter.format(" ".join(escape(word) for word in block))
            for number, block in enumerate(blocks)
        },
        **members,
    }
    return zip_file({name: text.encode() for name, text in files.items()})
