"""The development questions: built from their sources, and nothing of the news benchmark in them."""

import json
import re
from collections import Counter
from pathlib import Path

from benchmarks.development.build import FOLDER, build
from benchmarks.news.build import FOLDER as NEWS

FILES = ("questions.jsonl", "second.jsonl")
ROWS = [json.loads(line) for name in FILES for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def test_the_files_are_what_the_sources_say() -> None:
    assert {name: (FOLDER / name).read_text(encoding="utf-8") for name in FILES} == build()


def test_every_answer_stands_at_its_offset() -> None:
    texts = {f"articles/{path.name}": path.read_text(encoding="utf-8") for path in (FOLDER / "articles").iterdir()}
    for row in ROWS:
        for span in row["answers"]:
            start = span["answer_start"]
            assert texts[row["document"]][start : start + len(span["text"])] == span["text"], row["id"]


def test_both_halves_have_every_kind_and_share_no_article() -> None:
    kinds = Counter((row["half"], row["kind"]) for row in ROWS)
    for half in ("tuning", "choosing"):
        assert min(kinds[half, kind] for kind in ("conflict", "agree", "list", "followup")) >= 14
    assert min(kinds["second", kind] for kind in ("conflict", "agree", "list")) >= 28
    halves = {(Path(row["document"]).stem.rstrip("-12"), row["half"]) for row in ROWS}
    assert len({name for name, _ in halves}) == len(halves)


def test_no_sentence_of_the_news_benchmark_is_among_them() -> None:
    def sentences(folder: Path) -> set[str]:
        text = " ".join(path.read_text(encoding="utf-8") for path in (folder / "articles").iterdir())
        return {sentence for sentence in re.split(r"[.?!]\s+", text) if len(sentence) > 20}

    assert not sentences(FOLDER) & sentences(NEWS)
