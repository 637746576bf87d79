"""Makes follow-up questions from a SQuAD file, for choosing between ways to read them.

::

    python -m qa.evaluation.follow_ups QUESTIONS.json FOLLOW_UPS.jsonl [--each 40] [--seed 0]

There are no public follow-ups about articles that may be used here, but questions of a paragraph share what they are about.
So a second question is shortened by a script, and its full form is what it means. Five kinds, equally many of each as far
as there are:

- ``reference``: a name that the first question or its answer has is replaced by a pronoun in the second, the pronoun being
  told by those that follow the name in the paragraph;
- ``question_word``: of "When did he go to Paris?" only "When?" is left, after the same question for a place;
- ``substitution``: "What about Paris?" after the same question about another name of the paragraph;
- ``ellipsis``: "How many people live?" for "How many people live in Paris?" after another question that names Paris;
- ``new_topic``: a question of another article, which is to be read as it is.

The file has the form of JSON lines of ``qa eval``, with ``follows``, ``standalone`` and ``kind`` as ``--mode conversation``
reads them. First questions that were made up, and so have no known answer, have the kind ``opening`` and are not scored.
"""

import argparse
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.evaluation.datasets import Dataset, Question, load_dataset

_NAME = re.compile(r"(?:[A-Z][\w’'-]*[a-z]\w*)(?:\s(?:of\s|the\s|de\s|von\s)?[A-Z][\w’'-]*)*")
_OPENERS = "who what when where why how which in on at from the a an during after before by did was is were"
_FIRST = frozenset(_OPENERS.split())
_AFTER = re.compile(
    r"[?.,]|\s(?:in|at|on|to|by|for|from|with|after|before|during|when|as|and|was|were|is|did|has|had)\b"
)
_LAST = re.compile(rf"\s(?:in|at|on|during|of|for)\s(?:the\s)?(?P<name>{_NAME.pattern})\s?\?$")
_WORDS = {"When": "Where", "Where": "When", "Why": "When", "How": "When"}


@dataclass(frozen=True, slots=True)
class _Pair:
    kind: str
    opening: str
    opening_source: Question | None
    short: str
    full: Question


def make(dataset: Dataset, each: int, seed: int) -> list[dict[str, Any]]:
    """Rows of follow-ups made from ``dataset``, at most ``each`` of a kind, each after the row that it follows."""
    shuffled = random.Random(seed)  # noqa: S311 - a sample, nothing secret
    by_kind: dict[str, list[_Pair]] = {}
    for pair in _pairs(dataset, shuffled):
        by_kind.setdefault(pair.kind, []).append(pair)
    rows: list[dict[str, Any]] = []
    for kind in sorted(by_kind):
        found = by_kind[kind]
        shuffled.shuffle(found)
        for number, pair in enumerate(found[:each]):
            rows += _rows(dataset, pair, f"{kind}-{number}")
    return rows


def _rows(dataset: Dataset, pair: _Pair, name: str) -> list[dict[str, Any]]:
    source = pair.opening_source
    context = dataset.contexts[(source if source is not None else pair.full).context].text
    opening = {
        "id": f"{name}-opening",
        "question": pair.opening,
        "context": context,
        "answers": _answers(source) if source is not None else [],
        "kind": "first" if source is not None else "opening",
    }
    follow_up = {
        "id": name,
        "question": pair.short,
        "context": dataset.contexts[pair.full.context].text,
        "answers": _answers(pair.full),
        "kind": pair.kind,
        "follows": opening["id"],
        "standalone": pair.full.text,
    }
    return [opening, follow_up]


def _answers(question: Question) -> list[dict[str, Any]]:
    return [{"text": answer.text, "answer_start": answer.start} for answer in question.answers]


def _pairs(dataset: Dataset, shuffled: random.Random) -> Iterator[_Pair]:
    groups: dict[int, list[Question]] = {}
    for question in dataset.questions:
        if question.answerable:
            groups.setdefault(question.context, []).append(question)
    every = [question for group in groups.values() for question in group]
    for context, group in groups.items():
        text = dataset.contexts[context].text
        for second in group:
            yield from _references(group, second, text)
            yield from _ellipses(group, second)
            yield from _question_words(second)
            yield from _substitutions(second, text)
        other = shuffled.choice(every)
        if other.context != context:
            yield _Pair("new_topic", group[0].text, group[0], other.text, other)


