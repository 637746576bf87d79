"""An assistant of a real index with an encoder and a reader of shared words, and question files about it."""

import json
from pathlib import Path

from index.ingest import add_texts
from index.opening import create_index
from qa.assistant import Assistant
from tests.fakes import FakeEncoder, FakeReader

BEES = "Bees dance on the comb 🐝. Drones never sting anybody. Workers gather nectar daily."
CAFE = "The café 👩‍👩‍👧‍👦 opened on Sunday. Its owner Zoe\u0301 Müller painted walls green."


def open_assistant(folder: Path) -> Assistant:
    """An assistant of an index of two articles."""
    index = create_index(folder, FakeEncoder())
    add_texts(index, [("bees", "Bees", BEES), ("cafe", "Café", CAFE)])
    return Assistant(index, FakeReader)


def row(name: str, question: str, context: str, answer: str | None, title: str = "T") -> dict[str, object]:
    """A line of a question file."""
    answers = [] if answer is None else [{"text": answer, "answer_start": context.index(answer)}]
    return {"id": name, "question": question, "context": context, "title": title, "answers": answers}


# The fake reader gives the word after the last word it shares with the question.
ROWS = [
    row("right", "Where do drones never go?", BEES, "sting", "Bees"),
    row("wrong", "What do workers gather?", BEES, "daily", "Bees"),
    row("refused", "Which month was it?", CAFE, "Sunday", "Café"),
    row("none", "Who was it painted by?", CAFE, None, "Café"),
]


def lines(rows: list[dict[str, object]]) -> bytes:
    """A JSON lines file."""
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in rows).encode()
