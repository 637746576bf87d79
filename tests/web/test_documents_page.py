"""The documents panel in a real Chromium, on a real index with a tiny encoder and reader."""

import io
import re
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from index.errors import IndexMissing
from index.local.store import LocalIndex
from qa.assistant import Assistant
from tests.fakes import FakeEncoder, FakeReader
from tests.web.fakes import FakeAssistant, make_document
from tests.web.payloads import PAYLOADS
from web.library import Library
from web.page import Page
from web.uploads import UploadLimits

pytestmark = pytest.mark.browser

Visit = Callable[..., Any]
CITATION = "#chat a[href^='#cite/']"
ROWS = "#documents tbody tr"


class Place:
    """A page on a folder where an index may come to be."""

    def __init__(self, folder: Path, *, undo_seconds: float = 30.0, waiting: int = 8) -> None:
        self.folder, self.encoder = folder, FakeEncoder()
        self.page = Page(self.open, "qa add PATH", self.create)
        self.page.library = Library(
            self.page._index,
            self.page._create,
            limits=UploadLimits(file=5_000_000, spare=0),
            undo_seconds=undo_seconds,
            waiting=waiting,
        )

    def create(self) -> LocalIndex:
        return LocalIndex.create(self.folder, self.encoder)

    def open(self) -> Assistant:
        if not self.folder.exists():
            raise IndexMissing("There is no index yet.")
        return Assistant(LocalIndex.open(self.folder, self.encoder), FakeReader)

    def hold(self, word: str, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
        """Texts with ``word`` are embedded only once the event is set."""
        may_go = threading.Event()
        encode = self.encoder.encode

        def slow(texts: Any, on_progress: Any = None) -> Any:
            if any(word in text for text in texts):
                may_go.wait(60)
            return encode(texts, on_progress)

        monkeypatch.setattr(self.encoder, "encode", slow)
        return may_go


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "index")


def file(name: str, content: bytes | str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def zipped(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name), text)  # a bare name would be stored with the time of day
    return buffer.getvalue()


def open_panel(watched: Any) -> Locator:
    watched.page.get_by_role("tab", name="Documents").click()
    panel = watched.page.locator("#documents .library")
    expect(panel).to_be_visible()
    return panel  # type: ignore[no-any-return]


def add(watched: Any, *files: Any) -> None:
    watched.page.set_input_files("#library-files", list(files))


def expect_refusals(watched: Any, *statuses: str) -> None:
    """The browser notes every refused request; these were meant."""
    refused = [error.split("status of ")[-1][:3] for error in watched.errors]
    assert refused == list(statuses)
    watched.errors.clear()


def test_the_first_document_is_added_from_the_front_page(visit: Visit, place: Place) -> None:
    with visit(None, desk=place.page) as watched:
        page = watched.page
        expect(page.locator("#panel")).to_contain_text("No articles yet")
        assert not place.folder.exists()
        page.locator("#panel").get_by_role("button", name="Add the sample article").click()
        job = page.locator("#documents .library-job")
        expect(job).to_contain_text("1 new")
        expect(page.locator(ROWS)).to_have_count(1)
        # What is half typed in the chat meanwhile stays, and is not what is asked.
        box = page.locator("#question textarea")
        page.get_by_role("tab", name="Ask").click()
        box.fill("Half a quest")
        open_panel(watched)
        job.get_by_role("button", name="When did the violence start?").click()
        expect(page.locator("#chat .user-row")).to_have_text(re.compile("When did the violence start?"))
        expect(page.locator("#panel")).to_contain_text("Russian President Vladimir Putin")
        expect(box).to_have_value("Half a quest")
        expect(box).to_be_focused()
        page.locator(CITATION).first.click()
        expect(page.locator("#panel mark")).to_be_visible()
        assert (place.folder / "uploads" / "karabakh.txt").exists()


