"""Predictions of other systems: both forms of files, and their scores by hand and against the official definition."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import Span
from index.errors import DatasetError
from qa.evaluation.datasets import Context, Dataset, GoldAnswer, Question
from qa.evaluation.predictions import Prediction, load_predictions, score_predictions
from qa.evaluation.squad import exact_match, f1

TEXT = "Ada Lovelace wrote it. Babbage read it."


def question(name: str, *golds: str) -> Question:
    return Question(name, "?", 0, tuple(GoldAnswer(gold, TEXT.index(gold)) for gold in golds))


DATASET = Dataset(
    "set.json",
    (Context("Ada", TEXT),),
    (
        question("wrote", "Ada Lovelace"),
        question("read", "Babbage"),
        question("when"),
        question("why"),
        question("who", "it"),
    ),
)


def write(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_official_predictions_with_probabilities_by_hand(tmp_path: Path) -> None:
    answers = {"wrote": "Lovelace", "read": "", "when": "", "why": "Babbage", "elsewhere": "x"}
    chances = {"wrote": 0.1, "read": 0.6, "when": 0.8, "why": 0.4}
    given = load_predictions(write(tmp_path / "p.json", answers), write(tmp_path / "na.json", chances))
    report = score_predictions(DATASET, given)
    scores = json.loads(report.to_json())
    # wrote: P 1, R 1/2, F1 2/3; read refused; when rightly refused; why wrongly answered; who is missing.
    assert scores["mode"] == "scored"
    assert scores["exact_match"] == pytest.approx(100 / 5)
    assert scores["f1"] == pytest.approx(100 * (2 / 3 + 1) / 5)
    assert scores["without_prediction"] == 1
    # Confidences .9 and .4 of answerable, .2 and .6 of unanswerable questions: .4 loses to .6. The missing one has none.
    assert scores["no_answer"] == {
        "auroc": pytest.approx(3 / 4),
        "precision": pytest.approx(1 / 3),  # of "read", "when" and the missing "who"
        "recall": 0.5,
    }
    # Only what was answered can be held against its confidence: .9 right, since F1 is 2/3, and .6 wrong.
    assert scores["calibration"] == {"ece": pytest.approx((0.1 + 0.6) / 2)}
    assert not {"citation", "latency_ms", "questions_per_second", "seconds", "stages"} & scores.keys()
    assert scores["models"]["predictions"]["name"] == "p.json"
    assert [result.best for result in report.results] == ["Lovelace", None, None, "Babbage", None]


def test_cited_predictions_by_hand(tmp_path: Path) -> None:
    lines = [
        {"id": "wrote", "answer": "Ada Lovelace", "confidence": 1, "citation": {"start": 0, "end": 12}},
        {"id": "read", "answer": "Babbage", "citation": {"start": 0, "end": 7}},
        {"id": "when", "answer": None, "confidence": 0.5},
        {"id": "why", "answer": " "},
        {"id": "who", "answer": "it", "citation": {"start": 36, "end": 99}},
    ]
    path = write(tmp_path / "p.jsonl", "\n\n".join(map(json.dumps, lines)))
    given = load_predictions(path)
    assert given.by_id["wrote"] == Prediction("Ada Lovelace", 1.0, Span(0, 12))
    assert given.by_id["why"] == given.by_id["when"].__class__("")
    scores = json.loads(score_predictions(DATASET, given).to_json())
    assert scores["exact_match"] == 100
    assert scores["without_prediction"] == 0
    # "Babbage" is not at 0, and 99 is beyond the text. Overlaps: 12 of 12; none; 0 of "it" at 19..21 with 36..99.
    assert scores["citation"] == {
        "verbatim": pytest.approx(1 / 3),
        "iou": pytest.approx(1 / 3),
        "sentence_recall": pytest.approx(1 / 3),
    }


def test_an_answer_without_citation_is_not_verbatim_when_others_have_one(tmp_path: Path) -> None:
    lines = [
        {"id": "wrote", "answer": "Ada Lovelace", "citation": {"start": 0, "end": 12}},
        {"id": "read", "answer": "Ada"},
    ]
    path = write(tmp_path / "p.jsonl", "\n".join(map(json.dumps, lines)))
    citation = score_predictions(DATASET, load_predictions(path)).citation
    assert citation is not None
    assert citation.verbatim == 0.5
    assert citation.iou == pytest.approx(1 / 3)  # of the three questions with an answer


def test_a_citation_of_another_context_is_verbatim_there_and_no_hit(tmp_path: Path) -> None:
    # The same words at the same offsets of another text: verbatim, but not where the gold answer stands.
    pooled = Dataset("set.json", (*DATASET.contexts, Context("", "Ada Lovelace died.")), DATASET.questions)
    lines: list[dict[str, object]] = [
        {"id": "wrote", "answer": "Ada Lovelace", "citation": {"start": 0, "end": 12, "context": 1}, "seconds": 0.5},
        {"id": "read", "answer": "Babbage", "citation": {"start": 23, "end": 30, "context": 0}, "seconds": 1.5},
    ]
    path = write(tmp_path / "p.jsonl", "\n".join(map(json.dumps, lines)))
    scores = json.loads(score_predictions(pooled, load_predictions(path)).to_json())
    assert scores["citation"] == {
        "verbatim": 1.0,
        "iou": pytest.approx(1 / 3),
        "sentence_recall": pytest.approx(1 / 3),
    }
    assert scores["latency_ms"]["p50"] == pytest.approx(1000)
    assert "questions_per_second" not in scores  # the times of three questions are not known
    with pytest.raises(DatasetError, match=r"cites context 1, but set\.json has 1, counted"):
        score_predictions(DATASET, load_predictions(path))


def test_a_rate_needs_the_time_of_every_question(tmp_path: Path) -> None:
    lines = [{"id": item.id, "answer": None, "seconds": 0.5} for item in DATASET.questions]
    path = write(tmp_path / "p.jsonl", "\n".join(map(json.dumps, lines)))
    assert score_predictions(DATASET, load_predictions(path)).questions_per_second == pytest.approx(2)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.json", "[]", "one JSON object of answers by question id"),
        ("p.json", {"q": 3}, "one JSON object of answers by question id (q: input should be a valid string)"),
        ("p.json", {"q": None}, "input should be a valid string"),
        ("p.json", '{"id": "a"}\n{"id": "b"}', "must be named .jsonl"),
        ("p.jsonl", "{", "line 1: not valid JSON"),
        ("p.jsonl", '{"id": "q"}', "line 1 (id q): answer: field required"),
        ("p.jsonl", '{"id": "q", "answer": 3}', "line 1 (id q): answer: input should be a valid string"),
        (
            "p.jsonl",
            '{"id": "q", "answer": "a", "confidence": 1.5}',
            "confidence: input should be less than or equal to 1",
        ),
        ("p.jsonl", '{"id": "q", "answer": "a", "confidence": NaN}', "confidence: input should be a finite number"),
        ("p.jsonl", '{"id": "q", "answer": null, "citation": {"start": 0, "end": 1}}', "a citation without an answer"),
        (
            "p.jsonl",
            '{"id": "q", "answer": "a", "citation": {"start": 3, "end": 3}}',
            "ends at 3, not after its start 3",
        ),
        ("p.jsonl", '{"id": "q", "answer": "a", "citation": {"start": -1, "end": 3}}', "citation.start: "),
        ("p.jsonl", '{"id": "q", "answer": "a"}\n\n{"id": "q", "answer": "b"}', "line 3 (id q): the id occurs twice"),
        (
            "p.jsonl",
            '{"id": "q", "answer": "a", "seconds": 1e306}',
            "seconds: input should be less than or equal to 1000",
        ),
        ("p.json", '{"q": "a", "r": "b", "q": "c"}', "the id q occurs twice"),
        ("p.json", {"else": "x"}, "has no prediction for any of the 5 questions of set.json"),
        ("p.jsonl", "", "has no prediction for any of the 5 questions of set.json"),
    ],
)
def test_faulty_predictions_are_refused_by_name(tmp_path: Path, name: str, content: object, message: str) -> None:
    with pytest.raises(DatasetError) as caught:
        score_predictions(DATASET, load_predictions(write(tmp_path / name, content)))
    assert name in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("chances", "message"),
    [
        ({"wrote": -3.2}, "the probability of 'wrote' is -3.2, which lies outside 0..1"),
        ('{"wrote": NaN}', "lies outside 0..1"),
        ({"wrote": "0.5"}, "one JSON object of numbers by question id"),
        ('{"wrote": 0.5, "wrote": 0.6}', "the id wrote occurs twice"),
        ({"else": 0.5}, "no probability for any of the predictions"),
    ],
)
def test_faulty_probabilities_are_refused_by_name(tmp_path: Path, chances: object, message: str) -> None:
    answers, other = write(tmp_path / "p.json", {"wrote": "Ada"}), write(tmp_path / "na.json", chances)
    with pytest.raises(DatasetError) as caught:
        load_predictions(answers, other)
    assert str(caught.value).startswith(f"{other}: ")
    assert message in str(caught.value)
    with pytest.raises(DatasetError, match="have a confidence of their own"):
        load_predictions(write(tmp_path / "p.jsonl", ""), other)


# The scores of SQuAD 2.0, told anew from their published description: an answer is reduced to its words, which are counted.


def words(text: str) -> list[str]:
    """Lower case, without the 32 punctuation marks of ASCII, cut at white space, without articles.

    An article is a run of word characters (letters, digits, underscores) that is "a", "an" or "the", wherever it stands:
    in "the–end" it is cut out of the middle, and what is left of the two sides are words of their own.
    """
    marks = {chr(code) for code in range(33, 127) if not chr(code).isalnum()}
    runs: list[str] = []
    for character in (character for character in text.lower() if character not in marks):
        inside = character.isalnum() or character == "_"
        if runs and inside == (runs[-1][0].isalnum() or runs[-1][0] == "_"):
            runs[-1] += character
        else:
            runs.append(character)
    return "".join(" " if run in ("a", "an", "the") else run for run in runs).split()


def official(prediction: str, golds: list[str]) -> tuple[float, float]:
    """Exact match and F1: the best over the gold answers that have words; if there are none, over the empty answer."""
    found, wanted = words(prediction), [words(gold) for gold in golds if words(gold)] or [[]]
    overlaps = []
    for gold in wanted:
        common = sum(min(count, Counter(gold)[word]) for word, count in Counter(found).items())
        if not found or not gold:
            overlaps.append(1.0 if found == gold else 0.0)
        elif common == 0:
            overlaps.append(0.0)
        else:
            precision, recall = common / len(found), common / len(gold)
            overlaps.append(2 * precision * recall / (precision + recall))
    return float(any(" ".join(found) == " ".join(gold) for gold in wanted)), max(overlaps)


PIECES = [
    "the",
    "The",
    "a",
    "An",
    "an",
    "cat",
    "Cat,",
    "cats",
    "sat.",
    "U.S.",
    "-",
    "–",
    "12",
    "é",
    "É",
    "_",
    "İ",
    "ß",
    "¿",
    "\n",
]
PHRASES = st.lists(st.sampled_from(PIECES), max_size=6).flatmap(
    lambda parts: st.lists(
        st.sampled_from([" ", "  ", "", "\t", "\u00a0"]), min_size=len(parts), max_size=len(parts)
    ).map(lambda gaps: "".join(part + gap for part, gap in zip(parts, gaps, strict=True)))
)


@given(PHRASES | st.text(max_size=10), st.lists(PHRASES | st.text(max_size=10), max_size=3))
@settings(max_examples=1000)
def test_a_thousand_random_answers_score_as_the_official_definition_has_it(prediction: str, golds: list[str]) -> None:
    exact, overlap = official(prediction, golds)
    assert exact_match(prediction, golds) == exact
    assert f1(prediction, golds) == pytest.approx(overlap, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_whole_files_score_as_the_official_definition_has_it(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    text = " ".join(chance.choices(["the", "cat", "sat", "on", "a", "mat,", "quickly.", "The", "dog"], k=60))
    tokens = text.split()

    def span() -> str:
        start = chance.randrange(len(tokens))
        return " ".join(tokens[start : start + chance.randrange(1, 5)])

    questions, answers = [], {}
    for number in range(200):
        golds = [span() for _ in range(chance.choice([0, 1, 1, 3]))]
        placed = tuple(GoldAnswer(gold, text.index(gold)) for gold in golds)
        questions.append(Question(str(number), "?", 0, placed))
        answers[str(number)] = chance.choice(["", span(), *(golds * 2)])
    dataset = Dataset("random", (Context("", text),), tuple(questions))
    scores = json.loads(score_predictions(dataset, load_predictions(write(tmp_path / "p.json", answers))).to_json())
    rows: list[tuple[bool, float, float]] = []
    for item in questions:
        rows.append((item.answerable, *official(answers[item.id], list(item.golds))))

    def mean(position: int, kind: bool | None = None) -> Any:
        chosen = [row[position] for row in rows if kind is None or row[0] is kind]
        return pytest.approx(100 * sum(chosen) / len(chosen))

    assert (scores["exact_match"], scores["f1"]) == (mean(1), mean(2))
    assert scores["answerable"]["exact_match"] == mean(1, True)
    assert scores["answerable"]["f1"] == mean(2, True)
    assert 100 * scores["unanswerable"]["accuracy"] == mean(1, False) == mean(2, False)
