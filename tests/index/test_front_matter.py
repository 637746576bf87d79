"""Front matter of Markdown: its title and date are used and its lines are no text; other texts between rules stay."""

import pytest

from index.front_matter import split_front_matter
from index.loading import parse
from tests.index.making import source


def test_title_and_date_are_taken_and_the_lines_are_no_text() -> None:
    content = "---\ntitle: My Title\ndate: 2024-05-01\ntags: [a, b]\n---\n\n# Heading\n\nWords.\n"
    loaded = parse(source("a.md", content.encode()))
    assert (loaded.text, loaded.title, loaded.date) == ("Heading\n\nWords.", "My Title", "2024-05-01")
    content = "\ufeff---\r\nDate: 2024\r\n---\r\n# Heading\r\n"
    loaded = parse(source("a.md", content.encode()))
    assert (loaded.text, loaded.title, loaded.date) == ("Heading", "Heading", "2024")


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("title: Two: parts", {"title": "Two: parts"}),
        ('title: "Say \\"no\\": # 1"  # comment', {"title": 'Say "no": # 1'}),
        ("title: 'It''s so'", {"title": "It's so"}),
        ("title: C# and D # comment", {"title": "C# and D"}),
        ("title:", {}),
        ("title: ~", {}),
        ("title: >\n  folded\n\n  more", {}),
        ("title: [a]\nother: x", {"other": "x"}),
        ("# a comment\n\nTitle: x\nTITLE: y", {"title": "x"}),
        ("tags:\n- a\n-\n  - b\nlayout: post", {"layout": "post"}),
    ],
)
def test_plain_and_quoted_values_are_read(line: str, values: dict[str, str]) -> None:
    assert split_front_matter(f"---\n{line}\n---\nWords.") == (values, "Words.")


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nA paragraph between two rules.\n\n---\n\nMore.",
        "---\nA sentence: it has a colon.\nAnother one has none.\n---\nMore.",
        "---\nNote: this is first.\n\nThen words.\n---\nMore.",
        "---\n---\nMore.",
        "---\ntitle: never closed\n",
        "Words.\n---\ntitle: x\n---\n",
        "----\ntitle: x\n---\n",
        "",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert split_front_matter(text) == ({}, text)


def test_a_file_may_end_with_its_front_matter() -> None:
    assert split_front_matter("---\ntitle: x\n---") == ({"title": "x"}, "")
    assert split_front_matter("---\ntitle: x\n...\nWords.") == ({"title": "x"}, "Words.")
