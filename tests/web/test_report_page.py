"""The report of an evaluation in a real Chromium, opened from the disk."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from qa.evaluation.corpus import pooled_index
from qa.evaluation.datasets import Context, Dataset, GoldAnswer, Question
from qa.evaluation.page import render
from qa.evaluation.runner import evaluate_reading, evaluate_retrieval
from qa.reader.reading import Reading, ReadSpan
from tests.fakes import FakeEncoder
from tests.web.payloads import PAYLOADS

pytestmark = pytest.mark.browser

SIZES = [(1280, 800), (390, 844)]
TEXT = (
    "Café 👩‍👩‍👧‍👦 owner Zoe\u0301 Müller called for a ceasefire.\nOn Sunday 🇦🇿 5 < 6 & 7 > 6.\n"
    + "More of it. " * 300
    + "End."
)
# Question, expected, found (a piece of the text, or the end of one), confidence.
ROWS = [
    ("Who called for it?", "owner Zoe\u0301 Müller", "owner Zoe\u0301 Müller", 0.9),
    ("Who owns the café?", "Zoe\u0301 Müller", "owner Zoe\u0301", 0.8),  # overlaps: F1 1/2, which is right
    ("Where was it?", "Café", "ceasefire", 0.7),
    ("When was it?", "On Sunday", "Sunday 🇦🇿 5", 0.3),  # held back
    ("How many were there?", "", "6 & 7", 0.6),
    ("How long does it go on?", "End", "End", 0.4),  # held back, though right
]


class Scripted:
    threshold = 0.5
    comparer = None

    def __init__(self, rows: list[tuple[str, str, str, float]]) -> None:
        self.script = {question: (found, sure) for question, _, found, sure in rows}

    def read(self, question: str, texts: Any) -> Reading:
        found, sure = self.script[question]
        start = texts[0].index(found)
        return Reading((ReadSpan(0, start, start + len(found), 1.0, sure),), sure, sure < self.threshold)

    def describe(self) -> dict[str, str]:
        return {"name": "scripted", "version": "1", "sha256": "0" * 64}


def write(
    path: Path, contexts: list[Context], rows: list[tuple[str, str, str, float]], at: Callable[[int], int]
) -> Dataset:
    questions = tuple(
        Question(
            f"q{number}",
            asked,
            at(number),
            (GoldAnswer(gold, contexts[at(number)].text.index(gold)),) if gold else (),
        )
        for number, (asked, gold, _, _) in enumerate(rows)
    )
    dataset = Dataset("set.json", tuple(contexts), questions)
    page = render(evaluate_reading(dataset, Scripted(rows)), dataset, [], datetime(2024, 5, 6, tzinfo=UTC))
    path.write_text(page, encoding="utf-8")
    return dataset


@contextmanager
def opened(chromium: Browser, path: Path, size: tuple[int, int], **more: Any) -> Iterator[Page]:
    """The page of a file; whatever it asks for but itself, and whatever it complains of, is an error at the end."""
    browsing = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **more)
    page = browsing.new_page()
    asked: list[str] = []
    errors: list[str] = []
    # Every request of any kind, before anything decides on it.
    browsing.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.on("dialog", lambda dialog: (errors.append(dialog.message), dialog.dismiss()))
    page.set_default_timeout(20_000)
    page.goto(path.as_uri())
    yield page
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert errors == []
    assert path.as_uri() in asked
    assert [url for url in asked if not url.startswith("data:") and url != path.as_uri()] == []
    browsing.close()


def questions(page: Page) -> list[str]:
    return page.locator("#list .q").all_text_contents()


def marked(page: Page, kind: str) -> str:
    """The marked words of the open question, exactly as the document of the browser holds them."""
    return "".join(page.locator(f"#list details[open] mark.{kind}").all_text_contents())


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write(path, [Context("Café", TEXT)], ROWS, lambda number: 0)
    return path


@pytest.mark.parametrize("size", SIZES)
def test_marks_are_exactly_the_characters_of_the_spans(chromium: Browser, report: Path, size: tuple[int, int]) -> None:
    with opened(chromium, report, size, color_scheme="dark") as page:
        page.locator("#order").select_option("file")
        for number, (asked, gold, found, _) in enumerate(ROWS):
            row = page.locator("#list details").nth(number)
            row.locator("summary").click()
            expect(row.locator(".q")).to_have_text(asked)
            assert row.locator(".source").text_content() == TEXT
            assert (marked(page, "gold"), marked(page, "given")) == (gold, found)
            start, end = TEXT.index(found), TEXT.index(found) + len(found)
            places = row.locator("mark.given")
            assert places.first.get_attribute("data-start") == str(start)
            assert places.last.get_attribute("data-end") == str(end)
            # Wherever it stands in the text, the first mark is in view.
            pane, lit = row.locator(".source").bounding_box(), places.first.bounding_box()
            assert pane is not None
            assert lit is not None
            assert pane["y"] <= lit["y"] <= pane["y"] + pane["height"]
            row.locator("summary").click()
        both = page.locator("#list details").nth(1)
        both.locator("summary").click()
        assert both.locator("mark.gold.given").all_text_contents() == ["Zoe\u0301"]


@pytest.mark.parametrize("size", SIZES)
def test_filters_show_the_questions_they_name(chromium: Browser, report: Path, size: tuple[int, int]) -> None:
    who, owns, where, when, many, long = (asked for asked, *_ in ROWS)
    with opened(chromium, report, size) as page:
        # Worst first: wrong before right, then by F1, the surest first.
        assert questions(page) == [where, many, long, when, owns, who]

        def chosen(name: str, value: str) -> list[str]:
            page.locator("button[type=reset]").click()
            expect(page.locator("#count")).to_have_text("6 of 6 questions")
            page.locator("#order").select_option("file")
            page.locator(f"#{name}").select_option(value)
            expect(page.locator("#count")).not_to_have_text("6 of 6 questions")
            return questions(page)

        assert chosen("outcome", "right") == [who, owns]
        assert chosen("outcome", "wrong") == [where, when, many, long]
        assert chosen("outcome", "refused") == [when, long]
        assert chosen("outcome", "answered") == [who, owns, where, many]
        assert chosen("stage", "wrongly_refused") == [long]
        assert chosen("stage", "read_wrongly") == [where, when]
        assert chosen("stage", "wrongly_answered") == [many]
        assert chosen("type", "who") == [who, owns]
        assert chosen("length", "unanswerable") == [many]
        page.locator("button[type=reset]").click()
        expect(page.locator("#count")).to_have_text("6 of 6 questions")
        page.locator("#text").fill("ZOE\u0301 called")
        expect(page.locator("#count")).to_have_text("1 of 6 questions")
        assert questions(page) == [who]
        page.locator("#text").fill("nothing of the kind")
        expect(page.locator("#count")).to_have_text("0 of 6 questions")
        # A name in a table shows its questions, by keyboard too.
        page.locator(".pick[data-filter=type][data-value='how many']").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#questions")).to_be_focused()
        assert questions(page) == [many]
        page.locator("#list summary").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#list .source")).to_be_visible()


@pytest.mark.parametrize(
    "payloads", [PAYLOADS[:40], PAYLOADS[40:]], ids=["some", "others"]
)  # a list shows fifty at once
def test_hostile_texts_are_shown_as_they_are_and_do_nothing(
    chromium: Browser, tmp_path: Path, payloads: list[str]
) -> None:
    contexts = [Context(payload, payload + " end") for payload in payloads]
    rows = [(f"{payload} {number}?", payload, payload, 0.9) for number, payload in enumerate(payloads)]
    write(tmp_path / "report.html", contexts, rows, lambda number: number)
    with opened(chromium, tmp_path / "report.html", (390, 844)) as page:
        page.locator("#order").select_option("file")
        assert questions(page) == [asked for asked, *_ in rows]
        page.evaluate("for (const one of document.querySelectorAll('#list details')) one.open = true")
        expect(page.locator("#list .source")).to_have_count(len(payloads))
        assert page.locator("#list .source").all_text_contents() == [context.text for context in contexts]
        assert page.locator("#list mark.gold.given").all_text_contents() == payloads
        assert page.locator("#document option").all_text_contents()[1:] == sorted(
            {payload.strip() for payload in payloads}
        )
        assert page.locator("img, iframe, object, embed, base, link[rel=stylesheet], audio, video").count() == 0


def test_a_run_that_only_ranks_passages_shows_the_ranks(chromium: Browser, tmp_path: Path) -> None:
    contexts = (Context("Bees", "Bees dance. They tell where flowers are."), Context("Ada", "Ada wrote the program."))
    asked = (
        Question("found", "Where do bees dance?", 0, (GoldAnswer("dance", 5),)),
        Question("later", "Where do bees dance?", 1, (GoldAnswer("Ada", 0),)),
    )
    dataset = Dataset("set.json", contexts, asked)
    with pooled_index(dataset, FakeEncoder()) as (index, corpus):
        ranks = evaluate_retrieval(dataset, index, corpus)
        nowhere = ranks.results[0].model_copy(update={"id": "found", "gold_rank": None})
    report = ranks.model_copy(update={"results": (nowhere, ranks.results[1])})
    path = tmp_path / "report.html"
    path.write_text(render(report, dataset, [], datetime(2024, 5, 6, tzinfo=UTC)), encoding="utf-8")
    with opened(chromium, path, (390, 844)) as page:
        assert page.locator("#list .tag").all_text_contents() == ["not found", "first hit at rank 2"]
        page.locator("#outcome").select_option(label="found")
        expect(page.locator("#count")).to_have_text("1 of 2 questions")
        page.locator("#list summary").click()
        expect(page.locator("#list details[open] mark.gold")).to_have_text("Ada")
        assert page.locator("#list mark.given").count() == 0


def test_two_thousand_questions_are_listed_bit_by_bit(chromium: Browser, tmp_path: Path) -> None:
    contexts = [Context(f"title {n}", f"Context number {n}. " + "Of many words. " * 60) for n in range(400)]
    rows = [(f"How many words has text {n}?", "number", "number", 0.9) for n in range(2000)]
    path = tmp_path / "report.html"
    write(path, contexts, rows, lambda number: number % 400)
    with opened(chromium, path, (1280, 800)) as page:
        expect(page.locator("#count")).to_have_text("2,000 of 2,000 questions")
        assert page.locator("#list details").count() == 60
        page.locator("#more").scroll_into_view_if_needed()
        expect(page.locator("#list details").nth(60)).to_be_attached()
        assert page.locator("#list details").count() < 300
        page.locator("#text").fill("text 1999?")
        expect(page.locator("#count")).to_have_text("1 of 2,000 questions")
        assert questions(page) == ["How many words has text 1999?"]
        data = json.loads(page.locator("#data").text_content() or "")
        assert len(data["questions"]) == 2000
