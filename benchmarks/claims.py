"""What claims cost: the time of a first question with and without working out what else is said, and by whom.

    python -m benchmarks.claims [QUESTIONS] [--limit N]

Each question is asked of one assistant both ways, one right after the other, in turn first, so that a busy moment of the
machine meets both. The index is that of the file's contexts, as for ``qa eval --mode answering``.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

if TYPE_CHECKING:
    from qa.assistant import Assistant

QUESTIONS = Path(__file__).parent / "development" / "questions.jsonl"


def timed(assistant: Assistant, question: str) -> float:
    """Milliseconds that one question takes."""
    began = time.perf_counter()
    assistant.ask(question)
    return (time.perf_counter() - began) * 1000


def measured(with_claims: Assistant, without: Assistant, questions: list[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of each question with and without claims."""
    spent: tuple[list[float], list[float]] = ([], [])
    for number, question in enumerate(questions):
        ways = ((0, with_claims), (1, without))
        for place, assistant in ways if number % 2 else ways[::-1]:
            spent[place].append(timed(assistant, question))
    return spent


def main(
    questions: Annotated[Path, typer.Argument(help="A question file.")] = QUESTIONS,
    limit: Annotated[int, typer.Option(min=1, help="How many questions are asked.")] = 100,
) -> None:
    """Print the two times and what claims add."""
    from index import MiniLMEncoder
    from qa.assistant import Assistant, AssistantSettings
    from qa.evaluation.corpus import pooled_index
    from qa.evaluation.datasets import load_dataset
    from qa.reader import load_reader

    dataset = load_dataset(questions)
    reader = load_reader()
    with pooled_index(dataset, MiniLMEncoder()) as (index, _):
        both = Assistant(index, lambda: reader), Assistant(index, lambda: reader, AssistantSettings(claims=False))
        for assistant in both:
            assistant.warm_up()
        asked = [question.text for question in dataset.sample(limit)]
        measured(*both, asked[:3])
        spent = measured(*both, asked)
    for name, times in zip(("with claims", "without"), spent, strict=True):
        print(
            f"{name:12} p50 {np.median(times):6.1f} ms, p95 {np.percentile(times, 95):6.1f} ms, mean {np.mean(times):6.1f} ms"
        )
    more = np.array(spent[0]) - np.array(spent[1])
    shares = f"{np.median(more) / np.median(spent[1]):.1%} of the median, {np.mean(more) / np.mean(spent[1]):.1%} of the mean"
    print(f"claims add {np.median(more):.1f} ms: {shares} ({len(asked)} questions)")


if __name__ == "__main__":
    typer.run(main)
