"""The main job, with the real index and reader: ask the sample article, click the citation, see the words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from index import MiniLMEncoder, add_files, create_index
from qa.assistant import open_assistant

pytestmark = [pytest.mark.browser, pytest.mark.models]

ARTICLE = Path(__file__).resolve().parents[2] / "examples" / "karabakh.txt"


def test_who_called_for_a_ceasefire(visit: Callable[..., Any], tmp_path: Path) -> None:
    add_files(create_index(tmp_path, MiniLMEncoder()), [ARTICLE])
    assistant = open_assistant(tmp_path)
    assistant.warm_up()
    with visit(assistant) as watched:
        page = watched.page
        watched.ask("who called for a ceasefire?")
        expect(page.locator("#chat .answer")).to_contain_text("Putin")
        link = page.locator("#chat .answer + a")
        link.click()
        expect(page.locator("#panel mark")).to_be_focused()
        _, document_id, span, _ = (link.get_attribute("href") or "").split("/")
        start, end = map(int, span.split("-"))
        document = assistant.index.document(document_id)
        assert watched.lit() == document.text[start:end]
        assert "Putin" in document.text[start:end]
        assert page.locator("#panel .source-text").text_content() == document.text


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_casualties_are_two_figures_under_two_speakers(
    visit: Callable[..., Any], tmp_path: Path, size: tuple[int, int]
) -> None:
    add_files(create_index(tmp_path, MiniLMEncoder()), [ARTICLE])
    assistant = open_assistant(tmp_path)
    assistant.warm_up()
    text = assistant.index.document(assistant.index.documents()[0].id).text
    with visit(assistant, width=size[0], height=size[1]) as watched:
        page = watched.page
        watched.ask("How many soldiers were killed?")
        expect(page.locator("#chat .differ")).to_have_text("The sources differ")
        # What a reader sees first is the beginning of the answer, however long it is.
        expect(page.locator("#chat .differ")).to_be_in_viewport()
        claims = page.locator("#chat .claims.differing .claim")
        figures: dict[str, str] = {}
        for claim in claims.all():
            speaker, link = claim.locator(".who a.speaker"), claim.locator(".line a.cite").first
            figures[speaker.text_content() or ""] = claim.locator(".answer").text_content() or ""
            for place in (link, speaker):
                place.click()
                expect(page.locator("#panel mark")).to_be_focused()
                start, end = map(int, (place.get_attribute("href") or "").split("/")[2].split("-"))
                page.wait_for_function(
                    "words => document.querySelector('#panel mark').textContent === words", arg=text[start:end]
                )
                expect(page.locator("#panel mark")).to_be_in_viewport()
            link.click()
            expect(link).to_have_attribute("aria-current", "true")
            assert watched.lit() == figures[speaker.text_content() or ""]
        assert {figures[name] for name in figures if "Sarkisian" in name} == {"18"}
        assert {figures[name].lower() for name in figures if "Azer" in name} <= {"12", "twelve"}
        assert len(figures) >= 2
