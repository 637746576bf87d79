"""The first links of the chain of offsets: what stands in a file is what its text holds, and passages are slices of it."""

import io
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape

import docx
import pytest
from docx.document import Document as WordDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.table import _Cell
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from index import ChunkingSettings, add_files, create_index
from index.errors import DocumentError
from index.loaders.pdf import span_boxes
from index.loading import LoadedFile, parse
from tests.fakes import FakeEncoder
from tests.index.making import (
    ascii_words,
    docx_file,
    epub_file,
    html_page,
    paragraphs,
    pdf_file,
    pdf_pages,
    source,
    words,
    zip_file,
)
from tests.strategies import texts

Marked = tuple[str, list[str]]
"""Mark-up, and the words of it that a reader sees."""

MARKS = {"utf-8-sig": b"", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "utf-32-le": b"\xff\xfe\x00\x00"}
"""Encodings, and what has to stand before a text in them so that they are known."""


def load(name: str, content: bytes) -> LoadedFile:
    return parse(source(name, content))


def seen(text: str) -> list[str]:
    """The words of a text, without the lines between the cells of a table."""
    return text.replace("|", " ").split()


@settings(max_examples=60)
@given(
    st.lists(st.one_of(texts, st.sampled_from(["\f", "\v", "\x85", "\u2028", "\r\n", "\r", "\n\r"])), min_size=1).map(
        "".join
    ),
    st.sampled_from(sorted(MARKS)),
)
def test_a_marked_text_is_kept_code_point_by_code_point(text: str, encoding: str) -> None:
    text = text.encode("utf-8", "ignore").decode().lstrip("\ufeff")
    # The mark of UTF-16 and a NUL after it are, byte for byte, the mark of UTF-32: such a file is read as that.
    assume(not (encoding == "utf-16-le" and text.startswith("\0")))
    content = MARKS[encoding] + text.encode(encoding)
    if "\0" in text or not text.strip():
        with pytest.raises(DocumentError, match=r"binary file|no text|is empty"):
            load("a.txt", content)
    else:
        assert load("a.txt", content).text == re.sub(r"\r\n?", "\n", text)


OLD_TEXTS = [
    "Les élèves de l'école étaient très fatigués à la fin de l'été, hélas.",
    "Où êtes-vous allé, François ? À Orléans, où la forêt est âgée.",
    "Le château était fermé ; « personne », répondit le gardien, « n'a la clé ».",
    "Après la pluie, le garçon a mangé une crêpe près de la fenêtre.",
]


@settings(max_examples=12)
@given(
    st.lists(st.sampled_from(OLD_TEXTS), min_size=3, max_size=8),
    st.sampled_from(["\r\n", "\r", "\n"]),
    st.sampled_from(["cp1252", "latin-1"]),
)
def test_a_text_in_an_old_encoding_has_one_character_for_each_byte(
    sentences: list[str], line_end: str, encoding: str
) -> None:
    # Which letters the bytes stand for is a guess; where they stand is not.
    expected, read = "\n".join(sentences), load("a.txt", line_end.join(sentences).encode(encoding)).text
    assert len(read) == len(expected)
    assert all(letter == other for letter, other in zip(expected, read, strict=True) if letter.isascii())


spelled = words.flatmap(
    lambda word: st.sampled_from([escape(word), "".join(f"&#{ord(letter)};" for letter in word)]).map(
        lambda markup: (markup, [word])
    )
)
"""A word in HTML, as it is or in numbers."""
inline = st.one_of(
    spelled,
    st.tuples(spelled, st.sampled_from(["<b>{}</b>", "<a href='/x'>{}</a>", "<span>{}</span>", "<code>{}</code>"])).map(
        lambda drawn: (drawn[1].format(drawn[0][0]), drawn[0][1])
    ),
)
unseen = st.tuples(
    words,
    st.sampled_from(
        [
            "<!-- {} -->",
            "<script>{}</script>",
            "<style>{}</style>",
            "<span hidden>{}</span>",
            "<div style='display: none'><p>{}</p></div>",
            "<template>{}</template>",
            "<noscript>{}</noscript>",
            "<svg><text>{}</text></svg>",
        ]
    ),
).map(lambda drawn: (drawn[1].format(drawn[0]), list[str]()))


