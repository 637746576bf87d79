"""Build ``questions.jsonl``, ``second.jsonl``, ``turns.jsonl`` and ``later.jsonl`` from the development articles and their
gold files, as :mod:`benchmarks.news.build` does.

Run ``python -m benchmarks.development.build`` from the root of the repository. Each line gets a field ``half``: rules,
weights and thresholds are worked out on ``tuning`` and chosen between on ``choosing``; the others came later and have
files of their own.
"""

import json
from pathlib import Path

from benchmarks.news import build as news

FOLDER = Path(__file__).resolve().parent
TUNING = ("cyclone-1", "cyclone-2", "derby", "merger", "museum", "orchards", "trial", "walkout")
"""Articles of the tuning half; what is in neither list is for choosing."""
SECOND = (
    "airline",
    "bank",
    "bid",
    "census",
    "clock",
    "coup",
    "dam",
    "mine",
    "rocket",
    "school",
    "spill",
    "stadium",
    "talks",
    "vaccine",
)
"""Articles of the second set."""
TURNS, LATER = ("h1", "h2", "h3", "h4"), ("h5", "h6", "h7", "h8")
"""How the names of articles with many follow-ups begin: those that faults were looked for in, and those kept apart."""

APART = ("second", "turns", "later")
"""Halves that have a file of their own."""


def half_of(name: str) -> str:
    """Where the article called ``name`` belongs."""
    if name in SECOND:
        return "second"
    if (session := name.partition("-")[0]) in (*TURNS, *LATER):
        return "turns" if session in TURNS else "later"
    return "tuning" if name in TUNING else "choosing"


def build(folder: Path = FOLDER) -> dict[str, str]:
    """The contents of the question files, by file name."""
    made = dict.fromkeys(("questions.jsonl", *(f"{half}.jsonl" for half in APART)), "")
    for line in news.build(folder)["questions.jsonl"].splitlines():
        row = json.loads(line)
        row["half"] = half_of(Path(row["document"]).stem)
        name = f"{row['half']}.jsonl" if row["half"] in APART else "questions.jsonl"
        made[name] += json.dumps(row, ensure_ascii=False) + "\n"
    return made


def main() -> None:
    """Write the question files."""
    for name, content in build().items():
        (FOLDER / name).write_text(content, encoding="utf-8", newline="\n")
        print(f"{name}: {content.count(chr(10))} questions")


if __name__ == "__main__":
    main()
