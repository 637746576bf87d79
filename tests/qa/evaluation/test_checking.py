"""The check of question files names every fault, and folders in BEIR's form are read and checked too."""

import json
from pathlib import Path

import pytest

from index.errors import DatasetError
from qa.evaluation.beir import load_beir
from qa.evaluation.checking import check_dataset
from qa.evaluation.datasets import Context


def beir(folder: Path, **files: str) -> Path:
    """A sound folder, with some of its files replaced: ``corpus``, ``queries`` and ``judged``."""
    content = {
        "corpus": '{"_id": "d1", "title": "Ada", "text": "She wrote.\\r\\nA lot."}\n{"_id": 2, "text": "Bees dance."}\n',
        "queries": '{"_id": "q1", "text": "Who wrote?"}\n{"_id": "train", "text": "?"}\n{"_id": "2", "text": "Bees?"}\n',
        "judged": "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\t2\t0\n2\td1\t1\n",
    } | files
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(content["corpus"], encoding="utf-8")
    (folder / "queries.jsonl").write_text(content["queries"], encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text(content["judged"], encoding="utf-8")
    return folder


def test_a_folder_of_documents_queries_and_judgements_is_read(tmp_path: Path) -> None:
    judged = load_beir(beir(tmp_path / "set"))
    assert judged.dataset.name == "set"
    assert judged.dataset.contexts == (Context("Ada", "Ada\n\nShe wrote.\nA lot."), Context("", "Bees dance."))
    assert [(q.id, q.text, q.answers) for q in judged.dataset.questions] == [
        ("q1", "Who wrote?", ()),
        ("2", "Bees?", ()),
    ]
    # The most relevant document of each; "2" is judged by the first one alone.
    assert [query.context for query in judged.dataset.questions] == [0, 0]
    assert judged.judgements == {"q1": {0: 2, 1: 0}, "2": {0: 1}}
    assert judged.own == {"2": 1}


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        (
            {"corpus": '{"_id": "d1", "text": " "}\n{"_id": "2", "text": "x"}'},
            "corpus.jsonl line 1 (_id d1): the document is",
        ),
        (
            {"corpus": '{"_id": "d1", "text": "x"}\n{"_id": "2", "text": "x"}\n\n{"_id": 2, "text": "y"}'},
            "corpus.jsonl line 4 (_id 2): the _id occurs twice",
        ),
        ({"corpus": "{"}, "corpus.jsonl line 1: not valid JSON"),
        ({"corpus": '{"_id": "d1"}'}, "corpus.jsonl line 1: text: field required"),
        ({"queries": '{"_id": "q1", "text": ""}'}, "queries.jsonl line 1 (_id q1): the query is empty"),
        ({"judged": "query-id\tcorpus-id\tscore\nq1\td1"}, "qrels/test.tsv line 2: it has 2 cells instead of 3"),
        ({"judged": "query-id\tcorpus-id\tscore\nq1\td1\t0.5"}, "qrels/test.tsv line 2: the score '0.5' is no whole"),
        (
            {"judged": "query-id\tcorpus-id\tscore\nq1\td9\t1"},
            "line 2: there is no sound document 'd9' in corpus.jsonl",
        ),
        ({"judged": "query-id\tcorpus-id\tscore\nq9\td1\t1"}, "line 2: there is no sound query 'q9' in queries.jsonl"),
        (
            {"judged": "query-id\tcorpus-id\tscore\nq1\td1\t1\n\nq1\td1\t2"},
            "qrels/test.tsv line 4: the pair q1, d1 is judged twice",
        ),
        ({"judged": "query-id\tcorpus-id\tscore\n"}, "it holds no questions"),
        ({"judged": "q1\td1\t1\n"}, "its first line must be query-id, corpus-id and score"),
    ],
)
def test_faults_of_a_folder_are_named_by_file_and_line(tmp_path: Path, files: dict[str, str], fault: str) -> None:
    folder = beir(tmp_path / "set", **files)
    with pytest.raises(DatasetError) as caught:
        load_beir(folder)
    assert fault in str(caught.value)
    assert any(fault in line for line in check_dataset(folder).faults)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (check,) = [check_dataset(tmp_path)]
    assert len(check.faults) == 1
    assert "no corpus.jsonl, queries.jsonl, qrels/test.tsv" in check.faults[0]


def test_every_faulty_row_is_named_and_not_the_first_three_only(tmp_path: Path) -> None:
    good = {"question": "?", "context": "One two.", "answers": [{"text": "One", "answer_start": 0}]}
    rows = [
        good | {"id": "a"},
        good | {"id": "a"},
        good | {"id": "b", "question": ""},
        good | {"id": "c", "context": " "},
        good | {"id": "d", "answers": [{"text": "two", "answer_start": 3}]},
        good | {"id": "e", "answers": []},
        good,
    ]
    path = tmp_path / "d.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    check = check_dataset(path)
    assert [fault.removeprefix(f"{path}: ") for fault in check.faults] == [
        "line 2 (id a): the id occurs twice",
        "line 3 (id b): the question is empty",
        "line 4 (id c): the context is empty",
        'line 5 (id d): the answer "two" is not at answer_start 3 of its context',
        "line 7: id: field required",
    ]
    assert (check.questions, check.unanswerable, check.contexts) == (2, 1, 1)


def test_a_paragraph_without_text_is_a_fault_even_without_questions(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text(json.dumps({"data": [{"paragraphs": [{"context": " ", "qas": []}]}]}), encoding="utf-8")
    assert check_dataset(path).faults == (f"{path}: article 1, paragraph 1: the context is empty",)


def test_files_that_cannot_be_read_have_one_fault_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    (tmp_path / "none.jsonl").write_text("", encoding="utf-8")
    for name, fault in (
        ("gone.json", "cannot be read"),
        ("bad.json", "not valid JSON"),
        ("none.jsonl", "no questions"),
    ):
        check = check_dataset(tmp_path / name)
        assert len(check.faults) == 1
        assert fault in check.faults[0]
        assert "\n" not in check.faults[0]
