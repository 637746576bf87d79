"""The development questions: built from their sources, and nothing of the news benchmark in them."""

import json
import re
from collections import Counter
from pathlib import Path

import qa.training
from benchmarks.development.build import FOLDER, build
from benchmarks.news.build import FOLDER as NEWS

FILES = ("questions.jsonl", "second.jsonl", "turns.jsonl", "later.jsonl")
WRITTEN = [
    json.loads(line)
    for name in ("written.jsonl", "events.jsonl", "checking.jsonl", "apart.jsonl", "hard.jsonl")
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()
]
ROWS = [json.loads(line) for name in FILES for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def test_the_files_are_what_the_sources_say() -> None:
    assert {name: (FOLDER / name).read_text(encoding="utf-8") for name in FILES} == build()


def test_every_answer_stands_at_its_offset() -> None:
    texts = {f"articles/{path.name}": path.read_text(encoding="utf-8") for path in (FOLDER / "articles").iterdir()}
    for row in ROWS:
        for span in row["answers"]:
            start = span["answer_start"]
            assert texts[row["document"]][start : start + len(span["text"])] == span["text"], row["id"]


def test_every_claim_of_the_written_articles_stands_at_its_offset() -> None:
    texts = {f"written/{path.name}": path.read_text(encoding="utf-8") for path in (FOLDER / "written").iterdir()}
    named: set[str] = set()
    for row in WRITTEN:
        own = {"document": row["document"], "answers": row["answers"], "speaker": []}
        for claim in (own, *row.get("claims", [])):
            named.add(claim["document"])
            for span in (*claim["answers"], *claim["speaker"]):
                assert texts[claim["document"]][span["answer_start"] :].startswith(span["text"]), row["id"]
    assert named == set(texts)


def test_what_is_kept_apart_shares_no_article_with_what_is_fitted_on() -> None:
    articles: dict[str, set[str]] = {}
    for row in WRITTEN:
        articles.setdefault(row["half"], set()).update(
            {row["document"], *(claim["document"] for claim in row.get("claims", []))}
        )
    assert articles.keys() == {"written", "events", "checking", "apart", "hard"}
    assert not (articles["written"] | articles["events"]) & (
        articles["checking"] | articles["apart"] | articles["hard"]
    )


def test_the_reader_learned_from_other_articles_than_these() -> None:
    files = list((Path(qa.training.__file__).parent / "questions").glob("written-*.json"))
    assert len(files) > 3
    learned = [article for file in files for article in json.loads(file.read_text(encoding="utf-8"))["data"]]
    contexts = {part["context"] for article in learned for part in article["paragraphs"]}
    assert not contexts & {path.read_text(encoding="utf-8") for path in (FOLDER / "written").iterdir()}


def test_every_silent_question_has_its_near_miss_and_no_article_of_a_set_is_left_out() -> None:
    named: dict[str, set[str]] = {}
    for name in ("silent.jsonl", "silent-written.jsonl"):
        for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            text = (FOLDER / row["document"]).read_text(encoding="utf-8")
            assert row["is_impossible"], row["id"]
            assert not row["answers"], row["id"]
            for span in row["plausible_answers"]:
                assert text[span["answer_start"] :].startswith(span["text"]), row["id"]
            named.setdefault(row["half"], set()).add(row["document"])
    asked = {
        half: {row["document"] for row in (*WRITTEN, *ROWS) if row["half"] == half}
        for half in ("written", "second", "checking", "apart")
    }
    assert named == asked


def test_follow_ups_come_in_chains_and_a_fifth_has_no_answer() -> None:
    for half in ("turns", "later"):
        rows = [row for row in ROWS if row["half"] == half and row["kind"] == "followup"]
        names = {row["id"] for row in rows}
        assert len(rows) > 250
        assert sum(row["follows"] in names for row in rows) > 80
        assert 0.15 < sum(row["is_impossible"] for row in rows) / len(rows) < 0.25


def test_both_halves_have_every_kind_and_share_no_article() -> None:
    kinds = Counter((row["half"], row["kind"]) for row in ROWS)
    for half in ("tuning", "choosing"):
        assert min(kinds[half, kind] for kind in ("conflict", "agree", "list", "followup")) >= 14
    assert min(kinds["second", kind] for kind in ("conflict", "agree", "list")) >= 28
    halves = {(re.sub(r"-[12]$", "", Path(row["document"]).stem), row["half"]) for row in ROWS}
    assert len({name for name, _ in halves}) == len(halves)


def test_no_sentence_of_the_news_benchmark_is_among_them() -> None:
    def sentences(folder: Path) -> set[str]:
        files = [
            path for name in ("articles", "written") if (folder / name).is_dir() for path in (folder / name).iterdir()
        ]
        text = " ".join(path.read_text(encoding="utf-8") for path in files)
        return {sentence for sentence in re.split(r"[.?!]\s+", text) if len(sentence) > 20}

    assert not sentences(FOLDER) & sentences(NEWS)
