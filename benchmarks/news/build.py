"""Build ``questions.jsonl`` and ``standalone.jsonl`` from the articles and the hand-written gold files.

Run ``python -m benchmarks.news.build`` from the root of the repository to write the files; with ``--check`` it writes
nothing and compares them with the sources. How the sources are written stands in :mod:`benchmarks.news.gold`.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.news.gold import Entry, SourceError, read_articles, read_gold

FOLDER = Path(__file__).resolve().parent


def row(entry: Entry, day: str) -> dict[str, Any]:
    """The line of the question file for one question."""
    here = [span for span in entry.golds() if span.document == entry.document]
    made: dict[str, Any] = {
        "id": entry.id,
        "question": entry.words["Q"],
        "document": f"articles/{entry.document}.txt",
        "answers": [span.as_json() for span in here],
        "is_impossible": not here,
        "kind": entry.kind,
        "date": day,
    }
    if entry.kind == "followup":
        made |= {"follows": f"{entry.document}-{entry.words['F']}", "standalone": entry.words["S"]}
    if "M" in entry.words:
        made["missing"] = entry.words["M"]
    if entry.near:
        made["plausible_answers"] = [span.as_json() for span in entry.near]
    if entry.items:
        made["set"] = [[span.as_json() for span in item] for item in entry.items]
    if entry.claims:
        made |= {"claims": [claim.as_json() for claim in entry.claims], "agree": entry.kind == "agree"}
    elsewhere: dict[str, list[dict[str, Any]]] = {}
    for span in entry.golds():
        if span.document != entry.document:
            elsewhere.setdefault(f"articles/{span.document}.txt", []).append(span.as_json())
    if elsewhere:
        made["also_in"] = [{"document": name, "answers": spans} for name, spans in elsewhere.items()]
    return made


def build(folder: Path = FOLDER) -> dict[str, str]:
    """The contents of the two question files, by file name."""
    articles = read_articles(folder / "articles")
    rows = []
    for name in articles:
        day, entries = read_gold(folder / "questions" / f"{name}.gold", articles)
        _check_order(entries)
        rows += [row(entry, day) for entry in entries]
    standalone = [{**one, "question": one.get("standalone", one["question"])} for one in rows]
    return {"questions.jsonl": _lines(rows), "standalone.jsonl": _lines(standalone)}


def _check_order(entries: list[Entry]) -> None:
    """Refuse a number that occurs twice and a follow-up to a question that was not asked before it."""
    asked: set[str] = set()
    for entry in entries:
        if entry.number in asked:
            raise SourceError(f"{entry.id} occurs twice")
        if entry.kind == "followup" and entry.words["F"] not in asked:
            raise SourceError(f"{entry.id} follows a question that does not come before it")
        asked.add(entry.number)


def _lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)


def stale(folder: Path = FOLDER) -> Iterator[str]:
    """Names of the built files that are not what the sources say."""
    for name, content in build(folder).items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content.encode("utf-8"):
            yield name


def main() -> int:
    """Write the question files, or with ``--check`` say whether they are up to date."""
    parser = argparse.ArgumentParser(description="Build the question files of the news benchmark.")
    parser.add_argument("--check", action="store_true", help="compare with the sources, write nothing")
    try:
        if parser.parse_args().check:
            old = list(stale())
            print(f"not up to date: {', '.join(old)}" if old else "up to date", file=sys.stderr if old else sys.stdout)
            return 1 if old else 0
        for name, content in build().items():
            (FOLDER / name).write_text(content, encoding="utf-8", newline="\n")
            print(f"{name}: {content.count(chr(10))} questions")
    except SourceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
