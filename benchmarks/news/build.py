"""Build ``questions.jsonl`` and ``standalone.jsonl`` from the articles and the hand-written gold files.

No offset is typed by hand. A gold span is written as a quotation from the article with the answer in double square
brackets, ``said that [[nine]] of its soldiers``; brackets may be nested to give several accepted spans at once,
``the [[retired diplomat [[Ana Quill]]]]``. Without its brackets the quotation must occur exactly once in the article.

``questions/NAME.gold`` holds the questions of ``articles/NAME.txt``: a line ``date: YYYY-MM-DD``, then blocks divided by
blank lines. A block begins with ``== NUMBER KIND`` and goes on with lines ``KEY: value``; see ``README.md`` for the keys.
Where a key takes a quotation, ``KEY@OTHER`` takes it from the article ``OTHER``.

Run ``python benchmarks/news/build.py`` to write the files, with ``--check`` to compare them with the sources only.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
PLAIN_KINDS = ("who", "what", "which", "when", "where", "how many", "how", "why")
KINDS = (*PLAIN_KINDS, "partial", "list", "conflict", "agree", "followup")
QUOTING = frozenset({"A", "N", "IT", "IT+", "BY", "BY+", "IS"})
TELLING = frozenset({"Q", "S", "F", "M"})
_MARK = re.compile(r"\[\[|\]\]")
_LINE = re.compile(r"(?P<key>[A-Z]+\+?)(?:@(?P<other>[a-z0-9-]+))?: (?P<value>.+)")
_HEAD = re.compile(r"== (?P<number>\d\d) (?P<kind>[a-z ]+)")


class SourceError(Exception):
    """A gold file breaks a rule; the message names the file, the question and the rule."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of an article that count as an answer or as the name of a speaker."""

    document: str
    start: int
    text: str

    def as_json(self) -> dict[str, Any]:
        """The form that answers have in question files."""
        return {"text": self.text, "answer_start": self.start}


@dataclass(slots=True)
class Claim:
    """What one speaker says: where the speaker is named, and the spans that hold the claim."""

    speaker: list[Span]
    answers: list[Span] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The claim with the article it stands in; ``speaker`` is empty if the article speaks for itself."""
        return {
            "document": f"articles/{self.answers[0].document}.txt",
            "speaker": [span.as_json() for span in self.speaker],
            "answers": [span.as_json() for span in self.answers],
        }


@dataclass(slots=True)
class Entry:
    """One question as its block gives it."""

    document: str
    number: str
    kind: str
    words: dict[str, str] = field(default_factory=dict)
    answers: list[Span] = field(default_factory=list)
    near: list[Span] = field(default_factory=list)
    items: list[list[Span]] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Unique over the whole benchmark."""
        return f"{self.document}-{self.number}"

    def golds(self) -> list[Span]:
        """Every accepted span, in this article or another, without duplicates."""
        told = [*self.answers, *(span for item in self.items for span in item)]
        return list(dict.fromkeys([*told, *(span for claim in self.claims for span in claim.answers)]))


def marked_spans(quote: str, document: str, text: str) -> list[Span]:
    """The spans that the brackets of ``quote`` mark in ``text``, outer ones first.

    Raises:
        SourceError: brackets do not match or mark nothing, or the quotation does not occur exactly once.
    """
    plain, opened, found, last = "", list[int](), list[tuple[int, int]](), 0
    for mark in _MARK.finditer(quote):
        plain += quote[last : mark.start()]
        last = mark.end()
        if mark.group() == "[[":
            opened.append(len(plain))
        elif opened:
            found.append((opened.pop(), len(plain)))
        else:
            raise SourceError(f"a bracket closes that was not opened: {quote}")
    plain += quote[last:]
    if opened or not found:
        raise SourceError(f"the answer must stand in [[ and ]]: {quote}")
    if (count := text.count(plain)) != 1:
        raise SourceError(f"the quotation occurs {count} times in {document}: {plain}")
    offset = text.index(plain)
    spans = [Span(document, offset + start, plain[start:end]) for start, end in sorted(found, key=lambda f: (f[0], -f[1]))]
    if any(not span.text or span.text != span.text.strip() for span in spans):
        raise SourceError(f"a span is empty or begins or ends with a space: {quote}")
    return spans