def wrapped(parts: Sequence[Marked], whole: str, each: str) -> Marked:
    markup = " ".join(each.format(part) for part, _ in parts)
    return whole.format(markup), [word for _, seen_words in parts for word in seen_words]


blocks_of_html = st.recursive(
    st.one_of(unseen, st.lists(inline, min_size=1, max_size=5).map(lambda parts: wrapped(parts, "<p>{}</p>", "{}"))),
    lambda inner: st.tuples(
        st.lists(inner, min_size=1, max_size=3),
        st.sampled_from(
            [
                ("<div>{}</div>", "{}"),
                ("<ul>{}</ul>", "<li>{}</li>"),
                ("<ol>{}</ol>", "<li>{}</li>"),
                ("<table><tr>{}</tr></table>", "<td>{}</td>"),
                ("<table>{}</table>", "<tr><th>{}</th></tr>"),
                ("<blockquote>{}</blockquote>", "<section>{}</section>"),
            ]
        ),
    ).map(lambda drawn: wrapped(drawn[0], *drawn[1])),
    max_leaves=12,
)
"""Nested blocks of a page."""


@settings(max_examples=40)
@given(blocks_of_html)
def test_a_page_gives_the_words_that_are_seen_and_no_others(block: Marked) -> None:
    markup, expected = block
    loaded = load(
        "a.html",
        "<html><head><title>A title</title><meta name='date' content='2021-02-03'></head><body><nav>Menu</nav>"
        f"<article><p>begin</p>{markup}<p>end</p></article></body></html>".encode(),
    )
    assert seen(loaded.text) == ["begin", *expected, "end"]
    assert (loaded.title, loaded.date) == ("A title", "2021-02-03")
    assert "\r" not in loaded.text


@settings(max_examples=25)
@given(st.lists(blocks_of_html.filter(lambda block: block[1]), min_size=1, max_size=4))
def test_a_book_gives_the_words_of_its_chapters_in_order(chapters: list[Marked]) -> None:
    page = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{}</body></html>'
    book = epub_file(
        [["x"]] * len(chapters),
        **{f"OPS/text of/{number}.xhtml": page.format(markup) for number, (markup, _) in enumerate(chapters)},
    )
    assert seen(load("a.epub", book).text) == [word for _, expected in chapters for word in expected]


def flat(parts: Sequence[Marked]) -> Marked:
    return " ".join(part for part, _ in parts), [word for _, seen_words in parts for word in seen_words]


markdown_inline = st.tuples(
    ascii_words,
    st.sampled_from(["{}", "*{}*", "**{}**", "`{}`", "[{}](http://x.test/a 'hint')", "<b>{}</b>", "![{}](p)"]),
).map(lambda drawn: (drawn[1].format(drawn[0]), [drawn[0]]))
markdown_blocks = st.tuples(
    st.lists(markdown_inline, min_size=1, max_size=5).map(flat),
    st.sampled_from(
        ["x {}", "## x {}", "> x {}", "- x\n    - {}", "<!-- hidden -->\n\nx {}", "x {}\n\n***", "| x |\n|---|\n| {} |"]
    ),
).map(lambda drawn: (drawn[1].format(drawn[0][0]), ["x", *drawn[0][1]]))
"""Blocks of Markdown; the first word of each is an x."""


@settings(max_examples=40)
@given(st.lists(markdown_blocks, min_size=1, max_size=6), st.sampled_from(["\n", "\r\n", "\r"]))
def test_markdown_gives_the_words_that_are_seen_and_no_others(blocks: list[Marked], line_end: str) -> None:
    content = "\n\n".join(markup for markup, _ in blocks).replace("\n", line_end).encode()
    assert seen(load("a.md", content).text) == [word for _, expected in blocks for word in expected]


@dataclass(frozen=True)
class Table:
    """A table of a Word document: the blocks of its cells, row by row."""

    rows: list[list["list[tuple[str, str]] | Table"]]


runs = st.lists(st.tuples(st.sampled_from(["plain", "inserted", "deleted", "linked"]), words), min_size=1, max_size=6)
word_blocks = st.recursive(
    runs,
    lambda inner: st.lists(st.lists(inner, min_size=2, max_size=2), min_size=1, max_size=2).map(Table),
    max_leaves=8,
)
"""A paragraph as a list of (kind of run, word), or a table of such blocks."""


