"""Questions written for this project: on passages of our own, and on texts of the training files.

``*.json`` are SQuAD files with their texts. ``*.jsonl`` name the text that they ask about by its hash, so that no text of
others is repeated here, and none of ours twice: ``{"text": as of text_hash, "question": ..., "answer": [start, end]}``, null
when it has none; or ``{"text": ..., "turns": [...]}``, a conversation, each of whose turns is ``{"asked": ..., "full": ...,
"answer": ...}`` (:mod:`qa.training.conversations`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from qa.training.conversations import Said, Span, put
from qa.training.records import DataError, Raw, read_squad

FOLDER = Path(__file__).parent / "questions"
"""Where they are kept."""


def text_hash(text: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a text in UTF-8: enough to tell thousands of texts apart."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def read_written(folder: Path, texts: Iterable[str], faults: Counter[str]) -> Iterator[Raw]:
    """The questions of a folder; those whose text is neither among ``texts`` nor in the folder are counted in ``faults``
    under the file's name.

    Raises DataError when a line is not of the form above.
    """
    known = {text_hash(text): text for text in texts}
    for file in sorted(folder.glob("*.json")):
        for raw in read_squad(file, faults):
            known.setdefault(text_hash(raw.context), raw.context)
            yield raw
    for file in sorted(folder.glob("*.jsonl")):
        # Not splitlines(): that would also cut at separators that JSON leaves inside strings.
        for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1):
            if not line:
                continue
            try:
                row = json.loads(line)
                context = known.get(row["text"])
                asked = [] if context is None else list(_asked(row, context))
            except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
                raise DataError(f"{file} line {number} is no written question: {error}") from error
            if context is None:
                faults[file.stem] += 1
                continue
            for question, answer in asked:
                answers = () if answer is None else ((answer[0], context[slice(*answer)]),)
                yield Raw(file.stem, "", context, " ".join(question.split()), answers)


def _asked(row: dict[str, Any], text: str) -> Iterator[tuple[str, Span | None]]:
    if "turns" not in row:
        yield str(row["question"]), _span(row["answer"])
        return
    said = [Said(str(turn["asked"]), str(turn["full"]), _span(turn["answer"])) for turn in row["turns"]]
    yield from put(said, text)


def _span(answer: Any) -> Span | None:
    if answer is None:
        return None
    start, end = answer
    return int(start), int(end)
