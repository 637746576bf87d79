"""Teach the shipped reader to compare places: ``pairs.safetensors`` and what it counts.

    python -m benchmarks.development.comparing --reader FOLDER --run RUN [--write]

It learns from two kinds of pairs. Of the questions that :mod:`benchmarks.development.evidence` fits on, what a reader puts
forward beside its best span, and beside other places of these that are right (``--reader``: the last one that had not learned
from these articles, 0.8.0, from the history of the repository). And of the training questions on claims, whose articles
readers have learned from, the marked answers beside each other, and beside answers of their article to other questions. What
the network's logits count beside the signals, and beside the reader's scores (:mod:`qa.choosing`), is fitted on the files
that nothing else is fitted on, as the shipped reader reads them; there it is shown what each gives.

About an hour on two cores; a command that was cut off is repeated.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.development.evidence import (
    CHECKED_ON,
    FITTED_ON,
    FOLDER,
    LEARNED,
    QUESTIONS,
    Beside,
    beside,
    development,
    is_at,
    learned,
    readings,
)

if TYPE_CHECKING:
    from index import Document
    from qa.claims.places import Place
    from qa.reader.comparing import Comparer
    from qa.training.comparing import Example

_FILES = "written-claims*.json"
TALKED = ("turns.jsonl", "later.jsonl")
"""Conversations, by whose questions in full it is fitted too which place goes first."""
_EASY = 0.03
"""Below this probability, by the signals, a place is easy to tell; of these only a share is learned from."""
_EASY_SHARE = 0.4
_WRONG_WEIGHT = 0.3
"""What a pair counts of which the best place is wrong."""
_MARKED_WEIGHT = 0.5
"""What a pair of marked answers counts that may differ: whether they do is told by their words alone."""


def files() -> dict[str, Callable[[], tuple[list[dict[str, Any]], dict[str, str]]]]:
    """What gives questions and articles that pairs are read of, by a name for each."""
    return {name: partial(development, FOLDER / name) for name in FITTED_ON} | {
        name: partial(learned, QUESTIONS / name) for name in LEARNED
    }


def read_examples(
    name: str, rows: Sequence[Mapping[str, Any]], texts: Mapping[str, str], reader: str | None
) -> list[Example]:
    """The pairs that a reader gives of ``rows``, asked of all ``texts``.

    Args:
        name: of the file, by which is drawn what is left out.
        rows, texts, reader: as for :func:`benchmarks.development.evidence.readings`.
    """
    rng = random.Random(name)  # noqa: S311 - a sample, no secret
    return [
        example
        for asked in readings(rows, texts, reader)
        for one in beside(*asked, others=True)
        if (example := _example(one, rng)) is not None
    ]


def _example(one: Beside, rng: random.Random) -> Example | None:
    from qa.claims.evidence import weigh
    from qa.claims.judging import excerpt
    from qa.training.comparing import Example

    likely = weigh(one.asked, one.best, one.place)
    easy = max(likely.answers, likely.differs) < _EASY
    if not one.answers and easy and (not one.right or rng.random() >= _EASY_SHARE):
        return None
    differs, weight = (one.differs, 1.0) if one.right else (None, _WRONG_WEIGHT)
    return Example(one.asked.text, excerpt(one.best), excerpt(one.place), one.answers, differs, weight)


def marked_examples(file: Path) -> Iterator[Example]:
    """The pairs of a file of training questions on claims: answers to one question, and to another of their article."""
    from qa.claims.equality import comparable, equal
    from qa.claims.judging import excerpt
    from qa.training.comparing import Example

    rng = random.Random(file.name)  # noqa: S311 - a sample, no secret
    for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
        for part in article["paragraphs"]:
            document = _document(part["context"])
            asked = [(qa["question"], _places(document, qa["answers"])) for qa in part["qas"] if qa["answers"]]
            for question, places in asked:
                for one in places:
                    for other in places:
                        if one is not other:
                            same = equal(one.value, other.value)
                            weight = 1.0 if same else _MARKED_WEIGHT
                            yield Example(
                                question, excerpt(one), excerpt(other), answers=True, differs=not same, weight=weight
                            )
                others = [
                    place
                    for asking, theirs in asked
                    for place in theirs
                    if asking != question
                    and all(place.end <= own.start or own.end <= place.start for own in places)
                    and comparable(places[0].value, place.value)
                ]
                if others:
                    wrong = rng.choice(others)
                    yield Example(
                        question,
                        excerpt(places[0]),
                        excerpt(wrong),
                        answers=False,
                        differs=False,
                        weight=_MARKED_WEIGHT,
                    )


def _document(text: str) -> Document:
    from datetime import UTC, datetime

    from index import Document

    return Document("text", "", "text", "0" * 64, text, datetime(2026, 1, 1, tzinfo=UTC), 0, (), None)


def _places(document: Document, answers: Sequence[dict[str, Any]]) -> list[Place]:
    """The marked answers, each place once."""
    from qa.claims.places import Place

    found: list[Place] = []
    for answer in answers:
        start = answer["answer_start"]
        place = Place(document, start, start + len(answer["text"]), 0.0, 0.0)
        if all(place.end <= other.start or other.end <= place.start for other in found):
            found.append(place)
    return found


@dataclass(frozen=True)
class Checked:
    """Logits of signals and network, float64 ``[pairs, 2]``, and whether it is so, bool ``[pairs]``, for ``answers`` and for
    ``differs``."""

    logits: dict[str, NDArray[np.float64]]
    right: dict[str, NDArray[np.bool_]]


def checked(name: str, comparer: Comparer) -> Checked:
    """What signals and network make of the pairs of a file, read by the shipped reader."""
    from qa.claims.evidence import weigh
    from qa.claims.judging import excerpt

    pairs = [one for asked in readings(*development(FOLDER / name), None) for one in beside(*asked) if one.right]
    logits: dict[str, list[tuple[float, float]]] = {"answers": [], "differs": []}
    for one in pairs:
        likely = weigh(one.asked, one.best, one.place)
        (told,) = comparer.compare(one.asked.text, [(excerpt(one.best), excerpt(one.place))])
        for target, of in logits.items():
            of.append((_logit(getattr(likely, target)), getattr(told, target)))
    return Checked(
        {target: np.array(of) for target, of in logits.items()},
        {target: np.array([getattr(one, target) for one in pairs]) for target in logits},
    )


def _logit(probability: float) -> float:
    clipped = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(clipped / (1 - clipped))


def fit_mixture(files: Sequence[Checked], target: str) -> Any:
    """A logistic regression of ``target`` (``answers`` or ``differs``) on both logits."""
    from sklearn.linear_model import LogisticRegression

    logits, right = (
        np.concatenate([one.logits[target] for one in files]),
        np.concatenate([one.right[target] for one in files]),
    )
    return LogisticRegression(C=10).fit(logits, right)


@dataclass(frozen=True)
class Rivalry:
    """The places that may go before the best one of a question.

    Attributes:
        evidence: of each what :meth:`qa.reader.comparing.Rival.logit` takes, float64 ``[places, 3]``.
        right: whether each is right.
        best: whether the best one is.
    """

    evidence: NDArray[np.float64]
    right: list[bool]
    best: bool


def rivalries(name: str, comparer: Comparer) -> list[Rivalry]:
    """Those of the answerable questions of a file, follow-ups in full, as the shipped reader reads them."""
    from qa.choosing import rivals
    from qa.claims import wider_behind
    from qa.claims.judging import excerpt
    from qa.claims.making import compared

    rows, texts = development(FOLDER / name)
    full = [row | {"question": row.get("standalone", row["question"])} for row in rows if row["answers"]]
    found = []
    for row, candidates, documents, ids in readings(full, texts, None):
        if not candidates:
            continue
        asked, _, places = compared(row["question"], wider_behind(row["question"], candidates, documents), documents)
        others = rivals(places)
        claims = row.get("claims", [{"document": row["document"], "answers": row["answers"]}])
        here = excerpt(places[0])
        told = comparer.compare(
            asked.text, [pair for one in others for pair in ((here, excerpt(one)), (excerpt(one), here))]
        )
        evidence = [
            (one.score - places[0].score, other.answers, own.answers)
            for one, other, own in zip(others, told[::2], told[1::2], strict=True)
        ]
        right = [any(is_at(one, claim, ids) for claim in claims) for one in (places[0], *others)]
        found.append(Rivalry(np.array(evidence).reshape(-1, 3), right[1:], right[0]))
    return found


def fit_rival(some: Sequence[Rivalry]) -> Any:
    """A logistic regression of whether a rival is right, where either it or the best place is."""
    from sklearn.linear_model import LogisticRegression

    told = [
        (row, right) for one in some for row, right in zip(one.evidence, one.right, strict=True) if right != one.best
    ]
    return LogisticRegression(max_iter=1000).fit(np.array([row for row, _ in told]), [right for _, right in told])


def right_first(some: Sequence[Rivalry], model: Any) -> tuple[int, int, int]:
    """Of how many questions the best place is right; which of them no longer is, and which now is, when rivals go first."""
    lost = won = 0
    for one in some:
        logits = model.decision_function(one.evidence) if one.right else np.zeros(1)
        first = one.right[int(np.argmax(logits))] if one.right and logits.max() > 0 else one.best
        lost += one.best and not first
        won += first and not one.best
    return sum(one.best for one in some), lost, won


def main(
    run: Annotated[Path, typer.Option(help="Folder for the weights it starts from and what is learned on the way.")],
    reader: Annotated[
        str | None, typer.Option(help="Folder of the reader that gives pairs; default: the shipped one.")
    ] = None,
    write: Annotated[bool, typer.Option(help="Put what was learned into the shipped reader.")] = False,
) -> None:
    """Train, fit, and show how well places are told apart."""
    from sklearn.metrics import average_precision_score
    from tokenizers import Tokenizer

    from benchmarks.checkpoint import write_checkpoint
    from qa.reader.adapting import adapted
    from qa.reader.comparing import Comparer, Comparison, Head, Mixture, Pairing, Rival
    from qa.reader.loading import BUNDLED, PAIRS, onnx_backend, read_bundle
    from qa.training.comparing import CompareSettings, train
    from qa.training.export import put_comparison

    start = run / "start"
    if not (start / "config.json").is_file():
        write_checkpoint(BUNDLED, start)
    examples: list[Example] = []
    for name, load in files().items():
        kept = run / f"pairs-{Path(name).stem}.jsonl"
        if not kept.is_file():
            write_examples(read_examples(name, *load(), reader), kept)
        examples += read_back(kept)
    for file in sorted(QUESTIONS.glob(_FILES)):
        if file.name not in LEARNED:
            examples += marked_examples(file)
    tokenizer = Tokenizer.from_file(str(BUNDLED / "tokenizer.json"))

    def told(step: int, steps: int, loss: float) -> None:
        typer.echo(f"step {step} of {steps}, loss {loss:.3f}")

    typer.echo(f"{len(examples)} pairs, {sum(one.answers for one in examples)} of them answer too")
    arrays = train(examples, start, Pairing(tokenizer), run, CompareSettings(), told).arrays()
    plain = Mixture(constant=0.0, signals=0.0, network=1.0)
    backend = onnx_backend(BUNDLED, read_bundle(BUNDLED))
    comparer = Comparer(
        backend,
        adapted(BUNDLED / "rest.onnx", arrays),
        Head.of(arrays),
        tokenizer,
        Comparison(answers=plain, differs=plain),
    )
    seen = {name: checked(name, comparer) for name in CHECKED_ON}
    found: dict[str, Mixture] = {}
    for target in ("answers", "differs"):
        for name, one in seen.items():
            others = fit_mixture([other for key, other in seen.items() if key != name], target)
            said = {"signals": one.logits[target][:, 0], "network": one.logits[target][:, 1]}
            said["both, fitted on the others"] = others.predict_proba(one.logits[target])[:, 1]
            scores = [f"{how} {average_precision_score(one.right[target], values):.3f}" for how, values in said.items()]
            typer.echo(f"{target}, {name}: average precision {', '.join(scores)}")
        model = fit_mixture(list(seen.values()), target)
        signals, network = (round(float(weight), 4) for weight in model.coef_[0])
        found[target] = Mixture(constant=round(float(model.intercept_[0]), 4), signals=signals, network=network)
        typer.echo(f"{target}: {found[target]!r}")
    rivalry = {name: rivalries(name, comparer) for name in (*CHECKED_ON, *TALKED)}
    for name, these in rivalry.items():
        others = [one for key, some in rivalry.items() if key != name for one in some]
        right, lost, won = right_first(these, fit_rival(others))
        typer.echo(f"best place, {name}: right in {right} of {len(these)}, {lost} lost and {won} won by comparing")
    model = fit_rival([one for some in rivalry.values() for one in some])
    behind, other, own = (round(float(weight), 4) for weight in model.coef_[0])
    rival = Rival(constant=round(float(model.intercept_[0]), 4), behind=behind, other=other, own=own)
    typer.echo(f"{rival!r}")
    if write:
        put_comparison(BUNDLED, arrays, Comparison(**found, rival=rival))
        typer.echo(f"Written: {BUNDLED / PAIRS}")


def write_examples(examples: Sequence[Example], path: Path) -> None:
    """Keep pairs, as finding them takes a while."""
    from dataclasses import asdict

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text("".join(json.dumps(asdict(one)) + "\n" for one in examples), encoding="utf-8")
    partial.replace(path)


def read_back(path: Path) -> list[Example]:
    """The pairs of :func:`write_examples`."""
    from qa.reader.comparing import Marked
    from qa.training.comparing import Example

    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Example(**row | {name: Marked(**row[name]) for name in ("one", "other")}) for row in rows]


if __name__ == "__main__":
    typer.run(main)
