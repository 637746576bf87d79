"""Measure a checkpoint as it would ship: exported to int8, read and scored by the product's own code. Only teachers, which
are not exported, are measured as they are.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.training.export import BundleSettings, export_bundle
from qa.training.weights import is_mpnet


@dataclass(frozen=True)
class DevSet:
    """A question file, asked in ``--answer-all`` when ``answer_all``; ``limit`` questions spread evenly, or all."""

    file: Path
    answer_all: bool
    limit: int | None = None


def dev_sets(files: list[Path], limit: int | None) -> list[DevSet]:
    """Files with unanswerable questions measure refusing too; the others are asked to be answered throughout.

    Raises DatasetError for a file that is no question file.
    """
    from qa.evaluation.datasets import load_dataset

    found = []
    for file in files:
        answerable = all(question.answerable for question in load_dataset(file).questions)
        found.append(DevSet(file, answerable, limit))
    return found


def evaluate(weights: Path, tokenizer_json: Path, sets: list[DevSet]) -> dict[str, dict[str, Any]]:
    """Scores by name of the question file: ``exact_match`` and ``f1`` in percent; where questions are unanswerable,
    ``auroc`` of the confidence, ``best_f1``, the SQuAD 2.0 F1 at the best possible threshold, and ``reading_f1``, the
    F1 of the best spans of the answerable questions."""
    from qa.evaluation.datasets import load_dataset
    from qa.evaluation.runner import evaluate_reading
    from qa.evaluation.squad import f1
    from qa.reader import load_reader

    scores: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        if is_mpnet(weights):
            from qa.training.teachers import read_with

            reader = read_with(weights, tokenizer_json)
        else:
            export_bundle(weights, tokenizer_json, Path(folder), BundleSettings("checkpoint"))
            reader = load_reader(folder)
        for dev in sets:
            report = evaluate_reading(load_dataset(dev.file), reader, answer_all=dev.answer_all, limit=dev.limit)
            row: dict[str, Any] = {
                "questions": report.questions,
                "exact_match": round(report.exact_match or 0.0, 2),
                "f1": round(report.f1 or 0.0, 2),
            }
            if not dev.answer_all and report.no_answer is not None:
                asked = [
                    (result.confidence or 0.0, f1(result.best or "", result.golds), bool(result.golds))
                    for result in report.results
                ]
                answerable = [score for _, score, has in asked if has]
                row["auroc"] = round(report.no_answer.auroc or 0.0, 4)
                row["best_f1"] = round(100 * best_score(asked), 2)
                row["reading_f1"] = round(100 * sum(answerable) / max(1, len(answerable)), 2)
            scores[dev.file.stem] = row
    return scores


def best_score(asked: list[tuple[float, float, bool]]) -> float:
    """Mean score, in 0..1, at the threshold that makes it highest.

    ``asked`` are ``(confidence, score of the answer, answerable)``; refusing scores 1 for unanswerable questions,
    else 0.
    """
    if not asked:
        return 0.0
    total = sum(score for _, score, answerable in asked if answerable)
    best = total
    ordered = sorted(asked)
    for place, (confidence, score, answerable) in enumerate(ordered):
        total += -score if answerable else 1.0
        if place + 1 == len(ordered) or ordered[place + 1][0] != confidence:
            best = max(best, total)
    return best / len(asked)
