"""A real Chromium and a running page for the browser tests."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

CHROMIUM_FLAGS = [
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Watched:
    """A browser page, and everything on it that must not happen."""

    page: Page
    url: str
    outside: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        """Type a question and send it."""
        box = self.page.locator("#question textarea")
        box.fill(question)
        # Sent from the box: a source that has just been opened may have taken the focus meanwhile.
        box.press("Enter")

    def open(self, fragment: str = "") -> None:
        """Load the page and wait until it can be used."""
        self.page.goto(self.url + fragment)
        self.page.wait_for_selector("#question textarea")
        self.page.wait_for_selector("#panel .source-title")

    def lit(self) -> str | None:
        """The lit text, exactly as the document of the browser holds it."""
        return self.page.locator("#panel mark").text_content()

    def check(self) -> None:
        """Raise ``AssertionError`` if anything happened that must not."""
        assert self.outside == []
        assert self.dialogs == []
        assert self.errors == []
        assert self.page.evaluate("window.hacked") is None


# Not for the whole session: while playwright runs, no other test can run an event loop of its own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium")
    expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Callable[..., Any]:
    """``with visit(assistant, width=…, height=…, examples=…) as watched`` opens the page of an assistant, or ``desk``."""
    # Here, because only the browser tests may load gradio.
    import ui
    from web.page import Page as Desk
    from web.serving import serving_in_background

    @contextmanager
    def opened(
        assistant: Any,
        *,
        width: int = 1280,
        height: int = 800,
        fragment: str = "",
        examples: tuple[str, ...] = (),
        desk: Any = None,
        **context: Any,
    ) -> Iterator[Watched]:
        desk = Desk(lambda: assistant) if desk is None else desk
        with serving_in_background(ui.make_app(desk, examples=examples)) as url:
            browsing = chromium.new_context(viewport={"width": width, "height": height}, **context)
            watched = Watched(browsing.new_page(), url)

            def route(request: Route) -> None:
                address = urlsplit(request.request.url)
                if address.scheme in ("data", "blob") or address.netloc == urlsplit(url).netloc:
                    request.continue_()
                else:
                    watched.outside.append(request.request.url)
                    request.abort()

            def dismiss(dialog: Any) -> None:
                watched.dialogs.append(dialog.message)
                dialog.dismiss()

            browsing.route("**/*", route)
            watched.page.on("dialog", dismiss)
            watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
            watched.page.on(
                "console", lambda message: watched.errors.append(message.text) if message.type == "error" else None
            )
            watched.page.set_default_timeout(20_000)
            watched.open(fragment)
            yield watched
            watched.check()
            browsing.close()

    return opened
