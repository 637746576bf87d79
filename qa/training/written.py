"""Questions written for this project: on passages of our own, and on texts of the training files.

``*.json`` are SQuAD files with their texts. ``*.jsonl`` name the text that they ask about by its hash, so that no text of
others is repeated here: ``{"text": as of text_hash, "question": ..., "answer": [start, end]}``; null when it has none.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from qa.training.records import DataError, Raw, read_squad

FOLDER = Path(__file__).parent / "questions"
"""Where they are kept."""


def text_hash(text: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a text in UTF-8: enough to tell thousands of texts apart."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def read_written(folder: Path, texts: Iterable[str], faults: Counter[str]) -> Iterator[Raw]:
    """The questions of a folder; those whose text is not among ``texts`` are counted in ``faults`` under the file's name.

    Raises DataError when a line is not of the form above.
    """
    for file in sorted(folder.glob("*.json")):
        yield from read_squad(file, faults)
    files = sorted(folder.glob("*.jsonl"))
    known = {text_hash(text): text for text in texts} if files else {}
    for file in files:
        # Not splitlines(): that would also cut at separators that JSON leaves inside strings.
        for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1):
            if not line:
                continue
            try:
                row = json.loads(line)
                text, question, answer = row["text"], row["question"], row["answer"]
            except (json.JSONDecodeError, KeyError, TypeError) as error:
                raise DataError(f"{file} line {number} is no written question: {error}") from error
            context = known.get(text)
            if context is None:
                faults[file.stem] += 1
                continue
            answers = () if answer is None else ((int(answer[0]), context[int(answer[0]) : int(answer[1])]),)
            yield Raw(file.stem, "", context, " ".join(str(question).split()), answers)
