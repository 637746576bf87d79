"""The rank of the gold passage and the scores of that, by hand and against their definitions."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import Passage, Span
from qa.evaluation.retrieval import gold_rank, ranking_scores


def passage(document_id: str, start: int, end: int) -> Passage:
    return Passage(document_id, start, end, "", 0.0)


RANKING = [passage("b", 0, 90), passage("a", 0, 10), passage("a", 8, 20), passage("a", 20, 30)]


@pytest.mark.parametrize(
    ("golds", "rank"),
    [
        ([Span(5, 8)], 2),
        ([Span(9, 12)], 2),  # one character of it is enough
        ([Span(10, 12)], 3),  # offset 10 is behind the passage [0, 10)
        ([Span(20, 21)], 4),  # and the passage [8, 20) ends before offset 20
        ([Span(25, 26), Span(12, 13)], 3),  # any accepted answer counts
        ([Span(30, 40)], None),
        ([], 2),  # unanswerable: any passage of the gold document
    ],
)
def test_gold_rank(golds: list[Span], rank: int | None) -> None:
    assert gold_rank(RANKING, "a", golds) == rank


def test_gold_rank_of_another_document() -> None:
    assert gold_rank(RANKING, "c", []) is gold_rank(RANKING, "c", [Span(0, 9)]) is gold_rank([], "a", []) is None


def test_ranking_scores_by_hand() -> None:
    scores = ranking_scores([1, 2, 11, None])
    assert scores == {
        "recall@1": pytest.approx(1 / 4),
        "recall@5": pytest.approx(2 / 4),
        "recall@20": pytest.approx(3 / 4),
        "mrr@10": pytest.approx((1 + 1 / 2) / 4),
        "ndcg@10": pytest.approx((1 + 1 / math.log2(3)) / 4),
    }


def test_ranking_scores_need_a_question() -> None:
    with pytest.raises(ValueError, match="no question"):
        ranking_scores([])
    assert set(ranking_scores([None, None]).values()) == {0.0}


@given(st.lists(st.integers(1, 25) | st.none(), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_ranking_scores_follow_their_definitions(ranks: list[int | None]) -> None:
    def mean(score: list[float]) -> object:
        return pytest.approx(sum(score) / len(score))

    found = [math.inf if rank is None else rank for rank in ranks]
    scores = ranking_scores(ranks)
    for k in (1, 5, 20):
        assert scores[f"recall@{k}"] == mean([float(rank <= k) for rank in found])
    assert scores["mrr@10"] == mean([1 / rank if rank <= 10 else 0.0 for rank in found])
    assert scores["ndcg@10"] == mean([1 / math.log2(1 + rank) if rank <= 10 else 0.0 for rank in found])
