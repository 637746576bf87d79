"""Offsets of a selection: the browser counts UTF-16 units, Footnote counts code points, and both must mean the same words."""

from collections.abc import Iterator
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from index.documents import Span
from tests.web.fakes import make_document
from web import source

pytestmark = pytest.mark.browser

SCRIPT = files("web").joinpath("offsets.js").read_text(encoding="utf-8")
# Texts of every kind: emoji of several code points, marks that combine, writing from right to left, markup, line ends.
PIECES = [
    "a",
    " ",
    "\n",
    "👩‍👩‍👧‍👦",
    "🇦🇿",
    "e\u0301",
    "𝒳",
    "שלום",
    "<b>&amp;",
    "</div>",
    "\u200b",
    "{{x}}",
    "\ufffd",
    "\t",
    "long " * 30,
]
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map("".join),
)


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    opened = chromium.new_page()
    opened.set_content("<body></body>")
    opened.add_script_tag(content=SCRIPT)
    yield opened
    opened.close()


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(text=TEXTS, data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_units_become_the_code_points_of_the_same_words(page: Page, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = page.evaluate("([t, a, b]) => spanOfUnits(t, a, b)", [text, units(text[:start]), units(text[:end])])
    assert (found["start"], found["end"], found["text"]) == (start, end, text[start:end])


@given(text=TEXTS, data=st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(text="👩‍👩‍👧‍👦 Zoe\u0301", data=None)
def test_a_selection_in_the_panel_names_exactly_its_characters(
    page: Page, text: str, data: st.DataObject | None
) -> None:
    """The panel as it is made, with a lit span in between; the selection goes from text node to text node."""
    if data is None:
        start, end, lit = 8, 12, Span(0, 7)
    else:
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        first = data.draw(st.integers(0, len(text) - 1))
        lit = Span(first, data.draw(st.integers(first + 1, len(text))))
    html = source.document_view(make_document("doc", text), lit)
    found = page.evaluate(
        """([html, from, to]) => {
            document.body.innerHTML = html;
            const root = document.querySelector(".source-text");
            const at = (units, ends) => {
              for (const node of textNodes(root)) {
                if (units < node.data.length || (ends && units === node.data.length)) return [node, units];
                units -= node.data.length;
              }
            };
            const range = document.createRange();
            range.setStart(...at(from, false));
            range.setEnd(...at(to, true));
            return selectedSpan(root, range);
        }""",
        [html, units(text[:start]), units(text[:end])],
    )
    assert found == {"documentId": "doc", "start": start, "end": end, "text": text[start:end]}


def test_half_an_emoji_selects_all_of_it_and_a_cut_text_counts_from_its_beginning(page: Page) -> None:
    assert page.evaluate("spanOfUnits('a🐝b', 2, 3)") == {"start": 1, "end": 2, "text": "🐝"}
    assert page.evaluate("spanOfUnits('a🐝b', 1, 2)") == {"start": 1, "end": 2, "text": "🐝"}
    found = page.evaluate(
        """() => {
            document.body.innerHTML =
              '<h2>Title</h2><div id="x" data-document="d" data-start="1000">🐝 one <i data-extra>page 2</i>two</div>';
            const root = document.getElementById("x");
            const range = document.createRange();
            range.selectNodeContents(document.body);
            const outside = document.createRange();
            outside.selectNodeContents(document.querySelector("h2"));
            return [selectedSpan(root, range), selectedSpan(root, outside)];
        }"""
    )
    assert found == [{"documentId": "d", "start": 1000, "end": 1009, "text": "🐝 one two"}, None]
