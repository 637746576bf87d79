from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Document, Page, Span
from tests.strategies import texts
from tests.web.fakes import FakeIndex, make_document
from tests.web.payloads import PAYLOADS
from web import source


class Reading(HTMLParser):
    """What a browser takes from a piece of HTML: the tags with their attributes, and text by the class around it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[tuple[str, frozenset[str]]] = set()
        self.text: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add((tag, frozenset(name for name, _ in attributes)))
        self._open.append(dict(attributes).get("class") or tag)

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for name in set(self._open):
            self.text[name] = self.text.get(name, "") + data


KNOWN_TAGS = {
    "article",
    "header",
    "h2",
    "p",
    "span",
    "button",
    "div",
    "mark",
    "ul",
    "li",
    "a",
    "code",
    "pre",
    "wbr",
    "bdi",
}


@st.composite
def marked(draw: st.DrawFn) -> tuple[Document, Span]:
    text = draw(st.one_of(texts, st.lists(st.sampled_from(PAYLOADS), min_size=1, max_size=4).map("\n".join)))
    text = text.replace("\0", "") or "x"
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    return make_document("doc", text, title=draw(st.sampled_from(PAYLOADS))), Span(start, end)


@given(marked())
def test_lit_text_is_the_span_and_the_rest_is_the_text(case: tuple[Document, Span]) -> None:
    document, span = case
    reading = Reading(source.document_view(document, span))
    assert reading.text["mark"] == document.text[span.start : span.end]
    assert reading.text["source-text"] == document.text
    assert document.text[span.start : span.end] in reading.text["around"]
    assert reading.text["source-title"] == document.title
    assert {tag for tag, _ in reading.tags} <= KNOWN_TAGS


@given(marked())
def test_without_a_span_nothing_is_lit(case: tuple[Document, Span]) -> None:
    document, _ = case
    reading = Reading(source.document_view(document))
    assert "mark" not in reading.text
    assert reading.text["source-text"] == document.text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_come_out_inert(payload: str) -> None:
    document = make_document("doc", f"Before. {payload} After.", title=payload, source=f"/articles/{payload}.txt")
    html = source.document_view(document, Span(8, 8 + len(payload))) + source.document_list(
        FakeIndex([document]).documents()
    )
    for tag, attributes in Reading(html).tags:
        assert tag in KNOWN_TAGS
        assert attributes <= {
            "class",
            "id",
            "tabindex",
            "dir",
            "role",
            "aria-label",
            "type",
            "href",
            "data-document",
            "data-start",
            "title",
            "hidden",
        }
    for sign in "{}$`\\":
        assert sign not in html


def test_sentence_around_the_span_is_marked_faintly() -> None:
    text = "One sentence here. The answer is forty-two. Another sentence."
    start = text.index("forty-two")
    reading = Reading(source.document_view(make_document("doc", text), Span(start, start + 9)))
    assert reading.text["around"] == "The answer is forty-two."


def test_span_of_white_space_is_lit_alone() -> None:
    reading = Reading(source.document_view(make_document("doc", "One.\n\n \n\nTwo."), Span(4, 8)))
    assert reading.text["mark"] == reading.text["around"] == "\n\n \n"


def test_long_document_is_cut_around_the_span() -> None:
    text = "Some words in a row. " * 40_000 + "The needle is here. " + "More words in a row. " * 40_000
    start = text.index("needle")
    html = source.document_view(make_document("doc", text), Span(start, start + 6))
    assert len(html) < 500_000
    assert Reading(html).text["mark"] == "needle"
    assert "beginning of this long document" in html
    assert "rest of this long document" in html


def test_page_is_named() -> None:
    plain = make_document("doc", "First page. Second page.")
    document = Document(
        **{name: getattr(plain, name) for name in plain.__slots__ if name != "pages"},
        pages=(Page(7, 0, 12), Page(8, 12, 24)),
    )
    assert "page 8" in source.document_view(document, Span(12, 18))


def test_list_names_every_document_and_links_to_it() -> None:
    documents = FakeIndex(
        [make_document("a-1", "x", title="First"), make_document("b", "y", title="Second")]
    ).documents()
    html = source.document_list(documents)
    assert '<a href="#cite/a-1"><bdi>First</bdi></a>' in html
    assert '<a href="#cite/b"><bdi>Second</bdi></a>' in html
    assert "2 articles" in html


def test_empty_index_tells_what_to_do() -> None:
    assert "qa add PATH" in source.no_documents("qa add PATH")


def test_the_text_says_which_characters_of_which_document_it_is() -> None:
    document = make_document("long", "0123456789" * 100_000)
    html = source.document_view(document, Span(600_000, 600_010))
    start = int(html.partition('data-start="')[2].partition('"')[0])
    shown = Reading(html).text["source-text"]
    assert start > 0
    assert 'data-document="long"' in html
    assert shown == document.text[start : start + len(shown)]
    assert 'data-start="0"' in source.document_view(document)
