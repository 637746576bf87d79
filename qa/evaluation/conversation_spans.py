"""Whether the spans of lists and claims stand where a line of a conversation file says."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from qa.evaluation.rows import shorten


def span_fault(fields: Mapping[str, Any], text_of: Callable[[str], str | None]) -> str | None:
    """What is wrong first with the spans of a line; ``None`` if nothing is.

    Args:
        fields: the line, whose ``set`` and ``claims`` have the shape that is described in :mod:`qa.evaluation.claims`.
        text_of: the canonical text of the document that lines call so; ``None`` if no line that can be read has it.
    """
    # A line has its own text, or names a document, which is then that of a line.
    document = fields.get("document")
    own = fields["context"] if document is None else text_of(document)
    texts = [own, *(text_of(name) for name in _others(fields))]
    for number, item in enumerate(fields.get("set", ())):
        fault = _misplaced(item, texts, "its context")
        if fault is not None:
            return f"set.{number}: {fault}"
    for number, claim in enumerate(fields.get("claims", ())):
        text = text_of(claim["document"])
        name = shorten(claim["document"])
        if text is None:
            return f"claims.{number}: no line that can be read has the document {name}, written like this"
        fault = _misplaced([*claim.get("speaker", ()), *claim["answers"]], [text], name)
        if fault is not None:
            return f"claims.{number}: {fault}"
    return None


def _others(fields: Mapping[str, Any]) -> Iterator[str]:
    """The documents in which the list of a line goes on, by its ``also_in``, as far as it can be read."""
    entries = fields.get("also_in")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("document"), str):
            yield entry["document"]


def _misplaced(spans: Iterable[Mapping[str, Any]], texts: Sequence[str | None], place: str) -> str | None:
    """What is wrong first with spans that are to stand in one of ``texts``, which is called ``place``."""
    for span in spans:
        words, start = span["text"], span["answer_start"]
        if not words.strip():
            return "a span is empty"
        # A negative start would count from the end.
        if start < 0 or not any(text is not None and text[start : start + len(words)] == words for text in texts):
            return f'"{shorten(words)}" is not at answer_start {start} of {place}'
    return None
