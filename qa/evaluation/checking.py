"""Looking through question files for everything that is wrong with them."""

import os
from dataclasses import dataclass
from pathlib import Path

from index.errors import DatasetError
from qa.evaluation.beir import collect_beir
from qa.evaluation.conversation_files import conversation_faults
from qa.evaluation.datasets import Dataset, collect
from qa.evaluation.rows import Collector


@dataclass(frozen=True, slots=True)
class Check:
    """What a question file holds, and every fault in it, a line each.

    ``questions`` and ``contexts`` count what is sound; ``unanswerable`` is how many of these questions have no answer,
    ``None`` for a folder in BEIR's form, where queries have no answers at all.
    """

    name: str
    questions: int
    unanswerable: int | None
    contexts: int
    faults: tuple[str, ...]


def check_dataset(path: Path) -> Check:
    """Look through a question file, or a folder in BEIR's form.

    A row is faulty if :func:`qa.evaluation.datasets.load_dataset` would refuse it, or
    :func:`qa.evaluation.conversation_files.load_rows` where lines say what follows what, or have lists or claims; of a row
    with several faults the first one is named. A file that cannot be read at all has that as its only fault.
    """
    collector = Collector()
    talk: dict[str, str] = {}
    folder = os.path.isdir(path)  # noqa: PTH112 - raises nothing where a folder may not be entered
    try:
        if folder:
            collect_beir(path, collector)
        else:
            collect(path, collector)
            talk = conversation_faults(path, Dataset(path.name, collector.contexts, collector.questions))
    except DatasetError as error:
        return Check(str(path), 0, None, 0, (" ".join(str(error).split("\n")),))
    faults = tuple(f"{path}: {fault}" for fault in (*collector.faults, *talk.values()))
    if not faults and not collector.questions:
        faults = (f"{path}: it holds no questions.",)
    sound = (question for question in collector.questions if question.id not in talk)
    unanswerable = None if folder else sum(not question.answerable for question in sound)
    return Check(str(path), len(collector.questions) - len(talk), unanswerable, len(collector.contexts), faults)
