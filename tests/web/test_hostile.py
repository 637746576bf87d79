"""Documents, file names, titles and questions full of markup, scripts and link tricks: nothing runs, nothing is fetched."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.fakes import FakeAssistant, make_document
from tests.web.payloads import ODD_CHARACTERS, PAYLOADS

pytestmark = pytest.mark.browser

ALL = [*PAYLOADS, *ODD_CHARACTERS]
CITATION = "#chat a[href^='#cite/']"
FOREIGN = (
    "img, script, style, iframe, object, embed, form, video, audio, base, link, meta, math, marquee, template, textarea, "
    "gradio-app, [onerror], [onload], [onclick], [onfocus], [style*='evil'], [href*='evil'], [src*='evil']"
)
Visit = Callable[..., Any]


def articles() -> list[Any]:
    """One article for each text: it is its title, its path and all it says."""
    return [
        make_document(f"d-{number}", f"Before it. {text} After it.", title=text, source=f"/articles/{text}")
        for number, text in enumerate(ALL)
    ]


def in_groups(texts: list[str], most: int = 900) -> Iterator[str]:
    """The texts on single lines, joined to questions that are not too long."""
    group = ""
    for text in texts:
        one_line = " ".join(text.replace("\0", "").split())
        if len(group) + len(one_line) > most:
            yield group.strip()
            group = ""
        group += f"Why {one_line}? "
    yield group.strip()


def foreign(page: Page, where: str) -> list[str]:
    """Elements that only a document can have put there."""
    found: list[str] = page.locator(f"{where} :is({FOREIGN})").evaluate_all(
        "all => all.map(e => e.outerHTML.slice(0, 200))"
    )
    return found


def test_there_are_enough_of_them() -> None:
    assert len(set(ALL)) == len(ALL) >= 60


def test_answers_sources_and_questions_stay_text(visit: Visit) -> None:
    numbered = [(f"d-{number}", text) for number, text in enumerate(ALL)]
    # The page shows an answer and four others.
    known = {f"What does group {first} say?": numbered[first : first + 5] for first in range(0, len(ALL), 5)}
    with visit(FakeAssistant(articles(), known), examples=(ALL[0][:60], ALL[2][:60])) as watched:
        page = watched.page
        replies = 0
        for question, found in known.items():
            watched.ask(question)
            replies += 1
            expect(page.locator("#chat .reply")).to_have_count(replies)
            shown = " ".join((page.locator("#chat .reply").last.text_content() or "").split())
            for _, text in found:
                assert " ".join(text.replace("\0", "\N{REPLACEMENT CHARACTER}").split()) in shown
            watched.check()
        page.locator("#chat details").evaluate_all("all => all.forEach(one => { one.open = true })")
        links = page.locator(CITATION)
        for number in range(0, links.count(), links.count() // 5):
            links.nth(number).click()
            expect(page.locator("#panel mark")).to_be_focused()
            watched.check()
        for question in in_groups(ALL):
            watched.ask(question)
            replies += 1
            expect(page.locator("#chat .reply")).to_have_count(replies)
            watched.check()
        hrefs = page.locator("#chat .message a, #panel a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        assert hrefs
        ours = re.compile(r"#cite/d-[0-9]+(/[0-9]+-[0-9]+/[0-9a-f]{8})?|#cite/|#feedback/[0-9a-f]{32}")
        assert [href for href in hrefs if not ours.fullmatch(href or "")] == []
        assert foreign(page, "#chat .message") == []
        assert foreign(page, "#panel") == []


def test_each_text_is_lit_as_it_stands(visit: Visit) -> None:
    with visit(FakeAssistant(articles(), {})) as watched:
        page = watched.page
        for number, text in enumerate(ALL):
            start = len("Before it. ")
            # As when a shared link is opened.
            page.evaluate("place => { location.hash = place }", f"#cite/d-{number}/{start}-{start + len(text)}")
            lit = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
            page.wait_for_function(
                "text => document.querySelector('#panel mark')?.textContent === text", arg=lit, polling=20
            )
            watched.check()
        assert foreign(page, "#panel") == []


def test_titles_and_file_names_stay_text_in_the_list(visit: Visit) -> None:
    with visit(FakeAssistant(articles(), {})) as watched:
        page = watched.page
        expect(page.locator("#panel .source-title")).to_contain_text(str(len(ALL)))
        titles = set(page.locator("#panel li a").all_text_contents())
        assert {text.replace("\0", "\N{REPLACEMENT CHARACTER}") for text in ALL} == titles
        page.get_by_role("tab", name="Documents").click()
        expect(page.locator("#documents tbody tr").first).to_be_visible()
        assert foreign(page, "#documents tbody") == []
