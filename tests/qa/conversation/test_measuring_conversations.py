"""qa eval --mode conversation and qa ask --after, with a reader of shared words."""

import gc
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import index
import qa.assistant
import qa.reader
from index.errors import DatasetError
from qa.cli.commands import app
from qa.evaluation import conversation, spool
from qa.evaluation.conversation import Asked, follow_up_scores
from qa.evaluation.conversation_files import load_rows
from qa.evaluation.corpus import pooled_index
from qa.evaluation.datasets import load_dataset
from qa.evaluation.follow_ups import make
from qa.evaluation.report import QuestionResult
from tests.fakes import FakeEncoder, FakeReader

ARTICLE = "The captain Nordal steered home. Yesterday the captain Nordal slept ashore."
ROWS: list[dict[str, Any]] = [
    {"id": "who", "question": "Where did captain Nordal steer?", "kind": "opening", "context": ARTICLE, "answers": []},
    {
        "id": "he",
        "question": "Had he slept?",
        "context": ARTICLE,
        "answers": [{"text": "ashore", "answer_start": ARTICLE.index("ashore")}],
        "kind": "reference",
        "follows": "who",
        "standalone": "Had captain Nordal slept?",
    },
    {"id": "plain", "question": "Who steered home?", "context": ARTICLE, "answers": []},
]
CONVERSATION = ("--mode", "conversation")


@pytest.fixture(autouse=True)
def _small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MiniLMEncoder", FakeEncoder)
    monkeypatch.setattr(qa.reader, "load_reader", lambda name: FakeReader())
    monkeypatch.setattr(qa.assistant, "MiniLMEncoder", FakeEncoder)
    monkeypatch.setattr(qa.assistant, "load_reader", lambda name: FakeReader())


def written(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "talk.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def qa_(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_follow_ups_are_scored_beside_their_full_forms(tmp_path: Path) -> None:
    done = qa_("eval", written(tmp_path, ROWS), "--mode", "conversation", "--json", "--report", tmp_path / "report")
    assert done.exit_code == 0, (done.output, done.exception)
    scores = json.loads(done.stdout)
    assert scores["mode"] == "conversation"
    assert scores["questions"] == 2  # not the one that only opens a conversation
    assert scores["follow_ups"] == {
        "questions": 1,
        "exact_match": 100.0,
        "f1": 100.0,
        "standalone_exact_match": 100.0,
        "standalone_f1": 100.0,
        "ratio": 1.0,
        "changed": 1.0,
        "after_right": 0,  # what opens a conversation has no answer in the file
    }
    results = [json.loads(line) for line in (tmp_path / "report" / "results.jsonl").read_text().splitlines()]
    assert [(one["id"], one["question"], one["read_as"]) for one in results] == [
        ("he", "Had he slept?", "Had captain Nordal slept?"),
        ("plain", "Who steered home?", None),
    ]


@pytest.mark.parametrize(("gold", "after_right"), [("slept", 1), ("home", 0)])
def test_follow_ups_after_right_answers_are_scored_apart(tmp_path: Path, gold: str, after_right: int) -> None:
    first = {**ROWS[0], "kind": "where", "answers": [{"text": gold, "answer_start": ARTICLE.index(gold)}]}
    done = qa_("eval", written(tmp_path, [first, ROWS[1]]), "--mode", "conversation", "--json")
    assert done.exit_code == 0, (done.output, done.exception)
    scores = json.loads(done.stdout)["follow_ups"]
    assert scores["after_right"] == after_right
    assert scores.get("after_right_ratio") == (1.0 if after_right else None)


def test_a_conversation_that_is_no_longer_remembered_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two chains of three turns whose questions come in turn; so does what they are read after.
    chains = [[{**ROWS[0], "id": f"{name}0"}, *({**ROWS[1], "id": f"{name}{n}", "follows": f"{name}{n - 1}"} for n in (1, 2))]
              for name in "ab"]  # fmt: skip
    path = written(tmp_path, [row for turn in zip(*chains, strict=True) for row in turn])
    scores = []
    for remembered in (64, 1):
        monkeypatch.setattr(conversation, "REMEMBERED", remembered)
        done = qa_("eval", path, *CONVERSATION, "--json", "--report", tmp_path / str(remembered))
        assert done.exit_code == 0, (done.output, done.exception)
        scores.append(json.loads(done.stdout)["follow_ups"])
        rows = (tmp_path / str(remembered) / "results.jsonl").read_text().splitlines()
        assert [(row["id"], row["read_as"]) for row in map(json.loads, rows)] == [
            (f"{name}{number}", "Had captain Nordal slept?") for number in (1, 2) for name in "ab"
        ]
    assert scores[0] == scores[1]
    assert scores[0]["questions"] == 4


def test_a_long_file_takes_memory_for_ids_and_numbers_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # So much is in memory in any case, and would look like growth.
    monkeypatch.setattr(spool, "IN_MEMORY", 1 << 10)
    monkeypatch.setattr(conversation, "REMEMBERED", 4)
    article = ARTICLE + " And then the ship stood off and on." * 200
    held = []
    for number in (4, 20, 120):  # what the first one loads stays in memory
        pairs = [
            [{**ROWS[0], "id": f"who{n}"}, {**ROWS[1], "id": f"he{n}", "follows": f"who{n}"}] for n in range(number)
        ]
        path = written(tmp_path, [{**row, "context": article} for pair in pairs for row in pair])
        tracemalloc.start()
        dataset, rows = load_rows(path, load_dataset(path))
        with pooled_index(dataset, FakeEncoder()) as (passages, corpus):
            asked = qa.assistant.Assistant(passages, FakeReader)
            report = conversation.evaluate_conversation(dataset, rows, asked, corpus)
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert len(report.results) == number
    # The line of a question alone has seven thousand characters.
    assert held[2] - held[1] < 200 * 1000, held


@pytest.mark.parametrize("answer_all", [True, False])
def test_questions_before_a_follow_up_are_asked_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer_all: bool
) -> None:
    seen: set[bool] = set()
    ask = qa.assistant.Assistant.ask

    def told(self, question, *, answer_all=False, **more):  # type: ignore[no-untyped-def]
        seen.add(answer_all)
        return ask(self, question, answer_all=answer_all, **more)

    monkeypatch.setattr(qa.assistant.Assistant, "ask", told)
    done = qa_("eval", written(tmp_path, ROWS), *CONVERSATION, *(["--answer-all"] if answer_all else []))
    assert done.exit_code == 0, (done.output, done.exception)
    assert seen == {answer_all}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"follows": "nobody"}, "follows nobody, which is not in the file"),
        ({"follows": "he"}, "follows itself"),
        ({"standalone": None}, "needs its full form"),
    ],
)
def test_a_broken_chain_is_named(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    path = written(tmp_path, [ROWS[0], {**ROWS[1], **change}])
    with pytest.raises(DatasetError, match=rf"1 faulty entry\. Correct or remove:\nline 2 \(id he\): .*{complaint}"):
        load_rows(path, load_dataset(path))
    # With others left out it is named like any other fault.
    done = qa_("eval", written(tmp_path, [*ROWS[:1], {**ROWS[1], **change}, ROWS[2]]), *CONVERSATION, "--skip-invalid")
    assert done.exit_code == 0, (done.output, done.exception)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("left out  ")]
    assert f"{path}: line 2 (id he): " in line
    assert complaint in line