def write_block(place: WordDocument | _Cell, block: list[tuple[str, str]] | Table) -> list[str]:
    """Write a block into a document or a cell; returns the words of it that a reader sees."""
    if isinstance(block, Table):
        table = place.add_table(len(block.rows), 2)
        places = [cell for row in table.rows for cell in row.cells]
        inside = [inner for row in block.rows for inner in row]
        return [word for cell, inner in zip(places, inside, strict=True) for word in write_block(cell, inner)]
    paragraph = place.add_paragraph()
    for kind, word in block:
        run = paragraph.add_run(f"{word} ")._r
        if kind != "plain":
            around = OxmlElement({"inserted": "w:ins", "deleted": "w:del", "linked": "w:hyperlink"}[kind])
            run.addprevious(around)
            around.append(run)
        if kind == "deleted":
            for text in run.findall(qn("w:t")):
                text.tag = qn("w:delText")
    return [word for kind, word in block if kind != "deleted"]


@settings(max_examples=25)
@given(st.lists(word_blocks, min_size=1, max_size=4))
def test_a_word_document_gives_the_words_that_are_seen_and_no_others(
    blocks: list[list[tuple[str, str]] | Table],
) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Running header"
    document.add_paragraph("begin")
    expected = [word for block in blocks for word in write_block(document, block)]
    file = io.BytesIO()
    document.save(file)
    assert seen(load("a.docx", file.getvalue()).text) == ["begin", *expected]


@dataclass(frozen=True)
class Glyph:
    """A character that was drawn on a page, and the room it takes, in points of the page before it is turned."""

    character: str
    page: int
    left: float
    right: float
    baseline: float

    def holds(self, box: tuple[int, float, float, float, float]) -> bool:
        """Whether the middle of a box of ``span_boxes`` lies in it."""
        page, left, bottom, right, top = box
        height = (bottom + top) / 2 - self.baseline
        return page == self.page and self.left <= (left + right) / 2 <= self.right and -4 < height < 9


SIZE, PITCH, COLUMN = 10, 14, 250
syllables = st.text("abcdeghkmnoprstuvwz\ufb01\ufb02", min_size=2, max_size=7)
"""Letters that belong together, ligatures of f and i and of f and l among them."""
columns = st.lists(
    st.lists(st.lists(syllables, min_size=2, max_size=5), min_size=7, max_size=12), min_size=1, max_size=2
)
"""Columns of a page as lists of lines of words. In every third line the last word is divided."""
pages_in_columns = st.lists(
    st.tuples(columns, st.sampled_from([(595, 842), (842, 595), (700, 400)]), st.sampled_from([0, 90, 180, 270])),
    min_size=1,
    max_size=3,
)


def pdf_in_columns(
    pages: "list[tuple[list[list[list[str]]], tuple[int, int], int]]",
) -> tuple[bytes, list[Glyph], list[str]]:
    """A PDF with every column drawn from its top to its foot: its bytes, what was drawn, and the words that are read."""
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    file = io.BytesIO()
    canvas = Canvas(file)
    glyphs: list[Glyph] = []
    read: list[str] = []
    for page, (drawn, size, rotation) in enumerate(pages, start=1):
        canvas.setPageSize(size)
        canvas.setPageRotation(rotation)
        canvas.setFont("Vera", SIZE)
        for column, lines in enumerate(drawn):
            divided = False
            for row, line in enumerate(lines):
                text, divide = " ".join(line), row % 3 == 1 and row + 1 < len(lines)
                if divided:
                    read[-1] += line[0]
                read.extend(line[1:] if divided else line)
                divided = divide
                text += "-" if divide else ""
                left, baseline = 40 + COLUMN * column, size[1] - 60 - PITCH * row
                canvas.drawString(left, baseline, text)
                ends = [left + pdfmetrics.stringWidth(text[:end], "Vera", SIZE) for end in range(len(text) + 1)]
                glyphs += [
                    Glyph(character, page, ends[at], ends[at + 1], baseline) for at, character in enumerate(text)
                ]
        canvas.showPage()
    canvas.save()
    return file.getvalue(), glyphs, [unicodedata.normalize("NFKC", word) for word in read]


