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
        _, document_id, span = (link.get_attribute("href") or "").split("/")
        start, end = map(int, span.split("-"))
        document = assistant.index.document(document_id)
        assert watched.lit() == document.text[start:end]
        assert "Putin" in document.text[start:end]
        assert page.locator("#panel .source-text").text_content() == document.text