def follow_up(name: str, follows: str) -> dict[str, Any]:
    return {**ROWS[1], "id": name, "follows": follows}


def test_what_follows_a_faulty_row_is_left_out_with_it(tmp_path: Path) -> None:
    moved = [{"text": "ashore", "answer_start": 0}]
    rows = [
        ROWS[2],
        follow_up("2", "plain"),
        {**ROWS[2], "id": "3", "answers": moved},
        follow_up("6", "5"),  # what it follows comes after it
        follow_up("5", "4"),
        follow_up("4", "3"),
        follow_up("2", "5"),  # the id occurs twice: the row before is sound all the same
    ]
    path = written(tmp_path, rows)
    done = qa_("eval", path, *CONVERSATION)
    assert isinstance(done.exception, DatasetError)
    assert "2 faulty entries" in str(done.exception)
    assert "line 3 (id 3): the answer" in str(done.exception)
    assert "not in the file" not in str(done.exception)

    done = qa_("eval", path, *CONVERSATION, "--skip-invalid", "--json", "--report", tmp_path / "report")
    assert done.exit_code == 0, (done.output, done.exception)
    faults = [line for line in done.stderr.splitlines() if line.startswith("left out  ")]
    assert faults[0].startswith(f'left out  {path}: line 3 (id 3): the answer "ashore" is not at answer_start 0')
    assert faults[1:] == [
        f"left out  {path}: line 7 (id 2): the id occurs twice",
        f"left out  {path}: line 4 (id 6): it follows 5, which was left out",
        f"left out  {path}: line 5 (id 5): it follows 4, which was left out",
        f"left out  {path}: line 6 (id 4): it follows 3, which was left out",
    ]
    scores = json.loads(done.stdout)
    assert (scores["questions"], scores["skipped_rows"], scores["follow_ups"]["questions"]) == (2, 5, 1)
    results = [json.loads(line) for line in (tmp_path / "report" / "results.jsonl").read_text().splitlines()]
    assert [one["id"] for one in results] == ["plain", "2"]


def test_questions_that_go_round_take_only_their_followers_with_them(tmp_path: Path) -> None:
    path = written(tmp_path, [ROWS[2], follow_up("a", "b"), follow_up("b", "a"), follow_up("after", "a")])
    with pytest.raises(DatasetError, match="2 faulty entries") as caught:
        load_rows(path, load_dataset(path))
    assert "it follows itself, by way of b; line 3 (id b): it follows itself" in str(caught.value)
    faults: list[str] = []
    dataset, rows = load_rows(path, load_dataset(path), faults.append)
    assert [question.id for question in dataset.questions] == list(rows) == ["plain"]
    assert faults[2] == f"{path}: line 4 (id after): it follows a, which was left out"