def test_files_are_added_with_a_result_each_then_filtered_sorted_and_opened(visit: Visit, place: Place) -> None:
    archive = zipped({"folder/a.txt": "Alpha words. " * 40, "folder/b.md": "# Beta\n\nBeta words.", "c.pptx": "?"})
    with visit(None, desk=place.page) as watched:
        page, panel = watched.page, open_panel(watched)
        expect(panel.get_by_text("No documents yet")).to_be_visible()
        add(
            watched,
            file("river.txt", "The river rose by two metres."),
            file("bad.txt", b""),
            file("folder.zip", archive),
        )
        job = panel.locator(".library-job")
        expect(job.locator(".fn-badge").first).to_have_text("Done, some failed")
        expect(job).to_contain_text("3 new, 1 failed")
        expect(job).to_contain_text("Of folder.zip, 1 file of another type (.pptx) was passed over.")
        failed = job.locator("li", has_text="bad.txt")
        expect(failed).to_contain_text("the file is empty")
        expect(panel.get_by_text("3 documents, ")).to_be_visible()
        titles = page.locator(f"{ROWS} .library-title a")
        expect(titles).to_have_text(["a", "Beta", "river"])
        page.get_by_role("button", name="Size").click()
        expect(titles.first).to_have_text("a")
        expect(page.locator("th[aria-sort='descending']")).to_contain_text("Size")
        page.get_by_label("Filter").fill("riv")
        expect(titles).to_have_text(["river"])
        expect(panel.locator("[role='status']")).to_have_text("1 document matches.")
        titles.first.click()
        expect(page.locator("#panel .source-text")).to_have_text("The river rose by two metres.")
        expect(page.get_by_role("tab", name="Ask")).to_have_attribute("aria-selected", "true")


def test_a_job_begun_while_the_list_of_jobs_is_on_its_way_is_shown(visit: Visit, place: Place) -> None:
    held: list[tuple[Any, Any]] = []
    asked = []

    def hold_the_second(route: Any) -> None:
        asked.append(route.request.url)
        answer = route.fetch()  # made now, before the job begins
        if len(asked) == 2:
            held.append((route, answer))
        else:
            route.fulfill(response=answer)

    with visit(None, desk=place.page) as watched:
        page = watched.page
        page.route("**/jobs", hold_the_second)
        panel = open_panel(watched)
        for _ in range(500):
            if held:
                break
            page.wait_for_timeout(20)
        with page.expect_response(re.compile("/finish$")):
            add(watched, file("river.txt", "The river rose."))
        expect(panel.get_by_label("Files being copied")).to_be_hidden()
        route, answer = held[0]
        route.fulfill(response=answer)
        expect(panel.locator(".library-job")).to_contain_text("1 new")
        expect(page.locator(ROWS)).to_have_count(1)


def test_a_text_is_pasted_by_keyboard_alone(visit: Visit, place: Place) -> None:
    with visit(None, desk=place.page) as watched:
        page, panel = watched.page, open_panel(watched)
        panel.get_by_role("button", name="Paste a text").first.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_label("Title (may be left out)")).to_be_focused()
        page.keyboard.type("A note")
        page.keyboard.press("Tab")
        page.keyboard.type("The tide comes at nine.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(f"{ROWS} .library-title")).to_contain_text("pasted: A note")
        expect(page.get_by_label("Title (may be left out)")).to_be_hidden()


def test_a_taken_name_is_asked_about(visit: Visit, place: Place) -> None:
    with visit(None, desk=place.page) as watched:
        page = watched.page
        open_panel(watched)
        add(watched, file("river.txt", "The river rose."))
        expect(page.locator(ROWS)).to_have_count(1)
        add(watched, file("river.txt", "The river fell."))
        dialog = page.get_by_role("dialog", name="A name is taken")
        expect(dialog).to_contain_text("river.txt is the name of another document already.")
        dialog.get_by_role("button", name="Keep both").click()
        expect(page.locator(f"{ROWS} .library-title a")).to_have_text(["river", "river (2)"])
        add(watched, file("river.txt", "The river stood still."))
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page.locator(ROWS)).to_have_count(2)
        expect_refusals(watched, "409", "409")


