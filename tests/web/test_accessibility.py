"""The page with axe-core, with the keyboard alone, enlarged and narrow."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from index import add_texts
from index.local import LocalIndex
from qa.assistant import Assistant
from tests.fakes import FakeEncoder, FakeReader
from tests.web.fakes import FakeAssistant

pytestmark = pytest.mark.browser

FILLER = "Nothing of note happened.\n" * 30
ARTICLES = {"Clashes": f"{FILLER}The famous leader Zoe called for a ceasefire Sunday.\n", "Other": "Other words.\n"}
QUESTION, ANSWER = (
    "Who called for this ceasefire?",
    "Sunday",
)  # the reader of the tests gives the word after those shared
CITATION = "#chat a[href^='#cite/']"
Visit = Callable[..., Any]


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    index = LocalIndex.create(tmp_path / "index", FakeEncoder())
    add_texts(index, [(f"{title}.txt", title, text) for title, text in ARTICLES.items()])
    return Assistant(index, FakeReader)


def findings(page: Page, state: str) -> list[str]:
    """What axe-core calls serious or critical in the page as it stands, a line each."""
    # Colours are measured as they are painted: nothing may be fading in or out, but for what moves without end.
    page.wait_for_function(
        "document.getAnimations().every(one => one.playState !== 'running'"
        " || one.effect.getComputedTiming().endTime === Infinity)"
    )
    options = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{state}: {violation['id']} ({violation['impact']}): {node['target']} {node['html'][:200]}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def states(watched: Any) -> Iterator[str]:
    """Goes through the main states of the page; gives the name of each."""
    page = watched.page
    yield "start"
    watched.ask(QUESTION)
    expect(page.locator("#chat .reply")).to_have_count(1)
    yield "answer"
    page.locator(CITATION).first.click()
    expect(page.locator("#panel mark")).to_be_focused()  # else it takes the focus from the question that comes next
    yield "source open"
    watched.ask("What is the capital of France?")
    expect(page.locator("#chat .refusal")).to_have_count(1)
    yield "refusal"
    page.get_by_role("tab", name="Documents").click()
    expect(page.locator("#documents")).to_contain_text("Clashes")
    yield "Documents"
    page.get_by_role("tab", name="Evaluation").click()
    expect(page.locator("#evaluation button:visible").first).to_be_visible()
    yield "Evaluation"
    page.get_by_role("tab", name="Ask").click()
    page.get_by_role("button", name="Help and keyboard shortcuts").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "help"


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_finding_in_any_state(
    visit: Visit, assistant: Assistant, width: int, height: int, scheme: str
) -> None:
    found: list[str] = []
    with visit(assistant, width=width, height=height, color_scheme=scheme) as watched:
        for state in states(watched):
            found += findings(watched.page, f"{state} ({width}, {scheme})")
    assert found == []


def test_no_serious_finding_without_any_article(visit: Visit) -> None:
    with visit(FakeAssistant([], {})) as watched:
        found = findings(watched.page, "empty")
        watched.ask("Anything?")
        expect(watched.page.locator("#chat .error")).to_be_visible()
        found += findings(watched.page, "error")
    assert found == []


# 200 % on a laptop of 1280x800 leaves this many CSS pixels; 360 is the narrowest of the phones in use.
@pytest.mark.parametrize(("width", "height"), [(640, 400), (360, 740), (320, 640)])
def test_no_state_needs_sideways_scrolling(visit: Visit, assistant: Assistant, width: int, height: int) -> None:
    with visit(assistant, width=width, height=height) as watched:
        for state in states(watched):
            wide = watched.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{state}: {wide} pixels wide"


def test_keyboard_walks_from_the_question_to_the_words_and_back(visit: Visit, assistant: Assistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        expect(page.locator("#question textarea")).to_be_focused()
        page.keyboard.type(QUESTION)
        page.keyboard.press("Enter")
        expect(page.locator("#chat .reply")).to_have_count(1)
        for _ in range(60):
            page.keyboard.press("Shift+Tab")
            href = page.evaluate("document.activeElement.getAttribute('href') ?? ''")
            outline = page.evaluate(
                """() => { const style = getComputedStyle(document.activeElement);
                return style.outlineStyle !== 'none' || style.boxShadow !== 'none' || style.borderStyle !== 'none' }"""
            )
            assert outline, page.evaluate("document.activeElement.outerHTML.slice(0, 300)")
            if re.fullmatch(r"#cite/.+/\d+-\d+/[0-9a-f]{8}", href):
                break
        else:
            pytest.fail("no citation can be reached with Shift+Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#panel mark")).to_be_focused()
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.getAttribute('href') ?? ''") == href


def test_every_tab_is_reached_with_the_keyboard(visit: Visit, assistant: Assistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        page.get_by_role("tab", name="Ask").focus()
        for name, panel in (("Documents", "#documents"), ("Evaluation", "#evaluation")):
            page.get_by_role("tab", name=name).focus()
            page.keyboard.press("Enter")
            expect(page.locator(panel)).to_be_visible()
            expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")


def test_answers_are_announced(visit: Visit, assistant: Assistant) -> None:
    with visit(assistant) as watched:
        watched.ask(QUESTION)
        expect(watched.page.locator("[aria-live=polite]").filter(has_text=ANSWER).first).to_be_attached()


def test_nothing_moves_for_those_who_asked_for_that(visit: Visit, assistant: Assistant) -> None:
    with visit(assistant, reduced_motion="reduce") as watched:
        page = watched.page
        watched.ask(QUESTION)
        page.locator(CITATION).first.click()
        expect(page.locator("#panel mark")).to_be_focused()
        slow = page.evaluate(
            """() => [...document.querySelectorAll('#chat *, #panel *, #bar *')].filter((element) => {
              const style = getComputedStyle(element);
              return Math.max(...style.animationDuration.split(',').map(parseFloat)) > 0.01;
            }).map((element) => element.outerHTML.slice(0, 200))"""
        )
        assert slow == []
