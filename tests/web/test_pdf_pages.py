"""Pages of PDFs: the picture of the very file, and boxes on the very glyphs of the citation."""

import io
import os
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pypdfium2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from index.documents import Document, Span
from index.errors import DocumentError, InputError
from index.loading import SourceFile, parse
from tests.index.making import pdf_file, pdf_pages
from tests.web.fakes import FakeAssistant
from web import pdf_pages as module
from web.api import api_router
from web.page import Page
from web.pdf_pages import Box, PdfPages, is_pdf, merged

WORDS = [["one", "two", "three", "four"], ["five", "six."], ["seven"]]


def document_at(path: Path, content: bytes, source: str | None = None) -> Document:
    """A PDF on the disk, as the index would hold it."""
    path.write_bytes(content)
    name = str(path) if source is None else source
    digest = sha256(content).hexdigest()
    loaded = parse(SourceFile(name, content, digest))
    return Document(
        "pdf", "A PDF", name, digest, loaded.text, datetime(2026, 11, 22, tzinfo=UTC), len(content), loaded.pages
    )


def spelled(content: bytes, views: list[module.PageView]) -> str:
    """What the glyphs in the boxes spell, as the PDF engine reads rectangles of an unturned page."""
    found = []
    pdf = pypdfium2.PdfDocument(content)
    for view in views:
        text = pdf[view.number - 1].get_textpage()
        for box in view.boxes:
            left, right = box.left * view.width, box.right * view.width
            top, bottom = (1 - box.top) * view.height, (1 - box.bottom) * view.height
            found.append(text.get_text_bounded(left, bottom, right, top))
    pdf.close()
    return "".join("".join(found).split())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages=pdf_pages, data=st.data())
def test_glyphs_in_the_boxes_spell_the_span(tmp_path: Path, pages: list[list[str]], data: st.DataObject) -> None:
    content = pdf_file(pages)
    document = document_at(tmp_path / "a.pdf", content)
    # Whole words: a rectangle takes in every glyph that it touches.
    starts = [at for at in range(len(document.text)) if at == 0 or document.text[at - 1].isspace()]
    start = data.draw(st.sampled_from([at for at in starts if not document.text[at].isspace()]))
    ends = [
        at for at in range(start + 1, len(document.text) + 1) if at == len(document.text) or document.text[at].isspace()
    ]
    span = Span(start, data.draw(st.sampled_from(ends)))
    assert spelled(content, PdfPages().views(document, span)) == "".join(document.text[span.start : span.end].split())


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_cover_the_ink_of_the_picture_however_the_page_is_turned(tmp_path: Path, rotation: int) -> None:
    document = document_at(tmp_path / "a.pdf", pdf_file([["Aqueduct", "jumping", "quickly"]], rotation))
    drawn = PdfPages()
    (view,) = drawn.views(document, Span(0, len(document.text)))
    picture = Image.open(io.BytesIO(drawn.picture(document, 1))).convert("L")
    assert picture.width / picture.height == pytest.approx(view.width / view.height, rel=0.01)
    assert picture.getextrema()[0] < 128
    width, height, margin = picture.width, picture.height, 3
    for box in view.boxes:
        corners = (box.left * width, box.top * height, box.right * width, box.bottom * height)
        left, top, right, bottom = corners
        ImageDraw.Draw(picture).rectangle((left - margin, top - margin, right + margin, bottom + margin), fill=255)
    assert picture.getextrema()[0] > 200
    assert sum(box.width * box.height for box in view.boxes) < 0.1


def test_span_over_two_pages_has_both(tmp_path: Path) -> None:
    content = pdf_file(WORDS)
    document = document_at(tmp_path / "a.pdf", content)
    span = Span(document.text.index("four"), document.text.index("five") + 4)
    views = PdfPages().views(document, span)
    assert [view.number for view in views] == [1, 2]
    assert spelled(content, views) == "fourfive"