def read_articles(folder: Path) -> dict[str, str]:
    """The articles by name. They must be UTF-8 with LF line ends, so that file and canonical text are the same."""
    articles = {}
    for path in sorted(folder.glob("*.txt")):
        text = path.read_bytes().decode("utf-8")
        if "\r" in text or text.startswith("\ufeff"):
            raise SourceError(f"{path.name}: only LF line ends and no byte-order mark, please")
        articles[path.stem] = text
    return articles


def read_gold(path: Path, articles: dict[str, str]) -> tuple[str, list[Entry]]:
    """The date of an article and its questions.

    Raises:
        SourceError: a line or a block breaks a rule.
    """
    head, *blocks = re.split(r"\n{2,}", path.read_text(encoding="utf-8").strip())
    try:
        day = date.fromisoformat(head.removeprefix("date: ")).isoformat()
    except ValueError as error:
        raise SourceError(f"{path.name}: it must begin with a date, not with {head!r}") from error
    entries = []
    for block in blocks:
        try:
            entries.append(_read_block(block.split("\n"), path.stem, articles))
        except SourceError as error:
            raise SourceError(f"{path.name}, {block.split(chr(10), 1)[0]}: {error}") from error
    return day, entries


def _read_block(lines: list[str], document: str, articles: dict[str, str]) -> Entry:
    head = _HEAD.fullmatch(lines[0])
    if head is None or head["kind"] not in KINDS:
        raise SourceError("a block begins with == NUMBER KIND")
    entry = Entry(document, head["number"], head["kind"])
    for line in lines[1:]:
        parts = _LINE.fullmatch(line)
        if parts is None or parts["key"] not in QUOTING | TELLING:
            raise SourceError(f"not understood: {line}")
        key, value, place = parts["key"], parts["value"], parts["other"] or document
        if key in TELLING:
            if key in entry.words:
                raise SourceError(f"{key} occurs twice")
            entry.words[key] = value
        elif place not in articles:
            raise SourceError(f"there is no article {place}")
        else:
            _take(entry, key, [] if value == "-" else marked_spans(value, place, articles[place]))
    _check(entry)
    return entry


def _take(entry: Entry, key: str, spans: list[Span]) -> None:
    if key == "A":
        entry.answers += spans
    elif key == "N":
        entry.near += spans
    elif key == "IT":
        entry.items.append(spans)
    elif key == "BY":
        entry.claims.append(Claim(spans))
    elif key == "IT+" and entry.items:
        entry.items[-1] += spans
    elif key == "BY+" and entry.claims:
        entry.claims[-1].speaker += spans
    elif key == "IS" and entry.claims:
        entry.claims[-1].answers += spans
    else:
        raise SourceError(f"{key} has nothing before it to belong to")


def _check(entry: Entry) -> None:
    """Refuse a question that lacks what its kind needs."""
    claims = [{_plain(span.text) for span in claim.answers} for claim in entry.claims]
    rules = {
        "it has no question": "Q" in entry.words,
        "a follow-up, and nothing else, has F and S": (entry.kind == "followup") == ({"F", "S"} <= set(entry.words)),
        "a partial question has M and A": entry.kind != "partial" or ("M" in entry.words and bool(entry.answers)),
        "a list has at least two items": entry.kind != "list" or len(entry.items) > 1,
        "a claim has no answer": all(claims),
        "claims need two speakers or more": entry.kind not in {"conflict", "agree"} or len(claims) > 1,
        "claims that differ must not share an answer": entry.kind != "conflict" or not set.intersection(*claims),
        "claims that agree must share an answer": entry.kind != "agree" or bool(set.intersection(*claims)),
        "an unanswerable question shows a near miss (N)": bool(entry.golds()) or bool(entry.near),
    }
    for rule, kept in rules.items():
        if not kept:
            raise SourceError(rule)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w.]*\w", text.lower()))


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
        rows += [row(entry, day) for entry in entries]
    standalone = [{**one, "question": one.get("standalone", one["question"])} for one in rows]
    return {"questions.jsonl": _lines(rows), "standalone.jsonl": _lines(standalone)}


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
