"""PDF: words in reading order, pages that cover the text, and boxes that hold the very glyphs of a span."""

import io
from collections.abc import Callable
from dataclasses import replace
from itertools import zip_longest

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

from index.errors import DocumentError
from index.ingest import _document
from index.loaders.pdf import span_boxes
from index.loaders.pdf_glyphs import _whole
from index.loaders.pdf_layout import Line
from index.loading import LoadedFile, parse
from tests.index.making import PDF_SIZES, pdf_file, pdf_lines, pdf_pages, pdf_place, source

HARBOUR = (
    "The harbour was closed on Monday. Nobody knew why that was so, although many people asked the fishermen about it."
)


def load(content: bytes) -> LoadedFile:
    return parse(source("report_2024.pdf", content))


def drawn(draw: Callable[[Canvas], None], **options: object) -> bytes:
    """A PDF with one page that ``draw`` has drawn on."""
    file = io.BytesIO()
    canvas = Canvas(file, **options)
    canvas.setFont("Helvetica", 12)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


@settings(max_examples=30, deadline=None)
@given(pdf_pages, st.sampled_from([0, 90, 180, 270]), st.data())
def test_boxes_hold_the_glyphs_of_the_span(pages: list[list[str]], rotation: int, data: st.DataObject) -> None:
    content = pdf_file(pages, rotation)
    loaded = load(content)
    start = data.draw(st.integers(0, len(loaded.text) - 1))
    end = data.draw(st.integers(start + 1, len(loaded.text)))
    boxes = span_boxes(content, start, end)
    lines = [pdf_lines(words) for words in pages]
    spelled = []
    for page, left, bottom, right, top in boxes:
        # Where the glyph stands tells which one it is, since all are equally wide.
        column = int(((left + right) / 2 - pdf_place(0, 0)[0]) // 6)
        line = int((pdf_place(0, 0)[1] + 9 - (bottom + top) / 2) // 12)
        spelled.append(lines[page - 1][line][column])
    assert "".join(spelled) == "".join(loaded.text[start:end].split())
    assert boxes == span_boxes(content, start, end, _document(loaded, "a"))


@settings(max_examples=30, deadline=None)
@given(pdf_pages)
def test_pages_cover_the_text_and_each_holds_its_own_words(pages: list[list[str]]) -> None:
    loaded = load(pdf_file(pages))
    assert [page.number for page in loaded.pages] == list(range(1, len(pages) + 1))
    assert loaded.pages[0].start == 0
    assert loaded.pages[-1].end == len(loaded.text)
    for page, following in zip(loaded.pages, loaded.pages[1:], strict=False):
        assert page.end == following.start
    for page, words in zip(loaded.pages, pages, strict=True):
        assert loaded.text[page.start : page.end].split() == words


def test_the_same_bytes_always_give_the_same_text() -> None:
    content = pdf_file([["one", "two"], ["three"]])
    assert load(content) == load(content)


def test_title_and_date_are_read_and_placeholders_are_not() -> None:
    loaded = load(pdf_file([["words"]], Title="The  Harbour"))
    assert loaded.title == "The Harbour"
    assert loaded.date is not None
    assert loaded.date[:2] == "20"
    assert load(pdf_file([["words"]])).title == "report 2024"


def test_a_title_that_is_no_text_does_not_keep_the_words_out() -> None:
    content = pdf_file([["words"]], Title="0123456789").replace(b"(0123456789)", b"(\xfe\xff\xd8\x00abcdef)")
    loaded = load(content)
    assert (loaded.text, loaded.title) == ("words", "report 2024")


def test_page_labels_are_kept() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.addPageLabel(0, "ROMAN_LOWER", 4)
        canvas.drawString(50, 700, "A preface.")
        canvas.showPage()
        canvas.addPageLabel(1, "ARABIC", 1)
        canvas.drawString(50, 700, "A chapter.")

    assert [(page.number, page.label) for page in load(drawn(draw)).pages] == [(1, "iv"), (2, "1")]


def test_columns_and_paragraphs_are_read_as_a_person_reads_them() -> None:
    styles = getSampleStyleSheet()
    file = io.BytesIO()
    template = BaseDocTemplate(file)
    frames = [Frame(50, 50, 230, 700), Frame(310, 50, 230, 700)]
    template.addPageTemplates(PageTemplate("columns", frames))
    story = []
    for number in range(12):
        story += [
            Paragraph(f"Section {number}", styles["Heading2"]),
            Paragraph(f"{number}. {HARBOUR} {HARBOUR}", styles["BodyText"]),
        ]
    template.build(story)
    blocks = load(file.getvalue()).text.split("\n\n")
    assert blocks == [block for n in range(12) for block in (f"Section {n}", f"{n}. {HARBOUR} {HARBOUR}")]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(2, 3).flatmap(
        lambda count: st.lists(
            st.lists(st.text("abcdefghijklmnop", min_size=5, max_size=9), min_size=14, max_size=40),
            min_size=count,
            max_size=count,
        )
    )
)
def test_columns_drawn_row_by_row_are_read_one_after_the_other(columns: list[list[str]]) -> None:
    rows = list(zip_longest(*([" ".join(words[at : at + 3]) for at in range(0, len(words), 3)] for words in columns)))

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Courier", 8)
        canvas.drawString(50, 720, "A heading that runs over all of the columns of the page")
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell is not None:
                    canvas.drawString(40 + 165 * column, 700 - 10 * row, cell)

    content = drawn(draw)
    text = load(content).text
    assert text.split()[12:] == [word for column in columns for word in column]
    last = span_boxes(content, len(text) - 1, len(text))[0]
    assert last[1] > 40 + 165 * (len(columns) - 1), "the last word is drawn in the last column"


def test_rows_of_a_table_stay_rows() -> None:
    rows = [
        ("Year", "Cost of the bridge"),
        ("1932", "two million pounds"),
        ("1933", "Three million pounds"),
        ("1934", "none"),
    ]

    def draw(canvas: Canvas) -> None:
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                canvas.drawString(50 + 200 * column, 700 - 14 * number, cell)

    assert load(drawn(draw)).text.split("\n\n") == [" | ".join(cells) for cells in rows]


def test_a_sentence_runs_on_over_a_column_and_a_page() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 100, "This sentence begins at the foot of one column")
        canvas.drawString(320, 700, "and goes on in the next until the page ends and")
        canvas.showPage()
        canvas.setFont("Helvetica", 12)
        canvas.drawString(50, 700, "it stops here. A new one.")
        canvas.showPage()
        canvas.setFont("Helvetica", 12)
        canvas.drawString(50, 700, "Another page.")

    loaded = load(drawn(draw))
    assert loaded.text == (
        "This sentence begins at the foot of one column and goes on in the next until the page ends and it stops here. "
        "A new one.\n\nAnother page."
    )


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["an exam-", "ple of it"], "an example of it"),
        (["in 1990-", "1995 only"], "in 1990-1995 only"),
        (["the Anglo-", "French war"], "the Anglo-French war"),
        (["a well-known man", "is also well-", "known here"], "a well-known man is also well-known here"),
        (["Heading", "Then a line that is longer", "and goes on."], "Heading\n\nThen a line that is longer and goes on."),
        (["A first paragraph that ends here.", "   Then an indented one follows it.", "Its second line is here too, see?"],
         "A first paragraph that ends here.\n\nThen an indented one follows it. Its second line is here too, see?"),
        (["• one", "• two"], "• one\n\n• two"),
    ],
)  # fmt: skip
def test_lines_are_joined_as_they_were_meant(lines: list[str], text: str) -> None:
    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            canvas.drawString(50 + 10 * (len(line) - len(line.lstrip())), 700 - 14 * number, line.lstrip())

    assert load(drawn(draw)).text == text


