"""The password in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.fakes import FakeAssistant, make_document
from tests.web.test_accessibility import findings
from web.passwords import Accounts, hash_password
from web.serving import serving_in_background

pytestmark = pytest.mark.browser

DOCUMENT = make_document("doc", "The answer is forty-two.", title="Deep thought")


@pytest.fixture(scope="module")
def url(chromium: Browser) -> Iterator[str]:  # after the browser, as in the other tests: its loop is the one in use
    import ui
    from web.page import Page as Desk

    accounts = Accounts({"anna": hash_password("correct horse")})
    desk = Desk(lambda: FakeAssistant([DOCUMENT], {"what?": [("doc", "forty-two")]}))
    with serving_in_background(ui.make_app(desk, accounts=accounts)) as url:
        yield url


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def log_in(page: Page, password: str) -> None:
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_shared_link_survives_the_login_and_the_page_works_behind_it(url: str, page: Page) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{url}/#cite/doc/14-23")
    expect(page.get_by_label("Name")).to_be_focused()
    assert page.context.request.get(f"{url}/api/documents").status == 401
    log_in(page, "wrong horse")
    expect(page.get_by_role("alert")).to_contain_text("do not go together")
    assert page.evaluate("document.cookie") == ""
    log_in(page, "correct horse")
    expect(page.locator("#panel mark")).to_have_text("forty-two")
    assert page.evaluate("document.cookie") == ""  # no script can read the session
    page.locator("#question textarea").fill("what?")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .answer")).to_have_text("forty-two")
    page.get_by_role("button", name="Log out").click()  # not covered by the tabs, on a phone either
    expect(page.get_by_label("Password")).to_be_visible()
    page.goto(url)
    expect(page.get_by_label("Password")).to_be_visible()
    assert faults == []


def test_a_citation_behind_an_ended_session_leads_to_the_login_and_back(url: str, page: Page) -> None:
    page.goto(url)
    log_in(page, "correct horse")
    page.locator("#question textarea").fill("what?")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .answer")).to_have_text("forty-two")
    page.context.clear_cookies()
    page.locator("#chat a.cite").first.click()
    expect(page.locator("#panel .source-title")).to_have_text("You are logged out")
    page.locator("#panel").get_by_role("button", name="Log in again").click()
    log_in(page, "correct horse")
    expect(page.locator("#panel mark")).to_have_text("forty-two")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_login_page_is_accessible_and_asks_for_nothing_else(url: str, page: Page, scheme: str) -> None:
    asked: list[str] = []
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{url}/login")
    assert findings(page, "login") == []
    page.set_viewport_size({"width": 320, "height": 500})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert asked == [f"{url}/login"]
