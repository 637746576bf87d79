"""Predictions of any system, read from a file and scored as if Footnote had made them.

**SQuAD** (any file name that does not end in ``.jsonl`` or ``.ndjson``), as the official scorer takes it: one object of
answers by question id, empty for no answer; and, if wanted, a second file of the probabilities that there is none::

    {"q1": "Ada Lovelace", "q2": ""}                 {"q1": 0.03, "q2": 0.9}

The confidence of a question is 1 minus that probability.

**Citations** (``.jsonl`` or ``.ndjson``): one prediction a line, blank lines ignored::

    {"id": "q1", "answer": "Ada Lovelace", "confidence": 0.97, "citation": {"start": 0, "end": 12}, "seconds": 0.4}
    {"id": "q2", "answer": null}
    {"id": "q3", "answer": "Ada", "citation": {"start": 8, "end": 11, "context": 5}}

``confidence``, ``citation`` and ``seconds``, the time that the question took, may be left out. The confidence is the
probability in 0..1 that the answer is right, and for a refusal that there is one. A citation is the characters
``[start, end)`` of the question's context, in Unicode code points, with every line end as one character; with ``context``
it is those of another text, the one at this position among the distinct contexts of the question file, from 0. In a file
with citations, an answer without one counts as not verbatim.

Nobody knows what a system that refused would have answered, so its refusals have no part in the calibration and in the
risk-coverage curve. The confidences of all questions make the AUROC of telling which have an answer.

Questions without a prediction count as unanswered, without a confidence. (The official scorer leaves them out of its means;
a file that has them all gets the same exact match and F1 from both.) Predictions for other questions are passed over.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from index.documents import Span
from index.errors import DatasetError
from qa.evaluation import outcomes, scoring
from qa.evaluation.breakdown import with_breakdown
from qa.evaluation.columns import Results
from qa.evaluation.datasets import LINE_SUFFIXES, Dataset, Question, read_text
from qa.evaluation.report import QuestionResult, Report
from qa.evaluation.rows import Collector, RowFault, model_fault, row_name, shorten


@dataclass(frozen=True, slots=True)
class Prediction:
    """An answer, empty for none, and what else is told of it.

    ``confidence`` is the probability in 0..1 of its being right; ``citation`` is where it stands in the context at the
    position ``context``, that of the question for ``None``; ``seconds`` is how long it took.
    """

    answer: str
    confidence: float | None = None
    citation: Span | None = None
    context: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Predictions:
    """A file of predictions by question id. ``cites`` tells whether any of them has a citation."""

    name: str
    sha256: str
    by_id: dict[str, Prediction]
    cites: bool


class _Citation(BaseModel):
    model_config = ConfigDict(strict=True)
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    context: int | None = Field(default=None, ge=0)


class _Line(BaseModel):
    model_config = ConfigDict(strict=True)
    id: str | int
    answer: str | None
    confidence: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    citation: _Citation | None = None
    # Sums of them, in milliseconds, are to stay numbers; no question takes thirty years.
    seconds: float | None = Field(default=None, ge=0, le=1e9, allow_inf_nan=False)


Value = TypeVar("Value")
_ANSWERS = TypeAdapter(dict[str, str], config=ConfigDict(strict=True))
_PROBABILITIES = TypeAdapter(dict[str, float], config=ConfigDict(strict=True))


def load_predictions(path: Path, no_answer: Path | None = None) -> Predictions:
    """Read and check a file of predictions.

    Args:
        path: the file.
        no_answer: the probabilities that there is no answer, by question id; only with the SQuAD form.

    Raises:
        DatasetError: a file cannot be read, is not in its form, or a probability lies outside 0..1.
    """
    text = read_text(path)
    if path.suffix.lower() in LINE_SUFFIXES:
        if no_answer is not None:
            raise DatasetError(f"{path}: its lines have a confidence of their own. Leave out {no_answer.name}.")
        found = _lines(text, path)
    else:
        answers = _object(_ANSWERS, text, path, "answers")
        chances: dict[str, float] = {}
        if no_answer is not None:
            chances = _object(_PROBABILITIES, read_text(no_answer), no_answer, "numbers")
            _check_probabilities(chances, answers, no_answer)
        found = {
            name: Prediction(_given(answer), 1.0 - chances[name] if name in chances else None)
            for name, answer in answers.items()
        }
    cites = any(prediction.citation is not None for prediction in found.values())
    return Predictions(path.name, sha256(text.encode()).hexdigest(), found, cites)


def score_predictions(dataset: Dataset, predictions: Predictions) -> Report:
    """The report of mode "scored".

    Args:
        dataset: the questions.
        predictions: the answers; each is looked up by the id of the question.

    Raises:
        DatasetError: there is a prediction for none of the questions, or one cites a context that is not there.
    """
    missing = sum(question.id not in predictions.by_id for question in dataset.questions)
    if missing == len(dataset.questions):
        raise DatasetError(
            f"{predictions.name} has no prediction for any of the {missing} questions of {dataset.name}. "
            "Check that its ids are those of the questions."
        )
    results = Results()
    for question in dataset.questions:
        result = _result(question, dataset, predictions.by_id.get(question.id))
        results.append(result.model_copy(update={"located": predictions.cites}))
    models = {"predictions": {"name": predictions.name, "sha256": predictions.sha256}}
    times = results.columns["seconds"]
    # A rate over a part of the questions would be compared with one over all of them.
    seconds = None if np.isnan(times).any() else float(times.sum())
    report = scoring.answer_report(dataset.name, "scored", results, seconds, None, models)
    update: dict[str, object] = {"without_prediction": missing}
    if not predictions.cites:
        update["citation"] = None
    return with_breakdown(report.model_copy(update=update), dataset)


def _result(question: Question, dataset: Dataset, prediction: Prediction | None) -> QuestionResult:
    given = prediction if prediction is not None else Prediction("")
    cited = None
    if given.citation is not None:
        place = question.context if given.context is None else given.context
        if place >= len(dataset.contexts):
            raise DatasetError(
                f"The prediction for {question.id!r} cites context {place}, but {dataset.name} has "
                f"{len(dataset.contexts)}, counted from 0. Check that it was made for this file."
            )
        golds: tuple[Span, ...] | None = None
        if question.answerable:
            golds = outcomes.gold_spans(question) if place == question.context else ()
        cited = outcomes.cited_span(given.citation, given.answer, dataset.contexts[place].text, golds)
    result = outcomes.answered(question, 0.0, given=given.answer, best=given.answer, confidence=0.0, cited=cited)
    unknown: dict[str, object] = {"seconds": given.seconds, "confidence": given.confidence}
    if not given.answer:
        unknown |= {"best": None, "right": None}
    return result.model_copy(update=unknown)


def _object(form: TypeAdapter[dict[str, Value]], text: str, path: Path, values: str) -> dict[str, Value]:
    try:
        return form.validate_python(json.loads(text, object_pairs_hook=_each_once))
    except RowFault as fault:
        raise DatasetError(f"{path}: {fault}. Leave one of them.") from fault
    except ValidationError as error:
        raise DatasetError(
            f"{path}: it must be one JSON object of {values} by question id ({model_fault(error)})."
        ) from error
    except (ValueError, RecursionError) as error:
        hint = "A file with one prediction a line must be named .jsonl."
        raise DatasetError(f"{path}: not valid JSON ({error}).\n{hint}") from error


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of JSON; raises ``RowFault`` for a key that it has twice, of which JSON itself would keep the last."""
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise RowFault(f"the id {shorten(name)} occurs twice")
        found[name] = value
    return found


