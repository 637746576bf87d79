"""From feedback to a data set: which entry decides, what it gives, and that the evaluation reads it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Document
from qa.evaluation.datasets import Dataset, load_dataset
from qa.feedback import Collected, collect_feedback
from qa.feedback.entries import Entry, Place, question_key
from tests.qa.feedback.making import make_entry, place_of
from tests.web.fakes import FakeIndex, make_document

TEXT = "Café 👩‍👩‍👧‍👦 Zoe\u0301 Müller called on Sunday 🇦🇿.\nZoe\u0301 Müller left on Monday.\n"
CAFE = make_document("cafe", TEXT, title="Café.txt")
BEES = make_document("bees", "Bees dance. 🐝 They tell where flowers are.")
WHO, WHEN = "Zoe\u0301 Müller", "Sunday 🇦🇿"


def collected(*entries: Entry, documents: tuple[Document, ...] = (CAFE, BEES)) -> Collected:
    return collect_feedback(entries, FakeIndex(documents).document)


def read(found: Collected, folder: Path) -> Dataset:
    path = folder / "feedback.json"
    path.write_text(found.to_json(), encoding="utf-8")
    return load_dataset(path)


def test_an_answer_called_right_is_gold_with_all_its_places_in_the_first_document(tmp_path: Path) -> None:
    elsewhere = place_of(BEES, "Bees")
    found = collected(make_entry("right", "Who called?", place_of(CAFE, WHO), place_of(CAFE, WHO, 1), elsewhere))
    dataset = read(found, tmp_path)
    (question,) = dataset.questions
    assert question.text == "Who called?"
    assert [answer.text for answer in question.answers] == [WHO, WHO]
    assert [TEXT[answer.start : answer.end] for answer in question.answers] == [WHO, WHO]
    assert question.answers[0].start < question.answers[1].start
    assert dataset.contexts[question.context].text == TEXT
    assert dataset.contexts[question.context].title == "Café.txt"


def test_a_correction_stands_in_place_of_the_answer(tmp_path: Path) -> None:
    found = collected(make_entry("corrected", "When was it?", place_of(CAFE, WHO), gold=place_of(CAFE, WHEN)))
    (question,) = read(found, tmp_path).questions
    assert question.golds == (WHEN,)
    assert TEXT[question.answers[0].start : question.answers[0].end] == WHEN


def test_a_correction_may_stand_in_another_document(tmp_path: Path) -> None:
    found = collected(make_entry("corrected", "What do bees do?", place_of(CAFE, WHO), gold=place_of(BEES, "dance")))
    dataset = read(found, tmp_path)
    assert dataset.contexts[dataset.questions[0].context].text == BEES.text


@pytest.mark.parametrize(("verdict", "answer"), [("right", None), ("no_answer", WHO), ("no_answer", None)])
def test_without_an_answer_a_question_is_unanswerable(verdict: str, answer: str | None, tmp_path: Path) -> None:
    found = collected(make_entry(verdict, "Who won?", place_of(CAFE, WHO), answer=answer))
    (question,) = read(found, tmp_path).questions
    assert not question.answerable
    assert (found.questions, found.unanswerable) == (1, 1)


def test_later_feedback_on_the_same_question_replaces_earlier(tmp_path: Path) -> None:
    found = collected(
        make_entry("right", "Who called?", place_of(CAFE, WHO)),
        make_entry("right", "What do bees do?", place_of(BEES, "dance")),
        make_entry("corrected", "  who   CALLED ?", place_of(CAFE, WHO), gold=place_of(CAFE, WHEN)),
    )
    dataset = read(found, tmp_path)
    assert [question.golds for question in dataset.questions] == [("dance",), (WHEN,)]


def test_what_is_only_wrong_or_taken_back_gives_nothing() -> None:
    found = collected(
        make_entry("right", "a?", place_of(CAFE, WHO)),
        make_entry("withdrawn", "a?", place_of(CAFE, WHO)),
        make_entry("right", "b?", place_of(CAFE, WHO)),
        make_entry("wrong", "b?", place_of(CAFE, WHO)),
    )
    assert (found.questions, found.wrong, found.left_out) == (0, 1, ())


def test_changed_and_removed_documents_are_left_out_and_named() -> None:
    entries = [
        make_entry("right", "Who called?", place_of(CAFE, WHO)),
        make_entry("right", "What do bees do?", place_of(BEES, "dance")),
        make_entry("no_answer", "Who won?", answer=None),
    ]
    changed = make_document("cafe", "!" + TEXT, title="Café.txt")
    found = collected(*entries, documents=(changed,))
    assert found.questions == 0
    assert [(out.question, out.reason) for out in found.left_out] == [
        ("Who called?", "Café.txt has changed since"),
        ("What do bees do?", "bees is no longer in the index"),
        ("Who won?", "no document was shown with it"),
    ]


def test_the_same_file_read_into_another_text_is_left_out() -> None:
    entry = make_entry("right", "Who called?", place_of(CAFE, WHO))
    moved = make_document("cafe", "!" + TEXT)
    same_hash = Document(
        moved.id, moved.title, moved.source, CAFE.sha256, moved.text, moved.added_at, moved.size, moved.pages
    )
    assert len(collected(entry, documents=(same_hash,)).left_out) == 1


def test_questions_count_as_the_same_whatever_their_case_space_and_end() -> None:
    assert question_key("Who  called?") == question_key(" who CALLED ? ") == question_key("Who called")
    assert question_key("Zoe\u0301?") == question_key("Zo\u00e9?")
    assert question_key("Who called?") != question_key("Who cried?")


@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufeff"), min_size=1), data=st.data()
)
def test_any_marked_span_comes_back_as_it_was_marked(
    text: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    if not text[start:end].strip():
        return
    document = make_document("any", text)
    gold = Place(document_id="any", title="any", sha256=document.sha256, start=start, end=end, text=text[start:end])
    found = collected(make_entry("corrected", "What?", gold, gold=gold), documents=(document,))
    (question,) = read(found, tmp_path_factory.mktemp("set")).questions
    assert (question.answers[0].start, question.answers[0].end) == (start, end)
    assert question.answers[0].text == document.text[start:end]
