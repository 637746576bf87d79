"""Read every source of a data folder into one prepared data set.

The folder has ``train/*.json`` (SQuAD form), ``train/qamr/*.tsv`` (optional) and ``dev/*.json`` (texts never to
train on). Questions written for this project (:mod:`qa.training.written`) come on top.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from qa.training.negatives import find_negatives
from qa.training.qamr import read_qamr, spare_sentences
from qa.training.records import (
    QUESTIONS_FILE,
    DataError,
    Raw,
    collect,
    normalised,
    read_squad,
    replace_text,
    texts_of,
    write_prepared,
)
from qa.training.written import read_written

REPORT_FILE = "report.json"
SPARE_FILE = "sentences.json"


def prepare(
    data: Path, out: Path, progress: Callable[[str, int, int], None], written: Path | None = None
) -> dict[str, Any]:
    """Prepare ``data``, and the questions in the folder ``written``, into ``out`` and return what was kept and dropped, by
    source and reason (also in ``report.json``).

    ``progress`` is called with what is being done, how much of it, and of how much. Raises DataError when there is
    nothing to train on or a file is not what its name says.
    """
    files = sorted((data / "train").glob("*.json"))
    if not files:
        raise DataError(f"{data / 'train'} holds no SQuAD files (*.json)")
    faults: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    forbidden = texts_of(sorted((data / "dev").glob("*.json")))
    folder = data / "train" / "qamr"

    def raws() -> Iterator[Raw]:
        texts: set[str] = set()
        for number, file in enumerate(files):
            progress("reading", number, len(files) + 1)
            for raw in read_squad(file, faults):
                texts.add(raw.context)
                yield raw
        progress("reading", len(files), len(files) + 1)
        yield from read_qamr(folder, faults)
        if written is not None:
            yield from read_written(written, texts, faults)

    prepared = collect(raws(), forbidden, dropped)
    total = len(prepared.questions)
    if not total:
        raise DataError(f"{data} holds no question to train on. Put files with questions into {data / 'train'}.")
    find_negatives(prepared, progress=lambda done: progress("finding negatives", done, total))
    spare = [text for text in spare_sentences(folder) if not _inside(text, forbidden)]
    out.mkdir(parents=True, exist_ok=True)
    # What is there is whole as long as it has its questions: they go first and come last.
    (out / QUESTIONS_FILE).unlink(missing_ok=True)
    replace_text(out / SPARE_FILE, json.dumps(spare, ensure_ascii=False))
    report = {
        "texts": len(prepared.contexts),
        "questions": total,
        "unanswerable": sum(not question.answers for question in prepared.questions),
        "without_negatives": sum(bool(q.answers) and not q.negatives for q in prepared.questions),
        "by_source": dict(sorted(Counter(question.source for question in prepared.questions).items())),
        "answers_not_at_their_offset": dict(sorted(faults.items())),
        "dropped": dict(sorted(dropped.items())),
    }
    replace_text(out / REPORT_FILE, json.dumps(report, indent=2) + "\n")
    write_prepared(prepared, out)
    return report


def read_spare(folder: Path) -> list[str]:
    """The spare sentences of a prepared folder; none when it has no such file."""
    path = folder / SPARE_FILE
    if not path.is_file():
        return []
    loaded: list[str] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _inside(text: str, forbidden: set[str]) -> bool:
    plain = normalised(text)
    return any(plain in other for other in forbidden)
