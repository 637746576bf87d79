"""Passages that a reader answers from and that hold no answer."""

from pathlib import Path

from index import PassageIndex, add_texts
from index.opening import create_index
from qa.training.mining import as_squad, mine, questions_to_mine
from qa.training.records import Prepared, Question, normalised
from tests.fakes import FakeEncoder, FakeReader

OWN = "Ida Brenn opened the Marn bridge in 1954."
ASKED = "Who opened the Marn bridge?"
MINE_SOURCE = ["squad"]


def prepared(*questions: str, answer: str = "Ida Brenn", source: str = "squad") -> Prepared:
    start = OWN.index(answer)
    return Prepared([OWN], [Question(source, "", 0, text, [[start, start + len(answer)]]) for text in questions])


def index_of(folder: Path, *texts: str) -> PassageIndex:
    index = create_index(folder / "index", FakeEncoder())
    add_texts(index, [(f"memory/{number}.txt", f"Text {number}", text) for number, text in enumerate(texts)])
    return index


def passages_found(folder: Path, *texts: str, least: float = 0.0, forbidden: tuple[str, ...] = ()) -> list[str]:
    data = prepared(ASKED)
    index = index_of(folder, *texts)
    found = mine(data, data.questions, index, FakeReader(), {normalised(text) for text in forbidden}, least=least)
    return [one.passage for one in found]


def test_a_passage_that_is_answered_from_without_the_answer_is_taken(tmp_path: Path) -> None:
    wrong = "Tom Pask opened the Marn bridge again."
    assert passages_found(tmp_path, OWN, wrong) == [wrong]


def test_what_may_answer_after_all_is_not(tmp_path: Path) -> None:
    # The reader finds the words after the last that is shared: the answer in another form, and in other words besides it.
    assert (
        passages_found(
            tmp_path, "When it was opened the Marn bridge Brénn named.", "Ida Brenn: opened, the Marn bridge."
        )
        == []
    )


def test_another_cut_of_the_text_that_was_asked_is_not(tmp_path: Path) -> None:
    cut = "Nobody but her opened the Marn bridge again."
    data = Prepared([f"{OWN} {cut}"], [Question("squad", "", 0, ASKED, [[0, 9]])])
    assert list(mine(data, data.questions, index_of(tmp_path, cut), FakeReader(), set(), least=0.0)) == []


def test_neither_is_what_the_reader_is_not_sure_enough_of_nor_what_is_measured_by(tmp_path: Path) -> None:
    wrong = "Tom Pask opened the Marn bridge again."
    assert passages_found(tmp_path / "a", wrong, least=9.0) == []
    assert passages_found(tmp_path / "b", wrong, forbidden=(f"{wrong} It fell.",)) == []


def test_two_passages_of_a_question_are_taken_at_the_most(tmp_path: Path) -> None:
    told: list[int] = []
    data = prepared(ASKED)
    texts = [f"Olm number {number} opened the Marn bridge again." for number in range(4)]
    found = list(
        mine(data, data.questions, index_of(tmp_path, *texts), FakeReader(), set(), least=0.0, progress=told.append)
    )
    assert len(found) == 2
    assert told == [1]
    assert all(one.found == "again" and one.score > 0 for one in found)


def test_only_questions_that_name_something_are_asked() -> None:
    data = prepared("Who opened it?", "Who opened the Marn?", "Who did it in 1954?", 'Who opened the "Marn"?')
    assert {one.question for one in questions_to_mine(data, MINE_SOURCE, 10, 1)} == {
        one.question for one in data.questions[1:]
    }
    assert len(questions_to_mine(data, MINE_SOURCE, 2, 1)) == 2
    assert questions_to_mine(data, ["other"], 10, 1) == []


def test_they_make_a_squad_file_without_answers(tmp_path: Path) -> None:
    data = prepared(ASKED)
    wrong = "Tom Pask opened the Marn bridge again."
    made = as_squad(list(mine(data, data.questions, index_of(tmp_path, wrong), FakeReader(), set(), least=0.0)))
    assert made["data"][0]["paragraphs"] == [
        {"context": wrong, "qas": [{"id": "0", "question": ASKED, "is_impossible": True, "answers": []}]}
    ]
