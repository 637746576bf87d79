"""Ranking of documents that are judged one by one, against pytrec_eval itself and by hand."""

import math
from pathlib import Path

import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from index import DatasetError, Passage, create_index
from qa.evaluation.beir import JudgedDataset
from qa.evaluation.certainty import complete
from qa.evaluation.corpus import Corpus, locate, pooled_index
from qa.evaluation.datasets import Context, Dataset, Question
from qa.evaluation.judged import evaluate_judged
from qa.evaluation.retrieval import graded_scores, mean_scores
from tests.fakes import FakeEncoder

NAMES = [f"d{number}" for number in range(30)]


@given(
    st.dictionaries(
        st.sampled_from(["q1", "q2", "q3"]),
        st.tuples(
            st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3), min_size=1, max_size=12), st.permutations(NAMES)
        ),
        min_size=1,
    ),
    st.integers(0, 30),
)
@settings(max_examples=1000, deadline=None)
def test_the_scores_of_a_thousand_random_rankings_are_those_of_trec_eval(
    questions: dict[str, tuple[dict[str, int], list[str]]], depth: int
) -> None:
    judged = {name: grades for name, (grades, _) in questions.items()}
    rankings = {name: order[:depth] for name, (_, order) in questions.items()}
    scores = graded_scores(judged, rankings)

    def official(measure: str, cut: int | None) -> dict[str, dict[str, float]]:
        run = {
            name: {item: 1.0 / (place + 1) for place, item in enumerate(order[:cut])}
            for name, order in rankings.items()
        }
        return pytrec_eval.RelevanceEvaluator(judged, {measure}).evaluate(run)  # type: ignore[no-any-return]

    def expected(found: dict[str, dict[str, float]], name: str, key: str) -> object:
        return pytest.approx(found[name][key] if name in found else 0.0, abs=1e-6)

    recall, gain, first = official("recall.1,5,20", None), official("ndcg_cut.10", None), official("recip_rank", 10)
    for name in questions:
        for cut in (1, 5, 20):
            assert scores[name][f"recall@{cut}"] == expected(recall, name, f"recall_{cut}")
        assert scores[name]["ndcg@10"] == expected(gain, name, "ndcg_cut_10")
        assert scores[name]["mrr@10"] == expected(first, name, "recip_rank")
    assert mean_scores(list(scores.values()))["mrr@10"] == pytest.approx(
        sum(row["mrr@10"] for row in scores.values()) / len(scores)
    )


def test_graded_scores_by_hand() -> None:
    # Found: relevance 1 in place 1, 0 in place 2, 2 in place 3; the other one of 1 is not found.
    scores = graded_scores({"q": {"a": 1, "b": 2, "c": 0, "d": 1}}, {"q": ["a", "c", "b"]})["q"]
    best = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert scores == {
        "recall@1": pytest.approx(1 / 3),
        "recall@5": pytest.approx(2 / 3),
        "recall@20": pytest.approx(2 / 3),
        "mrr@10": 1.0,
        "ndcg@10": pytest.approx((1 / math.log2(2) + 2 / math.log2(4)) / best),
    }
    with pytest.raises(ValueError, match="no question"):
        graded_scores({}, {})


DOCUMENTS = ("Bees dance for flowers.", "Ada wrote programs.", "Babbage built engines.", "A hive of bees.")


class FixedIndex:
    """Ranks passages as it was told to."""

    def __init__(self, *order: str) -> None:
        self.encoder = FakeEncoder()
        self.order = order
        self.tops: list[int] = []

    def search(self, question: str, *, top: int) -> list[Passage]:
        self.tops.append(top)
        return [Passage(name, 9 * place, 9 * place + 5, "", 0.0) for place, name in enumerate(self.order)]


def judged_set(judgements: dict[str, dict[int, int]], own: dict[str, int] | None = None) -> JudgedDataset:
    questions = tuple(Question(name, f"Query {name}?", place, ()) for place, name in enumerate(judgements))
    contexts = tuple(Context("", text) for text in DOCUMENTS)
    return JudgedDataset(Dataset("set", contexts, questions), judgements, {} if own is None else own)