def test_removal_hides_at_once_and_is_undone(visit: Visit, place: Place) -> None:
    with visit(None, desk=place.page) as watched:
        page, panel = watched.page, open_panel(watched)
        add(watched, file("river.txt", "The river rose."), file("bridge.txt", "The bridge fell."))
        expect(page.locator(ROWS)).to_have_count(2)
        panel.get_by_role("button", name="Remove bridge").click()
        expect(page.locator(f"{ROWS} .library-title a")).to_have_text(["river"])
        undo = panel.get_by_role("button", name="Undo")
        expect(undo).to_be_focused()
        expect(
            panel.get_by_text(re.compile("Removed bridge. This can be undone for about [0-9]+ seconds."))
        ).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator(f"{ROWS} .library-title a")).to_have_text(["bridge", "river"])
        expect(undo).to_be_hidden()


def test_removal_ends_by_itself(visit: Visit, tmp_path: Path) -> None:
    place = Place(tmp_path / "index", undo_seconds=1.0)
    with visit(None, desk=place.page) as watched:
        page, panel = watched.page, open_panel(watched)
        add(watched, file("bridge.txt", "The bridge fell."))
        expect(page.locator(ROWS)).to_have_count(1)
        panel.get_by_role("button", name="Remove bridge").click()
        expect(panel.get_by_text("No documents yet")).to_be_visible()
        expect(panel.get_by_role("button", name="Undo")).to_be_hidden()
        assert place.create().documents() == []
        assert not (place.folder / "uploads" / "bridge.txt").exists()


def test_only_the_chosen_documents_are_asked(visit: Visit, place: Place) -> None:
    with visit(None, desk=place.page) as watched:
        page, panel = watched.page, open_panel(watched)
        for month in ("March", "April", "June"):
            add(watched, file(f"{month}.txt", f"The harbour bridge opened {month} this year."))
        expect(page.locator(ROWS)).to_have_count(3)
        other = page.context.new_page()
        other.goto(watched.url)
        expect(other.locator(".asking-line")).to_contain_text("Asking all 3 documents")
        page.get_by_role("checkbox", name=re.compile("June")).check()
        expect(panel.locator(".library-choice")).to_contain_text("Asking only 1 of 3 documents.")
        expect(other.locator(".asking-line")).to_contain_text("Asking 1 of 3 documents: June")
        page.get_by_role("tab", name="Ask").click()
        expect(page.locator(".asking-line")).to_contain_text("Asking 1 of 3 documents: June")
        watched.ask("When was the harbour bridge opened?")
        expect(page.locator("#chat .answer")).to_have_text("June")
        page.locator(".asking-line").get_by_role("button", name="Ask all").click()
        expect(page.locator(".asking-line")).to_contain_text("Asking all 3 documents")
        expect(other.locator(".asking-line")).to_contain_text("Asking all 3 documents")


def test_quick_ticks_are_all_kept_and_one_that_fails_is_taken_back(visit: Visit, place: Place) -> None:
    held: list[Any] = []

    def hold(route: Any) -> None:
        if route.request.method == "PUT":
            held.append(route)
        else:
            route.continue_()

    def held_one(page: Any) -> Any:
        for _ in range(500):
            if held:
                return held.pop(0)
            page.wait_for_timeout(20)
        pytest.fail("nothing was saved")

    with visit(None, desk=place.page) as watched:
        page, panel = watched.page, open_panel(watched)
        for month in ("March", "April", "June"):
            add(watched, file(f"{month}.txt", f"The harbour bridge opened {month} this year."))
        expect(page.locator(ROWS)).to_have_count(3)
        box = {month: page.get_by_role("checkbox", name=re.compile(month)) for month in ("March", "April", "June")}
        page.route("**/selection", hold)
        box["March"].check()
        box["June"].check()
        held_one(page).continue_()
        held_one(page).continue_()
        expect(panel.locator(".library-choice")).to_contain_text("Asking only 2 of 3 documents.")
        expect(box["March"]).to_be_checked()
        expect(box["June"]).to_be_checked()
        box["April"].check()
        held_one(page).abort()
        expect(panel.get_by_role("alert")).to_contain_text("does not answer")
        expect(box["April"]).not_to_be_checked()
        expect(box["June"]).to_be_checked()
        expect(panel.locator(".library-choice")).to_contain_text("Asking only 2 of 3 documents.")
        watched.errors.clear()  # the browser notes the request that failed