@settings(max_examples=12, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(pages_in_columns, st.data())
def test_every_character_of_a_pdf_is_at_the_box_of_its_glyph(
    pages: "list[tuple[list[list[list[str]]], tuple[int, int], int]]", data: st.DataObject
) -> None:
    content, glyphs, read = pdf_in_columns(pages)
    loaded = load("a.pdf", content)
    assert loaded.text.split() == read
    assert [page.start for page in loaded.pages] == [0, *[page.end for page in loaded.pages][:-1]]
    assert loaded.pages[-1].end == len(loaded.text)
    for offset in data.draw(st.lists(st.integers(0, len(loaded.text) - 1), min_size=8, max_size=8)):
        boxes = span_boxes(content, offset, offset + 1)
        found = [glyph for box in boxes for glyph in glyphs if glyph.holds(box)]
        letter = loaded.text[offset]
        if letter.isspace():
            assert boxes == []
            continue
        assert len(boxes) == len(found) == 1
        assert letter in unicodedata.normalize("NFKC", found[0].character)
        (page,) = [page.number for page in loaded.pages if page.start <= offset < page.end]
        assert found[0].page == page


FORMATS: dict[str, Callable[[Sequence[Sequence[str]]], bytes]] = {
    ".txt": lambda blocks: "\r\n".join(" ".join(block) for block in blocks).encode("utf-16"),
    ".md": lambda blocks: "\n\n".join("> " + " ".join(block) for block in blocks).encode(),
    ".html": html_page,
    ".docx": docx_file,
    ".epub": epub_file,
    ".pdf": pdf_file,
}
library = st.lists(
    st.tuples(
        st.sampled_from(["", "deep/er/", "articles.zip!/", "deep/more.zip!/in/"]), st.sampled_from(sorted(FORMATS))
    ),
    min_size=1,
    max_size=6,
    unique=True,
)
"""Where documents lie, in folders and in archives, and their formats."""


@settings(max_examples=15)
@given(library, st.data())
def test_documents_in_folders_and_archives_are_stored_as_they_were_read_and_passages_are_slices(
    tmp_path_factory: pytest.TempPathFactory, places: list[tuple[str, str]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("library")
    blocks = {place: data.draw(pdf_pages if place[1] == ".pdf" else paragraphs) for place in places}
    archives: dict[str, dict[str, bytes]] = {}
    contents: dict[str, bytes] = {}
    for (where, suffix), drawn in blocks.items():
        contents[f"{folder}/articles/{where}a{suffix}"] = content = FORMATS[suffix](drawn)
        archive, is_member, inside = where.partition("!/")
        if is_member:
            archives.setdefault(archive, {})[f"{inside}a{suffix}"] = content
        else:
            path = folder / "articles" / where / f"a{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for name, members in archives.items():
        (folder / "articles" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "articles" / name).write_bytes(zip_file(members))

    index = create_index(folder / "index", FakeEncoder(), ChunkingSettings(40, 8))
    report = add_files(index, [folder / "articles"])
    assert report.failed == {}
    documents = {document.source: document for document in map(index.document, report.new)}
    assert documents.keys() == contents.keys()
    total = sum(summary.passages for summary in index.documents())
    hits = index.search("anything", top=1000)
    assert len(hits) == total <= 100, "a search puts forward a hundred passages, so these are all"
    for (where, suffix), drawn in blocks.items():
        name = f"{folder}/articles/{where}a{suffix}"
        document, loaded = documents[name], load(name, contents[name])
        assert (document.text, document.pages, document.title) == (loaded.text, loaded.pages, loaded.title)
        assert (document.sha256, document.size) == (sha256(contents[name]).hexdigest(), len(contents[name]))
        assert seen(document.text) == [word for block in drawn for word in block]
        passages = [hit for hit in hits if hit.document_id == document.id]
        assert all(hit.text == document.text[hit.start : hit.end] for hit in passages)
        covered = {offset for hit in passages for offset in range(hit.start, hit.end)}
        assert all(letter.isspace() or offset in covered for offset, letter in enumerate(document.text))
    again = add_files(index, [folder / "articles"])
    assert (set(again.unchanged), again.new, again.changed) == (set(report.new), [], [])
