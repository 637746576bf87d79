"""Question files in CSV: what is read, and what is refused by name."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import DatasetError
from qa.evaluation.datasets import Context, GoldAnswer, load_dataset

TEXT = "Ada wrote it in 1843. 🦊 Babbage read it in 1843."


def table(folder: Path, *rows: str, header: str = "id,question,document,answer,answer_start,answer2") -> Path:
    (folder / "ada.txt").write_text(TEXT, encoding="utf-8")
    path = folder / "d.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


def faults(path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        load_dataset(path)
    return str(caught.value)


def test_questions_about_articles_are_read_with_one_answer_several_or_none(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "q1,Who read it?,ada.txt,Babbage,,",
        "q2,When?,ada.txt,1843,43,in 1843",
        '"q3","Who, then, died?",ada.txt',
        ",,,",
        header="ID, Question ,document,answer,answer_start,note",
    )
    dataset = load_dataset(path)
    assert dataset.name == "d.csv"
    assert dataset.contexts == (Context("ada", TEXT),)
    assert [(q.id, q.text, q.answers) for q in dataset.questions] == [
        ("q1", "Who read it?", (GoldAnswer("Babbage", 24),)),
        ("q2", "When?", (GoldAnswer("1843", 43),)),
        ("q3", "Who, then, died?", ()),
    ]


def test_further_answers_stand_in_further_columns_or_rows(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "q1,Who?,ada.txt,Ada,,Babbage,1843,16",
        "q2,Who wrote it?,ada.txt,Ada",
        "q3,?,ada.txt,",
        "q2,Who wrote it?,ada.txt,,,Ada wrote it",
        header="id,question,document,answer,answer_start,answer2,answer10,answer_start10",
    )
    # A question comes when its last row is read.
    first, third, second = load_dataset(path).questions
    assert [question.id for question in (first, second, third)] == ["q1", "q2", "q3"]
    assert first.answers == (GoldAnswer("Ada", 0), GoldAnswer("Babbage", 24), GoldAnswer("1843", 16))
    assert second.answers == (GoldAnswer("Ada", 0), GoldAnswer("Ada wrote it", 0))
    assert third.answers == ()


def test_without_ids_every_row_is_a_question_of_its_own(tmp_path: Path) -> None:
    path = table(tmp_path, "?,One.,One", "?,One.,One", header="question,context,answer")
    assert [(q.id, q.context, q.golds) for q in load_dataset(path).questions] == [
        ("1", 0, ("One",)),
        ("2", 0, ("One",)),
    ]


def test_line_ends_in_a_cell_are_counted_as_they_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b'\xef\xbb\xbfquestion,context,answer,answer_start\r\n?,"One\r\ntwo two",two,9\r\n')
    dataset = load_dataset(path)
    assert dataset.contexts[0].text == "One\ntwo two"
    assert dataset.questions[0].answers == (GoldAnswer("two", 8),)


@pytest.mark.parametrize("start", ["", "23"])
def test_line_ends_of_answers_about_articles_are_those_of_the_text_as_it_is_read(tmp_path: Path, start: str) -> None:
    (tmp_path / "ice.txt").write_bytes(b"Still.\r\nIt stopped on a Tuesday.\r\nNobody wept.\r\n")
    path = tmp_path / "d.csv"
    row = f'When?,ice.txt,"Tuesday.\r\nNobody",{start}\r\n'
    path.write_bytes(f"question,document,answer,answer_start\r\n{row}".encode())
    dataset = load_dataset(path)
    assert dataset.questions[0].answers == (GoldAnswer("Tuesday.\nNobody", 23),)


def test_a_row_without_an_id_is_told_from_one_that_has_its_number(tmp_path: Path) -> None:
    rows = ("2,?,ada.txt,Ada", ",Who?,ada.txt,Babbage", "row 4,?,ada.txt,Ada", ",?,ada.txt,Ada", "4,?,ada.txt,Ada")
    path = table(tmp_path, *rows, header="id,question,document,answer")
    assert [(q.id, q.text, q.golds) for q in load_dataset(path).questions] == [
        ("2", "?", ("Ada",)),
        ("row 2", "Who?", ("Babbage",)),
        ("row 4", "?", ("Ada",)),
        ("row row 4", "?", ("Ada",)),
        ("4", "?", ("Ada",)),
    ]


@pytest.mark.parametrize("column", ["answer_start_note", "answer_starts", "answer_start²", "answers", "answer_note"])
def test_unknown_columns_are_passed_over_whatever_their_names_begin_with(tmp_path: Path, column: str) -> None:
    path = table(tmp_path, "?,ada.txt,Ada,hello", header=f"question,document,answer,{column}")
    assert load_dataset(path).questions[0].answers == (GoldAnswer("Ada", 0),)


def test_a_cell_may_be_longer_than_python_allows_by_itself(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    path = table(tmp_path, f"?,{'x ' * 100_000}end,end", header="question,context,answer")
    assert load_dataset(path).questions[0].answers == (GoldAnswer("end", 200_000),)
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("q1,?,ada.txt,1843,,", 'line 2 (id q1): the answer "1843" occurs more than once in the text'),
        ("q1,?,ada.txt,Eve,,", 'line 2 (id q1): the answer "Eve" does not occur in the text'),
        ("q1,?,ada.txt,1843,17,", 'line 2 (id q1): the answer "1843" is not at answer_start 17'),
        ("q1,?,ada.txt,1843,4x,", "line 2 (id q1): its answer_start '4x' is no whole number"),
        ("q1,?,ada.txt,,4,", "line 2 (id q1): it has an answer_start without an answer"),
        ("q1,,ada.txt,Ada,,", "line 2 (id q1): the question is empty"),
        ("q1,?,,Ada,,", "line 2 (id q1): it needs either a context or a document"),
        ("q1,?,eve.txt,Ada,,", "eve.txt: cannot be read"),
        ("q1,?,ada.txt,Ada,,,,x", "line 2: it has 8 cells, but there are 6 columns"),
        ("q1,?,ada.txt,Ada,,\nq1,Who?,ada.txt,Ada,,", "line 3 (id q1): the id occurs twice, with another question"),
        ("q1,?,ada.txt,Ada,,\nq1,?,ada.txt,,,", "line 3 (id q1): the id occurs twice, once with an answer"),
        ("q1,?,ada.txt,,,\nq1,?,ada.txt,Ada,,", "line 3 (id q1): the id occurs twice, once with an answer"),
        ('q1,?,ada.txt,"Ada" x,,', "line 2: not valid CSV"),
    ],
)
def test_faulty_rows_are_named_by_their_line(tmp_path: Path, row: str, fault: str) -> None:
    message = faults(table(tmp_path, row))
    assert "1 faulty entry" in message
    assert fault in message


def test_overlapping_places_of_an_answer_are_two(tmp_path: Path) -> None:
    assert "more than once" in faults(table(tmp_path, "?,anana,ana", header="question,context,answer"))


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "no column question, answer, document; it has: none"),
        ("question;answer;document", "with commas between them"),
        ("question,document", "no column answer"),
        ("question,answer", "no column document"),
        ("question,answer,document,answer", "the column answer occurs twice"),
    ],
)
def test_a_header_without_the_needed_columns_is_refused(tmp_path: Path, header: str, message: str) -> None:
    assert message in faults(table(tmp_path, "a,b,c", header=header))


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufeff\0"), min_size=1, max_size=20)


@given(CELLS, st.data())
def test_every_span_that_csv_can_carry_comes_back(
    tmp_path_factory: pytest.TempPathFactory, context: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(context) - 1))
    answer = context[start : data.draw(st.integers(start + 1, len(context)))]
    if not answer.strip():
        return
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["question", "context", "answer", "answer_start"], ["?", context, answer, start]])
    path = tmp_path_factory.mktemp("set") / "d.csv"
    path.write_bytes(file.getvalue().encode())
    dataset = load_dataset(path)
    assert dataset.contexts[0].text == context
    assert dataset.questions[0].answers == (GoldAnswer(answer, start),)
    once = sum(context.startswith(answer, place) for place in range(len(context))) == 1
    path.write_bytes(path.read_bytes().replace(f",{start}\r\n".encode(), b",\r\n"))
    if once:
        assert load_dataset(path).questions[0].answers == (GoldAnswer(answer, start),)
    else:
        assert "more than once" in faults(path)