def test_the_chat_answers_while_documents_are_added_and_adding_can_be_cancelled(
    visit: Visit, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with visit(None, desk=place.page) as watched:
        page, panel = watched.page, open_panel(watched)
        add(watched, file("bridge.txt", "The harbour bridge opened yesterday."))
        expect(page.locator(ROWS)).to_have_count(1)
        may_go = place.hold("slowly", monkeypatch)
        add(watched, file("slow.txt", "This is added slowly."), file("never.txt", "Never added."))
        job = panel.get_by_role("region", name="Adding documents").filter(has_text="2 files")
        expect(job).to_contain_text("0 of 2 documents")
        expect(job).to_contain_text("Reading slow.txt")
        expect(job.get_by_role("progressbar")).to_be_visible()
        add(watched, file("queued.txt", "This waits."))
        expect(panel.get_by_role("region", name="Adding documents").filter(has_text="queued.txt")).to_contain_text(
            "Waits until the one before is done."
        )
        page.get_by_role("tab", name="Ask").click()
        watched.ask("When was the harbour bridge opened?")
        expect(page.locator("#chat .answer")).to_have_text("yesterday")
        open_panel(watched)
        job.get_by_role("button", name="Cancel").click()
        expect(job.locator(".fn-badge").first).to_have_text("Stopping")
        may_go.set()
        expect(job).to_contain_text("the rest was not added")
        expect(page.locator(f"{ROWS} .library-title a")).to_have_text(["bridge", "queued"])


def test_a_full_queue_and_limits_are_told(visit: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path / "index", waiting=0)
    with visit(None, desk=place.page) as watched:
        panel = open_panel(watched)
        add(watched, file("large.txt", b"x" * 5_000_001))
        expect(panel.get_by_role("alert")).to_contain_text("more than the 5 MiB")
        panel.get_by_role("button", name="Dismiss").click()
        expect(panel.get_by_role("alert")).to_be_hidden()
        add(watched, file("river.txt", "The river rose."))
        expect(panel.get_by_role("alert")).to_contain_text("waiting already")
        expect_refusals(watched, "413", "429")


def test_files_can_be_dropped_anywhere(visit: Visit, place: Place) -> None:
    drop = """([where, name, text]) => {
        const data = new DataTransfer();
        data.items.add(new File([text], name));
        const drop = new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true});
        document.querySelector(where).dispatchEvent(drop);
    }"""
    with visit(None, desk=place.page) as watched:
        page = watched.page
        page.evaluate(drop, ["#chat", "river.txt", "The river rose."])
        expect(page.locator(f"{ROWS} .library-title a")).to_have_text(["river"])
        page.evaluate(drop, ["#documents .library-drop", "bridge.txt", "The bridge fell."])
        expect(page.locator(f"{ROWS} .library-title a")).to_have_text(["bridge", "river"])


def test_thousands_of_documents_come_in_pages(visit: Visit) -> None:
    many = [make_document(f"d{n}", "word", title=f"Article {n:04}", source="pasted: x") for n in range(2345)]
    with visit(FakeAssistant(many, {})) as watched:
        page, panel = watched.page, open_panel(watched)
        expect(page.locator(ROWS)).to_have_count(50)
        expect(panel.get_by_text("1 to 50 of 2,345")).to_be_visible()
        panel.get_by_role("button", name="Next").click()
        expect(page.locator(f"{ROWS} .library-title a").first).to_have_text("Article 0050")
        expect(panel.get_by_role("button", name="Next")).to_be_focused()
        page.get_by_label("Sort").select_option("Title, Z to A")
        expect(page.locator(f"{ROWS} .library-title a").first).to_have_text("Article 2344")
        page.get_by_label("Filter").fill("article 00")
        count = sum("00" in document.title for document in many)
        expect(panel.get_by_text(f"1 to 50 of {count}")).to_be_visible()
        panel.get_by_role("button", name=f"Ask only the {count} that match").click()
        expect(panel.locator(".library-choice")).to_contain_text(f"Asking only {count} of 2,345 documents.")


def test_hostile_names_titles_and_texts_do_nothing(visit: Visit, place: Place, tmp_path: Path) -> None:
    files = [file(f"{payload}.txt".replace("/", "\u2215"), f"{n} {payload}") for n, payload in enumerate(PAYLOADS)]
    files += [
        file(f"page{n}.html", f"<title>{payload.replace('<', '&lt;')}</title><p>{n} Words. {payload}</p>")
        for n, payload in enumerate(PAYLOADS)
    ]
    files += [file("folder.zip", zipped({f"{n} {p}.md": f"# {p}\n\n{n} words" for n, p in enumerate(PAYLOADS)}))]
    files += [
        file(name, f"Text of {n}.")
        for n, name in enumerate(["../../x.txt", "CON", "n" * 3000 + ".txt", "\u202egpj.txt"])
    ]
    with visit(None, desk=place.page) as watched:
        page, panel = watched.page, open_panel(watched)
        add(watched, *files)
        job = panel.locator(".library-job").first
        expect(job.locator(".fn-badge").first).to_have_text(re.compile("Done"), timeout=60_000)
        job.locator("details").evaluate("details => { details.open = true }")
        for payload in PAYLOADS[:20]:
            page.evaluate(
                "([title, text]) => fetch('/api/library/texts', {method: 'POST', headers: {'Content-Type': "
                "'application/json'}, body: JSON.stringify({title, text})}).then((r) => r.status)",
                [payload, payload],
            )
            place.page.library.jobs.wait(30)
        page.reload()
        panel = open_panel(watched)
        expect(page.locator(ROWS)).to_have_count(50)
        assert len(place.page.documents()) > 3 * len(PAYLOADS)
        shown = set()
        while True:
            shown |= set(page.locator(f"{ROWS} .library-title a").all_text_contents())
            following = panel.get_by_role("button", name="Next")
            if following.is_disabled():
                break
            first = page.locator(ROWS).first.get_attribute("data-document")
            following.click()
            expect(page.locator(ROWS).first).not_to_have_attribute("data-document", str(first))
        assert shown == {document.title for document in place.page.documents()}
        page.locator(f"{ROWS} input").first.check()
        page.locator(f"{ROWS} button", has_text="Remove").nth(1).click()
        expect(panel.get_by_role("button", name="Undo")).to_be_visible()
        assert panel.locator("script, img, iframe, svg, style, object, video, form:not(.library-paste)").count() == 0
        page.get_by_role("tab", name="Ask").click()
        expect(page.locator(".asking-line")).to_contain_text("Asking 1 of")
        page.wait_for_timeout(500)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index"]


@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_is_cut_off_and_everything_has_a_name(visit: Visit, place: Place, width: int) -> None:
    with visit(None, desk=place.page, width=width, height=800) as watched:
        page, panel = watched.page, open_panel(watched)
        add(
            watched,
            file("a-very-long-name-" + "x" * 90 + ".txt", "The river rose."),
            file("bridge.txt", "The bridge fell."),
        )
        expect(page.locator(ROWS)).to_have_count(2)
        panel.get_by_role("button", name="Paste a text").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert panel.evaluate("node => node.scrollWidth - node.clientWidth") <= 0
        unnamed = panel.evaluate(
            """node => [...node.querySelectorAll("button, input, select, textarea, progress")]
                .filter((control) => !control.hidden && !control.getAttribute("aria-label") && !control.textContent.trim()
                    && !control.labels?.length)
                .map((control) => control.outerHTML)"""
        )
        assert unnamed == []
        small = panel.evaluate(
            """node => [...node.querySelectorAll("button, a, select, input:not([type=file])")]
                .map((control) => [control.textContent || control.id, control.closest("label")?.getBoundingClientRect() ??
                    control.getBoundingClientRect()])
                .filter(([, box]) => box.width > 0 && (box.height < 20 || box.width < 17)).map(([name]) => name)"""
        )
        assert small == []
