"""The Evaluation tab in a real Chromium, over a real index with an encoder and a reader of shared words."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from qa.assistant import Assistant
from tests.web.evaluations.making import BEES, ROWS, lines, open_assistant, row
from tests.web.payloads import PAYLOADS

pytestmark = pytest.mark.browser

Visit = Callable[..., Any]
SOME = PAYLOADS[:30]


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    return open_assistant(tmp_path / "index")


def open_tab(page: Page) -> None:
    page.get_by_role("tab", name="Evaluation").click()
    expect(page.get_by_role("heading", name="Evaluation")).to_be_visible()


def upload(page: Page, name: str, data: bytes) -> None:
    page.locator("#ev-file").set_input_files({"name": name, "mimeType": "application/json", "buffer": data})
    expect(page.locator("#ev-set option:checked")).to_have_text(name)


def run(page: Page) -> None:
    """Start, and wait until the result is on show."""
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#ev-result-title")).to_be_focused()


@pytest.mark.parametrize("size", [(1280, 800), (360, 780)])
def test_upload_run_and_see_scores_plots_and_questions_in_their_source(
    visit: Visit, assistant: Assistant, size: tuple[int, int]
) -> None:
    with visit(assistant, width=size[0], height=size[1]) as watched:
        page = watched.page
        open_tab(page)
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
        upload(page, "My questions.jsonl", lines(ROWS))
        expect(page.locator(".ev-new")).to_contain_text("4 questions · 1 without an answer · 2 texts")
        page.get_by_label("Never refuse").check()
        run(page)
        expect(page.locator("#ev-result-title")).to_have_text("My questions.jsonl")
        tile = page.locator(".ev-tile").first
        expect(tile).to_contain_text("Exact match")
        expect(tile.locator(".ev-interval").first).to_contain_text(" to ")
        expect(page.locator(".ev-plot svg")).to_have_count(3)
        assert page.locator(".ev-plot svg").first.get_attribute("aria-label").startswith("Risk and coverage: ")
        page.locator("#ev-only").select_option("all")
        question = page.locator(".ev-question", has_text="Where do drones never go?")
        expect(question.locator("blockquote")).to_have_count(2)
        for side in question.locator("blockquote").all():
            assert side.text_content() == BEES
            assert side.locator("mark.ev-both").all_text_contents() == ["sting"]
        wrong = page.locator(".ev-question", has_text="What do workers gather?")
        assert wrong.locator("blockquote").nth(0).locator("mark.ev-gold").all_text_contents() == ["daily"]
        assert wrong.locator("blockquote").nth(1).locator("mark.ev-given").all_text_contents() == ["nectar"]
        assert page.evaluate("document.documentElement.scrollWidth") == size[0]
        panel = page.locator("#evaluation").first
        widest = "node => [...node.querySelectorAll('*')].filter(one => !one.closest('.fn-table-scroll, svg'))"
        widest += ".map(one => [one.getBoundingClientRect().right, one.outerHTML.slice(0, 90)]).sort((a, b) => b[0] - a[0])[0]"
        assert panel.evaluate("node => node.scrollWidth <= node.clientWidth"), panel.evaluate(widest)
        # Kept: the run is there when the page is opened anew.
        watched.open()
        open_tab(page)
        page.get_by_role("button", name="My questions.jsonl", exact=True).click()
        expect(page.locator("#ev-result-title")).to_be_focused()


def test_report_opens_in_a_page_that_can_reach_nothing(visit: Visit, assistant: Assistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        open_tab(page)
        upload(page, "set.jsonl", lines(ROWS))
        run(page)
        with page.context.expect_page() as opening:
            page.get_by_role("link", name="Open the whole report").click()
        report = opening.value
        expect(report.locator("#list .q").first).to_be_visible()  # its own script runs
        reply = report.request.get(report.url)
        assert reply.headers["content-security-policy"].startswith("sandbox allow-scripts;")
        outcome = report.evaluate("fetch('/api/evaluation').then(() => 'reached', () => 'refused')")
        assert outcome == "refused"
        assert report.evaluate("window.origin") == "null"
        with page.expect_download() as loading:
            page.get_by_role("link", name="Download scores (JSON)").click()
        assert json.loads(Path(loading.value.path()).read_text())["questions"] == 4


def test_progress_is_shown_a_run_can_be_cancelled_and_the_chat_goes_on(visit: Visit, assistant: Assistant) -> None:
    held, asked = threading.Event(), threading.Event()
    reader = assistant.reader
    real = reader.read

    def read(question: str, texts: Any, **more: Any) -> Any:
        if question.startswith("Slow") and threading.current_thread().name == "footnote-evaluate":
            asked.set()
            held.wait(30)
        return real(question, texts, **more)

    reader.read = read  # type: ignore[method-assign]
    rows = [row(f"r{n}", "Where do drones never go?", BEES, "sting") for n in range(5)]
    rows.append(row("slow", "Slow one?", BEES, None))
    rows += [row(f"s{n}", "Slow again?", BEES, None) for n in range(4)]
    with visit(assistant) as watched:
        page = watched.page
        open_tab(page)
        upload(page, "set.jsonl", lines(rows))
        page.get_by_role("button", name="Run", exact=True).click()
        assert asked.wait(20)
        expect(page.locator(".ev-progress-words")).to_contain_text("Asking questions: 5 of 10")
        expect(page.get_by_role("progressbar", name="Evaluation")).to_have_js_property("value", 5)
        # The chat answers meanwhile.
        page.get_by_role("tab", name="Ask").click()
        watched.ask("Where do drones never sting anybody?")
        expect(page.locator("#chat a[href^='#cite/bees-']").first).to_be_visible()
        page.get_by_role("tab", name="Evaluation").click()
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator(".ev-progress-words")).to_contain_text("Stopping")
        held.set()
        expect(page.get_by_role("alert").filter(has_text="Cancelled")).to_be_visible()
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()
        expect(page.locator(".ev-runs tbody tr")).to_have_count(0)


def test_faulty_rows_are_named_and_can_be_left_out(visit: Visit, assistant: Assistant) -> None:
    broken = row("broken", "Where?", BEES, "comb") | {"answers": [{"text": "comb", "answer_start": 1}]}
    with visit(assistant) as watched:
        page = watched.page
        open_tab(page)
        upload(page, "set.jsonl", lines([*ROWS, broken]))
        expect(page.locator(".ev-faults summary")).to_have_text("1 faulty row")
        expect(page.locator(".ev-faults li")).to_contain_text(
            'line 5 (id broken): the answer "comb" is not at answer_start 1'
        )
        start = page.get_by_role("button", name="Run", exact=True)
        expect(start).to_be_disabled()
        page.get_by_label("Leave faulty rows out").check()
        run(page)
        expect(page.locator(".ev-result")).to_contain_text("1 faulty row left out")
        page.locator("#ev-file").set_input_files({"name": "bad.json", "mimeType": "x/y", "buffer": b"{"})
        expect(page.get_by_role("alert").filter(has_text="bad.json: not valid JSON")).to_be_visible()
        watched.errors.clear()  # the browser notes the refused request


def test_runs_are_compared_by_keyboard(visit: Visit, assistant: Assistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        open_tab(page)
        upload(page, "set.jsonl", lines(ROWS))
        run(page)
        page.get_by_label("Never refuse").check()
        page.get_by_role("button", name="Run", exact=True).click()
        expect(page.locator(".ev-runs tbody tr")).to_have_count(2)
        compare = page.get_by_role("button", name="Compare the two chosen")
        expect(compare).to_be_disabled()
        for box in page.locator(".ev-runs input[type=checkbox]").all():
            box.focus()
            page.keyboard.press("Space")
        compare.focus()
        page.keyboard.press("Enter")
        title = page.get_by_role("heading", name="Comparison")
        expect(title).to_be_focused()
        left = page.locator(".ev-result tr", has_text="Left unanswered")
        expect(left).to_contain_text("−1.000")
        expect(page.locator(".ev-result")).to_contain_text("Right in A and wrong in B:")
        page.get_by_role("button", name="Remove the run of").first.click()
        expect(page.locator(".ev-runs tbody tr")).to_have_count(1)


def test_a_number_of_questions_that_is_none_is_refused(visit: Visit, assistant: Assistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        open_tab(page)
        upload(page, "set.jsonl", lines(ROWS))
        field = page.get_by_label("How many questions")
        for typed in ("2e", "0", "1.5"):  # of the first the browser tells the page no more than of an empty field
            field.fill("")
            field.press_sequentially(typed)
            page.get_by_role("button", name="Run", exact=True).click()
            expect(page.get_by_role("alert").filter(has_text="a whole number from 1")).to_be_visible()
            page.get_by_role("button", name="Run", exact=True).blur()
        expect(page.locator(".ev-runs tbody tr")).to_have_count(0)
        field.fill("2")
        run(page)
        expect(page.locator(".ev-runs tbody tr")).to_contain_text("2")


def test_closing_and_removing_leave_the_keyboard_where_it_goes_on(visit: Visit, assistant: Assistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        open_tab(page)
        upload(page, "set.jsonl", lines(ROWS))
        for count in (1, 2, 3):
            run(page)
            expect(page.locator(".ev-runs tbody tr")).to_have_count(count)
            page.locator(".ev-close button").focus()
            page.keyboard.press("Enter")
            expect(page.locator(".ev-open").first).to_be_focused()
        page.locator(".ev-open").nth(1).focus()
        page.keyboard.press("Enter")
        expect(page.locator("#ev-result-title")).to_be_focused()
        page.locator(".ev-close button").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".ev-open").nth(1)).to_be_focused()
        # The two newest are compared, and the comparison closed.
        for box in page.locator(".ev-runs input[type=checkbox]").all()[:2]:
            box.check()
        compare = page.get_by_role("button", name="Compare the two chosen")
        compare.click()
        expect(page.get_by_role("heading", name="Comparison")).to_be_focused()
        page.locator(".ev-close button").focus()
        page.keyboard.press("Enter")
        expect(compare).to_be_focused()
        # Removing leads to the run that stands there now, or to the last, or to the data sets.
        remove = page.get_by_role("button", name="Remove the run of")
        for which, left, next_one in ((1, 2, 1), (1, 1, 0), (0, 0, None)):
            remove.nth(which).focus()
            page.keyboard.press("Enter")
            expect(page.locator(".ev-runs tbody tr")).to_have_count(left)
            following = page.locator("#ev-set") if next_one is None else page.locator(".ev-open").nth(next_one)
            expect(following).to_be_focused()


def test_hostile_names_questions_titles_and_texts_are_shown_and_do_nothing(visit: Visit, assistant: Assistant) -> None:
    rows = [row(payload, f"{payload} {n}", f"{payload} end", payload, payload) for n, payload in enumerate(SOME)]
    faulty = [{"id": payload, "question": payload, "document": payload, "answers": []} for payload in SOME[:15]]
    name = "<img src=x onerror=alert(1)> ${alert(1)} {{value}}.jsonl"
    with visit(assistant, width=390, height=844) as watched:
        page = watched.page
        open_tab(page)
        upload(page, name, lines([*rows, *faulty]))
        expect(page.locator(".ev-faults li")).to_have_count(15)
        page.get_by_label("Leave faulty rows out").check()
        page.get_by_label("Never refuse").check()
        run(page)
        expect(page.locator("#ev-result-title")).to_have_text(name)
        page.locator("#ev-only").select_option("all")
        for shown_then in (20, 30):
            page.get_by_role("button", name="Show more").click()
            expect(page.locator(".ev-question")).to_have_count(shown_then)
        expect(page.locator(".ev-question")).to_have_count(len(SOME))
        shown = page.locator(".ev-question h4").all_text_contents()
        assert sorted(shown) == sorted(f"{payload} {n}" for n, payload in enumerate(SOME))
        marked = page.locator(".ev-question .ev-side:first-child blockquote").evaluate_all(
            "all => all.map(one => [...one.querySelectorAll('.ev-gold, .ev-both')].map(mark => mark.textContent).join(''))"
        )
        assert sorted(marked) == sorted(SOME)
        assert page.locator("#evaluation :is(img, script, iframe, object, style, video, form)").count() == 0
        with page.context.expect_page() as opening:
            page.get_by_role("link", name="Open the whole report").click()
        report = opening.value
        expect(report.locator("#list .q").first).to_be_visible()
        assert report.evaluate("window.hacked") is None