def test_a_line_that_cannot_be_read_may_be_the_one_that_is_followed(tmp_path: Path) -> None:
    path = written(tmp_path, [ROWS[2], follow_up("he", "who")])
    path.write_text(path.read_text(encoding="utf-8") + '\n{"id": "who", "question', encoding="utf-8")
    done = qa_("eval", path, *CONVERSATION, "--skip-invalid")
    assert done.exit_code == 0, (done.output, done.exception)
    first, second = [line for line in done.stderr.splitlines() if line.startswith("left out  ")]
    assert "line 3: not valid JSON" in first
    assert second.endswith("line 2 (id he): it follows who, which is on no line that can be read")


def test_faults_are_named_even_if_nothing_is_left_to_ask(tmp_path: Path) -> None:
    path = written(tmp_path, [{**ROWS[0], "question": ""}, ROWS[1]])
    done = qa_("eval", path, *CONVERSATION, "--skip-invalid")
    assert isinstance(done.exception, DatasetError)
    assert "it holds no questions without a fault" in str(done.exception)
    assert "line 1 (id who): the question is empty" in done.stderr
    assert "line 2 (id he): it follows who, which was left out" in done.stderr
    # What only opens a conversation gives no score.
    done = qa_("eval", written(tmp_path, [ROWS[0], {**ROWS[1], "question": ""}]), *CONVERSATION, "--skip-invalid")
    assert isinstance(done.exception, DatasetError)
    assert "none of its questions can be scored" in str(done.exception)


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    dataset = load_dataset(written(tmp_path, ROWS))
    with pytest.raises(DatasetError, match="changed while it was read"):
        load_rows(written(tmp_path, ROWS[:2]), dataset)


def test_only_json_lines_have_conversations(tmp_path: Path) -> None:
    path = tmp_path / "talk.csv"
    path.write_text(f"question,context,answer\nWho steered?,{ARTICLE},captain Nordal steered\n", encoding="utf-8")
    done = qa_("eval", path, "--mode", "conversation")
    assert done.exit_code != 0
    two = written(tmp_path, ROWS)
    assert qa_("eval", two, two, "--mode", "conversation").exit_code == 2


def test_the_ratio_is_of_means() -> None:
    def result(score: float) -> QuestionResult:
        return QuestionResult(
            id="q", question="?", golds=("a",), context=0, exact_match=float(score == 1), f1=score, seconds=None
        )

    scores = follow_up_scores(
        [
            Asked(True, result(1.0), result(1.0), after_right=True, seconds=0.0),
            Asked(False, result(0.2), result(0.6), after_right=False, seconds=0.0),
            Asked(True, result(0.0), None, after_right=True, seconds=0.0),
        ]
    )
    assert scores is not None
    assert scores.questions == 2
    assert scores.f1 == pytest.approx(60.0)
    assert scores.standalone_f1 == pytest.approx(80.0)
    assert scores.ratio == pytest.approx(0.75)
    assert scores.changed == 0.5
    assert (scores.after_right, scores.after_right_ratio) == (1, 1.0)
    assert follow_up_scores([]) is None


def test_earlier_questions_are_asked_first(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
    place = ("--index", tmp_path / "index")
    assert qa_("add", tmp_path / "a.txt", *place).exit_code == 0
    after = ("--after", "Where did captain Nordal steer?")
    done = qa_("ask", "Had he slept?", *after, "--json", *place)
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["question"] == "Had he slept?"
    assert answer["standalone_question"] == "Had captain Nordal slept?"
    assert answer["answer"] == "ashore"
    assert "Read as: Had captain Nordal slept?" in qa_("ask", "Had he slept?", *after, *place).stdout
    assert "Read as" not in qa_("ask", "Had captain Nordal slept?", *after, *place).stdout
    assert qa_("ask", "Had he slept?", "--after", "?!", *place).exit_code != 0


def test_follow_ups_are_made_from_questions(tmp_path: Path) -> None:
    text = "Mara Olden wrote a book in Lowen. She sold the rights to Halvard Press. Karel Vint lived in Lowen."
    contexts = [(text, "When did Mara Olden write a book?"), ("Cats purr. Dogs bark.", "What purr?")]
    paragraphs = []
    for number, (context, question) in enumerate(contexts):
        start = len(context) - 5
        answers = [{"text": context[start:], "answer_start": start}]
        more = [{"id": f"{number}b", "question": "Who admired Mara Olden?", "answers": answers}] if not number else []
        paragraphs.append(
            {"context": context, "qas": [{"id": f"{number}a", "question": question, "answers": answers}, *more]}
        )
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": [{"title": "t", "paragraphs": paragraphs}]}), encoding="utf-8")
    rows = make(load_dataset(path), each=5, seed=0)
    short = {(row["kind"], row["question"], row["standalone"]) for row in rows if "follows" in row}
    assert ("question_word", "When?", "When did Mara Olden write a book?") in short
    assert ("reference", "When did she write a book?", "When did Mara Olden write a book?") in short
    assert any(kind == "substitution" and full == "Who admired Mara Olden?" for kind, _, full in short)
    assert {row["follows"] for row in rows if "follows" in row} <= {row["id"] for row in rows}
