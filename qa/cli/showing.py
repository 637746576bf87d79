"""Showing the scores of a run, and holding them against bounds."""

import json
from typing import TYPE_CHECKING, Any

import typer

from qa.cli.app import complain, printable
from qa.cli.bounds import Bound

if TYPE_CHECKING:
    from qa.evaluation.report import Report


def show(report: "Report", bounds: tuple[Bound, ...], *, as_json: bool) -> None:
    """Print a complete report (:func:`qa.evaluation.certainty.complete`); exits with status 1 if it breaks a bound."""
    from qa.evaluation.certainty import numbers

    text = report.to_json()
    scores = json.loads(text)
    broken = [line for bound in bounds if (line := bound.breach(dict(numbers(scores)))) is not None]
    if as_json:
        typer.echo(text)
    else:
        _print_scores(scores)
        _print_breakdown(report)
    for line in broken:
        complain(line)
    if broken:
        raise typer.Exit(1)


def _print_scores(scores: dict[str, Any]) -> None:
    """One score a line with its interval, those of a group under its name; the breakdown has tables of its own."""
    apart = ("models", "versions", "intervals", "bootstrap", "breakdown")
    models, versions, intervals, bootstrap, _ = (scores.pop(name, {}) for name in apart)
    for name, value in scores.items():
        parts = value if isinstance(value, dict) else {"": value}
        for part, number in parts.items():
            label, key = (f"{name} {part}", f"{name}.{part}") if part else (name, name)
            interval = f"[{', '.join(map(format_number, intervals[key]))}]" if key in intervals else ""
            typer.echo(printable(f"{label:<28} {format_number(number):<12} {interval}").rstrip())
    if bootstrap:
        drawn = f"{bootstrap['resamples']:,} resamples of {bootstrap['units']:,} {bootstrap['unit']}s"
        typer.echo(f"{'[low, high]':<28} {100 * bootstrap['level']:g} % interval, {drawn}")
    facts = {name: " ".join(text for text in model.values() if text) for name, model in models.items()}
    facts["versions"] = ", ".join(f"{name} {number}" for name, number in versions.items())
    for name, text in facts.items():
        typer.echo(printable(f"{name:<28} {text}"))


def _print_breakdown(report: "Report") -> None:
    if report.breakdown is not None:
        from qa.evaluation.breakdown import table_lines

        typer.echo(printable("\n".join(table_lines(report.breakdown))))


def format_number(value: object) -> str:
    """A score as tables show it: three places behind the point, counts as they are."""
    return f"{value:.3f}" if isinstance(value, float) else str(value)
