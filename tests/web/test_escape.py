import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.strategies import texts
from tests.web.payloads import PAYLOADS
from web.escape import html_text, markdown_text

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def as_shown(text: str) -> str:
    """What a reader sees of ``text`` in a chat message."""
    return re.sub(r"\s+", " ", text.replace("\0", "\ufffd"))


@given(st.one_of(texts, st.sampled_from(PAYLOADS), st.text()))
def test_html_comes_back_character_for_character(text: str) -> None:
    assert html.unescape(html_text(text)) == text.replace("\0", "\ufffd")


@given(st.one_of(texts, st.text()))
def test_html_has_no_sign_with_a_meaning(text: str) -> None:
    escaped = html_text(text)
    assert not set(escaped) & set("<>\"'{}$`\\\r\0")
    assert re.sub(r"&#\d+;", "", escaped).count("&") == 0


@given(st.one_of(texts, st.sampled_from(PAYLOADS), st.text()))
def test_markdown_is_read_as_nothing_but_its_text(text: str) -> None:
    # Between two marks, because Markdown drops white space at the ends of a line.
    rendered = MARKDOWN.render(f"(({markdown_text(text)}))").strip()
    assert rendered.startswith("<p>((")
    assert rendered.endswith("))</p>")
    inside = rendered.removeprefix("<p>((").removesuffix("))</p>")
    assert "<" not in inside
    assert html.unescape(inside) == as_shown(text)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload_begins_no_block_and_no_link(payload: str) -> None:
    tokens = MARKDOWN.parse(markdown_text(payload.strip()))
    kinds = {token.type for token in tokens} | {child.type for token in tokens for child in token.children or ()}
    assert kinds == {"paragraph_open", "inline", "paragraph_close", "text"} | (kinds & {"text_special"})


@pytest.mark.parametrize(
    "text",
    ["2024) Who won?", "1) first", "(a) or (b)", "- x", "1. first", "[x](y)", "x](y)", '[1]: y "(z)"', "![x](y)"],
)
def test_question_begins_no_list_and_no_link(text: str) -> None:
    rendered = MARKDOWN.render(markdown_text(text)).strip()
    inside = rendered.removeprefix("<p>").removesuffix("</p>")
    assert "<" not in inside
    assert html.unescape(inside) == text


@pytest.mark.parametrize("sign", ["\0", "\r"])
def test_signs_that_html_cannot_hold_plainly(sign: str) -> None:
    assert sign not in html_text(f"a{sign}b")
