"""The comparison of answers: kept answers, processes, thresholds, predictions and tables, with a peer of a few lines."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmarks.answering import PEERS, app
from benchmarks.results import loss, stages
from benchmarks.scored import HEADER, Line, markdown, score, threshold_of
from benchmarks.sections import Place, Section, baseline_task, peer_task, reading
from benchmarks.timing import Measured
from benchmarks.workers import KeptAnswers, Worker, WorkerError
from qa.evaluation.certainty import complete
from qa.evaluation.datasets import Context, Dataset, GoldAnswer, Question
from qa.evaluation.runner import evaluate_reading
from tests.fakes import FakeReader

ROOT = Path(__file__).parent.parent.parent
ADA = "Ada Lovelace wrote programs. Babbage built engines."
BEES = "Bees dance. A hive holds honey."
DATASET = Dataset(
    "set.jsonl",
    (Context("", ADA), Context("", BEES)),
    (
        Question("wrote", "Who wrote programs?", 0, (GoldAnswer("Ada Lovelace", 0),)),
        Question("holds", "What does a hive hold?", 1, (GoldAnswer("honey", 25),)),
        Question("died", "When did the queen die?", 1, ()),
    ),
)
# Answers with its first passage's first word, and says how many tasks it has had.
PEER = """
from benchmarks.peers.serving import Found, serve
had = []
def answer(task):
    had.append(task)
    if task["question"] == "stop":
        raise SystemExit("it was told to stop")
    print("libraries print")
    word = task["passages"][0].split()[0]
    return Found(word, False, 1 / (1 + len(had)), 0, 0, len(word))
