"""The run of ``--mode retrieval`` over documents that are judged one by one, as in a folder in BEIR's form.

Documents are ranked by their best passage, and a document that is judged relevant is a *hit*. A query may have several,
so recall@k is the share of them that is found (:func:`qa.evaluation.retrieval.graded_scores`); relevances have their
say in nDCG only. A query none of whose documents is relevant scores 0, as it does in BEIR's own evaluation.

A document with the id of the query counts as the query itself and is passed over, as in BEIR's own evaluation, unless it is
judged for that query: in files made by hand ids like 1, 2, 3 may stand for queries and for documents that are no kin.
"""

import math
import time

from index.errors import DatasetError
from index.interface import PassageIndex
from qa.evaluation import scoring
from qa.evaluation.beir import JudgedDataset
from qa.evaluation.corpus import Corpus
from qa.evaluation.datasets import Question
from qa.evaluation.journal import Journal
from qa.evaluation.report import QuestionResult, Report, RetrievalScores
from qa.evaluation.retrieval import DEPTH, graded_scores
from qa.evaluation.runner import Progress, ask_all, encoder_facts

PASSAGES = 5 * DEPTH
"""How many passages are looked at, so that twenty documents are found although some bring several passages."""


def evaluate_judged(
    judged: JudgedDataset,
    index: PassageIndex,
    corpus: Corpus,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
    journal: Journal[QuestionResult] | None = None,
) -> Report:
    """Rank the documents of ``index`` for each query.

    Args:
        judged: the queries and judgements.
        index: what to measure.
        corpus: where the documents stand in ``index``.
        limit: ask this many queries, spread evenly over the file; all for ``None``.
        progress: told about every query.
        journal: keeps the results as they come; queries that it has are not asked again.

    Raises:
        DatasetError: the index does not hold all of the documents.
    """
    absent = sum(name is None for name in corpus.document_ids)
    if absent:
        raise DatasetError(
            f"{judged.dataset.name}: {absent} of its documents are not in the index. Leave out --index to rank them all."
        )
    positions = {name: position for position, name in enumerate(corpus.document_ids)}
    # The encoder loads when it is first used, which is no part of the first query's time.
    index.encoder.encode(["warm up"])

    def ask(query: Question) -> QuestionResult:
        began = time.perf_counter()
        passages = index.search(query.text, top=PASSAGES)
        seconds = time.perf_counter() - began
        grades = judged.judgements[query.id]
        found = dict.fromkeys(positions.get(passage.document_id) for passage in passages)
        own = judged.own.get(query.id)
        # Documents of an existing index that are not the data set's own were judged by nobody.
        known = [place for place in found if place is not None and (place != own or place in grades)]
        ranked = known[:DEPTH]
        hits = (rank for rank, place in enumerate(ranked, start=1) if grades.get(place, 0) > 0)
        scores = graded_scores(
            {query.id: {str(place): grade for place, grade in grades.items()}},
            {query.id: [str(place) for place in ranked]},
        )
        return QuestionResult(
            id=query.id,
            question=query.text,
            golds=(),
            context=query.context,
            gold_rank=next(hits, None),
            ranking=scores[query.id],
            seconds=seconds,
        )

    results, seconds = ask_all(judged.dataset.sample(limit), ask, progress, journal)
    scores = {name: math.fsum(shares) / len(shares) for name, shares in results.columns.ranking.items()}
    return Report(
        dataset=judged.dataset.name,
        mode="retrieval",
        questions=len(results),
        retrieval=RetrievalScores.model_validate(scores),
        latency_ms=scoring.latency(results.columns),
        questions_per_second=scoring.rate(len(results), seconds),
        models={"encoder": encoder_facts(index)},
        seconds=seconds,
        results=results,
    )