def test_a_divided_word_has_the_boxes_of_both_parts() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "an exam-")
        canvas.drawString(50, 686, "ple of it")

    content = drawn(draw)
    start = load(content).text.index("example")
    boxes = span_boxes(content, start, start + len("example"))
    assert len(boxes) == 7
    assert [box[2] > 695 for box in boxes] == [True] * 4 + [False] * 3


def test_ligatures_are_spelled_out_and_share_a_box() -> None:
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Vera", 12)
        canvas.drawString(50, 700, "The ﬁrst oﬃcial ﬂight naïve".replace("ﬃ", "fﬁ"))

    content = drawn(draw)
    text = load(content).text
    assert text == "The first official flight naïve"
    start = text.index("first")
    assert len(span_boxes(content, start, start + 5)) == 4
    assert len(span_boxes(content, start, start + 1)) == 1, "half a ligature is marked as a whole"


def test_turned_text_reads_along_its_lines() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.translate(300, 100)
        canvas.rotate(90)
        canvas.drawString(0, 0, "A landscape table stands on its side and")
        canvas.drawString(0, -14, "reads upwards.")

    assert load(drawn(draw)).text == "A landscape table stands on its side and reads upwards."


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_paragraphs_are_found_at_every_angle_of_text_and_page(angle: int, rotation: int) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(rotation)
        canvas.translate(300, 400)
        canvas.rotate(angle)
        for number, line in enumerate(
            ["A table on its side begins here and", "goes on below. Then it ends.", "", "Another begins."]
        ):
            canvas.drawString(0, -14 * number, line)

    assert (
        load(drawn(draw)).text == "A table on its side begins here and goes on below. Then it ends.\n\nAnother begins."
    )