def _references(group: list[Question], second: Question, text: str) -> Iterator[_Pair]:
    for match in _NAME.finditer(second.text):
        name = match.group()
        if name.split()[0].lower() in _FIRST or match.start() == 0:
            continue
        pronoun = _pronoun(name, text)
        after = second.text[match.end() : match.end() + 2]
        before = second.text[: match.start()].split()[-1].lower()
        if (
            pronoun is None
            or second.text.count(name) != 1
            or before in ("the", "mr", "pope", "king", "duke", "lord", "dr")
        ):
            continue
        following = second.text[match.end() :].split()
        subject = before in ("did", "was", "were", "is", "does", "has", "had", "do", "will", "would", "could")
        if following and after not in ("'s", "’s") and not subject and not _AFTER.match(second.text[match.end() :]):
            continue
        for first in group:
            shared = name in first.text or name == first.answers[0].text
            if first is second or not shared:
                continue
            filled = {"he": "him", "she": "her", "they": "them", "it": "it"}[pronoun]
            if after in ("'s", "’s"):
                word, end = {"he": "his", "she": "her", "they": "their", "it": "its"}[pronoun], match.end() + 2
            else:
                word, end = pronoun if subject else filled, match.end()
            yield _Pair("reference", first.text, first, second.text[: match.start()] + word + second.text[end:], second)
            break


def _pronoun(name: str, text: str) -> str | None:
    """The pronoun that the paragraph uses most after ``name``; ``None`` if it uses none of them there."""
    counts = {"he": 0, "she": 0, "it": 0, "they": 0}
    for match in re.finditer(rf"\b{re.escape(name.split()[-1])}\b", text):
        for word in re.findall(r"\w+", text[match.end() : match.end() + 120].lower()):
            for pronoun, forms in (("he", ("he", "his", "him")), ("she", ("she", "her")), ("it", ("it", "its"))):
                counts[pronoun] += word in forms
    if re.search(r"(?:ans|ers|ists|ites)$", name):
        return "they"
    best = max(counts, key=lambda pronoun: counts[pronoun])
    return best if counts[best] > sum(counts.values()) / 2 else None


def _ellipses(group: list[Question], second: Question) -> Iterator[_Pair]:
    match = _LAST.search(second.text)
    if match is None or len(second.text[: match.start()].split()) < 4:
        return
    for first in group:
        if first is not second and match.group("name") in first.text:
            yield _Pair("ellipsis", first.text, first, second.text[: match.start()] + "?", second)
            return


def _question_words(second: Question) -> Iterator[_Pair]:
    first, _, rest = second.text.partition(" ")
    if first in _WORDS and rest.split(" ")[0] in ("did", "was", "were", "is", "does", "do", "has"):
        yield _Pair("question_word", f"{_WORDS[first]} {rest}", None, f"{first}?", second)


def _substitutions(second: Question, text: str) -> Iterator[_Pair]:
    names = [match.group() for match in _NAME.finditer(text) if match.group().split()[0].lower() not in _FIRST]
    for match in _NAME.finditer(second.text):
        name = match.group()
        if match.start() == 0 or name not in names or second.text.count(name) != 1:
            continue
        alike = [
            one for one in names if len(one.split()) == len(name.split()) and one not in second.text and name not in one
        ]
        if alike:
            opening = second.text[: match.start()] + alike[0] + second.text[match.end() :]
            lead = "What about" if len(second.text) % 2 else "And"
            yield _Pair("substitution", opening, None, f"{lead} {name}?", second)
            return


def main() -> None:
    """Run as a program."""
    parser = argparse.ArgumentParser(description="Make follow-up questions from a SQuAD file.")
    parser.add_argument("questions", type=Path, nargs="+", help="SQuAD files")
    parser.add_argument("target", type=Path, help="JSON lines to write")
    parser.add_argument("--each", type=int, default=40, help="how many of a kind at the most (default: 40)")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (default: 0)")
    asked = parser.parse_args()
    rows = [row for path in asked.questions for row in make(load_dataset(path), asked.each, asked.seed)]
    if len(asked.questions) > 1:
        for number, row in enumerate(rows):
            row["id"] = f"{row['id']}.{number - ('follows' in row)}"
            if "follows" in row:
                row["follows"] = f"{row['follows']}.{number - 1}"
    asked.target.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
