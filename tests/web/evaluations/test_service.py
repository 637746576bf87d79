"""Data sets, runs in the background and past runs, without a browser."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from index.errors import DatasetError, FootnoteError, InputError
from qa.evaluation.runs import read_run
from tests.web.evaluations.making import BEES, CAFE, ROWS, lines, open_assistant, row
from web.evaluations import FEEDBACK, Evaluations, Job, RunFacts, RunRequest
from web.evaluations import questions as questions_module
from web.evaluations import runs as runs_module
from web.evaluations.job import Advance
from web.feedback import Feedback


@pytest.fixture
def evaluations(tmp_path: Path) -> Evaluations:
    assistant = open_assistant(tmp_path / "index")
    return Evaluations(lambda: assistant, Feedback(lambda: assistant))


def run(evaluations: Evaluations, request: RunRequest) -> RunFacts:
    evaluations.start(request)
    assert evaluations.job.wait(60)
    state = evaluations.job.state()
    assert state.state == "done", state
    assert state.result is not None
    return evaluations.runs.facts(state.result)


def test_a_run_is_kept_with_its_scores_intervals_plots_and_report(evaluations: Evaluations, tmp_path: Path) -> None:
    given = evaluations.upload("My questions.jsonl", lines(ROWS))
    assert (given.questions, given.unanswerable, given.contexts, given.faulty) == (4, 1, 2, 0)
    facts = run(evaluations, RunRequest(given.id, "reading"))
    assert (facts.dataset, facts.mode, facts.questions) == ("My questions.jsonl", "reading", 4)
    value, low, high = facts.main["f1"]
    assert low is not None
    assert high is not None
    assert low <= value <= high
    summary = evaluations.runs.summary(facts.id)
    assert [plot["title"] for plot in summary["plots"]] == ["Risk and coverage", "Reliability", "Confidences"]
    assert summary["tiles"][0]["scores"][1]["interval"] != ""
    assert "My questions.jsonl" in evaluations.runs.page(facts.id)
    written = read_run(tmp_path / "index" / "evaluations" / "runs" / facts.id)
    assert [result.id for result in written.results] == ["right", "wrong", "refused", "none"]
    assert json.loads(evaluations.runs.file(facts.id, "scores.json"))["f1"] == pytest.approx(value)
    # Another process, or the same one later, finds it again.
    assistant = open_assistant(tmp_path / "index")
    again = Evaluations(lambda: assistant, Feedback(lambda: assistant))
    assert again.runs.every() == [facts]
    assert [found.id for found in again.datasets()] == [given.id]


def test_worst_questions_stand_in_their_sources(evaluations: Evaluations) -> None:
    given = evaluations.upload("set.jsonl", lines(ROWS))
    facts = run(evaluations, RunRequest(given.id, "reading", answer_all=True))
    worst = evaluations.runs.worst(facts.id, lambda name: "", first=0, count=10, only="all")
    assert worst.total == 4
    assert [found.right for found in worst.questions] == sorted(found.right for found in worst.questions)
    for found in worst.questions:
        text = BEES if found.id in ("right", "wrong") else CAFE
        assert found.expected is not None
        assert found.found is not None
        assert "".join(piece.text for piece in found.expected.pieces) == text[found.expected.start :]
        gold = "".join(piece.text for piece in found.expected.pieces if piece.mark in ("gold", "both"))
        assert gold == (found.golds[0] if found.golds else "")
        assert "".join(p.text for p in found.found.pieces if p.mark in ("given", "both")) == found.best
    wrong = evaluations.runs.worst(facts.id, lambda name: "", first=0, count=1, only="wrong")
    assert len(wrong.questions) == 1
    assert wrong.questions[0].id == worst.questions[0].id
    assert wrong.total == sum(not found.right for found in worst.questions)


@pytest.mark.parametrize("mode", ["retrieval", "answering"])
@pytest.mark.parametrize("over", ["own", "index"])
def test_every_mode_runs_over_own_texts_and_over_the_index(evaluations: Evaluations, mode: str, over: str) -> None:
    given = evaluations.upload("set.jsonl", lines(ROWS))
    facts = run(evaluations, RunRequest(given.id, mode, over))  # type: ignore[arg-type]
    assert facts.over == over
    assert ("retrieval.recall@5" in facts.main) == (mode == "retrieval")
    assert len(evaluations.runs.worst(facts.id, lambda name: "", first=0, count=9, only="all").questions) == 4


def test_an_answer_from_another_document_of_the_index_is_shown_there(evaluations: Evaluations) -> None:
    given = evaluations.upload(
        "set.jsonl", lines([row("x", "Where do drones never go?", "Elsewhere is cold.", "cold")])
    )
    facts = run(evaluations, RunRequest(given.id, "answering", "index", answer_all=True))
    index = evaluations.index()
    (found,) = evaluations.runs.worst(
        facts.id, lambda name: index.document(name).text, first=0, count=1, only="all"
    ).questions
    assert found.found is not None
    assert "".join(piece.text for piece in found.found.pieces if piece.mark == "given") == found.best == "sting"


def test_faulty_rows_are_named_and_left_out_only_if_that_is_chosen(evaluations: Evaluations) -> None:
    broken = row("broken", "Where?", BEES, "comb")
    broken["answers"] = [{"text": "comb", "answer_start": 1}]
    given = evaluations.upload("set.jsonl", lines([*ROWS, broken, row("right", "Twice?", BEES, "comb")]))
    assert (given.questions, given.faulty) == (4, 2)
    assert given.faults[0].startswith("line 5 (id broken): ")
    assert "twice" in given.faults[1]
    with pytest.raises(DatasetError, match="2 rows are faulty"):
        evaluations.start(RunRequest(given.id, "reading"))
    facts = run(evaluations, RunRequest(given.id, "reading", skip_faulty=True))
    assert (facts.questions, facts.skipped) == (4, 2)
    assert "2 left out" in evaluations.runs.page(facts.id)


@pytest.mark.parametrize("name", ["/etc/passwd", "../../../../etc/passwd", "file:///etc/passwd", "index.sqlite"])
def test_an_uploaded_row_reads_no_file_of_this_computer(evaluations: Evaluations, name: str) -> None:
    rows = [{"id": "a", "question": "Who?", "document": name, "answers": []}, *ROWS]
    given = evaluations.upload("set.jsonl", lines(rows))
    assert given.faulty == 1
    assert "the article is not in the index" in given.faults[0]
    as_table = f"id,question,document,answer\na,Who?,{name},\nb,What?,Bees,comb\n"
    given = evaluations.upload("set.csv", as_table.encode())
    assert (given.questions, given.faulty) == (1, 1)


def test_rows_may_name_articles_of_the_index(evaluations: Evaluations) -> None:
    given = evaluations.upload("set.csv", b"question,document,answer\nWhere?,bees,comb\n")
    facts = run(evaluations, RunRequest(given.id, "answering", "index"))
    (found,) = evaluations.runs.worst(facts.id, lambda name: "", first=0, count=1, only="all").questions
    assert found.expected is not None
    assert found.expected.title == "Bees"


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.json", b"{"), ("a.json", b'{"data": []}'), ("a.csv", b"x,y\n1,2\n"), ("a.jsonl", b"\xff"), ("", b"")],
)
def test_files_that_cannot_be_used_are_refused_and_not_kept(evaluations: Evaluations, name: str, data: bytes) -> None:
    with pytest.raises(DatasetError) as raised:
        evaluations.upload(name, data)
    assert str(evaluations.sets._folders._place) not in str(raised.value)
    assert evaluations.sets.every() == []


def test_limits_of_uploads(evaluations: Evaluations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions_module, "MAX_BYTES", 10)
    with pytest.raises(DatasetError, match="at most 10"):
        evaluations.upload("a.json", b"x" * 11)
    monkeypatch.undo()
    monkeypatch.setattr(questions_module, "MAX_SETS", 2)
    evaluations.upload("a.jsonl", lines(ROWS))
    evaluations.upload("b.jsonl", lines(ROWS))
    with pytest.raises(InputError, match="2 are kept already"):
        evaluations.upload("c.jsonl", lines(ROWS))


@pytest.mark.parametrize("name", ["../../x.json", "..\\..\\x.json", "a\nb.json", "x" * 5000 + ".csv", "\ud800.json"])
def test_names_of_uploads_go_nowhere(evaluations: Evaluations, name: str) -> None:
    data = (
        b"question,context,answer\nWhere?,Bees dance,dance\n"
        if name.endswith("csv")
        else b'{"data": ['
        + json.dumps(
            {"title": "t", "paragraphs": [{"context": "Bees", "qas": [{"id": 1, "question": "W?", "answers": []}]}]}
        ).encode()
        + b"]}"
    )
    given = evaluations.upload(name, data)
    assert "/" not in given.name
    assert "\\" not in given.name
    assert len(given.name) <= 120
    run(evaluations, RunRequest(given.id, "reading"))


def test_feedback_is_a_data_set(evaluations: Evaluations) -> None:
    with pytest.raises(DatasetError, match="no feedback"):
        evaluations.start(RunRequest(FEEDBACK, "reading"))
    assistant = evaluations._real_assistant()
    answer = assistant.ask("Where do drones never go?", answer_all=True)
    answer_id = evaluations._feedback.remember(answer)
    assert answer_id is not None
    evaluations._feedback.give(answer_id, "right")
    (collected,) = evaluations.datasets()
    assert (collected.id, collected.questions) == (FEEDBACK, 1)
    facts = run(evaluations, RunRequest(FEEDBACK, "answering", "index", answer_all=True))
    assert facts.main["exact_match"][0] == 100.0


def test_two_runs_are_compared_and_different_questions_are_not(evaluations: Evaluations) -> None:
    given = evaluations.upload("set.jsonl", lines(ROWS))
    strict = run(evaluations, RunRequest(given.id, "reading"))
    bold = run(evaluations, RunRequest(given.id, "reading", answer_all=True))
    found = evaluations.runs.compare(strict.id, bold.id)
    assert found.questions == 4
    assert found.a.startswith("A (set.jsonl, reading, ")
    assert found.scores["unanswerable.accuracy"].difference == -1.0
    other = evaluations.upload("other.jsonl", lines(ROWS[:2]))
    fewer = run(evaluations, RunRequest(other.id, "reading"))
    with pytest.raises(DatasetError, match="not of the same questions"):
        evaluations.runs.compare(strict.id, fewer.id)
    ranking = run(evaluations, RunRequest(given.id, "retrieval"))
    with pytest.raises(InputError, match=r"^A \(.*, reading, .*\) is a run of reading and B \(.*\) of ranking, which"):
        evaluations.runs.compare(strict.id, ranking.id)


def test_what_makes_no_sense_is_refused(evaluations: Evaluations) -> None:
    given = evaluations.upload("set.jsonl", lines(ROWS))
    for request in (
        RunRequest(given.id, "reading", "index"),
        RunRequest(given.id, "reading", limit=0),
        RunRequest("0" * 16, "reading"),
        RunRequest("../index", "reading"),
    ):
        with pytest.raises(FootnoteError):
            evaluations.start(request)
    for forget in (evaluations.sets.remove, evaluations.runs.remove, evaluations.runs.summary, evaluations.runs.page):
        with pytest.raises(InputError):
            forget("../" + given.id)
    assert evaluations.job.state().state == "idle"


def test_a_run_that_could_not_be_kept_is_refused_before_it_begins(
    evaluations: Evaluations, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = evaluations.upload("set.jsonl", lines(ROWS))
    monkeypatch.setattr(runs_module, "_MAX_RUNS", 1)
    first = run(evaluations, RunRequest(given.id, "retrieval"))
    with pytest.raises(InputError, match="1 are kept already"):
        evaluations.start(RunRequest(given.id, "retrieval"))
    assert evaluations.job.state().state == "done"
    evaluations.runs.remove(first.id)
    run(evaluations, RunRequest(given.id, "retrieval"))


def test_what_is_removed_is_gone(evaluations: Evaluations) -> None:
    given = evaluations.upload("set.jsonl", lines(ROWS))
    facts = run(evaluations, RunRequest(given.id, "reading"))
    evaluations.sets.remove(given.id)
    evaluations.runs.remove(facts.id)
    assert evaluations.datasets() == []
    assert evaluations.runs.every() == []


def test_job_tells_progress_and_time_left_and_stops_when_asked() -> None:
    now = [0.0]
    job = Job(lambda: now[0])
    held, reached = threading.Event(), threading.Event()

    def work(advance: Advance) -> str:
        advance("Asking questions", 0, 100)
        now[0] += 5.0
        advance("Asking questions", 20, 100)
        reached.set()
        held.wait(20)
        advance("Asking questions", 21, 100)
        return "not reached"

    job.start("set", work)
    assert reached.wait(20)
    state = job.state()
    assert (state.state, state.stage, state.done, state.total) == ("running", "Asking questions", 20, 100)
    assert state.seconds_left == pytest.approx(20.0)  # 80 more at 4 a second
    with pytest.raises(InputError, match="Another evaluation"):
        job.start("other", work)
    job.cancel()
    assert job.state().stopping
    held.set()
    assert job.wait(20)
    assert (job.state().state, job.state().result) == ("cancelled", None)


@pytest.mark.parametrize(
    ("error", "told"), [(InputError("Say so."), "Say so."), (ValueError("secret"), "Something went wrong")]
)
def test_a_run_that_fails_says_why_and_the_next_one_runs(error: Exception, told: str) -> None:
    def fail(advance: Advance) -> str:
        raise error

    job = Job()
    works: list[Callable[[Advance], str]] = [fail, lambda advance: "kept"]
    job.start("a", works[0])
    assert job.wait(20)
    assert (job.state().state, job.state().message.startswith(told)) == ("failed", True)
    job.start("b", works[1])
    assert job.wait(20)
    assert (job.state().state, job.state().result, job.state().number) == ("done", "kept", 2)


def test_cancelling_leaves_nothing_behind(evaluations: Evaluations, tmp_path: Path) -> None:
    given = evaluations.upload("set.jsonl", lines(ROWS))
    evaluations.job.start("held", lambda advance: (evaluations.job.cancel(), advance("x", 1, 2))[0] or "never")
    assert evaluations.job.wait(20)
    assert evaluations.job.state().state == "cancelled"
    assert evaluations.runs.every() == []
    assert [path.name for path in (tmp_path / "index" / "evaluations").iterdir()] == ["questions"]
    assert run(evaluations, RunRequest(given.id, "reading")).questions == 4