def test_shapes_without_letters_are_told_of() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Vera", 12)
        canvas.drawString(50, 700, "你 is a word" if known else "你")

    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    known = True
    loaded = load(drawn(draw))
    assert (loaded.text, loaded.note) == ("is a word", "shapes that stand for no known letter were left out (1)")
    known = False
    with pytest.raises(DocumentError, match=r"do not say which letters.*OCR"):
        load(drawn(draw))


def test_pages_of_different_sizes_have_boxes_inside_their_own_page() -> None:
    content = pdf_file([["first"], ["second"], ["third"]])
    loaded = load(content)
    for page, (width, height) in zip(loaded.pages, PDF_SIZES, strict=True):
        for number, left, bottom, right, top in span_boxes(content, page.start, page.end):
            assert number == page.number
            assert 0 <= left < right <= width
            assert 0 <= bottom < top <= height


def test_a_page_without_text_is_told_of() -> None:
    content = pdf_file([["words"], [], ["More"]])
    loaded = load(content)
    assert loaded.note == "1 of 3 pages have no text layer (page 2 is the first)"
    assert [(page.start, page.end) for page in loaded.pages] == [(0, 7), (7, 7), (7, 11)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pdf_file([["words"] * 50] * 3)[:2000], "damaged or cut short"),
        (pdf_file([["words"] * 50] * 3)[:-300], "damaged or cut short"),
        (b"%PDF-1.7\nnonsense\nstartxref\n9\n%%EOF", "damaged or cut short"),
        (drawn(lambda canvas: canvas.drawString(9, 9, "secret"), encrypt=StandardEncryption("password")), "encrypted"),
        (drawn(lambda canvas: canvas.rect(50, 50, 100, 100)), "no text layer.*OCR"),
    ],
    ids=["truncated", "end missing", "nonsense", "encrypted", "scanned"],
)
def test_what_cannot_be_read_is_named_in_one_line(content: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        load(content)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("report_2024.pdf: ")


def test_a_file_that_is_locked_for_its_owner_only_can_be_read() -> None:
    content = drawn(lambda canvas: canvas.drawString(50, 700, "open"), encrypt=StandardEncryption("", "owner"))
    assert load(content).text == "open"


def test_boxes_of_another_file_are_refused(tmp_path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf_file([["one", "two"]]))
    document = _document(parse(source("a.pdf", path.read_bytes())), "a")
    assert len(span_boxes(path, 0, 3, document)) == 3
    path.write_bytes(pdf_file([["one", "three"]]))
    with pytest.raises(DocumentError, match="reads differently"):
        span_boxes(path, 0, 3, document)
    with pytest.raises(ValueError, match="not inside"):
        span_boxes(path, 5, 99)
    path.unlink()
    with pytest.raises(DocumentError, match="cannot be read"):
        span_boxes(path, 0, 1)


def test_many_threads_may_ask_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    contents = [pdf_file([[f"word{number}"] * 30] * 3) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda content: load(content).text, contents * 4))
    assert texts == [load(content).text for content in contents] * 4


def test_the_engine_reports_what_this_module_relies_on() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "exam-")
        canvas.drawString(50, 686, "ple")

    page = pypdfium2.PdfDocument(drawn(draw))[0].get_textpage()
    assert [pypdfium2.raw.FPDFText_IsHyphen(page, index) for index in range(page.count_chars())] == [
        0,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
    ]


