"""QAMR: questions about single sentences, given as tokens in Penn Treebank style, turned back into plain text.

Columns of a row: sentence id, target words, worker, number, target, question, answer token indices, two validators.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from qa.training.records import Raw

BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}
CLOSING = {
    ")",
    "]",
    "}",
    ",",
    ".",
    ";",
    ":",
    "!",
    "?",
    "%",
    "'s",
    "'S",
    "n't",
    "'re",
    "'ve",
    "'ll",
    "'d",
    "'m",
    "'",
    "...",
}
OPENING = {"(", "[", "{", "$", "£", "€", "#"}


def join_tokens(tokens: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """The sentence as one would write it, and the ``(start, end)`` of every token in it.

    Brackets and quotation marks get their own signs back, and the spaces around punctuation go.
    """
    text = ""
    spans: list[tuple[int, int]] = []
    inside_quotes = False
    glue = True  # no space before the next one
    for sign in tokens:
        opens = sign == "``" or (sign == '"' and not inside_quotes)
        closes = sign == "''" or (sign == '"' and inside_quotes)
        shown = '"' if opens or closes else BRACKETS.get(sign, sign)
        if not (glue or closes or shown in CLOSING):
            text += " "
        spans.append((len(text), len(text) + len(shown)))
        text += shown
        inside_quotes = opens or (inside_quotes and not closes)
        glue = opens or shown in OPENING
    return text, spans


def read_sentences(path: Path) -> dict[str, list[str]]:
    """Tokens by sentence id, from the two-column file of sentences."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if "\t" in line)
    return {row[0]: row[1].split() for row in rows}


def read_qamr(folder: Path, faults: Counter[str]) -> Iterator[Raw]:
    """The questions of every ``qamr-*.tsv`` in ``folder``; nothing when there is no ``wiki-sentences.tsv``.

    Answers whose tokens are not contiguous cannot be spans: they are left out and counted in ``faults["qamr"]``.
    """
    sentences_file = folder / "wiki-sentences.tsv"
    if not sentences_file.is_file():
        return
    joined = {key: join_tokens(tokens) for key, tokens in read_sentences(sentences_file).items()}
    for path in sorted(folder.glob("qamr-*.tsv")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            row = line.split("\t")
            if len(row) < 7:
                continue
            indices = sorted({int(index) for index in row[6].split()})
            known = joined.get(row[0])
            contiguous = bool(indices) and indices[-1] - indices[0] == len(indices) - 1
            if known is None or not contiguous or indices[-1] >= len(known[1]):
                faults["qamr"] += 1
                continue
            text, spans = known
            start, end = spans[indices[0]][0], spans[indices[-1]][1]
            question = " ".join(row[5].split())
            yield Raw("qamr", row[0].rsplit(":", 2)[0], text, question, ((start, text[start:end]),))


def spare_sentences(folder: Path) -> list[str]:
    """Every sentence of the collection as plain text, in file order: material for distractors."""
    path = folder / "wiki-sentences.tsv"
    return [join_tokens(tokens)[0] for tokens in read_sentences(path).values()] if path.is_file() else []
