"""Commands that judge what is there already: check, score, compare."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import DatasetError
from qa.cli.app import AsJson, app, complain, printable
from qa.cli.bounds import FailOver, FailUnder, read_bounds
from qa.cli.reporting import settings_of, sha256_of, write_report
from qa.cli.showing import format_number, show

if TYPE_CHECKING:
    from qa.evaluation.comparison import Comparison

Datasets = Annotated[
    list[Path],
    typer.Argument(help="SQuAD v1.1/v2.0 JSON, JSON lines or CSV; several count as one.", metavar="DATASET..."),
]


@app.command()
def check(
    datasets: Annotated[
        list[Path],
        typer.Argument(help="SQuAD JSON, JSON lines, CSV, or folders in BEIR's form.", metavar="DATASET..."),
    ],
) -> None:
    """Look through files of questions and name every faulty row; exit status 1 if there are any."""
    from qa.evaluation.checking import check_dataset

    checks = [check_dataset(path) for path in datasets]
    faults = [fault for found in checks for fault in found.faults]
    for fault in faults:
        complain(fault)
    if faults:
        raise typer.Exit(1)
    questions, contexts = (sum(found.questions for found in checks), sum(found.contexts for found in checks))
    unanswerable = sum(found.unanswerable for found in checks if found.unanswerable is not None)
    typer.echo(f"No faults. Questions: {questions:,}, without an answer: {unanswerable:,}, contexts: {contexts:,}")


@app.command()
def score(
    predictions: Annotated[
        Path,
        typer.Argument(
            help='The answers: a JSON object {"id": "answer", ...}, or JSON lines with id, answer, confidence, citation.',
            metavar="PREDICTIONS",
        ),
    ],
    datasets: Datasets,
    na_prob: Annotated[
        Path | None,
        typer.Option("--na-prob", metavar="FILE", help='Probabilities that there is no answer: {"id": 0.2, ...}.'),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write report.html, the scores and every question's result into this folder."),
    ] = None,
    fail_under: FailUnder = None,
    fail_over: FailOver = None,
    as_json: AsJson = False,
) -> None:
    """Score the predictions of any system, as qa eval scores Footnote's own."""
    from qa.evaluation.certainty import complete
    from qa.evaluation.datasets import combine, load_dataset
    from qa.evaluation.predictions import load_predictions, score_predictions

    bounds = read_bounds(fail_under, fail_over)
    dataset = combine([load_dataset(path) for path in datasets])
    given = load_predictions(predictions, na_prob)
    result = complete(score_predictions(dataset, given))
    if result.without_prediction:
        complain(
            f"{result.without_prediction:,} of {result.questions:,} questions have no prediction: scored as unanswered."
        )
    unasked = len(given.by_id.keys() - {question.id for question in dataset.questions})
    if unasked:
        complain(f"{unasked:,} predictions are for none of the questions: passed over.")
    if report is not None:
        asked = settings_of(datasets)
        for label, path in (("Answers from", predictions), ("No-answer probabilities from", na_prob)):
            if path is not None:
                asked.append((label, f"{path.resolve().name} · sha256 {sha256_of(path)}"))
        try:
            write_report(report, result, dataset, asked)
        except DatasetError as error:
            complain(str(error))
            show(result, bounds, as_json=as_json)
            raise typer.Exit(1) from error
    show(result, bounds, as_json=as_json)


@app.command()
def compare(
    a: Annotated[Path, typer.Argument(help="A folder that --report wrote, or its scores.json.", metavar="A")],
    b: Annotated[Path, typer.Argument(help="Another, over the same questions.", metavar="B")],
    as_json: AsJson = False,
) -> None:
    """Compare two runs over the same questions: differences with intervals, tests, and what got worse from A to B."""
    from qa.evaluation.comparison import compare as hold_against
    from qa.evaluation.runs import read_run

    found = hold_against(read_run(a), read_run(b))
    typer.echo(found.model_dump_json(indent=2) if as_json else printable("\n".join(_lines(found))))


def _lines(found: "Comparison") -> list[str]:
    """The comparison for people: scores, tests, regressions."""
    lines = [f"{'':<28} {'A':>9} {'B':>9} {'B - A':>9}   95 % interval"]
    for name, score in found.scores.items():
        low, high = score.interval
        numbers = f"{format_number(score.a):>9} {format_number(score.b):>9} {score.difference:>+9.3f}"
        # The mark says: hardly due to the choice of questions.
        mark = "" if low <= 0 <= high else " *"
        lines.append(f"{name:<28} {numbers}   [{low:+.3f}, {high:+.3f}]{mark}")
    drawn = found.bootstrap
    lines.append(f"* no 0 in the interval; {drawn.resamples:,} paired resamples of {drawn.units:,} {drawn.unit}s")
    for name, test in found.mcnemar.items():
        lines.append(
            f"McNemar's exact test, {name}: only A right {test.only_a}, only B right {test.only_b}, p = {test.p_value:.4g}"
        )
    lines.append(
        f"Right in A and wrong in B: {len(found.regressions)}. Wrong in A and right in B: {found.improvements}."
    )
    for change in found.regressions:
        golds = " | ".join(map(_one_line, change.golds)) if change.golds else "no answer"
        lines.append(f"  {_one_line(change.id)}: {_one_line(change.question)}")
        lines.append(f"    expected {golds}; A: {_answer(change.a)}; B: {_answer(change.b)}")
    return lines


def _answer(given: str | int | None) -> str:
    if isinstance(given, int):
        return f"rank {given}"
    return _one_line(given) if given else "none"


def _one_line(text: str) -> str:
    return " ".join(text.split())
