"""Loading and checking question files."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import DatasetError
from qa.evaluation.datasets import Context, Dataset, GoldAnswer, Question, combine, load_dataset

CONTEXT = "Ada wrote it in 1843. 🦊 Babbage read it in 1843."


# Line ends and byte-order marks have a test of their own.
TEXT_WITHOUT_CR = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufeff"), min_size=1, max_size=40
)


def squad(*qas: dict[str, Any], context: str = CONTEXT, title: str = "Ada") -> dict[str, Any]:
    return {"data": [{"title": title, "paragraphs": [{"context": context, "qas": list(qas)}]}]}


def row(identity: str = "q1", **changes: object) -> dict[str, Any]:
    row = {"id": identity, "question": "Who read it?", "answers": [{"text": "Babbage", "answer_start": 24}]}
    return row | changes


def write(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def write_lines(path: Path, *rows: dict[str, Any]) -> Path:
    return write(path, "".join(json.dumps(row) + "\n" for row in rows))


def test_squad_questions_keep_their_offsets_in_code_points(tmp_path: Path) -> None:
    dataset = load_dataset(write(tmp_path / "d.json", squad(row(), row("q2", answers=[], is_impossible=True))))
    assert dataset == Dataset(
        "d.json",
        (Context("Ada", CONTEXT),),
        # The fox is one code point: "Babbage" begins at 24, where UTF-16 would count 25.
        (Question("q1", "Who read it?", 0, (GoldAnswer("Babbage", 24),)), Question("q2", "Who read it?", 0, ())),
    )
    first, second = dataset.questions
    assert (first.answerable, first.golds, first.answers[0].end) == (True, ("Babbage",), 31)
    assert (second.answerable, second.golds) == (False, ())


def test_equal_contexts_are_pooled(tmp_path: Path) -> None:
    data = (
        squad(row("q1"))["data"]
        + squad(row("q2"), title="again")["data"]
        + squad(row("q3"), context=CONTEXT + "!")["data"]
    )
    dataset = load_dataset(write(tmp_path / "d.json", {"data": data}))
    assert [context.text for context in dataset.contexts] == [CONTEXT, CONTEXT + "!"]
    assert [question.context for question in dataset.questions] == [0, 0, 1]
    assert dataset.contexts[0].title == "Ada"


def test_json_lines_with_contexts_and_documents(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "ada.txt").write_bytes(b"Line one.\r\nLine two.\r\n")
    answer = [{"text": "two", "answer_start": 15}]  # in the canonical text, where CRLF is one character
    path = write_lines(
        tmp_path / "d.jsonl",
        row("q1", context=CONTEXT),
        row("q2", document="articles/ada.txt", answers=answer),
        row("q3", document="articles/ada.txt", answers=answer, title="never used: the text is pooled"),
        row("q4", context=CONTEXT + "\u2028", answers=[]),
    )
    with path.open("a", encoding="utf-8") as file:
        file.write("\n   \n" + json.dumps(row("q5", context="x\u2028Babbage y", answers=[]), ensure_ascii=False))
    dataset = load_dataset(path)
    assert [(q.id, q.context, q.answerable) for q in dataset.questions] == [
        ("q1", 0, True),
        ("q2", 1, True),
        ("q3", 1, True),
        ("q4", 2, False),
        ("q5", 3, False),
    ]
    assert dataset.contexts[1] == Context("ada", "Line one.\nLine two.\n")


@pytest.mark.parametrize(
    ("changes", "answerable"),
    [
        ({"is_impossible": False}, True),
        ({"answers": [], "is_impossible": True}, False),
        ({"answers": []}, False),
        ({"answers": None, "is_impossible": True}, False),
        ({"id": 17}, True),
        ({"plausible_answers": [{"text": "ignored", "answer_start": -1}]}, True),
    ],
)
def test_accepted_rows(tmp_path: Path, changes: dict[str, object], answerable: bool) -> None:
    question = load_dataset(write(tmp_path / "d.json", squad(row(**changes)))).questions[0]
    assert question.answerable is answerable
    assert question.id == str(changes.get("id", "q1"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answers": [{"text": "Babbage", "answer_start": 25}]}, 'answer "Babbage" is not at answer_start 25'),
        # Counted from the end of the context it would fit.
        ({"answers": [{"text": "in", "answer_start": -8}]}, 'answer "in" is not at answer_start -8'),
        ({"answers": [{"text": "1843." + "x" * 90, "answer_start": 45}]}, "is not at answer_start 45"),
        ({"answers": [{"text": " ", "answer_start": 3}]}, "an answer is empty"),
        ({"answers": [{"text": "", "answer_start": 3}]}, "an answer is empty"),
        ({"answers": [], "is_impossible": False}, "it has no answers although is_impossible is false"),
        ({"is_impossible": True}, "it has answers although is_impossible is true"),
        ({"answers": None}, "it has neither answers nor is_impossible: true"),
        ({"question": " \n"}, "the question is empty"),
        ({"question": "\ud800?"}, "the question has half a character (a lone surrogate) at offset 0"),
        ({"question": 5}, "question: input should be a valid string"),
        ({"is_impossible": "false"}, "is_impossible: input should be a valid boolean"),
        (
            {"answers": [{"text": "Babbage", "answer_start": "24"}]},
            "answers.0.answer_start: input should be a valid integer",
        ),
        ({"answers": [{"text": "Babbage"}]}, "answers.0.answer_start: field required"),
    ],
)
def test_faulty_rows_are_named(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    path = write(tmp_path / "d.json", squad(row(**changes)))
    with pytest.raises(DatasetError) as caught:
        load_dataset(path)
    heading, fault = str(caught.value).split("\n")
    assert heading == f"{path}: 1 faulty entry. Correct or remove:"
    assert fault.startswith("question q1: ")
    assert message in fault
    lines = write_lines(tmp_path / "d.jsonl", row("q0", context=CONTEXT), row(**changes) | {"context": CONTEXT})
    with pytest.raises(DatasetError) as caught:
        load_dataset(lines)
    assert "line 2 (id q1): " in str(caught.value)
    assert message in str(caught.value)


def test_only_the_first_faults_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    rows = [row("good"), *(row("same") for _ in range(4)), row("bad", question=""), {"question": "no id"}]
    with pytest.raises(DatasetError) as caught:
        load_dataset(write(tmp_path / "d.json", squad(*rows)))
    heading, faults = str(caught.value).split("\n")
    assert "5 faulty entries" in heading  # three times "same" again, "bad", and the one without an id
    twice = "question same: the id occurs twice"
    assert faults == f"{twice}; {twice}; {twice}; and 2 more."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"id": "q1"}\n{"id": "q2"}', "must be named .jsonl"),
        ("[]", 'no list called "data"'),
        ({"data": {}}, 'no list called "data"'),
        ({"data": []}, "it holds no questions"),
        ({"data": [{"title": "x"}]}, "article 1: it needs a list called paragraphs"),
        ({"data": ["x"]}, "article 1: it needs a list called paragraphs"),
        ({"data": [{"paragraphs": ["x"]}]}, "article 1, paragraph 1: it is not an object"),
        ({"data": [{"paragraphs": [{"context": CONTEXT}]}]}, "paragraph 1: it needs a context (text) and qas (a list)"),
        (
            {"data": [{"paragraphs": [{"context": CONTEXT, "qas": [3]}]}]},
            "article 1, paragraph 1, question 1: the entry: ",
        ),
        (squad(row(), context=""), "question q1: the context is empty"),
    ],
)
def test_files_that_are_no_squad(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(DatasetError, match=r"d\.json: ") as caught:
        load_dataset(write(tmp_path / "d.json", content))
    assert message in str(caught.value)
    assert str(caught.value).count("\n") <= 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: not valid JSON"),
        ("[1]", "line 2: the entry: "),
        (json.dumps(row()), "line 2 (id q1): it needs either a context or a document"),
        (json.dumps(row(context="x", document="y")), "line 2 (id q1): it needs either a context or a document"),
        (json.dumps(row(document="missing.txt")), "missing.txt: cannot be read"),
        (json.dumps(row("q0", context=CONTEXT)), "line 2 (id q0): the id occurs twice"),
    ],
)
def test_lines_that_are_no_questions(tmp_path: Path, line: str, message: str) -> None:
    path = write(tmp_path / "d.jsonl", json.dumps(row("q0", context=CONTEXT)) + "\n" + line)
    with pytest.raises(DatasetError) as caught:
        load_dataset(path)
    assert message in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"missing\.json: cannot be read"):
        load_dataset(tmp_path / "missing.json")
    with pytest.raises(DatasetError, match="cannot be read"):
        load_dataset(tmp_path)
    (tmp_path / "latin.json").write_bytes(b'{"data": "\xe9"}')
    with pytest.raises(DatasetError, match="not UTF-8 text"):
        load_dataset(tmp_path / "latin.json")


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text("\ufeff" + json.dumps(squad(row())), encoding="utf-8")
    assert len(load_dataset(tmp_path / "d.json").questions) == 1


def dataset_of(count: int) -> Dataset:
    return Dataset("d", (Context("", "x"),), tuple(Question(str(i), "?", 0, ()) for i in range(count)))


def test_a_sample_is_spread_over_the_file() -> None:
    # 0 * 10 // 4, 1 * 10 // 4, 2 * 10 // 4, 3 * 10 // 4
    assert [question.id for question in dataset_of(10).sample(4)] == ["0", "2", "5", "7"]
    assert len(dataset_of(10).sample(None)) == len(dataset_of(10).sample(11)) == 10
    with pytest.raises(DatasetError, match="at least 1"):
        dataset_of(10).sample(0)


@given(st.integers(1, 60), st.integers(1, 60))
def test_a_sample_has_its_size_and_no_question_twice(count: int, limit: int) -> None:
    ids = [int(question.id) for question in dataset_of(count).sample(limit)]
    assert len(ids) == min(count, limit)
    assert ids == sorted(set(ids))
    gaps = [after - before for before, after in itertools.pairwise(ids)]
    assert not gaps or max(gaps) - min(gaps) <= 1


@given(TEXT_WITHOUT_CR, st.data())
def test_every_true_span_loads_and_slices_back(
    tmp_path_factory: pytest.TempPathFactory, context: str, data: st.DataObject
) -> None:
    if not context.strip():
        return
    start = data.draw(st.integers(0, len(context) - 1))
    end = data.draw(st.integers(start + 1, len(context)))
    text = context[start:end]
    if not text.strip():
        return
    path = tmp_path_factory.mktemp("set") / "d.json"
    rows = [row(answers=[{"text": text, "answer_start": start}])]
    dataset = load_dataset(write(path, squad(*rows, context=context)))
    answer = dataset.questions[0].answers[0]
    assert dataset.contexts[0].text[answer.start : answer.end] == answer.text == text
    wrong = [row(answers=[{"text": text + "\u0000", "answer_start": start}])]
    if context[start : end + 1] != text + "\u0000":
        with pytest.raises(DatasetError):
            load_dataset(write(path, squad(*wrong, context=context)))


def test_line_ends_are_one_character_once_read(tmp_path: Path) -> None:
    context = "One\r\ntwo\rthree\r\n\r\nfour two"
    rows = [
        row("q1", answers=[{"text": "two", "answer_start": 5}, {"text": "two\rthree", "answer_start": 5}]),
        row("q2", answers=[{"text": "four", "answer_start": 18}]),
    ]
    dataset = load_dataset(write(tmp_path / "d.json", squad(*rows, context=context)))
    assert dataset.contexts[0].text == "One\ntwo\nthree\n\nfour two"
    assert [question.answers for question in dataset.questions] == [
        (GoldAnswer("two", 4), GoldAnswer("two\nthree", 4)),
        (GoldAnswer("four", 15),),
    ]
    split = row(answers=[{"text": "\ntwo", "answer_start": 4}])
    with pytest.raises(DatasetError, match="begins or ends within a line end"):
        load_dataset(write(tmp_path / "d.json", squad(split, context=context)))


@given(st.text(st.sampled_from("ab\r\n\ufeff"), min_size=1, max_size=12), st.data())
def test_moved_offsets_still_slice_to_the_answer(
    tmp_path_factory: pytest.TempPathFactory, context: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(context) - 1))
    text = context[start : data.draw(st.integers(start + 1, len(context)))]
    if not text.strip():
        return
    path = write(
        tmp_path_factory.mktemp("set") / "d.json",
        squad(row(answers=[{"text": text, "answer_start": start}]), context=context),
    )
    try:
        dataset = load_dataset(path)
    except DatasetError as error:
        assert "begins or ends within a line end" in str(error)  # noqa: PT017
        assert text[0] in "\n\ufeff" or text[-1] == "\r"
        return
    answer = dataset.questions[0].answers[0]
    assert "\r" not in dataset.contexts[0].text
    assert dataset.contexts[0].text[answer.start : answer.end] == answer.text
    assert answer.text.split() == text.removeprefix("\ufeff").split() or "\ufeff" in text


def test_several_files_count_as_one(tmp_path: Path) -> None:
    rows = {
        "a.jsonl": [("q1", "The cat sat.", "The cat"), ("q2", "A dog ran.", None)],
        "b.jsonl": [("q1", "A dog ran.", "A dog"), ("q3", "Rain fell.", "Rain")],
    }
    files = []
    for name, questions in rows.items():
        lines = [
            {
                "id": key,
                "question": "Who?",
                "context": text,
                "answers": [{"text": gold, "answer_start": 0}] if gold else [],
            }
            for key, text, gold in questions
        ]
        (tmp_path / name).write_text("\n".join(json.dumps(line) for line in lines))
        files.append(load_dataset(tmp_path / name))
    both = combine(files)
    assert both.name == "a.jsonl + b.jsonl"
    assert [context.text for context in both.contexts] == ["The cat sat.", "A dog ran.", "Rain fell."]
    seen = [(question.id, both.contexts[question.context].text, question.golds) for question in both.questions]
    assert seen == [
        ("a.jsonl:q1", "The cat sat.", ("The cat",)),
        ("q2", "A dog ran.", ()),
        ("b.jsonl:q1", "A dog ran.", ("A dog",)),
        ("q3", "Rain fell.", ("Rain",)),
    ]
    assert combine(files[:1]) is files[0]
    with pytest.raises(DatasetError, match="at least one"):
        combine([])


def test_files_without_questions_only_add_contexts() -> None:
    asked = Dataset("a", (Context("", "One."),), (Question("q", "Which?", 0, ()),))
    other = Dataset("b", (Context("", "Two."), Context("", "One.")), ())
    both = combine([asked, other])
    assert (both.name, both.questions) == ("a", asked.questions)
    assert [context.text for context in both.contexts] == ["One.", "Two."]


def test_files_of_one_name_are_numbered() -> None:
    files = [Dataset("q.csv", (Context("", text),), (Question("1", "Which?", 0, ()),)) for text in ("One.", "Two.")]
    assert [question.id for question in combine(files).questions] == ["q.csv#1:1", "q.csv#2:1"]
