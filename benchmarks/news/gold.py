"""The hand-written gold files: quotations from the articles with the answers in brackets, and their offsets.

``questions/NAME.gold`` holds the questions of ``articles/NAME.txt``: a line ``date: YYYY-MM-DD``, then blocks divided by
blank lines. A block begins with ``== NUMBER KIND`` and goes on with lines ``KEY: value``; see ``README.md`` for the keys.

No offset is typed by hand. A gold span is written as a quotation from the article with the answer in double square
brackets, ``said that [[nine]] of its soldiers``; brackets may be nested to give several accepted spans at once,
``the [[retired diplomat [[Ana Quill]]]]``. Without its brackets the quotation must occur exactly once in the article.
Where a key takes a quotation, ``KEY@OTHER`` takes it from the article ``OTHER``.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

PLAIN_KINDS = ("who", "what", "which", "when", "where", "how many", "how much", "how", "why", "whether")
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
    spans = [
        Span(document, offset + start, plain[start:end]) for start, end in sorted(found, key=lambda f: (f[0], -f[1]))
    ]
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
    figures = all(any(char.isdigit() for text in claim for char in text) for claim in claims)
    rules = {
        "it has no question": "Q" in entry.words,
        "a follow-up, and nothing else, has F and S": (entry.kind == "followup") == ({"F", "S"} <= set(entry.words)),
        "a partial question has M and A": entry.kind != "partial" or ("M" in entry.words and bool(entry.answers)),
        "a list has at least two items": entry.kind != "list" or len(entry.items) > 1,
        "a claim has no answer": all(claims),
        "claims need two speakers or more": entry.kind not in {"conflict", "agree"} or len(claims) > 1,
        "claims that differ must not share an answer": entry.kind != "conflict" or not set.intersection(*claims),
        "figures that agree must be the same": entry.kind != "agree" or not figures or bool(set.intersection(*claims)),
        "an unanswerable question shows a near miss (N)": bool(entry.golds()) or bool(entry.near),
        "a near miss stands in the article itself": all(span.document == entry.document for span in entry.near),
    }
    for rule, kept in rules.items():
        if not kept:
            raise SourceError(rule)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w.]*\w", text.lower()))
