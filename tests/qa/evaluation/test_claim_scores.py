"""Scores of claims against numbers worked out by hand."""

from typing import Any

import pytest

from qa.evaluation.claims import claim_scores, list_scores, question_claims
from qa.evaluation.estimates import estimators
from qa.evaluation.report import QuestionResult
from qa.models import Agreement, Answer, Citation, Claim, Sentence, Timings

TEXT = "The league said 40 sheep died. The council said 65 sheep died."


def citation(words: str) -> Citation:
    start = TEXT.index(words)
    return Citation(
        document_id="storm", title="", source="", sha256="0" * 64, page=None, start=start, end=start + len(words), text=words,
        sentence=Sentence(start=0, end=len(TEXT), text=TEXT), score=0.0,
    )  # fmt: skip


def answer(agreement: Agreement, *claims: tuple[str, str | None]) -> Answer:
    made = []
    for words, speaker in claims:
        who = None if speaker is None else citation(speaker)
        made.append(
            Claim(answer=words, speaker=who, citations=[citation(words)], speakers=[who], dates=[None], confidence=0.9)
        )
    return Answer(
        question="?", standalone_question="?", answer=made[0].answer if made else None, confidence=0.9, abstained=not made,
        reason=None if made else "why", citations=made[0].citations if made else [], alternatives=[], passages=[],
        timings_ms=Timings(retrieve=0, read=0, total=0), claims=made, agreement=agreement,
    )  # fmt: skip


def span(words: str) -> dict[str, Any]:
    return {"text": words, "answer_start": TEXT.index(words)}


FIELDS = {
    "answers": [span("40"), span("65")],
    "agree": False,
    "claims": [
        {"document": "storm.txt", "speaker": [span("The league")], "answers": [span("40")]},
        {"document": "storm.txt", "speaker": [span("council")], "answers": [span("65 sheep")]},
    ],
}
PLACES = {"storm.txt": "storm"}


def test_differing_claims_shown_with_their_speakers_score_one() -> None:
    shown = answer("differing", ("40", "The league"), ("65", "The council"))
    assert question_claims(FIELDS, shown, PLACES) == {
        "attribution": 1.0, "attribution_recall": 1.0, "differing_shown": 1.0, "differing_both": 1.0,
        "differing_found": 1.0,
    }  # fmt: skip


def test_a_wrong_speaker_and_a_missing_claim_cost() -> None:
    shown = answer("differing", ("40", "The council"), ("died", None))
    assert question_claims(FIELDS, shown, PLACES) == {
        "attribution": 0.0, "attribution_recall": 0.0, "differing_shown": 1.0, "differing_both": 0.0,
        "differing_found": 1.0,
    }  # fmt: skip
    assert question_claims(FIELDS, answer("single", ("40", "The league")), PLACES) == {
        "attribution": 1.0, "attribution_recall": 0.5, "differing_shown": 0.0, "differing_both": 0.0,
        "differing_found": 0.0,
    }  # fmt: skip


def test_an_answer_that_is_none_of_the_claims_does_not_count_for_finding_others() -> None:
    shown = answer("differing", ("died", None), ("65", "The council"))
    assert "differing_found" not in question_claims(FIELDS, shown, PLACES)


def test_a_refusal_shows_nothing() -> None:
    assert question_claims(FIELDS, answer("single"), PLACES) == {
        "attribution_recall": 0.0, "differing_shown": 0.0, "differing_both": 0.0,
    }  # fmt: skip
    assert question_claims(FIELDS, None, PLACES)["differing_shown"] == 0.0


def test_agreeing_and_plain_questions_shown_as_differing_are_counted() -> None:
    shown = answer("differing", ("40", None), ("65", None))
    assert question_claims(FIELDS | {"agree": True}, shown, PLACES)["agreeing_as_differing"] == 1.0
    assert question_claims({"answers": [span("40")]}, shown, PLACES) == {"plain_as_differing": 1.0}
    assert question_claims({"answers": []}, shown, PLACES) == {}


def test_lists_are_scored_as_sets() -> None:
    items = [["Interior Minister Karl Wess", "Karl Wess"], ["Anna Pruitt"], ["Luke Farrow"]]
    # Two of three items, one of three answers wrong: 2/3, 2/3, 2/3.
    scores = list_scores(["Wess", "Anna Pruitt", "the bishop"], items)
    assert scores == {name: pytest.approx(2 / 3) for name in ("list_precision", "list_recall", "list_f1")}
    # The same item twice counts once.
    assert list_scores(["Karl Wess", "Wess"], items)["list_precision"] == 0.5
    assert list_scores([], items)["list_f1"] == 0.0
    assert list_scores(["Anna Pruitt", "Karl Wess", "Luke Farrow"], items)["list_f1"] == 1.0


def test_means_are_over_the_questions_that_a_score_applies_to_and_have_estimates() -> None:
    rows: list[dict[str, float]] = [{"differing_shown": 1.0}, {"differing_shown": 0.0}, {"plain_as_differing": 0.0}, {}]
    results = [
        QuestionResult(id=str(number), question="?", golds=("x",), context=number, seconds=None, claims=row)
        for number, row in enumerate(rows)
    ]
    scores = claim_scores(results)
    assert scores is not None
    assert (scores.differing, scores.plain, scores.differing_shown, scores.plain_as_differing) == (2, 1, 0.5, 0.0)
    assert scores.list_f1 is None
    import numpy as np

    weights = np.array([[1.0, 1.0, 1.0, 1.0], [2.0, 1.0, 0.0, 1.0]])
    assert estimators(results, "conversation")["claims.differing_shown"](weights) == pytest.approx([0.5, 2 / 3])
    assert claim_scores(results[2:]) is None
