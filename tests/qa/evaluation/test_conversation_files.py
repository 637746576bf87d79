"""What lines say of lists, claims and follow-ups: faults are named before a run, by eval and by the check alike."""

import json
from pathlib import Path
from typing import Any

import pytest

from index.errors import DatasetError
from qa.evaluation.checking import check_dataset
from qa.evaluation.claims import question_claims
from qa.evaluation.conversation_files import load_rows
from qa.evaluation.datasets import load_dataset

SPAN = {"text": "Ada", "answer_start": 0}
ROW: dict[str, Any] = {"id": "1", "question": "Who?", "context": "Ada and Bo.", "answers": [SPAN]}
CLAIM: dict[str, Any] = {"document": "a.txt", "speaker": [], "answers": [SPAN]}


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "talk.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"set": []}, "set: list should have at least 1 item"),
        ({"set": None}, "set: input should be a valid list"),
        ({"set": ["Ada"]}, "set.0: input should be a valid list"),
        ({"set": [[]]}, "set.0: list should have at least 1 item"),
        ({"set": [["Ada"]]}, "set.0.0: input should be a valid dictionary"),
        ({"set": [[{"text": "Ada"}]]}, "set.0.0.answer_start: field required"),
        ({"claims": None, "agree": True}, "claims: input should be a valid list"),
        ({"claims": [], "agree": True}, "claims: list should have at least 1 item"),
        ({"claims": ["Ada"]}, "claims.0: input should be a valid dictionary"),
        ({"claims": [{"speaker": [], "answers": [SPAN]}]}, "claims.0.document: field required"),
        ({"claims": [{**CLAIM, "document": ["a.txt"]}]}, "claims.0.document: input should be a valid string"),
        ({"claims": [{**CLAIM, "answers": []}]}, "claims.0.answers: list should have at least 1 item"),
        ({"claims": [{**CLAIM, "speaker": "Ada"}]}, "claims.0.speaker: input should be a valid list"),
        ({"claims": [CLAIM], "agree": "no"}, "agree: input should be a valid boolean"),
    ],
)
def test_lists_and_claims_that_cannot_be_scored_are_named(tmp_path: Path, fields: dict[str, Any], fault: str) -> None:
    path = written(tmp_path, {**ROW, **fields}, {**ROW, "id": "2"})
    with pytest.raises(DatasetError, match="1 faulty entry") as caught:
        load_rows(path, load_dataset(path))
    assert f"line 1 (id 1): {fault}" in str(caught.value)

    told: list[str] = []
    dataset, rows = load_rows(path, load_dataset(path), told.append)
    assert [question.id for question in dataset.questions] == list(rows) == ["2"]
    assert len(told) == 1
    assert f"{path}: line 1 (id 1): {fault}" in told[0]
    check = check_dataset(path)
    assert check.faults == tuple(told)
    assert (check.questions, check.unanswerable) == (1, 0)


def test_what_follows_a_faulty_list_is_left_out_with_it(tmp_path: Path) -> None:
    follower = {**ROW, "id": "2", "follows": "1", "standalone": "Who?"}
    path = written(tmp_path, {**ROW, "set": []}, follower, {**ROW, "id": "3"})
    told: list[str] = []
    _, rows = load_rows(path, load_dataset(path), told.append)
    assert list(rows) == ["3"]
    assert told[1] == f"{path}: line 2 (id 2): it follows 1, which was left out"
    # Nothing is wrong with the follow-up itself.
    assert len(check_dataset(path).faults) == 1


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"set": [[SPAN], [{"text": "Bo", "answer_start": 9}]]}, 'set.1: "Bo" is not at answer_start 9 of its context'),
        ({"set": [[{"text": "Bo.", "answer_start": -3}]]}, 'set.0: "Bo." is not at answer_start -3 of its context'),
        ({"set": [[{"text": " ", "answer_start": 3}]]}, "set.0: a span is empty"),
        (
            {"claims": [CLAIM, {**CLAIM, "answers": [{"text": "Ada", "answer_start": 3000}]}]},
            'claims.1: "Ada" is not at answer_start 3000 of a.txt',
        ),
        (
            {"claims": [{**CLAIM, "speaker": [{"text": "Bo", "answer_start": 0}]}]},
            'claims.0: "Bo" is not at answer_start 0',
        ),
        ({"claims": [{**CLAIM, "document": "b.txt"}]}, "claims.0: no line that can be read has the document b.txt"),
        ({"claims": [{**CLAIM, "document": "./a.txt"}]}, "claims.0: no line that can be read has the document ./a.txt"),
    ],
)
def test_spans_of_lists_and_claims_must_stand_where_they_say(
    tmp_path: Path, fields: dict[str, Any], fault: str
) -> None:
    (tmp_path / "a.txt").write_text("Ada, of another article.", encoding="utf-8")
    article = {"id": "2", "question": "Who?", "document": "a.txt", "answers": [SPAN]}
    path = written(tmp_path, {**ROW, **fields}, article)
    with pytest.raises(DatasetError) as caught:
        load_rows(path, load_dataset(path))
    assert f"line 1 (id 1): {fault}" in str(caught.value)
    (told,) = check_dataset(path).faults
    assert f"{path}: line 1 (id 1): {fault}" in told


def test_sound_lists_and_claims_are_kept_as_they_are_and_speakers_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada, of another article.", encoding="utf-8")
    claim = {"document": "a.txt", "answers": [SPAN]}
    of_article = {"id": "3", "question": "Who?", "document": "a.txt", "answers": [SPAN], "set": [[SPAN]]}
    # A list that goes on in another document.
    on = {
        **ROW,
        "id": "4",
        "set": [[SPAN], [{"text": "article", "answer_start": 16}]],
        "also_in": [{"document": "a.txt"}],
    }
    rows = (
        # Offsets count the characters of the file, line ends as they are there.
        {**ROW, "context": "Ada\r\nand Bo.", "set": [[SPAN], [SPAN, {"text": "Bo", "answer_start": 9}]]},
        {**ROW, "id": "2", "claims": [claim, CLAIM], "agree": False},
        of_article,
        on,
    )
    path = written(tmp_path, *rows)
    assert check_dataset(path).faults == ()
    _, found = load_rows(path, load_dataset(path))
    assert [found[name].fields for name in found] == list(rows)
    assert question_claims(found["2"].fields, None, {}) == {"differing_shown": 0.0, "differing_both": 0.0}


def test_the_check_names_follow_ups_of_nothing(tmp_path: Path) -> None:
    follower = {**ROW, "id": "2", "follows": "99", "standalone": "Why?", "answers": []}
    path = written(tmp_path, ROW, follower)
    check = check_dataset(path)
    assert check.faults == (f"{path}: line 2 (id 2): it follows 99, which is not in the file",)
    assert (check.questions, check.unanswerable, check.contexts) == (1, 0, 1)
    # A row of its own fault is named once, and what follows it is not faulty itself.
    path = written(tmp_path, {**ROW, "question": ""}, {**follower, "follows": "1"}, {**ROW, "id": "3"})
    assert check_dataset(path).faults == (f"{path}: line 1 (id 1): the question is empty",)


def test_the_check_of_lines_without_conversations_reads_no_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.evaluation.conversation_files.Rows", None)
    assert check_dataset(written(tmp_path, ROW, {**ROW, "id": "2"})).faults == ()