CORPUS = Corpus(("a", "b", "c", "d"), lambda name: None)  # type: ignore[arg-type, return-value]


def test_documents_are_ranked_by_their_best_passage() -> None:
    index = FixedIndex("a", "a", "elsewhere", "b", "a", "c")
    # By document: a, b, c. Relevant are c with 2 and d with 1, a was looked at and is not.
    report = evaluate_judged(judged_set({"q": {2: 2, 3: 1, 0: 0}}), index, CORPUS)  # type: ignore[arg-type]
    (result,) = report.results
    assert (result.gold_rank, result.context, result.golds) == (3, 0, ())
    assert report.retrieval is not None
    assert report.retrieval.recall_1 == 0
    assert report.retrieval.recall_5 == 0.5
    assert report.retrieval.mrr_10 == pytest.approx(1 / 3)
    assert report.retrieval.ndcg_10 == pytest.approx((2 / math.log2(4)) / (2 / math.log2(2) + 1 / math.log2(3)))
    assert (report.mode, report.questions) == ("retrieval", 1)
    assert set(index.tops) == {100}


def test_a_hit_beyond_the_depth_of_the_scores_is_no_hit() -> None:
    corpus = Corpus((*"abcd", *(f"e{number}" for number in range(30))), lambda name: None)  # type: ignore[arg-type, return-value]
    others = [f"e{number}" for number in range(20)]
    for order, rank in (((*others, "a"), None), ((*others[1:], "a"), 20)):
        report = evaluate_judged(judged_set({"q": {0: 1}}), FixedIndex(*order), corpus)  # type: ignore[arg-type]
        assert report.results[0].gold_rank == rank
        assert report.retrieval is not None
        assert report.retrieval.recall_20 == (0 if rank is None else 1)


def test_a_document_with_the_id_of_the_query_is_passed_over_unless_it_is_judged() -> None:
    index = FixedIndex("a", "b")
    for judgements, rank in (({1: 1}, 1), ({1: 1, 0: 0}, 2), ({0: 1}, 1)):
        report = evaluate_judged(judged_set({"q": judgements}, {"q": 0}), index, CORPUS)  # type: ignore[arg-type]
        assert report.results[0].gold_rank == rank


def test_intervals_of_graded_scores_are_of_the_scores_themselves() -> None:
    index = FixedIndex("a", "b")
    report = complete(evaluate_judged(judged_set({"q": {0: 1, 3: 1}, "r": {0: 1}}), index, CORPUS))  # type: ignore[arg-type]
    assert report.retrieval is not None
    assert report.retrieval.recall_5 == 0.75
    assert report.intervals is not None
    # Drawn are q and r: 1/2 for twice q, 1 for twice r. From the rank of the first hit alone it would be 1 for both.
    assert report.intervals["retrieval.recall@5"] == (0.5, 1.0)
    assert report.intervals["retrieval.mrr@10"] == (1.0, 1.0)


def test_a_pooled_index_ranks_the_documents_of_a_folder(tmp_path: Path) -> None:
    judged = judged_set({"bees": {0: 1, 3: 2}, "engines": {2: 1}})
    questions = tuple(
        Question(name, text, place, ())
        for place, (name, text) in enumerate([("bees", "bees of a hive?"), ("engines", "who built engines?")])
    )
    judged = JudgedDataset(Dataset("set", judged.dataset.contexts, questions), judged.judgements, {})
    with pooled_index(judged.dataset, FakeEncoder()) as (index, corpus):
        report = evaluate_judged(judged, index, corpus)
        assert len(evaluate_judged(judged, index, corpus, limit=1).results) == 1
    assert [result.gold_rank for result in report.results] == [1, 1]
    empty = create_index(tmp_path / "index", FakeEncoder())
    with pytest.raises(DatasetError, match="4 of its documents are not in the index"):
        evaluate_judged(judged, empty, locate(judged.dataset, empty))
