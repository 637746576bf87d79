"""Fitting what tells whether a place answers too: pairs, places moved into documents of their own, and stored trees."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from benchmarks.development.evidence import LEARNED, QUESTIONS, Pair, beside, fields_of, fitted, learned, pairs_of
from qa.claims.places import Place
from qa.claims.signals import Asked, signals
from qa.claims.trees import Trees
from tests.qa.claims.making import at, document

STORM = document(
    "A storm hit the coast.\nThe league said 40 sheep were killed by the storm.\n"
    "The council counted 65 sheep. It paid 900 crowns.",
    "storm",
)
QUESTION = "How many sheep were killed by the storm?"


def row(**fields: Any) -> dict[str, Any]:
    def claim(words: str) -> dict[str, Any]:
        return {"document": "s.txt", "answers": [{"text": words, "answer_start": STORM.text.index(words)}]}

    claims = [claim("40"), claim("65")]
    answers = [span for one in claims for span in one["answers"]]
    return {
        "question": QUESTION,
        "kind": "conflict",
        "document": "s.txt",
        "answers": answers,
        "claims": claims,
        "agree": False,
    } | fields


def pairs(**fields: Any) -> list[Pair]:
    found = [at(STORM, "40", 2.0), at(STORM, "65", 1.0), at(STORM, "900", 0.5)]
    return list(pairs_of(row(**fields), found, {STORM.id: STORM}, {"s.txt": STORM.id}))


def test_pairs_are_marked_by_the_claims_of_the_file() -> None:
    # 900 crowns are no sheep.
    assert [(pair.answers, pair.differs) for pair in pairs()] == [(True, True)]
    assert [(pair.answers, pair.differs) for pair in pairs(agree=True)] == [(True, False)]
    assert [(pair.answers, pair.differs) for pair in pairs(claims=row()["claims"][:1])] == [(False, False)]
    assert pairs(claims=row()["claims"][1:]) == []
    assert pairs(kind="list") == []


def test_places_that_are_right_may_be_taken_for_the_best_one() -> None:
    found = [at(STORM, "900 crowns", 3.0), at(STORM, "40", 2.0), at(STORM, "65", 1.0)]
    given = row(question="How many were killed by the storm?"), found, {STORM.id: STORM}, {"s.txt": STORM.id}
    seen = [(one.best.text, one.place.text, one.right, one.answers, one.differs) for one in beside(*given, others=True)]
    # Crowns and sheep are not compared; nothing differs from what is wrong, for what it was asked about is not known.
    assert seen == [("40", "65", True, True, True), ("65", "40", True, True, True)]
    assert list(beside(*given)) == []


def test_two_places_of_one_claim_say_the_same() -> None:
    text = document(
        "The mayor said the bridge was safe. Nobody need worry, she said. The union called it a death trap.", "b"
    )
    spans = [
        {"text": words, "answer_start": text.text.index(words)}
        for words in ("safe", "Nobody need worry", "a death trap")
    ]
    claims = [{"document": "b", "answers": spans[:2]}, {"document": "b", "answers": spans[2:]}]
    line = row(question="What is the bridge like?", document="b", answers=spans, claims=claims)
    found = [at(text, span["text"], 3.0 - number) for number, span in enumerate(spans)]
    seen = {one.place.text: (one.answers, one.differs) for one in beside(line, found, {text.id: text}, {"b": text.id})}
    assert seen == {"Nobody need worry": (True, False), "a death trap": (True, True)}


def test_places_of_other_documents_are_marked_by_their_own_claims() -> None:
    other = document("The vet counted 90 sheep.", "other")
    found = [at(STORM, "40", 2.0), at(other, "90", 1.0)]
    documents, ids = {STORM.id: STORM, other.id: other}, {"s.txt": STORM.id, "o.txt": other.id}
    (unmarked,) = pairs_of(row(), found, documents, ids)
    assert (unmarked.answers, unmarked.differs, unmarked.signals["other_document"]) == (False, False, 1.0)
    theirs = {"document": "o.txt", "answers": [{"text": "90", "answer_start": 16}]}
    (marked,) = pairs_of(row(claims=[*row()["claims"], theirs]), found, documents, ids)
    assert (marked.answers, marked.differs) == (True, True)


def test_training_questions_on_claims_are_read_as_development_questions() -> None:
    for name in LEARNED:
        rows, texts = learned(QUESTIONS / name)
        kinds = Counter(row.get("agree") for row in rows)
        assert min(kinds[True], kinds[False], kinds[None]) > 80
        for row in rows:
            own = {"document": row["document"], "answers": row["answers"]}
            for claim in row.get("claims", [own]):
                for span in claim["answers"]:
                    assert texts[claim["document"]][span["answer_start"] :].startswith(span["text"]), row["question"]
            assert ("agree" in row) == (len(row.get("claims", [])) > 1)


def test_stored_trees_say_what_the_fitted_model_says() -> None:
    random = np.random.default_rng(5)
    rows = random.normal(size=(600, 4)).round(5)
    right = rows[:, 0] * rows[:, 1] + 0.3 * random.normal(size=600) > 0
    made = [
        Pair(dict(zip("abcd", map(float, numbers), strict=True)), bool(so), False)
        for numbers, so in zip(rows, right, strict=True)
    ]
    model = fitted(made, list("abcd"), "answers")
    trees = Trees.from_fields(fields_of(model))
    new = random.normal(size=(300, 4)).round(5)
    given = [trees.value(list(numbers)) for numbers in new]
    np.testing.assert_allclose(given, model.decision_function(new), atol=2e-3)
    # A product of two numbers is what no line can tell.
    assert np.mean((np.array(given) > 0) == (new[:, 0] * new[:, 1] > 0)) > 0.8


def test_signals_are_the_same_names_for_every_pair() -> None:
    asked = Asked(QUESTION, "number", ("sheep", "kill", "storm"))
    places = [Place(STORM, STORM.text.index(words), STORM.text.index(words) + 2, 1.0, 0.7) for words in ("40", "65")]
    found = signals(asked, *places)
    assert list(found) == list(signals(asked, places[1], places[0]))
    assert found["ratio"] == pytest.approx(np.log(65 / 40))
    assert (found["sentences"], found["same_paragraph"], found["next_sentence"]) == (1.0, 0.0, 1.0)
    assert all(np.isfinite(number) for number in found.values())
