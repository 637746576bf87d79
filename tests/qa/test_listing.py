"""``qa list``: a table where there is room for one, else a block for each document."""

import io
import time
from datetime import UTC, datetime

import pytest
from rich.console import Console

from index.interface import DocumentSummary
from qa.cli.listing import print_summaries

SOURCE = "/home/anna/news/2024-05-31-mayor-of-bergen-resigns-after-long-dispute-about-harbour-expansion.txt"


def listed(width: int, document_id: str) -> str:
    text = io.StringIO()
    summary = DocumentSummary(
        id=document_id,
        title="Mayor of Bergen resigns after a long dispute",
        source=SOURCE,
        sha256="0" * 64,
        size=5_000,
        added_at=datetime(2026, 11, 30, 23, 58, tzinfo=UTC),
        characters=4_321,
        passages=12,
        date=None,
    )
    print_summaries([summary], Console(file=text, width=width, markup=False, highlight=False, emoji=False))
    return text.getvalue()


@pytest.mark.parametrize("width", [20, 40, 80])
def test_without_room_each_document_is_a_block_that_nothing_is_left_out_of(width: int) -> None:
    text = listed(width, "2024-05-31-mayor-of-bergen-resigns-after-86b2440f")
    lines = text.splitlines()
    assert lines[0] == "2024-05-31-mayor-of-bergen-resigns-after-86b2440f"
    assert f"  source      {SOURCE}" in lines
    assert "  passages    12" in lines
    assert "  characters  4,321" in lines
    assert "  date" not in text


@pytest.mark.parametrize("width", [100, 140])
def test_in_a_table_only_title_and_source_give_way(width: int) -> None:
    text = listed(width, "mayor-86b2440f")
    head, first = text.splitlines()[:2]
    for name in ("document", "title", "date", "passages", "characters", "added", "source"):
        assert name in head
    assert "4,321" in first
    assert "mayor-86b2440f" in first
    assert max(map(len, text.splitlines())) <= width


def test_the_time_of_adding_is_that_of_this_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert "2026-12-01 08:58" in listed(10_000, "mayor-86b2440f")
    finally:
        monkeypatch.undo()
        time.tzset()