def test_picture_is_drawn_once_and_of_the_right_file_only(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    content = pdf_file(WORDS)
    document, drawn = document_at(path, content), PdfPages()
    first = drawn.picture(document, 2)
    assert first.startswith(b"\x89PNG")
    assert Image.open(io.BytesIO(first)).width == module.WIDTH
    assert drawn.picture(document, 2) is first
    for number in (0, 4, -1):
        with pytest.raises(InputError, match="no such page"):
            drawn.picture(document, number)
    path.write_bytes(pdf_file([["other"]]))
    os.utime(path, ns=(1, 1))
    for again in (lambda: drawn.picture(document, 2), lambda: drawn.views(document, Span(0, 3))):
        with pytest.raises(InputError, match="has changed since"):
            again()
    path.unlink()
    with pytest.raises(InputError, match="is gone"):
        drawn.picture(document, 2)


def test_pdf_in_an_archive_is_drawn(tmp_path: Path) -> None:
    content = pdf_file(WORDS)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("inner/a.pdf", content)
    source = f"{tmp_path / 'all.zip'}{module.MEMBER}inner/a.pdf"
    document = document_at(tmp_path / "same.pdf", content, source)
    assert PdfPages().picture(document, 1).startswith(b"\x89PNG")
    gone = document_at(tmp_path / "same.pdf", content, source.replace("inner", "other"))
    with pytest.raises(InputError, match="gone from its archive"):
        PdfPages().picture(gone, 1)


def test_text_that_is_not_the_files_is_refused(tmp_path: Path) -> None:
    document = document_at(tmp_path / "a.pdf", pdf_file(WORDS))
    other = Document(
        document.id,
        document.title,
        document.source,
        document.sha256,
        document.text.upper(),
        document.added_at,
        1,
        document.pages,
    )
    with pytest.raises(DocumentError, match="reads differently"):
        PdfPages().views(other, Span(0, 3))


def test_large_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = document_at(tmp_path / "a.pdf", pdf_file(WORDS))
    monkeypatch.setattr(module, "_LARGEST_FILE", 10)
    with pytest.raises(InputError, match="too large"):
        PdfPages().picture(document, 1)


def test_neighbours_on_a_line_become_one_box_and_lines_stay_apart() -> None:
    row = [Box(0.1 * at, 0.5, 0.08, 0.05) for at in range(3)]
    assert merged(row) == [Box(0.0, 0.5, pytest.approx(0.28), pytest.approx(0.05))]
    assert len(merged([*row, Box(0.0, 0.6, 0.08, 0.05)])) == 2
    assert len(merged([Box(0.0, 0.5, 0.01, 0.01), Box(0.5, 0.5, 0.01, 0.01)])) == 2
    assert merged([Box(0.1, 0.1, 0.0, 0.1)]) == []


def test_only_known_pages_have_an_address(tmp_path: Path) -> None:
    document = document_at(tmp_path / "a.pdf", pdf_file(WORDS))
    assert is_pdf(document)
    app = FastAPI()
    app.include_router(api_router(Page(lambda: FakeAssistant([document], {}))))
    client = TestClient(app)
    answer = client.get("/api/pages/pdf/3.png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    for address in (
        "pdf/4.png",
        "pdf/0.png",
        "pdf/x.png",
        "gone/1.png",
        "..%2f..%2fetc/1.png",
        "pdf/1.pdf",
        "PDF/1.png",
    ):
        assert client.get(f"/api/pages/{address}").status_code in (404, 422)
    Path(document.source).unlink()
    refused = client.get("/api/pages/pdf/3.png")
    assert (refused.status_code, "is gone" in refused.json()["error"]["message"]) == (422, True)


def test_panel_shows_the_page_or_says_why_not(tmp_path: Path) -> None:
    document = document_at(tmp_path / "a.pdf", pdf_file(WORDS))
    page = Page(lambda: FakeAssistant([document], {}))
    start = document.text.index("five")
    html = page.open_source(f"cite/pdf/{start}-{start + 4}")
    assert 'class="pdf-box"' in html
    assert "page 2 of 3" in html
    assert 'source-words" tabindex="0" role="region" aria-label="Text of the article" hidden>' in html
    Path(document.source).unlink()
    html = page.open_source(f"cite/pdf/{start}-{start + 4}")
    assert "The original file is gone" in html
    assert "pdf-box" not in html
    assert ">five</mark>" in html
