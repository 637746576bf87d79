"""Scores by kinds of questions: the kinds by hand, and that the numbers of every grouping add up to the totals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluation.breakdown import (
    DOCUMENTS_LISTED,
    LENGTHS,
    TYPES,
    answer_length,
    break_down,
    document_name,
    question_type,
    table_lines,
)
from qa.evaluation.datasets import Context
from qa.evaluation.report import QuestionResult
from qa.evaluation.shapes import STAGES, Breakdown, Group


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who wrote it?", "who"),
        ("To whom was it sold?", "who"),
        ("Whose engine was it?", "who"),
        ("Who's there?", "who"),
        ("WHEN did it start?", "when"),
        ("Since when?", "when"),
        ("In what year did it start?", "what"),
        ("Which year?", "what"),
        ("What's a hive?", "what"),
        ("Where is it?", "where"),
        ("Why?", "why"),
        ("How many bees are there?", "how many"),
        ("About how much honey?", "how many"),
        ("How old is it?", "how"),
        ("How does many a bee fly?", "how"),
        ("And how?", "how"),
        ("He showed what how many mean?", "what"),
        ("Name the author.", "other"),
        ("Is the whole whatever somewhere?", "other"),
        ("¿Quién?", "other"),
        ("1 2 3", "other"),
    ],
)
def test_the_first_question_word_makes_the_type(question: str, kind: str) -> None:
    assert question_type(question) == kind


@pytest.mark.parametrize(
    ("golds", "length"),
    [
        ([], "unanswerable"),
        (["London"], "1"),
        (["the"], "1"),
        (["the engine"], "1"),
        (["two words", "one"], "2-3"),
        (["three short words"], "2-3"),
        (["four words stand here"], "4-7"),
        (["a b c d e f g h"], "4-7"),  # "a" is an article
        (["b c d e f g h i"], "8+"),
    ],
)
def test_the_length_is_that_of_the_first_answer_in_tokens_of_f1(golds: list[str], length: str) -> None:
    assert answer_length(golds) == length


def result(
    number: int, *, question: str = "Who?", context: int = 0, exact: float = 1.0, f1: float = 1.0, **more: object
) -> QuestionResult:
    return QuestionResult.model_validate(
        {
            "id": str(number),
            "question": question,
            "golds": ("Ada",),
            "context": context,
            "exact_match": exact,
            "f1": f1,
            "seconds": 0.1,
            **more,
        }
    )


def test_documents_are_titles_and_the_worst_come_first() -> None:
    contexts = [Context("Zoe", "a"), Context("Bees", "b"), Context("Zoe", "c"), Context(" ", "d"), Context("", "e")]
    results = [
        result(0, context=0, f1=0.5),
        result(1, context=2, f1=0.3),
        result(2, context=1, f1=0.4),
        result(3, context=3, f1=0.0),
        result(4, context=4, f1=0.9),
    ]
    documents = break_down(results, contexts).documents
    assert [(group.name, group.questions, group.f1) for group in documents] == [
        ("context 4", 1, 0.0),
        ("Zoe", 2, pytest.approx(40.0)),
        ("Bees", 1, pytest.approx(40.0)),
        ("context 5", 1, pytest.approx(90.0)),
    ]
    assert document_name(contexts, 4) == "context 5"


def test_documents_beyond_those_listed_are_one_group() -> None:
    contexts = [Context(f"title {number:02}", str(number)) for number in range(DOCUMENTS_LISTED + 3)]
    results = [result(number, context=number, f1=number / 100) for number in range(len(contexts))]
    breakdown = break_down(results, contexts)
    assert len(breakdown.documents) == DOCUMENTS_LISTED
    rest = breakdown.other_documents
    assert rest is not None
    assert (rest.name, rest.questions, rest.f1) == ("3 other documents", 3, pytest.approx(51.0))


def test_a_result_without_scores_is_refused() -> None:
    with pytest.raises(ValueError, match="without an exact match"):
        break_down([result(0).model_copy(update={"f1": None})], [Context("", "a")])


def test_stages_are_left_out_when_one_is_unknown() -> None:
    contexts = [Context("", "a")]
    assert break_down([result(0, stage="right"), result(1)], contexts).stage is None
    both = break_down([result(0, stage="right"), result(1, stage="not_retrieved", f1=0.0, exact=0.0)], contexts).stage
    assert both == (
        Group(name="right", questions=1, exact_match=100, f1=100),
        Group(name="not_retrieved", questions=1, exact_match=0, f1=0),
    )


def test_wrong_answers_are_counted_by_the_passage_that_they_stand_in() -> None:
    results = [
        result(0, stage="read_wrongly", in_gold_passage=True),
        result(1, stage="ranked_wrongly", in_gold_passage=False),
        result(2, stage="ranked_wrongly", in_gold_passage=False),
        result(3, stage="not_retrieved", in_gold_passage=False),
        result(4, stage="right", in_gold_passage=True),
    ]
    breakdown = break_down(results, [Context("", "a")])
    assert (breakdown.wrong_in_gold_passage, breakdown.wrong_elsewhere) == (1, 2)
    reading = break_down([result(0, stage="read_wrongly")], [Context("", "a")])
    assert (reading.wrong_in_gold_passage, reading.wrong_elsewhere) == (None, None)


def test_the_terminal_table_has_a_line_for_each_group_and_cuts_long_titles() -> None:
    results = [result(0, stage="right"), result(1, question="Where?", f1=0.5, exact=0.0, stage="read_wrongly")]
    lines = table_lines(break_down(results, [Context("A title that is far too long for a table", "a")]))
    assert [" ".join(line.split()) for line in lines] == [
        "by type questions EM F1",
        "who 1 100.0 100.0",
        "where 1 0.0 50.0",
        "by answer length questions EM F1",
        "1 2 50.0 75.0",
        "worst documents questions EM F1",
        "A title that is far too… 2 50.0 75.0",
        "by stage questions EM F1",
        "right 1 100.0 100.0",
        "read_wrongly 1 0.0 50.0",
    ]
    assert len({len(line) for line in lines}) == 1


def test_a_title_of_several_lines_is_one_line_of_the_table() -> None:
    lines = table_lines(break_down([result(0)], [Context("Ice\n  f1  100", "a")]))
    assert not any("\n" in line for line in lines)
    assert any(line.startswith("  Ice f1 100 ") for line in lines)


shares = st.sampled_from([0.0, 0.1, 1 / 3, 0.5, 1.0])
results_of_runs = st.lists(
    st.builds(
        result,
        number=st.integers(0, 10**6),
        question=st.sampled_from(["Who?", "How many?", "When or where?", "Name it.", "Why, how?"]),
        context=st.integers(0, DOCUMENTS_LISTED + 20),
        exact=st.sampled_from([0.0, 1.0]),
        f1=shares,
        golds=st.sampled_from([(), ("Ada",), ("of two words",), ("b c d e f g h i j",)]),
        stage=st.sampled_from(STAGES),
    ),
    min_size=1,
    max_size=120,
)


@given(results_of_runs)
def test_the_groups_of_every_grouping_add_up_to_the_totals(results: list[QuestionResult]) -> None:
    contexts = [
        Context("" if number % 3 else f"title {number}", str(number)) for number in range(DOCUMENTS_LISTED + 21)
    ]
    breakdown: Breakdown = break_down(results, contexts)
    documents = (*breakdown.documents, *([breakdown.other_documents] if breakdown.other_documents is not None else []))
    assert breakdown.stage is not None
    exact = 100 * sum(one.exact_match for one in results if one.exact_match is not None)
    f1 = 100 * sum(one.f1 for one in results if one.f1 is not None)
    for groups in (breakdown.type, breakdown.answer_length, documents, breakdown.stage):
        assert sum(group.questions for group in groups) == len(results)
        assert sum(group.questions * group.exact_match for group in groups) == pytest.approx(exact, abs=1e-6)
        assert sum(group.questions * group.f1 for group in groups) == pytest.approx(f1, abs=1e-6)
        assert len({group.name for group in groups}) == len(groups)
    assert {group.name for group in breakdown.type} <= set(TYPES)
    assert {group.name for group in breakdown.answer_length} <= set(LENGTHS)
