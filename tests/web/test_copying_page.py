"""Copying where the browser gives the page no clipboard, as over http from another computer, in a real Chromium."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.fakes import make_document
from tests.web.test_chat_page import KNOWN, TEXT, Assistant

pytestmark = pytest.mark.browser

DOCUMENT = make_document("doc", TEXT, title="Deep thought")
WITHOUT_CLIPBOARD = "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })"
REFUSED = "The browser does not allow copying here. Select the text and copy it."
Visit = Callable[..., Any]


def test_answers_and_links_are_copied_without_a_clipboard_or_it_is_said_why_not(visit: Visit) -> None:
    with visit(Assistant([DOCUMENT], KNOWN)) as watched:
        page = watched.page
        page.context.add_init_script(WITHOUT_CLIPBOARD)
        watched.open()
        box, live = page.locator("#question textarea"), page.locator("#bar [data-part=live]")
        copy, link = page.locator("#chat button.copy"), page.locator("#panel .source-link")
        watched.ask("Who spoke?")
        copy.focus()
        page.keyboard.press("Enter")
        expect(live).to_have_text("Copied")
        expect(copy).to_have_text("Copied")
        expect(copy).to_be_focused()
        box.press("Control+V")
        assert "“Mayor Jane Roe spoke on Monday.”" in box.input_value()
        page.locator("#chat a.cite").first.click()
        link.click()
        expect(link).to_have_text("Link copied")
        box.fill("")
        box.press("Control+V")
        expect(box).to_have_value(page.url)
        # Nothing is left of how it was done.
        assert page.locator("body > textarea").count() == 0

        page.evaluate("document.execCommand = () => false")
        expect(copy).to_have_text("Copy")
        copy.click()
        expect(copy).to_have_text("Not copied")
        expect(copy).to_have_attribute("title", REFUSED)
        expect(live).to_have_text(REFUSED)
        expect(link).to_have_text("Copy link")
        link.click()
        expect(link).to_have_text("Not copied")
        expect(link).to_have_attribute("title", REFUSED)
