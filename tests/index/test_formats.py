"""What holds for every format: words come out in order, and nothing that was read is out of reach of a passage."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import add_files, create_index
from index.chunking import ChunkingSettings, passage_spans
from index.errors import DocumentError
from index.loading import LOADERS, parse, sources_in
from tests.fakes import FakeEncoder
from tests.index.making import docx_file, epub_file, html_page, paragraphs, pdf_file, pdf_pages, source, zip_file

MAKERS: dict[str, Callable[[Sequence[Sequence[str]]], bytes]] = {
    "a.txt": lambda blocks: "\n\n".join(" ".join(block) for block in blocks).encode("utf-16"),
    "a.md": lambda blocks: "\n\n".join("*" + " ".join(block) + "*" for block in blocks).encode(),
    "a.html": html_page,
    "a.docx": docx_file,
    "a.epub": epub_file,
    "a.pdf": pdf_file,
}


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_words_come_out_in_order_and_every_one_is_in_a_passage(name: str, data: st.DataObject) -> None:
    blocks = data.draw(pdf_pages if name == "a.pdf" else paragraphs)
    text = parse(source(name, MAKERS[name](blocks))).text
    assert text.replace("|", " ").split() == [word for block in blocks for word in block]
    spans = passage_spans(text, FakeEncoder().token_spans, ChunkingSettings(8, 2))
    covered = {offset for span in spans for offset in range(span.start, span.end)}
    assert all(character.isspace() or offset in covered for offset, character in enumerate(text))


def test_every_format_can_be_indexed_and_its_passages_are_slices(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    blocks = [["The", "harbour", "opened", f"in{number}"] for number in range(9)]
    for name, make in MAKERS.items():
        (folder / name).write_bytes(make(blocks))
    index = create_index(tmp_path / "index", FakeEncoder(), ChunkingSettings(8, 2))
    report = add_files(index, [folder])
    assert (len(report.new), report.failed) == (len(MAKERS), {})
    hits = index.search("When was the harbour opened?", top=100)
    assert {hit.document_id for hit in hits} == set(report.new)
    for hit in hits:
        assert hit.text == index.document(hit.document_id).text[hit.start : hit.end]


def test_pages_and_dates_are_kept_in_the_index(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf_file([["One"], ["Two"]]))
    (tmp_path / "b.epub").write_bytes(epub_file([["Three"]]))
    (tmp_path / "c.txt").write_text("Four")
    index = create_index(tmp_path / "index", FakeEncoder())
    add_files(index, [tmp_path / name for name in ("a.pdf", "b.epub", "c.txt")])
    pdf, book, plain = (index.document(index.resolve(name)) for name in ("a.pdf", "b.epub", "c.txt"))
    assert [pdf.page_at(offset) for offset, _ in enumerate(pdf.text)] == [1] * 5 + [2] * 3
    assert (book.date, book.pages, plain.date) == ("1897-05", (), None)
    assert {summary.id: summary.date for summary in index.documents()} == {
        pdf.id: pdf.date,
        book.id: "1897-05",
        plain.id: None,
    }


@pytest.mark.parametrize("suffix", sorted(LOADERS))
@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.4\n\x00 nonsense", b"PK\x03\x04\x00nonsense", b"<\x00>\xff\xfe", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
)
def test_nonsense_is_refused_in_one_line_that_names_the_file(suffix: str, content: bytes) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(source(f"some/file{suffix}", content))
    assert str(caught.value).startswith(f"some/file{suffix}: ")
    assert "\n" not in str(caught.value)


damage = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=9), st.integers(0, 9)), min_size=1, max_size=9
)
"""Places in a file, what is put there, and how many bytes it replaces."""


def damaged(content: bytes, changes: list[tuple[float, bytes, int]]) -> bytes:
    for place, new, length in changes:
        at = int(place * len(content))
        content = content[:at] + new + content[at + length :]
    return content


@pytest.mark.parametrize("name", [*MAKERS, "a.zip"])
@settings(max_examples=30, deadline=None)
@given(changes=damage)
def test_a_damaged_file_is_read_or_named_and_never_stops_the_run(
    tmp_path_factory: pytest.TempPathFactory, name: str, changes: list[tuple[float, bytes, int]]
) -> None:
    blocks = [["Some", "words"], ["and", "more"]]
    whole = zip_file({"a.txt": b"Words.", "b.html": html_page(blocks)}) if name == "a.zip" else MAKERS[name](blocks)
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(damaged(whole, changes))
    try:
        for found in sources_in(path):
            with suppress(DocumentError):
                assert parse(found.read()).text
    except DocumentError:
        assert name == "a.zip", "only an archive can fail before its sources are known"