Pieces = list[str | tuple[str, float, float]]


def lines_with_raised(lines: list[Pieces]) -> bytes:
    """Lines at 12 points, some of whose pieces are (text, how much higher it stands, its size)."""

    def draw(canvas: Canvas) -> None:
        for number, pieces in enumerate(lines):
            left = 50.0
            for piece in pieces:
                text, rise, size = (piece, 0, 12) if isinstance(piece, str) else piece
                canvas.setFont("Helvetica", size)
                canvas.drawString(left, 700 - 14 * number + rise, text)
                left += pdfmetrics.stringWidth(text, "Helvetica", size)

    return drawn(draw)


@pytest.mark.parametrize(("rise", "size"), [(4, 8), (5, 7), (6, 7), (3, 9.5)])
def test_raised_numbers_are_no_part_of_the_number_before_them_and_do_not_end_the_line(rise: float, size: float) -> None:
    def small(text: str) -> tuple[str, float, float]:
        return text, rise, size

    content = lines_with_raised(
        [
            ["The great war of the north began in 1914", small("3"), " and many men died"],
            ["and the town was rebuilt by the king and all of his men in the years after"],
            ["that. It is 10 m", small("2"), ", or 10", small("-6"), " of it. The 20", small("th"), " ended."],
        ]
    )
    text = load(content).text
    assert text == (
        "The great war of the north began in 1914³ and many men died and the town was rebuilt by the king and all of his men "
        "in the years after that. It is 10 m², or 10⁻⁶ of it. The 20th ended."
    )
    start = text.index("³ and")
    assert len(span_boxes(content, start, start + 5)) == 4


def test_lowered_characters_do_not_end_the_line() -> None:
    content = lines_with_raised([["Water is H", ("2", -3, 8), "O and wet."], ["Then more words follow it."]])
    assert load(content).text == "Water is H2O and wet. Then more words follow it."


@pytest.mark.parametrize("turn", [0, 180])
def test_raised_numbers_are_found_in_turned_text(turn: int) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.translate(300, 400)
        canvas.rotate(turn)
        canvas.drawString(0, 0, "in 1914")
        canvas.setFont("Helvetica", 8)
        canvas.drawString(pdfmetrics.stringWidth("in 1914", "Helvetica", 12), 4, "3")

    assert load(drawn(draw)).text == "in 1914³"


@pytest.mark.parametrize(
    ("left", "baseline", "size", "together"),
    [(93, 100, 12, True), (300, 100, 12, False), (93, 86, 12, False), (93, 100, 8, False), (50, 100, 12, False)],
    ids=["right behind", "another column", "next line", "smaller", "drawn over it"],
)
def test_only_words_right_behind_a_raised_number_belong_to_its_line(
    left: float, baseline: float, size: float, together: bool
) -> None:
    line = Line("in 1914³", range(8), 50, 90, 100, 12, 0, first_word=10, ends_small=True)
    other = Line("and more", range(8, 16), left, left + 40, baseline, size, 0, first_word=20)
    assert len(_whole([line, other])) == 2 - together
    assert len(_whole([replace(line, ends_small=False), other])) == 2


@pytest.mark.parametrize("columns", [1, 2])
def test_a_footer_is_no_part_of_the_sentence_that_goes_on(columns: int) -> None:
    width = 460 / columns - 20

    def furniture(canvas: Canvas, template: BaseDocTemplate) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawString(50, 320, "Report of the committee")
        canvas.drawCentredString(50 + 460 / 2 - 10, 30, f"Page {template.page}")

    file = io.BytesIO()
    template = BaseDocTemplate(file, pagesize=(560, 340))
    frames = [Frame(50 + (width + 20) * number, 50, width, 250, 0, 0, 0, 0) for number in range(columns)]
    template.addPageTemplates(PageTemplate("page", frames, onPage=furniture))
    template.build([Paragraph("so it went on and on " * 250, getSampleStyleSheet()["Normal"])])
    loaded = load(file.getvalue())
    assert len(loaded.pages) > 1
    for page in loaded.pages:
        head, footer, words = loaded.text[page.start : page.end].strip().split("\n\n")
        assert (head, footer) == ("Report of the committee", f"Page {page.number}")
        assert set(words.split()) == {"so", "it", "went", "on", "and"}