serve((), answer)
"""


def answer(text: str, confidence: float | None, start: int | None = None, **more: Any) -> dict[str, Any]:
    end = None if start is None else start + len(text)
    told = {"answer": text, "refused": False, "confidence": confidence, "passage": 0, "start": start, "end": end}
    return {**told, "seconds": 0.5, "error": None, **more}


def section() -> Section:
    return reading(DATASET, None)


def test_results_of_former_questions_are_not_taken_from_the_journal(tmp_path: Path) -> None:
    def first(asked: Question) -> tuple[str, tuple[str, ...]]:
        one = reading(replace(DATASET, questions=(asked,)), None)
        (found,) = one.footnote(FakeReader(), tmp_path, lambda done, total: None).results
        return found.question, found.golds

    wrote = DATASET.questions[0]
    for asked in (wrote, replace(wrote, text="Who built engines?"), replace(wrote, answers=(GoldAnswer("Ada", 0),))):
        assert first(asked) == (asked.text, asked.golds)


def test_a_peer_answers_line_by_line_and_its_end_is_named(tmp_path: Path) -> None:
    with Worker([sys.executable, "-c", PEER], ROOT, tmp_path / "peer.log") as worker:
        assert worker.versions == {}
        first, second = (worker.ask({"question": "?", "passages": [text]}) for text in (ADA, "Bées dance."))
        assert (first["answer"], first["confidence"], first["error"]) == ("Ada", 0.5, None)
        assert first["seconds"] >= 0
        assert (second["answer"], second["end"]) == ("Bées", 4)
        with pytest.raises(WorkerError, match="peer ended: it was told to stop"):
            worker.ask({"question": "stop", "passages": [ADA]})
    with pytest.raises(WorkerError, match="No module named"):
        Worker([sys.executable, "-c", "import nothing_of_that_name"], ROOT, tmp_path / "gone.log")


def test_answers_are_kept_for_the_same_task_and_the_same_facts(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    KeptAnswers(file, {"weights": "a"}).put({"question": "Who?"}, answer("Ada", 0.5))
    with file.open("a") as torn:
        torn.write('\n{"key": "cut o')
    again = KeptAnswers(file, {"weights": "a"})
    assert again.get({"question": "Who?"}) == answer("Ada", 0.5)
    assert again.get({"question": "When?"}) is None
    assert KeptAnswers(file, {"weights": "b"}).get({"question": "Who?"}) is None
    again.put({"question": "When?"}, answer("now", None))
    assert KeptAnswers(file, {"weights": "a"}).get({"question": "When?"}) == answer("now", None)


def test_peers_read_the_context_and_the_baseline_its_sentences() -> None:
    part = section()
    tasks = part.tasks(10)
    assert peer_task(tasks[1]) == {"question": "What does a hive hold?", "passages": [BEES]}
    sentences = part.sentences()
    assert [(place.context, place.text) for place in sentences][2:] == [(1, "Bees dance."), (1, "A hive holds honey.")]
    assert all(part.dataset.contexts[p.context].text[p.start : p.start + len(p.text)] == p.text for p in sentences)
    asked = baseline_task(tasks[1], part, lambda place: [n for n, p in enumerate(sentences) if p.context == place])
    assert asked == {"question": "What does a hive hold?", "within": [2, 3]}


def test_the_threshold_is_where_refusing_pays() -> None:
    part = section()
    # Right at .9 and .6, and an answer to the question without one at .4: between .4 and .6 all is dealt with rightly.
    given = [answer("Ada Lovelace", 0.9), answer("honey", 0.6), answer("Bees", 0.4)]
    assert threshold_of([part], [given], [part.tasks(10)]) == pytest.approx(0.5)
    # Two questions with an answer weigh two thirds, and one of them is wrong at .2: the rest stays as it is.
    given[1] = answer("Bees", 0.2)
    assert threshold_of([part], [given], [part.tasks(10)]) == pytest.approx(0.65)


def test_answers_are_scored_as_predictions_with_citations(tmp_path: Path) -> None:
    part = section()
    tasks = part.tasks(10)
    given = [answer("Ada Lovelace", 0.9, 0), answer("A hive", 0.6, 12), answer("Bees", 0.4, 0, refused=True)]
    own = score(part, tasks, given, tmp_path / "own.jsonl")
    assert own.exact_match == pytest.approx(100 * 2 / 3)  # "A hive" is wrong, the refusal right
    assert own.citation is not None
    assert (own.citation.verbatim, own.citation.iou, own.citation.sentence_recall) == (1.0, 0.5, 1.0)
    assert own.no_answer is not None
    assert (own.no_answer.auroc, own.no_answer.precision, own.no_answer.recall) == (1.0, 1.0, 1.0)
    held_back = score(part, tasks, given, tmp_path / "held.jsonl", threshold=0.7)
    assert held_back.no_answer is not None
    assert (held_back.no_answer.precision, held_back.no_answer.recall) == (0.5, 1.0)
    lines = (tmp_path / "held.jsonl").read_text().splitlines()
    assert json.loads(lines[1]) == {"id": "holds", "answer": None, "seconds": 0.5, "confidence": 0.6}


def test_the_baseline_cites_sentences_of_any_text(tmp_path: Path) -> None:
    part = section()
    places = [Place(1, 12, BEES[12:]), Place(0, 0, ADA[:28])]
    given = [answer(places[number].text, None, 0, passage=number) for number in (0, 1, 0)]
    report = score(part, part.tasks(10), given, tmp_path / "p.jsonl", places=places)
    assert report.citation is not None
    assert report.citation.verbatim == 1.0
    assert report.citation.iou == 0.0  # each is of the other text


def test_tables_compare_with_the_first_line_and_leave_open_what_is_not_told(tmp_path: Path) -> None:
    part = section()
    own = complete(evaluate_reading(DATASET, FakeReader()))
    silent = score(part, part.tasks(10), [answer("Ada Lovelace", None)] * 3, tmp_path / "p.jsonl")
    lines = [
        Line("**Footnote**", own, Measured([[0.1], [0.1]], [])),
        Line("peer", silent, Measured([[0.2], [0.4]], [])),
        Line("peer, threshold chosen", silent, None),
    ]
    header, _, first, second, third = markdown(lines).strip().split("\n")
    assert header == f"| {' | '.join(HEADER)} |"
    assert first.split(" | ")[-2:] == ["10.00", " |"]
    cells = second.strip("| ").split(" | ")
    assert cells[:2] == ["peer", "33.3"]
    assert cells[5:9] == ["–", "–", "–", "–"]
    assert cells[-1] == "3.00 (2.00–4.00)"
    assert third.endswith("|  |  |")
    assert {len(line.split(" | ")) for line in (first, second, third)} == {len(HEADER)}


def test_what_answering_loses_is_told_by_stage() -> None:
    own = evaluate_reading(DATASET, FakeReader())
    assert own.stages is not None
    lost = own.stages.model_copy(update={"right": own.stages.right - 1, "not_retrieved": 1})
    assert own.f1 is not None
    worse = own.model_copy(update={"stages": lost, "f1": own.f1 - 5})
    sections = [section(), Section("Answering: set.jsonl, over 2 texts", DATASET, "answering", chosen_on=True)]
    line = loss(sections, [own, worse])
    assert line.startswith(f"- set.jsonl: F1 {own.f1:.1f} when reading, {own.f1 - 5:.1f} when answering (-5.0); ")
    assert "F1 of those with an answer " in line
    assert line.endswith("; of 3 questions: not retrieved +1.")
    header, _, first = stages([("Answering", worse)]).split("\n")
    assert "not retrieved" in header
    assert first.startswith("| Answering | ")


def test_every_peer_has_its_module_and_an_unknown_one_is_wrong_usage() -> None:
    assert all((ROOT / "benchmarks" / "peers" / f"{peer.module}.py").is_file() for peer in PEERS)
    result = CliRunner().invoke(app, ["x.json", "--work", "w", "--systems", "haystack,abacus"])
    assert result.exit_code == 2
    assert "abacus" in result.output


def test_help_loads_no_model_library_and_peers_load_nothing_of_footnote() -> None:
    modules = "benchmarks.answering, benchmarks.peers.haystack_reader, benchmarks.peers.txtai_questions"
    check = (
        f"import sys, {modules}, benchmarks.peers.bm25_sentences; "
        "print(sorted({'torch', 'onnxruntime', 'numpy', 'haystack', 'txtai', 'bm25s', 'qa', 'index'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
