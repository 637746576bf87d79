"""Bounds that scores are held against: --fail-under and --fail-over."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import typer
from pydantic import BaseModel

FailUnder = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-under",
        metavar="SCORE=VALUE",
        help="Exit with status 1 if a score is less, named as in the JSON: f1=80, no_answer.auroc=0.8; repeatable.",
    ),
]
FailOver = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-over",
        metavar="SCORE=VALUE",
        help="Exit with status 1 if a score is more: calibration.ece=0.05, latency_ms.p95=200; repeatable.",
    ),
]


@dataclass(frozen=True, slots=True)
class Bound:
    """The least (``lower``) or the most that the score ``name`` may be, in the unit of the JSON."""

    name: str
    value: float
    lower: bool

    def breach(self, scores: Mapping[str, float]) -> str | None:
        """One line about ``scores`` being out of this bound; ``None`` if they are not."""
        if self.name not in scores:
            return f"{self.name} has no value in this run, so it cannot be held against {self.value:g}."
        score = scores[self.name]
        # A score in percent may come out a rounding error beside the number that stands for it.
        if math.isclose(score, self.value, rel_tol=1e-9):
            return None
        if self.lower and score < self.value:
            return f"{self.name} is {score:.6g}, which is under {self.value:g}."
        if not self.lower and score > self.value:
            return f"{self.name} is {score:.6g}, which is over {self.value:g}."
        return None


def read_bounds(under: Sequence[str] | None, over: Sequence[str] | None) -> tuple[Bound, ...]:
    """The bounds of the two options; raises ``BadParameter`` for what is none, before anything has been run."""
    given = [(text, True) for text in under or ()] + [(text, False) for text in over or ()]
    known = set(_names(_report())) if given else set()
    bounds = []
    for text, lower in given:
        name, equals, number = text.partition("=")
        option = "--fail-under" if lower else "--fail-over"
        if not equals:
            raise typer.BadParameter(f"{option} {text}: write it as SCORE=VALUE, for example f1=80.")
        if name.strip() not in known:
            raise typer.BadParameter(
                f"{option}: there is no score {name.strip()!r}. Known are: {', '.join(sorted(known))}."
            )
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise typer.BadParameter(f"{option} {text}: {number!r} is no number.")
        bounds.append(Bound(name.strip(), value, lower))
    return tuple(bounds)


def _report() -> type[BaseModel]:
    # Only a command that is given bounds pays for loading the shapes.
    from qa.evaluation.report import Report

    return Report


def _names(shape: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Names of all numbers that a report of this shape may hold, as they stand in the JSON."""
    for field, facts in shape.model_fields.items():
        name = prefix + (field if facts.alias is None else facts.alias)
        kinds: tuple[Any, ...] = (facts.annotation,)
        if get_origin(facts.annotation) in (Union, UnionType):
            kinds = get_args(facts.annotation)
        for kind in kinds:
            # Lists have no names for what is in them.
            if facts.exclude or not isinstance(kind, type) or get_origin(kind) is not None:
                continue
            if issubclass(kind, BaseModel):
                yield from _names(kind, f"{name}.")
            elif kind in (int, float):
                yield name