def _check_probabilities(chances: dict[str, float], answers: dict[str, str], path: Path) -> None:
    for name, chance in chances.items():
        if not 0.0 <= chance <= 1.0:
            raise DatasetError(
                f"{path}: the probability of {name!r} is {chance:g}, which lies outside 0..1.\n"
                "Turn scores into probabilities first, for example with 1 / (1 + exp(-score))."
            )
    if not chances.keys() & answers.keys():
        raise DatasetError(
            f"{path}: it has no probability for any of the predictions. Check that the ids are the same."
        )


def _lines(text: str, path: Path) -> dict[str, Prediction]:
    found: dict[str, Prediction] = {}
    faults = Collector()
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            raw = json.loads(line)
            where = f"{where} (id {row_name(raw)})" if row_name(raw) else where
            name, prediction = _prediction(raw)
            if name in found:
                raise RowFault("the id occurs twice")
            found[name] = prediction
        except RowFault as fault:
            faults.fault(where, fault)
        except (ValueError, RecursionError) as error:
            faults.fault(where, f"not valid JSON ({error})")
    if faults.faults:
        faults.finish(path)
    return found


def _prediction(raw: object) -> tuple[str, Prediction]:
    try:
        row = _Line.model_validate(raw)
    except ValidationError as error:
        raise model_fault(error) from error
    answer = "" if row.answer is None else _given(row.answer)
    if row.citation is None:
        return str(row.id), Prediction(answer, row.confidence, seconds=row.seconds)
    if not answer:
        raise RowFault("it has a citation without an answer")
    if row.citation.end <= row.citation.start:
        raise RowFault(f"its citation ends at {row.citation.end}, not after its start {row.citation.start}")
    span = Span(row.citation.start, row.citation.end)
    return str(row.id), Prediction(answer, row.confidence, span, row.citation.context, row.seconds)


def _given(answer: str) -> str:
    """``answer``; empty, which means none, if there is nothing but white space in it."""
    return answer if answer.strip() else ""
