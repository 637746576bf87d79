"""The command that turns feedback into a data set, as a user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from index import MiniLMEncoder, create_index
from index.ingest import add_texts
from qa.evaluation.datasets import load_dataset
from qa.feedback import FeedbackStore, folder_beside
from tests.qa.feedback.making import make_entry, place_of

ROOT = Path(__file__).parent.parent.parent
TEXT = "Bees dance 🐝 on the comb. They tell where flowers are."

pytestmark = pytest.mark.models  # an index of the command line has the real encoder


def qa(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from qa.cli import main; main()", *map(str, words)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=200, cwd=ROOT, check=False)
    assert "Traceback" not in done.stderr
    return done


def test_feedback_becomes_a_file_that_the_evaluation_reads(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    index = create_index(folder, MiniLMEncoder())
    (name,) = add_texts(index, [("bees", "Bees", TEXT)])
    store = FeedbackStore(folder_beside(index.location, "feedback"))

    empty = qa("feedback", "--index", folder)
    assert (empty.returncode, empty.stdout) == (1, "")
    assert "no feedback" in empty.stderr

    document = index.document(name)
    gone = place_of(document, "Bees").model_copy(update={"document_id": "gone", "title": "Gone"})
    store.add(make_entry("corrected", "Where?", place_of(document, "Bees"), gold=place_of(document, "comb")))
    store.add(make_entry("right", "Who?", gone))
    with store.path.open("a") as file:
        file.write("broken")

    done = qa("feedback", "--index", folder, "--out", tmp_path / "set.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert "passed over  feedback.jsonl line 3" in done.stderr
    assert "left out     Who?: Gone is no longer in the index" in done.stderr
    (question,) = load_dataset(tmp_path / "set.json").questions
    (answer,) = question.answers
    assert TEXT[answer.start : answer.end] == answer.text == "comb"

    printed = qa("feedback", "--index", folder)
    assert json.loads(printed.stdout) == json.loads((tmp_path / "set.json").read_text(encoding="utf-8"))
    refused = qa("feedback", "--index", folder, "--out", tmp_path / "nowhere" / "set.json")
    assert refused.returncode == 1
